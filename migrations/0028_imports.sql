-- What was imported from other systems, by the ids that it had there: an import that runs again makes nothing twice.

-- hash is that of the record as it was last taken over, revision that of the ticket right after: with another one somebody has
-- changed it here since. changed_at_ms is when it last changed there.
CREATE TABLE imported_tickets (
    source        TEXT   NOT NULL,
    external_id   TEXT   NOT NULL,
    ticket_id     TEXT   NOT NULL,
    hash          TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    batch_id      TEXT   NOT NULL,
    PRIMARY KEY (source, external_id)
);
CREATE INDEX imported_tickets_by_batch ON imported_tickets (batch_id, ticket_id);

-- external_hash is the SHA-256 of the id. A row without a customer stands for one who was erased: they are not made again.
CREATE TABLE imported_customers (
    source        TEXT   NOT NULL,
    external_hash TEXT   NOT NULL,
    customer_id   TEXT   REFERENCES customers (id),
    hash          TEXT   NOT NULL,
    PRIMARY KEY (source, external_hash)
);
CREATE INDEX imported_customers_by_customer ON imported_customers (customer_id);
