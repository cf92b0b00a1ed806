-- Reports: what was counted, of what, and how far.

-- What became of each promise to a customer, in each of its cycles. ticket_sla knows the last cycle only.
CREATE TABLE sla_outcomes (
    ticket_id TEXT   NOT NULL REFERENCES tickets (id),
    metric    TEXT   NOT NULL CHECK (metric IN ('first_reply', 'next_reply', 'resolution')),
    cycle     BIGINT NOT NULL,
    outcome   TEXT   NOT NULL CHECK (outcome IN ('met', 'missed')),
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, metric, cycle)
);
INSERT INTO sla_outcomes (ticket_id, metric, cycle, outcome, at_ms)
    SELECT ticket_id, metric, cycle, CASE WHEN breached_at_ms IS NULL THEN 'met' ELSE 'missed' END,
        COALESCE(breached_at_ms, fulfilled_at_ms)
    FROM ticket_sla WHERE breached_at_ms IS NOT NULL OR fulfilled_at_ms IS NOT NULL;

-- What is known of each ticket and conversation: numbers, times and ids, no words. Taken back and counted anew when it changes.
-- Of another generation than the state's: not counted yet.
CREATE TABLE report_facts (
    kind       TEXT   NOT NULL CHECK (kind IN ('ticket', 'conversation')),
    subject_id TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    facts_json TEXT   NOT NULL,
    PRIMARY KEY (kind, subject_id)
);

-- Sums of all facts, for a day or a month, by days since 1970 in the time zone of the state. Lengths of time are histograms.
CREATE TABLE report_cells (
    grain               TEXT   NOT NULL CHECK (grain IN ('day', 'month')),
    dimension           TEXT   NOT NULL,
    day                 BIGINT NOT NULL,
    team                TEXT   NOT NULL,
    dimension_key       TEXT   NOT NULL,
    n_created           BIGINT NOT NULL,
    n_solved            BIGINT NOT NULL,
    n_reopened          BIGINT NOT NULL,
    n_backlog           BIGINT NOT NULL,
    n_resolved          BIGINT NOT NULL,
    n_one_touch         BIGINT NOT NULL,
    n_replies           BIGINT NOT NULL,
    n_handed_asked      BIGINT NOT NULL,
    n_handed_unhelpful  BIGINT NOT NULL,
    n_handed_abstained  BIGINT NOT NULL,
    n_handed_policy     BIGINT NOT NULL,
    n_handed_failure    BIGINT NOT NULL,
    n_first_reply_met   BIGINT NOT NULL,
    n_first_reply_missed BIGINT NOT NULL,
    n_next_reply_met    BIGINT NOT NULL,
    n_next_reply_missed BIGINT NOT NULL,
    n_resolution_met    BIGINT NOT NULL,
    n_resolution_missed BIGINT NOT NULL,
    n_drafts_shown      BIGINT NOT NULL,
    n_drafts_used       BIGINT NOT NULL,
    n_drafts_edited     BIGINT NOT NULL,
    n_drafts_dismissed  BIGINT NOT NULL,
    n_conversations     BIGINT NOT NULL,
    n_bot_resolved      BIGINT NOT NULL,
    n_bot_handed_over   BIGINT NOT NULL,
    n_answers_helpful   BIGINT NOT NULL,
    n_answers_unhelpful BIGINT NOT NULL,
    first_reply_wall    TEXT   NOT NULL,
    first_reply_open    TEXT   NOT NULL,
    resolution_wall     TEXT   NOT NULL,
    resolution_open     TEXT   NOT NULL,
    PRIMARY KEY (grain, dimension, day, team, dimension_key)
);

-- One row: how far the counting is. Absent until it begins.
CREATE TABLE report_state (
    name       TEXT   NOT NULL PRIMARY KEY,
    zone       TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    phase      TEXT   NOT NULL CHECK (phase IN ('clearing', 'tickets', 'conversations', 'leftovers', 'ready')),
    after_id   TEXT   NOT NULL,
    event_seq  BIGINT NOT NULL
);

-- Votes on articles are few and counted where they are.
CREATE INDEX votes_by_time ON votes (created_at_ms, feedback);
