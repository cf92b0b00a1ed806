//! The responses that are kept for requests that may be sent again, where a customer who is erased stands in them.
//!
//! All that are kept are searched, which takes long on a busy site, so it is done before the transaction that erases. Within it
//! those alone are read again that had no response when the search began, or were claimed since.

use std::collections::BTreeSet;

use domain::{ConversationId, CustomerId, Principal, TicketId, Timestamp};
use store::ClaimedKey;

use crate::{Desk, DeskError, audit::RecordedTx};

/// How much earlier than this clock says a key may have been claimed by another process whose clock is behind.
const CLOCKS_DIFFER_MS: i64 = 5 * 60 * 1_000;

/// What was found of a part of an erasure before its transaction.
pub(super) struct Searched {
    /// The tickets of this part. Others are not erased with it: they were not searched for.
    pub(super) tickets: BTreeSet<TicketId>,
    /// Its conversations, likewise.
    pub(super) conversations: BTreeSet<ConversationId>,
    /// The keys in whose responses something of it stands.
    found: Vec<ClaimedKey>,
    /// The keys that had no response.
    without_response: Vec<ClaimedKey>,
    /// Since when keys may have been claimed that were not searched.
    since: Timestamp,
}

impl Desk {
    /// Searches the responses for the next part of a customer's erasure.
    pub(super) async fn search_responses(&self, id: &CustomerId, limit: i64) -> Result<Searched, DeskError> {
        let store = &self.0.store;
        // First of all: whoever has a response by now tells of nothing that is not read below.
        let since = Timestamp(self.now().0 - CLOCKS_DIFFER_MS);
        let without_response = store.keys_without_response().await?;
        let mut texts = vec![id.to_string()];
        if let Some(name) = store.find_erased_name(id).await? {
            texts.extend(name.addresses().cloned());
        }
        let tickets = store.ticket_ids_of_customer(id, None, limit).await?;
        let mut conversations = store.conversation_ids_of_customer(id, limit).await?;
        let own = conversations.iter().cloned().collect();
        for ticket in &tickets {
            texts.push(ticket.to_string());
            let messages = store.list_messages(&Principal::System, ticket).await?;
            texts.extend(messages.iter().map(|message| message.id.to_string()));
            let drafts = store.list_suggestions(&Principal::System, ticket).await?;
            texts.extend(drafts.iter().map(|draft| draft.id.to_string()));
            let waiting = store.list_waiting_replies(&Principal::System, ticket).await?;
            texts.extend(waiting.iter().map(|reply| reply.id.to_string()));
            let found = store.find_ticket(&Principal::System, ticket).await?;
            conversations.extend(found.and_then(|ticket| ticket.conversation_id));
        }
        for conversation in &conversations {
            texts.push(conversation.to_string());
            let turns = store.list_turns(&Principal::System, conversation).await?;
            texts.extend(turns.iter().map(|turn| turn.id.to_string()));
        }
        let found = store.keys_with(&texts).await?;
        let tickets = tickets.into_iter().collect();
        Ok(Searched { tickets, conversations: own, found, without_response, since })
    }

    /// Empties the responses that were found, and those that came since in which any of these texts stands.
    pub(super) async fn empty_responses(
        tx: &mut RecordedTx,
        searched: &Searched,
        texts: &[String],
    ) -> Result<(), DeskError> {
        tx.empty_responses_of(&searched.found).await?;
        tx.empty_late_responses_with(texts, &searched.without_response, searched.since).await?;
        Ok(())
    }
}
