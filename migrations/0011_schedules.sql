-- When teams and agents work, and when somebody is away.

CREATE TABLE schedules (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    zone          TEXT   NOT NULL,
    hours_json    TEXT   NOT NULL,
    holidays_json TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

CREATE TABLE absences (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    starts_at_ms BIGINT NOT NULL,
    ends_at_ms   BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    CHECK (starts_at_ms < ends_at_ms)
);
CREATE INDEX absences_by_user ON absences (user_id, ends_at_ms);
