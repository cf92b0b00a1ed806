-- Where a person is signed in, and who may no longer sign in.

ALTER TABLE users ADD COLUMN deactivated_at_ms BIGINT;
ALTER TABLE users ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- browser and network are words for people: "Firefox on Linux", "192.0.2.0/24".
ALTER TABLE sessions ADD COLUMN last_seen_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';
UPDATE sessions SET last_seen_at_ms = created_at_ms;
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at_ms, id);
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);
