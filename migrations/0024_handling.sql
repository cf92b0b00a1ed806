-- How tickets are handled: statuses of a site's own, snoozes, merges, splits, links, checklists, followers and copies.

-- A status that is built in has the key of its category. next_json lists the keys that agents may move a ticket to from there;
-- absent for all that the categories allow.
CREATE TABLE ticket_statuses (
    status_key    TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    customer_name TEXT   NOT NULL,
    category      TEXT   NOT NULL
        CHECK (category IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')),
    position      BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('active', 'retired')),
    next_json     TEXT,
    revision      BIGINT NOT NULL
);
INSERT INTO ticket_statuses (status_key, name, customer_name, category, position, state, revision) VALUES
    ('new', 'New', 'Received', 'new', 0, 'active', 1),
    ('open', 'Open', 'In progress', 'open', 10, 'active', 1),
    ('pending', 'Pending', 'Waiting for you', 'pending', 20, 'active', 1),
    ('on_hold', 'On hold', 'In progress', 'on_hold', 30, 'active', 1),
    ('solved', 'Solved', 'Solved', 'solved', 40, 'active', 1),
    ('closed', 'Closed', 'Closed', 'closed', 50, 'active', 1);

-- Absent for the built-in status of the category, which stays in status: that is what lists, clocks and routing go by.
ALTER TABLE tickets ADD COLUMN custom_status TEXT REFERENCES ticket_statuses (status_key);
ALTER TABLE tickets ADD COLUMN snoozed_until_ms BIGINT;
-- What was said in a merged ticket stays there and is read with the one that it was merged into.
-- What leads from one ticket to another is no foreign key, so that either may go to the archive.
ALTER TABLE tickets ADD COLUMN merged_into_id TEXT;
ALTER TABLE tickets ADD COLUMN merged_at_ms BIGINT;
ALTER TABLE tickets ADD COLUMN merge_sight TEXT CHECK (merge_sight IN ('shared', 'internal'));
ALTER TABLE tickets ADD COLUMN split_from_id TEXT;
ALTER TABLE tickets ADD COLUMN closed_at_ms BIGINT;
ALTER TABLE tickets ADD COLUMN first_replied_at_ms BIGINT;
-- Followers, copies and checklist as they are read and written; what is looked up stands in tables of its own.
ALTER TABLE tickets ADD COLUMN handling_json TEXT NOT NULL DEFAULT '{}';

UPDATE tickets SET first_replied_at_ms = (SELECT MIN(m.created_at_ms) FROM messages m
    WHERE m.ticket_id = tickets.id AND m.kind = 'reply' AND m.author = 'agent');
UPDATE tickets SET closed_at_ms = (SELECT MAX(h.at_ms) FROM ticket_history h
    WHERE h.ticket_id = tickets.id AND h.field = 'status' AND h.new_value = 'closed') WHERE status = 'closed';

-- The queues of agents ask for these two as well.
DROP INDEX tickets_unsolved;
CREATE INDEX tickets_unsolved ON tickets (updated_at_ms, id, created_at_ms, urgency, status, priority, team, assignee_id,
    customer_id, locale, number, solved_at_ms, custom_status, snoozed_until_ms) WHERE is_unsolved = 1;
CREATE INDEX tickets_by_custom_status_and_creation ON tickets (custom_status, created_at_ms, id)
    WHERE custom_status IS NOT NULL;
CREATE INDEX tickets_by_custom_status_and_update ON tickets (custom_status, updated_at_ms, id)
    WHERE custom_status IS NOT NULL;
CREATE INDEX tickets_by_snooze ON tickets (snoozed_until_ms, id) WHERE snoozed_until_ms IS NOT NULL;
CREATE INDEX tickets_by_merge ON tickets (merged_into_id, id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE ticket_followers (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_followers_by_user ON ticket_followers (user_id, ticket_id);

CREATE TABLE ticket_copies (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    address   TEXT NOT NULL,
    PRIMARY KEY (ticket_id, address)
);
CREATE INDEX ticket_copies_by_address ON ticket_copies (address, ticket_id);

-- parent: the ticket is the parent of the other one. duplicate: it asks what the other one asks already.
CREATE TABLE ticket_links (
    id          TEXT   NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL CHECK (kind IN ('parent', 'related', 'duplicate')),
    ticket_id   TEXT   NOT NULL,
    other_id    TEXT   NOT NULL,
    author      TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id   TEXT,
    author_name TEXT,
    at_ms       BIGINT NOT NULL,
    UNIQUE (ticket_id, other_id)
);
CREATE INDEX ticket_links_by_other ON ticket_links (other_id, id);

-- What was done to two tickets at once, with what is needed to take it back.
CREATE TABLE ticket_operations (
    id           TEXT   NOT NULL PRIMARY KEY,
    ticket_id    TEXT   NOT NULL,
    other_id     TEXT   NOT NULL,
    deed_json    TEXT   NOT NULL,
    author       TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id    TEXT,
    author_name  TEXT,
    at_ms        BIGINT NOT NULL,
    undone_at_ms BIGINT
);
CREATE INDEX ticket_operations_by_ticket ON ticket_operations (ticket_id, id);
CREATE INDEX ticket_operations_by_other ON ticket_operations (other_id, id);
