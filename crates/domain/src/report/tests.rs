//! What a ticket's life counts for, and that what was counted can be taken back.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::{
    Channel, Feedback, HandoffReason, Locale, Priority, SlaMetric, SuggestionOutcome, Tag, Ticket,
    TicketField, TicketId, TicketStatus, Timestamp, UserId,
};

const HOUR: i64 = 3_600_000;
/// 2026-11-20T08:00:00Z, a Friday.
const OPENED: i64 = 1_795_161_600_000;

fn at(hours: i64) -> Timestamp {
    Timestamp(OPENED + hours * HOUR)
}

fn change(hours: i64, field: TicketField, from: Option<&str>, to: Option<&str>) -> LifeChange {
    LifeChange { at: at(hours), field, from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

/// Opened for support, given to Ada, moved to billing and Bo, solved, opened again, solved by Bo two days later.
fn life() -> TicketLife {
    let status = |hours, from, to| change(hours, TicketField::Status, Some(from), Some(to));
    TicketLife {
        ticket: Ticket {
            number: 1,
            subject: "Words of a customer".to_owned(),
            status: TicketStatus::Solved,
            priority: Priority::High,
            tags: vec![Tag::parse("vip").unwrap(), Tag::parse("refund").unwrap()],
            assignee_id: Some(UserId::new("bo")),
            handoff_reason: Some(HandoffReason::Asked),
            updated_at: at(50),
            solved_at: Some(at(50)),
            revision: 9,
            ..Ticket::new(TicketId::new("t"), "billing".to_owned(), Channel::chat(), Locale::english(), at(0))
        },
        changes: vec![
            change(0, TicketField::Assignee, None, Some("ada")),
            change(1, TicketField::Priority, Some("normal"), Some("high")),
            status(2, "new", "pending"),
            change(3, TicketField::Team, Some("support"), Some("billing")),
            change(3, TicketField::Assignee, Some("ada"), Some("bo")),
            status(4, "pending", "solved"),
            status(26, "solved", "open"),
            status(50, "open", "solved"),
        ],
        replies: vec![
            LifeReply { at: at(2), by: Some("ada".to_owned()) },
            LifeReply { at: at(49), by: Some("bo".to_owned()) },
        ],
        drafts: vec![LifeDraft { at: at(1), outcome: Some((SuggestionOutcome::Edited, at(2))) }],
        promises: vec![LifePromise {
            metric: SlaMetric::FirstReply,
            outcome: PromiseOutcome::Missed,
            at: at(1),
        }],
    }
}

/// Every hour is worth half of one.
fn half(_: &str, from: Timestamp, to: Timestamp) -> i64 {
    (to.0 - from.0) / 2
}

fn cells_of(facts: &TicketFacts) -> BTreeMap<CellKey, Cell> {
    let mut cells = Cells::new(TimeZone::UTC);
    cells.count_ticket(facts, 1);
    cells.into_cells()
}

fn day_cell(cells: &BTreeMap<CellKey, Cell>, dimension: Dimension, day: &str, team: &str, key: &str) -> Cell {
    let day = ReportDay::parse(day).unwrap();
    let key = CellKey { grain: Grain::Day, dimension, day, team: team.to_owned(), key: key.to_owned() };
    cells.get(&key).cloned().unwrap_or_default()
}

#[test]
fn a_life_counts_for_those_whose_the_ticket_was() {
    let facts = TicketFacts::of(&life(), None, &half);
    let cells = cells_of(&facts);
    let (first, second, third) = ("2026-11-20", "2026-11-21", "2026-11-22");
    for (count, dimension, day, team, key, expected) in [
        // Opened counts for those who have it now, with the tags that it has now.
        (Count::Created, Dimension::Team, first, "billing", "", 1),
        (Count::Created, Dimension::Team, first, "support", "", 0),
        (Count::Created, Dimension::Agent, first, "billing", "bo", 1),
        (Count::Created, Dimension::Tag, first, "billing", "vip", 1),
        (Count::Created, Dimension::Tag, first, "billing", "refund", 1),
        (Count::Created, Dimension::Tag, first, "billing", "", 0),
        (Count::Created, Dimension::Channel, first, "billing", "chat", 1),
        (Count::Created, Dimension::Locale, first, "billing", "en", 1),
        (Count::Created, Dimension::Hour, first, "billing", "08", 1),
        (Count::HandedAsked, Dimension::Team, first, "billing", "", 1),
        // What happened counts for those who had it then.
        (Count::Backlog, Dimension::Agent, first, "support", "ada", 0),
        (Count::Backlog, Dimension::Agent, first, "billing", "bo", 0),
        (Count::Backlog, Dimension::Agent, second, "billing", "bo", 1),
        (Count::Backlog, Dimension::Agent, third, "billing", "bo", -1),
        (Count::Backlog, Dimension::Hour, second, "billing", "10", 0),
        (Count::Solved, Dimension::Agent, first, "billing", "bo", 1),
        (Count::Solved, Dimension::Agent, third, "billing", "bo", 1),
        (Count::Solved, Dimension::Hour, third, "billing", "10", 1),
        (Count::Reopened, Dimension::Agent, second, "billing", "bo", 1),
        (Count::Resolved, Dimension::Team, first, "billing", "", 0),
        (Count::Resolved, Dimension::Team, third, "billing", "", 1),
        (Count::Replies, Dimension::Team, third, "billing", "", 2),
        (Count::OneTouch, Dimension::Team, third, "billing", "", 0),
        (Count::FirstReplyMissed, Dimension::Priority, first, "support", "high", 1),
        (Count::DraftsShown, Dimension::Agent, first, "support", "ada", 1),
        (Count::DraftsEdited, Dimension::Agent, first, "support", "ada", 1),
    ] {
        let cell = day_cell(&cells, dimension, day, team, key);
        assert_eq!(cell.count(count), expected, "{count:?} {dimension:?} {day} {team} {key}");
    }
    let replied = day_cell(&cells, Dimension::Agent, first, "support", "ada");
    assert_eq!(replied.span(Span::FirstReplyWall).sum_s(), 7_200);
    assert_eq!(replied.span(Span::FirstReplyOpen).sum_s(), 3_600);
    let solved = day_cell(&cells, Dimension::Team, third, "billing", "");
    assert_eq!(solved.span(Span::ResolutionWall).sum_s(), 50 * 3_600);
    assert_eq!(solved.span(Span::ResolutionOpen).sum_s(), 25 * 3_600);
}

#[test]
fn a_ticket_without_a_history_was_open_until_it_was_solved() {
    let imported = TicketLife { changes: vec![], ..life() };
    let cells = cells_of(&TicketFacts::of(&imported, None, &half));
    let of = |day: &str, count| day_cell(&cells, Dimension::Team, day, "billing", "").count(count);
    assert_eq!((of("2026-11-20", Count::Backlog), of("2026-11-22", Count::Backlog)), (1, -1));
    assert_eq!((of("2026-11-22", Count::Solved), of("2026-11-22", Count::Resolved)), (1, 1));
    let ticket = Ticket { status: TicketStatus::Open, solved_at: None, ..imported.ticket.clone() };
    let facts = TicketFacts::of(&TicketLife { ticket, ..imported }, None, &half);
    let backlog: i64 = cells_of(&facts)
        .iter()
        .filter(|(key, _)| key.dimension == Dimension::Team && key.grain == Grain::Month)
        .map(|(_, cell)| cell.count(Count::Backlog))
        .sum();
    assert_eq!(backlog, 1);
}

#[test]
fn hours_that_were_measured_stay_when_the_schedule_changes() {
    let before = TicketFacts::of(&life(), None, &half);
    let later = TicketFacts::of(&life(), Some(&before), &|_, _, _| 0);
    assert_eq!(before, later);
    let text = serde_json::to_string(&before).unwrap();
    assert_eq!(serde_json::from_str::<TicketFacts>(&text).unwrap(), before);
    assert!(!text.contains("Words"), "{text}");
    // Another first reply is measured anew.
    let mut other = life();
    other.replies.remove(0);
    let later = TicketFacts::of(&other, Some(&before), &|_, _, _| 0);
    let cells = cells_of(&later);
    let replied = day_cell(&cells, Dimension::Agent, "2026-11-22", "billing", "bo");
    assert_eq!((replied.span(Span::FirstReplyOpen).n(), replied.span(Span::FirstReplyOpen).sum_s()), (1, 0));
    assert_eq!(replied.span(Span::ResolutionOpen).sum_s(), 25 * 3_600);
}

#[test]
fn a_conversation_counts_for_the_day_on_which_it_began() {
    let judged = vec![Judged(at(30), Feedback::Unhelpful), Judged(at(31), Feedback::Helpful)];
    let facts = ConversationFacts::new(at(0), "de".to_owned(), ConversationEnd::Resolved, judged);
    let mut cells = Cells::new(TimeZone::UTC);
    cells.count_conversation(&facts, 1);
    let cells = cells.into_cells();
    let of = |day: &str, count| day_cell(&cells, Dimension::Locale, day, "", "de").count(count);
    assert_eq!((of("2026-11-20", Count::Conversations), of("2026-11-20", Count::BotResolved)), (1, 1));
    assert_eq!((of("2026-11-21", Count::AnswersHelpful), of("2026-11-21", Count::AnswersUnhelpful)), (1, 1));
}

#[test]
fn every_report_has_as_many_values_as_columns() {
    for measure in Measure::ALL {
        assert_eq!(Measure::parse(measure.as_str()), Some(measure));
        for hours in [ReportHours::Wall, ReportHours::Business] {
            let values = measure.values(&Cell::default(), ArticleVotes::default(), hours);
            assert_eq!(values.len(), measure.columns().len(), "{measure:?}");
        }
    }
    let mut cell = Cell::default();
    cell.add_count(Count::Resolved, 3);
    cell.add_count(Count::OneTouch, 1);
    let values = Measure::OneTouch.values(&cell, ArticleVotes::default(), ReportHours::Wall);
    assert_eq!(values, [ReportValue::Whole(3), ReportValue::Whole(1), ReportValue::Part(0.3333)]);
}

fn lives() -> impl Strategy<Value = TicketLife> {
    let changes = prop::collection::vec((0_i64..200, 0_usize..4, 0_usize..3), 0..12);
    let replies = prop::collection::vec((-2_i64..200, prop::option::of("[ab]")), 0..4);
    let status = prop::sample::select(TicketStatus::ALL.to_vec());
    (changes, replies, status, prop::collection::vec("[x-z]", 0..3)).prop_map(
        |(mut changes, mut replies, status, tags)| {
            changes.sort_unstable();
            replies.sort();
            let changes = changes.into_iter().map(|(hours, field, value)| {
                let (field, values) = match field {
                    0 => (TicketField::Status, ["open", "pending", "solved"]),
                    1 => (TicketField::Priority, ["low", "normal", "high"]),
                    2 => (TicketField::Team, ["support", "billing", "sales"]),
                    _ => (TicketField::Assignee, ["ada", "bo", "dee"]),
                };
                change(hours, field, Some(values[(value + 1) % 3]), Some(values[value]))
            });
            let mut life = TicketLife { changes: changes.collect(), ..life() };
            life.ticket.status = status;
            life.ticket.tags = tags.iter().filter_map(|tag| Tag::parse(tag)).collect();
            life.replies = replies.into_iter().map(|(hours, by)| LifeReply { at: at(hours), by }).collect();
            life
        },
    )
}

proptest! {
    #[test]
    fn what_is_counted_can_be_taken_back(one in lives(), other in lives()) {
        let (one, other) = (TicketFacts::of(&one, None, &half), TicketFacts::of(&other, None, &half));
        let mut cells = Cells::new(TimeZone::get("Asia/Kathmandu").unwrap());
        cells.count_ticket(&one, 1);
        cells.count_ticket(&other, 1);
        cells.count_ticket(&one, -1);
        let mut cells = cells.into_cells();
        cells.retain(|_, cell| !cell.is_empty());
        let mut alone = Cells::new(TimeZone::get("Asia/Kathmandu").unwrap());
        alone.count_ticket(&other, 1);
        let mut alone = alone.into_cells();
        alone.retain(|_, cell| !cell.is_empty());
        prop_assert_eq!(cells, alone);
    }

    #[test]
    fn an_unsolved_ticket_is_one_and_a_solved_one_none(life in lives()) {
        let is_open = !life.ticket.status.is_done();
        let facts = TicketFacts::of(&life, None, &half);
        for dimension in [Dimension::Team, Dimension::Agent, Dimension::Priority, Dimension::Channel, Dimension::Locale] {
            for grain in Grain::ALL {
                let cells = cells_of(&facts);
                let of = cells.iter().filter(|(key, _)| key.dimension == dimension && key.grain == grain);
                let (mut backlog, mut created, mut ends) = (0, 0, 0);
                for (_, cell) in of {
                    backlog += cell.count(Count::Backlog);
                    created += cell.count(Count::Created);
                    ends += cell.count(Count::Solved) - cell.count(Count::Reopened);
                }
                prop_assert_eq!((backlog, created, ends), (i64::from(is_open), 1, i64::from(!is_open)));
            }
        }
    }
}
