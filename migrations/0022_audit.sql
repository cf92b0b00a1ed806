-- The audit log: who changed what. Entries are added and never changed; each holds the hash of the one before it.

CREATE TABLE audit (
    seq          BIGINT NOT NULL PRIMARY KEY,
    at_ms        BIGINT NOT NULL,
    actor        TEXT   NOT NULL CHECK (actor IN ('person', 'key', 'customer', 'visitor', 'system')),
    actor_id     TEXT,
    actor_name   TEXT,
    door         TEXT   NOT NULL CHECK (door IN ('api', 'staff', 'help_center', 'command_line', 'worker')),
    network      TEXT,
    action       TEXT   NOT NULL,
    subject_id   TEXT,
    details_json TEXT   NOT NULL,
    prev_hash    TEXT   NOT NULL,
    hash         TEXT   NOT NULL
);
CREATE INDEX audit_by_time ON audit (at_ms, seq);
CREATE INDEX audit_by_actor ON audit (actor_id, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_by_subject ON audit (subject_id, seq);

-- One row: the last entry that is kept no more, after which the chain begins.
CREATE TABLE audit_anchor (
    name TEXT   NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
INSERT INTO audit_anchor (name, seq, hash)
    VALUES ('audit', 0, '0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO counters (name, value) VALUES ('audit', 0);
