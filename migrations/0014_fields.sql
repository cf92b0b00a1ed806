-- Custom fields: what they are, and the values of tickets.

CREATE TABLE ticket_fields (
    field_key     TEXT   NOT NULL PRIMARY KEY,
    title         TEXT   NOT NULL,
    kind_json     TEXT   NOT NULL,
    show_when     TEXT,
    required      TEXT   NOT NULL CHECK (required IN ('never', 'on_solve')),
    position      BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('active', 'retired')),
    revision      BIGINT NOT NULL
);

-- The values as they are read and written; what filters compare stands in ticket_field_values.
ALTER TABLE tickets ADD COLUMN fields_json TEXT NOT NULL DEFAULT '{}';

-- A row for each choice of a field with several. millionths is the number, or the days since 1970, where it is one.
CREATE TABLE ticket_field_values (
    ticket_id  TEXT   NOT NULL REFERENCES tickets (id),
    field_key  TEXT   NOT NULL,
    text_value TEXT   NOT NULL,
    millionths BIGINT,
    PRIMARY KEY (ticket_id, field_key, text_value)
);
CREATE INDEX ticket_field_values_by_value ON ticket_field_values (field_key, text_value, ticket_id);
CREATE INDEX ticket_field_values_by_number ON ticket_field_values (field_key, millionths, ticket_id);

-- Changes of custom fields are history too, as 'field.' and the key; the code knows which there are.
CREATE TABLE ticket_history_of_all (
    id           TEXT   NOT NULL PRIMARY KEY,
    ticket_id    TEXT   NOT NULL REFERENCES tickets (id),
    at_ms        BIGINT NOT NULL,
    author       TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id    TEXT,
    author_name  TEXT,
    field        TEXT   NOT NULL,
    old_value    TEXT,
    new_value    TEXT
);
INSERT INTO ticket_history_of_all (id, ticket_id, at_ms, author, author_id, author_name, field, old_value, new_value)
    SELECT id, ticket_id, at_ms, author, author_id, author_name, field, old_value, new_value FROM ticket_history;
DROP TABLE ticket_history;
ALTER TABLE ticket_history_of_all RENAME TO ticket_history;
CREATE INDEX ticket_history_by_ticket ON ticket_history (ticket_id, id);
