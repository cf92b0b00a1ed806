-- What lists of tickets are sorted and filtered by.

-- 1 while the ticket is neither solved nor closed. The queues of agents are made of these few, so they have an index of
-- their own that holds all that lists ask for.
ALTER TABLE tickets ADD COLUMN is_unsolved BIGINT NOT NULL DEFAULT 0;
UPDATE tickets SET is_unsolved = 1 WHERE status NOT IN ('solved', 'closed');

-- The priority as a number, low to urgent, 0 to 3.
ALTER TABLE tickets ADD COLUMN urgency BIGINT NOT NULL DEFAULT 1;
UPDATE tickets SET urgency = CASE priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END;

CREATE INDEX tickets_unsolved ON tickets (updated_at_ms, id, created_at_ms, urgency, status, priority, team, assignee_id,
    customer_id, locale, number, solved_at_ms) WHERE is_unsolved = 1;

-- What stands behind the id is what else lists ask for: then a ticket that is not listed is passed over unread.
CREATE INDEX tickets_by_creation ON tickets (created_at_ms, id, status, team, assignee_id);
CREATE INDEX tickets_by_update ON tickets (updated_at_ms, id, status, team, assignee_id);
CREATE INDEX tickets_by_urgency ON tickets (urgency, created_at_ms, id);
CREATE INDEX tickets_by_status_and_creation ON tickets (status, created_at_ms, id, team, assignee_id);
CREATE INDEX tickets_by_status_and_update ON tickets (status, updated_at_ms, id, team, assignee_id, solved_at_ms);
CREATE INDEX tickets_by_team_and_creation ON tickets (team, created_at_ms, id, status, assignee_id);
CREATE INDEX tickets_by_team_and_update ON tickets (team, updated_at_ms, id, status, assignee_id);
CREATE INDEX tickets_by_assignee_and_creation ON tickets (assignee_id, created_at_ms, id, status);
CREATE INDEX tickets_by_assignee_and_update ON tickets (assignee_id, updated_at_ms, id, status);
CREATE INDEX tickets_by_customer_and_creation ON tickets (customer_id, created_at_ms, id, status);
DROP INDEX tickets_by_status;
DROP INDEX tickets_by_team;
DROP INDEX tickets_by_assignee;
DROP INDEX tickets_by_customer;

-- When the ticket was opened stands beside each tag, so that a tag's tickets come in order.
ALTER TABLE ticket_tags ADD COLUMN created_at_ms BIGINT NOT NULL DEFAULT 0;
UPDATE ticket_tags SET created_at_ms = (SELECT t.created_at_ms FROM tickets t WHERE t.id = ticket_tags.ticket_id);
DROP INDEX ticket_tags_by_tag;
CREATE INDEX ticket_tags_by_tag ON ticket_tags (tag, created_at_ms, ticket_id);
