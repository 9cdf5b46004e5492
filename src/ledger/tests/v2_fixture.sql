-- A file that the program of schema 2 wrote: bills, refunds, shifts, reconciliations. Never edit:
-- files out there have it.
PRAGMA foreign_keys = OFF;
CREATE TABLE bill (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event that holds it whole
    bill_no   TEXT NOT NULL UNIQUE,
    tail      TEXT NOT NULL,              -- bill_no backwards, in capitals
    sale      INTEGER NOT NULL REFERENCES sale (id),
    amount    INTEGER NOT NULL,
    class     INTEGER NOT NULL,           -- state, + 10 with refunds, + 20 Alipay or 40 WeChat
    sent_ms   INTEGER NOT NULL,
    net       INTEGER,                    -- what it adds to the day's total; null: not counted
    code_hash TEXT,
    attention INTEGER,                    -- 1 open, 2 over but somebody is needed
    look_ms   INTEGER,                    -- over, and to be looked at again then
    operator  TEXT NOT NULL,              -- staff id; empty: the command line
    ended_ms  INTEGER,                    -- became terminal
    shift     INTEGER,                    -- the shift in which it did: the open one, or the next; 0: before any
    counted_ms    INTEGER,                -- first counted as paid
    counted_shift INTEGER                 -- the shift in which it did
) STRICT;
INSERT INTO "bill" VALUES(3,4,'2026112001000001ABCD0001','1000DCBA1000001002116202',3,1234,25,1795000000001,1234,'hash-1',NULL,NULL,'1001',1795000005000,0,1795000005000,0);
INSERT INTO "bill" VALUES(5,6,'2026112001000002ABCD0002','2000DCBA2000001002116202',5,1234,25,1795000000002,1234,'hash-2',NULL,NULL,'1001',1795000005000,0,1795000005000,0);
INSERT INTO "bill" VALUES(7,8,'2026112001000003ABCD0003','3000DCBA3000001002116202',7,1234,25,1795000000003,1234,'hash-3',NULL,NULL,'1001',1795000005000,0,1795000005000,0);
INSERT INTO "bill" VALUES(9,9,'2026112001000004ABCD0004','4000DCBA4000001002116202',9,1234,20,1795000000004,NULL,'hash-4',1,NULL,'1001',NULL,NULL,NULL,NULL);
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,          -- 1, 2, 3 … without gaps
    at_ms   INTEGER NOT NULL,
    kind    TEXT NOT NULL,                -- what happened
    bill_no TEXT,                         -- null: concerns no bill
    body    TEXT NOT NULL,                -- canonical JSON: detail, the bill after it (body.rs)
    mac     BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
