//! The tickets of bulk jobs: written down once, then each with what became of it.

use domain::{BulkChange, BulkJobId, BulkKept, BulkTicket, BulkTicketState, BulkUndoState, TicketId};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders, placeholders::sql, row, tx::updated};

const COLUMNS: &str = "position, ticket_id, state, reason, change_json, undo, kept_json";
/// Forgets what is known of a ticket in every job.
pub(crate) const FORGET: &str =
    "UPDATE bulk_job_tickets SET reason = NULL, change_json = NULL, kept_json = NULL WHERE ticket_id = $1";

/// Which tickets of a job to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct BulkTicketsAsked {
    /// Of which state; any when absent.
    pub state: Option<BulkTicketState>,
    /// Of which state of putting them back; any when absent.
    pub undo: Option<BulkUndoState>,
    /// Behind which position; 0 from the beginning.
    pub after: i64,
    /// How many.
    pub limit: usize,
}

impl Store {
    /// The tickets of a job, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_bulk_tickets(
        &self,
        id: &BulkJobId,
        asked: &BulkTicketsAsked,
    ) -> Result<Vec<BulkTicket>, StoreError> {
        let text = listed(asked.state.is_some(), asked.undo.is_some());
        let mut query =
            sqlx::query(sql(text)).bind(id.as_str()).bind(asked.after).bind(row::to_int(asked.limit));
        if let Some(state) = asked.state {
            query = query.bind(state.as_str());
        }
        if let Some(undo) = asked.undo {
            query = query.bind(undo.as_str());
        }
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(bulk_ticket).collect()
    }
}

impl WriteTx {
    /// Adds tickets to a job, the first of them at this position.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the job.
    pub async fn insert_bulk_tickets(
        &mut self,
        id: &BulkJobId,
        first: i64,
        tickets: &[TicketId],
    ) -> Result<(), StoreError> {
        let mut position = first;
        for tickets in tickets.chunks(placeholders::rows_per_insert(2)) {
            let rows: Vec<String> = (0..tickets.len())
                .map(|n| format!("($1, {}, 'waiting', 'none')", placeholders::list(2 + 2 * n, 2)))
                .collect();
            let text = format!(
                "INSERT INTO bulk_job_tickets (job_id, position, ticket_id, state, undo) VALUES {}",
                rows.join(", ")
            );
            let mut query = sqlx::query(sql(text)).bind(id.as_str());
            for ticket in tickets {
                query = query.bind(position).bind(ticket.as_str());
                position += 1;
            }
            query.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// The first ticket of a job that nobody has looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_bulk_ticket(&mut self, id: &BulkJobId) -> Result<Option<BulkTicket>, StoreError> {
        let query = sqlx::query(sql(next())).bind(id.as_str());
        query.fetch_optional(self.connection()).await?.as_ref().map(bulk_ticket).transpose()
    }

    /// The first ticket of a job behind a position that it has changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_bulk_ticket_to_undo(
        &mut self,
        id: &BulkJobId,
        after: i64,
    ) -> Result<Option<BulkTicket>, StoreError> {
        let query = sqlx::query(sql(next_to_undo())).bind(id.as_str()).bind(after);
        query.fetch_optional(self.connection()).await?.as_ref().map(bulk_ticket).transpose()
    }

    /// Stores what became of a ticket.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not of that job.
    pub async fn update_bulk_ticket(
        &mut self,
        id: &BulkJobId,
        ticket: &BulkTicket,
    ) -> Result<(), StoreError> {
        let change = (ticket.change != BulkChange::default()).then_some(&ticket.change);
        let kept = (!ticket.kept.is_empty()).then_some(&ticket.kept);
        let done = sqlx::query(
            "UPDATE bulk_job_tickets SET state = $3, reason = $4, change_json = $5, undo = $6, kept_json = $7 \
             WHERE job_id = $1 AND position = $2",
        )
        .bind(id.as_str())
        .bind(ticket.position)
        .bind(ticket.state.as_str())
        .bind(ticket.reason.as_deref())
        .bind(change.map(row::to_json).transpose()?)
        .bind(ticket.undo.as_str())
        .bind(kept.map(row::to_json).transpose()?)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "ticket of a bulk job")
    }

    /// Forgets what jobs know of a ticket besides its id: its customer is erased. It cannot be put back any more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_bulk_changes(&mut self, id: &TicketId) -> Result<(), StoreError> {
        sqlx::query(FORGET).bind(id.as_str()).execute(self.connection()).await?;
        Ok(())
    }
}

pub(crate) fn next() -> String {
    format!(
        "SELECT {COLUMNS} FROM bulk_job_tickets WHERE job_id = $1 AND state = 'waiting' ORDER BY position LIMIT 1"
    )
}

pub(crate) fn next_to_undo() -> String {
    format!(
        "SELECT {COLUMNS} FROM bulk_job_tickets WHERE job_id = $1 AND state = 'done' AND position > $2 \
         ORDER BY position LIMIT 1"
    )
}

pub(crate) fn listed(has_state: bool, has_undo: bool) -> String {
    let state = if has_state { " AND state = $4" } else { "" };
    let undo = match (has_state, has_undo) {
        (_, false) => "",
        (false, true) => " AND undo = $4",
        (true, true) => " AND undo = $5",
    };
    format!(
        "SELECT {COLUMNS} FROM bulk_job_tickets WHERE job_id = $1 AND position > $2{state}{undo} \
         ORDER BY position LIMIT $3"
    )
}

fn bulk_ticket(found: &AnyRow) -> Result<BulkTicket, StoreError> {
    let change: Option<BulkChange> = row::optional_json(found, "change_json")?;
    let kept: Option<Vec<BulkKept>> = row::optional_json(found, "kept_json")?;
    Ok(BulkTicket {
        position: row::int(found, "position")?,
        ticket_id: TicketId::new(row::text(found, "ticket_id")?),
        state: row::parsed(found, "state", BulkTicketState::parse)?,
        reason: row::optional_text(found, "reason")?,
        change: change.unwrap_or_default(),
        undo: row::parsed(found, "undo", BulkUndoState::parse)?,
        kept: kept.unwrap_or_default(),
    })
}
