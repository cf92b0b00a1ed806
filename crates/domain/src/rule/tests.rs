//! What rules hear, in which order they act, and where they stop.

use serde_json::{Value, json};

use super::*;
use crate::{Action, ActionsOf, Facts, FilterContext, Locale, NewAssignee, Tag, Ticket, TicketId};

pub(super) fn ticket() -> Ticket {
    Ticket {
        number: 1,
        status: TicketStatus::Open,
        ..Ticket::new(
            TicketId::new("t"),
            "support".to_owned(),
            crate::Channel::chat(),
            Locale::english(),
            Timestamp(0),
        )
    }
}

pub(super) fn rule(id: &str, trigger: Trigger, condition: &str, actions: &Value) -> Rule {
    Rule {
        id: RuleId::new(id),
        name: id.to_owned(),
        position: 0,
        trigger,
        condition: condition.parse().unwrap(),
        actions: Actions::parse(actions.as_array().unwrap(), ActionsOf::Rule).unwrap(),
        then: Then::GoOn,
        state: RuleState::Active,
        revision: 1,
    }
}

pub(super) fn on(events: &[RuleEvent]) -> Trigger {
    Trigger::events(events.iter().copied().collect(), vec![]).unwrap()
}

fn on_change(field: &str, from: Option<&str>, to: Option<&str>) -> Trigger {
    let test = ChangeTest::new(field, from.map(str::to_owned), to.map(str::to_owned)).unwrap();
    Trigger::events([RuleEvent::TicketChanged].into(), vec![test]).unwrap()
}

/// Actions on a ticket at hand, without all that needs a database.
pub(super) fn act(actions: &Actions, ticket: &Ticket) -> Ticket {
    let mut ticket = ticket.clone();
    for action in actions {
        match action {
            Action::SetStatus(key) => {
                let status = TicketStatus::parse(key).unwrap();
                if ticket.status.may_become(status) {
                    ticket.status = status;
                }
            }
            Action::SetPriority(priority) => ticket.priority = *priority,
            Action::SetTeam(team) => team.clone_into(&mut ticket.team),
            Action::SetAssignee(NewAssignee::Person(id)) => ticket.assignee_id = Some(id.clone()),
            Action::SetAssignee(_) => ticket.assignee_id = None,
            Action::AddTags(tags) => {
                let all: BTreeSet<Tag> = ticket.tags.iter().chain(tags).cloned().collect();
                ticket.tags = all.into_iter().collect();
            }
            Action::RemoveTags(tags) => ticket.tags.retain(|tag| !tags.contains(tag)),
            _ => {}
        }
    }
    ticket
}

/// What a cascade does: `A` acted, `A!` was held. The ticket after it.
pub(super) fn run(rules: &[Rule], occasion: Occasion, ticket: &Ticket) -> (Vec<String>, Ticket) {
    let ctx = FilterContext::nobody(Timestamp(0));
    let mut ticket = ticket.clone();
    let mut cascade = Cascade::new(rules);
    cascade.tell(occasion, &ticket);
    let mut steps = vec![];
    loop {
        let facts = Facts {
            ticket: &ticket,
            assignee_email: None,
            customer_emails: &[],
            organisation_name: None,
            sla: ticket.handling.sla,
        };
        match cascade.next(facts, &ctx) {
            None => return (steps, ticket),
            Some(Step::Hold(rule, held)) => {
                let mark = if held == Held::OwnChange { "=" } else { "!" };
                steps.push(format!("{}{mark}", rule.id));
            }
            Some(Step::Act(rule)) => {
                let after = act(&rule.actions, &ticket);
                cascade.acted(rule, &ticket, &after);
                ticket = after;
                steps.push(rule.id.to_string());
            }
        }
    }
}

use std::collections::BTreeSet;

#[track_caller]
fn check(rules: &[Rule], occasion: Occasion, before: &Ticket, expected: &str) -> Ticket {
    let (steps, after) = run(rules, occasion, before);
    assert_eq!(steps.join(" "), expected);
    after
}

fn opened() -> Occasion {
    Occasion { events: [RuleEvent::TicketOpened].into(), changes: vec![] }
}

#[test]
fn rules_act_in_order_and_see_what_those_before_them_did() {
    let high = json!([{ "type": "set_priority", "priority": "high" }]);
    let vip = json!([{ "type": "add_tags", "tags": ["vip"] }]);
    let opened_or =
        |condition: &str, id: &str, actions| rule(id, on(&[RuleEvent::TicketOpened]), condition, actions);
    let rules =
        [opened_or("tag:vip", "A", &high), opened_or("", "B", &vip), opened_or("tag:vip", "C", &high)];
    let after = check(&rules, opened(), &ticket(), "B C");
    assert_eq!(after.priority, crate::Priority::High);
    let mut stopping = rules.clone();
    stopping[1].then = Then::Stop;
    check(&stopping, opened(), &ticket(), "B");
    // What one that stops has changed is news to others all the same.
    let listens = rule("D", on_change("tags", None, None), "", &high);
    let all = [stopping[1].clone(), listens];
    check(&all, opened(), &ticket(), "B D");
}

