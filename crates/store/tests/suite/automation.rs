//! Canned replies and macros.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;
use serde_json::{Value, json};
use store::RuleOutcome;

use crate::{database::Database, fixture::*};

fn reply(id: &str, folder: &str, sharing: Sharing) -> CannedReply {
    CannedReply {
        id: CannedReplyId::new(id),
        title: format!("Title of {id}"),
        body: "Dear {{ customer.name }}, it's \"done\".".to_owned(),
        folder: Folder::parse(folder).unwrap(),
        sharing,
        usage: Usage::default(),
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    }
}

fn actions(list: &Value, of: ActionsOf) -> Actions {
    Actions::parse(list.as_array().unwrap(), of).unwrap()
}

fn ticket_macro(id: &str, sharing: Sharing, position: i64) -> TicketMacro {
    let list = json!([
        { "type": "set_assignee", "assignee": "me" },
        { "type": "set_field", "key": "order", "value": { "any": [1, null] } },
        { "type": "reply", "body": "it's {{ agent.name }}" },
    ]);
    TicketMacro {
        id: MacroId::new(id),
        name: format!("Macro {id}"),
        actions: actions(&list, ActionsOf::Macro),
        sharing,
        position,
        usage: Usage::default(),
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    }
}

async fn people(db: &Database) -> (UserId, UserId) {
    let mut tx = db.store.begin().await.unwrap();
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    tx.insert_team(&Team { key: "sales".into(), name: "Sales".into(), created_at: NOW }).await.unwrap();
    tx.commit().await.unwrap();
    (UserId::new("ada"), UserId::new("bo"))
}

fn teams(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

pub(crate) async fn canned_replies_are_had_by_whom_they_are_shared_with(db: Arc<Database>) {
    let (ada, bo) = people(&db).await;
    let all = [
        reply("adas", "Billing", Sharing::Private(ada.clone())),
        reply("bos", "", Sharing::Private(bo.clone())),
        reply("everyones", "Billing/Refunds", Sharing::Everyone),
        reply("sales", "", Sharing::Team("sales".to_owned())),
    ];
    let mut tx = db.store.begin().await.unwrap();
    for reply in &all {
        tx.insert_canned_reply(reply).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_canned_reply(&all[0]).await));
    tx.commit().await.unwrap();
    for (me, teams, expected) in [
        (Some(&ada), teams(&["sales", "other", "more"]), vec!["sales", "adas", "everyones"]),
        (Some(&bo), teams(&[]), vec!["bos", "everyones"]),
        (None, teams(&["other"]), vec!["everyones"]),
    ] {
        let listed = db.store.list_canned_replies(me, &teams, 10).await.unwrap();
        let ids: Vec<&str> = listed.iter().map(|reply| reply.id.as_str()).collect();
        assert_eq!(ids, expected, "{me:?}");
        assert!(listed.iter().all(|reply| all.contains(reply)));
    }
    let used_at = Timestamp(NOW.0 + 5);
    let changed = CannedReply {
        title: "Other".to_owned(),
        sharing: Sharing::Team("sales".to_owned()),
        revision: 2,
        ..all[0].clone()
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.count_canned_reply(&changed.id, NOW).await.unwrap();
    tx.count_canned_reply(&changed.id, used_at).await.unwrap();
    tx.update_canned_reply(&changed).await.unwrap();
    tx.delete_canned_reply(&all[1].id).await.unwrap();
    let missing = CannedReplyId::new("x");
    assert!(is_not_found(&tx.count_canned_reply(&missing, NOW).await));
    assert!(is_not_found(&tx.delete_canned_reply(&missing).await));
    assert!(is_not_found(&tx.update_canned_reply(&CannedReply { id: missing, ..changed.clone() }).await));
    let usage = Usage { n: 2, last_at: Some(used_at) };
    let changed = CannedReply { usage, ..changed };
    assert_eq!(tx.canned_reply(&changed.id).await.unwrap().as_ref(), Some(&changed));
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_canned_reply(&changed.id).await.unwrap(), Some(changed));
    assert_eq!(db.store.find_canned_reply(&all[1].id).await.unwrap(), None);
}

