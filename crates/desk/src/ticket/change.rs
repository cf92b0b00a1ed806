//! Changing a ticket: status, priority, team, assignee.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    FieldOf, OrganisationId, Principal, Priority, TAG_CHARS_MAX, TAGS_MAX, Tag, Ticket, TicketId,
    TicketStatus, Timestamp, UserId,
};
use serde_json::Value;
use store::WriteTx;

use crate::{
    Desk, DeskError, TicketRow,
    audit::RecordedTx,
    customer::check_organisation,
    input,
    ticket::{follow::copies, snooze::check_snooze},
};

/// Longest team key, in bytes.
const TEAM_BYTES_MAX: usize = 64;

/// What to change; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct TicketChange {
    /// The category of the new status: its built-in one, unless [`Self::custom_status`] names another of it.
    pub status: Option<TicketStatus>,
    /// The new status, by key; a built-in one or the site's own.
    pub custom_status: Option<String>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new team, by key.
    pub team: Option<String>,
    /// The new assignee, or nobody.
    pub assignee: Option<Option<UserId>>,
    /// The new organisation, or none.
    pub organisation: Option<Option<OrganisationId>>,
    /// The new tags, as people write them, in place of the old ones.
    pub tags: Option<Vec<String>>,
    /// Until when it is snoozed from now on, or that it is not.
    pub snoozed_until: Option<Option<Timestamp>>,
    /// The addresses in copy, in place of the old ones.
    pub cc: Option<Vec<String>>,
    /// New values of custom fields, by key, as JSON; null takes one away, what is not named stays.
    pub fields: BTreeMap<String, Value>,
}

impl Desk {
    /// Changes a ticket. What changed stands in its history.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] for a status
    /// it cannot take, [`DeskError::Stale`] when `expected_revision` is not its revision, [`DeskError::Invalid`] for an
    /// assignee who does not exist.
    pub async fn change_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
        change: TicketChange,
        expected_revision: Option<i64>,
    ) -> Result<TicketRow, DeskError> {
        let by = self.author(principal).await?;
        if let Some(Some(user_id)) = &change.assignee {
            self.check_assignee(user_id).await?;
        }
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        input::revision(expected_revision, before.revision)?;
        let ticket = self.changed(&mut tx, principal, &before, change).await?;
        if ticket == before {
            tx.rollback().await?;
            return self.ticket_row(principal, ticket).await;
        }
        let ticket = self.save_ticket(&mut tx, &before, ticket, &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }

    /// The ticket after a change, not stored yet. Who it is assigned to is for the caller to check.
    ///
    /// # Errors
    /// As [`Desk::change_ticket`].
    pub(crate) async fn changed(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        before: &Ticket,
        change: TicketChange,
    ) -> Result<Ticket, DeskError> {
        let team = change.team.as_deref();
        let team = team.map(|team| input::text("team", team, TEAM_BYTES_MAX)).transpose()?;
        let tags = change.tags.as_deref().map(tags).transpose()?;
        let cc = change.cc.as_deref().map(copies).transpose()?;
        let now = self.now();
        let mut ticket = Self::in_status(tx, before.clone(), &change, now).await?;
        ticket.priority = change.priority.unwrap_or(ticket.priority);
        if let Some(team) = team {
            Self::check_team(tx, principal, team).await?;
            team.clone_into(&mut ticket.team);
        }
        ticket.assignee_id = change.assignee.unwrap_or(ticket.assignee_id);
        if let Some(organisation) = change.organisation {
            check_organisation(tx, organisation.as_ref()).await?;
            ticket.organisation_id = organisation;
        }
        ticket.tags = tags.unwrap_or(ticket.tags);
        ticket.fields = self.with_values(tx, FieldOf::Ticket, ticket.fields, &change.fields).await?;
        ticket.handling.cc = cc.unwrap_or(ticket.handling.cc);
        if let Some(until) = change.snoozed_until {
            if let Some(until) = until {
                check_snooze(&ticket, until, now)?;
            }
            ticket.handling.snoozed_until = until;
        }
        if ticket.status.is_done() && !before.status.is_done() {
            self.require_values(tx, &ticket).await?;
            if ticket.handling.checklist.holds_back() {
                let message = "every item must be done before the ticket is solved or closed";
                return Err(DeskError::invalid("checklist", message));
            }
        }
        Ok(ticket)
    }

    /// Refuses an agent to whom no ticket can be given.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for who is not there or is deactivated.
    pub(crate) async fn check_assignee(&self, id: &UserId) -> Result<(), DeskError> {
        if self.0.store.find_user(id).await?.is_some_and(|user| user.is_active()) {
            return Ok(());
        }
        Err(DeskError::invalid("assignee_id", "there is no such person, or they are deactivated"))
    }

    /// Refuses a team to which this principal can give no ticket.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for one that is not there or not theirs to see, which are not told apart.
    pub(crate) async fn check_team(
        tx: &mut WriteTx,
        principal: &Principal,
        team: &str,
    ) -> Result<(), DeskError> {
        if tx.team(team).await?.is_some() && principal.sees_team(team) {
            return Ok(());
        }
        Err(DeskError::invalid("team", format!("there is no team {team:?}")))
    }
}

pub(crate) fn tags(texts: &[String]) -> Result<Vec<Tag>, DeskError> {
    let mut tags = BTreeSet::new();
    for text in texts {
        let tag = Tag::parse(text).ok_or_else(|| {
            DeskError::invalid("tags", format!("{text:?}: 1 to {TAG_CHARS_MAX} characters without a comma"))
        })?;
        tags.insert(tag);
    }
    if tags.len() > TAGS_MAX {
        return Err(DeskError::invalid("tags", format!("at most {TAGS_MAX}")));
    }
    Ok(tags.into_iter().collect())
}
