//! Tickets, their messages, suggestions, and what solved ones teach.

use std::sync::Arc;

use domain::*;
use store::TicketFilter;

use crate::{database::Database, fixture::*};

/// A ticket of customer `cy` and of conversation `c`, with a reply, a note and an event.
async fn open(db: &Database) -> Ticket {
    start_conversation(&db.store, &conversation("c")).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    let opened = tx
        .open_ticket(Ticket {
            customer_id: Some(CustomerId::new("cy")),
            conversation_id: Some(ConversationId::new("c")),
            ..ticket("t")
        })
        .await
        .unwrap();
    for (id, author, kind) in [
        ("m3", agent(), MessageKind::Note),
        ("m1", Author::Customer, MessageKind::Reply),
        ("m2", Author::System, MessageKind::Event),
        ("m4", agent(), MessageKind::Reply),
    ] {
        tx.insert_message(&message(id, "t", author, kind)).await.unwrap();
    }
    tx.commit().await.unwrap();
    opened
}

pub(crate) async fn tickets_are_numbered_and_one_per_conversation(db: Arc<Database>) {
    let first = open(&db).await;
    assert_eq!(first.number, 1);
    let mut tx = db.store.begin().await.unwrap();
    let again = Ticket { conversation_id: first.conversation_id.clone(), ..ticket("again") };
    assert_eq!(tx.open_ticket(again).await.unwrap(), first);
    assert_eq!(tx.ticket(&TicketId::new("again")).await.unwrap(), None);
    assert_eq!(tx.open_ticket(ticket("u")).await.unwrap().number, 2);
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.open_ticket(ticket("u")).await));
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.open_ticket(ticket("v")).await.unwrap().number, 3);
    tx.commit().await.unwrap();
}

pub(crate) async fn a_ticket_is_read_by_its_own_people(db: Arc<Database>) {
    let opened = open(&db).await;
    for (reader, readable) in [
        (visitor(), false),
        (visitor_of("other"), false),
        (visitor_of("c"), true),
        (customer("cy", &[]), true),
        (customer("di", &[]), false),
        (key_with(&[Scope::KbRead, Scope::KbWrite]), false),
        (key_with(&[Scope::TicketsRead]), true),
        (staff(), true),
        (staff_of(&["billing", "support"]), true),
        (staff_of(&["billing"]), false),
        (staff_of(&[]), false),
        (Principal::System, true),
    ] {
        let expected = readable.then(|| opened.clone());
        assert_eq!(db.store.find_ticket(&reader, &opened.id).await.unwrap(), expected, "{reader:?}");
        assert_eq!(db.store.find_ticket_by_number(&reader, 1).await.unwrap(), expected, "{reader:?}");
        let filter = TicketFilter { limit: 10, ..TicketFilter::default() };
        let listed = db.store.list_tickets(&reader, &filter).await.unwrap();
        assert_eq!(listed, Vec::from_iter(expected), "{reader:?}");
    }
    assert_eq!(db.store.find_ticket_by_number(&staff(), 2).await.unwrap(), None);
}