pub(crate) async fn macros_are_kept_with_their_actions(db: Arc<Database>) {
    let (ada, bo) = people(&db).await;
    let all = [
        ticket_macro("adas", Sharing::Private(ada.clone()), 3),
        ticket_macro("everyones", Sharing::Everyone, 1),
        ticket_macro("sales", Sharing::Team("sales".to_owned()), 2),
    ];
    let mut tx = db.store.begin().await.unwrap();
    for each in &all {
        tx.insert_macro(each).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_macro(&all[0]).await));
    tx.commit().await.unwrap();
    let listed = db.store.list_macros(Some(&ada), &teams(&["sales"]), 10).await.unwrap();
    assert_eq!(listed, [all[1].clone(), all[2].clone(), all[0].clone()]);
    assert_eq!(db.store.list_macros(Some(&bo), &teams(&[]), 10).await.unwrap(), [all[1].clone()]);
    assert_eq!(db.store.list_macros(Some(&ada), &teams(&["sales"]), 1).await.unwrap().len(), 1);
    let list = json!([{ "type": "set_priority", "priority": "low" }]);
    let changed = TicketMacro {
        actions: actions(&list, ActionsOf::Macro),
        sharing: Sharing::Everyone,
        position: -1,
        revision: 2,
        ..all[0].clone()
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.count_macro(&changed.id, NOW).await.unwrap();
    tx.update_macro(&changed).await.unwrap();
    let missing = MacroId::new("x");
    assert!(is_not_found(&tx.count_macro(&missing, NOW).await));
    assert!(is_not_found(&tx.delete_macro(&missing).await));
    assert!(is_not_found(&tx.update_macro(&TicketMacro { id: missing, ..changed.clone() }).await));
    let changed = TicketMacro { usage: Usage { n: 1, last_at: Some(NOW) }, ..changed };
    assert_eq!(tx.ticket_macro(&changed.id).await.unwrap().as_ref(), Some(&changed));
    tx.delete_macro(&all[1].id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_macro(&changed.id).await.unwrap(), Some(changed));
    assert_eq!(db.store.find_macro(&all[1].id).await.unwrap(), None);
}

pub(crate) fn rule(id: &str, trigger: Trigger, condition: &str, position: i64) -> Rule {
    let list = json!([{ "type": "add_note", "body": "it's {{ site.name }}" }]);
    Rule {
        id: RuleId::new(id),
        name: format!("Rule {id}"),
        position,
        trigger,
        condition: condition.parse().unwrap(),
        actions: actions(&list, ActionsOf::Rule),
        then: Then::Stop,
        state: RuleState::Active,
        revision: 1,
    }
}

pub(crate) async fn rules_are_kept_in_their_order_with_what_became_of_them(db: Arc<Database>) {
    let changed = vec![
        ChangeTest::new("status", Some("open".to_owned()), None).unwrap(),
        ChangeTest::new("field.order", None, Some("it's".to_owned())).unwrap(),
    ];
    let events = Trigger::events([RuleEvent::TicketChanged, RuleEvent::SlaBreached].into(), changed).unwrap();
    let second = rule("a", events, "tag:\"it's\"", 2);
    let first = rule("b", Trigger::Time, "status:pending updated<-3d", 1);
    let mut tx = db.store.begin().await.unwrap();
    let begun = tx.rules_revision().await.unwrap();
    tx.insert_rule(&second, NOW).await.unwrap();
    tx.insert_rule(&first, NOW).await.unwrap();
    assert_eq!(tx.rules_revision().await.unwrap(), begun + 2);
    assert!(is_conflict(&tx.insert_rule(&first, NOW).await));
    assert_eq!(tx.rules().await.unwrap(), [first.clone(), second.clone()]);
    let later = Timestamp(NOW.0 + 5);
    tx.count_rule(&first.id, RuleOutcome::Ran, NOW).await.unwrap();
    tx.count_rule(&first.id, RuleOutcome::Ran, later).await.unwrap();
    tx.count_rule(&first.id, RuleOutcome::Failed("action 1: no"), NOW).await.unwrap();
    tx.count_rule(&first.id, RuleOutcome::Held, later).await.unwrap();
    assert_eq!(tx.rules_revision().await.unwrap(), begun + 2, "counts are no change");
    let missing = RuleId::new("x");
    assert!(is_not_found(&tx.count_rule(&missing, RuleOutcome::Ran, NOW).await));
    assert!(is_not_found(&tx.update_rule(&Rule { id: missing.clone(), ..first.clone() }, NOW).await));
    assert!(is_not_found(&tx.delete_rule(&missing).await));
    let changed = Rule { position: 9, state: RuleState::Inactive, then: Then::GoOn, revision: 2, ..first };
    tx.update_rule(&changed, later).await.unwrap();
    assert_eq!(tx.rules_revision().await.unwrap(), begun + 3);
    tx.commit().await.unwrap();
    let counts = RuleCounts {
        n_runs: 2,
        last_run_at: Some(later),
        n_failed: 1,
        last_failed_at: Some(NOW),
        last_failure: Some("action 1: no".to_owned()),
        n_held: 1,
        last_held_at: Some(later),
    };
    let expected = [(second.clone(), RuleCounts::default()), (changed.clone(), counts)];
    assert_eq!(db.store.list_rules().await.unwrap(), expected);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_rule(&changed.id).await.unwrap();
    assert_eq!(tx.rules_revision().await.unwrap(), begun + 4);
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_rules().await.unwrap().len(), 1);
}

