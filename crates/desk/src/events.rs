//! What happened, for programs that follow: in the order of commits, each only to who may know of it.

use domain::{Principal, Scope};
pub use store::OutboxEntry;

use crate::{Desk, DeskError};

/// How long events are kept.
pub(crate) const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Events that are read at a time.
const EVENTS_PER_READ: i64 = 500;

/// A part of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The events that this principal may know of, in order.
    pub entries: Vec<OutboxEntry>,
    /// Where to go on: the sequence of the last event that was looked at, told or not.
    pub seq: i64,
}

impl Desk {
    /// Where a follower stands who was told up to an event, or begins now.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who may know of nothing; [`DeskError::Gone`] when events after that one are forgotten.
    pub async fn follow_from(&self, principal: &Principal, after: Option<i64>) -> Result<i64, DeskError> {
        if !principal.may(Scope::TicketsRead) && !principal.may(Scope::KbRead) {
            return Err(DeskError::Forbidden);
        }
        let last = self.0.store.last_event_seq().await?;
        let Some(after) = after else { return Ok(last) };
        // The newest one is always known, even where all are forgotten.
        let oldest = self.0.store.oldest_event_seq().await?.unwrap_or(last + 1);
        if after + 1 < oldest && after < last {
            return Err(DeskError::Gone(format!(
                "events before {oldest} are forgotten; read anew what you follow, then begin without a place"
            )));
        }
        Ok(after.min(last))
    }

    /// What happened after an event, as far as this principal may know of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn happened_after(&self, principal: &Principal, seq: i64) -> Result<Happened, DeskError> {
        let entries = self.0.store.events_after(seq, EVENTS_PER_READ).await?;
        let seq = entries.last().map_or(seq, |entry| entry.seq);
        let entries = entries.into_iter().filter(|entry| principal.may(entry.event.scope())).collect();
        Ok(Happened { entries, seq })
    }
}
