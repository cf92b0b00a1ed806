-- Customers who are being erased, and the tickets that were theirs.

-- Name and address, which are looked for in what others wrote, while the erasure goes on. The row goes at its end: the
-- database refuses that as long as anything is left that refers to it.
ALTER TABLE customers ADD COLUMN erasing_json TEXT;
CREATE INDEX customers_being_erased ON customers (id) WHERE erasing_json IS NOT NULL;

-- Nothing is learned from these.
ALTER TABLE tickets ADD COLUMN erased_at_ms BIGINT;
