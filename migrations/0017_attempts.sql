-- Attempts to sign in, counted before they are evaluated; and which browser asked for a link.

-- subject is a SHA-256: of an address, known or not, of a network, of a link's asker.
CREATE TABLE attempts (
    subject         TEXT   NOT NULL PRIMARY KEY,
    n               BIGINT NOT NULL,
    last_at_ms      BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL
);
CREATE INDEX attempts_by_time ON attempts (last_at_ms);

-- Absent for links that an admin made: they work in any browser.
ALTER TABLE sign_in_links ADD COLUMN browser_hash TEXT;
