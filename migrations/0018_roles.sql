-- Roles that a site makes, besides admin, agent and editor, which are in the program.

CREATE TABLE roles (
    role_key      TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    scopes_json   TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- A person's role is the key of either kind: the column without its check.
ALTER TABLE users ADD COLUMN role_key TEXT NOT NULL DEFAULT 'agent';
UPDATE users SET role_key = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN role_key TO role;

-- Who could write tickets could speak in conversations, which has a scope of its own now.
UPDATE api_keys SET scopes_json = REPLACE(scopes_json, '"tickets:write"', '"tickets:write","conversations:write"')
    WHERE scopes_json LIKE '%"tickets:write"%';
