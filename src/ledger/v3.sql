-- Schema 3: the print queue. Events stay as they are; a slip's has no number in `bill_no`.

CREATE TABLE print_job (
    id        INTEGER PRIMARY KEY REFERENCES event (seq), -- its first event
    seq       INTEGER NOT NULL REFERENCES event (seq),    -- its last event
    no        INTEGER NOT NULL UNIQUE,    -- 1, 2, 3 … without gaps
    kind      INTEGER NOT NULL,           -- 1 sale, 2 refund, 3 shift
    about     TEXT NOT NULL,              -- bill_no, refund_no or the shift's number
    asked     INTEGER NOT NULL,           -- 0: nobody asked for it; else its own number
    state     INTEGER NOT NULL,           -- 0 waiting, 1 sending, 2 printed, 3 doubtful, 4 dropped
    open      INTEGER CHECK (open = 1),   -- waiting, sending or doubtful; null: over
    on_paper  INTEGER CHECK (on_paper = 1),               -- it is on paper, or may be
    UNIQUE (about, kind, asked)           -- at most one slip of a thing is made by itself
) STRICT;

CREATE INDEX print_job_open ON print_job (no) WHERE open IS NOT NULL;
CREATE INDEX print_job_on_paper ON print_job (no) WHERE on_paper IS NOT NULL;
