//! Choosing an agent.

use std::cmp::{Ordering, Reverse};

use crate::{
    Advantage, Candidate, Considered, Decision, EXPLAINED_MAX, LetPass, Obstacle, Outcome, RoutingNeed,
    RoutingTeam, Timestamp, UnassignedReason, Verdict,
};

/// How soon to look again when somebody is on shift and only their hands are full or they are away: these change at any
/// time.
pub const LOOK_AGAIN_SOON_MS: i64 = 10 * 60 * 1_000;
/// How soon to look again when nothing that is known will change it: somebody may join or learn something.
pub const LOOK_AGAIN_LATE_MS: i64 = 6 * 60 * 60 * 1_000;

/// Decides who gets a ticket.
///
/// Candidates who are in none of the teams are not looked at. One who is in several is looked at in each.
pub fn assign(candidates: &[Candidate], need: &RoutingNeed, now: Timestamp) -> Decision {
    let mut considered = vec![];
    let mut outcome = None;
    for team in std::iter::once(&need.team).chain(&need.fallbacks) {
        let members = members(candidates, team);
        if outcome.is_some() {
            considered.extend(members.iter().map(|of| considered_in(team, of, Verdict::NotAsked)));
            continue;
        }
        let (mut free, mut excluded) = (vec![], vec![]);
        for candidate in members {
            let obstacles = obstacles(candidate, team, need, now);
            if obstacles.is_empty() {
                free.push(candidate);
            } else {
                excluded.push(considered_in(team, candidate, Verdict::Excluded { obstacles }));
            }
        }
        free.sort_by(|a, b| preference(a, b, need).0);
        if let Some((chosen, others)) = free.split_first() {
            let (load, capacity) = (chosen.load_of(&need.channel), chosen.capacity.of(&need.channel));
            considered.push(considered_in(team, chosen, Verdict::Chosen { load, capacity }));
            considered.extend(others.iter().map(|other| {
                considered_in(team, other, Verdict::Behind { by: preference(chosen, other, need).1 })
            }));
            outcome = Some(Outcome::Assigned { user_id: chosen.user_id.clone(), team: team.key.clone() });
        }
        considered.extend(excluded);
    }
    let outcome = outcome.unwrap_or_else(|| Outcome::Unassigned {
        team: need.team.key.clone(),
        reason: reason(&considered),
        look_again_at: look_again_at(candidates, need, &considered, now),
    });
    // The chosen one's team may come after many who could not: they are the first to be kept.
    considered.sort_by_key(|of| !matches!(of.verdict, Verdict::Chosen { .. } | Verdict::Behind { .. }));
    let n_more = considered.len().saturating_sub(EXPLAINED_MAX);
    considered.truncate(EXPLAINED_MAX);
    Decision { at: now, outcome, considered, n_more: u32::try_from(n_more).unwrap_or(u32::MAX) }
}

/// The people of a team by id, each once.
fn members<'a>(candidates: &'a [Candidate], team: &RoutingTeam) -> Vec<&'a Candidate> {
    let mut members: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.teams.contains(&team.key)).collect();
    members.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    members.dedup_by(|a, b| a.user_id == b.user_id);
    members
}

fn considered_in(team: &RoutingTeam, candidate: &Candidate, verdict: Verdict) -> Considered {
    Considered {
        user_id: candidate.user_id.clone(),
        name: candidate.name.clone(),
        team: team.key.clone(),
        verdict,
    }
}

/// Everything that stands against it, in the order in which reasons are given.
fn obstacles(candidate: &Candidate, team: &RoutingTeam, need: &RoutingNeed, now: Timestamp) -> Vec<Obstacle> {
    let mut obstacles = vec![];
    for (skill, needed) in need.skills.levels() {
        let has = candidate.skills.levels().get(skill).copied();
        if has.is_none_or(|has| has < *needed) {
            obstacles.push(Obstacle::Unskilled { skill: skill.clone(), needed: *needed, has });
        }
    }
    if let Some(schedule) = candidate.schedule_in(team)
        && !schedule.is_open(now)
    {
        obstacles.push(Obstacle::OffShift { until: schedule.next_opening(now) });
    }
    if let Some(absence) = candidate.absence_at(now) {
        obstacles.push(Obstacle::Absent { until: absence.to });
    }
    if candidate.availability == crate::Availability::Away {
        obstacles.push(Obstacle::Away);
    }
    let (load, capacity) = (candidate.load_of(&need.channel), candidate.capacity.of(&need.channel));
    if load >= capacity {
        obstacles.push(Obstacle::Full { channel: need.channel.clone(), load, capacity });
    }
    if candidate.has_let_it_pass == LetPass::Yes {
        obstacles.push(Obstacle::LetItPass);
    }
    obstacles
}

