//! What must hold of routing for any people and any ticket.

use proptest::prelude::*;

use super::{
    tests::{friday, loaded, person, shift, skills, team},
    *,
};
use crate::{Absence, AbsenceId, Timestamp, UserId};

const HOUR_MS: i64 = 60 * 60 * 1_000;

fn any_candidate(n: usize) -> impl Strategy<Value = Candidate> {
    let schedule = prop_oneof![
        2 => Just(None),
        1 => Just(Some(shift("Europe/Berlin", "09:00", "17:00"))),
        1 => Just(Some(shift("America/New_York", "06:00", "18:30"))),
        1 => Just(Some(shift("Asia/Kathmandu", "10:00", "24:00"))),
    ];
    let teams = proptest::collection::btree_set(proptest::sample::select(vec!["x", "y", "z"]), 0..3);
    let known = (proptest::option::of(1..=5u8), proptest::option::of(1..=5u8));
    let absence = proptest::option::weighted(0.2, (-48..48i64, 1..96i64));
    let state = (proptest::bool::weighted(0.8), 0..4u32, 0..4u32, proptest::option::of(0..3i64), 0..8u8);
    (teams, schedule, known, absence, state).prop_map(move |(teams, schedule, known, absence, state)| {
        let (is_available, load, capacity, last, pass) = state;
        let (french, refunds) = known;
        let mut of: Vec<(&str, u8)> = french.map(|level| ("french", level)).into_iter().collect();
        of.extend(refunds.map(|level| ("refunds", level)));
        let absences = absence.map(|(from, hours)| Absence {
            id: AbsenceId::new("a"),
            user_id: UserId::new(format!("u{n}")),
            from: Timestamp(friday().0 + from * HOUR_MS),
            to: Timestamp(friday().0 + (from + hours) * HOUR_MS),
            reason: String::new(),
        });
        Candidate {
            teams: teams.into_iter().map(str::to_owned).collect(),
            availability: if is_available { Availability::Available } else { Availability::Away },
            schedule,
            absences: absences.into_iter().collect(),
            skills: skills(&of),
            last_assigned_at: last.map(Timestamp),
            has_let_it_pass: if pass == 0 { LetPass::Yes } else { LetPass::No },
            ..loaded(load, capacity, person(&format!("u{n}")))
        }
    })
}

fn any_people() -> impl Strategy<Value = Vec<Candidate>> {
    (0..9usize).prop_flat_map(|n| (0..n).map(any_candidate).collect::<Vec<_>>())
}

fn any_need() -> impl Strategy<Value = RoutingNeed> {
    let needed = (proptest::option::weighted(0.4, 1..=5u8), proptest::option::weighted(0.2, 1..=3u8));
    let order = Just(vec!["x", "y", "z"]).prop_shuffle();
    (needed, order, 1..4usize, proptest::bool::ANY).prop_map(
        |((french, refunds), order, n_teams, has_schedule)| {
            let mut of: Vec<(&str, u8)> = french.map(|level| ("french", level)).into_iter().collect();
            of.extend(refunds.map(|level| ("refunds", level)));
            let schedule = has_schedule.then(|| shift("Australia/Lord_Howe", "08:00", "22:00"));
            let mut teams = order[..n_teams].iter().map(|key| team(key, schedule.clone()));
            RoutingNeed {
                channel: Channel::chat(),
                skills: skills(&of),
                team: teams.next().expect("at least one"),
                fallbacks: teams.collect(),
            }
        },
    )
}

