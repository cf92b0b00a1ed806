-- Teams, who is in them, and whose tickets people and keys see.

CREATE TABLE teams (
    team_key      TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL
);
INSERT INTO teams (team_key, name, created_at_ms) SELECT team, team, MIN(created_at_ms) FROM tickets GROUP BY team;

CREATE TABLE team_members (
    team_key TEXT NOT NULL REFERENCES teams (team_key),
    user_id  TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_key, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id, team_key);

ALTER TABLE users ADD COLUMN sees TEXT NOT NULL DEFAULT 'all' CHECK (sees IN ('all', 'own_teams'));

-- Absent for all teams.
ALTER TABLE api_keys ADD COLUMN teams_json TEXT;
