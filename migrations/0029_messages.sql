-- Messages: formatted text, mentions, replies that wait to be sent, and files.

-- The clean HTML of what was written as HTML. What was written as Markdown is rendered from the body when it is shown.
ALTER TABLE messages ADD COLUMN html TEXT;

-- Replies that are not sent yet. Nothing that reads messages sees them; each becomes the message with its id.
CREATE TABLE waiting_replies (
    id                   TEXT   NOT NULL PRIMARY KEY,
    ticket_id            TEXT   NOT NULL REFERENCES tickets (id),
    writer               TEXT   NOT NULL CHECK (writer IN ('person', 'key')),
    writer_id            TEXT   NOT NULL,
    writer_name          TEXT   NOT NULL,
    suggestion_id        TEXT,
    then_status          TEXT,
    send_at_ms           BIGINT NOT NULL,
    stopped              TEXT   CHECK (stopped IN ('author_gone', 'ticket_closed')),
    customer_wrote_at_ms BIGINT,
    created_at_ms        BIGINT NOT NULL,
    body                 TEXT   NOT NULL,
    html                 TEXT
);
CREATE INDEX waiting_replies_by_time ON waiting_replies (send_at_ms, id) WHERE stopped IS NULL;
CREATE INDEX waiting_replies_by_ticket ON waiting_replies (ticket_id, send_at_ms, id);

-- People who are named in notes. Of which ticket is up to the message.
CREATE TABLE mentions (
    id            TEXT   NOT NULL PRIMARY KEY,
    message_id    TEXT   NOT NULL REFERENCES messages (id),
    user_id       TEXT   NOT NULL REFERENCES users (id),
    created_at_ms BIGINT NOT NULL,
    read_at_ms    BIGINT,
    UNIQUE (message_id, user_id)
);
CREATE INDEX mentions_by_person ON mentions (user_id, id);

-- Files. The row is there before the file and goes after it, so that no file is without a row.
-- message_id is that of a message or of a reply that waits; absent while the file belongs to nothing.
CREATE TABLE attachments (
    id            TEXT   NOT NULL PRIMARY KEY,
    capability    TEXT   NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('uploading', 'ready', 'deleted')),
    uploader      TEXT   NOT NULL CHECK (uploader IN ('person', 'key')),
    uploader_id   TEXT   NOT NULL,
    message_id    TEXT,
    name          TEXT   NOT NULL,
    media_type    TEXT   NOT NULL,
    n_bytes       BIGINT NOT NULL,
    sha256        TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    free_since_ms BIGINT NOT NULL
);
CREATE INDEX attachments_by_message ON attachments (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_free ON attachments (free_since_ms, id) WHERE message_id IS NULL;
CREATE INDEX attachments_free_by_uploader ON attachments (uploader_id) WHERE message_id IS NULL;
