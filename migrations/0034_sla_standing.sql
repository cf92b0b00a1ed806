-- How a ticket stands to what its customer is promised, beside what lists ask for: written with ticket_sla.
-- What nothing is due of is due at the end of all times, so that it sorts behind everything else.
ALTER TABLE tickets ADD COLUMN sla TEXT NOT NULL DEFAULT 'none'
    CHECK (sla IN ('none', 'met', 'paused', 'running', 'warned', 'breached'));
ALTER TABLE tickets ADD COLUMN due_at_ms BIGINT NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE archived_tickets ADD COLUMN sla TEXT NOT NULL DEFAULT 'none';
ALTER TABLE archived_tickets ADD COLUMN due_at_ms BIGINT NOT NULL DEFAULT 9223372036854775807;

UPDATE tickets SET sla = (
    SELECT CASE MAX(CASE
        WHEN s.n_breaches > 0 THEN 5
        WHEN s.fulfilled_at_ms IS NOT NULL THEN 1
        WHEN s.warned_at_ms IS NOT NULL THEN 4
        WHEN s.paused = 1 THEN 2
        ELSE 3 END)
    WHEN 5 THEN 'breached' WHEN 4 THEN 'warned' WHEN 3 THEN 'running' WHEN 2 THEN 'paused' ELSE 'met' END
    FROM ticket_sla s WHERE s.ticket_id = tickets.id)
WHERE id IN (SELECT ticket_id FROM ticket_sla);
UPDATE archived_tickets SET sla = (
    SELECT CASE MAX(CASE
        WHEN s.n_breaches > 0 THEN 5
        WHEN s.fulfilled_at_ms IS NOT NULL THEN 1
        WHEN s.warned_at_ms IS NOT NULL THEN 4
        WHEN s.paused = 1 THEN 2
        ELSE 3 END)
    WHEN 5 THEN 'breached' WHEN 4 THEN 'warned' WHEN 3 THEN 'running' WHEN 2 THEN 'paused' ELSE 'met' END
    FROM archived_ticket_sla s WHERE s.ticket_id = archived_tickets.id)
WHERE id IN (SELECT ticket_id FROM archived_ticket_sla);
UPDATE tickets SET due_at_ms = COALESCE(
    (SELECT MIN(s.due_at_ms) FROM ticket_sla s WHERE s.ticket_id = tickets.id AND s.fulfilled_at_ms IS NULL),
    9223372036854775807)
WHERE id IN (SELECT ticket_id FROM ticket_sla);

CREATE INDEX tickets_by_sla_and_creation ON tickets (sla, created_at_ms, id, status, team, assignee_id);
CREATE INDEX tickets_by_sla_and_update ON tickets (sla, updated_at_ms, id, status, team, assignee_id);

-- The queues of agents ask for both, and are read in the order of what is due next.
DROP INDEX tickets_unsolved;
CREATE INDEX tickets_unsolved ON tickets (updated_at_ms, id, created_at_ms, urgency, status, priority, team, assignee_id,
    customer_id, locale, number, solved_at_ms, custom_status, snoozed_until_ms, sla, due_at_ms) WHERE is_unsolved = 1;
DROP INDEX tickets_unsolved_by_creation;
CREATE INDEX tickets_unsolved_by_creation ON tickets (created_at_ms, id, updated_at_ms, urgency, status, priority, team,
    assignee_id, customer_id, locale, number, solved_at_ms, channel, custom_status, snoozed_until_ms, sla, due_at_ms)
    WHERE is_unsolved = 1;
CREATE INDEX tickets_unsolved_by_due ON tickets (due_at_ms, id, created_at_ms, updated_at_ms, urgency, status, priority, team,
    assignee_id, customer_id, locale, number, custom_status, snoozed_until_ms, sla) WHERE is_unsolved = 1;