pub(crate) async fn a_rule_takes_each_ticket_once_until_somebody_touches_it(db: Arc<Database>) {
    let waits = rule("waits", Trigger::Time, "status:pending,solved -tag:vip updated<-3d", 1);
    let other = rule("other", Trigger::Time, "status:pending", 2);
    let day = 86_400_000;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_rule(&waits, NOW).await.unwrap();
    tx.insert_rule(&other, NOW).await.unwrap();
    for (id, status, days, tags) in [
        ("newest", TicketStatus::Pending, 1, vec![]),
        ("older", TicketStatus::Pending, 5, vec![]),
        ("oldest", TicketStatus::Pending, 9, vec![]),
        ("vip", TicketStatus::Pending, 9, vec![Tag::parse("vip").unwrap()]),
        ("open", TicketStatus::Open, 9, vec![]),
        ("solved", TicketStatus::Solved, 9, vec![]),
        ("closed", TicketStatus::Closed, 9, vec![]),
    ] {
        let updated_at = Timestamp(NOW.0 - days * day);
        tx.open_ticket(Ticket { status, tags, updated_at, ..ticket(id) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let ctx = FilterContext::nobody(NOW);
    let due = async |rule: &Rule, limit| {
        let ids = db.store.list_tickets_for_rule(rule, &ctx, Timestamp(i64::MIN), limit).await.unwrap();
        ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(&waits, 10).await, ["oldest", "older", "solved"]);
    assert_eq!(due(&waits, 2).await, ["oldest", "older"]);
    let (oldest, newest) = (TicketId::new("oldest"), TicketId::new("newest"));
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.mark_ticket(&waits.id, &oldest, NOW).await.unwrap());
    assert!(!tx.mark_ticket(&waits.id, &oldest, NOW).await.unwrap());
    assert!(tx.mark_ticket(&other.id, &newest, NOW).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(due(&waits, 10).await, ["older", "solved"]);
    assert_eq!(due(&other, 10).await, ["oldest", "vip", "older"]);
    let mut tx = db.store.begin().await.unwrap();
    tx.unmark_ticket(&oldest).await.unwrap();
    tx.delete_rule(&other.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&waits, 10).await, ["oldest", "older", "solved"]);
}

pub(crate) async fn what_a_rule_is_done_with_is_not_read_again(db: Arc<Database>) {
    let waits = rule("waits", Trigger::Time, "status:pending,solved tag:vip", 1);
    let other = rule("other", Trigger::Time, "status:pending", 2);
    let at = |n: i64| Timestamp(NOW.0 + n);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_rule(&waits, NOW).await.unwrap();
    tx.insert_rule(&other, NOW).await.unwrap();
    for (id, status, n) in [
        ("a", TicketStatus::Pending, 1),
        ("b", TicketStatus::Solved, 2),
        ("c", TicketStatus::Pending, 3),
        ("d", TicketStatus::Solved, 4),
        ("open", TicketStatus::Open, 0),
    ] {
        let tags = vec![Tag::parse("vip").unwrap()];
        tx.open_ticket(Ticket { status, tags, updated_at: at(n), ..ticket(id) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mark = async |ids: &[&str]| {
        let mut tx = db.store.begin().await.unwrap();
        for id in ids {
            tx.mark_ticket(&waits.id, &TicketId::new(*id), NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    let first = async |rule: &Rule, since| db.store.first_without_mark(rule, since).await.unwrap();
    let begin = Timestamp(i64::MIN);
    assert_eq!(first(&waits, begin).await, Some(at(1)));
    mark(&["a", "c"]).await;
    assert_eq!(first(&waits, begin).await, Some(at(2)), "of whichever status comes first");
    assert_eq!(first(&other, begin).await, Some(at(1)), "a mark is that of one rule");
    assert_eq!(first(&waits, at(3)).await, Some(at(4)));
    let ctx = FilterContext::nobody(NOW);
    let due = async |since| {
        let ids = db.store.list_tickets_for_rule(&waits, &ctx, since, 10).await.unwrap();
        ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(begin).await, ["b", "d"]);
    assert_eq!(due(at(3)).await, ["d"]);
    mark(&["b", "d"]).await;
    assert_eq!(first(&waits, begin).await, None);
}

pub(crate) async fn a_team_with_what_it_shares_stays(db: Arc<Database>) {
    people(&db).await;
    let reply = reply("sales", "", Sharing::Team("sales".to_owned()));
    let shared = ticket_macro("sales", Sharing::Team("sales".to_owned()), 1);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_canned_reply(&reply).await.unwrap();
    assert!(is_conflict(&tx.delete_team("sales").await));
    tx.delete_canned_reply(&reply.id).await.unwrap();
    tx.insert_macro(&shared).await.unwrap();
    assert!(is_conflict(&tx.delete_team("sales").await));
    tx.delete_macro(&shared.id).await.unwrap();
    tx.delete_team("sales").await.unwrap();
    tx.commit().await.unwrap();
}
