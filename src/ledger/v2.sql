-- Schema 2: what the manager's desk reads: refunds, shifts, reconciliations. Events stay as they
-- are; a refund's have the number of its bill in `bill_no`.

-- Bills know their wallet, their cashier, and the shifts they ended and counted in. Made anew,
-- since every row gains something.
ALTER TABLE bill RENAME TO bill_of_1;

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

INSERT INTO bill
SELECT id, seq, bill_no, tail, sale, amount, class + 20 * wallet, sent_ms, net, code_hash,
       -- Since then, what was given back whole needs nobody any more.
       CASE WHEN attention = 2 AND refunded > 0 AND refunded >= amount THEN NULL ELSE attention END,
       look_ms, operator,
       CASE WHEN terminal THEN ended_ms END,
       CASE WHEN terminal THEN 0 END,
       CASE WHEN net IS NOT NULL THEN ended_ms END,
       CASE WHEN net IS NOT NULL THEN 0 END
FROM (
    SELECT bill_of_1.*,
           class % 10 >= 5 AS terminal,
           CASE
               WHEN body ->> '$.bill.channel_type'
                    IN ('ALI_SCAN', 'BC_ALI_SCAN', 'ALI_OFFLINE_QRCODE', 'BC_ALI_QRCODE') THEN 1
               WHEN body ->> '$.bill.channel_type'
                    IN ('WX_SCAN', 'BC_WX_SCAN', 'WX_NATIVE', 'BC_NATIVE') THEN 2
               WHEN body ->> '$.bill.channel'
                    IN ('ALI_SCAN', 'BC_ALI_SCAN', 'ALI_OFFLINE_QRCODE', 'BC_ALI_QRCODE') THEN 1
               WHEN body ->> '$.bill.channel'
                    IN ('WX_SCAN', 'BC_WX_SCAN', 'WX_NATIVE', 'BC_NATIVE') THEN 2
               ELSE 0
           END AS wallet,
           coalesce(body ->> '$.bill.refunded', 0) AS refunded,
           coalesce(body ->> '$.bill.operator', '') AS operator,
           coalesce(body ->> '$.bill.ended_ms', sent_ms) AS ended_ms
    FROM bill_of_1 JOIN event ON event.seq = bill_of_1.seq
)
ORDER BY id;

DROP TABLE bill_of_1;

-- An index ends with the rowid, so each of these gives its bills newest first.
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

CREATE INDEX refund_of_bill ON refund (bill_no);
CREATE INDEX refund_by_sent ON refund (sent_ms);
CREATE INDEX refund_by_attention ON refund (attention) WHERE attention IS NOT NULL;
CREATE INDEX refund_by_succeeded ON refund (ended_ms, fee) WHERE class = 3;
CREATE INDEX refund_by_succeeded_shift ON refund (shift, fee) WHERE class = 3;

CREATE TABLE shift (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event
    no        INTEGER NOT NULL UNIQUE,    -- 1, 2, 3 … without gaps
    open      INTEGER UNIQUE CHECK (open = 1),            -- null: closed; at most one is open
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER
) STRICT;

CREATE TABLE reconcile (
    id      INTEGER PRIMARY KEY REFERENCES event (seq),   -- the first event about this scope
    seq     INTEGER NOT NULL REFERENCES event (seq),      -- the newest
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL,
    shift   INTEGER NOT NULL,             -- 0: not a shift's
    UNIQUE (from_ms, to_ms, shift)
) STRICT;
