-- What is done to tickets by itself.

-- events_json and changed_json say when a rule of the kind 'event' is tried, then_what whether those behind it are tried once it
-- applied. What follows state counts and is no change of the rule.
CREATE TABLE rules (
    id                TEXT   NOT NULL PRIMARY KEY,
    name              TEXT   NOT NULL,
    position          BIGINT NOT NULL,
    kind              TEXT   NOT NULL CHECK (kind IN ('event', 'time')),
    events_json       TEXT   NOT NULL,
    changed_json      TEXT   NOT NULL,
    condition         TEXT   NOT NULL,
    actions_json      TEXT   NOT NULL,
    then_what         TEXT   NOT NULL CHECK (then_what IN ('go_on', 'stop')),
    state             TEXT   NOT NULL CHECK (state IN ('active', 'inactive')),
    n_runs            BIGINT NOT NULL,
    last_run_at_ms    BIGINT,
    n_failed          BIGINT NOT NULL,
    last_failed_at_ms BIGINT,
    last_failure      TEXT,
    n_held            BIGINT NOT NULL,
    last_held_at_ms   BIGINT,
    revision          BIGINT NOT NULL,
    created_at_ms     BIGINT NOT NULL,
    updated_at_ms     BIGINT NOT NULL
);

-- The tickets on which a rule of the kind 'time' has acted and that nobody has touched since: it does not act on them again.
CREATE TABLE rule_marks (
    ticket_id TEXT   NOT NULL REFERENCES tickets (id),
    rule_id   TEXT   NOT NULL REFERENCES rules (id),
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, rule_id)
);
CREATE INDEX rule_marks_by_rule ON rule_marks (rule_id);

-- Counts changes of rules, so that every process knows when those that it has read are old.
INSERT INTO counters (name, value) VALUES ('rules', 0);
