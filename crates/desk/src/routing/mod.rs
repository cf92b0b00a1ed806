//! Who gets which tickets: when people work, what they can do, how teams share, and the deciding itself.

mod absence;
mod agent;
mod route;
mod schedule;
mod team;
mod ticket;
mod waiting;

pub use schedule::*;

use domain::{Principal, ScheduleId, Scope, TicketSight, UserId};

use crate::{Desk, DeskError, audit::RecordedTx};

impl Desk {
    /// What people who work on tickets may set for themselves, and admins for everybody.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who works on no tickets, [`DeskError::NotFound`] for somebody else without `admin:users`.
    pub(crate) fn require_self_or_admin(principal: &Principal, user_id: &UserId) -> Result<(), DeskError> {
        match principal {
            Principal::Staff { id, .. } if id == user_id => Self::require(principal, Scope::TicketsRead)
                .or_else(|_| Self::require(principal, Scope::AdminUsers)),
            // Whether somebody else is there is not told.
            _ => Self::require(principal, Scope::AdminUsers).map_err(|_| DeskError::NotFound),
        }
    }

    /// Refuses who sees the tickets of some teams only and would change how somebody works who is not in these alone.
    ///
    /// # Errors
    /// [`DeskError::Limited`], and those of the database.
    pub(crate) async fn require_sight_of_agent(
        &self,
        principal: &Principal,
        user_id: &UserId,
    ) -> Result<(), DeskError> {
        let is_own = matches!(principal, Principal::Staff { id, .. } if id == user_id);
        if is_own || principal.sight() == TicketSight::All {
            return Ok(());
        }
        let teams = self.0.store.teams_of(user_id).await?;
        let is_theirs = !teams.is_empty() && teams.iter().all(|team| principal.sees_team(team));
        if is_theirs { Ok(()) } else { Err(DeskError::Limited) }
    }

    /// Checks that a schedule that was named is there.
    pub(crate) async fn require_schedule(
        tx: &mut RecordedTx,
        schedule_id: Option<&ScheduleId>,
    ) -> Result<(), DeskError> {
        match schedule_id {
            Some(id) if tx.schedule(id).await?.is_none() => {
                Err(DeskError::invalid("schedule_id", "there is no such schedule"))
            }
            _ => Ok(()),
        }
    }
}
