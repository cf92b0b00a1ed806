//! Putting closed tickets into the archive, and taking one out again.

use domain::{AuditAction, Principal, Scope, TicketId, Timestamp};
use serde_json::json;

use crate::{Desk, DeskError, TicketRow};

/// Tickets that one transaction puts into the archive: nobody else writes for those few hundredths of a second.
pub const ARCHIVED_PER_ROUND: i64 = 100;
/// Rounds of one sweep of the worker; the next one takes the rest.
const ROUNDS_PER_SWEEP: usize = 50;

impl Desk {
    /// Puts tickets into the archive that were closed and not touched for as long as the site says. Gives how many.
    ///
    /// # Errors
    /// Those of the database. What is in the archive stays there; calling again goes on.
    pub async fn archive_closed(&self) -> Result<u64, DeskError> {
        let Some(days) = self.0.config.retention.archive_closed_after_days else { return Ok(0) };
        let before = self.days_ago(days);
        let mut n_archived = 0;
        for _ in 0..ROUNDS_PER_SWEEP {
            let n = self.archive_some(&Principal::System, before).await?;
            n_archived += n;
            if n == 0 {
                break;
            }
        }
        Ok(n_archived)
    }

    /// Puts up to [`ARCHIVED_PER_ROUND`] tickets into the archive that are closed and were last touched before a time, those
    /// untouched for longest first. Gives how many; none when all are there. A process that dies has moved all of a round or
    /// none of it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets.
    pub async fn archive_some(&self, principal: &Principal, before: Timestamp) -> Result<u64, DeskError> {
        Self::require_archive(principal)?;
        let mut tx = self.begin(principal).await?;
        let ids = tx.tickets_to_archive(before, ARCHIVED_PER_ROUND).await?;
        if ids.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let n = tx.archive_tickets(&ids, self.now()).await?;
        // No event: what may be read of a ticket, and by whom, is the same there.
        tx.record_alone(AuditAction::TicketArchived, json!({ "n": n, "untouched_since_ms": before.0 }));
        tx.commit().await?;
        Ok(n)
    }

    /// How many tickets are closed and were last touched before a time, and are not in the archive.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets.
    pub async fn count_to_archive(&self, principal: &Principal, before: Timestamp) -> Result<i64, DeskError> {
        Self::require_archive(principal)?;
        Ok(self.0.store.count_tickets_to_archive(before).await?)
    }

    /// The time before which closed tickets must have been touched last to go to the archive by themselves, if they do.
    pub fn archived_before(&self) -> Option<Timestamp> {
        self.0.config.retention.archive_closed_after_days.map(|days| self.days_ago(days))
    }

    /// The time so many days ago.
    pub fn time_days_ago(&self, days: u32) -> Timestamp {
        self.days_ago(days)
    }

    /// Takes a ticket out of the archive; one that is not there stays as it is. It counts as touched now, so that it does not go
    /// back at once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`].
    pub async fn unarchive_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<TicketRow, DeskError> {
        let by = self.author(principal).await?;
        let found = self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        if found.archived_at.is_none() {
            return self.ticket_row(principal, found).await;
        }
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_of(&mut tx, principal, id).await?;
        let ticket = self.store_change(&mut tx, &ticket, ticket.clone(), &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }

    fn require_archive(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::Admin)
    }
}
