//! How tickets are handled: what is stored of it, and who finds what by it.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

fn later(ms: i64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

/// Everything that can be said of it.
fn handling() -> Handling {
    Handling {
        custom_status: Some("vendor".to_owned()),
        snoozed_until: Some(later(50)),
        merged: None,
        split_from: Some(TicketId::new("t1")),
        closed_at: Some(later(1)),
        first_replied_at: Some(later(2)),
        followers: [UserId::new("ada"), UserId::new("bo")].into(),
        cc: ["di@example.org".to_owned()].into(),
        sla: SlaSummary::default(),
        checklist: Checklist {
            items: vec![
                ChecklistItem { id: "i1".to_owned(), text: "Ask \"them\"".to_owned(), done: None },
                ChecklistItem {
                    id: "i2".to_owned(),
                    text: "Pay".to_owned(),
                    done: Some(ItemDone { at: NOW, by: "Ada".to_owned() }),
                },
            ],
            required: Required::OnSolve,
        },
    }
}

async fn world(db: &Database, tickets: &[&str]) {
    let mut tx = db.store.begin().await.unwrap();
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    tx.insert_status(&vendor()).await.unwrap();
    for id in tickets {
        tx.open_ticket(ticket(id)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) async fn statuses_are_added_and_changed(db: Arc<Database>) {
    let keys = async || -> Vec<String> {
        db.store.list_statuses().await.unwrap().into_iter().map(|status| status.key).collect()
    };
    assert_eq!(keys().await, ["new", "open", "pending", "on_hold", "solved", "closed"]);
    assert!(db.store.list_statuses().await.unwrap().iter().all(Status::is_built_in));
    world(&db, &[]).await;
    assert_eq!(keys().await[3], "vendor");
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.insert_status(&vendor()).await));
    let changed = Status {
        name: "Other".to_owned(),
        customer_name: "Waiting".to_owned(),
        position: -1,
        state: StatusState::Retired,
        next: None,
        revision: 2,
        ..vendor()
    };
    tx.update_status(&changed).await.unwrap();
    assert!(is_not_found(&tx.update_status(&Status { key: "x".to_owned(), ..vendor() }).await));
    assert_eq!(tx.statuses().await.unwrap()[0], changed);
    tx.rollback().await.unwrap();
    assert_eq!(db.store.list_statuses().await.unwrap()[3], vendor());
}

pub(crate) async fn how_a_ticket_is_handled_is_stored_whole(db: Arc<Database>) {
    world(&db, &["t1"]).await;
    let mut tx = db.store.begin().await.unwrap();
    let new = Ticket { status: TicketStatus::Pending, handling: handling(), ..ticket("t2") };
    let opened = tx.open_ticket(new).await.unwrap();
    let mut many = [Ticket { status: TicketStatus::Pending, handling: handling(), ..ticket("t3") }];
    tx.insert_tickets(&mut many).await.unwrap();
    tx.commit().await.unwrap();
    for id in ["t2", "t3"] {
        let stored = db.store.find_ticket(&staff(), &TicketId::new(id)).await.unwrap().unwrap();
        assert_eq!(stored.handling, handling(), "{id}");
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.update_ticket(&Ticket { handling: Handling::default(), ..opened }).await.unwrap();
    let nobodys = Handling { custom_status: Some("nowhere".to_owned()), ..Handling::default() };
    tx.commit().await.unwrap();
    let stored = db.store.find_ticket(&staff(), &TicketId::new("t2")).await.unwrap().unwrap();
    assert_eq!(stored.handling, Handling::default());
    let mut tx = db.store.begin().await.unwrap();
    let refused = tx.update_ticket(&Ticket { handling: nobodys, ..stored }).await;
    assert!(is_not_found(&refused), "a status that is not there: {refused:?}");
}

pub(crate) async fn snoozed_tickets_are_due_in_order(db: Arc<Database>) {
    world(&db, &["t1", "t2", "t3", "t4"]).await;
    let mut tx = db.store.begin().await.unwrap();
    for (id, until) in [("t1", 30), ("t2", 10), ("t3", 99)] {
        let handling = Handling { snoozed_until: Some(later(until)), ..Handling::default() };
        let ticket = tx.ticket(&TicketId::new(id)).await.unwrap().unwrap();
        tx.update_ticket(&Ticket { handling, ..ticket }).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (now, limit, expected) in
        [(9, 9, vec![]), (10, 9, vec!["t2"]), (50, 9, vec!["t2", "t1"]), (50, 1, vec!["t2"])]
    {
        let due = db.store.list_due_snoozes(later(now), limit).await.unwrap();
        assert_eq!(due.iter().map(TicketId::as_str).collect::<Vec<_>>(), expected, "{now}");
    }
}

pub(crate) async fn merged_tickets_are_read_with_the_one_that_is_left(db: Arc<Database>) {
    world(&db, &["t1", "t2", "t3", "t4"]).await;
    let mut tx = db.store.begin().await.unwrap();
    for (id, into, at) in [("t1", "t2", 1), ("t2", "t3", 2), ("t4", "t3", 3)] {
        let merged = Merged { into: TicketId::new(into), at: later(at), sight: MergeSight::Internal };
        let before = tx.ticket(&TicketId::new(id)).await.unwrap().unwrap();
        let handling = Handling { merged: Some(merged), ..Handling::default() };
        tx.update_ticket(&Ticket { handling, team: "sales".to_owned(), ..before }).await.unwrap();
    }
    let root = TicketId::new("t3");
    assert_eq!(tx.merged_into(&root).await.unwrap().len(), 3);
    tx.insert_message(&message("m", "t4", Author::Customer, MessageKind::Reply)).await.unwrap();
    let late =
        Message { created_at: later(7), ..message("late", "t4", Author::Customer, MessageKind::Reply) };
    tx.insert_message(&late).await.unwrap();
    assert_eq!(
        tx.ticket_life(&root, 9).await.unwrap(),
        [(later(7), SlaEvent::CustomerMessage)],
        "what was said before the merge is the other ticket's"
    );
    tx.commit().await.unwrap();
    for (reader, expected) in [
        (staff(), vec!["t1", "t2", "t4"]),
        (staff_of(&["support"]), vec!["t1", "t2", "t4"]),
        (staff_of(&["sales"]), vec![]),
        (visitor(), vec![]),
    ] {
        let merged = db.store.tickets_merged_into(&reader, &root).await.unwrap();
        let ids: Vec<_> = merged.iter().map(|ticket| ticket.id.as_str()).collect();
        assert_eq!(ids, expected, "{reader:?}");
    }
    assert!(db.store.tickets_merged_into(&staff(), &TicketId::new("t1")).await.unwrap().is_empty());
}

pub(crate) async fn messages_move_from_their_own_ticket_only(db: Arc<Database>) {
    world(&db, &["t1", "t2"]).await;
    let mut tx = db.store.begin().await.unwrap();
    for id in ["m1", "m2"] {
        tx.insert_message(&message(id, "t1", agent(), MessageKind::Note)).await.unwrap();
    }
    let (one, other) = (TicketId::new("t1"), TicketId::new("t2"));
    tx.move_messages(&[MessageId::new("m2")], &one, &other).await.unwrap();
    assert!(is_not_found(&tx.move_messages(&[MessageId::new("m2")], &one, &other).await));
    assert!(is_not_found(&tx.move_messages(&[MessageId::new("x")], &one, &other).await));
    assert_eq!(tx.messages(&one).await.unwrap().len(), 1);
    assert_eq!(tx.messages(&other).await.unwrap()[0].id.as_str(), "m2");
    assert_eq!(tx.count_messages_of_customer(&one).await.unwrap(), 0, "a note of the team's is none");
    for id in ["m3", "m4"] {
        tx.insert_message(&message(id, "t1", Author::Customer, MessageKind::Reply)).await.unwrap();
    }
    assert_eq!(tx.count_messages_of_customer(&one).await.unwrap(), 2);
    assert_eq!(tx.count_messages_of_customer(&other).await.unwrap(), 0);
    tx.commit().await.unwrap();
}

pub(crate) async fn addresses_in_copy_are_found_and_forgotten(db: Arc<Database>) {
    world(&db, &["t1", "t2"]).await;
    let mut tx = db.store.begin().await.unwrap();
    let cc = |address: &str| Handling { cc: [address.to_owned()].into(), ..Handling::default() };
    let before = tx.ticket(&TicketId::new("t2")).await.unwrap().unwrap();
    tx.update_ticket(&Ticket { handling: cc("di@example.org"), ..before }).await.unwrap();
    let entry = |id: &str, field: TicketField| HistoryEntry {
        id: HistoryId::new(id),
        ticket_id: TicketId::new("t2"),
        at: NOW,
        by: agent(),
        field,
        from: None,
        to: Some("di@example.org".to_owned()),
    };
    for (id, field) in [("h1", TicketField::Cc), ("h2", TicketField::Checklist), ("h3", TicketField::Team)] {
        tx.insert_history(&entry(id, field)).await.unwrap();
    }
    assert_eq!(tx.tickets_in_copy("di@example.org", 9).await.unwrap(), [TicketId::new("t2")]);
    assert!(tx.tickets_in_copy("di@example.or_", 9).await.unwrap().is_empty());
    tx.forget_copies(&TicketId::new("t2")).await.unwrap();
    tx.commit().await.unwrap();
    let told = async || -> Vec<Option<String>> {
        let history = db.store.history_after(&staff(), None, 9).await.unwrap();
        history.into_iter().map(|entry| entry.to).collect()
    };
    let address = || Some("di@example.org".to_owned());
    assert_eq!(told().await, [None, address(), address()]);
    let mut tx = db.store.begin().await.unwrap();
    tx.mark_erased(&TicketId::new("t2"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(told().await, [None, None, address()]);
}

pub(crate) async fn links_are_seen_from_both_ends_by_the_team(db: Arc<Database>) {
    world(&db, &["t1", "t2", "t3"]).await;
    let (one, two) = (TicketId::new("t1"), TicketId::new("t2"));
    let link = |id: &str, end: LinkEnd| Link::new(LinkId::new(id), &one, end, &two, agent(), NOW);
    let child = link("l1", LinkEnd::Child);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_link(&child).await.unwrap();
    assert!(is_conflict(&tx.insert_link(&link("l2", LinkEnd::Related)).await), "linked already");
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let lost = Link { other_id: TicketId::new("x"), ..link("l3", LinkEnd::Related) };
    assert!(is_not_found(&tx.insert_link(&lost).await));
    tx.rollback().await.unwrap();
    for id in [&one, &two] {
        assert_eq!(db.store.list_ticket_links(&staff(), id).await.unwrap(), std::slice::from_ref(&child));
        for stranger in [visitor(), staff_of(&["billing"]), customer("cy", &[])] {
            assert!(db.store.list_ticket_links(&stranger, id).await.unwrap().is_empty());
        }
    }
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.links(&two).await.unwrap(), [child]);
    tx.delete_link(&LinkId::new("l1")).await.unwrap();
    assert!(is_not_found(&tx.delete_link(&LinkId::new("l1")).await));
    assert!(tx.links(&one).await.unwrap().is_empty());
    tx.commit().await.unwrap();
}

pub(crate) async fn what_was_done_is_undone_once(db: Arc<Database>) {
    world(&db, &["t1", "t2", "t3"]).await;
    let deed = Deed::Split { message_ids: vec![MessageId::new("m1")] };
    let operation = Operation {
        id: OperationId::new("o1"),
        ticket_id: TicketId::new("t1"),
        other_id: TicketId::new("t2"),
        deed,
        by: agent(),
        at: NOW,
        undone_at: None,
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_operation(&operation).await.unwrap();
    assert!(is_conflict(&tx.insert_operation(&operation).await));
    assert_eq!(tx.operation(&operation.id).await.unwrap(), Some(operation.clone()));
    assert_eq!(tx.operation(&OperationId::new("x")).await.unwrap(), None);
    tx.commit().await.unwrap();
    for (reader, id, n) in [
        (staff(), "t1", 1),
        (staff(), "t2", 1),
        (staff(), "t3", 0),
        (staff_of(&["billing"]), "t1", 0),
        (visitor(), "t1", 0),
    ] {
        let listed = db.store.list_operations(&reader, &TicketId::new(id), 9).await.unwrap();
        assert_eq!(listed.len(), n, "{reader:?} {id}");
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.mark_undone(&operation.id, later(5)).await.unwrap();
    assert!(is_not_found(&tx.mark_undone(&operation.id, later(6)).await));
    assert_eq!(tx.operation(&operation.id).await.unwrap().unwrap().undone_at, Some(later(5)));
    tx.commit().await.unwrap();
}
