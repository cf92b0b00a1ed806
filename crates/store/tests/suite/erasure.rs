//! Erasing a customer: in parts, and not before nothing refers to them any more.

use std::sync::Arc;

use domain::*;
use store::ErasedName;

use crate::{database::Database, fixture::*};

pub(crate) async fn a_customer_goes_when_nothing_refers_to_them(db: Arc<Database>) {
    let id = CustomerId::new("cy");
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    let of_cy = Conversation { customer_id: Some(id.clone()), ..conversation("c") };
    tx.insert_conversation(&of_cy, "token-c").await.unwrap();
    tx.insert_turn(&turn("c", 0, said("secret words"))).await.unwrap();
    for n in ["t1", "t2"] {
        tx.open_ticket(Ticket { customer_id: Some(id.clone()), ..ticket(n) }).await.unwrap();
        tx.insert_message(&message(&format!("m{n}"), n, Author::Customer, MessageKind::Reply)).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.erased_name(&id).await.unwrap(), None);
    let name = ErasedName {
        name: "Name of cy".to_owned(),
        email: Some("cy@example.org".to_owned()),
        others: vec!["cy@example.org".to_owned()],
    };
    for _ in 0..2 {
        tx.begin_erasure(&id).await.unwrap();
        assert_eq!(tx.erased_name(&id).await.unwrap().as_ref(), Some(&name), "begun again, nothing changes");
    }
    assert!(is_not_found(&tx.begin_erasure(&CustomerId::new("nobody")).await));
    assert!(tx.customer_by_email("cy@example.org").await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(db.store.customers_being_erased(None, 10).await.unwrap(), std::slice::from_ref(&id));
    assert_eq!(db.store.count_of_customer(&id).await.unwrap(), 3);

    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.delete_customer(&id).await), "tickets still refer to them");
    tx.rollback().await.unwrap();

    let mut tx = db.store.begin().await.unwrap();
    let tickets = tx.tickets_of_customer(&id, 10).await.unwrap();
    assert_eq!(tickets, [TicketId::new("t1"), TicketId::new("t2")]);
    for ticket_id in &tickets {
        for message in tx.messages(ticket_id).await.unwrap() {
            tx.replace_message(&message.id, "gone").await.unwrap();
        }
        let ticket = tx.ticket(ticket_id).await.unwrap().unwrap();
        tx.update_ticket(&Ticket { customer_id: None, ..ticket }).await.unwrap();
        tx.mark_erased(ticket_id, NOW).await.unwrap();
    }
    let conversation = ConversationId::new("c");
    assert_eq!(tx.conversations_of_customer(&id, 10).await.unwrap(), std::slice::from_ref(&conversation));
    let mut turns = tx.turns(&conversation).await.unwrap();
    turns[0].content = said("gone");
    tx.replace_turn(&turns[0]).await.unwrap();
    tx.delete_traces_of(&conversation).await.unwrap();
    tx.release_conversation(&conversation).await.unwrap();
    tx.delete_customer(&id).await.unwrap();
    tx.commit().await.unwrap();

    assert!(db.store.customers_being_erased(None, 10).await.unwrap().is_empty());
    assert!(db.store.find_customer(&id).await.unwrap().is_none());
    let messages = db.store.list_messages(&staff(), &TicketId::new("t1")).await.unwrap();
    assert_eq!(messages[0].body, "gone");
    let turns = db.store.list_turns(&staff(), &conversation).await.unwrap();
    assert_eq!(turns[0].content, said("gone"));
    db.store.empty_log().await.unwrap();
}

