//! How a team's tickets are given to its people.

use std::collections::BTreeSet;

use domain::{AuditAction, FALLBACK_TEAMS_MAX, Principal, TeamRouting};
use serde_json::json;

use crate::{Desk, DeskError};

/// Longest time in which an agent must touch a ticket, in minutes: a week.
const ACCEPT_WITHIN_MIN_MAX: u32 = 7 * 24 * 60;

impl Desk {
    /// How a team's tickets are given to people; by hand where nothing was set. Fallback teams whose tickets the principal does
    /// not see are left out.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`] without the team or the sight of its tickets.
    pub async fn team_routing(&self, principal: &Principal, key: &str) -> Result<TeamRouting, DeskError> {
        Self::require_settings_of_team(principal, key)?;
        let teams = self.0.store.list_teams().await?;
        teams.iter().find(|team| team.key == key).ok_or(DeskError::NotFound)?;
        let mut routing = self.0.store.find_team_routing(key).await?;
        routing.fallbacks.retain(|team| principal.sees_team(team));
        Ok(routing)
    }

    /// Sets how a team's tickets are given to people, for tickets that are opened or come to the team from now on. Fallback teams
    /// whose tickets the principal does not see stay, behind those that are named.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`] without the team or the sight of its tickets,
    /// [`DeskError::Invalid`] for a schedule or a fallback team that is not there for them.
    pub async fn set_team_routing(
        &self,
        principal: &Principal,
        key: &str,
        mut routing: TeamRouting,
    ) -> Result<TeamRouting, DeskError> {
        Self::require_settings_of_team(principal, key)?;
        if routing.fallbacks.len() > FALLBACK_TEAMS_MAX {
            return Err(DeskError::invalid("fallback_teams", format!("at most {FALLBACK_TEAMS_MAX}")));
        }
        if routing.accept_within_min.is_some_and(|min| !(1..=ACCEPT_WITHIN_MIN_MAX).contains(&min)) {
            let message = format!("1 to {ACCEPT_WITHIN_MIN_MAX} minutes");
            return Err(DeskError::invalid("accept_within_min", message));
        }
        let mut tx = self.begin(principal).await?;
        tx.team(key).await?.ok_or(DeskError::NotFound)?;
        Self::require_schedule(&mut tx, routing.schedule_id.as_ref()).await?;
        let mut seen = BTreeSet::from([key]);
        for fallback in &routing.fallbacks {
            if !seen.insert(fallback) {
                let message = format!("{fallback:?}: each team once, and not the team itself");
                return Err(DeskError::invalid("fallback_teams", message));
            }
            if !principal.sees_team(fallback) || tx.team(fallback).await?.is_none() {
                return Err(DeskError::invalid("fallback_teams", format!("there is no team {fallback:?}")));
            }
        }
        let unseen = tx.team_routing(key).await?.fallbacks;
        routing.fallbacks.extend(unseen.into_iter().filter(|team| !principal.sees_team(team)));
        if routing.fallbacks.len() > FALLBACK_TEAMS_MAX {
            return Err(DeskError::invalid(
                "fallback_teams",
                format!("at most {FALLBACK_TEAMS_MAX}, with those of others"),
            ));
        }
        tx.save_team_routing(key, &routing).await?;
        tx.record(AuditAction::TeamChanged, key, json!({ "changed": ["routing"] }));
        tx.look_at_waiting_tickets(self.now()).await?;
        tx.commit().await?;
        routing.fallbacks.retain(|team| principal.sees_team(team));
        Ok(routing)
    }
}