pub(crate) async fn tickets_are_listed_newest_first_in_pages(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for (id, status) in [
        ("t1", TicketStatus::New),
        ("t2", TicketStatus::Open),
        ("t3", TicketStatus::New),
        ("t4", TicketStatus::Closed),
    ] {
        tx.open_ticket(Ticket { status, ..ticket(id) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let list = |status: Option<TicketStatus>, after: Option<&str>| {
        let filter =
            TicketFilter { status, after: after.map(str::to_owned), limit: 2, ..TicketFilter::default() };
        let db = db.clone();
        async move {
            let tickets = db.store.list_tickets(&staff(), &filter).await.unwrap();
            tickets.iter().map(|ticket| ticket.id.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(None, None).await, ["t4", "t3"]);
    assert_eq!(list(None, Some("t3")).await, ["t2", "t1"]);
    assert!(list(None, Some("t1")).await.is_empty());
    assert_eq!(list(Some(TicketStatus::New), None).await, ["t3", "t1"]);
    assert_eq!(list(Some(TicketStatus::New), Some("t3")).await, ["t1"]);
}

pub(crate) async fn customers_read_replies_only(db: Arc<Database>) {
    let opened = open(&db).await;
    for (reader, expected) in [
        (staff(), vec!["m1", "m2", "m3", "m4"]),
        (customer("cy", &[]), vec!["m1", "m4"]),
        (visitor_of("c"), vec!["m1", "m4"]),
        (customer("di", &[]), vec![]),
        (visitor(), vec![]),
        (staff_of(&["support"]), vec!["m1", "m2", "m3", "m4"]),
        (staff_of(&["billing"]), vec![]),
    ] {
        let messages = db.store.list_messages(&reader, &opened.id).await.unwrap();
        let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(ids, expected, "{reader:?}");
    }
    let all = db.store.list_messages(&staff(), &opened.id).await.unwrap();
    assert_eq!(all[3], message("m4", "t", agent(), MessageKind::Reply));
    assert_eq!(all[1].author, Author::System);
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.insert_message(&all[0]).await));
    let lost = message("m5", "x", Author::Bot, MessageKind::Reply);
    assert!(is_not_found(&tx.insert_message(&lost).await));
}

pub(crate) async fn a_changed_ticket_keeps_its_number(db: Arc<Database>) {
    let opened = open(&db).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    let changed = Ticket {
        number: 99,
        status: TicketStatus::Solved,
        priority: Priority::Urgent,
        team: "billing".to_owned(),
        assignee_id: Some(UserId::new("ada")),
        solved_at: Some(NOW),
        ..opened.clone()
    };
    tx.update_ticket(&changed).await.unwrap();
    let stored = tx.ticket(&opened.id).await.unwrap().unwrap();
    assert_eq!(stored, Ticket { number: 1, ..changed });
    assert!(is_not_found(&tx.update_ticket(&ticket("x")).await));
    tx.commit().await.unwrap();
}

pub(crate) async fn suggestions_remember_what_became_of_them(db: Arc<Database>) {
    let opened = open(&db).await;
    let draft = |rank: u32, created_at: Timestamp| Suggestion {
        id: SuggestionId::new(format!("s{}-{rank}", created_at.0)),
        ticket_id: opened.id.clone(),
        rank,
        body: "Try this.".to_owned(),
        sources: vec![SuggestionSource::Ticket {
            ticket_id: TicketId::new("old"),
            number: 7,
            subject: "Same".to_owned(),
        }],
        why: "A ticket like this was solved with it".to_owned(),
        outcome: None,
        created_at,
    };
    let (first, second, newer) = (draft(1, NOW), draft(2, NOW), draft(1, Timestamp(NOW.0 + 1)));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_suggestions(&[first.clone(), second.clone()]).await.unwrap();
    tx.insert_suggestions(std::slice::from_ref(&newer)).await.unwrap();
    assert!(is_conflict(&tx.insert_suggestions(std::slice::from_ref(&first)).await));
    tx.set_suggestion_outcome(&second.id, SuggestionOutcome::Edited, NOW).await.unwrap();
    let second = Suggestion { outcome: Some(SuggestionOutcome::Edited), ..second };
    assert_eq!(tx.suggestion(&second.id).await.unwrap().as_ref(), Some(&second));
    let missing = SuggestionId::new("x");
    assert_eq!(tx.suggestion(&missing).await.unwrap(), None);
    assert!(is_not_found(&tx.set_suggestion_outcome(&missing, SuggestionOutcome::Used, NOW).await));
    tx.commit().await.unwrap();
    let listed = db.store.list_suggestions(&staff(), &opened.id).await.unwrap();
    assert_eq!(listed, [newer, first, second]);
    for stranger in [customer("cy", &[]), staff_of(&["billing"])] {
        assert!(db.store.list_suggestions(&stranger, &opened.id).await.unwrap().is_empty());
    }
}

pub(crate) async fn the_history_of_a_ticket_is_the_teams(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    let by_ada = Author::Agent { id: "ada".into(), name: "Ada".into() };
    let entry = |id: &str, by: &Author, field, from: Option<&str>, to: Option<&str>| HistoryEntry {
        id: HistoryId::new(id),
        ticket_id: TicketId::new("t"),
        at: NOW,
        by: by.clone(),
        field,
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    let entries = [
        entry("h1", &by_ada, TicketField::Status, Some("new"), Some("solved")),
        entry("h2", &Author::Customer, TicketField::Assignee, None, Some("ada")),
    ];
    for entry in &entries {
        tx.insert_history(entry).await.unwrap();
    }
    let missing =
        HistoryEntry { id: HistoryId::new("h3"), ticket_id: TicketId::new("x"), ..entries[0].clone() };
    assert!(is_not_found(&tx.insert_history(&missing).await));
    drop(tx);
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    for entry in &entries {
        tx.insert_history(entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    let id = TicketId::new("t");
    assert_eq!(db.store.list_ticket_history(&staff(), &id).await.unwrap(), entries);
    assert_eq!(db.store.list_ticket_history(&staff_of(&["support"]), &id).await.unwrap(), entries);
    for stranger in [visitor(), staff_of(&["billing"])] {
        assert!(db.store.list_ticket_history(&stranger, &id).await.unwrap().is_empty());
    }
}

pub(crate) async fn tickets_are_filtered_by_what_they_are(db: Arc<Database>) {
    let tag = |text: &str| Tag::parse(text).unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    let all = [
        Ticket { tags: vec![tag("refund"), tag("vip")], team: "billing".into(), ..ticket("t1") },
        Ticket { tags: vec![tag("vip")], assignee_id: Some(UserId::new("ada")), ..ticket("t2") },
        Ticket { priority: Priority::Urgent, ..ticket("t3") },
    ];
    for ticket in all.clone() {
        tx.open_ticket(ticket).await.unwrap();
    }
    tx.commit().await.unwrap();
    let none = TicketFilter { limit: 10, ..TicketFilter::default() };
    for (filter, expected) in [
        (none.clone(), vec!["t3", "t2", "t1"]),
        (TicketFilter { tag: Some(tag("vip")), ..none.clone() }, vec!["t2", "t1"]),
        (TicketFilter { tag: Some(tag("vip")), limit: 1, ..none.clone() }, vec!["t2"]),
        (TicketFilter { tag: Some(tag("other")), ..none.clone() }, vec![]),
        (TicketFilter { team: Some("billing".into()), tag: Some(tag("refund")), ..none.clone() }, vec!["t1"]),
        (TicketFilter { priority: Some(Priority::Urgent), ..none.clone() }, vec!["t3"]),
        (TicketFilter { assignee: Some(Some(UserId::new("ada"))), ..none.clone() }, vec!["t2"]),
        (TicketFilter { assignee: Some(None), after: Some("t3".into()), ..none.clone() }, vec!["t1"]),
        (TicketFilter { status: Some(TicketStatus::Closed), ..none.clone() }, vec![]),
    ] {
        let found = db.store.list_tickets(&staff(), &filter).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|ticket| ticket.id.as_str()).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    let first = db.store.find_ticket(&staff(), &TicketId::new("t1")).await.unwrap().unwrap();
    assert_eq!(first.tags, all[0].tags);
    let mut tx = db.store.begin().await.unwrap();
    tx.update_ticket(&Ticket { tags: vec![tag("vip")], ..first }).await.unwrap();
    assert_eq!(tx.ticket(&TicketId::new("t1")).await.unwrap().unwrap().tags, [tag("vip")]);
    tx.commit().await.unwrap();
}
