//! What was imported from other systems: found by its ids there, remembered anew, and forgotten with its customer.

use std::sync::Arc;

use domain::*;
use store::{ImportedCustomer, ImportedTicket};

use crate::{database::Database, fixture::*};

fn imported(external_id: &str, ticket: &str, hash: &str) -> ImportedTicket {
    ImportedTicket {
        external_id: external_id.to_owned(),
        ticket_id: TicketId::new(ticket),
        hash: hash.to_owned(),
        revision: 1,
        changed_at: NOW,
    }
}

pub(crate) async fn imported_tickets_are_found_by_source_and_batch(db: Arc<Database>) {
    let (first, second) = (ImportBatchId::new("b1"), ImportBatchId::new("b2"));
    // More than one list of placeholders and one statement of rows.
    let many: Vec<ImportedTicket> =
        (0..600).map(|n| imported(&n.to_string(), &format!("t{n:03}"), "h")).collect();
    let mut tx = db.store.begin().await.unwrap();
    tx.save_imported_tickets("zendesk", &first, &many).await.unwrap();
    tx.save_imported_tickets("csv", &first, &[imported("7", "other", "h")]).await.unwrap();
    tx.save_imported_tickets("zendesk", &second, &[imported("7", "t007", "changed")]).await.unwrap();
    let ids: Vec<String> = (0..700).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let found = tx.imported_tickets("zendesk", &ids).await.unwrap();
    assert_eq!(found.len(), 600);
    assert_eq!((&found["7"], &found["8"]), (&imported("7", "t007", "changed"), &many[8]));
    assert_eq!(tx.imported_tickets("csv", &["7", "8"]).await.unwrap()["7"].ticket_id.as_str(), "other");
    assert!(tx.imported_tickets("csv", &[]).await.unwrap().is_empty());
    tx.commit().await.unwrap();

    let mut seen = vec![];
    let mut after: Option<TicketId> = None;
    loop {
        let page = db.store.tickets_of_batch(&first, after.as_ref(), 250).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page);
    }
    assert_eq!(seen.len(), 600, "599 of Zendesk and one of the other");
    assert!(!seen.contains(&TicketId::new("t007")) && seen.is_sorted());
    assert_eq!(db.store.tickets_of_batch(&second, None, 10).await.unwrap(), [TicketId::new("t007")]);
}

pub(crate) async fn imported_customers_leave_only_that_there_was_one(db: Arc<Database>) {
    let row = |hash: &str, id: Option<&str>| ImportedCustomer {
        external_hash: hash.to_owned(),
        customer_id: id.map(CustomerId::new),
        hash: "content".to_owned(),
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customers(&[person("cy"), person("dee")]).await.unwrap();
    tx.save_imported_customers("zendesk", &[row("a", Some("cy")), row("b", Some("dee"))]).await.unwrap();
    let known = tx.customers_among(&["cy", "nobody"], &["dee@example.org", "x@example.org"]).await.unwrap();
    assert_eq!(known, [(None, person("cy")), (Some("dee@example.org".to_owned()), person("dee"))]);
    let claim = identity("i", "cy", IdentityKind::Email, "claimed@example.org");
    tx.insert_customer_identity(&claim).await.unwrap();
    assert!(tx.customers_among(&[], &["claimed@example.org"]).await.unwrap().is_empty(), "merely said to be");
    tx.update_identity(&Identity { verified_at: Some(NOW), ..claim }).await.unwrap();
    assert_eq!(tx.customers_among(&[], &["claimed@example.org"]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();

    let cy = CustomerId::new("cy");
    let mut tx = db.store.begin().await.unwrap();
    tx.begin_erasure(&cy).await.unwrap();
    assert!(
        tx.customers_among(&["cy"], &["cy@example.org"]).await.unwrap().is_empty(),
        "who is being erased"
    );
    tx.delete_customer(&cy).await.unwrap();
    let found = tx.imported_customers("zendesk", &["a", "b", "c"]).await.unwrap();
    assert_eq!((found["a"].customer_id.as_ref(), found["a"].hash.as_str()), (None, ""));
    assert_eq!(found["b"], row("b", Some("dee")));
    assert_eq!(found.len(), 2);
    tx.commit().await.unwrap();
}

pub(crate) async fn messages_that_are_there_are_not_added_again(db: Arc<Database>) {
    let said = |id: &str| message(id, "t", agent(), MessageKind::Reply);
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    assert_eq!(tx.add_messages(&[said("m1"), said("m2")]).await.unwrap(), 2);
    let other = Message { body: "other words".to_owned(), ..said("m1") };
    assert_eq!(tx.add_messages(&[other, said("m3")]).await.unwrap(), 1);
    assert_eq!(tx.add_messages(&[]).await.unwrap(), 0);
    tx.mark_erased(&TicketId::new("t"), NOW).await.unwrap();
    assert_eq!(tx.erased_among(&["t", "u"]).await.unwrap(), [TicketId::new("t")]);
    tx.commit().await.unwrap();
    let stored = db.store.list_messages(&staff(), &TicketId::new("t")).await.unwrap();
    assert_eq!(stored, [said("m1"), said("m2"), said("m3")]);
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.add_messages(&[message("m4", "nowhere", agent(), MessageKind::Note)]).await.is_err());
}
