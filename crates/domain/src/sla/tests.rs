//! The clocks of tickets: examples from a ticket's life.

use std::sync::Arc;

use super::*;
use crate::{Holidays, Hours, MinuteOfDay, Schedule, ScheduleId, TicketStatus, Timestamp, WeekHours, Zone};

pub(super) const MINUTE_MS: i64 = 60_000;

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// So many minutes after an ordinary Friday, 2026-11-20T10:00Z.
fn minute(n: i64) -> Timestamp {
    Timestamp(at("2026-11-20T10:00:00Z").0 + n * MINUTE_MS)
}

pub(super) fn office(zone: &str, from: &str, to: &str) -> Calendar {
    let hours = Hours { from: MinuteOfDay::parse(from).unwrap(), to: MinuteOfDay::parse(to).unwrap() };
    Calendar::Schedule(Arc::new(Schedule {
        id: ScheduleId::new("s"),
        name: "Office".to_owned(),
        zone: Zone::parse(zone).unwrap(),
        hours: WeekHours::new(std::array::from_fn(|_| vec![hours])).unwrap(),
        holidays: Holidays::default(),
        revision: 1,
    }))
}

fn terms(first: u32, next: u32, resolution: u32) -> SlaTerms {
    let some = |minutes| (minutes > 0).then_some(minutes);
    SlaTerms {
        targets: SlaTargets {
            first_reply_min: some(first),
            next_reply_min: some(next),
            resolution_min: some(resolution),
        },
        ..SlaTerms::none()
    }
}

/// Follows a ticket's life; says what its clocks said, as "resolution breached 60".
#[track_caller]
fn check(terms: SlaTerms, life: &[(i64, SlaEvent)], expected: &[&str]) -> SlaClock {
    let mut clock = SlaClock::opened(minute(0), terms);
    let mut said = vec![];
    for (n, event) in life {
        for signal in clock.apply(minute(*n), event.clone()) {
            let kind = match signal.kind {
                SlaSignalKind::Warned => "warned",
                SlaSignalKind::Breached => "breached",
            };
            let minutes = (signal.at.0 - minute(0).0) / MINUTE_MS;
            said.push(format!("{} {kind} {minutes}", signal.metric.as_str()));
        }
    }
    assert_eq!(said, expected);
    clock
}

fn reading(clock: &SlaClock, metric: SlaMetric, n: i64) -> SlaReading {
    clock.readings(minute(n)).find(|reading| reading.metric == metric).expect("a reading")
}

use SlaEvent::{AgentReply, CustomerMessage, Passed, Status};

#[test]
fn a_reply_in_time_says_nothing_and_one_at_the_due_time_is_late() {
    let clock = check(terms(60, 0, 0), &[(40, AgentReply), (500, Passed)], &[]);
    let reading = reading(&clock, SlaMetric::FirstReply, 500);
    assert_eq!((reading.fulfilled_at, reading.breached_at), (Some(minute(40)), None));
    assert_eq!(reading.used_ms, 40 * MINUTE_MS);
    assert_eq!(clock.next_signal_at(), None);
    check(terms(60, 0, 0), &[(59, AgentReply)], &["first_reply warned 48"]);
    check(terms(60, 0, 0), &[(60, AgentReply)], &["first_reply warned 48", "first_reply breached 60"]);
    let late = [(48, Passed), (49, Passed), (60, Passed), (61, Passed), (70, AgentReply), (90, Passed)];
    check(terms(60, 0, 0), &late, &["first_reply warned 48", "first_reply breached 60"]);
}

#[test]
fn waiting_pauses_the_resolution_but_never_the_first_reply() {
    let life = [(10, Status(TicketStatus::OnHold)), (200, Status(TicketStatus::Open)), (400, Passed)];
    let clock = check(
        terms(60, 0, 100),
        &life,
        &[
            "first_reply warned 48",
            "first_reply breached 60",
            "resolution warned 270",
            "resolution breached 290",
        ],
    );
    assert_eq!(reading(&clock, SlaMetric::Resolution, 400).due_at, Some(minute(290)));
    let paused = check(terms(0, 0, 100), &[(10, Status(TicketStatus::Pending)), (9_000, Passed)], &[]);
    let paused_reading = reading(&paused, SlaMetric::Resolution, 9_000);
    assert!(paused_reading.is_paused && paused_reading.due_at.is_none());
    assert_eq!(paused_reading.used_ms, 10 * MINUTE_MS);
}

#[test]
fn the_next_reply_runs_from_the_oldest_message_without_an_answer() {
    let life = [
        (5, CustomerMessage),
        (10, AgentReply),
        (10, Status(TicketStatus::Pending)),
        (100, CustomerMessage),
        (100, Status(TicketStatus::Open)),
        (120, CustomerMessage),
        (125, AgentReply),
        (300, CustomerMessage),
        (340, Passed),
    ];
    let clock = check(
        terms(60, 30, 0),
        &life,
        &["next_reply warned 124", "next_reply warned 324", "next_reply breached 330"],
    );
    let reading = reading(&clock, SlaMetric::NextReply, 340);
    assert_eq!((reading.cycle, reading.n_breaches), (2, 1));
    let held = [
        (10, AgentReply),
        (20, CustomerMessage),
        (30, Status(TicketStatus::OnHold)),
        (300, Status(TicketStatus::Open)),
        (315, AgentReply),
    ];
    check(terms(0, 30, 0), &held, &["next_reply warned 314"]);
}

