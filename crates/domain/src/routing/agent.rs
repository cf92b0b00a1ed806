//! Who could get a ticket, and what a ticket needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{Absence, Channel, Schedule, ScheduleId, Skills, Timestamp, UserId};

/// Most tickets of one channel that an agent is given where nothing else is set.
pub const CAPACITY_DEFAULT: u32 = 20;
/// Largest capacity that can be set: more is no limit at all.
pub const CAPACITY_MAX: u32 = 1_000;
/// Most fallback teams of a team.
pub const FALLBACK_TEAMS_MAX: usize = 10;

/// Whether an agent takes new tickets, as they say themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// They do.
    #[default]
    Available,
    /// Not now.
    Away,
}

impl Availability {
    /// The state as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Away => "away",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Available, Self::Away].into_iter().find(|state| state.as_str() == text)
    }
}

/// How many tickets an agent is given at a time, by channel. Zero is none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capacity(pub BTreeMap<Channel, u32>);

impl Capacity {
    /// The capacity for a channel; [`CAPACITY_DEFAULT`] where none is set.
    pub fn of(&self, channel: &Channel) -> u32 {
        self.0.get(channel).copied().unwrap_or(CAPACITY_DEFAULT)
    }
}

/// How an agent works, as it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentProfile {
    /// Whether they take tickets.
    pub availability: Availability,
    /// When they work; absent when they work with their team.
    pub schedule_id: Option<ScheduleId>,
    /// What they can do.
    pub skills: Skills,
    /// How much they are given.
    pub capacity: Capacity,
    /// When they were last given a ticket.
    pub last_assigned_at: Option<Timestamp>,
}

/// Who gives a team's tickets to its people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentMode {
    /// People do.
    #[default]
    Manual,
    /// Askwell does.
    Automatic,
}

impl AssignmentMode {
    /// The mode as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
        }
    }

    /// Parses a stored mode.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Manual, Self::Automatic].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// How a team's tickets are given to people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamRouting {
    /// Who does it.
    pub assignment: AssignmentMode,
    /// When the team works; all the time when absent.
    pub schedule_id: Option<ScheduleId>,
    /// The teams that are asked when nobody of its own can take a ticket, by key, in this order.
    pub fallbacks: Vec<String>,
    /// Minutes in which the agent who is given a ticket must touch it; for as long as they like when absent.
    pub accept_within_min: Option<u32>,
}

/// What is kept of a ticket's way to an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketRouting {
    /// What its agent must be able to do.
    pub skills: Skills,
    /// When it is looked at again: because nobody has it, or who has it has not touched it.
    pub look_at: Option<Timestamp>,
    /// How often it was taken from an agent who had not touched it.
    pub n_rounds: u32,
    /// Who had it and did not touch it.
    pub passed: BTreeSet<UserId>,
}

/// Somebody who could get a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user_id: UserId,
    /// The name that colleagues see.
    pub name: String,
    /// The teams they are in, by key.
    pub teams: BTreeSet<String>,
    /// Whether they take tickets.
    pub availability: Availability,
    /// When they work. Who has no schedule of their own works when their team does.
    pub schedule: Option<Arc<Schedule>>,
    /// When they are away.
    pub absences: Vec<Absence>,
    /// What they can do.
    pub skills: Skills,
    /// How much they are given.
    pub capacity: Capacity,
    /// Tickets of theirs that wait for the team, by channel.
    pub load: BTreeMap<Channel, u32>,
    /// When they were last given a ticket.
    pub last_assigned_at: Option<Timestamp>,
    /// Whether this ticket was given to them before and they left it untouched.
    pub has_let_it_pass: LetPass,
}

/// Whether an agent has left this very ticket untouched for too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LetPass {
    /// It was never given to them in vain.
    #[default]
    No,
    /// It was, so it goes to somebody else.
    Yes,
}

/// A team that could take a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingTeam {
    /// Its key.
    pub key: String,
    /// When it works: all the time where none is set.
    pub schedule: Option<Arc<Schedule>>,
}

/// What a ticket needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingNeed {
    /// The way it came.
    pub channel: Channel,
    /// What its agent must be able to do, at least so well.
    pub skills: Skills,
    /// Its team.
    pub team: RoutingTeam,
    /// The teams that are asked when nobody of its own can take it, in this order.
    pub fallbacks: Vec<RoutingTeam>,
}

impl Candidate {
    /// When they work for a team; all the time where neither has a schedule.
    pub fn schedule_in<'a>(&'a self, team: &'a RoutingTeam) -> Option<&'a Schedule> {
        self.schedule.as_deref().or(team.schedule.as_deref())
    }

    /// Their tickets of a channel that wait for the team.
    pub fn load_of(&self, channel: &Channel) -> u32 {
        self.load.get(channel).copied().unwrap_or_default()
    }

    /// The absence that covers a time and ends last.
    pub fn absence_at(&self, at: Timestamp) -> Option<&Absence> {
        self.absences.iter().filter(|absence| absence.covers(at)).max_by_key(|absence| absence.to)
    }

    /// The first time from this one on at which they work for a team and are not absent.
    pub fn next_shift(&self, team: &RoutingTeam, from: Timestamp) -> Option<Timestamp> {
        let schedule = self.schedule_in(team);
        let mut at = from;
        // Each absence can move it once: it moves only onwards, behind their ends.
        for _ in 0..=self.absences.len() {
            at = match schedule {
                Some(schedule) => schedule.next_opening(at)?,
                None => at,
            };
            match self.absence_at(at) {
                Some(absence) => at = absence.to,
                None => return Some(at),
            }
        }
        None
    }
}