/// Whether somebody could take it in a team: the rules, written down once more.
fn could(candidate: &Candidate, team: &RoutingTeam, need: &RoutingNeed, now: Timestamp) -> bool {
    let schedule = candidate.schedule.as_ref().or(team.schedule.as_ref());
    let knows = |(skill, level): (&Skill, &SkillLevel)| {
        candidate.skills.levels().get(skill).is_some_and(|has| has.number() >= level.number())
    };
    candidate.teams.contains(&team.key)
        && schedule.is_none_or(|schedule| schedule.is_open(now))
        && !candidate.absences.iter().any(|absence| absence.from <= now && now < absence.to)
        && candidate.availability == Availability::Available
        && need.skills.levels().iter().all(knows)
        && candidate.load[&Channel::chat()] < candidate.capacity.0[&Channel::chat()]
        && candidate.has_let_it_pass == LetPass::No
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whoever_is_chosen_could_take_it_and_if_anybody_could_somebody_is(
        people in any_people(),
        need in any_need(),
        hours in 0..168i64,
    ) {
        let now = Timestamp(friday().0 + hours * HOUR_MS);
        let decision = assign(&people, &need, now);
        let teams: Vec<&RoutingTeam> = std::iter::once(&need.team).chain(&need.fallbacks).collect();
        let first_team = teams.iter().find(|team| people.iter().any(|of| could(of, team, &need, now)));
        match &decision.outcome {
            Outcome::Assigned { user_id, team } => {
                let chosen = people.iter().find(|of| of.user_id == *user_id).expect("one of them");
                prop_assert_eq!(first_team.map(|team| &team.key), Some(team));
                let team = first_team.expect("a team");
                prop_assert!(could(chosen, team, &need, now));
                let level = |of: &Candidate| -> u32 {
                    let levels = of.skills.levels().iter();
                    levels.filter(|(skill, _)| need.skills.levels().contains_key(skill)).map(|(_, l)| u32::from(l.number())).sum()
                };
                let chat = Channel::chat();
                for other in people.iter().filter(|of| could(of, team, &need, now)) {
                    prop_assert!(level(chosen) >= level(other));
                    if level(chosen) == level(other) {
                        let share = |of: &Candidate| f64::from(of.load[&chat]) / f64::from(of.capacity.0[&chat]);
                        prop_assert!(share(chosen) <= share(other));
                        if (share(chosen) - share(other)).abs() < 1e-9 {
                            prop_assert!(chosen.last_assigned_at <= other.last_assigned_at);
                        }
                    }
                }
            }
            Outcome::Unassigned { team, look_again_at, .. } => {
                prop_assert!(first_team.is_none());
                prop_assert_eq!(team, &need.team.key);
                prop_assert!(*look_again_at > now);
            }
        }
        let n_looked_at: usize = teams.iter().map(|team| people.iter().filter(|of| of.teams.contains(&team.key)).count()).sum();
        prop_assert_eq!(decision.considered.len(), n_looked_at);
        for of in &decision.considered {
            prop_assert!(!of.verdict.to_string().is_empty());
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(
        (people, shuffled) in any_people().prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
        need in any_need(),
        hours in 0..168i64,
    ) {
        let now = Timestamp(friday().0 + hours * HOUR_MS);
        prop_assert_eq!(assign(&people, &need, now), assign(&shuffled, &need, now));
    }

    #[test]
    fn a_day_of_tickets_fills_nobody_over_their_capacity_and_leaves_none_without_a_team(
        mut people in any_people(),
        needs in proptest::collection::vec((any_need(), 0..90i64), 1..40),
    ) {
        let mut now = friday();
        let room: u32 = people.iter().map(|of| of.capacity.0[&Channel::chat()].saturating_sub(of.load[&Channel::chat()])).sum();
        let mut n_assigned = 0;
        for (need, minutes) in needs {
            now = Timestamp(now.0 + minutes * 60_000);
            let decision = assign(&people, &need, now);
            prop_assert!(!decision.outcome.team().is_empty());
            if let Some(id) = decision.outcome.user_id() {
                let chosen = people.iter_mut().find(|of| of.user_id == *id).expect("one of them");
                *chosen.load.entry(Channel::chat()).or_default() += 1;
                chosen.last_assigned_at = Some(now);
                prop_assert!(chosen.load_of(&Channel::chat()) <= chosen.capacity.of(&Channel::chat()));
                n_assigned += 1;
            }
        }
        prop_assert!(n_assigned <= room);
    }
}
