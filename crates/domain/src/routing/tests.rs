//! Routing: examples across teams and time zones.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::*;
use crate::{
    Absence, AbsenceId, Holidays, Hours, MinuteOfDay, Schedule, ScheduleId, Timestamp, UserId, WeekHours,
    Zone,
};

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// A Friday, eleven in the morning in Berlin, five in New York, seven in the evening in Tokyo.
pub(super) fn friday() -> Timestamp {
    at("2026-11-20T10:00:00Z")
}

pub(super) fn shift(zone: &str, from: &str, to: &str) -> Arc<Schedule> {
    let hours = Hours { from: MinuteOfDay::parse(from).unwrap(), to: MinuteOfDay::parse(to).unwrap() };
    let day = |n| if n < 5 { vec![hours] } else { vec![] };
    Arc::new(Schedule {
        id: ScheduleId::new(zone),
        name: zone.to_owned(),
        zone: Zone::parse(zone).unwrap(),
        hours: WeekHours::new(std::array::from_fn(day)).unwrap(),
        holidays: Holidays::default(),
        revision: 1,
    })
}

pub(super) fn skills(levels: &[(&str, u8)]) -> Skills {
    let levels =
        levels.iter().map(|(key, level)| (Skill::parse(key).unwrap(), SkillLevel::new(*level).unwrap()));
    Skills::new(levels.collect()).unwrap()
}

pub(super) fn person(id: &str) -> Candidate {
    Candidate {
        user_id: UserId::new(id),
        name: id.to_uppercase(),
        teams: BTreeSet::from(["support".to_owned()]),
        availability: Availability::Available,
        schedule: None,
        absences: vec![],
        skills: Skills::default(),
        capacity: Capacity::default(),
        load: BTreeMap::new(),
        last_assigned_at: None,
        has_let_it_pass: LetPass::No,
    }
}

fn in_team(team: &str, candidate: Candidate) -> Candidate {
    Candidate { teams: BTreeSet::from([team.to_owned()]), ..candidate }
}

pub(super) fn loaded(load: u32, capacity: u32, candidate: Candidate) -> Candidate {
    Candidate {
        load: BTreeMap::from([(Channel::chat(), load)]),
        capacity: Capacity(BTreeMap::from([(Channel::chat(), capacity)])),
        ..candidate
    }
}

fn absent(to: Timestamp, candidate: Candidate) -> Candidate {
    let absence = Absence {
        id: AbsenceId::new("a"),
        user_id: candidate.user_id.clone(),
        from: Timestamp(0),
        to,
        reason: String::new(),
    };
    Candidate { absences: vec![absence], ..candidate }
}

pub(super) fn team(key: &str, schedule: Option<Arc<Schedule>>) -> RoutingTeam {
    RoutingTeam { key: key.to_owned(), schedule }
}

fn need(needed: &[(&str, u8)]) -> RoutingNeed {
    RoutingNeed {
        channel: Channel::chat(),
        skills: skills(needed),
        team: team("support", None),
        fallbacks: vec![],
    }
}

#[track_caller]
fn check(candidates: &[Candidate], need: &RoutingNeed, expected: &[&str]) -> Decision {
    let decision = assign(candidates, need, friday());
    let said: Vec<String> = decision.considered.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
    decision
}

#[test]
fn the_best_at_what_is_needed_comes_first_then_who_has_least_then_whose_turn_it_is() {
    let with = |id: &str, level| Candidate { skills: skills(&[("french", level)]), ..person(id) };
    let since = |at: i64, candidate| Candidate { last_assigned_at: Some(Timestamp(at)), ..candidate };
    check(
        &[
            with("a", 3),
            loaded(0, 10, with("b", 4)),
            loaded(5, 10, with("c", 5)),
            loaded(2, 5, since(7, with("d", 5))),
            loaded(4, 10, since(6, with("e", 5))),
            loaded(4, 10, since(6, with("f", 5))),
            with("g", 2),
            person("h"),
        ],
        &need(&[("french", 3)]),
        &[
            "E takes it: has 4 of at most 10 tickets",
            "F could take it, but comes later in the list",
            "D could take it, but it is somebody else's turn",
            "C could take it, but somebody else has less to do",
            "B could take it, but somebody else is better at what it needs",
            "A could take it, but somebody else is better at what it needs",
            "G has french at level 2, not 3",
            "H lacks french",
        ],
    );
}

