//! Teams: who shares a queue, and whose tickets somebody sees.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AuditAction, Principal, Scope, Sees, TEAMS_MAX, Team, TicketSight, User, UserId};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// Longest name of a team, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// A team and who is in it.
#[derive(Debug, Clone)]
pub struct TeamRow {
    /// The team.
    pub team: Team,
    /// Who is in it, in no order that matters.
    pub members: Vec<UserId>,
}

impl Desk {
    /// The teams whose tickets this principal sees, by key.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_teams(&self, principal: &Principal) -> Result<Vec<TeamRow>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let mut members: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        for (key, user_id) in self.0.store.list_team_members().await? {
            members.entry(key).or_default().push(user_id);
        }
        let teams = self.0.store.list_teams().await?;
        let rows = teams.into_iter().filter(|team| principal.sees_team(&team.key)).map(|team| {
            let members = members.remove(&team.key).unwrap_or_default();
            TeamRow { team, members }
        });
        Ok(rows.collect())
    }

    /// The team of a new ticket that is meant for one: that one, which comes into being with the ticket where it is not there, or
    /// the oldest of the site where there are as many as there can be. A ticket is never lost for want of a team.
    pub(crate) async fn team_for(tx: &mut RecordedTx, meant: &str) -> Result<String, DeskError> {
        if tx.team(meant).await?.is_some() || tx.count_teams().await? < TEAMS_MAX {
            return Ok(meant.to_owned());
        }
        let oldest = tx.oldest_team().await?.map(|team| team.key);
        Ok(oldest.unwrap_or_else(|| meant.to_owned()))
    }

    /// Makes a team.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::Invalid`], [`DeskError::Conflict`] when the key is taken or there are 500 teams.
    pub async fn create_team(
        &self,
        principal: &Principal,
        key: &str,
        name: &str,
    ) -> Result<TeamRow, DeskError> {
        Self::require_people(principal)?;
        if !Team::is_key(key) {
            return Err(DeskError::invalid("key", "1 to 64 of a-z 0-9 _ -"));
        }
        let name = input::text("name", name, NAME_BYTES_MAX)?;
        let team = Team { key: key.to_owned(), name: name.to_owned(), created_at: self.now() };
        let mut tx = self.begin(principal).await?;
        if tx.count_teams().await? >= TEAMS_MAX {
            return Err(DeskError::Conflict(format!("there are {TEAMS_MAX} teams already")));
        }
        tx.insert_team(&team).await?;
        tx.record(AuditAction::TeamCreated, key, json!({}));
        tx.commit().await?;
        Ok(TeamRow { team, members: vec![] })
    }

    /// Gives a team another name; its key stays.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::Invalid`], [`DeskError::NotFound`].
    pub async fn rename_team(&self, principal: &Principal, key: &str, name: &str) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        let name = input::text("name", name, NAME_BYTES_MAX)?;
        let mut tx = self.begin(principal).await?;
        tx.rename_team(key, name).await?;
        tx.record(AuditAction::TeamChanged, key, json!({ "changed": ["name"] }));
        tx.commit().await
    }

    /// Deletes a team that has no tickets, views, canned replies or macros.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] while it has any.
    pub async fn delete_team(&self, principal: &Principal, key: &str) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.delete_team(key).await?;
        tx.record(AuditAction::TeamDeleted, key, json!({}));
        tx.commit().await
    }

    /// Puts a person into a team.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`] without the team or the person.
    pub async fn add_team_member(
        &self,
        principal: &Principal,
        key: &str,
        user_id: &UserId,
    ) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        let mut tx = self.begin(principal).await?;
        tx.team(key).await?.ok_or(DeskError::NotFound)?;
        tx.add_team_member(key, user_id).await?;
        tx.look_at_waiting_tickets(self.now()).await?;
        tx.record(AuditAction::TeamMemberAdded, key, json!({ "user_id": user_id }));
        tx.commit().await
    }

    /// Takes a person out of a team. Tickets that are theirs stay theirs.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`] without the team.
    pub async fn remove_team_member(
        &self,
        principal: &Principal,
        key: &str,
        user_id: &UserId,
    ) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.team(key).await?.ok_or(DeskError::NotFound)?;
        tx.remove_team_member(key, user_id).await?;
        tx.record(AuditAction::TeamMemberRemoved, key, json!({ "user_id": user_id }));
        tx.commit().await
    }

    /// Whose tickets a person sees now.
    pub(crate) async fn sight_of(&self, user: &User) -> Result<TicketSight, DeskError> {
        Ok(match user.sees {
            Sees::All => TicketSight::All,
            Sees::OwnTeams => TicketSight::Teams(self.0.store.teams_of(&user.id).await?),
        })
    }

    /// Teams that somebody names, each of which must be there for them.
    pub(crate) async fn known_teams(
        &self,
        principal: &Principal,
        keys: BTreeSet<String>,
    ) -> Result<BTreeSet<String>, DeskError> {
        let teams = self.0.store.list_teams().await?.into_iter().map(|team| team.key);
        let known: BTreeSet<String> = teams.filter(|key| principal.sees_team(key)).collect();
        match keys.iter().find(|key| !known.contains(*key)) {
            Some(key) => Err(DeskError::invalid("teams", format!("there is no team {key:?}"))),
            None => Ok(keys),
        }
    }
}
