-- What customers are promised, and how tickets stand to it.

CREATE TABLE sla_policies (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    position      BIGINT NOT NULL,
    condition     TEXT   NOT NULL,
    targets_json  TEXT   NOT NULL,
    -- Absent where all time counts.
    schedule_id   TEXT   REFERENCES schedules (id),
    warn_percent  BIGINT NOT NULL,
    revision      BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX sla_policies_by_schedule ON sla_policies (schedule_id);

-- The clocks of a ticket for which a policy holds or held. next_at_ms is when they next have something to say, is_open
-- whether the ticket is neither solved nor closed.
CREATE TABLE sla_clocks (
    ticket_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tickets (id),
    policy_id  TEXT   REFERENCES sla_policies (id),
    state_json TEXT   NOT NULL,
    is_open    BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    next_at_ms BIGINT
);
CREATE INDEX sla_clocks_by_next ON sla_clocks (next_at_ms, ticket_id) WHERE next_at_ms IS NOT NULL;
CREATE INDEX sla_clocks_by_policy ON sla_clocks (policy_id, is_open);

-- How they read: written with sla_clocks.
CREATE TABLE ticket_sla (
    ticket_id       TEXT   NOT NULL REFERENCES tickets (id),
    metric          TEXT   NOT NULL CHECK (metric IN ('first_reply', 'next_reply', 'resolution')),
    cycle           BIGINT NOT NULL,
    target_min      BIGINT NOT NULL,
    due_at_ms       BIGINT,
    warn_at_ms      BIGINT,
    paused          BIGINT NOT NULL CHECK (paused IN (0, 1)),
    fulfilled_at_ms BIGINT,
    warned_at_ms    BIGINT,
    breached_at_ms  BIGINT,
    n_breaches      BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, metric)
);