#[test]
fn a_ticket_that_is_opened_again_goes_on_with_the_time_it_had_used() {
    let life = [
        (30, Status(TicketStatus::Solved)),
        (1_000, CustomerMessage),
        (1_000, Status(TicketStatus::Open)),
        (1_029, Passed),
        (1_040, Status(TicketStatus::Closed)),
        (5_000, Passed),
    ];
    let clock = check(terms(0, 60, 60), &life, &["resolution warned 1018", "resolution breached 1030"]);
    assert_eq!(reading(&clock, SlaMetric::Resolution, 5_000).fulfilled_at, Some(minute(1_040)));
    assert_eq!(reading(&clock, SlaMetric::NextReply, 5_000).fulfilled_at, Some(minute(1_040)));
    // Solved without a reply: nobody waits for the first one any more.
    let silent = [(30, Status(TicketStatus::Solved)), (50, Status(TicketStatus::Pending)), (900, Passed)];
    let clock = check(terms(60, 0, 60), &silent, &[]);
    assert!(reading(&clock, SlaMetric::Resolution, 900).is_paused);
    let missed = [
        (90, Status(TicketStatus::Solved)),
        (100, Status(TicketStatus::Open)),
        (900, Status(TicketStatus::Solved)),
    ];
    let clock = check(terms(0, 0, 60), &missed, &["resolution warned 48", "resolution breached 60"]);
    assert_eq!(
        reading(&clock, SlaMetric::Resolution, 900).n_breaches,
        1,
        "missed once, however often it is opened"
    );
}

#[test]
fn closing_ends_what_a_customer_began_after_solving() {
    let life = [
        (10, Status(TicketStatus::Solved)),
        (20, CustomerMessage),
        (30, Status(TicketStatus::Closed)),
        (40, Status(TicketStatus::Open)),
        (900, Passed),
    ];
    let clock = check(terms(0, 60, 0), &life, &[]);
    assert_eq!(reading(&clock, SlaMetric::NextReply, 900).fulfilled_at, Some(minute(30)));
}

#[test]
fn a_raised_priority_whose_due_time_is_past_is_a_miss_at_that_moment() {
    let clock = check(
        terms(0, 0, 600),
        &[(120, SlaEvent::Terms(terms(0, 0, 60))), (700, Passed)],
        &["resolution warned 120", "resolution breached 120"],
    );
    assert_eq!(reading(&clock, SlaMetric::Resolution, 700).due_at, Some(minute(60)));
    let waiting = [(70, Status(TicketStatus::Pending)), (500, SlaEvent::Terms(terms(0, 0, 60)))];
    check(terms(0, 0, 600), &waiting, &["resolution warned 500", "resolution breached 500"]);
    let solved = [(70, Status(TicketStatus::Solved)), (500, SlaEvent::Terms(terms(0, 0, 60)))];
    check(terms(0, 0, 600), &solved, &[]);
}

#[test]
fn a_lowered_priority_gives_time_but_takes_no_miss_back() {
    let lowered = [(50, SlaEvent::Terms(terms(0, 0, 600))), (599, Passed), (600, Passed)];
    check(terms(0, 0, 60), &lowered, &["resolution warned 48", "resolution breached 600"]);
    let late = [(61, SlaEvent::Terms(terms(0, 0, 600))), (900, Passed)];
    check(terms(0, 0, 60), &late, &["resolution warned 48", "resolution breached 60"]);
    // Nobody looked before the priority was lowered, and still it was missed.
    let unseen = [(900, SlaEvent::Terms(terms(0, 0, 6_000)))];
    check(terms(0, 0, 60), &unseen, &["resolution warned 48", "resolution breached 60"]);
}

#[test]
fn a_miss_stays_when_its_target_does_not() {
    let none = || SlaEvent::Terms(SlaTerms::none());
    let said = ["next_reply warned 44", "next_reply breached 50"];
    let life = [(1, AgentReply), (20, CustomerMessage), (60, AgentReply), (70, none())];
    let mut clock = check(terms(0, 30, 100), &life, &said);
    let readings: Vec<SlaReading> = clock.readings(minute(80)).collect();
    assert_eq!(readings.len(), 1, "the resolution was not missed");
    let missed = &readings[0];
    assert_eq!((missed.target_min, missed.is_promised, missed.due_at), (30, false, None));
    assert_eq!(missed.breached_at, Some(minute(50)));
    // Another message: nothing is promised for it, and the ticket stays one that was answered late.
    clock.apply(minute(90), CustomerMessage);
    let summary = SlaSummary::of(&clock.readings(minute(900)).collect::<Vec<_>>());
    assert_eq!(summary, SlaSummary { standing: SlaStanding::Breached, due_at: None });
    clock.apply(minute(901), SlaEvent::Terms(terms(0, 2_000, 0)));
    let promised = reading(&clock, SlaMetric::NextReply, 901);
    assert_eq!((promised.target_min, promised.breached_at, promised.n_breaches), (2_000, None, 1));
}

