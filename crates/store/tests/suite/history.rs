//! The history of tickets: who reads it, and its pages over desk and archive.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

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
    let [one, two] = entries;
    let newest = [two.clone(), one.clone()];
    for reader in [staff(), staff_of(&["support"])] {
        assert_eq!(db.store.list_ticket_history(&reader, &id, None, 9).await.unwrap(), newest);
        assert_eq!(db.store.history_after(&reader, None, 9).await.unwrap(), [one.clone(), two.clone()]);
    }
    for stranger in [visitor(), staff_of(&["billing"])] {
        assert!(db.store.list_ticket_history(&stranger, &id, None, 9).await.unwrap().is_empty());
        assert!(db.store.history_after(&stranger, None, 9).await.unwrap().is_empty());
    }
}

pub(crate) async fn histories_are_read_in_pages_wherever_the_ticket_is(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for id in ["t", "u"] {
        tx.open_ticket(Ticket { status: TicketStatus::Closed, ..ticket(id) }).await.unwrap();
    }
    for n in 0..7 {
        tx.insert_history(&HistoryEntry {
            id: HistoryId::new(format!("h{n}")),
            ticket_id: TicketId::new(if n % 3 == 0 { "u" } else { "t" }),
            at: NOW,
            by: Author::System,
            field: TicketField::Team,
            from: None,
            to: Some(n.to_string()),
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let one = async |limit: usize| {
        let (mut told, mut before) = (vec![], None);
        loop {
            let id = TicketId::new("t");
            let page = db.store.list_ticket_history(&staff(), &id, before.as_ref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { return told.join(" ") };
            before = Some(last.id.clone());
            told.extend(page.into_iter().map(|entry| entry.id.to_string()));
        }
    };
    let all = async |limit: usize| {
        let (mut told, mut after) = (vec![], None);
        loop {
            let page = db.store.history_after(&staff(), after.as_ref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { return told.join(" ") };
            after = Some(last.id.clone());
            told.extend(page.into_iter().map(|entry| entry.id.to_string()));
        }
    };
    for archived in [None, Some("t"), Some("u")] {
        if let Some(id) = archived {
            let mut tx = db.store.begin().await.unwrap();
            tx.archive_tickets(&[TicketId::new(id)], NOW).await.unwrap();
            tx.commit().await.unwrap();
        }
        for limit in [1, 2, 9] {
            assert_eq!(one(limit).await, "h5 h4 h2 h1", "{archived:?}");
            assert_eq!(all(limit).await, "h0 h1 h2 h3 h4 h5 h6", "{archived:?}");
        }
    }
}
