-- Saved lists of tickets.

-- filter is the text of the filter language. owner_id is whose it is when it is private; team_key whose when a team shares it.
CREATE TABLE views (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    filter        TEXT   NOT NULL,
    sort          TEXT   NOT NULL,
    group_by      TEXT   CHECK (group_by IN ('status', 'priority', 'team', 'assignee')),
    columns_json  TEXT   NOT NULL,
    sharing       TEXT   NOT NULL CHECK (sharing IN ('private', 'team', 'everyone')),
    owner_id      TEXT   REFERENCES users (id),
    team_key      TEXT   REFERENCES teams (team_key),
    position      BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    revision      BIGINT NOT NULL
);
CREATE INDEX views_by_sharing ON views (sharing, position, id);
CREATE INDEX views_by_owner ON views (owner_id);
CREATE INDEX views_by_team ON views (team_key);
