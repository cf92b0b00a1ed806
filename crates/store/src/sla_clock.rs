//! The SLA clocks of tickets, and how they read. For who may read tickets.

use std::collections::HashMap;

use domain::{
    IdentityKind, Principal, PromiseOutcome, SlaEvent, SlaMetric, SlaPhase, SlaPolicyId, SlaReading,
    SlaState, SlaSummary, Ticket, TicketId, TicketPeople, TicketStatus, Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    reader::TicketReader,
    row,
    ticket::{due_at_ms, summary},
};

/// The statement of the clocks that are due.
pub(crate) const DUE: &str =
    "SELECT ticket_id FROM sla_clocks WHERE next_at_ms <= $1 ORDER BY next_at_ms, ticket_id LIMIT $2";

/// The clocks of a ticket as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClock {
    /// The policy that holds.
    pub policy_id: Option<SlaPolicyId>,
    /// Their state.
    pub state: SlaState,
}

/// How one clock of a ticket read when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSla {
    /// Which clock.
    pub metric: SlaMetric,
    /// In which of its cycles.
    pub cycle: u32,
    /// Its target in minutes, or the last that held, where it was missed.
    pub target_min: u32,
    /// When it is or was due; nothing while it waits.
    pub due_at: Option<Timestamp>,
    /// When it warns or would have.
    pub warn_at: Option<Timestamp>,
    /// Whether it waits.
    pub is_paused: bool,
    /// When what was promised happened.
    pub fulfilled_at: Option<Timestamp>,
    /// When it warned.
    pub warned_at: Option<Timestamp>,
    /// When the target was missed.
    pub breached_at: Option<Timestamp>,
    /// In how many cycles it was missed.
    pub n_breaches: u32,
}

impl Store {
    /// Tickets whose clocks have something to say by a time, longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_due_sla_clocks(&self, now: Timestamp, limit: i64) -> Result<Vec<TicketId>, StoreError> {
        let query = sqlx::query(DUE).bind(now.0).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok(TicketId::new(row::text(row, "ticket_id")?))).collect()
    }

    /// How the clocks of tickets read, for those that the team's reader sees, in the order of a ticket's life.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_ticket_sla(
        &self,
        principal: &Principal,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Vec<TicketSla>>, StoreError> {
        let reader = TicketReader::of(principal);
        let mut all: HashMap<TicketId, Vec<TicketSla>> = HashMap::new();
        if !reader.is_team() {
            return Ok(all);
        }
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            let select = format!(
                "SELECT s.ticket_id AS ticket_id, s.metric AS metric, s.cycle AS cycle, s.target_min AS target_min, \
                 s.due_at_ms AS due_at_ms, s.warn_at_ms AS warn_at_ms, s.paused AS paused, \
                 s.fulfilled_at_ms AS fulfilled_at_ms, s.warned_at_ms AS warned_at_ms, \
                 s.breached_at_ms AS breached_at_ms, s.n_breaches AS n_breaches \
                 FROM ticket_sla s JOIN tickets t ON t.id = s.ticket_id WHERE s.ticket_id IN ({}) AND {}",
                placeholders::list(1, ids.len()),
                reader.ticket(ids.len() + 1)
            );
            let text = format!("{} ORDER BY ticket_id, metric", archive::everywhere(&select));
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in reader.bind(query).fetch_all(&mut *self.reader().await?).await? {
                let id = TicketId::new(row::text(&row, "ticket_id")?);
                all.entry(id).or_default().push(ticket_sla(&row)?);
            }
        }
        for rows in all.values_mut() {
            rows.sort_by_key(|row| row.metric);
        }
        Ok(all)
    }
}