pub(crate) async fn kept_responses_are_emptied_where_a_text_stands(db: Arc<Database>) {
    let late = Timestamp(NOW.0 + 1_000);
    let mut tx = db.store.begin().await.unwrap();
    for (key, response) in [("a", "100% of CY_x"), ("b", "100 of cyax"), ("c", "nothing"), ("waits", "")] {
        tx.insert_idempotent("p", key, "hash", response, NOW).await.unwrap();
    }
    // More than one page of them.
    for n in 0..600 {
        tx.insert_idempotent("q", &format!("{n:03}"), "hash", "nothing", NOW).await.unwrap();
    }
    tx.insert_idempotent("r", "last", "hash", "{\"id\":\"id149\"}", NOW).await.unwrap();
    tx.commit().await.unwrap();
    let claimed = |principal: &str, key: &str| (principal.to_owned(), key.to_owned());
    let without = db.store.keys_without_response().await.unwrap();
    assert_eq!(without, [claimed("p", "waits")]);
    // A hundred texts and more, with signs that a pattern would take for others.
    let mut texts: Vec<String> = (0..150).map(|n| format!("id{n}")).collect();
    texts.push("cy_x".to_owned());
    let found = db.store.keys_with(&texts).await.unwrap();
    assert_eq!(found, [claimed("p", "a"), claimed("r", "last")]);
    assert!(db.store.keys_with(&[]).await.unwrap().is_empty());

    // Meanwhile one gets its response, and others are claimed.
    let mut tx = db.store.begin().await.unwrap();
    tx.set_idempotent_response("p", "waits", "cy_x too").await.unwrap();
    for (key, response) in [("d", "of Cy_x"), ("e", "of nobody")] {
        tx.insert_idempotent("p", key, "hash", response, late).await.unwrap();
    }
    tx.empty_responses_of(&found).await.unwrap();
    tx.empty_late_responses_with(&texts, &without, late).await.unwrap();
    tx.empty_late_responses_with(&[], &without, late).await.unwrap();
    tx.commit().await.unwrap();
    for (principal, key, response) in [
        ("p", "a", ""),
        ("p", "b", "100 of cyax"),
        ("p", "c", "nothing"),
        ("p", "waits", ""),
        ("p", "d", ""),
        ("p", "e", "of nobody"),
        ("q", "007", "nothing"),
        ("r", "last", ""),
    ] {
        let kept = db.store.find_idempotent(principal, key).await.unwrap().unwrap();
        assert_eq!(kept.response, response, "{principal} {key}");
    }
}

pub(crate) async fn drafts_go_with_their_tickets_and_their_sources(db: Arc<Database>) {
    let draft = |id: &str, of: &str, source: &str| Suggestion {
        id: SuggestionId::new(id),
        ticket_id: TicketId::new(of),
        rank: 1,
        body: "Dear Cy".to_owned(),
        sources: vec![SuggestionSource::Ticket {
            ticket_id: TicketId::new(source),
            number: 1,
            subject: "Words of Cy".to_owned(),
        }],
        why: "near".to_owned(),
        outcome: None,
        created_at: NOW,
    };
    let mut tx = db.store.begin().await.unwrap();
    for id in ["erased", "other", "third"] {
        tx.open_ticket(ticket(id)).await.unwrap();
    }
    let drafts = [
        draft("of", "erased", "third"),
        draft("from", "other", "erased"),
        draft("neither", "other", "third"),
    ];
    tx.insert_suggestions(&drafts).await.unwrap();
    assert_eq!(tx.delete_suggestions_of(&[TicketId::new("erased")]).await.unwrap(), ["of"]);
    tx.commit().await.unwrap();
    let from = db.store.drafts_from(&[TicketId::new("erased")]).await.unwrap();
    assert_eq!(from, [(SuggestionId::new("from"), TicketId::new("other"))]);
    for is_archived in [false, true] {
        let mut tx = db.store.begin().await.unwrap();
        if is_archived {
            tx.archive_tickets(&[TicketId::new("other")], NOW).await.unwrap();
        }
        tx.delete_suggestions(&[SuggestionId::new("from"), SuggestionId::new("gone")]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(db.store.drafts_from(&[TicketId::new("erased")]).await.unwrap().is_empty());
    }
    let left = db.store.list_suggestions(&staff(), &TicketId::new("other")).await.unwrap();
    assert_eq!(left.iter().map(|draft| draft.id.as_str()).collect::<Vec<_>>(), ["neither"]);
}
