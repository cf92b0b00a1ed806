//! Replies that wait: the team's, due in order, and no message before they are sent.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

pub(crate) fn waiting(id: &str, ticket: &str, send_at: Timestamp) -> WaitingReply {
    WaitingReply {
        id: MessageId::new(id),
        ticket_id: TicketId::new(ticket),
        writer: Writer::Person(UserId::new("ada")),
        writer_name: "Ada".to_owned(),
        body: format!("Body of {id}"),
        html: Some(format!("<p>Body of {id}</p>")),
        suggestion_id: Some(SuggestionId::new("s")),
        then: Some(TicketStatus::Solved),
        send_at,
        stopped: None,
        customer_wrote_at: None,
        created_at: NOW,
    }
}

pub(crate) async fn replies_wait_for_their_time(db: Arc<Database>) {
    let at = |ms: i64| Timestamp(NOW.0 + ms);
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    for (id, ms) in [("late", 30), ("soon", 10), ("next", 20)] {
        tx.insert_waiting_reply(&waiting(id, "t", at(ms))).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_waiting_reply(&waiting("late", "t", at(1))).await));
    assert_eq!(tx.count_waiting_replies(&TicketId::new("t")).await.unwrap(), 3);
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.insert_waiting_reply(&waiting("x", "nowhere", at(1))).await));
    tx.rollback().await.unwrap();

    let t = TicketId::new("t");
    for (reader, n) in [
        (staff(), 3),
        (staff_of(&["support"]), 3),
        (staff_of(&["billing"]), 0),
        (visitor_of("c"), 0),
        (customer("cy", &[]), 0),
        (key_with(&[Scope::KbRead]), 0),
    ] {
        assert_eq!(db.store.list_waiting_replies(&reader, &t).await.unwrap().len(), n, "{reader:?}");
        assert!(db.store.list_messages(&reader, &t).await.unwrap().is_empty());
    }
    let listed = db.store.list_waiting_replies(&staff(), &t).await.unwrap();
    assert_eq!(listed[0], waiting("soon", "t", at(10)));
    let due = async |ms| db.store.list_due_replies(at(ms), 10).await.unwrap();
    assert!(due(9).await.is_empty());
    assert_eq!(due(20).await, [MessageId::new("soon"), MessageId::new("next")]);

    let mut tx = db.store.begin().await.unwrap();
    tx.mark_waiting_replies(&t, at(5)).await.unwrap();
    let marked = tx.waiting_reply(&MessageId::new("soon")).await.unwrap().unwrap();
    assert_eq!(marked.customer_wrote_at, Some(at(5)));
    let changed = WaitingReply {
        body: "Other".to_owned(),
        html: None,
        send_at: at(40),
        customer_wrote_at: None,
        ..marked
    };
    tx.update_waiting_reply(&changed).await.unwrap();
    assert_eq!(tx.waiting_reply(&changed.id).await.unwrap().as_ref(), Some(&changed));
    let stopped = WaitingReply { stopped: Some(StopReason::TicketClosed), ..waiting("next", "t", at(20)) };
    tx.update_waiting_reply(&stopped).await.unwrap();
    assert_eq!(tx.waiting_reply(&stopped.id).await.unwrap().as_ref(), Some(&stopped));
    tx.commit().await.unwrap();
    assert_eq!(
        due(50).await,
        [MessageId::new("late"), MessageId::new("soon")],
        "what was stopped is not due"
    );

    let mut tx = db.store.begin().await.unwrap();
    tx.delete_waiting_reply(&changed.id).await.unwrap();
    assert!(is_not_found(&tx.delete_waiting_reply(&changed.id).await));
    assert!(is_not_found(&tx.update_waiting_reply(&changed).await));
    assert_eq!(tx.waiting_reply(&changed.id).await.unwrap(), None);
    assert_eq!(tx.delete_waiting_replies_of(&t).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    assert!(due(100).await.is_empty());
}

pub(crate) async fn replies_wait_in_another_ticket_and_go_back(db: Arc<Database>) {
    let (a, b) = (TicketId::new("a"), TicketId::new("b"));
    let mut tx = db.store.begin().await.unwrap();
    for id in ["a", "b"] {
        let conversation_id = None;
        tx.open_ticket(Ticket { conversation_id, ..ticket(id) }).await.unwrap();
    }
    for (id, of) in [("2", "a"), ("1", "a"), ("3", "b")] {
        tx.insert_waiting_reply(&waiting(id, of, NOW)).await.unwrap();
    }
    let moved = tx.move_waiting_replies(&a, &b).await.unwrap();
    assert_eq!(moved, [MessageId::new("1"), MessageId::new("2")]);
    assert_eq!(tx.count_waiting_replies(&a).await.unwrap(), 0);
    assert_eq!(tx.count_waiting_replies(&b).await.unwrap(), 3);
    assert!(tx.move_waiting_replies(&a, &b).await.unwrap().is_empty());
    tx.delete_waiting_reply(&moved[0]).await.unwrap();
    assert!(!tx.move_waiting_reply(&moved[0], &a).await.unwrap(), "it was sent");
    assert!(tx.move_waiting_reply(&moved[1], &a).await.unwrap());
    assert_eq!(
        tx.waiting_reply(&moved[1]).await.unwrap(),
        Some(waiting("2", "a", NOW)),
        "nothing else changes"
    );
    assert_eq!(tx.count_waiting_replies(&b).await.unwrap(), 1);
    tx.commit().await.unwrap();
}
