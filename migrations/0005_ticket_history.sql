-- Who changed what of a ticket, and how often it changed.

-- old_value and new_value are keys: a status, a priority, a team, a user's or customer's id; tags with commas between.
CREATE TABLE ticket_history (
    id           TEXT   NOT NULL PRIMARY KEY,
    ticket_id    TEXT   NOT NULL REFERENCES tickets (id),
    at_ms        BIGINT NOT NULL,
    author       TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id    TEXT,
    author_name  TEXT,
    field        TEXT   NOT NULL CHECK (field IN ('status', 'priority', 'team', 'assignee', 'customer', 'tags')),
    old_value    TEXT,
    new_value    TEXT
);
CREATE INDEX ticket_history_by_ticket ON ticket_history (ticket_id, id);

ALTER TABLE tickets ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