#[test]
fn a_policy_that_comes_later_counts_from_the_beginning() {
    let life = [
        (10, Status(TicketStatus::Pending)),
        (100, Status(TicketStatus::Open)),
        (130, SlaEvent::Terms(terms(0, 0, 60))),
        (200, Passed),
    ];
    check(SlaTerms::none(), &life, &["resolution warned 138", "resolution breached 150"]);
    let gone = [(10, SlaEvent::Terms(SlaTerms::none())), (900, Passed)];
    check(terms(60, 60, 60), &gone, &[]);
}

#[test]
fn another_schedule_counts_as_if_it_had_always_been_so() {
    // Opened at 11:00 in Berlin; four hours of work.
    let of = |calendar: Calendar| SlaTerms { calendar, ..terms(0, 0, 240) };
    let berlin = office("Europe/Berlin", "09:00", "17:00");
    let shorter = office("Europe/Berlin", "09:00", "12:00");
    let clock = SlaClock::opened(minute(0), of(berlin.clone()));
    assert_eq!(clock.next_signal_at(), Some(minute(192)));
    let mut changed = clock.clone();
    assert_eq!(changed.apply(minute(30), SlaEvent::Terms(of(shorter.clone()))), []);
    let day = 24 * 60;
    let due = changed.readings(minute(30)).next().and_then(|reading| reading.due_at);
    // One hour on Friday, three on Saturday: it is open every day.
    assert_eq!(due, Some(minute(day + 60)));
    // Of the hours before the pause only one counts by the new schedule.
    let mut paused = clock;
    paused.apply(minute(180), Status(TicketStatus::Pending));
    paused.apply(minute(200), SlaEvent::Terms(of(shorter)));
    assert_eq!(reading(&paused, SlaMetric::Resolution, 200).used_ms, 60 * MINUTE_MS);
    paused.apply(minute(210), SlaEvent::Terms(of(berlin)));
    assert_eq!(reading(&paused, SlaMetric::Resolution, 210).used_ms, 180 * MINUTE_MS);
}

#[test]
fn clocks_are_right_when_clocks_are_changed() {
    for (opened, due) in [
        // Six hours from Saturday 20:00, open all day: six hours later is three on the clock in March, two in October.
        ("2026-03-28T19:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-24T18:00:00Z", "2026-10-25T00:00:00Z"),
    ] {
        let all_day = SlaTerms { calendar: office("Europe/Berlin", "00:00", "24:00"), ..terms(0, 0, 360) };
        let clock = SlaClock::opened(at(opened), all_day);
        let reading = clock.readings(at(opened)).next().unwrap();
        assert_eq!(reading.due_at, Some(at(due)));
    }
    for (opened, due) in [
        // Nine to five: two hours on Saturday from 15:00, then Sunday from nine, whatever happened at night.
        ("2026-03-28T14:00:00Z", "2026-03-29T09:00:00Z"),
        ("2026-10-24T13:00:00Z", "2026-10-25T10:00:00Z"),
    ] {
        let by_day = SlaTerms { calendar: office("Europe/Berlin", "09:00", "17:00"), ..terms(0, 0, 240) };
        let clock = SlaClock::opened(at(opened), by_day);
        assert_eq!(clock.readings(at(opened)).next().unwrap().due_at, Some(at(due)));
    }
}

#[test]
fn a_clock_that_jumps_back_says_nothing_twice() {
    let life = [(70, Passed), (-50, Passed), (20, AgentReply), (80, CustomerMessage), (75, Passed)];
    let clock = check(terms(60, 30, 0), &life, &["first_reply warned 48", "first_reply breached 60"]);
    assert_eq!(reading(&clock, SlaMetric::FirstReply, 90).fulfilled_at, Some(minute(70)));
    assert_eq!(reading(&clock, SlaMetric::NextReply, 90).due_at, Some(minute(110)));
}

#[test]
fn a_ticket_that_waits_often_keeps_its_sum() {
    let mut life = vec![];
    for n in 0..40 {
        life.push((10 * n + 2, Status(TicketStatus::Pending)));
        life.push((10 * n + 10, Status(TicketStatus::Open)));
    }
    let clock = check(terms(0, 0, 1_000), &life, &[]);
    assert_eq!(clock.state().resolution.pieces.len(), SLA_PIECES_MAX);
    assert_eq!(reading(&clock, SlaMetric::Resolution, 400).used_ms, 80 * MINUTE_MS);
}

#[test]
fn clocks_are_stored_as_they_are() {
    let life = [(2, AgentReply), (2, Status(TicketStatus::Pending)), (9, CustomerMessage)];
    let clock = check(terms(60, 60, 60), &life, &[]);
    let json = serde_json::to_string(clock.state()).unwrap();
    assert_eq!(&serde_json::from_str::<SlaState>(&json).unwrap(), clock.state());
    let more = json.replace("\"phase\"", "\"more\":1,\"phase\"");
    assert!(serde_json::from_str::<SlaState>(&more).is_err());
}
