//! Which tickets a bulk job is for, and what it would do to some of them.

use std::collections::{HashMap, HashSet};

use domain::{
    Action, Actions, ActionsOf, BULK_SELECTION_MAX, BULK_TICKETS_MAX, Filter, NewAssignee, Principal, Scope,
    TicketField, TicketId,
};
use serde_json::Value;

use crate::{
    Desk, DeskError, PlannedMessage, RefusedAction,
    audit::{RecordedTx, Unrecorded},
    automation::action::Doer,
};

/// Tickets that a preview shows: enough to see a mistake, few enough to plan while somebody waits.
const SAMPLE: usize = 10;
/// Longest id of a ticket that is looked up, in bytes; ids are shorter.
const ID_BYTES_MAX: usize = 64;

/// Which tickets.
#[derive(Debug, Clone)]
pub enum BulkSelection {
    /// These; at most [`BULK_SELECTION_MAX`].
    Tickets(Vec<TicketRef>),
    /// All that a filter admits now; at most [`BULK_TICKETS_MAX`].
    Filter(Filter),
}

/// A ticket, as people and programs name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TicketRef {
    /// By its number.
    Number(i64),
    /// By its id.
    Id(String),
}

/// What a bulk job would do.
#[derive(Debug, Clone)]
pub struct BulkPreview {
    /// How many tickets it would be for; [`BULK_TICKETS_MAX`] where there are more.
    pub n_tickets: usize,
    /// Whether there are more than a job can be for.
    pub is_too_many: bool,
    /// What it would do to the first ones.
    pub sample: Vec<BulkSample>,
}

/// What a bulk job would do to one ticket.
#[derive(Debug, Clone)]
pub struct BulkSample {
    /// Which.
    pub id: TicketId,
    /// What people call it.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// The fields that would change, each with its value before and after.
    pub changes: Vec<(TicketField, Option<String>, Option<String>)>,
    /// What it would write.
    pub messages: Vec<PlannedMessage>,
    /// Why nothing would be done to it.
    pub refused: Option<RefusedAction>,
}

impl BulkSelection {
    /// What a refusal names.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Self::Tickets(_) => "tickets",
            Self::Filter(_) => "filter",
        }
    }
}

impl Desk {
    /// What actions would do to the tickets that are chosen. Nothing is written. Rules, routing and clocks, which follow a change,
    /// are not tried.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`; [`DeskError::Invalid`] for what are no actions or no selection.
    pub async fn preview_bulk_job(
        &self,
        principal: &Principal,
        which: &BulkSelection,
        actions: &[Value],
    ) -> Result<BulkPreview, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let ids = self.selected(principal, which).await?;
        let by = self.author_of(principal).await?;
        let holder = self.holder(principal).await?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let actions = self.checked_actions(&mut tx, (principal, &holder), actions, ActionsOf::Macro).await?;
        check_me(principal, &actions)?;
        let doer = Doer { principal: principal.clone(), by, holder: Some(holder) };
        let mut sample = vec![];
        for id in ids.iter().take(SAMPLE) {
            sample.extend(self.sampled(&mut tx, &doer, id, &actions).await?);
        }
        tx.rollback().await?;
        let n_tickets = ids.len().min(BULK_TICKETS_MAX);
        Ok(BulkPreview { n_tickets, is_too_many: ids.len() > BULK_TICKETS_MAX, sample })
    }

    async fn sampled(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        id: &TicketId,
        actions: &Actions,
    ) -> Result<Option<BulkSample>, DeskError> {
        let before = match Self::ticket_of(tx, &doer.principal, id).await {
            Ok(before) => before,
            Err(DeskError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let plan = self.plan(tx, doer, &before, actions).await?;
        let refused = plan.refused.first().cloned();
        let (changes, messages) = match refused {
            None => (plan.changes(&before), plan.messages),
            Some(_) => (vec![], vec![]),
        };
        let (number, subject) = (before.number, before.subject);
        Ok(Some(BulkSample { id: before.id, number, subject, changes, messages, refused }))
    }

    /// The tickets that are chosen, each once, the oldest first or in the order in which they are named. What is named and not
    /// theirs to see is among them as it was named: nobody is told whether it exists. Of a filter one more than a job may have.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for too many that are named, for names that cannot be ids, and for a status or a field that is not
    /// there.
    pub(super) async fn selected(
        &self,
        principal: &Principal,
        which: &BulkSelection,
    ) -> Result<Vec<TicketId>, DeskError> {
        match which {
            BulkSelection::Filter(filter) => {
                self.check_filter("filter", filter).await?;
                let ctx = self.filter_context(principal).await?;
                Ok(self.0.store.list_ticket_ids(principal, filter, &ctx, BULK_TICKETS_MAX + 1).await?)
            }
            BulkSelection::Tickets(refs) => {
                if refs.is_empty() || refs.len() > BULK_SELECTION_MAX {
                    let message = format!("1 to {BULK_SELECTION_MAX} tickets; send a filter for more");
                    return Err(DeskError::invalid("tickets", message));
                }
                self.named(principal, refs).await
            }
        }
    }

    async fn named(&self, principal: &Principal, refs: &[TicketRef]) -> Result<Vec<TicketId>, DeskError> {
        let numbers: Vec<i64> = refs
            .iter()
            .filter_map(|named| match named {
                TicketRef::Number(number) => Some(*number),
                TicketRef::Id(_) => None,
            })
            .collect();
        let known: HashMap<i64, TicketId> = self.0.store.ticket_ids_by_number(principal, &numbers).await?;
        let mut seen = HashSet::new();
        let mut ids = Vec::with_capacity(refs.len());
        for named in refs {
            let id = match named {
                TicketRef::Number(number) => {
                    known.get(number).cloned().unwrap_or_else(|| TicketId::new(number.to_string()))
                }
                TicketRef::Id(id) if (1..=ID_BYTES_MAX).contains(&id.len()) => TicketId::new(id.as_str()),
                TicketRef::Id(_) => {
                    return Err(DeskError::invalid("tickets", "numbers or ids of tickets"));
                }
            };
            if seen.insert(id.clone()) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

/// Refuses what would be refused for each ticket: a key is nobody to whom one can be assigned.
pub(super) fn check_me(principal: &Principal, actions: &Actions) -> Result<(), DeskError> {
    let is_me = |action: &Action| matches!(action, Action::SetAssignee(NewAssignee::Me));
    match (principal, actions.iter().position(is_me)) {
        (Principal::ApiKey { .. }, Some(n)) => {
            let message = format!("action {}, assignee: me is nobody here: a key belongs to no one", n + 1);
            Err(DeskError::invalid("actions", message))
        }
        _ => Ok(()),
    }
}
