//! Reading what was said in many tickets, for the index that finds them by their words.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;

use crate::{database::Database, fixture::*};

/// Five tickets with the customers' words, an agent's, a note and an event; the first came from conversation `c`.
async fn filled(db: &Database) -> Vec<TicketId> {
    start_conversation(&db.store, &conversation("c")).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    for n in 0..5_u32 {
        let id = format!("t{n}");
        let is_first = n == 0;
        tx.open_ticket(Ticket {
            customer_id: is_first.then(|| CustomerId::new("cy")),
            conversation_id: is_first.then(|| ConversationId::new("c")),
            team: if n == 4 { "billing".to_owned() } else { "support".to_owned() },
            tags: vec![Tag::parse("vip").unwrap()],
            ..ticket(&id)
        })
        .await
        .unwrap();
        for (place, author, kind) in [
            (1, Author::System, MessageKind::Event),
            (2, Author::Customer, MessageKind::Reply),
            (3, agent(), MessageKind::Note),
            (4, agent(), MessageKind::Reply),
        ] {
            let body = format!("{id} says {place}");
            let created_at = Timestamp(NOW.0 + place);
            let message = message(&format!("{id}-{place}"), &id, author, kind);
            tx.insert_message(&Message { body, created_at, ..message }).await.unwrap();
        }
    }
    let told = |ordinal, content| Turn {
        id: TurnId::new(format!("n{ordinal}")),
        conversation_id: ConversationId::new("c"),
        ordinal,
        content,
        feedback: None,
        opened_article_id: None,
        created_at: NOW,
    };
    tx.insert_turn(&told(0, TurnContent::Customer { text: "Help".to_owned() })).await.unwrap();
    let agents = TurnContent::Agent {
        user_id: UserId::new("ada"),
        name: "Ada".into(),
        text: "Hi".into(),
        html: None,
        message_id: None,
    };
    tx.insert_turn(&told(1, agents)).await.unwrap();
    tx.commit().await.unwrap();
    (0..5).map(|n| TicketId::new(format!("t{n}"))).collect()
}

pub(crate) async fn tickets_are_read_in_order_and_by_id(db: Arc<Database>) {
    assert_eq!(db.store.last_ticket_number().await.unwrap(), 0);
    let ids = filled(&db).await;
    for (reader, expected) in [
        (Principal::System, &ids[..]),
        (staff_of(&["support"]), &ids[..4]),
        (customer("cy", &[]), &ids[..1]),
        (visitor_of("c"), &ids[..1]),
        (visitor(), &[]),
    ] {
        let mut read = vec![];
        let mut after: Option<TicketId> = None;
        loop {
            let page = db.store.tickets_after(&reader, after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            assert!(page.iter().all(|ticket| ticket.tags.len() == 1));
            read.extend(page.into_iter().map(|ticket| ticket.id));
        }
        assert_eq!(read, expected, "{reader:?}");
        let wanted = [&ids[..], &[TicketId::new("missing")]].concat();
        let mut found = db.store.tickets_of(&reader, &wanted).await.unwrap();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        let found: Vec<TicketId> = found.into_iter().map(|ticket| ticket.id).collect();
        assert_eq!(found, expected, "{reader:?}");
    }
    assert!(db.store.tickets_of(&Principal::System, &[]).await.unwrap().is_empty());
    assert_eq!(db.store.last_ticket_number().await.unwrap(), 5);
    let conversations: BTreeSet<_> = ["c", "other"].map(ConversationId::new).into();
    assert_eq!(db.store.tickets_of_conversations(&conversations).await.unwrap(), ids[..1]);
    assert!(db.store.tickets_of_conversations(&BTreeSet::new()).await.unwrap().is_empty());
    let emails: BTreeSet<String> = ["cy", "ada", "nobody"].map(|name| format!("{name}@example.org")).into();
    let customers = db.store.customer_ids_of(&emails).await.unwrap();
    assert_eq!(Vec::from_iter(customers), [("cy@example.org".to_owned(), CustomerId::new("cy"))]);
    let users = db.store.user_ids_of(&emails).await.unwrap();
    assert_eq!(Vec::from_iter(users), [("ada@example.org".to_owned(), UserId::new("ada"))]);
}

pub(crate) async fn what_was_said_is_read_by_its_own_people(db: Arc<Database>) {
    let ids = filled(&db).await;
    let customers_words = TurnContent::Customer { text: "Help".to_owned() };
    for (reader, n_tickets, n_notes) in [
        (Principal::System, 5, 1),
        (staff_of(&["support"]), 4, 1),
        (customer("cy", &[]), 1, 0),
        (visitor_of("c"), 1, 0),
        (visitor(), 0, 0),
        (key_with(&[Scope::KbRead]), 0, 0),
    ] {
        let said = db.store.said_in(&reader, &ids, 1_000).await.unwrap();
        assert_eq!(said.len(), n_tickets, "{reader:?}");
        for (id, said) in &said {
            assert_eq!(said.replies, [format!("{id} says 2"), format!("{id} says 4")], "{reader:?}");
            assert_eq!(said.notes.len(), n_notes, "{reader:?}");
            let turns = if id.as_str() == "t0" { vec![customers_words.clone()] } else { vec![] };
            assert_eq!(said.turns, turns, "{reader:?}");
        }
    }
}

pub(crate) async fn of_much_that_was_said_the_newest_is_kept(db: Arc<Database>) {
    let ids = filled(&db).await;
    let cases: [(usize, Vec<&str>, usize); 3] =
        [(19, vec!["t1 says 4"], 1), (9, vec!["t1 says 4"], 0), (8, vec![], 0)];
    for (bytes_max, replies, notes) in cases {
        let said = db.store.said_in(&Principal::System, &ids[1..2], bytes_max).await.unwrap();
        let said = &said[&ids[1]];
        assert_eq!(said.replies, replies, "{bytes_max}");
        assert_eq!(said.notes.len(), notes, "{bytes_max}");
        assert!(said.turns.is_empty());
    }
}
