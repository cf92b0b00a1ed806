//! Closing tickets that were solved long enough ago.

use domain::{Author, Principal, Ticket, TicketId, TicketStatus, Timestamp};

use crate::{Desk, DeskError};

/// Tickets that one sweep of the worker closes; the next one takes the rest, so that a site that sets the age for the first
/// time goes on answering.
const CLOSED_PER_SWEEP: i64 = 1_000;

impl Desk {
    /// Closes tickets that were solved longer ago than the site waits for their customers. Each is a change by Askwell itself,
    /// with its history and event. Gives how many; two processes may do so at once.
    ///
    /// # Errors
    /// Those of the database. One that cannot be closed does not keep the others waiting; the first error is returned once all
    /// were tried.
    pub async fn close_solved(&self) -> Result<usize, DeskError> {
        let Some(days) = self.0.config.retention.close_solved_after_days else { return Ok(0) };
        let before = self.days_ago(days);
        let mut n_closed = 0;
        let mut failed = None;
        for id in self.0.store.list_tickets_to_close(before, CLOSED_PER_SWEEP).await? {
            match self.close_if_solved(&id, before).await {
                Ok(is_closed) => n_closed += usize::from(is_closed),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(n_closed), Err)
    }

    /// Closes one, unless somebody has written or changed it meanwhile.
    async fn close_if_solved(&self, id: &TicketId, before: Timestamp) -> Result<bool, DeskError> {
        let mut tx = self.begin(&Principal::System).await?;
        let Some(ticket) = tx.ticket(id).await? else { return Ok(false) };
        if ticket.status != TicketStatus::Solved || ticket.solved_at.unwrap_or(ticket.updated_at) >= before {
            return Ok(false);
        }
        let closed = Ticket { status: TicketStatus::Closed, ..ticket.clone() };
        self.save_ticket(&mut tx, &ticket, closed, &Author::System).await?;
        tx.commit().await?;
        Ok(true)
    }
}