#[test]
fn changes_are_heard_by_what_they_were_and_are() {
    let note = json!([{ "type": "add_note", "body": "x" }]);
    let before = ticket();
    let solved = Ticket { status: TicketStatus::Solved, ..before.clone() };
    let mine = Ticket { assignee_id: Some(crate::UserId::new("ada")), ..before.clone() };
    for (trigger, after, hears) in [
        (on_change("status", None, None), &solved, true),
        (on_change("status", Some("open"), Some("solved")), &solved, true),
        (on_change("status", Some("pending"), None), &solved, false),
        (on_change("status", None, Some("closed")), &solved, false),
        (on_change("priority", None, None), &solved, false),
        (on_change("assignee", Some("none"), Some("ada")), &mine, true),
        (on_change("assignee", None, Some("none")), &mine, false),
        (on(&[RuleEvent::TicketChanged]), &mine, true),
        (on(&[RuleEvent::AgentReplied]), &mine, false),
    ] {
        let rules = [rule("A", trigger.clone(), "", &note)];
        let occasion = Occasion::of([RuleEvent::NoteAdded], &before, after);
        check(&rules, occasion, after, if hears { "A" } else { "" });
    }
    let rules = [rule("A", on(&[RuleEvent::TicketChanged]), "", &note)];
    check(&rules, Occasion::of([RuleEvent::NoteAdded], &before, &before), &before, "");
}

#[test]
fn a_rule_does_not_hear_what_only_itself_has_changed() {
    let raise =
        json!([{ "type": "set_priority", "priority": "high" }, { "type": "add_note", "body": "Raised." }]);
    let lower = json!([{ "type": "set_priority", "priority": "low" }]);
    let before = ticket();
    let urgent = Ticket { priority: crate::Priority::Urgent, ..before.clone() };
    let changed = || Occasion::of([], &before, &urgent);
    let own = [rule("A", on_change("priority", None, None), "", &raise)];
    check(&own, changed(), &urgent, "A A=");
    // What another rule wrote as well is heard once more; then neither changes anything.
    let both = [own[0].clone(), rule("B", on_change("priority", None, None), "", &lower)];
    check(&both, changed(), &urgent, "A B A B");
}

#[test]
fn circles_are_cut_at_the_fifth_pass() {
    let add = json!([{ "type": "add_tags", "tags": ["x"] }]);
    let remove = json!([{ "type": "remove_tags", "tags": ["x"] }]);
    let tags = || on_change("tags", None, None);
    let first = on(&[RuleEvent::TicketOpened, RuleEvent::TicketChanged]);
    let rules = [rule("A", first, "-tag:x", &add), rule("B", tags(), "tag:x", &remove)];
    check(&rules, opened(), &ticket(), "A B A B= B A B= B!");
    let deep = Cascade::new(&rules).deeper();
    assert_eq!(deep.depth, 1);
}

#[test]
fn what_cannot_be_a_trigger_or_a_condition_is_refused() {
    let none = || None;
    let text = |text: &str| Some(text.to_owned());
    for (field, from, to, said) in [
        ("subject", none(), none(), "a field is one of"),
        ("macro", none(), none(), "a field is one of"),
        ("status", text("fresh"), none(), "send a status"),
        ("priority", none(), text("none"), "send a priority"),
        ("tags", none(), text("vip"), "neither from nor to"),
        ("field.order", none(), text(" "), "send a field.order"),
        ("team", text(&"x".repeat(201)), none(), "send a team"),
    ] {
        let refused = ChangeTest::new(field, from, to).unwrap_err().to_string();
        assert!(refused.contains(said), "{field}: {refused}");
    }
    let test = ChangeTest::new("team", None, None).unwrap();
    for (events, changed, said) in [
        (vec![], vec![], "at least one of ticket_opened"),
        (vec![RuleEvent::TicketOpened], vec![test.clone()], "only with ticket_changed"),
        (vec![RuleEvent::TicketChanged], vec![test.clone(); 6], "at most 5"),
    ] {
        let refused = Trigger::events(events.into_iter().collect(), changed).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    let events = on(&[RuleEvent::TicketOpened]);
    for (trigger, condition, is_good) in [
        (&events, "", true),
        (&events, "status:closed", true),
        (&events, "team:mine", false),
        (&events, "-(assignee:me)", false),
        (&Trigger::Time, "status:pending updated<-3d", true),
        (&Trigger::Time, "priority:high status:solved,open", true),
        (&Trigger::Time, "", false),
        (&Trigger::Time, "updated<-3d", false),
        (&Trigger::Time, "status:closed,solved", false),
        (&Trigger::Time, "-status:closed", false),
        (&Trigger::Time, "status:open or priority:high", false),
    ] {
        let checked = Rule::checked_condition(trigger, condition.parse().unwrap());
        assert_eq!(checked.is_ok(), is_good, "{condition}");
    }
}
