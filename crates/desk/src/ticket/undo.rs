//! Taking back what was done to two tickets at once, while it can be.

use domain::{
    AuditAction, Author, Deed, Message, MessageId, MessageKind, Operation, OperationId, Principal, Scope,
    SlaEvent, SlaState, Stood, Ticket, TicketField, TicketId, TicketStatus, UNDO_WITHIN_MS,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx, ticket::save::Spoken};

/// What was done to a ticket, newest first, that one list tells; older things cannot be undone any more.
const OPERATIONS_MAX: i64 = 100;

impl Desk {
    /// What was done to a ticket and another one that this principal sees too, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`].
    pub async fn list_operations(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Vec<Operation>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        let mut operations = self.0.store.list_operations(principal, id, OPERATIONS_MAX).await?;
        let others: Vec<TicketId> =
            operations.iter().flat_map(|done| [&done.ticket_id, &done.other_id]).cloned().collect();
        let seen: Vec<TicketId> =
            self.0.store.tickets_of(principal, &others).await?.into_iter().map(|ticket| ticket.id).collect();
        operations.retain(|done| seen.contains(&done.ticket_id) && seen.contains(&done.other_id));
        Ok(operations)
    }

    /// Undoes a merge, a split, or a change of links.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] where it was not done to this ticket or either
    /// ticket is not this principal's to see, [`DeskError::Conflict`] with the reason why it cannot be undone.
    pub async fn undo(
        &self,
        principal: &Principal,
        id: &TicketId,
        operation_id: &OperationId,
    ) -> Result<Operation, DeskError> {
        let by = self.author(principal).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        Self::ticket_of(&mut tx, principal, id).await?;
        let done = tx.operation(operation_id).await?.ok_or(DeskError::NotFound)?;
        if done.ticket_id != *id && done.other_id != *id {
            return Err(DeskError::NotFound);
        }
        let (ticket, other) = Self::both_of(&mut tx, principal, &done.ticket_id, &done.other_id).await?;
        if done.undone_at.is_some() {
            return Err(DeskError::Conflict("this was undone already".to_owned()));
        }
        if now > done.undo_until() {
            let hours = UNDO_WITHIN_MS / (60 * 60 * 1_000);
            return Err(DeskError::Conflict(format!("this can be undone for {hours} hours only")));
        }
        match &done.deed {
            Deed::Merge { source, target, target_revision, waiting } => {
                let stood = target.as_ref().filter(|_| other.revision == *target_revision);
                self.part_again(&mut tx, &done, [&ticket, &other], (source, stood), &by).await?;
                // Wherever they wait by now; what was sent meanwhile was said.
                for id in waiting {
                    tx.move_waiting_reply(id, &ticket.id).await?;
                }
            }
            Deed::Split { message_ids } => {
                self.join(&mut tx, &ticket, &other, message_ids, &by).await?;
            }
            Deed::Link { link } => {
                if tx.links(id).await?.iter().all(|known| known.id != link.id) {
                    return Err(DeskError::Conflict("these tickets are linked no more".to_owned()));
                }
                self.remove_link(&mut tx, link, [&ticket, &other], &by).await?;
            }
            Deed::Unlink { link } => self.add_link(&mut tx, link, [&ticket, &other], &by).await?,
        }
        tx.mark_undone(operation_id, now).await?;
        let details = json!({ "kind": done.deed.kind(), "other_id": other.id, "operation_id": operation_id });
        tx.record(AuditAction::TicketUndone, &ticket.id, details);
        tx.commit().await?;
        Ok(Operation { undone_at: Some(now), ..done })
    }

    /// Takes a merged ticket out of the other one again, as both stood. One whose customer has written since is open.
    async fn part_again(
        &self,
        tx: &mut RecordedTx,
        done: &Operation,
        [source, target]: [&Ticket; 2],
        (source_stood, target_stood): (&Stood, Option<&Stood>),
        by: &Author,
    ) -> Result<(), DeskError> {
        if source.handling.merged.as_ref().is_none_or(|merged| merged.into != target.id) {
            return Err(DeskError::Conflict("the ticket is not merged into this one any more".to_owned()));
        }
        // Ids sort by the time at which they were made.
        let is_late =
            |message: &Message| message.author == Author::Customer && message.id.as_str() > done.id.as_str();
        let has_written = tx.messages(&source.id).await?.iter().any(is_late);
        let now = self.now();
        let mut after = source_stood.restored(source.clone(), now);
        after.handling.merged = None;
        if has_written {
            if after.status != TicketStatus::New {
                after = after.with_status(TicketStatus::Open, None);
            }
            after.handling.snoozed_until = None;
        }
        restore_clock(tx, source, source_stood.clock.as_ref()).await?;
        let spoken = match has_written {
            true => Spoken::to_clocks(SlaEvent::CustomerMessage),
            false => Spoken::default(),
        };
        let line = format!("No longer merged into #{}", target.number);
        tx.insert_message(&self.event_line(&source.id, by, &line)).await?;
        self.save_ticket_with(tx, source, after, by, spoken).await?;

        let line = format!("#{} is no longer merged into this ticket", source.number);
        tx.insert_message(&self.event_line(&target.id, by, &line)).await?;
        let merged = Some(source.id.to_string());
        self.note_change(tx, target, by, TicketField::Merged, merged, None).await?;
        let restored = match target_stood {
            Some(stood) => {
                restore_clock(tx, target, stood.clock.as_ref()).await?;
                stood.restored(target.clone(), now)
            }
            None => target.clone(),
        };
        self.save_ticket(tx, target, restored, by).await?;
        Ok(())
    }

    /// Keeps what was done to two tickets, so that it can be undone.
    pub(crate) async fn keep(
        &self,
        tx: &mut RecordedTx,
        ticket_id: &TicketId,
        other_id: &TicketId,
        deed: Deed,
        by: &Author,
    ) -> Result<Operation, DeskError> {
        let operation = Operation {
            id: OperationId::new(self.id()),
            ticket_id: ticket_id.clone(),
            other_id: other_id.clone(),
            deed,
            by: by.clone(),
            at: self.now(),
            undone_at: None,
        };
        tx.insert_operation(&operation).await?;
        Ok(operation)
    }

    /// Two tickets to which this principal is about to do something.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when either is not there or not theirs to see.
    pub(crate) async fn both_of(
        tx: &mut RecordedTx,
        principal: &Principal,
        first: &TicketId,
        second: &TicketId,
    ) -> Result<(Ticket, Ticket), DeskError> {
        let first = Self::ticket_of(tx, principal, first).await?;
        let second = Self::ticket_of(tx, principal, second).await?;
        Ok((first, second))
    }

    /// A line in the thread of a ticket that says what was done to it; only the team reads it.
    pub(crate) fn event_line(&self, ticket_id: &TicketId, by: &Author, line: &str) -> Message {
        Message {
            id: MessageId::new(self.id()),
            kind: MessageKind::Event,
            ..self.message(ticket_id, by.clone(), line)
        }
    }
}

/// Puts the clocks of a ticket back to how they stood; what has become true since is told when they are next moved.
async fn restore_clock(
    tx: &mut RecordedTx,
    ticket: &Ticket,
    state: Option<&SlaState>,
) -> Result<(), DeskError> {
    let (Some(state), Some(stored)) = (state, tx.sla_clock(&ticket.id).await?) else { return Ok(()) };
    let stored = store::StoredClock { state: state.clone(), ..stored };
    tx.save_sla_clock(&ticket.id, &stored, None, &[]).await?;
    Ok(())
}
