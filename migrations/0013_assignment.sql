-- Who gets which tickets, and why.

CREATE TABLE agents (
    user_id             TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    availability        TEXT   NOT NULL CHECK (availability IN ('available', 'away')),
    schedule_id         TEXT   REFERENCES schedules (id),
    skills_json         TEXT   NOT NULL,
    capacity_json       TEXT   NOT NULL,
    last_assigned_at_ms BIGINT
);
CREATE INDEX agents_by_schedule ON agents (schedule_id);

CREATE TABLE team_routing (
    team_key          TEXT   NOT NULL PRIMARY KEY REFERENCES teams (team_key),
    assignment        TEXT   NOT NULL CHECK (assignment IN ('manual', 'automatic')),
    schedule_id       TEXT   REFERENCES schedules (id),
    fallbacks_json    TEXT   NOT NULL,
    accept_within_min BIGINT
);
CREATE INDEX team_routing_by_schedule ON team_routing (schedule_id);

-- look_at_ms is when the ticket is looked at again: because nobody has it, or who has it has not touched it.
CREATE TABLE ticket_routing (
    ticket_id   TEXT   NOT NULL PRIMARY KEY REFERENCES tickets (id),
    skills_json TEXT   NOT NULL,
    look_at_ms  BIGINT,
    n_rounds    BIGINT NOT NULL,
    passed_json TEXT   NOT NULL
);
CREATE INDEX ticket_routing_by_look ON ticket_routing (look_at_ms, ticket_id) WHERE look_at_ms IS NOT NULL;

CREATE TABLE assignments (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES tickets (id),
    at_ms         BIGINT NOT NULL,
    user_id       TEXT   REFERENCES users (id),
    decision_json TEXT   NOT NULL
);
CREATE INDEX assignments_by_ticket ON assignments (ticket_id, id);

-- The tickets that agents have to do, for their load. Only those of somebody, so that lists are not tempted by it.
CREATE INDEX tickets_unsolved_by_agent ON tickets (assignee_id, status, id)
    WHERE is_unsolved = 1 AND assignee_id IS NOT NULL;
