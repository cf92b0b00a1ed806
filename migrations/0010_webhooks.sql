-- Webhooks: who is told what happens, what they are told, and what became of it.

CREATE TABLE webhooks (
    id               TEXT   NOT NULL PRIMARY KEY,
    url              TEXT   NOT NULL,
    description      TEXT   NOT NULL,
    kinds_json       TEXT   NOT NULL,
    state            TEXT   NOT NULL CHECK (state IN ('enabled', 'disabled')),
    disabled_why     TEXT   CHECK (disabled_why IN ('by_admin', 'gone', 'failing', 'behind')),
    disabled_at_ms   BIGINT,
    since_seq        BIGINT NOT NULL,
    failing_since_ms BIGINT,
    paused_until_ms  BIGINT,
    created_at_ms    BIGINT NOT NULL,
    updated_at_ms    BIGINT NOT NULL,
    revision         BIGINT NOT NULL,
    CHECK ((state = 'disabled') = (disabled_why IS NOT NULL)),
    CHECK ((state = 'disabled') = (disabled_at_ms IS NOT NULL))
);

-- What messages are signed with, sealed with the site's key. The newest has no end; those before it end soon.
CREATE TABLE webhook_secrets (
    id            TEXT   NOT NULL PRIMARY KEY,
    webhook_id    TEXT   NOT NULL REFERENCES webhooks (id),
    sealed        TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT
);
CREATE INDEX webhook_secrets_by_webhook ON webhook_secrets (webhook_id, id);
CREATE INDEX webhook_secrets_by_expiry ON webhook_secrets (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Of those that are not finished, one of each subject is waiting and the later ones are queued behind it.
-- Bodies name what happened by ids and never hold its words.
CREATE TABLE webhook_deliveries (
    id              TEXT   NOT NULL PRIMARY KEY,
    webhook_id      TEXT   NOT NULL REFERENCES webhooks (id),
    event_seq       BIGINT,
    kind            TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    body            TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('queued', 'waiting', 'delivered', 'failed')),
    n_attempts      BIGINT NOT NULL,
    n_failures      BIGINT NOT NULL,
    next_at_ms      BIGINT NOT NULL,
    leased_until_ms BIGINT,
    last_at_ms      BIGINT,
    last_status     BIGINT,
    last_error      TEXT,
    last_said       TEXT,
    created_at_ms   BIGINT NOT NULL,
    finished_at_ms  BIGINT,
    UNIQUE (webhook_id, event_seq),
    CHECK ((state IN ('delivered', 'failed')) = (finished_at_ms IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, state, next_at_ms)
    WHERE finished_at_ms IS NULL;
CREATE INDEX webhook_deliveries_by_subject ON webhook_deliveries (webhook_id, subject, event_seq)
    WHERE finished_at_ms IS NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, id);
CREATE INDEX webhook_deliveries_by_end ON webhook_deliveries (finished_at_ms) WHERE finished_at_ms IS NOT NULL;

-- Up to which event messages were made. What is older than a week may be forgotten only up to here.
INSERT INTO counters (name, value) SELECT 'webhook', value FROM counters WHERE name = 'event';
