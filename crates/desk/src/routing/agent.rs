//! How agents work: whether they take tickets, when, which, and how many.

use std::collections::BTreeMap;

use domain::{
    AgentProfile, AuditAction, Availability, CAPACITY_MAX, Capacity, Channel, InvalidRouting, Principal,
    ScheduleId, Scope, Skill, SkillLevel, Skills, UserId,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx};

/// Most channels for which a capacity is set.
const CHANNELS_MAX: usize = 20;

impl Desk {
    /// How a person works; as by default where nothing was set.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], also for somebody else without `admin:users`.
    pub async fn agent_profile(
        &self,
        principal: &Principal,
        user_id: &UserId,
    ) -> Result<AgentProfile, DeskError> {
        Self::require_self_or_admin(principal, user_id)?;
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        Ok(self.0.store.find_agent_profile(user_id).await?)
    }

    /// Says whether a person takes new tickets. Tickets that are theirs stay theirs.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], also for somebody else without `admin:users`.
    pub async fn set_availability(
        &self,
        principal: &Principal,
        user_id: &UserId,
        availability: Availability,
    ) -> Result<AgentProfile, DeskError> {
        Self::require_self_or_admin(principal, user_id)?;
        self.change_profile(principal, user_id, |profile| AgentProfile { availability, ..profile }).await
    }

    /// Says what a person can do, by skill, with levels of 1 to 5, in place of what was said before.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] for who is in a team whose tickets the principal
    /// does not see, [`DeskError::NotFound`], [`DeskError::Invalid`].
    pub async fn set_skills(
        &self,
        principal: &Principal,
        user_id: &UserId,
        levels: &BTreeMap<String, u8>,
    ) -> Result<AgentProfile, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        let skills = skills(levels)?;
        self.change_profile(principal, user_id, |profile| AgentProfile { skills, ..profile }).await
    }

    /// Says how many tickets a person is given at a time, by channel, in place of what was said before.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] for who is in a team whose tickets the principal
    /// does not see, [`DeskError::NotFound`], [`DeskError::Invalid`].
    pub async fn set_capacity(
        &self,
        principal: &Principal,
        user_id: &UserId,
        by_channel: &BTreeMap<String, u32>,
    ) -> Result<AgentProfile, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        if by_channel.len() > CHANNELS_MAX {
            return Err(DeskError::invalid("capacity", format!("at most {CHANNELS_MAX} channels")));
        }
        let mut capacity = Capacity::default();
        for (channel, n) in by_channel {
            let channel =
                Channel::parse(channel).map_err(|error| DeskError::invalid("capacity", error.to_string()))?;
            if *n > CAPACITY_MAX {
                return Err(DeskError::invalid("capacity", format!("{channel}: at most {CAPACITY_MAX}")));
            }
            capacity.0.insert(channel, *n);
        }
        self.change_profile(principal, user_id, |profile| AgentProfile { capacity, ..profile }).await
    }

    /// Says by which schedule a person works; by their team's where none is named.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::Limited`] for who is in a team whose tickets the principal
    /// does not see, [`DeskError::NotFound`], [`DeskError::Invalid`] without the schedule.
    pub async fn set_agent_schedule(
        &self,
        principal: &Principal,
        user_id: &UserId,
        schedule_id: Option<ScheduleId>,
    ) -> Result<AgentProfile, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        self.require_sight_of_agent(principal, user_id).await?;
        let mut tx = self.begin(principal).await?;
        Self::require_schedule(&mut tx, schedule_id.as_ref()).await?;
        self.save_profile(tx, user_id, |profile| AgentProfile { schedule_id, ..profile }).await
    }

    async fn change_profile(
        &self,
        principal: &Principal,
        user_id: &UserId,
        change: impl FnOnce(AgentProfile) -> AgentProfile,
    ) -> Result<AgentProfile, DeskError> {
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        self.require_sight_of_agent(principal, user_id).await?;
        let tx = self.begin(principal).await?;
        self.save_profile(tx, user_id, change).await
    }

    async fn save_profile(
        &self,
        mut tx: RecordedTx,
        user_id: &UserId,
        change: impl FnOnce(AgentProfile) -> AgentProfile,
    ) -> Result<AgentProfile, DeskError> {
        let before = tx.agent_profile(user_id).await?;
        let profile = change(before.clone());
        if profile == before {
            // Nothing was said, so that nobody's tickets are looked at.
            tx.rollback().await?;
            return Ok(profile);
        }
        tx.save_agent_profile(user_id, &profile).await?;
        tx.record(AuditAction::UserChanged, user_id, json!({ "changed": ["routing"] }));
        tx.look_at_waiting_tickets(self.now()).await?;
        tx.commit().await?;
        Ok(profile)
    }
}

/// Skills as people write them.
pub(super) fn skills(levels: &BTreeMap<String, u8>) -> Result<Skills, DeskError> {
    let refused = |error: InvalidRouting| DeskError::invalid("skills", error.to_string());
    let mut known = BTreeMap::new();
    for (skill, level) in levels {
        known.insert(Skill::parse(skill).map_err(refused)?, SkillLevel::new(*level).map_err(refused)?);
    }
    Skills::new(known).map_err(refused)
}
