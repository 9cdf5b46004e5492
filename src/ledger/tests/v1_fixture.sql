-- Schema 1. `event` is the truth; every other table is read from it (tables.rs) and compared
-- with it by `audit verify`. Times are UTC milliseconds, amounts 分.

CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,          -- 1, 2, 3 … without gaps
    at_ms   INTEGER NOT NULL,
    kind    TEXT NOT NULL,                -- what happened
    bill_no TEXT,                         -- null: concerns no bill
    body    TEXT NOT NULL,                -- canonical JSON: detail, the bill after it (body.rs)
    mac     BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE INDEX event_of_bill ON event (bill_no) WHERE bill_no IS NOT NULL;

CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

-- Also refuses INSERT OR REPLACE, which deletes without the trigger above.
CREATE TRIGGER event_is_appended BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TABLE head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,               -- how many events there are
    last  BLOB NOT NULL CHECK (length(last) = 32),   -- the last event's mac
    mac   BLOB NOT NULL CHECK (length(mac) = 32)     -- keyed, over count and last
) STRICT;

CREATE TABLE serial (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    reserved INTEGER NOT NULL             -- serials handed out or set aside so far
) STRICT;

INSERT INTO serial (id, reserved) VALUES (1, 0);

CREATE TABLE sale (
    id       INTEGER PRIMARY KEY REFERENCES event (seq),  -- the event that began it
    sale     TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL
) STRICT;

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

-- An index ends with the rowid, so each of these gives its bills newest first.
CREATE INDEX bill_by_sent ON bill (sent_ms);
CREATE INDEX bill_by_class ON bill (class, sent_ms);
CREATE INDEX bill_by_amount ON bill (amount, class, sent_ms);
CREATE INDEX bill_by_tail ON bill (tail);
CREATE INDEX bill_by_sale ON bill (sale);
CREATE INDEX bill_by_code ON bill (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX bill_by_attention ON bill (attention) WHERE attention IS NOT NULL;
CREATE INDEX bill_by_look ON bill (look_ms) WHERE look_ms IS NOT NULL;

INSERT INTO event VALUES (1, 1795000000000, 'started', '2026112001000001ABCD0001',
    '{"bill":{"amount":1234,"bill_no":"2026112001000001ABCD0001","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-1","code_mask":"28…31","host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","sale":"S1","sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"sent","title":"示例便利店"}}',
    x'e382f7bd36a173619b450153ee7d347a2f401f062e3127b1541dc22581d8b938');
INSERT INTO event VALUES (2, 1795000000009, 'paid', '2026112001000001ABCD0001',
    '{"bill":{"amount":1234,"bill_no":"2026112001000001ABCD0001","bill_timeout_s":361,"channel":"ALI_SCAN","code_hash":"hash-1","code_mask":"28…31","ended_ms":1795000005000,"host":"https://api.example.cn","operator":"1001","params_hash":"abababababababababababababababababababababababababababababababab","proof":"pay","sale":"S1","sent":{"offset_ms":-120,"wall_ms":1795000000001},"state":"paid","title":"示例便利店"},"detail":"pay_result"}',
    x'969214ddfd217f0e2d834a2912c70accdc7c22e6a9619f008f316db1f4484a45');
INSERT INTO head VALUES (1, 2, x'969214ddfd217f0e2d834a2912c70accdc7c22e6a9619f008f316db1f4484a45', x'03d1d25dc15f4c75fa0db97b7d24061243c20772f5589995206ed5006a9e0dfa');
INSERT INTO sale VALUES (1, 'S1', 1);
INSERT INTO bill VALUES (1, 2, '2026112001000001ABCD0001', '1000DCBA1000001002116202', 1, 1234, 5, 1795000000001, 1234, 'hash-1', NULL, NULL);
PRAGMA application_id = 1397247829;
PRAGMA user_version = 1;
