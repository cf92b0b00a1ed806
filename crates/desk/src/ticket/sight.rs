//! What is told of other tickets, only as far as the reader sees them: past tickets behind a hit, sources of drafts.

use std::collections::BTreeSet;

use domain::{PastTicket, Principal, Scope, Suggestion, SuggestionSource, TicketId, TicketSight};

use crate::{Desk, DeskError};

impl Desk {
    /// Which of these solved tickets this principal sees.
    pub(crate) async fn seen_tickets(
        &self,
        principal: &Principal,
        ids: BTreeSet<TicketId>,
    ) -> Result<BTreeSet<TicketId>, DeskError> {
        if !principal.may(Scope::TicketsRead) || ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        if principal.sight() == TicketSight::All {
            return Ok(ids);
        }
        let ids: Vec<TicketId> = ids.into_iter().collect();
        let seen = self.0.store.solved_tickets_of(principal, &ids).await?;
        Ok(seen.into_iter().map(|solved| solved.ticket_id).collect())
    }

    /// Leaves of the tickets behind each hit those that this principal sees.
    pub(crate) async fn keep_seen<'h>(
        &self,
        principal: &Principal,
        lists: impl Iterator<Item = &'h mut Vec<PastTicket>>,
    ) -> Result<(), DeskError> {
        let lists: Vec<&mut Vec<PastTicket>> = lists.collect();
        let ids = lists.iter().flat_map(|list| list.iter()).map(|past| past.ticket_id.clone()).collect();
        let seen = self.seen_tickets(principal, ids).await?;
        for list in lists {
            list.retain(|past| seen.contains(&past.ticket_id));
        }
        Ok(())
    }

    /// Leaves of the drafts those whose sources this principal sees.
    pub(crate) async fn keep_seen_drafts(
        &self,
        principal: &Principal,
        drafts: &mut Vec<Suggestion>,
    ) -> Result<(), DeskError> {
        let past = |draft: &Suggestion| -> Vec<TicketId> {
            let tickets = draft.sources.iter().filter_map(|source| match source {
                SuggestionSource::Ticket { ticket_id, .. } => Some(ticket_id.clone()),
                SuggestionSource::Article { .. } => None,
            });
            tickets.collect()
        };
        let seen = self.seen_tickets(principal, drafts.iter().flat_map(past).collect()).await?;
        drafts.retain(|draft| past(draft).iter().all(|id| seen.contains(id)));
        Ok(())
    }
}
