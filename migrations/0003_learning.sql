-- What is remembered of solved tickets, and the versions of what was learned from them.

-- Texts hold no personal data. A ticket that is solved again is remembered anew, under a new seq.
CREATE TABLE solved_tickets (
    ticket_id      TEXT   NOT NULL PRIMARY KEY REFERENCES tickets (id),
    seq            BIGINT NOT NULL UNIQUE,
    solved_at_ms   BIGINT NOT NULL,
    customer_id    TEXT   REFERENCES customers (id),
    locale         TEXT   NOT NULL,
    audiences_json TEXT   NOT NULL,
    links_json     TEXT   NOT NULL,
    offered        BIGINT NOT NULL,
    question       TEXT   NOT NULL,
    reply          TEXT   NOT NULL
);
CREATE INDEX solved_tickets_by_time ON solved_tickets (solved_at_ms);
CREATE INDEX solved_tickets_by_customer ON solved_tickets (customer_id);

-- A version is what the tickets up to last_seq teach: it is made again from them whenever it is needed.
CREATE TABLE learned_versions (
    number        BIGINT NOT NULL PRIMARY KEY,
    in_use        BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    last_seq      BIGINT NOT NULL,
    report_json   TEXT   NOT NULL
);

INSERT INTO counters (name, value) VALUES ('solved_ticket', 0), ('learned_version', 0);
