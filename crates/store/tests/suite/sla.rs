//! SLA policies, and the clocks of tickets.

use std::sync::Arc;

use domain::*;
use store::{StoredClock, TicketSla};

use crate::{database::Database, fixture::*, schedule::office};

pub(crate) fn policy(id: &str, position: i64) -> SlaPolicy {
    let normal = SlaTargets { first_reply_min: Some(60), ..SlaTargets::default() };
    SlaPolicy {
        id: SlaPolicyId::new(id),
        name: format!("Policy {id}"),
        position,
        condition: "priority>=high tag:vip".parse().unwrap(),
        targets: PriorityTargets { normal, ..PriorityTargets::default() },
        hours: SlaHours::WallTime,
        warn_percent: WarnPercent::new(75).unwrap(),
        revision: 1,
    }
}

pub(crate) async fn policies_are_listed_in_their_order(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_schedule(&office("s"), NOW).await.unwrap();
    let (second, first) = (policy("a", 2), policy("b", 1));
    for policy in [&second, &first] {
        tx.insert_sla_policy(policy, NOW).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_sla_policy(&first, NOW).await));
    assert_eq!(tx.sla_policies().await.unwrap(), [first.clone(), second.clone()]);
    let changed = SlaPolicy {
        name: "Gold".to_owned(),
        position: 3,
        condition: Filter::everything(),
        hours: SlaHours::Schedule { schedule_id: ScheduleId::new("s") },
        warn_percent: WarnPercent::default(),
        revision: 2,
        ..first
    };
    tx.update_sla_policy(&changed, NOW).await.unwrap();
    assert!(is_not_found(&tx.update_sla_policy(&policy("x", 1), NOW).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_sla_policies().await.unwrap(), [second.clone(), changed]);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_sla_policy(&SlaPolicyId::new("b")).await.unwrap();
    assert!(is_not_found(&tx.delete_sla_policy(&SlaPolicyId::new("b")).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_sla_policies().await.unwrap(), [second]);
}

fn terms() -> SlaTerms {
    let targets =
        SlaTargets { first_reply_min: Some(60), resolution_min: Some(120), ..SlaTargets::default() };
    SlaTerms { targets, ..SlaTerms::none() }
}

fn stored(clock: &SlaClock, policy_id: Option<&str>) -> StoredClock {
    StoredClock { policy_id: policy_id.map(SlaPolicyId::new), state: clock.state().clone() }
}

pub(crate) async fn clocks_are_due_until_they_have_said_it(db: Arc<Database>) {
    let id = TicketId::new("t");
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    tx.insert_sla_policy(&policy("p", 1), NOW).await.unwrap();
    assert_eq!(tx.sla_clock(&id).await.unwrap(), None);
    let mut clock = SlaClock::opened(NOW, terms());
    let readings: Vec<SlaReading> = clock.readings(NOW).collect();
    for differs in [true, false] {
        let next_at = clock.next_signal_at();
        let saved = tx.save_sla_clock(&id, &stored(&clock, Some("p")), next_at, &readings).await.unwrap();
        assert_eq!(saved, differs, "whether it stands otherwise by them");
    }
    assert_eq!(tx.sla_clock(&id).await.unwrap(), Some(stored(&clock, Some("p"))));
    let minutes = |n: i64| Timestamp(NOW.0 + n * 60_000);
    let running = SlaSummary { standing: SlaStanding::Running, due_at: Some(minutes(60)) };
    let opened = tx.ticket(&id).await.unwrap().unwrap();
    assert_eq!((opened.handling.sla, opened.revision), (running, 1), "that is no change of the ticket");
    assert_eq!(tx.people_in(&opened).await.unwrap().sla, running);
    tx.update_ticket(&ticket("t")).await.unwrap();
    assert_eq!(tx.ticket(&id).await.unwrap().unwrap().handling.sla, running, "nor does one change it");
    tx.commit().await.unwrap();

    assert!(db.store.list_due_sla_clocks(minutes(47), 10).await.unwrap().is_empty());
    assert_eq!(db.store.list_due_sla_clocks(minutes(48), 10).await.unwrap(), std::slice::from_ref(&id));
    let signals = clock.apply(minutes(61), SlaEvent::AgentReply);
    assert_eq!(signals.len(), 2);
    let mut tx = db.store.begin().await.unwrap();
    let readings: Vec<SlaReading> = clock.readings(minutes(61)).collect();
    assert!(tx.save_sla_clock(&id, &stored(&clock, Some("p")), None, &readings).await.unwrap());
    let late = tx.ticket(&id).await.unwrap().unwrap().handling.sla;
    assert_eq!(late.standing, SlaStanding::Breached);
    tx.commit().await.unwrap();
    assert!(db.store.list_due_sla_clocks(minutes(9_999), 10).await.unwrap().is_empty());
    let first = TicketSla {
        metric: SlaMetric::FirstReply,
        cycle: 1,
        target_min: 60,
        due_at: Some(minutes(60)),
        warn_at: Some(minutes(48)),
        is_paused: false,
        fulfilled_at: Some(minutes(61)),
        warned_at: Some(minutes(48)),
        breached_at: Some(minutes(60)),
        n_breaches: 1,
    };
    for (reader, sees) in [
        (staff(), true),
        (staff_of(&["support"]), true),
        (staff_of(&["billing"]), false),
        (visitor(), false),
        (key_with(&[Scope::TicketsWrite]), false),
    ] {
        let missing = TicketId::new("missing");
        let found = db.store.list_ticket_sla(&reader, &[missing, id.clone()]).await.unwrap();
        let rows = found.get(&id);
        assert_eq!(rows.is_some(), sees, "{reader:?}");
        assert!(rows.is_none_or(|rows| rows[0] == first && rows.len() == 2), "{rows:?}");
    }
}

pub(crate) async fn a_changed_policy_or_schedule_lets_open_clocks_be_looked_at(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_schedule(&office("s"), NOW).await.unwrap();
    let hours = SlaHours::Schedule { schedule_id: ScheduleId::new("s") };
    tx.insert_sla_policy(&SlaPolicy { hours, ..policy("p", 1) }, NOW).await.unwrap();
    tx.insert_sla_policy(&policy("q", 2), NOW).await.unwrap();
    for (id, policy, status) in [
        ("open", "p", TicketStatus::Open),
        ("waiting", "p", TicketStatus::Pending),
        ("solved", "p", TicketStatus::Solved),
        ("other", "q", TicketStatus::Open),
    ] {
        tx.open_ticket(Ticket { status, ..ticket(id) }).await.unwrap();
        let mut clock = SlaClock::opened(NOW, SlaTerms::none());
        clock.apply(NOW, SlaEvent::Status(status));
        tx.save_sla_clock(&TicketId::new(id), &stored(&clock, Some(policy)), None, &[]).await.unwrap();
    }
    tx.recheck_sla_clocks_of_schedule(&ScheduleId::new("s")).await.unwrap();
    tx.commit().await.unwrap();
    let due = async |db: &Database| -> Vec<String> {
        let found = db.store.list_due_sla_clocks(NOW, 10).await.unwrap();
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(due(&db).await, ["open", "waiting"]);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_sla_policy(&SlaPolicyId::new("q")).await.unwrap();
    assert_eq!(tx.sla_clock(&TicketId::new("other")).await.unwrap().unwrap().policy_id, None);
    tx.commit().await.unwrap();
    assert_eq!(due(&db).await, ["open", "other", "waiting"]);
}

pub(crate) async fn a_tickets_life_is_its_public_messages_and_statuses_in_order(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    let known = Ticket {
        assignee_id: Some(UserId::new("ada")),
        customer_id: Some(CustomerId::new("cy")),
        ..ticket("t")
    };
    let opened = tx.open_ticket(known).await.unwrap();
    for (id, author, kind) in [
        ("1", Author::Customer, MessageKind::Reply),
        ("2", agent(), MessageKind::Note),
        ("4", agent(), MessageKind::Reply),
        ("6", Author::System, MessageKind::Event),
        ("7", Author::Bot, MessageKind::Reply),
    ] {
        tx.insert_message(&message(id, "t", author, kind)).await.unwrap();
    }
    for (id, at, field, to) in [
        ("3", 0, TicketField::Priority, "high"),
        ("5", 0, TicketField::Status, "pending"),
        ("0", 9, TicketField::Status, "solved"),
    ] {
        let entry = HistoryEntry {
            id: HistoryId::new(id),
            ticket_id: opened.id.clone(),
            at: Timestamp(NOW.0 + at),
            by: agent(),
            field,
            from: None,
            to: Some(to.to_owned()),
        };
        tx.insert_history(&entry).await.unwrap();
    }
    let life = [
        (NOW, SlaEvent::CustomerMessage),
        (NOW, SlaEvent::AgentReply),
        (NOW, SlaEvent::Status(TicketStatus::Pending)),
        (Timestamp(NOW.0 + 9), SlaEvent::Status(TicketStatus::Solved)),
    ];
    assert_eq!(tx.ticket_life(&opened.id, 10).await.unwrap(), life);
    assert_eq!(tx.ticket_life(&opened.id, 1).await.unwrap().len(), 1);
    let people = TicketPeople {
        assignee_email: Some("ada@example.org".to_owned()),
        customer_emails: vec!["cy@example.org".to_owned()],
        organisation_name: None,
        ..TicketPeople::default()
    };
    assert_eq!(tx.people_in(&opened).await.unwrap(), people);
    assert_eq!(tx.people_in(&ticket("u")).await.unwrap(), TicketPeople::default());
}
