-- The first schema: knowledge base, people, conversations, tickets, and the logs that others follow.
-- README.md in this folder names the subset of SQL that this text keeps to.

-- Knowledge base --------------------------------------------------------------------------------

CREATE TABLE collections (
    id          TEXT   NOT NULL PRIMARY KEY,
    slug        TEXT   NOT NULL UNIQUE,
    title       TEXT   NOT NULL,
    description TEXT   NOT NULL,
    position    BIGINT NOT NULL
);

CREATE TABLE articles (
    id            TEXT   NOT NULL PRIMARY KEY,
    slug          TEXT   NOT NULL UNIQUE,
    collection_id TEXT   REFERENCES collections (id),
    audience      TEXT   NOT NULL,
    external_id   TEXT   UNIQUE,
    position      BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX articles_by_collection ON articles (collection_id, position);

-- Retired addresses. A living article's own slug wins over them.
CREATE TABLE redirects (
    slug       TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id)
);

-- Immutable: citations point into bodies.
CREATE TABLE versions (
    id             TEXT   NOT NULL PRIMARY KEY,
    article_id     TEXT   NOT NULL REFERENCES articles (id),
    locale         TEXT   NOT NULL,
    number         BIGINT NOT NULL,
    title          TEXT   NOT NULL,
    questions_json TEXT   NOT NULL,
    created_at_ms  BIGINT NOT NULL,
    body           TEXT   NOT NULL,
    UNIQUE (article_id, locale, number)
);

-- Working texts. What readers see is the published version.
CREATE TABLE translations (
    article_id           TEXT   NOT NULL REFERENCES articles (id),
    locale               TEXT   NOT NULL,
    state                TEXT   NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    published_version_id TEXT   UNIQUE REFERENCES versions (id),
    revision             BIGINT NOT NULL,
    source_hash          TEXT,
    updated_at_ms        BIGINT NOT NULL,
    title                TEXT   NOT NULL,
    questions_json       TEXT   NOT NULL,
    body                 TEXT   NOT NULL,
    PRIMARY KEY (article_id, locale),
    CHECK ((state = 'published') = (published_version_id IS NOT NULL))
);

-- Passages of published versions only: those of a replaced version go with it, its body stays.
CREATE TABLE passages (
    version_id    TEXT   NOT NULL REFERENCES versions (id),
    ordinal       BIGINT NOT NULL,
    anchor        TEXT   NOT NULL,
    start_byte    BIGINT NOT NULL,
    end_byte      BIGINT NOT NULL,
    headings_json TEXT   NOT NULL,
    segments_json TEXT   NOT NULL,
    PRIMARY KEY (version_id, ordinal)
);

-- Embeddings by content: little-endian f32, dims of them, under the SHA-256 of the text.
CREATE TABLE vectors (
    model_id  TEXT   NOT NULL,
    text_hash TEXT   NOT NULL,
    dims      BIGINT NOT NULL,
    vector    BLOB   NOT NULL,
    PRIMARY KEY (model_id, text_hash)
);

