//! What the demo's desk does by itself or with one click: rules, a macro, canned replies.

use desk::{Desk, NewCannedReply, NewMacro, RuleInput, ShareWith, TriggerInput};
use domain::{Principal, RuleState, Then};
use serde_json::json;

/// Folder, title and template.
const REPLIES: [(&str, &str, &str); 3] = [
    (
        "Greetings",
        "We are on it",
        "Hello {{ customer.first_name }},\n\nthank you, we are looking into #{{ ticket.number }}.",
    ),
    (
        "Greetings",
        "Anything else?",
        "Hello {{ customer.first_name }},\n\nis there anything else that we can do?",
    ),
    (
        "Billing",
        "Invoice corrected",
        "Hello {{ customer.first_name }},\n\nthe corrected invoice is in your account.",
    ),
];

/// Makes all of it, for everybody.
pub(super) async fn set_up(desk: &Desk) -> anyhow::Result<()> {
    let opened = || TriggerInput::Events {
        events: vec!["ticket_opened".to_owned(), "ticket_changed".to_owned()],
        changed: vec![],
    };
    let first = vec![
        json!({ "type": "set_priority", "priority": "high" }),
        json!({ "type": "add_tags", "tags": ["enterprise"] }),
    ];
    let done = vec![
        json!({ "type": "add_note", "body": "Solved because the customer has not answered for a week." }),
        json!({ "type": "set_status", "status": "solved" }),
    ];
    for (name, trigger, condition, actions) in [
        ("Enterprise first", opened(), "field.plan:enterprise priority:low,normal", first),
        ("Solve what nobody answers", TriggerInput::Time, "status:pending updated<-7d", done),
    ] {
        let rule = RuleInput {
            name: name.to_owned(),
            trigger,
            condition: condition.to_owned(),
            actions,
            then: Then::GoOn,
            state: RuleState::Active,
        };
        desk.create_rule(&Principal::System, rule).await?;
    }
    let actions = vec![
        json!({ "type": "set_team", "team": "technical" }),
        json!({ "type": "add_tags", "tags": ["bug"] }),
    ];
    let bug = NewMacro { name: "It is a bug".to_owned(), actions, sharing: ShareWith::Everyone, position: 0 };
    desk.create_macro(&Principal::System, bug).await?;
    for (folder, title, body) in REPLIES {
        let reply = NewCannedReply {
            title: title.to_owned(),
            body: body.to_owned(),
            folder: folder.to_owned(),
            sharing: ShareWith::Everyone,
        };
        desk.create_canned_reply(&Principal::System, reply).await?;
    }
    Ok(())
}
