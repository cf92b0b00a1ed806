-- The same actions for many tickets, one after the other, and taken back.

-- writer is who made it, undoer who wants it undone; filter is none where its tickets were named. The counts follow from the
-- tickets of the job and are changed with them: counting a hundred thousand rows for everyone who asks how far it is would take
-- longer than the job.
CREATE TABLE bulk_jobs (
    id               TEXT   NOT NULL PRIMARY KEY,
    writer           TEXT   NOT NULL CHECK (writer IN ('person', 'key')),
    writer_id        TEXT   NOT NULL,
    filter           TEXT,
    actions_json     TEXT   NOT NULL,
    state            TEXT   NOT NULL CHECK (state IN
        ('gathering', 'waiting', 'running', 'finished', 'stopped', 'cancelled', 'undoing', 'undone')),
    stopped          TEXT   CHECK (stopped IN ('doer_gone', 'not_allowed', 'interrupted')),
    n_tickets        BIGINT NOT NULL,
    n_done           BIGINT NOT NULL,
    n_unchanged      BIGINT NOT NULL,
    n_failed         BIGINT NOT NULL,
    n_undone         BIGINT NOT NULL,
    n_partly         BIGINT NOT NULL,
    n_kept           BIGINT NOT NULL,
    undoer           TEXT   CHECK (undoer IN ('person', 'key')),
    undoer_id        TEXT,
    undo_reached     BIGINT NOT NULL,
    created_at_ms    BIGINT NOT NULL,
    started_at_ms    BIGINT,
    ended_at_ms      BIGINT,
    undo_began_at_ms BIGINT,
    undone_at_ms     BIGINT
);
CREATE INDEX bulk_jobs_by_writer ON bulk_jobs (writer_id, id);
CREATE INDEX bulk_jobs_open ON bulk_jobs (id) WHERE state IN ('gathering', 'waiting', 'running', 'undoing');

-- The tickets of a job. ticket_id refers to nothing: a job must not keep a ticket from being deleted or moved to the archive, and
-- what was named and is no ticket stands here as it was named. change_json is what is needed to put the ticket back, kept_json
-- what was not put back and why; both go when the ticket's customer is erased.
CREATE TABLE bulk_job_tickets (
    job_id      TEXT   NOT NULL REFERENCES bulk_jobs (id),
    position    BIGINT NOT NULL,
    ticket_id   TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('waiting', 'done', 'unchanged', 'failed')),
    reason      TEXT,
    change_json TEXT,
    undo        TEXT   NOT NULL CHECK (undo IN ('none', 'undone', 'partly', 'kept')),
    kept_json   TEXT,
    PRIMARY KEY (job_id, position)
);
CREATE INDEX bulk_job_tickets_by_state ON bulk_job_tickets (job_id, state, position);
CREATE INDEX bulk_job_tickets_by_ticket ON bulk_job_tickets (ticket_id);