impl WriteTx {
    /// Takes a ticket's clocks away, to be set anew by its life.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_sla_clock(&mut self, id: &TicketId) -> Result<(), StoreError> {
        for text in
            ["DELETE FROM ticket_sla WHERE ticket_id = $1", "DELETE FROM sla_clocks WHERE ticket_id = $1"]
        {
            sqlx::query(text).bind(id.as_str()).execute(self.connection()).await?;
        }
        self.set_standing(id, SlaSummary::default()).await.map(|_| ())
    }

    /// The clocks of a ticket, where a policy holds or held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sla_clock(&mut self, ticket_id: &TicketId) -> Result<Option<StoredClock>, StoreError> {
        let row = sqlx::query("SELECT policy_id, state_json FROM sla_clocks WHERE ticket_id = $1")
            .bind(ticket_id.as_str())
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| {
            Ok(StoredClock {
                policy_id: row::optional_text(&row, "policy_id")?.map(SlaPolicyId::new),
                state: row::json(&row, "state_json")?,
            })
        })
        .transpose()
    }

    /// Stores the clocks of a ticket, how they read, and when they next have something to say. Says whether the ticket stands
    /// otherwise by them than before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the ticket or the policy.
    pub async fn save_sla_clock(
        &mut self,
        ticket_id: &TicketId,
        clock: &StoredClock,
        next_at: Option<Timestamp>,
        readings: &[SlaReading],
    ) -> Result<bool, StoreError> {
        sqlx::query(
            "INSERT INTO sla_clocks (ticket_id, policy_id, state_json, is_open, next_at_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (ticket_id) DO UPDATE SET policy_id = excluded.policy_id, \
             state_json = excluded.state_json, is_open = excluded.is_open, next_at_ms = excluded.next_at_ms",
        )
        .bind(ticket_id.as_str())
        .bind(clock.policy_id.as_ref().map(SlaPolicyId::as_str))
        .bind(row::to_json(&clock.state)?)
        .bind(i64::from(clock.state.phase != SlaPhase::Done))
        .bind(next_at.map(|at| at.0))
        .execute(self.connection())
        .await?;
        sqlx::query("DELETE FROM ticket_sla WHERE ticket_id = $1")
            .bind(ticket_id.as_str())
            .execute(self.connection())
            .await?;
        for reading in readings {
            sqlx::query(
                "INSERT INTO ticket_sla (ticket_id, metric, cycle, target_min, due_at_ms, warn_at_ms, paused, \
                 fulfilled_at_ms, warned_at_ms, breached_at_ms, n_breaches) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(ticket_id.as_str())
            .bind(reading.metric.as_str())
            .bind(i64::from(reading.cycle))
            .bind(i64::from(reading.target_min))
            .bind(reading.due_at.map(|at| at.0))
            .bind(reading.warn_at.map(|at| at.0))
            .bind(i64::from(reading.is_paused))
            .bind(reading.fulfilled_at.map(|at| at.0))
            .bind(reading.warned_at.map(|at| at.0))
            .bind(reading.breached_at.map(|at| at.0))
            .bind(i64::from(reading.n_breaches))
            .execute(self.connection())
            .await?;
            // What became of a promise that holds no longer is written already.
            if reading.is_promised {
                self.save_sla_outcome(ticket_id, reading).await?;
            }
        }
        self.set_standing(ticket_id, SlaSummary::of(readings)).await
    }

    /// Writes what lists ask for of a ticket's clocks beside it. That is no change of the ticket. Says whether it was otherwise.
    async fn set_standing(&mut self, id: &TicketId, sla: SlaSummary) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE tickets SET sla = $2, due_at_ms = $3 WHERE id = $1 AND (sla <> $2 OR due_at_ms <> $3)",
        )
        .bind(id.as_str())
        .bind(sla.standing.as_str())
        .bind(due_at_ms(&sla))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps what became of a promise in its present cycle, for reports. A ticket that is opened again has no outcome any more.
    async fn save_sla_outcome(
        &mut self,
        ticket_id: &TicketId,
        reading: &SlaReading,
    ) -> Result<(), StoreError> {
        let outcome = match (reading.breached_at, reading.fulfilled_at) {
            (Some(at), _) => Some((PromiseOutcome::Missed, at)),
            (None, Some(at)) => Some((PromiseOutcome::Met, at)),
            (None, None) => None,
        };
        let query = match outcome {
            None => {
                sqlx::query("DELETE FROM sla_outcomes WHERE ticket_id = $1 AND metric = $2 AND cycle = $3")
            }
            Some(_) => sqlx::query(
                "INSERT INTO sla_outcomes (ticket_id, metric, cycle, outcome, at_ms) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (ticket_id, metric, cycle) DO UPDATE SET outcome = excluded.outcome, \
                 at_ms = excluded.at_ms",
            ),
        };
        let query =
            query.bind(ticket_id.as_str()).bind(reading.metric.as_str()).bind(i64::from(reading.cycle));
        let query = match outcome {
            None => query,
            Some((outcome, at)) => query.bind(outcome.as_str()).bind(at.0),
        };
        query.execute(self.connection()).await?;
        Ok(())
    }

    /// What happened to a ticket, as far as its clocks notice: public messages, those of customers in tickets since these were
    /// merged into it, and changes of its status, in order, at most so many from the beginning.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_life(
        &mut self,
        ticket_id: &TicketId,
        limit: i64,
    ) -> Result<Vec<(Timestamp, SlaEvent)>, StoreError> {
        // What was merged into it may be in the archive by now.
        let merged = archive::everywhere(
            "SELECT m.id, m.created_at_ms AS at_ms, m.author AS what FROM tickets s \
             JOIN messages m ON m.ticket_id = s.id AND m.created_at_ms >= s.merged_at_ms \
             WHERE s.merged_into_id = $1 AND m.kind = 'reply' AND m.author = 'customer'",
        );
        let text = format!(
            "SELECT id, created_at_ms AS at_ms, author AS what FROM messages \
             WHERE ticket_id = $1 AND kind = 'reply' AND author IN ('customer', 'agent') \
             UNION ALL SELECT id, at_ms, new_value AS what FROM ticket_history \
             WHERE ticket_id = $1 AND field = 'status' UNION ALL {merged} ORDER BY at_ms, id LIMIT $2"
        );
        let query = sqlx::query(sql(text)).bind(ticket_id.as_str()).bind(limit);
        let rows = query.fetch_all(self.connection()).await?;
        let event = |what: &str| match what {
            "customer" => Some(SlaEvent::CustomerMessage),
            "agent" => Some(SlaEvent::AgentReply),
            status => TicketStatus::parse(status).map(SlaEvent::Status),
        };
        rows.iter().map(|row| Ok((row::time(row, "at_ms")?, row::parsed(row, "what", event)?))).collect()
    }

    /// What a filter may ask of the people in a ticket, and of its clocks as this transaction has them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn people_in(&mut self, ticket: &Ticket) -> Result<TicketPeople, StoreError> {
        let found = sqlx::query(
            "SELECT (SELECT email FROM users WHERE id = $1) AS assignee_email, \
             (SELECT name FROM organisations WHERE id = $2) AS organisation_name, \
             COALESCE((SELECT sla FROM tickets WHERE id = $3), 'none') AS sla, \
             COALESCE((SELECT due_at_ms FROM tickets WHERE id = $3), $4) AS sla_due_at_ms",
        )
        .bind(ticket.assignee_id.as_ref().map(domain::UserId::as_str))
        .bind(ticket.organisation_id.as_ref().map(domain::OrganisationId::as_str))
        .bind(ticket.id.as_str())
        .bind(due_at_ms(&SlaSummary::default()))
        .fetch_one(self.connection())
        .await?;
        let mut people = TicketPeople {
            assignee_email: row::optional_text(&found, "assignee_email")?,
            customer_emails: vec![],
            organisation_name: row::optional_text(&found, "organisation_name")?,
            sla: summary(&found)?,
        };
        if let Some(id) = &ticket.customer_id {
            let identities = self.identities(id).await?;
            let emails = identities.into_iter().filter(|identity| identity.kind == IdentityKind::Email);
            people.customer_emails = emails.map(|identity| identity.value).collect();
        }
        Ok(people)
    }
}

fn ticket_sla(row: &AnyRow) -> Result<TicketSla, StoreError> {
    Ok(TicketSla {
        metric: row::parsed(row, "metric", SlaMetric::parse)?,
        cycle: row::number(row, "cycle")?,
        target_min: row::number(row, "target_min")?,
        due_at: row::optional_time(row, "due_at_ms")?,
        warn_at: row::optional_time(row, "warn_at_ms")?,
        is_paused: row::int(row, "paused")? == 1,
        fulfilled_at: row::optional_time(row, "fulfilled_at_ms")?,
        warned_at: row::optional_time(row, "warned_at_ms")?,
        breached_at: row::optional_time(row, "breached_at_ms")?,
        n_breaches: row::number(row, "n_breaches")?,
    })
}
