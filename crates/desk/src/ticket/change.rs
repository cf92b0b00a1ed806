//! Changing a ticket: status, priority, team, assignee.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Principal, Priority, TAG_CHARS_MAX, TAGS_MAX, Tag, TicketId, TicketStatus, UserId};
use serde_json::Value;
use store::WriteTx;

use crate::{Desk, DeskError, TicketRow, input};

/// Longest team key, in bytes.
const TEAM_BYTES_MAX: usize = 64;

/// What to change; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct TicketChange {
    /// The new status.
    pub status: Option<TicketStatus>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new team, by key.
    pub team: Option<String>,
    /// The new assignee, or nobody.
    pub assignee: Option<Option<UserId>>,
    /// The new tags, as people write them, in place of the old ones.
    pub tags: Option<Vec<String>>,
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
        let team = input::optional("team", change.team.as_deref(), TEAM_BYTES_MAX)?;
        let tags = change.tags.as_deref().map(tags).transpose()?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        if expected_revision.is_some_and(|expected| expected != before.revision) {
            return Err(DeskError::Stale { current: before.revision });
        }
        let mut ticket = before.clone();
        if let Some(status) = change.status
            && status != ticket.status
        {
            if !ticket.status.may_become(status) {
                let (from, to) = (ticket.status.as_str(), status.as_str());
                return Err(DeskError::Conflict(format!("a ticket that is {from} cannot become {to}")));
            }
            ticket.status = status;
            ticket.solved_at = (status == TicketStatus::Solved).then_some(now).or(ticket.solved_at);
        }
        ticket.priority = change.priority.unwrap_or(ticket.priority);
        if let Some(team) = team {
            Self::check_team(&mut tx, principal, team).await?;
            team.clone_into(&mut ticket.team);
        }
        ticket.assignee_id = change.assignee.unwrap_or(ticket.assignee_id);
        ticket.tags = tags.unwrap_or(ticket.tags);
        ticket.fields = self.with_values(&mut tx, ticket.fields, &change.fields).await?;
        if ticket == before {
            tx.rollback().await?;
            return self.ticket_row(principal, ticket).await;
        }
        if ticket.status == TicketStatus::Solved && before.status != TicketStatus::Solved {
            self.require_values(&mut tx, &ticket).await?;
        }
        let ticket = self.save_ticket(&mut tx, &before, ticket, &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
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
