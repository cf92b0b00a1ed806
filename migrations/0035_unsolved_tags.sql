-- Whether the ticket is unsolved stands beside each tag, as when it was opened does: the queue of a tag is short, however
-- many tickets had it before.
ALTER TABLE ticket_tags ADD COLUMN is_unsolved BIGINT NOT NULL DEFAULT 0;
ALTER TABLE archived_ticket_tags ADD COLUMN is_unsolved BIGINT NOT NULL DEFAULT 0;
UPDATE ticket_tags SET is_unsolved = 1 WHERE ticket_id IN (SELECT t.id FROM tickets t WHERE t.is_unsolved = 1);
CREATE INDEX ticket_tags_unsolved ON ticket_tags (tag, created_at_ms, ticket_id) WHERE is_unsolved = 1;

-- An agent asks which of their tickets are late, which may be none of thousands.
DROP INDEX tickets_by_assignee_and_creation;
CREATE INDEX tickets_by_assignee_and_creation ON tickets (assignee_id, created_at_ms, id, status, priority, sla);
DROP INDEX tickets_by_assignee_and_update;
CREATE INDEX tickets_by_assignee_and_update ON tickets (assignee_id, updated_at_ms, id, status, priority, sla);
