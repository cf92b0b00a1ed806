-- Invites: with one, a person sets their password. Each has at most one; the secret is stored as SHA-256 only.

CREATE TABLE invites (
    user_id       TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    token_hash    TEXT   NOT NULL UNIQUE,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX invites_by_expiry ON invites (expires_at_ms);
