-- Questions in customers' own words, proposed as alternative questions of the article that answered them.

-- Texts hold no personal data. customer_id is whose words they are, if known.
CREATE TABLE proposed_questions (
    id            TEXT             NOT NULL PRIMARY KEY,
    article_id    TEXT             NOT NULL REFERENCES articles (id),
    locale        TEXT             NOT NULL,
    question      TEXT             NOT NULL,
    n_askers      BIGINT           NOT NULL,
    confidence    DOUBLE PRECISION NOT NULL,
    customer_id   TEXT             REFERENCES customers (id),
    state         TEXT             NOT NULL CHECK (state IN ('proposed', 'accepted', 'dismissed')),
    created_at_ms BIGINT           NOT NULL,
    decided_at_ms BIGINT,
    UNIQUE (article_id, locale, question)
);
CREATE INDEX proposed_questions_by_state ON proposed_questions (state, article_id);
CREATE INDEX proposed_questions_by_customer ON proposed_questions (customer_id);

-- The subject of a remembered ticket, without personal data: what was asked, in short.
ALTER TABLE solved_tickets ADD COLUMN topic TEXT NOT NULL DEFAULT '';

-- Which cited article the customer opened after a turn of the bot.
ALTER TABLE turns ADD COLUMN opened_article_id TEXT REFERENCES articles (id);
