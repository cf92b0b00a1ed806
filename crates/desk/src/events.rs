//! What happened, for programs that follow: in the order of commits, each only to who may know of it.

use domain::{Event, Principal, Scope, TicketSight, Writer};
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
        let scopes = [Scope::TicketsRead, Scope::KbRead, Scope::CustomersRead];
        if !scopes.into_iter().any(|scope| principal.may(scope)) {
            return Err(DeskError::Forbidden);
        }
        let last = self.0.store.last_event_seq().await?;
        let Some(after) = after else { return Ok(last) };
        if let Some(oldest) = self.first_forgotten(after, last).await? {
            return Err(DeskError::Gone(format!(
                "events before {oldest} are forgotten; read anew what you follow, then begin without a place"
            )));
        }
        Ok(after.min(last))
    }

    /// The oldest event that is known, where some after this one are forgotten.
    pub(crate) async fn first_forgotten(&self, after: i64, last: i64) -> Result<Option<i64>, DeskError> {
        // The newest one is always known, even where all are forgotten.
        let oldest = self.0.store.oldest_event_seq().await?.unwrap_or(last + 1);
        // In this order: after the greatest number there is none to add.
        Ok((after < last && after + 1 < oldest).then_some(oldest))
    }

    /// What happened after an event, as far as this principal may know of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn happened_after(&self, principal: &Principal, seq: i64) -> Result<Happened, DeskError> {
        let entries = self.0.store.events_after(seq, EVENTS_PER_READ).await?;
        let seq = entries.last().map_or(seq, |entry| entry.seq);
        let mut told = Vec::with_capacity(entries.len());
        for entry in entries {
            let is_theirs = entry.event.is_told() && principal.may(entry.event.scope());
            if is_theirs && self.sees_event(principal, &entry.event).await? {
                told.push(entry);
            }
        }
        Ok(Happened { entries: told, seq })
    }

    /// Whether an event is of a ticket or conversation that this principal sees.
    async fn sees_event(&self, principal: &Principal, event: &Event) -> Result<bool, DeskError> {
        if let Some(reader) = event.only_for() {
            return Ok(Writer::of(principal).as_ref() == Some(reader));
        }
        if principal.sight() == TicketSight::All {
            return Ok(true);
        }
        match event {
            Event::TicketOpened { ticket_id }
            | Event::TicketChanged { ticket_id }
            | Event::TicketWoken { ticket_id }
            | Event::TicketMentioned { ticket_id, .. }
            | Event::SlaWarned { ticket_id, .. }
            | Event::SlaBreached { ticket_id, .. } => {
                Ok(self.0.store.find_ticket(principal, ticket_id).await?.is_some())
            }
            Event::TurnAdded { conversation_id } | Event::HandoffRequested { conversation_id } => {
                Ok(self.0.store.find_conversation(principal, conversation_id).await?.is_some())
            }
            Event::ArticlePublished { .. }
            | Event::ArticleUnpublished { .. }
            | Event::CustomerChanged { .. }
            | Event::OrganisationChanged { .. } => Ok(true),
            Event::TicketsImported { .. }
            | Event::TicketClocksSet { .. }
            | Event::CustomerErased { .. }
            | Event::BulkJobChanged { .. } => Ok(false),
        }
    }
}
