-- Organisations, what customers are known by, notes, segments and merges.

CREATE TABLE organisations (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE,
    external_id   TEXT   UNIQUE,
    tags_json     TEXT   NOT NULL,
    fields_json   TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    revision      BIGINT NOT NULL
);

CREATE TABLE organisation_domains (
    domain          TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id)
);
CREATE INDEX organisation_domains_by_organisation ON organisation_domains (organisation_id, domain);

-- email is the address that answers go to; it stands in customer_identities too.
ALTER TABLE customers ADD COLUMN locale TEXT;
ALTER TABLE customers ADD COLUMN organisation_id TEXT REFERENCES organisations (id);
ALTER TABLE customers ADD COLUMN organisation_by TEXT NOT NULL DEFAULT 'domain' CHECK (organisation_by IN ('domain', 'hand'));
ALTER TABLE customers ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customers ADD COLUMN fields_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN seen_at_ms BIGINT;
ALTER TABLE customers ADD COLUMN merged_into TEXT REFERENCES customers (id);
ALTER TABLE customers ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
UPDATE customers SET
    seen_at_ms = created_at_ms,
    locale = (SELECT t.locale FROM tickets t WHERE t.customer_id = customers.id ORDER BY t.created_at_ms DESC, t.id LIMIT 1);
CREATE INDEX customers_by_organisation ON customers (organisation_id, name, id) WHERE organisation_id IS NOT NULL;
CREATE INDEX customers_by_name ON customers (name, id);
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- likeness is what two values have in common that may be the same; domain is that of an address.
CREATE TABLE customer_identities (
    id             TEXT   NOT NULL PRIMARY KEY,
    customer_id    TEXT   NOT NULL REFERENCES customers (id),
    kind           TEXT   NOT NULL CHECK (kind IN ('email', 'phone', 'external_id', 'visitor')),
    value          TEXT   NOT NULL,
    domain         TEXT,
    likeness       TEXT   NOT NULL,
    verified_at_ms BIGINT,
    created_at_ms  BIGINT NOT NULL,
    UNIQUE (kind, value)
);
CREATE INDEX customer_identities_by_customer ON customer_identities (customer_id, kind, id);
CREATE INDEX customer_identities_by_domain ON customer_identities (domain, customer_id) WHERE domain IS NOT NULL;
CREATE INDEX customer_identities_by_likeness ON customer_identities (likeness, kind, customer_id);
-- The address that a customer came with has their id. RTRIM leaves what stands up to the last @.
INSERT INTO customer_identities (id, customer_id, kind, value, domain, likeness, created_at_ms)
    SELECT id, id, 'email', email, SUBSTR(email, LENGTH(RTRIM(email, REPLACE(email, '@', ''))) + 1), LOWER(email), created_at_ms
    FROM customers WHERE email IS NOT NULL;

-- What filters compare; the columns of customers hold what is read and written.
CREATE TABLE customer_tags (
    customer_id TEXT NOT NULL REFERENCES customers (id),
    tag         TEXT NOT NULL,
    PRIMARY KEY (customer_id, tag)
);
CREATE INDEX customer_tags_by_tag ON customer_tags (tag, customer_id);
CREATE TABLE customer_field_values (
    customer_id TEXT   NOT NULL REFERENCES customers (id),
    field_key   TEXT   NOT NULL,
    text_value  TEXT   NOT NULL,
    millionths  BIGINT,
    PRIMARY KEY (customer_id, field_key, text_value)
);
CREATE INDEX customer_field_values_by_value ON customer_field_values (field_key, text_value, customer_id);
CREATE INDEX customer_field_values_by_number ON customer_field_values (field_key, millionths, customer_id);

-- On a customer or on an organisation.
CREATE TABLE notes (
    id              TEXT   NOT NULL PRIMARY KEY,
    customer_id     TEXT   REFERENCES customers (id),
    organisation_id TEXT   REFERENCES organisations (id),
    author          TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id       TEXT,
    author_name     TEXT,
    body            TEXT   NOT NULL,
    created_at_ms   BIGINT NOT NULL
);
CREATE INDEX notes_by_customer ON notes (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX notes_by_organisation ON notes (organisation_id, id) WHERE organisation_id IS NOT NULL;

CREATE TABLE segments (
    segment_key   TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    filter        TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    revision      BIGINT NOT NULL
);

-- moved_json is all that was moved, so that it can be moved back.
CREATE TABLE customer_merges (
    id           TEXT   NOT NULL PRIMARY KEY,
    kept_id      TEXT   NOT NULL REFERENCES customers (id),
    merged_id    TEXT   NOT NULL REFERENCES customers (id),
    at_ms        BIGINT NOT NULL,
    ends_at_ms   BIGINT NOT NULL,
    undone_at_ms BIGINT,
    moved_json   TEXT   NOT NULL
);
CREATE INDEX customer_merges_by_kept ON customer_merges (kept_id, id);
CREATE INDEX customer_merges_by_merged ON customer_merges (merged_id, id);

-- Where the customer belonged when the ticket was opened, unless somebody changed it since.
ALTER TABLE tickets ADD COLUMN organisation_id TEXT REFERENCES organisations (id);
CREATE INDEX tickets_by_organisation_and_creation ON tickets (organisation_id, created_at_ms, id, status)
    WHERE organisation_id IS NOT NULL;

-- Customers and organisations have fields too; each kind of thing has its own keys.
CREATE TABLE custom_fields (
    field_of      TEXT   NOT NULL CHECK (field_of IN ('ticket', 'customer', 'organisation')),
    field_key     TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    kind_json     TEXT   NOT NULL,
    show_when     TEXT,
    required      TEXT   NOT NULL CHECK (required IN ('never', 'on_solve')),
    position      BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('active', 'retired')),
    revision      BIGINT NOT NULL,
    PRIMARY KEY (field_of, field_key)
);
INSERT INTO custom_fields (field_of, field_key, title, kind_json, show_when, required, position, state, revision)
    SELECT 'ticket', field_key, title, kind_json, show_when, required, position, state, revision FROM ticket_fields;
DROP TABLE ticket_fields;
