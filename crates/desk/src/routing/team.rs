//! How a team's tickets are given to its people.

use std::collections::BTreeSet;

use domain::{AuditAction, FALLBACK_TEAMS_MAX, Principal, Scope, TeamRouting};
use serde_json::json;

use crate::{Desk, DeskError};

/// Longest time in which an agent must touch a ticket, in minutes: a week.
const ACCEPT_WITHIN_MIN_MAX: u32 = 7 * 24 * 60;

impl Desk {
    /// How a team's tickets are given to people; by hand where nothing was set.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`] without the team.
    pub async fn team_routing(&self, principal: &Principal, key: &str) -> Result<TeamRouting, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        let teams = self.0.store.list_teams().await?;
        teams.iter().find(|team| team.key == key).ok_or(DeskError::NotFound)?;
        Ok(self.0.store.find_team_routing(key).await?)
    }

    /// Sets how a team's tickets are given to people, for tickets that are opened or come to the team from now on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`] without the team, [`DeskError::Invalid`] for a
    /// schedule or a fallback team that is not there.
    pub async fn set_team_routing(
        &self,
        principal: &Principal,
        key: &str,
        routing: TeamRouting,
    ) -> Result<TeamRouting, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
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
            if tx.team(fallback).await?.is_none() {
                return Err(DeskError::invalid("fallback_teams", format!("there is no team {fallback:?}")));
            }
        }
        tx.save_team_routing(key, &routing).await?;
        tx.record(AuditAction::TeamChanged, key, json!({ "changed": ["routing"] }));
        tx.look_at_waiting_tickets(self.now()).await?;
        tx.commit().await?;
        Ok(routing)
    }
}
