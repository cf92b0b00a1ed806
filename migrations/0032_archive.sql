-- The archive: tickets that were closed long ago, out of the way of those that are worked on.

-- When a ticket went to the archive; absent while it is not there.
ALTER TABLE tickets ADD COLUMN archived_at_ms BIGINT;

-- Each table with parts of tickets has a twin: the same columns in the same order, so that rows go there and come back whole.
-- Whoever changes the one changes the other. A twin has the indexes that the archive is read by, and no checks: what comes
-- there was checked before.
CREATE TABLE archived_tickets (
    id                  TEXT   NOT NULL PRIMARY KEY,
    number              BIGINT NOT NULL UNIQUE,
    conversation_id     TEXT   UNIQUE REFERENCES conversations (id),
    customer_id         TEXT   REFERENCES customers (id),
    assignee_id         TEXT   REFERENCES users (id),
    status              TEXT   NOT NULL,
    priority            TEXT   NOT NULL,
    team                TEXT   NOT NULL,
    locale              TEXT   NOT NULL,
    subject             TEXT   NOT NULL,
    summary             TEXT   NOT NULL,
    handoff_reason_json TEXT,
    created_at_ms       BIGINT NOT NULL,
    updated_at_ms       BIGINT NOT NULL,
    solved_at_ms        BIGINT,
    revision            BIGINT NOT NULL DEFAULT 1,
    is_unsolved         BIGINT NOT NULL DEFAULT 0,
    urgency             BIGINT NOT NULL DEFAULT 1,
    fields_json         TEXT   NOT NULL DEFAULT '{}',
    erased_at_ms        BIGINT,
    custom_status       TEXT   REFERENCES ticket_statuses (status_key),
    snoozed_until_ms    BIGINT,
    merged_into_id      TEXT,
    merged_at_ms        BIGINT,
    merge_sight         TEXT,
    split_from_id       TEXT,
    closed_at_ms        BIGINT,
    first_replied_at_ms BIGINT,
    handling_json       TEXT   NOT NULL DEFAULT '{}',
    channel             TEXT   NOT NULL DEFAULT 'api',
    organisation_id     TEXT   REFERENCES organisations (id),
    archived_at_ms      BIGINT
);
-- What stands behind the id is what else lists ask for: then a ticket that is not listed is passed over unread.
CREATE INDEX archived_tickets_by_creation ON archived_tickets (created_at_ms, id, team, customer_id);
CREATE INDEX archived_tickets_by_update ON archived_tickets (updated_at_ms, id, team, customer_id);
CREATE INDEX archived_tickets_by_team ON archived_tickets (team, created_at_ms, id);
CREATE INDEX archived_tickets_by_customer ON archived_tickets (customer_id, created_at_ms, id);
CREATE INDEX archived_tickets_by_organisation ON archived_tickets (organisation_id, created_at_ms, id)
    WHERE organisation_id IS NOT NULL;
