//! How agents work, and who of some teams could get a ticket.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Absence, AgentProfile, Availability, Channel, ScheduleId, TicketId, Timestamp, User, UserId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, absence,
    placeholders::{self, sql},
    row, user,
};

/// Absences of one person that are looked at: those that end first. A person has far fewer ahead.
const ABSENCES_PER_PERSON: usize = 100;

/// Somebody in a team, with all that routing asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentMember {
    /// Who.
    pub user: User,
    /// Of the teams that were asked for, those they are in.
    pub teams: BTreeSet<String>,
    /// How they work.
    pub profile: AgentProfile,
    /// Their absences that have not ended, in order.
    pub absences: Vec<Absence>,
    /// Their tickets that are new or open, by channel.
    pub n_waiting: BTreeMap<Channel, u32>,
}

impl Store {
    /// How a person works; as by default where nothing was set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_agent_profile(&self, user_id: &UserId) -> Result<AgentProfile, StoreError> {
        find(&mut *self.reader().await?, user_id).await
    }
}

impl WriteTx {
    /// How a person works; as by default where nothing was set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn agent_profile(&mut self, user_id: &UserId) -> Result<AgentProfile, StoreError> {
        find(self.connection(), user_id).await
    }

    /// Sets how a person works.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the person or the schedule.
    pub async fn save_agent_profile(
        &mut self,
        user_id: &UserId,
        profile: &AgentProfile,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO agents (user_id, availability, schedule_id, skills_json, capacity_json, \
             last_assigned_at_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id) DO UPDATE SET \
             availability = excluded.availability, schedule_id = excluded.schedule_id, \
             skills_json = excluded.skills_json, capacity_json = excluded.capacity_json, \
             last_assigned_at_ms = excluded.last_assigned_at_ms",
        )
        .bind(user_id.as_str())
        .bind(profile.availability.as_str())
        .bind(profile.schedule_id.as_ref().map(ScheduleId::as_str))
        .bind(row::to_json(&profile.skills)?)
        .bind(row::to_json(&profile.capacity)?)
        .bind(profile.last_assigned_at.map(|at| at.0))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The people of some teams who may sign in, by id, with all that routing asks. The ticket that is to be routed is no load.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn agent_members(
        &mut self,
        team_keys: &[String],
        routed: &TicketId,
        now: Timestamp,
    ) -> Result<Vec<AgentMember>, StoreError> {
        if team_keys.is_empty() {
            return Ok(vec![]);
        }
        let keys = placeholders::padded(&team_keys.iter().map(String::as_str).collect::<Vec<_>>());
        let text = format!(
            "SELECT m.team_key AS team_key, {}, a.availability AS availability, a.schedule_id AS schedule_id, \
             a.skills_json AS skills_json, a.capacity_json AS capacity_json, \
             a.last_assigned_at_ms AS last_assigned_at_ms FROM team_members m JOIN users u ON u.id = m.user_id \
             LEFT JOIN agents a ON a.user_id = u.id WHERE m.team_key IN ({}) \
             AND u.deactivated_at_ms IS NULL ORDER BY u.id, m.team_key",
            user::COLUMNS,
            placeholders::list(1, keys.len())
        );
        let query = keys.iter().fold(sqlx::query(sql(text)), |query, key| query.bind(*key));
        let mut members: BTreeMap<UserId, AgentMember> = BTreeMap::new();
        for row in query.fetch_all(self.connection()).await? {
            let user = user::user(&row)?;
            let profile = profile(&row)?;
            let member = members.entry(user.id.clone()).or_insert_with(|| AgentMember {
                user,
                teams: BTreeSet::new(),
                profile,
                absences: vec![],
                n_waiting: BTreeMap::new(),
            });
            member.teams.insert(row::text(&row, "team_key")?);
        }
        let ids: Vec<UserId> = members.keys().cloned().collect();
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(UserId::as_str).collect::<Vec<_>>());
            self.add_absences(&mut members, &ids, now).await?;
            self.add_load(&mut members, &ids, routed).await?;
        }
        Ok(members.into_values().collect())
    }

    async fn add_absences(
        &mut self,
        members: &mut BTreeMap<UserId, AgentMember>,
        ids: &[&str],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let text = format!(
            "SELECT id, user_id, starts_at_ms, ends_at_ms, reason FROM absences \
             WHERE user_id IN ({}) AND ends_at_ms > ${} ORDER BY ends_at_ms, id",
            placeholders::list(1, ids.len()),
            ids.len() + 1
        );
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        for row in query.bind(now.0).fetch_all(self.connection()).await? {
            let absence = absence::absence(&row)?;
            if let Some(member) = members.get_mut(&absence.user_id)
                && member.absences.len() < ABSENCES_PER_PERSON
            {
                member.absences.push(absence);
            }
        }
        Ok(())
    }

    async fn add_load(
        &mut self,
        members: &mut BTreeMap<UserId, AgentMember>,
        ids: &[&str],
        routed: &TicketId,
    ) -> Result<(), StoreError> {
        let text = load_text(ids.len());
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        for row in query.bind(routed.as_str()).fetch_all(self.connection()).await? {
            if let Some(member) = members.get_mut(&UserId::new(row::text(&row, "assignee_id")?)) {
                let channel = row::parsed(&row, "channel", |key| Channel::parse(key).ok())?;
                member.n_waiting.insert(channel, row::number(&row, "n")?);
            }
        }
        Ok(())
    }
}

/// The statement of the load of so many people; the ticket that is no load comes last.
pub(crate) fn load_text(n_people: usize) -> String {
    format!(
        "SELECT assignee_id, channel, COUNT(*) AS n FROM tickets WHERE is_unsolved = 1 AND status IN ('new', 'open') \
         AND snoozed_until_ms IS NULL AND assignee_id IN ({}) AND id <> ${} GROUP BY assignee_id, channel",
        placeholders::list(1, n_people),
        n_people + 1
    )
}

async fn find(connection: &mut AnyConnection, user_id: &UserId) -> Result<AgentProfile, StoreError> {
    let row = sqlx::query(
        "SELECT availability, schedule_id, skills_json, capacity_json, last_assigned_at_ms FROM agents \
         WHERE user_id = $1",
    )
    .bind(user_id.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or_else(|| Ok(AgentProfile::default()), profile)
}

/// The profile in a row whose columns may all be absent.
fn profile(row: &AnyRow) -> Result<AgentProfile, StoreError> {
    if row::optional_text(row, "availability")?.is_none() {
        return Ok(AgentProfile::default());
    }
    Ok(AgentProfile {
        availability: row::parsed(row, "availability", Availability::parse)?,
        schedule_id: row::optional_text(row, "schedule_id")?.map(ScheduleId::new),
        skills: row::json(row, "skills_json")?,
        capacity: row::json(row, "capacity_json")?,
        last_assigned_at: row::optional_time(row, "last_assigned_at_ms")?,
    })
}