#[test]
fn every_obstacle_is_named() {
    let away = Candidate { availability: Availability::Away, ..person("a") };
    let night = Candidate { schedule: Some(shift("America/New_York", "09:00", "17:00")), ..person("b") };
    let untouched = Candidate { has_let_it_pass: LetPass::Yes, ..person("d") };
    let stranger = in_team("billing", person("e"));
    let decision = check(
        &[loaded(3, 3, away), absent(at("2026-11-23T08:00:00Z"), night), untouched, stranger],
        &need(&[]),
        &[
            "A is away, has 3 tickets of chat and takes at most 3",
            "B is off shift until 2026-11-20 14:00 UTC, is absent until 2026-11-23 08:00 UTC",
            "D had it and left it untouched",
        ],
    );
    let Outcome::Unassigned { reason, look_again_at, .. } = decision.outcome else { panic!("assigned") };
    assert_eq!(reason, UnassignedReason::NobodyLeft);
    assert_eq!(look_again_at.0, friday().0 + LOOK_AGAIN_SOON_MS);
}

#[test]
fn the_reason_is_the_first_condition_that_leaves_nobody() {
    let french = skills(&[("french", 5)]);
    let monday = at("2026-11-23T14:00:00Z");
    let new_york = || Some(shift("America/New_York", "09:00", "17:00"));
    for (candidates, reason, again) in [
        (vec![], UnassignedReason::NobodyInTeam, friday().0 + LOOK_AGAIN_LATE_MS),
        (vec![person("a")], UnassignedReason::NobodySkilled, friday().0 + LOOK_AGAIN_LATE_MS),
        (
            vec![
                person("a"),
                Candidate { skills: french.clone(), schedule: new_york(), ..person("b") },
                absent(monday, Candidate { skills: french.clone(), ..person("c") }),
            ],
            UnassignedReason::NobodyOnShift,
            at("2026-11-20T14:00:00Z").0,
        ),
        (
            vec![Candidate { skills: french.clone(), availability: Availability::Away, ..person("b") }],
            UnassignedReason::NobodyAvailable,
            friday().0 + LOOK_AGAIN_SOON_MS,
        ),
        (
            vec![loaded(1, 0, Candidate { skills: french.clone(), ..person("b") })],
            UnassignedReason::NobodyFree,
            friday().0 + LOOK_AGAIN_SOON_MS,
        ),
    ] {
        let decision = assign(&candidates, &need(&[("french", 1)]), friday());
        let expected =
            Outcome::Unassigned { team: "support".to_owned(), reason, look_again_at: Timestamp(again) };
        assert_eq!(decision.outcome, expected, "{reason}");
    }
}

#[test]
fn who_comes_back_from_an_absence_comes_back_to_a_shift() {
    let new_york = Some(shift("America/New_York", "09:00", "17:00"));
    // Back on Saturday, which is no day of work.
    let away = absent(at("2026-11-21T10:00:00Z"), Candidate { schedule: new_york, ..person("a") });
    let back = away.next_shift(&team("support", None), friday());
    assert_eq!(back, Some(at("2026-11-23T14:00:00Z")));
    // A day later than that is late; somebody may join before.
    let Outcome::Unassigned { look_again_at, .. } = assign(&[away], &need(&[]), friday()).outcome else {
        panic!("assigned")
    };
    assert_eq!(look_again_at.0, friday().0 + LOOK_AGAIN_LATE_MS);
}

