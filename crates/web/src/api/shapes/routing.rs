//! How agents and teams work, and why a ticket went to whom.

use std::collections::BTreeMap;

use domain::{
    Absence, Advantage, AgentProfile, Assignment, Considered, Obstacle, Outcome, Skills, TeamRouting,
    UnassignedReason, Verdict,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// How an agent works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentRoutingJson {
    /// `available` or `away`.
    availability: &'static str,
    /// By which schedule they work; null where they work with their team.
    schedule_id: Option<String>,
    /// What they can do: levels of 1 to 5 by skill.
    skills: BTreeMap<String, u8>,
    /// How many tickets they are given at a time, by channel; 20 for a channel that is not there.
    capacity: BTreeMap<String, u32>,
    /// When they were last given a ticket.
    last_assigned_at: Option<String>,
}

/// The absences of a person that have not ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AbsencesJson {
    pub(crate) absences: Vec<AbsenceJson>,
}

/// A time in which an agent does not work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AbsenceJson {
    id: String,
    from: String,
    /// At this moment they are back.
    to: String,
    reason: String,
}

/// How a team's tickets are given to its people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamRoutingJson {
    /// `manual` or `automatic`.
    assignment: &'static str,
    /// When the team works; null for all the time.
    schedule_id: Option<String>,
    /// The teams that are asked when nobody of its own can take a ticket, by key, in this order.
    fallback_teams: Vec<String>,
    /// Minutes in which the agent who is given a ticket must touch it; null for as long as they like.
    accept_within_min: Option<u32>,
}

/// Levels of 1 to 5 by skill.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkillsJson {
    skills: BTreeMap<String, u8>,
}

/// What was decided about who gets a ticket, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentsJson {
    assignments: Vec<AssignmentJson>,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentJson {
    id: String,
    at: String,
    /// The team that has the ticket since, by key.
    team: String,
    /// Who got it; null for nobody.
    assignee_id: Option<String>,
    /// Why nobody: `nobody_in_team`, `nobody_skilled`, `nobody_on_shift`, `nobody_available`, `nobody_free` or `nobody_left`.
    reason: Option<&'static str>,
    /// The reason in words.
    explanation: Option<String>,
    /// When it was to be looked at again, where nobody got it.
    look_again_at: Option<String>,
    /// Who was looked at, the best first.
    considered: Vec<ConsideredJson>,
    /// How many more were looked at.
    n_more: u32,
}

/// Somebody who was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsideredJson {
    user_id: String,
    name: String,
    /// In which team, by key.
    team: String,
    /// `chosen`, `behind`, `excluded` or `not_asked`.
    verdict: &'static str,
    /// Why: for `behind` in what the chosen one was better, `skill`, `load`, `turn` or `order`; for `excluded` any of
    /// `unskilled`, `off_shift`, `absent`, `away`, `full`, `let_it_pass`.
    reasons: Vec<&'static str>,
    /// The same in words.
    explanation: String,
}

/// Levels as numbers.
fn levels(skills: &Skills) -> BTreeMap<String, u8> {
    skills.levels().iter().map(|(skill, level)| (skill.to_string(), level.number())).collect()
}

impl SkillsJson {
    pub(crate) fn new(skills: &Skills) -> Self {
        Self { skills: levels(skills) }
    }
}

impl AgentRoutingJson {
    pub(crate) fn new(profile: &AgentProfile) -> Self {
        let capacity = profile.capacity.0.iter();
        Self {
            availability: profile.availability.as_str(),
            schedule_id: profile.schedule_id.as_ref().map(ToString::to_string),
            skills: levels(&profile.skills),
            capacity: capacity.map(|(channel, n)| (channel.to_string(), *n)).collect(),
            last_assigned_at: profile.last_assigned_at.map(iso),
        }
    }
}

impl AbsenceJson {
    pub(crate) fn new(absence: &Absence) -> Self {
        Self {
            id: absence.id.to_string(),
            from: iso(absence.from),
            to: iso(absence.to),
            reason: absence.reason.clone(),
        }
    }
}

impl TeamRoutingJson {
    pub(crate) fn new(routing: &TeamRouting) -> Self {
        Self {
            assignment: routing.assignment.as_str(),
            schedule_id: routing.schedule_id.as_ref().map(ToString::to_string),
            fallback_teams: routing.fallbacks.clone(),
            accept_within_min: routing.accept_within_min,
        }
    }
}

impl AssignmentsJson {
    pub(crate) fn new(assignments: &[Assignment]) -> Self {
        Self { assignments: assignments.iter().map(AssignmentJson::new).collect() }
    }
}

impl AssignmentJson {
    fn new(assignment: &Assignment) -> Self {
        let decision = &assignment.decision;
        let (reason, look_again_at) = match &decision.outcome {
            Outcome::Assigned { .. } => (None, None),
            Outcome::Unassigned { reason, look_again_at, .. } => (Some(*reason), Some(iso(*look_again_at))),
        };
        Self {
            id: assignment.id.to_string(),
            at: iso(decision.at),
            team: decision.outcome.team().to_owned(),
            assignee_id: decision.outcome.user_id().map(ToString::to_string),
            reason: reason.map(UnassignedReason::as_str),
            explanation: reason.map(|reason| reason.to_string()),
            look_again_at,
            considered: decision.considered.iter().map(ConsideredJson::new).collect(),
            n_more: decision.n_more,
        }
    }
}

impl ConsideredJson {
    fn new(of: &Considered) -> Self {
        let (verdict, reasons) = match &of.verdict {
            Verdict::Chosen { .. } => ("chosen", vec![]),
            Verdict::Behind { by } => ("behind", vec![advantage(*by)]),
            Verdict::Excluded { obstacles } => ("excluded", obstacles.iter().map(obstacle).collect()),
            Verdict::NotAsked => ("not_asked", vec![]),
        };
        Self {
            user_id: of.user_id.to_string(),
            name: of.name.clone(),
            team: of.team.clone(),
            verdict,
            reasons,
            explanation: of.to_string(),
        }
    }
}

fn advantage(by: Advantage) -> &'static str {
    match by {
        Advantage::Skill => "skill",
        Advantage::Load => "load",
        Advantage::Turn => "turn",
        Advantage::Order => "order",
    }
}

fn obstacle(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Unskilled { .. } => "unskilled",
        Obstacle::OffShift { .. } => "off_shift",
        Obstacle::Absent { .. } => "absent",
        Obstacle::Away => "away",
        Obstacle::Full { .. } => "full",
        Obstacle::LetItPass => "let_it_pass",
    }
}
