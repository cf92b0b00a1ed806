//! Opening the one ticket of a conversation, with everything an agent needs to go on.

use domain::{
    AuditAction, Author, BotTurn, CUSTOMER_MESSAGES_MAX, Channel, Conversation, CustomerId, Event, Message,
    MessageId, MessageKind, Occasion, OrganisationId, Priority, RuleEvent, TEAMS_MAX, Ticket, TicketId,
    Timestamp, Turn, TurnContent,
};
use serde_json::json;

use crate::{
    Desk, DeskError,
    audit::RecordedTx,
    automation::settle::Settling,
    conversation::reason_of,
    ticket::{save::Spoken, snooze::woken},
};

impl Desk {
    /// Opens the conversation's ticket, or adds to the one it has, and stores the conversation.
    ///
    /// The database holds at most one ticket per conversation, so two requests and the watchdog at the same moment make
    /// one.
    pub(crate) async fn open_ticket(
        &self,
        tx: &mut RecordedTx,
        conversation: Conversation,
        message: Option<&str>,
    ) -> Result<Conversation, DeskError> {
        let now = self.now();
        if let Some(ticket_id) = conversation.ticket_id().cloned() {
            let details = json!({ "ticket_id": ticket_id });
            tx.record(AuditAction::ConversationHandedOff, &conversation.id, details);
            if conversation.customer_id.is_some()
                && let Some(ticket) = tx.ticket(&ticket_id).await?
                && ticket.customer_id.is_none()
            {
                let organisation_id = self
                    .organisation_of(tx, conversation.customer_id.as_ref())
                    .await?
                    .or(ticket.organisation_id.clone());
                let customer_id = conversation.customer_id.clone();
                let known = Ticket { customer_id, organisation_id, ..ticket.clone() };
                self.save_ticket(tx, &ticket, known, &Author::Customer).await?;
            }
            if let Some(text) = message {
                self.add_customer_message(tx, &ticket_id, text).await?;
            }
            tx.update_conversation(&conversation).await?;
            return Ok(conversation);
        }
        let turns = tx.turns(&conversation.id).await?;
        let reason = reason_of(&conversation);
        let brief = self.0.answerer.brief(&turns, message, &reason, &conversation.locale);
        let team = Self::team_for(tx, &brief.team).await?;
        let ticket = Ticket {
            subject: brief.subject,
            priority: brief.priority,
            customer_id: conversation.customer_id.clone(),
            organisation_id: self.organisation_of(tx, conversation.customer_id.as_ref()).await?,
            conversation_id: Some(conversation.id.clone()),
            handoff_reason: Some(reason),
            summary: brief.summary,
            ..Ticket::new(TicketId::new(self.id()), team, Channel::chat(), conversation.locale.clone(), now)
        };
        let ticket = tx.open_ticket(ticket).await?;
        let event = Message {
            kind: MessageKind::Event,
            ..self.message(&ticket.id, Author::System, &handed_over(&ticket))
        };
        tx.insert_message(&event).await?;
        self.note_other_team(tx, &ticket, &brief.team).await?;
        if let Some(text) = message {
            tx.insert_message(&self.message(&ticket.id, Author::Customer, text)).await?;
        }
        let details = json!({ "ticket_id": ticket.id });
        tx.record(AuditAction::ConversationHandedOff, &conversation.id, details);
        tx.record(AuditAction::TicketOpened, &ticket.id, json!({ "number": ticket.number }));
        let conversation = conversation.ticketed(ticket.id.clone(), now);
        tx.update_conversation(&conversation).await?;
        Self::note_wrote(tx, &ticket, now).await?;
        self.announce_ticket(tx, ticket).await?;
        Ok(conversation)
    }

    /// Writes into a new ticket which team it was meant for, where that could not be made.
    pub(crate) async fn note_other_team(
        &self,
        tx: &mut RecordedTx,
        ticket: &Ticket,
        meant: &str,
    ) -> Result<(), DeskError> {
        if ticket.team == meant {
            return Ok(());
        }
        let text =
            format!("Meant for the team {meant}, which cannot be made: there are {TEAMS_MAX} teams already");
        let event = Message { kind: MessageKind::Event, ..self.message(&ticket.id, Author::System, &text) };
        Ok(tx.insert_message(&event).await?)
    }

    /// Remembers that the customer of a ticket, if it is known, has just written.
    pub(crate) async fn note_wrote(
        tx: &mut RecordedTx,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        if let Some(id) = &ticket.customer_id {
            tx.note_customer_wrote(id, &ticket.locale, now).await?;
        }
        Ok(())
    }

