//! What lists of actions can be written, and what is said of those that cannot.

use serde_json::{Value, json};

use super::*;

#[test]
fn every_action_reads_as_it_is_written() {
    let list = json!([
        { "type": "set_status", "status": "solved" },
        { "type": "set_priority", "priority": "high" },
        { "type": "set_team", "team": "billing" },
        { "type": "set_assignee", "assignee": "me" },
        { "type": "add_tags", "tags": ["refund", "vip"] },
        { "type": "remove_tags", "tags": ["late"] },
        { "type": "set_field", "key": "order", "value": 7 },
        { "type": "set_field", "key": "paid", "value": null },
        { "type": "add_note", "body": "Refunded {{ customer.name }}." },
        { "type": "add_note", "canned_reply_id": "C1" },
        { "type": "reply", "canned_reply_id": "C2" },
    ]);
    let list = list.as_array().unwrap();
    let actions = Actions::parse(list, ActionsOf::Macro).unwrap();
    assert_eq!(actions.to_json(), *list);
    assert_eq!(actions.templates().collect::<Vec<_>>(), [(9, "Refunded {{ customer.name }}.")]);
    let canned: Vec<(usize, &str)> = actions.canned_replies().map(|(n, id)| (n, id.as_str())).collect();
    assert_eq!(canned, [(10, "C1"), (11, "C2")]);
    let tags = json!([{ "type": "add_tags", "tags": ["Two Words"] }]);
    let tags = Actions::parse(tags.as_array().unwrap(), ActionsOf::Rule).unwrap();
    assert_eq!(tags.to_json(), [json!({ "type": "add_tags", "tags": ["two-words"] })]);
}

#[track_caller]
fn check(list: Value, of: ActionsOf, at: &str, message: &str) {
    let refused = Actions::parse(list.as_array().unwrap(), of).unwrap_err();
    assert_eq!(refused.at, at, "{refused}");
    assert!(refused.message.contains(message), "{refused}");
}

#[test]
fn a_refusal_names_the_place_and_what_would_be_right() {
    use ActionsOf::{Macro, Rule};
    let good = json!({ "type": "set_priority", "priority": "low" });
    for (list, of, at, message) in [
        (json!([]), Macro, "the list", "1 to 20"),
        (json!(vec![good.clone(); 21]), Macro, "the list", "1 to 20"),
        (json!([good, 7]), Macro, "action 2", "an object"),
        (json!([{}]), Macro, "action 1, type", "set_status"),
        (json!([{ "type": "delete" }]), Macro, "action 1, type", "set_status"),
        (json!([{ "type": "set_status", "status": "new" }]), Macro, "action 1, status", "on_hold"),
        (json!([{ "type": "set_status", "status": 1 }]), Macro, "action 1, status", "on_hold"),
        (json!([{ "type": "set_priority" }]), Macro, "action 1, priority", "urgent"),
        (
            json!([{ "type": "set_priority", "priority": "low", "team": "x" }]),
            Macro,
            "action 1, team",
            "no part of",
        ),
        (json!([{ "type": "set_team", "team": "" }]), Macro, "action 1, team", "key of a team"),
        (json!([{ "type": "set_assignee", "assignee": null }]), Macro, "action 1, assignee", "me or none"),
        (json!([{ "type": "set_assignee", "assignee": "me" }]), Rule, "action 1, assignee", "no me"),
        (json!([{ "type": "add_tags", "tags": [] }]), Macro, "action 1, tags", "1 to 20"),
        (json!([{ "type": "add_tags", "tags": ["a,b"] }]), Macro, "action 1, tags", "comma"),
        (json!([{ "type": "add_tags", "tags": "a" }]), Macro, "action 1, tags", "1 to 20"),
        (json!([{ "type": "set_field", "key": "A B", "value": 1 }]), Macro, "action 1, key", "custom field"),
        (json!([{ "type": "set_field", "key": "a" }]), Macro, "action 1, value", "null"),
        (json!([{ "type": "reply" }]), Macro, "action 1, body", "either"),
        (json!([{ "type": "reply", "body": " " }]), Macro, "action 1, body", "bytes"),
        (json!([{ "type": "reply", "body": "x".repeat(40_000) }]), Macro, "action 1, body", "bytes"),
        (
            json!([{ "type": "reply", "body": "x", "canned_reply_id": "y" }]),
            Macro,
            "action 1, body",
            "either",
        ),
        (json!([good, good]), Rule, "action 2, type", "stands at 1 already"),
        (
            json!([{ "type": "set_field", "key": "a", "value": 1 }, { "type": "set_field", "key": "a", "value": 2 }]),
            Rule,
            "action 2, type",
            "stands at 1",
        ),
        (json!(vec![json!({ "type": "add_note", "body": "x" }); 4]), Macro, "the list", "at most 3 notes"),
    ] {
        check(list, of, at, message);
    }
}
