//! Merging a ticket into another one. What was said in it stays where it is and is read with the other one from then on, so
//! that nothing is lost and everything can be taken back.

use domain::{
    AuditAction, Author, ConversationId, Deed, MERGED_MAX, MergeSight, Merged, Operation, Principal,
    SlaEvent, Stood, Ticket, TicketField, TicketId, TicketStatus,
};
use serde_json::json;

use crate::{
    Desk, DeskError,
    audit::RecordedTx,
    ticket::{save::Spoken, snooze::woken},
};

/// What to do where two tickets are not known to be of the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferentCustomers {
    /// Not merge them.
    Refuse,
    /// Merge them, so that the team alone reads in the one what was said in the other.
    KeepInternal,
}

impl Desk {
    /// Merges a ticket into another one: it is closed, and what was said in it is read there. Replies that wait in it are sent in the
    /// other one, to the same customer; where the customers differ they stay behind, and say why they were not sent.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] where either is not this principal's to see,
    /// [`DeskError::Invalid`] for a ticket and itself, [`DeskError::Conflict`] where one was merged already, the other one is
    /// closed, the customers differ, or there are [`MERGED_MAX`].
    pub async fn merge_tickets(
        &self,
        principal: &Principal,
        id: &TicketId,
        into: &TicketId,
        different: DifferentCustomers,
    ) -> Result<Operation, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        let (source, target) = Self::both_of(&mut tx, principal, id, into).await?;
        let operation = self.merge(&mut tx, &source, &target, different, &by).await?;
        tx.commit().await?;
        Ok(operation)
    }

    /// Merges a ticket into another one that whoever asks sees too.
    pub(crate) async fn merge(
        &self,
        tx: &mut RecordedTx,
        source: &Ticket,
        target: &Ticket,
        different: DifferentCustomers,
        by: &Author,
    ) -> Result<Operation, DeskError> {
        check(tx, source, target).await?;
        let sight = sight(source, target, different)?;
        let clock = tx.sla_clock(&source.id).await?.map(|stored| stored.state);
        let source_stood = Stood::of(source, clock);
        let mut closed = source.clone().with_status(TicketStatus::Closed, None);
        closed.handling.merged = Some(Merged { into: target.id.clone(), at: self.now(), sight });
        let line = format!("Merged into #{}", target.number);
        tx.insert_message(&self.event_line(&source.id, by, &line)).await?;
        self.save_ticket(tx, source, closed, by).await?;

        let waiting = match sight {
            MergeSight::Shared => tx.move_waiting_replies(&source.id, &target.id).await?,
            // A reply is to who asked, and nobody else.
            MergeSight::Internal => vec![],
        };
        let hidden = match sight {
            MergeSight::Shared => "",
            MergeSight::Internal => "; the customer of this ticket does not read what was said there",
        };
        let along = match waiting.len() {
            0 => String::new(),
            1 => "; a reply that waited there waits here".to_owned(),
            n => format!("; {n} replies that waited there wait here"),
        };
        let line = format!("Merged #{} into this ticket{hidden}{along}", source.number);
        tx.insert_message(&self.event_line(&target.id, by, &line)).await?;
        let merged = Some(source.id.to_string());
        self.note_change(tx, target, by, TicketField::Merged, None, merged).await?;
        // A question that nobody has answered yet must not rest in a ticket that waits for somebody else.
        let wakes = source.is_waiting() && !target.is_waiting();
        let target_stood = match wakes {
            true => Some(Stood::of(target, tx.sla_clock(&target.id).await?.map(|stored| stored.state))),
            false => None,
        };
        let after = if wakes {
            let spoken = Spoken::to_clocks(SlaEvent::CustomerMessage);
            self.save_ticket_with(tx, target, woken(target), by, spoken).await?
        } else {
            self.save_ticket(tx, target, target.clone(), by).await?
        };
        let details =
            json!({ "into_id": target.id, "sight": sight.as_str(), "n_waiting_replies": waiting.len() });
        tx.record(AuditAction::TicketMerged, &source.id, details);
        let deed = Deed::Merge {
            source: source_stood,
            target: target_stood,
            target_revision: after.revision,
            waiting,
        };
        self.keep(tx, &source.id, &target.id, deed, by).await
    }

    /// The ticket in which what is said in this one is dealt with: itself, unless it was merged.
    pub(crate) async fn living(tx: &mut RecordedTx, ticket: Ticket) -> Result<Ticket, DeskError> {
        let mut ticket = ticket;
        for _ in 0..MERGED_MAX {
            let Some(merged) = &ticket.handling.merged else { break };
            ticket = tx.ticket(&merged.into).await?.ok_or(DeskError::NotFound)?;
        }
        Ok(ticket)
    }

    /// The conversations in which the customer of a ticket reads its replies: its own, those of tickets of the same customer
    /// that were merged into it, and that of the ticket of which it was a part.
    pub(crate) async fn conversations_of(
        tx: &mut RecordedTx,
        ticket: &Ticket,
    ) -> Result<Vec<ConversationId>, DeskError> {
        let mut found: Vec<ConversationId> = ticket.conversation_id.iter().cloned().collect();
        for id in tx.merged_into(&ticket.id).await? {
            let Some(other) = tx.ticket(&id).await? else { continue };
            if is_shared(&other, ticket) {
                found.extend(other.conversation_id);
            }
        }
        if let Some(id) = &ticket.handling.split_from
            && let Some(other) = tx.ticket(id).await?
            && other.customer_id == ticket.customer_id
        {
            found.extend(other.conversation_id);
        }
        Ok(found)
    }
}

/// Whether the customer of a ticket reads what was said in one that was merged into it.
pub(crate) fn is_shared(merged: &Ticket, into: &Ticket) -> bool {
    let is_shared = merged.handling.merged.as_ref().is_some_and(|it| it.sight == MergeSight::Shared);
    is_shared && merged.customer_id.is_some() && merged.customer_id == into.customer_id
}

async fn check(tx: &mut RecordedTx, source: &Ticket, target: &Ticket) -> Result<(), DeskError> {
    if source.id == target.id {
        return Err(DeskError::invalid("into_id", "a ticket is not merged into itself"));
    }
    for ticket in [source, target] {
        if ticket.handling.merged.is_some() {
            return Err(DeskError::Conflict(format!("ticket #{} was merged already", ticket.number)));
        }
    }
    if target.status == TicketStatus::Closed {
        return Err(DeskError::Conflict(format!("ticket #{} is closed", target.number)));
    }
    let n_merged = tx.merged_into(&source.id).await?.len() + tx.merged_into(&target.id).await?.len();
    if n_merged >= MERGED_MAX {
        return Err(DeskError::Conflict(format!("at most {MERGED_MAX} tickets are merged into one")));
    }
    Ok(())
}

/// Who reads in the target what was said in the source.
fn sight(source: &Ticket, target: &Ticket, different: DifferentCustomers) -> Result<MergeSight, DeskError> {
    if source.customer_id.is_some() && source.customer_id == target.customer_id {
        return Ok(MergeSight::Shared);
    }
    let is_nobodys = source.customer_id.is_none() && source.conversation_id.is_none();
    if is_nobodys || different == DifferentCustomers::KeepInternal {
        return Ok(MergeSight::Internal);
    }
    let message = "these tickets are not known to be of the same customer; merge them with \
                   \"different_customers\": \"keep_internal\", so that only the team reads one's words in the other's ticket";
    Err(DeskError::Conflict(message.to_owned()))
}
