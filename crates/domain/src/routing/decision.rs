//! What was decided about a ticket, with the reason for everybody who was looked at.

use serde::{Deserialize, Serialize};

use crate::{AssignmentId, Channel, Skill, SkillLevel, TicketId, Timestamp, UserId};

/// Most people whose reasons a decision keeps: the chosen one and those who came nearest. The others are counted.
pub const EXPLAINED_MAX: usize = 50;

/// What was decided about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who has it now, or why nobody.
    pub outcome: Outcome,
    /// Those who were looked at, in the order of the teams: the chosen one, those who could have taken it, best first, and
    /// those who could not.
    pub considered: Vec<Considered>,
    /// How many more were looked at.
    pub n_more: u32,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// About which ticket.
    pub ticket_id: TicketId,
    /// What was decided.
    pub decision: Decision,
}

/// Who has a ticket, or why nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum Outcome {
    /// Somebody has it.
    Assigned {
        /// Who.
        user_id: UserId,
        /// In which team, by key: the ticket's own or one of its fallbacks.
        team: String,
    },
    /// Nobody has it. It stays with its team.
    Unassigned {
        /// The team, by key.
        team: String,
        /// Why.
        reason: UnassignedReason,
        /// When to look again.
        look_again_at: Timestamp,
    },
}

impl Outcome {
    /// The team that has the ticket, by key.
    pub fn team(&self) -> &str {
        match self {
            Self::Assigned { team, .. } | Self::Unassigned { team, .. } => team,
        }
    }

    /// Who has it.
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::Assigned { user_id, .. } => Some(user_id),
            Self::Unassigned { .. } => None,
        }
    }
}

/// Why nobody has a ticket: the first condition, in this order, that leaves nobody in any of the teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnassignedReason {
    /// The teams are empty.
    NobodyInTeam,
    /// Nobody has the skills at their levels.
    NobodySkilled,
    /// Whoever has them is off shift or absent.
    NobodyOnShift,
    /// Whoever is on shift is away.
    NobodyAvailable,
    /// Whoever is available has their hands full.
    NobodyFree,
    /// Whoever is free has let it pass.
    NobodyLeft,
}

impl UnassignedReason {
    /// The reason as programs name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NobodyInTeam => "nobody_in_team",
            Self::NobodySkilled => "nobody_skilled",
            Self::NobodyOnShift => "nobody_on_shift",
            Self::NobodyAvailable => "nobody_available",
            Self::NobodyFree => "nobody_free",
            Self::NobodyLeft => "nobody_left",
        }
    }
}

impl std::fmt::Display for UnassignedReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NobodyInTeam => "nobody is in the team",
            Self::NobodySkilled => "nobody has the skills that are needed",
            Self::NobodyOnShift => "nobody with the skills is on shift",
            Self::NobodyAvailable => "nobody on shift is available",
            Self::NobodyFree => "everybody who is available has as many tickets as they can take",
            Self::NobodyLeft => "everybody who could take it has let it pass",
        })
    }
}

/// Somebody who was looked at, in a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Considered {
    /// Who.
    pub user_id: UserId,
    /// The name that colleagues see.
    pub name: String,
    /// In which team, by key.
    pub team: String,
    /// What became of it.
    pub verdict: Verdict,
}

impl std::fmt::Display for Considered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.verdict)
    }
}

/// Why somebody was taken or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum Verdict {
    /// They have it.
    Chosen {
        /// Their tickets of the channel before.
        load: u32,
        /// How many they can have.
        capacity: u32,
    },
    /// They could have taken it; somebody else came first.
    Behind {
        /// In what that one was better.
        by: Advantage,
    },
    /// They could not take it.
    Excluded {
        /// Everything that stood against it; never empty.
        obstacles: Vec<Obstacle>,
    },
    /// Their team was not asked: somebody of a team before it has taken it.
    NotAsked,
}

/// In what somebody is better for a ticket than another who could take it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advantage {
    /// Has the needed skills at higher levels.
    Skill,
    /// Has less to do for their capacity.
    Load,
    /// Was given a ticket longer ago.
    Turn,
    /// Nothing but the order of ids.
    Order,
}

/// What stands against giving somebody a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum Obstacle {
    /// They lack a skill.
    Unskilled {
        /// Which one.
        skill: Skill,
        /// The level that is needed.
        needed: SkillLevel,
        /// Theirs.
        has: Option<SkillLevel>,
    },
    /// They do not work now.
    OffShift {
        /// When they next do.
        until: Option<Timestamp>,
    },
    /// They are absent.
    Absent {
        /// Until when.
        until: Timestamp,
    },
    /// They take nothing now.
    Away,
    /// They have their hands full.
    Full {
        /// Of which channel.
        channel: Channel,
        /// Their tickets.
        load: u32,
        /// How many they can have.
        capacity: u32,
    },
    /// They had it and left it untouched.
    LetItPass,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chosen { load, capacity } => {
                write!(f, "takes it: has {load} of at most {capacity} tickets")
            }
            Self::Behind { by } => f.write_str(match by {
                Advantage::Skill => "could take it, but somebody else is better at what it needs",
                Advantage::Load => "could take it, but somebody else has less to do",
                Advantage::Turn => "could take it, but it is somebody else's turn",
                Advantage::Order => "could take it, but comes later in the list",
            }),
            Self::Excluded { obstacles } => {
                for (n, obstacle) in obstacles.iter().enumerate() {
                    write!(f, "{}{obstacle}", if n == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::NotAsked => f.write_str("was not asked: a team before theirs has taken it"),
        }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unskilled { skill, needed, has: Some(has) } => {
                write!(f, "has {skill} at level {has}, not {needed}")
            }
            Self::Unskilled { skill, .. } => write!(f, "lacks {skill}"),
            Self::OffShift { until: Some(until) } => write!(f, "is off shift until {}", in_utc(*until)),
            Self::OffShift { until: None } => f.write_str("is off shift"),
            Self::Absent { until } => write!(f, "is absent until {}", in_utc(*until)),
            Self::Away => f.write_str("is away"),
            Self::Full { channel, load, capacity } => {
                write!(f, "has {load} tickets of {channel} and takes at most {capacity}")
            }
            Self::LetItPass => f.write_str("had it and left it untouched"),
        }
    }
}

fn in_utc(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}
