//! The statuses that tickets can have: adding to them while the site runs, and moving tickets among them.

use std::collections::BTreeSet;

use domain::{
    AuditAction, Principal, STATUSES_MAX, Scope, Status, StatusState, Ticket, TicketStatus, Timestamp,
};
use serde_json::json;
use store::WriteTx;

use crate::{Desk, DeskError, input, ticket::change::TicketChange};

/// Longest name of a status, in bytes: a chip on a page.
const NAME_BYTES_MAX: usize = 60;

/// A status to be added.
#[derive(Debug, Clone)]
pub struct NewStatus {
    /// What filters and programs name it by.
    pub key: String,
    /// What agents read.
    pub name: String,
    /// What customers read; the same when absent.
    pub customer_name: Option<String>,
    /// What it counts as.
    pub category: TicketStatus,
    /// Its place among the others.
    pub position: i64,
    /// The keys that agents may move a ticket to from here; all that the categories allow when absent.
    pub next: Option<BTreeSet<String>>,
}

/// What to change of a status; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct StatusChange {
    /// What agents read from now on.
    pub name: Option<String>,
    /// What customers read from now on.
    pub customer_name: Option<String>,
    /// Its new place.
    pub position: Option<i64>,
    /// Whether tickets are given it from now on.
    pub state: Option<StatusState>,
    /// The keys that agents may move a ticket to from here, or all that the categories allow.
    pub next: Option<Option<BTreeSet<String>>>,
}

impl Desk {
    /// Every status, by position, those that are retired too.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_statuses(&self, principal: &Principal) -> Result<Vec<Status>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        Ok(self.0.store.list_statuses().await?)
    }

    /// Adds a status, from the next request on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::Invalid`], [`DeskError::Conflict`]
    /// when the key is taken or there are [`STATUSES_MAX`].
    pub async fn create_status(&self, principal: &Principal, new: NewStatus) -> Result<Status, DeskError> {
        Self::require_settings(principal)?;
        if !Status::is_free_key(&new.key) {
            let message =
                "a small letter, then small letters, digits and _, at most 64, and no built-in status";
            return Err(DeskError::invalid("key", message));
        }
        let name = input::text("name", &new.name, NAME_BYTES_MAX)?;
        let customer_name = input::optional("customer_name", new.customer_name.as_deref(), NAME_BYTES_MAX)?;
        let status = Status {
            key: new.key,
            name: name.to_owned(),
            customer_name: customer_name.unwrap_or(name).to_owned(),
            category: new.category,
            position: new.position,
            state: StatusState::Active,
            next: new.next,
            revision: 1,
        };
        let mut tx = self.begin(principal).await?;
        let known = tx.statuses().await?;
        if known.len() >= STATUSES_MAX {
            return Err(DeskError::Conflict(format!("there are {STATUSES_MAX} statuses already")));
        }
        known_only(&known, &status)?;
        tx.insert_status(&status).await?;
        tx.record(AuditAction::StatusCreated, &status.key, json!({ "category": status.category }));
        tx.commit().await?;
        Ok(status)
    }

    /// Changes a status. Tickets that have it keep it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`],
    /// [`DeskError::Invalid`], [`DeskError::Conflict`] when a built-in one would be retired, [`DeskError::Stale`] when
    /// `expected_revision` is not its revision.
    pub async fn change_status(
        &self,
        principal: &Principal,
        key: &str,
        change: StatusChange,
        expected_revision: Option<i64>,
    ) -> Result<Status, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let known = tx.statuses().await?;
        let before = known.iter().find(|status| status.key == key).ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let mut status = before.clone();
        if let Some(name) = &change.name {
            status.name = input::text("name", name, NAME_BYTES_MAX)?.to_owned();
        }
        if let Some(name) = &change.customer_name {
            status.customer_name = input::text("customer_name", name, NAME_BYTES_MAX)?.to_owned();
        }
        status.position = change.position.unwrap_or(status.position);
        status.state = change.state.unwrap_or(status.state);
        status.next = change.next.unwrap_or(status.next);
        if status.is_built_in() && status.state == StatusState::Retired {
            return Err(DeskError::Conflict("a built-in status cannot be retired".to_owned()));
        }
        if status == *before {
            tx.rollback().await?;
            return Ok(status);
        }
        known_only(&known, &status)?;
        status.revision += 1;
        tx.update_status(&status).await?;
        tx.record(AuditAction::StatusChanged, key, json!({ "state": status.state }));
        tx.commit().await?;
        Ok(status)
    }

    /// The ticket in the status that a change asks for: the category alone is its built-in status.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for a status that is not there, and for one of another category than is asked for with it;
    /// [`DeskError::Conflict`] for one that the ticket cannot take.
    pub(crate) async fn in_status(
        tx: &mut WriteTx,
        ticket: Ticket,
        change: &TicketChange,
        now: Timestamp,
    ) -> Result<Ticket, DeskError> {
        let wanted = match (&change.custom_status, change.status) {
            (Some(key), _) => key.as_str(),
            (None, Some(status)) => status.as_str(),
            (None, None) => return Ok(ticket),
        };
        if wanted == ticket.status_key() && change.status.is_none_or(|status| status == ticket.status) {
            return Ok(ticket);
        }
        let known = tx.statuses().await?;
        let find = |key: &str| known.iter().find(|status| status.key == key);
        let next = find(wanted)
            .ok_or_else(|| DeskError::invalid("custom_status", format!("there is no status {wanted:?}")))?;
        if change.status.is_some_and(|status| status != next.category) {
            let message = format!("{wanted} is a status of {}", next.category.as_str());
            return Err(DeskError::invalid("custom_status", message));
        }
        if next.state == StatusState::Retired {
            return Err(DeskError::invalid("custom_status", format!("{wanted} is retired")));
        }
        let from = ticket.status_key();
        if !find(from).is_some_and(|status| status.may_become(next)) {
            return Err(DeskError::Conflict(format!("a ticket that is {from} cannot become {wanted}")));
        }
        let is_solved = next.category == TicketStatus::Solved && ticket.status != TicketStatus::Solved;
        let solved_at = is_solved.then_some(now).or(ticket.solved_at);
        let key = (!next.is_built_in()).then(|| next.key.clone());
        Ok(Ticket { solved_at, ..ticket }.with_status(next.category, key))
    }
}

/// Refuses a list of what may come next that names a status which is not there.
fn known_only(known: &[Status], status: &Status) -> Result<(), DeskError> {
    let is_known = |key: &String| *key == status.key || known.iter().any(|known| known.key == *key);
    match status.next.iter().flatten().find(|key| !is_known(key)) {
        Some(key) => Err(DeskError::invalid("next", format!("there is no status {key:?}"))),
        None => Ok(()),
    }
}