#[test]
fn the_next_team_that_is_awake_takes_it() {
    let people =
        [in_team("berlin", person("b")), in_team("new-york", person("n")), in_team("tokyo", person("t"))];
    let berlin = team("berlin", Some(shift("Europe/Berlin", "09:00", "17:00")));
    let new_york = team("new-york", Some(shift("America/New_York", "09:00", "17:00")));
    let tokyo = team("tokyo", Some(shift("Asia/Tokyo", "09:00", "17:00")));
    let need = RoutingNeed { team: tokyo, fallbacks: vec![new_york, berlin], ..need(&[]) };
    for (time, team, person) in [
        ("2026-11-20T01:00:00Z", "tokyo", "t"),
        ("2026-11-20T09:00:00Z", "berlin", "b"),
        ("2026-11-20T15:30:00Z", "new-york", "n"),
    ] {
        let outcome = assign(&people, &need, at(time)).outcome;
        let expected = Outcome::Assigned { user_id: UserId::new(person), team: team.to_owned() };
        assert_eq!(outcome, expected, "{time}");
    }
    let decision = assign(&people, &need, at("2026-11-20T15:30:00Z"));
    let last = decision.considered.last().map(ToString::to_string);
    assert_eq!(last.as_deref(), Some("B was not asked: a team before theirs has taken it"));
    // On Saturday everybody sleeps until it is Monday in Tokyo.
    let saturday = assign(&people, &need, at("2026-11-21T15:00:00Z"));
    assert_eq!(saturday.outcome.team(), "tokyo");
    let sunday = assign(&people, &need, at("2026-11-22T22:00:00Z"));
    let Outcome::Unassigned { reason, look_again_at, .. } = sunday.outcome else { panic!("assigned") };
    assert_eq!((reason, look_again_at), (UnassignedReason::NobodyOnShift, at("2026-11-23T00:00:00Z")));
}

#[test]
fn a_schedule_of_their_own_counts_before_the_teams() {
    let night = Candidate { schedule: Some(shift("Europe/Berlin", "20:00", "24:00")), ..person("a") };
    let of_day =
        RoutingNeed { team: team("support", Some(shift("Europe/Berlin", "09:00", "17:00"))), ..need(&[]) };
    assert_eq!(assign(std::slice::from_ref(&night), &of_day, friday()).outcome.user_id(), None);
    let evening = at("2026-11-20T19:30:00Z");
    assert_eq!(assign(&[night], &of_day, evening).outcome.user_id(), Some(&UserId::new("a")));
}

#[test]
fn a_crowd_is_counted_and_who_came_nearest_is_kept() {
    let mut people: Vec<Candidate> = (0..70)
        .map(|n| Candidate { availability: Availability::Away, ..person(&format!("a{n:02}")) })
        .collect();
    people.push(person("z"));
    let decision = assign(&people, &need(&[]), friday());
    assert_eq!((decision.considered.len(), decision.n_more), (EXPLAINED_MAX, 21));
    assert_eq!(decision.considered[0].user_id, UserId::new("z"));
}

#[test]
fn a_decision_is_stored_as_it_is() {
    let away = Candidate { availability: Availability::Away, ..person("a") };
    let decision = assign(&[person("b"), person("c"), away], &need(&[]), friday());
    let json = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
    assert!(json.contains(r#"{"type":"assigned","user_id":"b","team":"support"}"#), "{json}");
    assert!(serde_json::from_str::<Decision>(&json.replace("\"n_more\"", "\"more\"")).is_err());
}

#[test]
fn equals_take_turns() {
    let mut people = vec![person("a"), person("b"), person("c")];
    let mut given = String::new();
    for n in 0..9 {
        let now = Timestamp(friday().0 + n);
        let decision = assign(&people, &need(&[]), now);
        let id = decision.outcome.user_id().expect("somebody");
        given.push_str(id.as_str());
        // Done at once: nobody's load grows.
        people.iter_mut().find(|of| of.user_id == *id).unwrap().last_assigned_at = Some(now);
    }
    assert_eq!(given, "abcabcabc");
}
