//! What must hold of clocks in any life of a ticket, against an oracle that counts minute by minute too.

use proptest::prelude::*;

use super::{
    tests::{MINUTE_MS, at, office},
    *,
};
use crate::{TicketStatus, Timestamp};

use SlaEvent::{AgentReply, CustomerMessage, Passed, Status};

fn any_terms() -> impl Strategy<Value = SlaTerms> {
    let calendar = prop_oneof![
        Just(Calendar::WallTime),
        Just(office("Europe/Berlin", "01:30", "14:00")),
        Just(office("Australia/Lord_Howe", "00:00", "24:00")),
        Just(office("America/New_York", "22:00", "24:00")),
    ];
    let target = || proptest::option::of(1..2_000u32);
    (target(), target(), target(), 1..=99u8, calendar).prop_map(
        |(first, next, resolution, warn, calendar)| SlaTerms {
            targets: SlaTargets { first_reply_min: first, next_reply_min: next, resolution_min: resolution },
            warn_percent: WarnPercent::new(warn).unwrap(),
            calendar,
        },
    )
}

/// Anything but other terms.
fn any_deed() -> impl Strategy<Value = SlaEvent> {
    prop_oneof![
        3 => Just(CustomerMessage),
        2 => Just(AgentReply),
        4 => proptest::sample::select(TicketStatus::ALL.to_vec()).prop_map(Status),
    ]
}

fn any_event() -> impl Strategy<Value = SlaEvent> {
    prop_oneof![5 => any_deed(), 1 => any_terms().prop_map(SlaEvent::Terms)]
}

/// Follows a life from a night in which clocks are changed in Berlin on.
fn follow(terms: SlaTerms, life: &[(i64, SlaEvent)]) -> (SlaClock, Vec<SlaSignal>) {
    let start = at("2026-10-24T20:00:00Z");
    let mut clock = SlaClock::opened(start, terms);
    let signals = life
        .iter()
        .flat_map(|(n, event)| clock.apply(Timestamp(start.0 + n * MINUTE_MS), event.clone()))
        .collect();
    (clock, signals)
}

/// The due times of the first cycle of a metric, counted minute by minute: warned, breached.
fn by_the_minute(terms: &SlaTerms, life: &[(i64, SlaEvent)], metric: SlaMetric) -> Option<i64> {
    let start = at("2026-10-24T20:00:00Z");
    let target = i64::from(terms.targets.of(metric)?);
    let (mut used, mut is_running, mut is_done, mut is_waiting) =
        (0, metric != SlaMetric::NextReply, false, false);
    let (mut is_replied, mut is_started) = (false, metric != SlaMetric::NextReply);
    let mut events = life.iter().peekable();
    for n in 0..=life.last()?.0 {
        while let Some((_, event)) = events.next_if(|(at, _)| *at == n) {
            match event {
                AgentReply => {
                    if metric != SlaMetric::Resolution && is_started {
                        return None;
                    }
                    is_replied = true;
                }
                CustomerMessage => is_started |= metric == SlaMetric::NextReply && is_replied,
                Status(status) => {
                    let phase = SlaPhase::of(*status);
                    if phase == SlaPhase::Done && metric != SlaMetric::Resolution && is_started {
                        return None;
                    }
                    is_replied |= phase == SlaPhase::Done;
                    is_done = phase == SlaPhase::Done;
                    is_waiting = phase == SlaPhase::Waiting;
                }
                _ => {}
            }
            is_running = is_started && !is_done && (!is_waiting || metric == SlaMetric::FirstReply);
        }
        let now = start.0 + n * MINUTE_MS;
        let counts = terms.calendar.ms_between(Timestamp(now), Timestamp(now + MINUTE_MS)) > 0;
        used += i64::from(is_running && counts);
        if used == target {
            return (n < life.last()?.0).then_some(n + 1);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn looking_in_between_and_storing_changes_nothing(
        terms in any_terms(),
        life in proptest::collection::vec((0..400i64, any_event(), proptest::bool::ANY), 0..25),
        looks in proptest::collection::vec(0..6_000i64, 0..20),
    ) {
        let mut n = 0;
        let life: Vec<(i64, SlaEvent)> = life
            .into_iter()
            .map(|(pause, event, _)| { n += pause; (n, event) })
            .chain([(9_000, Passed)])
            .collect();
        let (replayed, said) = follow(terms.clone(), &life);
        let start = at("2026-10-24T20:00:00Z");
        let mut watched: Vec<(i64, SlaEvent)> = life.clone();
        watched.extend(looks.iter().map(|n| (*n, Passed)));
        watched.sort_by_key(|(n, _)| *n);
        let mut clock = SlaClock::opened(start, terms);
        let mut heard = vec![];
        for (n, event) in watched {
            let next = clock.next_signal_at();
            let now = Timestamp(start.0 + n * MINUTE_MS);
            let signals = clock.apply(now, event.clone());
            if event == Passed {
                prop_assert_eq!(next.is_some_and(|next| next <= now), !signals.is_empty());
            }
            heard.extend(signals);
            let json = serde_json::to_string(clock.state()).unwrap();
            clock = SlaClock::restored(serde_json::from_str(&json).unwrap(), clock.terms().clone());
        }
        prop_assert_eq!(&clock, &replayed);
        prop_assert_eq!(&heard, &said);
        let mut once = heard.iter().map(|signal| (signal.metric, signal.cycle, signal.kind)).collect::<Vec<_>>();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), heard.len(), "each once");
        prop_assert!(heard.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order");
        for signal in heard.iter().filter(|signal| signal.kind == SlaSignalKind::Breached) {
            let warned = |other: &&SlaSignal| {
                (other.metric, other.cycle, other.kind) == (signal.metric, signal.cycle, SlaSignalKind::Warned)
            };
            prop_assert!(heard.iter().find(warned).is_some_and(|warned| warned.at <= signal.at));
        }
    }

    #[test]
    fn misses_are_those_that_are_found_by_counting_minutes(
        terms in any_terms(),
        life in proptest::collection::vec((1..400i64, any_deed()), 0..15),
    ) {
        let mut n = 0;
        let life: Vec<(i64, SlaEvent)> = life
            .into_iter()
            .map(|(pause, event)| { n += pause; (n, event) })
            .chain([(8_000, Passed)])
            .collect();
        let (_, said) = follow(terms.clone(), &life);
        let start = at("2026-10-24T20:00:00Z");
        for metric in SlaMetric::ALL {
            let breached = said.iter().find(|signal| {
                (signal.metric, signal.cycle, signal.kind) == (metric, 1, SlaSignalKind::Breached)
            });
            let minutes = breached.map(|signal| (signal.at.0 - start.0) / MINUTE_MS);
            prop_assert_eq!(minutes, by_the_minute(&terms, &life, metric), "{:?}", metric);
        }
    }
}
