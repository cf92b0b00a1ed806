//! Putting back what a job changed touches nothing else, whatever was changed before and since.

use proptest::prelude::*;

use super::*;
use crate::{
    Channel, FieldValue, FieldValues, Handling, Locale, Priority, Tag, Ticket, TicketStatus, UserId,
};

const NOW: Timestamp = Timestamp(1_000);

fn ticket() -> impl Strategy<Value = Ticket> {
    let status = prop_oneof![
        Just((TicketStatus::Open, None)),
        Just((TicketStatus::Open, Some("vendor".to_owned()))),
        Just((TicketStatus::Pending, None)),
        Just((TicketStatus::Solved, None)),
    ];
    let tags = proptest::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    let fields = proptest::collection::btree_map("[xy]", (0_i64..3).prop_map(FieldValue::Number), 0..3);
    let snoozed = proptest::option::of((1_001_i64..1_004).prop_map(Timestamp));
    let place = ("[st]", proptest::option::of("[uv]"));
    (status, 0_usize..4, place, tags, fields, snoozed).prop_map(
        |(status, priority, place, tags, fields, snoozed)| {
            let solved_at = (status.0 == TicketStatus::Solved).then_some(Timestamp(7));
            let ticket = Ticket {
                number: 1,
                priority: Priority::ALL[priority],
                tags: tags.into_iter().filter_map(Tag::parse).collect(),
                fields: fields as FieldValues,
                assignee_id: place.1.map(UserId::new),
                solved_at,
                handling: Handling { snoozed_until: snoozed, ..Handling::default() },
                ..Ticket::new(TicketId::new("t"), place.0, Channel::api(), Locale::english(), Timestamp(0))
            };
            ticket.with_status(status.0, status.1)
        },
    )
}

/// A ticket after everything that can be put back was.
fn undone(change: &BulkChange, now: Ticket) -> Ticket {
    let standing = |part: &&BulkPart| part.standing(&now) == BulkStanding::AsLeft;
    change.parts.iter().filter(standing).fold(now.clone(), |ticket, part| part.put_back(ticket, NOW))
}

proptest! {
    #[test]
    fn what_nobody_has_touched_since_is_as_it_was(before in ticket(), after in ticket()) {
        let change = BulkChange::of(&before, &after, 0, 0);
        prop_assert_eq!(change.parts.is_empty(), before == after);
        prop_assert_eq!(undone(&change, after), before);
    }

    #[test]
    fn what_somebody_has_touched_since_stays(before in ticket(), after in ticket(), since in ticket()) {
        let change = BulkChange::of(&before, &after, 0, 0);
        let last = undone(&change, since.clone());
        for part in BulkPart::between(&since, &last) {
            // What undoing changed is a property that the job changed and that had the value it left.
            prop_assert!(change.parts.iter().any(|own| own.field() == part.field()));
            match &part {
                BulkPart::Priority { from, to } => {
                    prop_assert_eq!((*from, *to), (after.priority, before.priority));
                }
                BulkPart::Team { from, to } => prop_assert_eq!((from, to), (&after.team, &before.team)),
                BulkPart::TagAdded { tag } => {
                    prop_assert!(before.tags.contains(tag) && !after.tags.contains(tag));
                }
                BulkPart::TagRemoved { tag } => {
                    prop_assert!(!before.tags.contains(tag) && after.tags.contains(tag));
                }
                BulkPart::Field { key, from, to } => {
                    prop_assert_eq!(from.as_ref(), after.fields.get(key));
                    prop_assert_eq!(to.as_ref(), before.fields.get(key));
                }
                _ => {}
            }
        }
        for part in &change.parts {
            let expected = match part.standing(&since) {
                BulkStanding::Changed => BulkStanding::Changed,
                _ => BulkStanding::AsBefore,
            };
            prop_assert_eq!(part.standing(&last), expected);
        }
    }

    #[test]
    fn a_change_is_read_as_it_was_written(before in ticket(), after in ticket()) {
        let change = BulkChange::of(&before, &after, 1, 2);
        let json = serde_json::to_string(&change).expect("it is plain data");
        prop_assert_eq!(serde_json::from_str::<BulkChange>(&json).expect("it is ours"), change);
    }
}

#[test]
fn who_was_answered_is_not_new_again() {
    let new = Ticket { status: TicketStatus::New, ..any_ticket() };
    let pending = Ticket { status: TicketStatus::Pending, ..any_ticket() };
    for (n_replies, expected) in [(0, TicketStatus::New), (1, TicketStatus::Open)] {
        let change = BulkChange::of(&new, &pending, 0, n_replies);
        assert_eq!(undone(&change, pending.clone()).status, expected);
    }
}

#[test]
fn a_snooze_that_has_ended_is_none() {
    let mut asleep = any_ticket();
    asleep.handling.snoozed_until = Some(Timestamp(900));
    let awake = any_ticket();
    let change = BulkChange::of(&asleep, &awake, 0, 0);
    assert_eq!(undone(&change, awake.clone()), awake);
}

#[test]
fn words_of_states_and_reasons_are_read_as_they_are_written() {
    for state in BulkJobState::ALL {
        assert_eq!(BulkJobState::parse(state.as_str()), Some(state));
    }
    for state in BulkTicketState::ALL {
        assert_eq!(BulkTicketState::parse(state.as_str()), Some(state));
    }
    for state in BulkUndoState::ALL {
        assert_eq!(BulkUndoState::parse(state.as_str()), Some(state));
    }
    for reason in BulkStop::ALL {
        assert_eq!(BulkStop::parse(reason.as_str()), Some(reason));
    }
}

fn any_ticket() -> Ticket {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut ticket = ticket().new_tree(&mut TestRunner::deterministic()).expect("a ticket").current();
    (ticket.handling.snoozed_until, ticket.handling.custom_status) = (None, None);
    ticket
}
