//! Splitting a ticket: messages that are about something else move to a new one.

use std::collections::BTreeSet;

use domain::{
    AuditAction, Author, Deed, Handling, HandoffReason, Message, MessageId, MessageKind, Operation,
    Principal, SPLIT_MESSAGES_MAX, Ticket, TicketField, TicketId, TicketStatus,
};
use serde_json::json;

use crate::{
    Desk, DeskError, TicketRow, audit::RecordedTx, input, message::reply::first_reply,
    ticket::create::SUBJECT_BYTES_MAX,
};

/// What to move into a new ticket.
#[derive(Debug, Clone)]
pub struct Split {
    /// The messages: replies and notes of the ticket, not all of them.
    pub message_ids: Vec<MessageId>,
    /// What the new ticket is about; taken from the first message when absent.
    pub subject: Option<String>,
}

impl Desk {
    /// Moves messages of a ticket into a new one of the same customer and team.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] where the ticket is not this principal's to see
    /// or a message not the ticket's, [`DeskError::Invalid`] for none, all or too many messages, [`DeskError::Conflict`] for a
    /// ticket that was merged.
    pub async fn split_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
        split: Split,
    ) -> Result<(Operation, TicketRow), DeskError> {
        let by = self.author(principal).await?;
        let subject = input::line("subject", split.subject.as_deref(), SUBJECT_BYTES_MAX)?;
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        if before.handling.merged.is_some() {
            return Err(DeskError::Conflict(format!("ticket #{} was merged", before.number)));
        }
        let chosen = chosen(&tx.messages(id).await?, &split.message_ids)?;
        let ids: Vec<MessageId> = chosen.iter().map(|message| message.id.clone()).collect();
        let ticket = tx.open_ticket(self.part_of(&before, subject, &chosen)).await?;
        tx.move_messages(&ids, id, &ticket.id).await?;
        let line = format!("Split from #{}", before.number);
        tx.insert_message(&self.event_line(&ticket.id, &by, &line)).await?;
        let line = format!("Split into #{}", ticket.number);
        tx.insert_message(&self.event_line(id, &by, &line)).await?;
        let details = json!({ "ticket_id": ticket.id, "message_ids": ids });
        tx.record(AuditAction::TicketSplit, id, details);
        tx.record(AuditAction::TicketOpened, &ticket.id, json!({ "number": ticket.number }));
        let (old, new) = (Some(id.to_string()), Some(ticket.id.to_string()));
        self.note_change(&mut tx, &before, &by, TicketField::Split, None, new).await?;
        self.note_change(&mut tx, &ticket, &by, TicketField::Split, None, old).await?;
        self.save_ticket(&mut tx, &before, before.clone(), &by).await?;
        let ticket = self.announce_ticket(&mut tx, ticket).await?;
        let deed = Deed::Split { message_ids: ids };
        let operation = self.keep(&mut tx, id, &ticket.id, deed, &by).await?;
        tx.commit().await?;
        Ok((operation, self.ticket_row(principal, ticket).await?))
    }

    /// The new ticket of some messages.
    fn part_of(&self, whole: &Ticket, subject: Option<String>, messages: &[Message]) -> Ticket {
        let now = self.now();
        let text = messages.first().map(|message| message.body.as_str());
        let brief = || self.0.answerer.brief(&[], text, &HandoffReason::Asked, &whole.locale).subject;
        Ticket {
            subject: subject.unwrap_or_else(brief),
            priority: whole.priority,
            customer_id: whole.customer_id.clone(),
            organisation_id: whole.organisation_id.clone(),
            handling: Handling {
                split_from: Some(whole.id.clone()),
                first_replied_at: first_reply(messages),
                cc: whole.handling.cc.clone(),
                ..Handling::default()
            },
            ..Ticket::new(
                TicketId::new(self.id()),
                whole.team.clone(),
                whole.channel.clone(),
                whole.locale.clone(),
                now,
            )
        }
    }

    /// Moves the messages of a split back.
    pub(super) async fn join(
        &self,
        tx: &mut RecordedTx,
        whole: &Ticket,
        part: &Ticket,
        ids: &[MessageId],
        by: &Author,
    ) -> Result<(), DeskError> {
        let messages = tx.messages(&part.id).await?;
        let is_moved = |message: &&Message| ids.contains(&message.id);
        if messages.iter().filter(is_moved).count() != ids.len() {
            return Err(DeskError::Conflict(format!("messages were moved out of #{} since", part.number)));
        }
        if messages.iter().any(|message| !is_moved(&message) && message.kind != MessageKind::Event) {
            return Err(DeskError::Conflict(format!("somebody has written in #{} since", part.number)));
        }
        if part.handling.merged.is_some() || !tx.merged_into(&part.id).await?.is_empty() {
            return Err(DeskError::Conflict(format!("#{} was merged since", part.number)));
        }
        if whole.customer_id != part.customer_id {
            return Err(DeskError::Conflict("the tickets are of different customers by now".to_owned()));
        }
        tx.move_messages(ids, &part.id, &whole.id).await?;
        let line = format!("Took back what was split into #{}", part.number);
        tx.insert_message(&self.event_line(&whole.id, by, &line)).await?;
        let line = format!("Went back into #{}", whole.number);
        tx.insert_message(&self.event_line(&part.id, by, &line)).await?;
        let (whole_id, part_id) = (Some(whole.id.to_string()), Some(part.id.to_string()));
        self.note_change(tx, whole, by, TicketField::Split, part_id, None).await?;
        self.note_change(tx, part, by, TicketField::Split, whole_id, None).await?;
        self.save_ticket(tx, whole, whole.clone(), by).await?;
        let closed = part.clone().with_status(TicketStatus::Closed, None);
        self.save_ticket(tx, part, closed, by).await?;
        Ok(())
    }
}

/// The messages that are named, in order.
fn chosen(all: &[Message], ids: &[MessageId]) -> Result<Vec<Message>, DeskError> {
    if ids.is_empty() || ids.len() > SPLIT_MESSAGES_MAX {
        return Err(DeskError::invalid("message_ids", format!("1 to {SPLIT_MESSAGES_MAX} messages")));
    }
    let wanted: BTreeSet<&MessageId> = ids.iter().collect();
    let chosen: Vec<Message> = all.iter().filter(|message| wanted.contains(&message.id)).cloned().collect();
    if chosen.len() != wanted.len() {
        return Err(DeskError::NotFound);
    }
    if chosen.iter().any(|message| message.kind == MessageKind::Event) {
        return Err(DeskError::invalid("message_ids", "only replies and notes are moved"));
    }
    let n_said = all.iter().filter(|message| message.kind != MessageKind::Event).count();
    if chosen.len() == n_said {
        return Err(DeskError::invalid("message_ids", "leave at least one message in the ticket"));
    }
    Ok(chosen)
}