CREATE TABLE votes (
    id            TEXT   NOT NULL PRIMARY KEY,
    version_id    TEXT   NOT NULL REFERENCES versions (id),
    feedback      TEXT   NOT NULL CHECK (feedback IN ('helpful', 'unhelpful')),
    reason        TEXT,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX votes_by_version ON votes (version_id, feedback);

CREATE TABLE searches (
    id                 TEXT   NOT NULL PRIMARY KEY,
    query              TEXT   NOT NULL,
    locale             TEXT   NOT NULL,
    n_hits             BIGINT NOT NULL,
    clicked_article_id TEXT   REFERENCES articles (id),
    created_at_ms      BIGINT NOT NULL
);
CREATE INDEX searches_by_time ON searches (created_at_ms, n_hits);

-- People ------------------------------------------------------------------------------------------

CREATE TABLE customers (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    email         TEXT   UNIQUE,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    email         TEXT   NOT NULL UNIQUE,
    role          TEXT   NOT NULL CHECK (role IN ('admin', 'agent', 'editor')),
    password_hash TEXT,
    created_at_ms BIGINT NOT NULL
);

-- Secrets are stored as SHA-256 only.
CREATE TABLE sign_in_links (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at_ms);

CREATE TABLE sessions (
    id            TEXT   NOT NULL PRIMARY KEY,
    token_hash    TEXT   NOT NULL UNIQUE,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

CREATE TABLE api_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    secret_hash   TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    scopes_json   TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    revoked_at_ms BIGINT
);

-- Conversations -----------------------------------------------------------------------------------

-- state and deadline_at_ms repeat what state_json says, for the watchdog's index.
CREATE TABLE conversations (
    id             TEXT   NOT NULL PRIMARY KEY,
    token_hash     TEXT   NOT NULL UNIQUE,
    locale         TEXT   NOT NULL,
    customer_id    TEXT   REFERENCES customers (id),
    state          TEXT   NOT NULL CHECK (state IN ('bot', 'handing_off', 'ticketed', 'resolved')),
    deadline_at_ms BIGINT,
    state_json     TEXT   NOT NULL,
    n_turns        BIGINT NOT NULL,
    created_at_ms  BIGINT NOT NULL,
    updated_at_ms  BIGINT NOT NULL
);
CREATE INDEX conversations_by_deadline ON conversations (deadline_at_ms) WHERE deadline_at_ms IS NOT NULL;
CREATE INDEX conversations_by_customer ON conversations (customer_id);

CREATE TABLE turns (
    id              TEXT   NOT NULL PRIMARY KEY,
    conversation_id TEXT   NOT NULL REFERENCES conversations (id),
    ordinal         BIGINT NOT NULL,
    speaker         TEXT   NOT NULL CHECK (speaker IN ('customer', 'bot', 'agent')),
    feedback        TEXT   CHECK (feedback IN ('helpful', 'unhelpful')),
    created_at_ms   BIGINT NOT NULL,
    content_json    TEXT   NOT NULL,
    UNIQUE (conversation_id, ordinal)
);

CREATE TABLE traces (
    id              TEXT   NOT NULL PRIMARY KEY,
    conversation_id TEXT   NOT NULL REFERENCES conversations (id),
    created_at_ms   BIGINT NOT NULL,
    trace_json      TEXT   NOT NULL
);
CREATE INDEX traces_by_conversation ON traces (conversation_id);

-- Tickets -----------------------------------------------------------------------------------------

CREATE TABLE tickets (
    id                  TEXT   NOT NULL PRIMARY KEY,
    number              BIGINT NOT NULL UNIQUE,
    conversation_id     TEXT   UNIQUE REFERENCES conversations (id),
    customer_id         TEXT   REFERENCES customers (id),
    assignee_id         TEXT   REFERENCES users (id),
    status              TEXT   NOT NULL
        CHECK (status IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')),
    priority            TEXT   NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    team                TEXT   NOT NULL,
    locale              TEXT   NOT NULL,
    subject             TEXT   NOT NULL,
    summary             TEXT   NOT NULL,
    handoff_reason_json TEXT,
    created_at_ms       BIGINT NOT NULL,
    updated_at_ms       BIGINT NOT NULL,
    solved_at_ms        BIGINT
);
CREATE INDEX tickets_by_status ON tickets (status, id);
CREATE INDEX tickets_by_customer ON tickets (customer_id);
CREATE INDEX tickets_by_solution ON tickets (solved_at_ms, id);

CREATE TABLE messages (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES tickets (id),
    author        TEXT   NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    author_id     TEXT,
    author_name   TEXT,
    kind          TEXT   NOT NULL CHECK (kind IN ('reply', 'note', 'event')),
    created_at_ms BIGINT NOT NULL,
    body          TEXT   NOT NULL
);
CREATE INDEX messages_by_ticket ON messages (ticket_id, created_at_ms, id);

CREATE TABLE suggestions (
    id            TEXT   NOT NULL PRIMARY KEY,
    ticket_id     TEXT   NOT NULL REFERENCES tickets (id),
    rank          BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    sources_json  TEXT   NOT NULL,
    why           TEXT   NOT NULL,
    outcome       TEXT   CHECK (outcome IN ('used', 'edited', 'dismissed')),
    outcome_at_ms BIGINT,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX suggestions_by_ticket ON suggestions (ticket_id, created_at_ms, rank);

-- Work and logs -----------------------------------------------------------------------------------

CREATE TABLE jobs (
    id                TEXT   NOT NULL PRIMARY KEY,
    kind              TEXT   NOT NULL,
    payload_json      TEXT   NOT NULL,
    dedupe_key        TEXT   UNIQUE,
    state             TEXT   NOT NULL CHECK (state IN ('waiting', 'dead')),
    run_at_ms         BIGINT NOT NULL,
    n_attempts        BIGINT NOT NULL,
    last_error        TEXT,
    created_at_ms     BIGINT NOT NULL
);
CREATE INDEX jobs_by_time ON jobs (state, run_at_ms, id);

CREATE TABLE changes (
    seq        BIGINT NOT NULL PRIMARY KEY,
    article_id TEXT   NOT NULL,
    locale     TEXT   NOT NULL,
    at_ms      BIGINT NOT NULL
);

CREATE TABLE outbox (
    seq        BIGINT NOT NULL PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    event_json TEXT   NOT NULL
);

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('change', 0), ('event', 0), ('ticket', 0);

CREATE TABLE idempotency_keys (
    principal     TEXT   NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash  TEXT   NOT NULL,
    response      TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at_ms);
