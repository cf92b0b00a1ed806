-- What agents say and do again and again.

-- folder is a path with / between its names, empty for none. owner_id is whose it is when it is private; team_key whose when a
-- team shares it. n_used counts texts that were made of it.
CREATE TABLE canned_replies (
    id              TEXT   NOT NULL PRIMARY KEY,
    title           TEXT   NOT NULL,
    body            TEXT   NOT NULL,
    folder          TEXT   NOT NULL,
    sharing         TEXT   NOT NULL CHECK (sharing IN ('private', 'team', 'everyone')),
    owner_id        TEXT   REFERENCES users (id),
    team_key        TEXT   REFERENCES teams (team_key),
    n_used          BIGINT NOT NULL,
    last_used_at_ms BIGINT,
    created_at_ms   BIGINT NOT NULL,
    updated_at_ms   BIGINT NOT NULL,
    revision        BIGINT NOT NULL
);
CREATE INDEX canned_replies_by_sharing ON canned_replies (sharing, folder, title, id);
CREATE INDEX canned_replies_by_owner ON canned_replies (owner_id);
CREATE INDEX canned_replies_by_team ON canned_replies (team_key);

CREATE TABLE macros (
    id              TEXT   NOT NULL PRIMARY KEY,
    name            TEXT   NOT NULL,
    actions_json    TEXT   NOT NULL,
    sharing         TEXT   NOT NULL CHECK (sharing IN ('private', 'team', 'everyone')),
    owner_id        TEXT   REFERENCES users (id),
    team_key        TEXT   REFERENCES teams (team_key),
    position        BIGINT NOT NULL,
    n_used          BIGINT NOT NULL,
    last_used_at_ms BIGINT,
    created_at_ms   BIGINT NOT NULL,
    updated_at_ms   BIGINT NOT NULL,
    revision        BIGINT NOT NULL
);
CREATE INDEX macros_by_sharing ON macros (sharing, position, id);
CREATE INDEX macros_by_owner ON macros (owner_id);
CREATE INDEX macros_by_team ON macros (team_key);
