//! Answering a ticket: a reply that the customer reads, or a note that only the team reads.

use domain::{
    AuditAction, Author, Event, MESSAGE_BYTES_MAX, Message, MessageKind, Principal, SlaEvent, SuggestionId,
    SuggestionOutcome, Ticket, TicketId, TicketStatus, TurnContent,
};
use serde_json::json;

use crate::{Desk, DeskError, input};

impl Desk {
    /// Sends a public reply. The bot is silent in its conversation from now on. When the reply began as a suggestion,
    /// whether it was used or edited is recorded.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] when closed.
    pub async fn reply(
        &self,
        principal: &Principal,
        id: &TicketId,
        body: &str,
        from: Option<&SuggestionId>,
    ) -> Result<Message, DeskError> {
        let body = input::text("body", body, MESSAGE_BYTES_MAX)?;
        let author = self.author(principal).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_of(&mut tx, principal, id).await?;
        if ticket.status == TicketStatus::Closed {
            return Err(DeskError::Conflict("this ticket is closed".to_owned()));
        }
        let message = self.message(id, author.clone(), body);
        tx.insert_message(&message).await?;
        tx.record(AuditAction::TicketReplied, id, json!({ "message_id": message.id }));
        if let Author::Agent { .. } = author {
            self.move_clocks(&mut tx, &ticket, &ticket, Some(SlaEvent::AgentReply)).await?;
        }
        let status = match ticket.status {
            TicketStatus::New | TicketStatus::Open => TicketStatus::Pending,
            status => status,
        };
        let mut replied = Ticket { status, ..ticket.clone() };
        if let Author::Agent { .. } = author {
            replied.handling.first_replied_at.get_or_insert(now);
        }
        let ticket = self.save_ticket(&mut tx, &ticket, replied, &author).await?;
        for conversation_id in Self::conversations_of(&mut tx, &ticket).await? {
            let Some(conversation) = tx.conversation(&conversation_id).await? else { continue };
            let (Author::Agent { name, .. }, Some(user_id)) = (&author, user_id(principal)) else { break };
            let content = TurnContent::Agent { user_id, name: name.clone(), text: body.to_owned() };
            tx.insert_turn(&self.turn(&conversation, 0, content)).await?;
            let mut conversation = conversation.human_spoke(now);
            conversation.n_turns += 1;
            tx.update_conversation(&conversation).await?;
            tx.emit(&Event::TurnAdded { conversation_id: conversation.id }, now).await?;
        }
        if let Some(suggestion_id) = from
            && let Some(suggestion) = tx.suggestion(suggestion_id).await?
            && suggestion.ticket_id == *id
        {
            let outcome = if suggestion.body.trim() == body {
                SuggestionOutcome::Used
            } else {
                SuggestionOutcome::Edited
            };
            tx.set_suggestion_outcome(suggestion_id, outcome, now).await?;
        }
        tx.commit().await?;
        Ok(message)
    }

    /// Adds an internal note.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`].
    pub async fn note(&self, principal: &Principal, id: &TicketId, body: &str) -> Result<Message, DeskError> {
        let body = input::text("body", body, MESSAGE_BYTES_MAX)?;
        let author = self.author(principal).await?;
        let message = Message { kind: MessageKind::Note, ..self.message(id, author.clone(), body) };
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_of(&mut tx, principal, id).await?;
        tx.insert_message(&message).await?;
        tx.record(AuditAction::TicketNoted, id, json!({ "message_id": message.id }));
        self.save_ticket(&mut tx, &ticket, ticket.clone(), &author).await?;
        tx.commit().await?;
        Ok(message)
    }
}

/// The speaker of an agent's turn. A program with a key speaks in the team's name, under the key's id.
fn user_id(principal: &Principal) -> Option<domain::UserId> {
    match principal {
        Principal::Staff { id, .. } => Some(id.clone()),
        Principal::ApiKey { id, .. } => Some(domain::UserId::new(id.as_str())),
        _ => None,
    }
}
