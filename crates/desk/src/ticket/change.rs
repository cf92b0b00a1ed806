//! Changing a ticket: status, priority, team, assignee.

use domain::{
    Author, Event, Message, MessageKind, Principal, Priority, Scope, TicketId, TicketStatus, UserId,
};

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
}

impl Desk {
    /// Changes a ticket and writes what changed into its thread.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] for a status
    /// it cannot take, [`DeskError::Invalid`] for an assignee who does not exist.
    pub async fn change_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
        change: TicketChange,
    ) -> Result<TicketRow, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let assignee = match &change.assignee {
            Some(Some(user_id)) => {
                let user = self.0.store.find_user(user_id).await?;
                Some(user.ok_or_else(|| DeskError::invalid("assignee_id", "there is no such person"))?)
            }
            _ => None,
        };
        let team = input::optional("team", change.team.as_deref(), TEAM_BYTES_MAX)?;
        let now = self.now();
        let mut tx = self.0.store.begin().await?;
        let mut ticket = tx.ticket(id).await?.ok_or(DeskError::NotFound)?;
        let mut said = Vec::new();
        if let Some(status) = change.status
            && status != ticket.status
        {
            if !ticket.status.may_become(status) {
                let (from, to) = (ticket.status.as_str(), status.as_str());
                return Err(DeskError::Conflict(format!("a ticket that is {from} cannot become {to}")));
            }
            ticket.status = status;
            ticket.solved_at = (status == TicketStatus::Solved).then_some(now).or(ticket.solved_at);
            said.push(format!("Status: {}", status.as_str().replace('_', " ")));
        }
        if let Some(priority) = change.priority
            && priority != ticket.priority
        {
            ticket.priority = priority;
            said.push(format!("Priority: {}", priority.as_str()));
        }
        if let Some(team) = team
            && team != ticket.team
        {
            team.clone_into(&mut ticket.team);
            said.push(format!("Team: {team}"));
        }
        if let Some(assignee_id) = change.assignee
            && assignee_id != ticket.assignee_id
        {
            said.push(match &assignee {
                Some(user) => format!("Assigned to {}", user.name),
                None => "Assigned to nobody".to_owned(),
            });
            ticket.assignee_id = assignee_id;
        }
        if said.is_empty() {
            tx.rollback().await?;
            return self.ticket_row(ticket).await;
        }
        ticket.updated_at = now;
        tx.update_ticket(&ticket).await?;
        let event =
            Message { kind: MessageKind::Event, ..self.message(id, Author::System, &said.join(". ")) };
        tx.insert_message(&event).await?;
        tx.emit(&Event::TicketChanged { ticket_id: id.clone() }, now).await?;
        tx.commit().await?;
        self.ticket_row(ticket).await
    }
}
