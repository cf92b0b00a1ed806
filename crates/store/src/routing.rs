//! How teams' tickets are given to people, and where a ticket stands on its way to one.

use domain::{AssignmentMode, Principal, ScheduleId, TeamRouting, TicketId, TicketRouting, Timestamp};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{Store, StoreError, WriteTx, archive, placeholders::sql, reader::TicketReader, row};

/// The statement of the tickets that are to be looked at.
pub(crate) const DUE: &str =
    "SELECT ticket_id FROM ticket_routing WHERE look_at_ms <= $1 ORDER BY look_at_ms, ticket_id LIMIT $2";

impl Store {
    /// How a team's tickets are given to people; by hand where nothing was set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_team_routing(&self, team_key: &str) -> Result<TeamRouting, StoreError> {
        find_team(&mut *self.reader().await?, team_key).await
    }

    /// A ticket's way to an agent, for the team's reader who sees the ticket; nothing for anybody else.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_ticket_routing(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
    ) -> Result<Option<TicketRouting>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(None);
        }
        let select = format!(
            "SELECT r.skills_json AS skills_json, r.look_at_ms AS look_at_ms, r.n_rounds AS n_rounds, \
             r.passed_json AS passed_json FROM tickets t LEFT JOIN ticket_routing r ON r.ticket_id = t.id \
             WHERE t.id = $1 AND {}",
            reader.ticket(2)
        );
        let text = archive::everywhere(&select);
        let query = reader.bind(sqlx::query(sql(text)).bind(ticket_id.as_str()));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(ticket_routing).transpose()
    }

    /// Tickets that are to be looked at by a time, longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_due_routing(&self, now: Timestamp, limit: i64) -> Result<Vec<TicketId>, StoreError> {
        let query = sqlx::query(DUE).bind(now.0).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok(TicketId::new(row::text(row, "ticket_id")?))).collect()
    }
}

impl WriteTx {
    /// How a team's tickets are given to people; by hand where nothing was set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn team_routing(&mut self, team_key: &str) -> Result<TeamRouting, StoreError> {
        find_team(self.connection(), team_key).await
    }

    /// Sets how a team's tickets are given to people.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the team or the schedule.
    pub async fn save_team_routing(
        &mut self,
        team_key: &str,
        routing: &TeamRouting,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO team_routing (team_key, assignment, schedule_id, fallbacks_json, accept_within_min) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (team_key) DO UPDATE SET assignment = excluded.assignment, \
             schedule_id = excluded.schedule_id, fallbacks_json = excluded.fallbacks_json, \
             accept_within_min = excluded.accept_within_min",
        )
        .bind(team_key)
        .bind(routing.assignment.as_str())
        .bind(routing.schedule_id.as_ref().map(ScheduleId::as_str))
        .bind(row::to_json(&routing.fallbacks)?)
        .bind(routing.accept_within_min.map(i64::from))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lets the worker look now at every ticket that waits for somebody: who works, when or at what has changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn look_at_waiting_tickets(&mut self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE ticket_routing SET look_at_ms = $1 WHERE look_at_ms > $1 AND EXISTS \
             (SELECT 1 FROM tickets t WHERE t.id = ticket_routing.ticket_id AND t.assignee_id IS NULL)",
        )
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A ticket's way to an agent; as by default where it has not begun.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_routing(&mut self, ticket_id: &TicketId) -> Result<TicketRouting, StoreError> {
        let row = sqlx::query(
            "SELECT skills_json, look_at_ms, n_rounds, passed_json FROM ticket_routing WHERE ticket_id = $1",
        )
        .bind(ticket_id.as_str())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or_else(|| Ok(TicketRouting::default()), ticket_routing)
    }

    /// Stores a ticket's way to an agent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the ticket.
    pub async fn save_ticket_routing(
        &mut self,
        ticket_id: &TicketId,
        routing: &TicketRouting,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO ticket_routing (ticket_id, skills_json, look_at_ms, n_rounds, passed_json) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (ticket_id) DO UPDATE SET \
             skills_json = excluded.skills_json, look_at_ms = excluded.look_at_ms, \
             n_rounds = excluded.n_rounds, passed_json = excluded.passed_json",
        )
        .bind(ticket_id.as_str())
        .bind(row::to_json(&routing.skills)?)
        .bind(routing.look_at.map(|at| at.0))
        .bind(i64::from(routing.n_rounds))
        .bind(row::to_json(&routing.passed)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn find_team(connection: &mut AnyConnection, team_key: &str) -> Result<TeamRouting, StoreError> {
    let row = sqlx::query(
        "SELECT assignment, schedule_id, fallbacks_json, accept_within_min FROM team_routing WHERE team_key = $1",
    )
    .bind(team_key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(TeamRouting::default()) };
    let minutes: Option<i64> = sqlx::Row::try_get(&row, "accept_within_min")?;
    Ok(TeamRouting {
        assignment: row::parsed(&row, "assignment", AssignmentMode::parse)?,
        schedule_id: row::optional_text(&row, "schedule_id")?.map(ScheduleId::new),
        fallbacks: row::json(&row, "fallbacks_json")?,
        accept_within_min: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
    })
}

/// The way in a row whose columns may all be absent.
fn ticket_routing(row: &AnyRow) -> Result<TicketRouting, StoreError> {
    if row::optional_text(row, "skills_json")?.is_none() {
        return Ok(TicketRouting::default());
    }
    Ok(TicketRouting {
        skills: row::json(row, "skills_json")?,
        look_at: row::optional_time(row, "look_at_ms")?,
        n_rounds: row::number(row, "n_rounds")?,
        passed: row::json(row, "passed_json")?,
    })
}
