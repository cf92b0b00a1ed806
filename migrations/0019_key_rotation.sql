-- Keys that get a new secret while the old one lives on for a while, and when a key was last used.

ALTER TABLE api_keys ADD COLUMN last_used_at_ms BIGINT;
ALTER TABLE api_keys ADD COLUMN old_secret_hash TEXT;
ALTER TABLE api_keys ADD COLUMN old_secret_ends_at_ms BIGINT;
ALTER TABLE api_keys ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE INDEX api_keys_by_old_secret ON api_keys (old_secret_hash);