/// Who of two comes first, and in what that one is better.
fn preference(a: &Candidate, b: &Candidate, need: &RoutingNeed) -> (Ordering, Advantage) {
    // Compared crosswise, so that nothing is rounded.
    let share = |of: &Candidate, other: &Candidate| {
        u64::from(of.load_of(&need.channel)) * u64::from(other.capacity.of(&need.channel))
    };
    let orders = [
        (Reverse(fit(a, need)).cmp(&Reverse(fit(b, need))), Advantage::Skill),
        (share(a, b).cmp(&share(b, a)), Advantage::Load),
        // Who was never given one comes first.
        (a.last_assigned_at.cmp(&b.last_assigned_at), Advantage::Turn),
    ];
    let first = orders.into_iter().find(|(order, _)| order.is_ne());
    first.unwrap_or((a.user_id.cmp(&b.user_id), Advantage::Order))
}

/// How well somebody can do what is needed: the sum of their levels in the needed skills.
fn fit(candidate: &Candidate, need: &RoutingNeed) -> u32 {
    let levels = candidate.skills.levels();
    let needed = need.skills.levels().keys();
    needed.filter_map(|skill| levels.get(skill)).map(|level| u32::from(level.number())).sum()
}

/// The first condition that leaves nobody.
fn reason(considered: &[Considered]) -> UnassignedReason {
    let all = || considered.iter().filter_map(|of| excluded(&of.verdict));
    // Each is passed by whoever has none of the obstacles up to it.
    let passes = |rank: u8| all().any(|obstacles| obstacles.iter().all(|of| rank_of(of) > rank));
    if all().next().is_none() {
        return UnassignedReason::NobodyInTeam;
    }
    [
        (1, UnassignedReason::NobodySkilled),
        (2, UnassignedReason::NobodyOnShift),
        (3, UnassignedReason::NobodyAvailable),
        (4, UnassignedReason::NobodyFree),
    ]
    .into_iter()
    .find(|(rank, _)| !passes(*rank))
    .map_or(UnassignedReason::NobodyLeft, |(_, reason)| reason)
}

fn excluded(verdict: &Verdict) -> Option<&[Obstacle]> {
    match verdict {
        Verdict::Excluded { obstacles } => Some(obstacles),
        _ => None,
    }
}

fn rank_of(obstacle: &Obstacle) -> u8 {
    match obstacle {
        Obstacle::Unskilled { .. } => 1,
        Obstacle::OffShift { .. } | Obstacle::Absent { .. } => 2,
        Obstacle::Away => 3,
        Obstacle::Full { .. } => 4,
        Obstacle::LetItPass => 5,
    }
}

/// When it may look different: when the first of those whom only the time stands against is back, soon when somebody is on
/// shift, late otherwise. Always after now.
fn look_again_at(
    candidates: &[Candidate],
    need: &RoutingNeed,
    considered: &[Considered],
    now: Timestamp,
) -> Timestamp {
    let after = |ms: i64| Timestamp(now.0.saturating_add(ms));
    let has_rank = |obstacles: &[Obstacle], ranks: &[u8]| {
        obstacles.iter().all(|obstacle| ranks.contains(&rank_of(obstacle)))
    };
    let mut again = after(LOOK_AGAIN_LATE_MS);
    for team in std::iter::once(&need.team).chain(&need.fallbacks) {
        for of in considered.iter().filter(|of| of.team == team.key) {
            let Some(obstacles) = excluded(&of.verdict) else { continue };
            let candidate = candidates.iter().find(|candidate| candidate.user_id == of.user_id);
            if has_rank(obstacles, &[3, 4]) {
                again = again.min(after(LOOK_AGAIN_SOON_MS));
            } else if has_rank(obstacles, &[2, 3, 4])
                && let Some(back) = candidate.and_then(|candidate| candidate.next_shift(team, now))
            {
                again = again.min(back);
            }
        }
    }
    again.max(after(1))
}
