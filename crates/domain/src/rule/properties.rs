//! What must hold of any rules on any ticket: they come to an end, in the same way each time, and leave the ticket with somebody
//! or with a reason.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    tests::{rule, run, ticket},
    *,
};
use crate::{Channel, Outcome, Priority, RoutingNeed, RoutingTeam, Skills, Ticket, UserId, assign};

const TEAMS: [&str; 3] = ["support", "billing", "legal"];
const TAGS: [&str; 3] = ["x", "y", "z"];
const STATUSES: [&str; 5] = ["open", "pending", "on_hold", "solved", "closed"];
const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];

fn any_action() -> impl Strategy<Value = Value> {
    let one = |from: &'static [&'static str]| proptest::sample::select(from.to_vec());
    prop_oneof![
        one(&STATUSES).prop_map(|status| json!({ "type": "set_status", "status": status })),
        one(&PRIORITIES).prop_map(|priority| json!({ "type": "set_priority", "priority": priority })),
        one(&TEAMS).prop_map(|team| json!({ "type": "set_team", "team": team })),
        one(&["ada", "bo", "none"]).prop_map(|who| json!({ "type": "set_assignee", "assignee": who })),
        one(&TAGS).prop_map(|tag| json!({ "type": "add_tags", "tags": [tag] })),
        one(&TAGS).prop_map(|tag| json!({ "type": "remove_tags", "tags": [tag] })),
        Just(json!({ "type": "add_note", "body": "x" })),
    ]
}

fn any_actions() -> impl Strategy<Value = Value> {
    proptest::collection::vec(any_action(), 1..5).prop_map(|actions| {
        let by_kind: BTreeMap<String, Value> =
            actions.into_iter().map(|action| (action["type"].to_string(), action)).collect();
        by_kind.into_values().collect()
    })
}

fn any_trigger() -> impl Strategy<Value = Trigger> {
    let events = proptest::collection::btree_set(proptest::sample::select(RuleEvent::ALL.to_vec()), 1..4);
    let fields = vec!["status", "priority", "team", "assignee", "tags"];
    let test = (proptest::sample::select(fields), any::<proptest::sample::Index>(), proptest::bool::ANY);
    let test = test.prop_map(|(field, nth, has_to)| {
        let values: &[&str] = match field {
            "status" => &STATUSES,
            "priority" => &PRIORITIES,
            "team" => &TEAMS,
            "assignee" => &["ada", "bo", "none"],
            _ => &[],
        };
        let to = (has_to && !values.is_empty()).then(|| (*nth.get(values)).to_owned());
        ChangeTest::new(field, None, to).unwrap()
    });
    prop_oneof![
        2 => events.prop_map(|events| Trigger::events(events, vec![]).unwrap()),
        3 => test.prop_map(|test| Trigger::events([RuleEvent::TicketChanged].into(), vec![test]).unwrap()),
        1 => Just(Trigger::Time),
    ]
}

fn any_condition() -> impl Strategy<Value = String> {
    let one = |from: &'static [&'static str]| proptest::sample::select(from.to_vec());
    prop_oneof![
        3 => Just(String::new()),
        1 => one(&TAGS).prop_map(|tag| format!("tag:{tag}")),
        2 => one(&TAGS).prop_map(|tag| format!("-tag:{tag}")),
        1 => one(&TEAMS).prop_map(|team| format!("team:{team}")),
        1 => one(&STATUSES).prop_map(|status| format!("-status:{status}")),
        1 => one(&PRIORITIES).prop_map(|priority| format!("priority>={priority} or assignee:none")),
    ]
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let one = (any_trigger(), any_condition(), any_actions(), proptest::bool::weighted(0.2));
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        let rules = all.into_iter().enumerate().map(|(n, (trigger, condition, actions, stops))| Rule {
            then: if stops { Then::Stop } else { Then::GoOn },
            ..rule(&format!("R{n}"), trigger, &condition, &actions)
        });
        rules.collect()
    })
}

fn any_ticket() -> impl Strategy<Value = Ticket> {
    let assignee = proptest::option::of(proptest::sample::select(vec!["ada", "bo"]));
    let parts = (
        proptest::sample::select(TicketStatus::ALL.to_vec()),
        proptest::sample::select(Priority::ALL.to_vec()),
        proptest::sample::select(TEAMS.to_vec()),
        assignee,
    );
    parts.prop_map(|(status, priority, team, assignee)| Ticket {
        status,
        priority,
        team: team.to_owned(),
        assignee_id: assignee.map(UserId::new),
        ..ticket()
    })
}

fn any_events() -> impl Strategy<Value = Vec<RuleEvent>> {
    proptest::collection::vec(proptest::sample::select(RuleEvent::ALL.to_vec()), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_rules_end_within_the_bound_and_the_same_way_each_time(
        rules in any_rules(),
        before in any_ticket(),
        after in any_ticket(),
        events in any_events(),
    ) {
        let occasion = Occasion::of(events, &before, &after);
        let (steps, end) = run(&rules, occasion.clone(), &after);
        let acted = |step: &&String| !step.ends_with(['!', '=']);
        let n_acted = steps.iter().filter(acted).count();
        prop_assert!(n_acted <= CASCADE_DEPTH_MAX * rules.len(), "{:?}", steps);
        for rule in &rules {
            let n = steps.iter().filter(|step| **step == rule.id.as_str()).count();
            prop_assert!(n <= CASCADE_DEPTH_MAX, "{} acted {} times", rule.id, n);
            prop_assert!(n == 0 || rule.trigger != Trigger::Time);
        }
        prop_assert_eq!(run(&rules, occasion, &after), (steps, end));
    }

    #[test]
    fn a_rule_alone_acts_once(rule in any_rules(), before in any_ticket(), after in any_ticket()) {
        for rule in &rule {
            let (steps, _) = run(std::slice::from_ref(rule), Occasion::of([], &before, &after), &after);
            let n = steps.iter().filter(|step| **step == rule.id.as_str()).count();
            prop_assert!(n <= 1, "{:?}", steps);
        }
    }

    #[test]
    fn after_any_sequence_a_ticket_has_a_team_and_somebody_or_a_reason(
        rules in any_rules(),
        mut ticket in any_ticket(),
        changes in proptest::collection::vec((any_ticket(), any_events()), 1..10),
    ) {
        for (next, events) in changes {
            let occasion = Occasion::of(events, &ticket, &next);
            let (_, after) = run(&rules, occasion, &next);
            prop_assert!(!after.team.is_empty());
            prop_assert!(TEAMS.contains(&after.team.as_str()));
            if after.assignee_id.is_none() {
                // Routing comes after the rules, for the team that they chose.
                let team = RoutingTeam { key: after.team.clone(), schedule: None };
                let need = RoutingNeed { channel: Channel::chat(), skills: Skills::default(), team, fallbacks: vec![] };
                match assign(&[], &need, Timestamp(0)).outcome {
                    Outcome::Assigned { .. } => prop_assert!(false, "there is nobody"),
                    Outcome::Unassigned { team, look_again_at, .. } => {
                        prop_assert_eq!(&team, &after.team);
                        prop_assert!(look_again_at > Timestamp(0));
                    }
                }
            }
            ticket = after;
        }
    }
}
