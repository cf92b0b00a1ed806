//! What a ticket needs, and why it went to whom.

use std::collections::BTreeMap;

use domain::{Assignment, AuditAction, Principal, Scope, Skills, TicketId};
use serde_json::json;

use super::agent::skills;
use crate::{Desk, DeskError};

/// Decisions about one ticket that are shown, newest first.
const ASSIGNMENTS_MAX: usize = 100;

impl Desk {
    /// What was decided about who gets a ticket, newest first, at most a hundred. Of people in teams that this principal does
    /// not see nothing is told but how many they were; what was decided while it was such a team's is left out.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`].
    pub async fn list_assignments(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Vec<Assignment>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        let mut assignments = self.0.store.list_assignments(principal, id, ASSIGNMENTS_MAX).await?;
        assignments.retain(|of| principal.sees_team(of.decision.outcome.team()));
        for Assignment { decision, .. } in &mut assignments {
            let n_all = decision.considered.len();
            decision.considered.retain(|of| principal.sees_team(&of.team));
            let n_hidden = u32::try_from(n_all - decision.considered.len()).unwrap_or(u32::MAX);
            decision.n_more = decision.n_more.saturating_add(n_hidden);
        }
        Ok(assignments)
    }

    /// What the agent who gets a ticket must be able to do.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`].
    pub async fn ticket_skills(&self, principal: &Principal, id: &TicketId) -> Result<Skills, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let routing = self.0.store.find_ticket_routing(principal, id).await?;
        Ok(routing.ok_or(DeskError::NotFound)?.skills)
    }

    /// Says what the agent who gets a ticket must be able to do, by skill, with the lowest level for each. It counts when the
    /// ticket is next given to somebody; one that waits for somebody is looked at now.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Invalid`].
    pub async fn set_ticket_skills(
        &self,
        principal: &Principal,
        id: &TicketId,
        levels: &BTreeMap<String, u8>,
    ) -> Result<Skills, DeskError> {
        let by = self.author(principal).await?;
        let skills = skills(levels)?;
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_of(&mut tx, principal, id).await?;
        let mut routing = tx.ticket_routing(id).await?;
        if routing.skills == skills {
            tx.rollback().await?;
            return Ok(skills);
        }
        routing.skills = skills.clone();
        if ticket.assignee_id.is_none() && routing.look_at.is_some() {
            routing.look_at = Some(self.now());
        }
        tx.save_ticket_routing(id, &routing).await?;
        tx.record(AuditAction::TicketChanged, id, json!({ "skills": levels }));
        self.save_ticket(&mut tx, &ticket, ticket.clone(), &by).await?;
        tx.commit().await?;
        Ok(skills)
    }
}
