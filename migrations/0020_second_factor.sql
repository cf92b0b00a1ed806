-- Second factors (RFC 6238), and sign-ins that wait for one.

-- sealed_secret is encrypted with the site's key. A code is accepted only for a later step than the last one.
CREATE TABLE second_factors (
    user_id         TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed_secret   TEXT   NOT NULL,
    last_step       BIGINT NOT NULL,
    created_at_ms   BIGINT NOT NULL,
    confirmed_at_ms BIGINT
);

CREATE TABLE recovery_codes (
    user_id    TEXT NOT NULL REFERENCES users (id),
    code_hash  TEXT NOT NULL,
    used_at_ms BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE second_steps (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX second_steps_by_user ON second_steps (user_id);
CREATE INDEX second_steps_by_expiry ON second_steps (expires_at_ms);
