//! Storing what changed of a ticket, with its history.

use domain::{
    AuditAction, Author, Event, HistoryEntry, HistoryId, MessageKind, Occasion, Principal, RuleEvent, Scope,
    SlaEvent, Ticket, TicketField, TicketId,
};
use serde_json::{Map, Value, json};

use crate::{Desk, DeskError, audit::RecordedTx, automation::settle::Settling};

/// What was said in a ticket beside what changed of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spoken {
    events: Vec<RuleEvent>,
    message: Option<SlaEvent>,
}

impl Spoken {
    /// The customer wrote.
    pub(crate) fn by_customer() -> Self {
        Self { events: vec![RuleEvent::CustomerReplied], message: Some(SlaEvent::CustomerMessage) }
    }

    /// For the clocks alone: what is said has been heard of elsewhere.
    pub(crate) fn to_clocks(message: SlaEvent) -> Self {
        Self { events: vec![], message: Some(message) }
    }

    /// Somebody wrote messages of these kinds.
    pub(crate) fn of(kinds: impl IntoIterator<Item = MessageKind>, by: &Author) -> Self {
        let mut spoken = Self::default();
        for kind in kinds {
            match (kind, by) {
                (MessageKind::Reply, Author::Agent { .. }) => {
                    spoken.events.push(RuleEvent::AgentReplied);
                    spoken.message = Some(SlaEvent::AgentReply);
                }
                (MessageKind::Note, _) => spoken.events.push(RuleEvent::NoteAdded),
                _ => {}
            }
        }
        spoken
    }
}

impl Desk {
    /// Stores a ticket in another state, and lets rules, routing and its clocks do what follows.
    pub(crate) async fn save_ticket(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: Ticket,
        by: &Author,
    ) -> Result<Ticket, DeskError> {
        self.save_ticket_with(tx, before, after, by, Spoken::default()).await
    }

    /// The same, when something was said too.
    pub(crate) async fn save_ticket_with(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: Ticket,
        by: &Author,
        spoken: Spoken,
    ) -> Result<Ticket, DeskError> {
        let after = self.store_change(tx, before, after, by).await?;
        if !matches!(by, Author::System | Author::Rule { .. }) {
            // Whoever touches a ticket sets free the rules that have acted on it as time passed.
            tx.unmark_ticket(&after.id).await?;
        }
        self.note_touch(tx, before, &after, by).await?;
        let occasion = Occasion::of(spoken.events, before, &after);
        let what = Settling { message: spoken.message, ..Settling::after(before, occasion) };
        Box::pin(self.settle(tx, after, what)).await
    }

    /// Stores a ticket in another state: the change gets the next revision and the time, each field that differs an entry in the
    /// history, all together one in the audit log, and everybody who follows hears of it.
    pub(crate) async fn store_change(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: Ticket,
        by: &Author,
    ) -> Result<Ticket, DeskError> {
        let now = self.now();
        let after = after.settled_after(before, now);
        let after = Ticket { updated_at: now, revision: before.revision + 1, ..after };
        tx.update_ticket(&after).await?;
        let changes = self.write_history(tx, before, &after, by).await?;
        // What was written without a change of a field has an entry of its own.
        if !changes.is_empty() {
            tx.record(AuditAction::TicketChanged, &after.id, Value::Object(changes));
        }
        tx.emit(&Event::TicketChanged { ticket_id: after.id.clone() }, now).await?;
        Ok(after)
    }

    /// Writes an entry into the history for each field that differs. Gives what the audit log may say of it.
    pub(crate) async fn write_history(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: &Ticket,
        by: &Author,
    ) -> Result<Map<String, Value>, DeskError> {
        let mut changes = Map::new();
        for (field, from, to) in before.changes(after) {
            // Values of custom fields may be words of a customer, and so may items; addresses are personal data.
            let told = match field {
                TicketField::Custom(_) | TicketField::Cc | TicketField::Checklist => Value::Null,
                _ => json!([from, to]),
            };
            changes.insert(field.key().into_owned(), told);
            self.note_change(tx, after, by, field, from, to).await?;
        }
        Ok(changes)
    }

    /// Adds an entry to the history of a ticket: what changed, by whom, from what to what.
    pub(crate) async fn note_change(
        &self,
        tx: &mut RecordedTx,
        ticket: &Ticket,
        by: &Author,
        field: TicketField,
        from: Option<String>,
        to: Option<String>,
    ) -> Result<(), DeskError> {
        let entry = HistoryEntry {
            id: HistoryId::new(self.id()),
            ticket_id: ticket.id.clone(),
            at: self.now(),
            by: by.clone(),
            field,
            from,
            to,
        };
        Ok(tx.insert_history(&entry).await?)
    }

    /// A ticket that this principal is about to change; out of the archive, if it was there.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is not there or not theirs to see.
    pub(crate) async fn ticket_of(
        tx: &mut RecordedTx,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Ticket, DeskError> {
        let ticket = tx.ticket(id).await?;
        ticket.filter(|ticket| principal.sees_team(&ticket.team)).ok_or(DeskError::NotFound)
    }

    /// Who acts: the person who signed in, or the team behind an API key.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`.
    pub(crate) async fn author(&self, principal: &Principal) -> Result<Author, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        self.author_of(principal).await
    }

    /// Who acts, whatever they may do.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for a person who is gone.
    pub(crate) async fn author_of(&self, principal: &Principal) -> Result<Author, DeskError> {
        match principal {
            Principal::Staff { id, .. } => {
                let user = self.0.store.find_user(id).await?.ok_or(DeskError::Forbidden)?;
                Ok(Author::Agent { id: id.to_string(), name: user.name })
            }
            Principal::ApiKey { id, .. } => {
                Ok(Author::Agent { id: id.to_string(), name: self.site().name.clone() })
            }
            _ => Ok(Author::System),
        }
    }
}
