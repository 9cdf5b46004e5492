CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,          -- 1, 2, 3 … without gaps
    at_ms   INTEGER NOT NULL,
    kind    TEXT NOT NULL,                -- what happened
    bill_no TEXT,                         -- null: concerns no bill
    body    TEXT NOT NULL,                -- canonical JSON: detail, the bill after it (body.rs)
    mac     BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
INSERT INTO event VALUES(1,1795000000000,'setup',NULL,'{"detail":"{\"till\":\"01\"}"}',X'a8e1613316dafb436e1a0ad3582e12615c7bfe3c1f10b542a57138bd414b0141');
INSERT INTO event VALUES(2,1795000000000,'serials_set_aside',NULL,'{"serial":32}',X'7c8c81d7a2b026b09ef1b84d775b01b8c2c8f08c5bc43d63ecdc96b16a67d988');
INSERT INTO event VALUES(3,1795000000010,'started','2026112001000001ABCD0001','{"bill":{"amount":1234,"bill_no":"2026112001000001ABCD0001","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-1","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S1","sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"sent","title":"示例便利店"}}',X'c0133a94b912df642120946e17c92f4fc24072b388b3dcdc7444e75b9522313c');
INSERT INTO event VALUES(4,1795000000011,'answered','2026112001000001ABCD0001','{"detail":"x","same":true}',X'dd6e49d97b87db9eab122c9c2d9b4cc275c70ec0f69df64fea814ac640bbc2ad');
INSERT INTO event VALUES(5,1795000000012,'asked','2026112001000001ABCD0001','{"same":true}',X'9229d33ae9c9ae2b9232629fa209ac6f09ba873763e9f5c62918720fce4634cd');
INSERT INTO event VALUES(6,1795000000020,'started','2026112001000002ABCD0002','{"bill":{"amount":1234,"bill_no":"2026112001000002ABCD0002","bill_timeout_s":361,"channel":"WX_SCAN","code_hash":"hash-2","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S2","sent":{"offset_ms":-120,"wall_ms":1795000000002},"state":"sent","title":"示例便利店"}}',X'fe0d54e725e5824fbdd7b2068d62b442a1a5748713636d6a9ae544d90bfb8b8e');
INSERT INTO event VALUES(7,1795000000021,'answered','2026112001000002ABCD0002','{"bill":{"amount":1234,"bill_no":"2026112001000002ABCD0002","bill_timeout_s":361,"channel":"WX_SCAN","code_hash":"hash-2","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S2","sent":{"offset_ms":-120,"wall_ms":1795000000002},"state":"awaiting","title":"示例便利店"},"detail":"x"}',X'1390fa0df2bf00e519ce81f4da93c053e2535f92cabd0b712428e744e951f013');
INSERT INTO event VALUES(8,1795000000022,'asked','2026112001000002ABCD0002','{"same":true}',X'5076d0ca8b2eb9e1bbb537c98f615c1b89f0ec077d1dedd85bcf5aa4bca247f3');
INSERT INTO event VALUES(9,1795000000030,'started','2026112001000003ABCD0003','{"bill":{"amount":1234,"bill_no":"2026112001000003ABCD0003","bill_timeout_s":361,"channel":"SCAN","code_hash":"hash-3","code_mask":"28…31","host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S3","sent":{"offset_ms":-120,"wall_ms":1795000000003},"state":"sent","title":"示例便利店"}}',X'966b73792a020d343ba695f3e303af26d09c1d45445f2581e2e10f7af3e97b38');
INSERT INTO event VALUES(10,1795000000031,'answered','2026112001000003ABCD0003','{"bill":{"amount":1234,"bill_no":"2026112001000003ABCD0003","bill_timeout_s":361,"channel":"SCAN","code_hash":"hash-3","code_mask":"28…31","host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S3","sent":{"offset_ms":-120,"wall_ms":1795000000003},"state":"closing","title":"示例便利店"},"detail":"x"}',X'94cca7853d389a1859b793ba9b3108376cb7d6bccf45722d5bd7c6dbbb4f0dbf');
INSERT INTO event VALUES(11,1795000000032,'asked','2026112001000003ABCD0003','{"same":true}',X'eccb3292731f9d37787a280a587e32d0378ed2a72fee48232e9b7f68306ae4e6');
INSERT INTO event VALUES(12,1795000000040,'started','2026112001000004ABCD0004','{"bill":{"amount":1234,"bill_no":"2026112001000004ABCD0004","bill_timeout_s":361,"channel":"BC_SCAN","code_hash":"hash-4","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S4","sent":{"offset_ms":-120,"wall_ms":1795000000004},"state":"sent","title":"示例便利店"}}',X'7af8bc630af6dd43cf0c99332c6f2fafc26e9480042ac3b13662c210f894dae9');
INSERT INTO event VALUES(13,1795000000041,'answered','2026112001000004ABCD0004','{"bill":{"amount":1234,"bill_no":"2026112001000004ABCD0004","bill_timeout_s":361,"channel":"BC_SCAN","code_hash":"hash-4","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S4","sent":{"offset_ms":-120,"wall_ms":1795000000004},"state":"watching","title":"示例便利店"},"detail":"x"}',X'a6b9e3f3cc6ec00b6082a421648f33f6504ec46c71a9ec7711fd2ce7cc59709e');
INSERT INTO event VALUES(14,1795000000042,'asked','2026112001000004ABCD0004','{"same":true}',X'5517ddb3688329e4f45f2282fa69cefbe457cd9811acec34e8a74b15b1a0d900');
INSERT INTO event VALUES(15,1795000000050,'started','2026112001000005ABCD0005','{"bill":{"amount":1234,"bill_no":"2026112001000005ABCD0005","bill_timeout_s":361,"channel":"WX_NATIVE","code_hash":"hash-5","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S5","sent":{"offset_ms":-120,"wall_ms":1795000000005},"state":"sent","title":"示例便利店"}}',X'fb83f5c254885c856c7c05d32cef12d5abec32ad43fcc5330dbe994edf1074cd');
INSERT INTO event VALUES(16,1795000000051,'answered','2026112001000005ABCD0005','{"bill":{"amount":1234,"bill_no":"2026112001000005ABCD0005","bill_timeout_s":361,"channel":"WX_NATIVE","code_hash":"hash-5","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S5","sent":{"offset_ms":-120,"wall_ms":1795000000005},"state":"unresolved","title":"示例便利店"},"detail":"x"}',X'2bf543cb49feead12403078c6a21c17fdb4db492502ca2451af69883e295ccfa');
INSERT INTO event VALUES(17,1795000000052,'asked','2026112001000005ABCD0005','{"same":true}',X'e7c75bd29769899b6c9819956104cb4a45be0da2c110256f1c9dde3eb00b3657');
INSERT INTO event VALUES(18,1795000000060,'started','2026112001000006ABCD0006','{"bill":{"amount":1234,"bill_no":"2026112001000006ABCD0006","bill_timeout_s":361,"channel":"ALI_OFFLINE_QRCODE","code_hash":"hash-6","code_mask":"28…31","host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S6","sent":{"offset_ms":-120,"wall_ms":1795000000006},"state":"sent","title":"示例便利店"}}',X'98dd6bbdd7486a8341ca25c7d3673f5a7c54657a8f1e7758d1c070330df6d217');
INSERT INTO event VALUES(19,1795000000061,'answered','2026112001000006ABCD0006','{"bill":{"amount":1234,"bill_no":"2026112001000006ABCD0006","bill_timeout_s":361,"channel":"ALI_OFFLINE_QRCODE","code_hash":"hash-6","code_mask":"28…31","ended_ms":1795000005006,"host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S6","sent":{"offset_ms":-120,"wall_ms":1795000000006},"state":"paid","title":"示例便利店"},"detail":"x"}',X'c6ca004560d457ce0104f885b6b152ad3bbb613ab2a7bc2aff1111db7311e43b');
INSERT INTO event VALUES(20,1795000000062,'asked','2026112001000006ABCD0006','{"same":true}',X'a7e2824483a430e6b6c2f53b8342152df4761691d7b68b8b4ce8ebd885f0ce8d');
INSERT INTO event VALUES(21,1795000000070,'started','2026112001000007ABCD0007','{"bill":{"amount":1234,"bill_no":"2026112001000007ABCD0007","bill_timeout_s":361,"channel":"BC_NATIVE","code_hash":"hash-7","code_mask":"28…31","host":"https://api.example.cn","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S7","sent":{"offset_ms":-120,"wall_ms":1795000000007},"state":"sent","title":"示例便利店"}}',X'2a472be4b0e3cd293025d5ef2759458fd41e010aab4e0e98e0789e12b182467d');
INSERT INTO event VALUES(22,1795000000071,'answered','2026112001000007ABCD0007','{"bill":{"amount":1234,"bill_no":"2026112001000007ABCD0007","bill_timeout_s":361,"channel":"BC_NATIVE","code_hash":"hash-7","code_mask":"28…31","ended_ms":1795000005007,"host":"https://api.example.cn","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S7","sent":{"offset_ms":-120,"wall_ms":1795000000007},"state":"refused","title":"示例便利店"},"detail":"x"}',X'2e03b829ffa9b7f09bd49d040b21e5381c221c9a53073ba1f0dc93551ca5266f');
INSERT INTO event VALUES(23,1795000000072,'asked','2026112001000007ABCD0007','{"same":true}',X'cda039e9c53dcf50f0ac3d5586c4d1c1ec80ebf8d8450e2c53eb07b98b37f593');
INSERT INTO event VALUES(24,1795000000080,'started','2026112001000008ABCD0008','{"bill":{"amount":1234,"bill_no":"2026112001000008ABCD0008","bill_timeout_s":361,"channel":"BC_ALI_QRCODE","code_hash":"hash-8","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S8","sent":{"offset_ms":-120,"wall_ms":1795000000008},"state":"sent","title":"示例便利店"}}',X'642cee484528d8d5bcbb9f2a4d5584e0bfd955782f676fd2409ac007c625750f');
INSERT INTO event VALUES(25,1795000000081,'answered','2026112001000008ABCD0008','{"bill":{"amount":1234,"bill_no":"2026112001000008ABCD0008","bill_timeout_s":361,"channel":"BC_ALI_QRCODE","code_hash":"hash-8","code_mask":"28…31","ended_ms":1795000005008,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S8","sent":{"offset_ms":-120,"wall_ms":1795000000008},"state":"not_sent","title":"示例便利店"},"detail":"x"}',X'a5061278a82b27881b438612b461b433bfb953df997697b91607fd22761ad278');
INSERT INTO event VALUES(26,1795000000082,'asked','2026112001000008ABCD0008','{"same":true}',X'fd29684e78f6a1359ac018f153cae57fd651b40a3ca6b4dd2bb40467a4cbd96a');
INSERT INTO event VALUES(27,1795000000090,'started','2026112001000009ABCD0009','{"bill":{"amount":1234,"bill_no":"2026112001000009ABCD0009","bill_timeout_s":361,"channel":"BC_ALI_SCAN","code_hash":"hash-9","code_mask":"28…31","host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S9","sent":{"offset_ms":-120,"wall_ms":1795000000009},"state":"sent","title":"示例便利店"}}',X'8117ca0b83432afeca63bc7ae708ed24866e037414070dd6b2b8fcd607fb54d1');
INSERT INTO event VALUES(28,1795000000091,'answered','2026112001000009ABCD0009','{"bill":{"amount":1234,"bill_no":"2026112001000009ABCD0009","bill_timeout_s":361,"channel":"BC_ALI_SCAN","code_hash":"hash-9","code_mask":"28…31","ended_ms":1795000005009,"host":"https://api.example.cn","operator":"1002","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S9","sent":{"offset_ms":-120,"wall_ms":1795000000009},"state":"reverted","title":"示例便利店"},"detail":"x"}',X'1b7e9cada85bb51fb74c3542c233ee9f11eb4799f34f2bb0d8911f373e1a7d77');
INSERT INTO event VALUES(29,1795000000092,'asked','2026112001000009ABCD0009','{"same":true}',X'551b167a708aa7bbfee711669a2122b2d9a9907c101f796c776044dd6c4bc253');
INSERT INTO event VALUES(30,1795000000100,'started','2026112001000010ABCD0010','{"bill":{"amount":1234,"bill_no":"2026112001000010ABCD0010","bill_timeout_s":361,"channel":"BC_WX_SCAN","code_hash":"hash-10","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S10","sent":{"offset_ms":-120,"wall_ms":1795000000010},"state":"sent","title":"示例便利店"}}',X'1487351ef630431de80715ebe8fe733d76405b6c1396198d44b36155219dc764');
INSERT INTO event VALUES(31,1795000000101,'answered','2026112001000010ABCD0010','{"bill":{"amount":1234,"bill_no":"2026112001000010ABCD0010","bill_timeout_s":361,"channel":"BC_WX_SCAN","code_hash":"hash-10","code_mask":"28…31","ended_ms":1795000005010,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S10","sent":{"offset_ms":-120,"wall_ms":1795000000010},"state":"expired","title":"示例便利店"},"detail":"x"}',X'ddef78f700856c28edccca5b69fdea6601610165f04664ef794d4cc967a465bb');
INSERT INTO event VALUES(32,1795000000102,'asked','2026112001000010ABCD0010','{"same":true}',X'52494823dd417b6e914a0080f41390b20413d1206d51fd8a6c6ee19ba325467a');
INSERT INTO event VALUES(33,1795000000500,'paid','2026112001000011ABCD0011','{"bill":{"amount":1234,"bill_no":"2026112001000011ABCD0011","bill_timeout_s":361,"channel":"SCAN","channel_type":"WX_SCAN","code_hash":"hash-11","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S11","sent":{"offset_ms":-120,"wall_ms":1795000000011},"state":"paid","title":"示例便利店"}}',X'7e2bbb0560b0a63d293bb3b9cc9aa49c35fc824ffea2355e8e658710a96dff0d');
INSERT INTO event VALUES(34,1795000000500,'paid','2026112001000012ABCD0012','{"bill":{"amount":1234,"bill_no":"2026112001000012ABCD0012","bill_timeout_s":361,"channel":"BC_SCAN","channel_type":"BC_ALI_SCAN","code_hash":"hash-12","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S11","sent":{"offset_ms":-120,"wall_ms":1795000000012},"state":"paid","title":"示例便利店"}}',X'e4e01097a428a8de98e1a97e7e77a1bdd2ae6599a9b320f47221a2cceff6f81d');
INSERT INTO event VALUES(35,1795000000500,'paid','2026112001000013ABCD0013','{"bill":{"amount":1234,"bill_no":"2026112001000013ABCD0013","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-13","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","returned":true,"sale":"S13","sent":{"offset_ms":-120,"wall_ms":1795000000013},"state":"paid","title":"示例便利店"}}',X'a51a04c6ef244bcaa8e3724e136b0193937037fe47219b59a15cc6a19e81d374');
INSERT INTO event VALUES(36,1795000000500,'paid','2026112001000014ABCD0014','{"bill":{"amount":1234,"bill_no":"2026112001000014ABCD0014","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-14","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","refunded":234,"sale":"S14","sent":{"offset_ms":-120,"wall_ms":1795000000014},"state":"paid","title":"示例便利店"}}',X'f1e56ae4863c1421983b35c63e33003ff0927e338fc2f6bdf6ddecea27b899d6');
INSERT INTO event VALUES(37,1795000000500,'paid','2026112001000015ABCD0015','{"bill":{"amount":1234,"bill_no":"2026112001000015ABCD0015","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-15","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","late":true,"operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","refunded":1234,"sale":"S15","sent":{"offset_ms":-120,"wall_ms":1795000000015},"state":"paid","title":"示例便利店"}}',X'5a40c876cf00a940669f4debbe67a3f376b044b7967d900456df3d4f423d6cc7');
INSERT INTO event VALUES(38,1795000000500,'paid','2026112001000016ABCD0016','{"bill":{"amount":1234,"bill_no":"2026112001000016ABCD0016","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-16","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","incident":{"at_ms":1795000000000,"kind":{"paid_twice":{"other":"2026112001000009ABCD0009"}}},"late":true,"operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S16","sent":{"offset_ms":-120,"wall_ms":1795000000016},"state":"paid","title":"示例便利店"}}',X'2db71baae41f44bd0ddc5cd7258a3eedc558e2453c05cf79c64f01a11e74ac3d');
INSERT INTO event VALUES(39,1795000000500,'paid','2026112001000017ABCD0017','{"bill":{"amount":1234,"bill_no":"2026112001000017ABCD0017","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-17","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S17","sent":{"offset_ms":-120,"wall_ms":1795000000017},"state":"paid","title":"示例便利店"}}',X'0189002ba70bdb12af394374bd8aed2d433b5c294ce583be3259b434d79fa58d');
INSERT INTO event VALUES(40,1795000000500,'paid','2026112001000018ABCD0018','{"bill":{"amount":1234,"bill_no":"2026112001000018ABCD0018","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-18","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","look":{"due_ms":1795000000900,"look_for":"contradiction"},"operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","returned":true,"sale":"S18","sent":{"offset_ms":-120,"wall_ms":1795000000018},"state":"reverted","title":"示例便利店"}}',X'11bf9ef48ea58488295885db741e04d64d6a07671b287c4fb75ce1f915575abf');
CREATE TABLE head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,               -- how many events there are
    last  BLOB NOT NULL CHECK (length(last) = 32),   -- the last event's mac
    mac   BLOB NOT NULL CHECK (length(mac) = 32)     -- keyed, over count and last
) STRICT;
INSERT INTO head VALUES(1,40,X'11bf9ef48ea58488295885db741e04d64d6a07671b287c4fb75ce1f915575abf',X'c89f8ad8f04a549c50cd48565f9feeec9426557c563cef467d1654290f13334f');
CREATE TABLE serial (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    reserved INTEGER NOT NULL             -- serials handed out or set aside so far
) STRICT;
INSERT INTO serial VALUES(1,32);
CREATE TABLE sale (
    id       INTEGER PRIMARY KEY REFERENCES event (seq),  -- the event that began it
    sale     TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL
) STRICT;
INSERT INTO sale VALUES(3,'S1',1);
INSERT INTO sale VALUES(6,'S2',1);
INSERT INTO sale VALUES(9,'S3',1);
INSERT INTO sale VALUES(12,'S4',1);
INSERT INTO sale VALUES(15,'S5',1);
INSERT INTO sale VALUES(18,'S6',1);
INSERT INTO sale VALUES(21,'S7',1);
INSERT INTO sale VALUES(24,'S8',1);
INSERT INTO sale VALUES(27,'S9',1);
INSERT INTO sale VALUES(30,'S10',1);
INSERT INTO sale VALUES(33,'S11',2);
INSERT INTO sale VALUES(35,'S13',1);
INSERT INTO sale VALUES(36,'S14',1);
INSERT INTO sale VALUES(37,'S15',1);
INSERT INTO sale VALUES(38,'S16',1);
INSERT INTO sale VALUES(39,'S17',1);
INSERT INTO sale VALUES(40,'S18',1);
CREATE TABLE bill (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event that holds it whole
    bill_no   TEXT NOT NULL UNIQUE,
    tail      TEXT NOT NULL,              -- bill_no backwards, in capitals
    sale      INTEGER NOT NULL REFERENCES sale (id),
    amount    INTEGER NOT NULL,
    class     INTEGER NOT NULL,           -- the state's number, + 10 with refunds
    sent_ms   INTEGER NOT NULL,
    net       INTEGER,                    -- what it adds to the day's total; null: not counted
    code_hash TEXT,
    attention INTEGER,                    -- 1 open, 2 over but somebody is needed
    look_ms   INTEGER                     -- over, and to be looked at again then
) STRICT;
INSERT INTO bill VALUES(3,3,'2026112001000001ABCD0001','1000DCBA1000001002116202',3,1234,0,1795000000001,NULL,'hash-1',1,NULL);
INSERT INTO bill VALUES(6,7,'2026112001000002ABCD0002','2000DCBA2000001002116202',6,1234,1,1795000000002,NULL,'hash-2',1,NULL);
INSERT INTO bill VALUES(9,10,'2026112001000003ABCD0003','3000DCBA3000001002116202',9,1234,2,1795000000003,NULL,'hash-3',1,NULL);
INSERT INTO bill VALUES(12,13,'2026112001000004ABCD0004','4000DCBA4000001002116202',12,1234,3,1795000000004,NULL,'hash-4',1,NULL);
INSERT INTO bill VALUES(15,16,'2026112001000005ABCD0005','5000DCBA5000001002116202',15,1234,4,1795000000005,NULL,'hash-5',1,NULL);
INSERT INTO bill VALUES(18,19,'2026112001000006ABCD0006','6000DCBA6000001002116202',18,1234,5,1795000000006,1234,'hash-6',NULL,NULL);
INSERT INTO bill VALUES(21,22,'2026112001000007ABCD0007','7000DCBA7000001002116202',21,1234,6,1795000000007,NULL,'hash-7',NULL,NULL);
INSERT INTO bill VALUES(24,25,'2026112001000008ABCD0008','8000DCBA8000001002116202',24,1234,7,1795000000008,NULL,'hash-8',NULL,NULL);
INSERT INTO bill VALUES(27,28,'2026112001000009ABCD0009','9000DCBA9000001002116202',27,1234,8,1795000000009,NULL,'hash-9',NULL,NULL);
INSERT INTO bill VALUES(30,31,'2026112001000010ABCD0010','0100DCBA0100001002116202',30,1234,9,1795000000010,NULL,'hash-10',NULL,NULL);
INSERT INTO bill VALUES(33,33,'2026112001000011ABCD0011','1100DCBA1100001002116202',33,1234,5,1795000000011,1234,'hash-11',NULL,NULL);
INSERT INTO bill VALUES(34,34,'2026112001000012ABCD0012','2100DCBA2100001002116202',33,1234,5,1795000000012,1234,'hash-12',NULL,NULL);
INSERT INTO bill VALUES(35,35,'2026112001000013ABCD0013','3100DCBA3100001002116202',35,1234,5,1795000000013,NULL,'hash-13',NULL,NULL);
INSERT INTO bill VALUES(36,36,'2026112001000014ABCD0014','4100DCBA4100001002116202',36,1234,15,1795000000014,1000,'hash-14',NULL,NULL);
INSERT INTO bill VALUES(37,37,'2026112001000015ABCD0015','5100DCBA5100001002116202',37,1234,15,1795000000015,0,'hash-15',2,NULL);
INSERT INTO bill VALUES(38,38,'2026112001000016ABCD0016','6100DCBA6100001002116202',38,1234,5,1795000000016,1234,'hash-16',2,NULL);
INSERT INTO bill VALUES(39,39,'2026112001000017ABCD0017','7100DCBA7100001002116202',39,1234,5,1795000000017,1234,'hash-17',NULL,NULL);
INSERT INTO bill VALUES(40,40,'2026112001000018ABCD0018','8100DCBA8100001002116202',40,1234,8,1795000000018,NULL,'hash-18',NULL,1795000000900);
CREATE INDEX event_of_bill ON event (bill_no) WHERE bill_no IS NOT NULL;
CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_is_appended BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE INDEX bill_by_sent ON bill (sent_ms);
CREATE INDEX bill_by_class ON bill (class, sent_ms);
CREATE INDEX bill_by_amount ON bill (amount, class, sent_ms);
CREATE INDEX bill_by_tail ON bill (tail);
CREATE INDEX bill_by_sale ON bill (sale);
CREATE INDEX bill_by_code ON bill (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX bill_by_attention ON bill (attention) WHERE attention IS NOT NULL;
CREATE INDEX bill_by_look ON bill (look_ms) WHERE look_ms IS NOT NULL;
PRAGMA application_id = 1397247829;
PRAGMA user_version = 1;