INSERT INTO "event" VALUES(1,1795000000000,'setup',NULL,'{"detail":"{\"till\":\"01\"}"}',X'A8E1613316DAFB436E1A0AD3582E12615C7BFE3C1F10B542A57138BD414B0141');
INSERT INTO "event" VALUES(2,1795000000000,'serials_set_aside',NULL,'{"serial":32}',X'7C8C81D7A2B026B09EF1B84D775B01B8C2C8F08C5BC43D63ECDC96B16A67D988');
INSERT INTO "event" VALUES(3,1795000000000,'started','2026112001000001ABCD0001','{"bill":{"amount":1234,"bill_no":"2026112001000001ABCD0001","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-1","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S1","sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"sent","title":"示例便利店"}}',X'19966ECD4500AB5AAF897A0D02D34D36B3540E72172A504BEE5C2D6C39F708A7');
INSERT INTO "event" VALUES(4,1795000000009,'paid','2026112001000001ABCD0001','{"bill":{"amount":1234,"bill_no":"2026112001000001ABCD0001","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-1","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","proof":"pay","sale":"S1","sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"paid","title":"示例便利店"},"detail":"pay_result"}',X'53AB100B58B276AD14DB9FCA3D6DE37BDEF153434F42B5B6A43A5AC279203769');
INSERT INTO "event" VALUES(5,1795000000000,'started','2026112001000002ABCD0002','{"bill":{"amount":1234,"bill_no":"2026112001000002ABCD0002","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-2","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S2","sent":{"offset_ms":-120,"wall_ms":1795000000002},"state":"sent","title":"示例便利店"}}',X'2ACF52C4F41BC35D1FAA352EAEBE1B60D4D37391AEA160A07129AF7A7E3AE3E3');
INSERT INTO "event" VALUES(6,1795000000009,'paid','2026112001000002ABCD0002','{"bill":{"amount":1234,"bill_no":"2026112001000002ABCD0002","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-2","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","proof":"pay","sale":"S2","sent":{"offset_ms":-120,"wall_ms":1795000000002},"state":"paid","title":"示例便利店"},"detail":"pay_result"}',X'0BBF34B72D2B5FFE8B16904DDA27BC2F864ACD48E7E0FF84E75A766602955CF5');
INSERT INTO "event" VALUES(7,1795000000000,'started','2026112001000003ABCD0003','{"bill":{"amount":1234,"bill_no":"2026112001000003ABCD0003","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-3","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S3","sent":{"offset_ms":-120,"wall_ms":1795000000003},"state":"sent","title":"示例便利店"}}',X'D54CE0228AC9AD40FC0BDD0ABD2892DC87F515221E906E632A41E6F86DA5C3CB');
INSERT INTO "event" VALUES(8,1795000000009,'paid','2026112001000003ABCD0003','{"bill":{"amount":1234,"bill_no":"2026112001000003ABCD0003","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-3","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","proof":"pay","sale":"S3","sent":{"offset_ms":-120,"wall_ms":1795000000003},"state":"paid","title":"示例便利店"},"detail":"pay_result"}',X'40F5A39207E99760350FDB31716D6E4C4E02B91EDB2AC17DEF410F659CF30EBD');
INSERT INTO "event" VALUES(9,1795000000000,'started','2026112001000004ABCD0004','{"bill":{"amount":1234,"bill_no":"2026112001000004ABCD0004","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-4","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S4","sent":{"offset_ms":-120,"wall_ms":1795000000004},"state":"sent","title":"示例便利店"}}',X'C0218F554329EA05A1C877C81A3A0E8020817E6BE07577EC23334F3C8C8B46EB');
INSERT INTO "event" VALUES(10,1795000000000,'shift_opened',NULL,'{"shift":{"float":20000,"holder":"1001","no":1,"opened_by":"1001","opened_ms":1795000000001}}',X'7FFE4FA522C48DAF3A44E4B6310D8D5D70EE2AB3B3BD1D38EEE3C40B2EF3F831');
INSERT INTO "event" VALUES(11,1795000000000,'refund_started','2026112001000001ABCD0001','{"refund":{"approver":"2001","bill_no":"2026112001000001ABCD0001","channel":"WX","fee":100,"host":"https://api.example.cn","last_sent":{"offset_ms":-120,"wall_ms":1795000000001},"paid":1234,"params_hash":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","reason":"退货","refund_no":"2026112001000001R70001","sends":1,"sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"sent"}}',X'8020A42656D1B2D0F1A951F11DDAF43D93A1B3D71FB3AE067ACD505B5E5595B0');
INSERT INTO "event" VALUES(12,1795000000000,'refund_started','2026112001000002ABCD0002','{"refund":{"approver":"2001","bill_no":"2026112001000002ABCD0002","channel":"WX","fee":100,"host":"https://api.example.cn","last_sent":{"offset_ms":-120,"wall_ms":1795000000002},"paid":1234,"params_hash":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","reason":"退货","refund_no":"2026112001000002R70002","sends":1,"sent":{"offset_ms":-120,"wall_ms":1795000000002},"state":"sent"}}',X'165F5CC1206DE76ACC63FAD2E48BC9C7F035865D3565055C4F5CBC1B97307E3C');
INSERT INTO "event" VALUES(13,1795000000000,'refund_succeeded','2026112001000001ABCD0001','{"refund":{"approver":"2001","bill_no":"2026112001000001ABCD0001","channel":"WX","ended_ms":1795000006000,"fee":100,"host":"https://api.example.cn","last_sent":{"offset_ms":-120,"wall_ms":1795000000001},"paid":1234,"params_hash":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","reason":"退货","refund_no":"2026112001000001R70001","sends":1,"sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"succeeded"}}',X'3810A629246560F4EF98C5015CA8F8DDD9D6C5C8F70C86B1C785EED90C65BA89');
INSERT INTO "event" VALUES(14,1795000000000,'reconciled',NULL,'{"run":{"began_ms":1795000000000,"by":"","compared":7,"differences":[{"bill_no":"2026112001000001ABCD0001","kind":"refund","refund_no":"2026112001000001R70001","there":{"amount":100,"state":"succeeded"}}],"done_to_ms":1795000000000,"elsewhere":{"count":0,"sum":0},"finished":false,"here":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}},"scope":{"from_ms":1795000000000,"to_ms":1795086400000},"settled":["2026112001000004ABCD0004"],"there":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}}}}',X'1CB00ED43772AD8B11F0EEAC19E9250F3E08798BF2892B6BA8D13AC0BBFD8A48');
INSERT INTO "event" VALUES(15,1795000000000,'reconciled',NULL,'{"run":{"began_ms":1795000000000,"by":"","compared":7,"differences":[{"bill_no":"2026112001000001ABCD0001","kind":"refund","refund_no":"2026112001000001R70001","there":{"amount":100,"state":"succeeded"}}],"done_to_ms":1795000000000,"elsewhere":{"count":0,"sum":0},"finished":false,"here":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}},"scope":{"from_ms":1795000000000,"shift":1,"to_ms":1795086400000},"settled":["2026112001000004ABCD0004"],"there":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}}}}',X'D9CF4A201D1A66C491382C98B15655F8DBBB5E4FDFDE11EB1CBEFA20BDBAF752');
INSERT INTO "event" VALUES(16,1795000000000,'reconciled',NULL,'{"run":{"began_ms":1795000000000,"by":"","compared":7,"differences":[{"bill_no":"2026112001000001ABCD0001","kind":"refund","refund_no":"2026112001000001R70001","there":{"amount":100,"state":"succeeded"}}],"done_to_ms":1795000000005,"elsewhere":{"count":0,"sum":0},"finished":false,"here":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}},"scope":{"from_ms":1795000000000,"to_ms":1795086400000},"settled":["2026112001000004ABCD0004"],"there":{"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0}}}}',X'29FC5AA75136D677845B6EED69E661A14B4428180BEACC08F620244ECD8D6461');
INSERT INTO "event" VALUES(17,1795000000000,'shift_closed',NULL,'{"shift":{"closed":{"at_ms":1795000009000,"by":"1001","counted":20000,"head":"abababababababababababababababababababababababababababababababab","head_count":3,"report":{"by_cashier":[],"by_hour":[],"by_wallet":[],"paid":{"count":0,"sum":0},"refunds":{"count":0,"sum":0},"reverts":{"count":0,"sum":0},"to_do":0}},"float":20000,"holder":"1001","no":1,"opened_by":"1001","opened_ms":1795000000001}}',X'3F00C1CCE3A7D7E8DB8962880928FCF0AD0823B3C14C62768BC603BE3E8D96EF');
INSERT INTO "event" VALUES(18,1795000000000,'shift_opened',NULL,'{"shift":{"float":20000,"holder":"1001","no":2,"opened_by":"1001","opened_ms":1795000000002}}',X'BC44F38596D9F2BEB514DDC203E6B7C37A8D72616D8D30A8C612ABBB3693E4A8');
CREATE TABLE head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,               -- how many events there are
    last  BLOB NOT NULL CHECK (length(last) = 32),   -- the last event's mac
    mac   BLOB NOT NULL CHECK (length(mac) = 32)     -- keyed, over count and last
) STRICT;
INSERT INTO "head" VALUES(1,18,X'BC44F38596D9F2BEB514DDC203E6B7C37A8D72616D8D30A8C612ABBB3693E4A8',X'30BC8FFBF423A9636F673AB9E41BD88C2F389A2DA7BF011C548B2F1256B2D593');
CREATE TABLE reconcile (
    id      INTEGER PRIMARY KEY REFERENCES event (seq),   -- the first event about this scope
    seq     INTEGER NOT NULL REFERENCES event (seq),      -- the newest
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL,
    shift   INTEGER NOT NULL,             -- 0: not a shift's
    UNIQUE (from_ms, to_ms, shift)
) STRICT;
INSERT INTO "reconcile" VALUES(14,16,1795000000000,1795086400000,0);
INSERT INTO "reconcile" VALUES(15,15,1795000000000,1795086400000,1);
CREATE TABLE refund (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event that holds it whole
    refund_no TEXT NOT NULL UNIQUE,
    bill_no   TEXT NOT NULL,              -- perhaps of a bill that is not in this ledger
    fee       INTEGER NOT NULL,
    class     INTEGER NOT NULL,           -- the state's number
    sent_ms   INTEGER NOT NULL,
    ended_ms  INTEGER,                    -- became terminal
    attention INTEGER,                    -- 1 open, 2 over but somebody is needed or a look is due
    began     INTEGER NOT NULL,           -- the shift in which it was recorded
    shift     INTEGER                     -- the shift in which it became terminal
) STRICT;
INSERT INTO "refund" VALUES(11,13,'2026112001000001R70001','2026112001000001ABCD0001',100,3,1795000000001,1795000006000,NULL,1,1);
INSERT INTO "refund" VALUES(12,12,'2026112001000002R70002','2026112001000002ABCD0002',100,0,1795000000002,NULL,1,1,NULL);
CREATE TABLE sale (
    id       INTEGER PRIMARY KEY REFERENCES event (seq),  -- the event that began it
    sale     TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL
) STRICT;
INSERT INTO "sale" VALUES(3,'S1',1);
INSERT INTO "sale" VALUES(5,'S2',1);
INSERT INTO "sale" VALUES(7,'S3',1);
INSERT INTO "sale" VALUES(9,'S4',1);
CREATE TABLE serial (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    reserved INTEGER NOT NULL             -- serials handed out or set aside so far
) STRICT;
INSERT INTO "serial" VALUES(1,32);
CREATE TABLE shift (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event
    no        INTEGER NOT NULL UNIQUE,    -- 1, 2, 3 … without gaps
    open      INTEGER UNIQUE CHECK (open = 1),            -- null: closed; at most one is open
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER
) STRICT;
INSERT INTO "shift" VALUES(10,17,1,NULL,1795000000001,1795000009000);
INSERT INTO "shift" VALUES(18,18,2,1,1795000000002,NULL);
CREATE INDEX event_of_bill ON event (bill_no) WHERE bill_no IS NOT NULL;
CREATE INDEX bill_by_sent ON bill (sent_ms);
CREATE INDEX bill_by_class ON bill (class, sent_ms);
CREATE INDEX bill_by_amount ON bill (amount, class, sent_ms);
CREATE INDEX bill_by_operator ON bill (operator, class, sent_ms);
CREATE INDEX bill_by_tail ON bill (tail);
CREATE INDEX bill_by_sale ON bill (sale);
CREATE INDEX bill_by_code ON bill (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX bill_by_attention ON bill (attention) WHERE attention IS NOT NULL;
CREATE INDEX bill_by_look ON bill (look_ms) WHERE look_ms IS NOT NULL;
CREATE INDEX bill_by_net ON bill (sent_ms, net) WHERE net IS NOT NULL;
CREATE INDEX bill_by_counted ON bill (counted_ms) WHERE counted_ms IS NOT NULL;
CREATE INDEX bill_by_counted_shift ON bill (counted_shift) WHERE counted_shift IS NOT NULL;
CREATE INDEX bill_by_reverted ON bill (ended_ms, amount) WHERE class % 10 = 8;
CREATE INDEX bill_by_reverted_shift ON bill (shift, amount) WHERE class % 10 = 8;
CREATE INDEX refund_of_bill ON refund (bill_no);
CREATE INDEX refund_by_sent ON refund (sent_ms);
CREATE INDEX refund_by_attention ON refund (attention) WHERE attention IS NOT NULL;
CREATE INDEX refund_by_succeeded ON refund (ended_ms, fee) WHERE class = 3;
CREATE INDEX refund_by_succeeded_shift ON refund (shift, fee) WHERE class = 3;
CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_is_appended BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
PRAGMA application_id = 1397247829;
PRAGMA user_version = 2;
