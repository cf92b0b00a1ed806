-- The way by which a ticket came, and lists of unsolved tickets by creation.

ALTER TABLE tickets ADD COLUMN channel TEXT NOT NULL DEFAULT 'api';
UPDATE tickets SET channel = 'chat' WHERE conversation_id IS NOT NULL;

-- The load of agents is counted by channel.
CREATE INDEX tickets_unsolved_by_agent_and_channel ON tickets (assignee_id, status, channel, snoozed_until_ms, id)
    WHERE is_unsolved = 1 AND assignee_id IS NOT NULL;
DROP INDEX tickets_unsolved_by_agent;

-- As tickets_unsolved, in the order of creation: a queue with the newest first stops at its page.
CREATE INDEX tickets_unsolved_by_creation ON tickets (created_at_ms, id, updated_at_ms, urgency, status, priority, team,
    assignee_id, customer_id, locale, number, solved_at_ms, channel, custom_status, snoozed_until_ms) WHERE is_unsolved = 1;