    /// Tells of a ticket that was opened, with its first messages in it; rules may change it, then it is given to somebody where
    /// its team wants that, and its clocks are set.
    pub(crate) async fn announce_ticket(
        &self,
        tx: &mut RecordedTx,
        ticket: Ticket,
    ) -> Result<Ticket, DeskError> {
        tx.emit(&Event::TicketOpened { ticket_id: ticket.id.clone() }, self.now()).await?;
        let occasion = Occasion { events: [RuleEvent::TicketOpened].into(), changes: vec![] };
        let what = Settling { routed: None, ..Settling::after(&ticket, occasion) };
        Box::pin(self.settle(tx, ticket.clone(), what)).await
    }

    /// Where a customer belongs, for the ticket that is theirs.
    pub(crate) async fn organisation_of(
        &self,
        tx: &mut RecordedTx,
        id: Option<&CustomerId>,
    ) -> Result<Option<OrganisationId>, DeskError> {
        let Some(id) = id else { return Ok(None) };
        Ok(tx.customer(id).await?.and_then(|customer| customer.organisation_id))
    }

    /// A public message of a ticket.
    pub(crate) fn message(&self, ticket_id: &TicketId, author: Author, body: &str) -> Message {
        Message {
            id: MessageId::new(self.id()),
            ticket_id: ticket_id.clone(),
            author,
            kind: MessageKind::Reply,
            body: body.to_owned(),
            html: None,
            created_at: self.now(),
        }
    }

    /// Adds what a customer says to a ticket, and wakes one that waits, is snoozed, was solved or closed: nobody would read it
    /// otherwise. What is said in a ticket that was merged wakes the one that is left.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] beyond [`CUSTOMER_MESSAGES_MAX`].
    pub(crate) async fn add_customer_message(
        &self,
        tx: &mut RecordedTx,
        id: &TicketId,
        text: &str,
    ) -> Result<(), DeskError> {
        let ticket = tx.ticket(id).await?.ok_or(DeskError::NotFound)?;
        let message = self.message(id, Author::Customer, text);
        Self::insert_of_customer(tx, &message).await?;
        tx.record(AuditAction::TicketReplied, id, json!({ "message_id": message.id }));
        Self::note_wrote(tx, &ticket, self.now()).await?;
        if ticket.handling.merged.is_some() {
            // It stays where it was said; the team reads it in the ticket that is left.
            self.save_ticket(tx, &ticket, ticket.clone(), &Author::Customer).await?;
        }
        let living = Self::living(tx, ticket).await?;
        // What waits was written without knowing of this.
        tx.mark_waiting_replies(&living.id, self.now()).await?;
        self.save_ticket_with(tx, &living, woken(&living), &Author::Customer, Spoken::by_customer()).await?;
        Ok(())
    }

    /// Writes into a ticket what somebody typed of who they are and has not proved. Only the team reads it.
    ///
    /// # Errors
    /// As [`Desk::add_customer_message`].
    pub(crate) async fn note_unproved(
        &self,
        tx: &mut RecordedTx,
        id: &TicketId,
        text: &str,
    ) -> Result<(), DeskError> {
        let ticket = tx.ticket(id).await?.ok_or(DeskError::NotFound)?;
        // By the customer, so that it is erased with what else they typed.
        let event = Message { kind: MessageKind::Event, ..self.message(id, Author::Customer, text) };
        Self::insert_of_customer(tx, &event).await?;
        self.save_ticket(tx, &ticket, ticket.clone(), &Author::Customer).await?;
        Ok(())
    }

    async fn insert_of_customer(tx: &mut RecordedTx, message: &Message) -> Result<(), DeskError> {
        if tx.count_messages_of_customer(&message.ticket_id).await? >= CUSTOMER_MESSAGES_MAX {
            return Err(DeskError::Conflict("this conversation is too long; open a new one".to_owned()));
        }
        Ok(tx.insert_message(message).await?)
    }
}

/// The thread's first line.
fn handed_over(ticket: &Ticket) -> String {
    let reason = ticket.handoff_reason.as_ref().map_or("asked for a human", domain::HandoffReason::label);
    let urgency = if ticket.priority > Priority::Normal { ", raised priority" } else { "" };
    format!("Handed over by the bot: {reason}{urgency}")
}

/// What the bot cited in a conversation, each article passage once, in order of appearance.
pub(crate) fn tried(turns: &[Turn]) -> Vec<domain::Citation> {
    let mut seen = std::collections::HashSet::new();
    turns
        .iter()
        .filter_map(|turn| match &turn.content {
            TurnContent::Bot { turn, .. } => Some(turn),
            _ => None,
        })
        .flat_map(BotTurn::citations)
        .filter(|citation| seen.insert((citation.article_id.clone(), citation.anchor.clone())))
        .cloned()
        .collect()
}
