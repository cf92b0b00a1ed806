//! Decisions about who gets a ticket. For who may read tickets.

use domain::{Assignment, AssignmentId, Principal, TicketId, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive, placeholders::sql, reader::TicketReader, row, tx::inserted,
};

impl Store {
    /// What was decided about a ticket, newest first, for the team's reader who sees it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_assignments(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
        limit: usize,
    ) -> Result<Vec<Assignment>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let select = format!(
            "SELECT a.id AS id, a.ticket_id AS ticket_id, a.decision_json AS decision_json \
             FROM assignments a JOIN tickets t ON t.id = a.ticket_id WHERE a.ticket_id = $1 AND {}",
            reader.ticket(3)
        );
        let text = archive::first(&select, "id DESC", "$2");
        let query = sqlx::query(sql(text)).bind(ticket_id.as_str()).bind(row::to_int(limit));
        reader.bind(query).fetch_all(&mut *self.reader().await?).await?.iter().map(assignment).collect()
    }
}

impl WriteTx {
    /// Keeps a decision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without the ticket.
    pub async fn insert_assignment(&mut self, assignment: &Assignment) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO assignments (id, ticket_id, at_ms, user_id, decision_json) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(assignment.id.as_str())
        .bind(assignment.ticket_id.as_str())
        .bind(assignment.decision.at.0)
        .bind(assignment.decision.outcome.user_id().map(UserId::as_str))
        .bind(row::to_json(&assignment.decision)?)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this decision is already there")
    }

    /// What was last decided about a ticket.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_assignment(&mut self, ticket_id: &TicketId) -> Result<Option<Assignment>, StoreError> {
        let row = sqlx::query(
            "SELECT id, ticket_id, decision_json FROM assignments WHERE ticket_id = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(ticket_id.as_str())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(assignment).transpose()
    }
}

fn assignment(row: &AnyRow) -> Result<Assignment, StoreError> {
    Ok(Assignment {
        id: AssignmentId::new(row::text(row, "id")?),
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        decision: row::json(row, "decision_json")?,
    })
}