CREATE INDEX archived_tickets_by_solution ON archived_tickets (solved_at_ms, id);
CREATE INDEX archived_tickets_by_merge ON archived_tickets (merged_into_id, id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE archived_messages (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES archived_tickets (id),
    author        TEXT   NOT NULL,
    author_id     TEXT,
    author_name   TEXT,
    kind          TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    html          TEXT
);
CREATE INDEX archived_messages_by_ticket ON archived_messages (ticket_id, created_at_ms, id);

CREATE TABLE archived_mentions (
    id            TEXT   NOT NULL PRIMARY KEY,
    message_id    TEXT   NOT NULL REFERENCES archived_messages (id),
    user_id       TEXT   NOT NULL REFERENCES users (id),
    created_at_ms BIGINT NOT NULL,
    read_at_ms    BIGINT,
    UNIQUE (message_id, user_id)
);
CREATE INDEX archived_mentions_by_person ON archived_mentions (user_id, id);

-- Replies that were stopped: one that is still to be sent keeps its ticket out of the archive.
CREATE TABLE archived_waiting_replies (
    id                   TEXT   NOT NULL PRIMARY KEY,
    ticket_id            TEXT   NOT NULL REFERENCES archived_tickets (id),
    writer               TEXT   NOT NULL,
    writer_id            TEXT   NOT NULL,
    writer_name          TEXT   NOT NULL,
    suggestion_id        TEXT,
    then_status          TEXT,
    send_at_ms           BIGINT NOT NULL,
    stopped              TEXT,
    customer_wrote_at_ms BIGINT,
    created_at_ms        BIGINT NOT NULL,
    body                 TEXT   NOT NULL,
    html                 TEXT
);
CREATE INDEX archived_waiting_replies_by_ticket ON archived_waiting_replies (ticket_id, send_at_ms, id);

CREATE TABLE archived_suggestions (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES archived_tickets (id),
    rank          BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    sources_json  TEXT   NOT NULL,
    why           TEXT   NOT NULL,
    outcome       TEXT,
    outcome_at_ms BIGINT,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX archived_suggestions_by_ticket ON archived_suggestions (ticket_id, created_at_ms, rank);

CREATE TABLE archived_ticket_history (
    id          TEXT   NOT NULL PRIMARY KEY,
    ticket_id   TEXT   NOT NULL REFERENCES archived_tickets (id),
    at_ms       BIGINT NOT NULL,
    author      TEXT   NOT NULL,
    author_id   TEXT,
    author_name TEXT,
    field       TEXT   NOT NULL,
    old_value   TEXT,
    new_value   TEXT
);
CREATE INDEX archived_ticket_history_by_ticket ON archived_ticket_history (ticket_id, id);

CREATE TABLE archived_ticket_tags (
    ticket_id     TEXT   NOT NULL REFERENCES archived_tickets (id),
    tag           TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (ticket_id, tag)
);
CREATE INDEX archived_ticket_tags_by_tag ON archived_ticket_tags (tag, created_at_ms, ticket_id);

CREATE TABLE archived_ticket_field_values (
    ticket_id  TEXT   NOT NULL REFERENCES archived_tickets (id),
    field_key  TEXT   NOT NULL,
    text_value TEXT   NOT NULL,
    millionths BIGINT,
    PRIMARY KEY (ticket_id, field_key, text_value)
);
CREATE INDEX archived_ticket_field_values_by_value
    ON archived_ticket_field_values (field_key, text_value, ticket_id);

CREATE TABLE archived_ticket_followers (
    ticket_id TEXT NOT NULL REFERENCES archived_tickets (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX archived_ticket_followers_by_user ON archived_ticket_followers (user_id, ticket_id);

CREATE TABLE archived_ticket_copies (
    ticket_id TEXT NOT NULL REFERENCES archived_tickets (id),
    address   TEXT NOT NULL,
    PRIMARY KEY (ticket_id, address)
);
CREATE INDEX archived_ticket_copies_by_address ON archived_ticket_copies (address, ticket_id);

CREATE TABLE archived_sla_clocks (
    ticket_id  TEXT   NOT NULL PRIMARY KEY REFERENCES archived_tickets (id),
    policy_id  TEXT   REFERENCES sla_policies (id),
    state_json TEXT   NOT NULL,
    is_open    BIGINT NOT NULL,
    next_at_ms BIGINT
);
CREATE INDEX archived_sla_clocks_by_policy ON archived_sla_clocks (policy_id) WHERE policy_id IS NOT NULL;

CREATE TABLE archived_ticket_sla (
    ticket_id       TEXT   NOT NULL REFERENCES archived_tickets (id),
    metric          TEXT   NOT NULL,
    cycle           BIGINT NOT NULL,
    target_min      BIGINT NOT NULL,
    due_at_ms       BIGINT,
    warn_at_ms      BIGINT,
    paused          BIGINT NOT NULL,
    fulfilled_at_ms BIGINT,
    warned_at_ms    BIGINT,
    breached_at_ms  BIGINT,
    n_breaches      BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, metric)
);

CREATE TABLE archived_sla_outcomes (
    ticket_id TEXT   NOT NULL REFERENCES archived_tickets (id),
    metric    TEXT   NOT NULL,
    cycle     BIGINT NOT NULL,
    outcome   TEXT   NOT NULL,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, metric, cycle)
);

CREATE TABLE archived_ticket_routing (
    ticket_id   TEXT   NOT NULL PRIMARY KEY REFERENCES archived_tickets (id),
    skills_json TEXT   NOT NULL,
    look_at_ms  BIGINT,
    n_rounds    BIGINT NOT NULL,
    passed_json TEXT   NOT NULL
);

CREATE TABLE archived_assignments (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES archived_tickets (id),
    at_ms         BIGINT NOT NULL,
    user_id       TEXT   REFERENCES users (id),
    decision_json TEXT   NOT NULL
);
CREATE INDEX archived_assignments_by_ticket ON archived_assignments (ticket_id, id);

-- What is remembered of a solved ticket stays where it is when the ticket goes to the archive, so it refers to neither table.
CREATE TABLE solved_tickets_of_all (
    ticket_id      TEXT   NOT NULL PRIMARY KEY,
    seq            BIGINT NOT NULL UNIQUE,
    solved_at_ms   BIGINT NOT NULL,
    customer_id    TEXT   REFERENCES customers (id),
    locale         TEXT   NOT NULL,
    audiences_json TEXT   NOT NULL,
    links_json     TEXT   NOT NULL,
    offered        BIGINT NOT NULL,
    question       TEXT   NOT NULL,
    reply          TEXT   NOT NULL,
    topic          TEXT   NOT NULL DEFAULT ''
);
INSERT INTO solved_tickets_of_all (ticket_id, seq, solved_at_ms, customer_id, locale, audiences_json, links_json, offered,
    question, reply, topic)
    SELECT ticket_id, seq, solved_at_ms, customer_id, locale, audiences_json, links_json, offered, question, reply, topic
    FROM solved_tickets;
DROP TABLE solved_tickets;
ALTER TABLE solved_tickets_of_all RENAME TO solved_tickets;
CREATE INDEX solved_tickets_by_time ON solved_tickets (solved_at_ms);
CREATE INDEX solved_tickets_by_customer ON solved_tickets (customer_id);

-- What a rule remembers of a ticket ends when somebody touches the ticket, as taking it out of the archive does: it stays with
-- neither place.
CREATE TABLE rule_marks_of_all (
    ticket_id TEXT   NOT NULL,
    rule_id   TEXT   NOT NULL REFERENCES rules (id),
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, rule_id)
);
INSERT INTO rule_marks_of_all (ticket_id, rule_id, at_ms) SELECT ticket_id, rule_id, at_ms FROM rule_marks;
DROP TABLE rule_marks;
ALTER TABLE rule_marks_of_all RENAME TO rule_marks;
CREATE INDEX rule_marks_by_rule ON rule_marks (rule_id);
