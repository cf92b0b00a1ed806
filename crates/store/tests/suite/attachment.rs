//! Files of messages: whose they are, who reads them, and when they go.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

fn file(id: &str, uploader: &Writer) -> Attachment {
    Attachment {
        id: AttachmentId::new(id),
        capability: format!("capability-{id}"),
        uploader: uploader.clone(),
        message_id: None,
        name: format!("{id}.png"),
        media_type: "image/png".to_owned(),
        n_bytes: 7,
        sha256: "5e".repeat(32),
        created_at: NOW,
    }
}

fn ada() -> Writer {
    Writer::Person(UserId::new("ada"))
}

/// A file that is there, of this message or of none.
async fn there(db: &Database, id: &str, message: Option<&str>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_attachment(&file(id, &ada())).await.unwrap();
    tx.finish_attachment(&file(id, &ada())).await.unwrap();
    if let Some(message) = message {
        let id = AttachmentId::new(id);
        assert!(tx.bind_attachment(&id, &ada(), &MessageId::new(message)).await.unwrap());
    }
    tx.commit().await.unwrap();
}

pub(crate) async fn a_file_is_read_with_its_message(db: Arc<Database>) {
    let visitors = Conversation { id: ConversationId::new("c"), ..conversation("c") };
    start_conversation(&db.store, &visitors).await;
    let mut tx = db.store.begin().await.unwrap();
    let of = Ticket { conversation_id: Some(ConversationId::new("c")), ..ticket("t") };
    tx.open_ticket(of).await.unwrap();
    tx.insert_message(&message("reply", "t", agent(), MessageKind::Reply)).await.unwrap();
    tx.insert_message(&message("note", "t", agent(), MessageKind::Note)).await.unwrap();
    let waits = super::waiting_reply::waiting("waits", "t", NOW);
    tx.insert_waiting_reply(&waits).await.unwrap();
    tx.commit().await.unwrap();
    for (id, of) in [("a", Some("reply")), ("b", Some("note")), ("c", Some("waits")), ("d", None)] {
        there(&db, id, of).await;
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_attachment(&file("e", &ada())).await.unwrap();
    tx.commit().await.unwrap();

    let other_key = key_with(&[Scope::TicketsRead]);
    for (reader, readable) in [
        (staff(), "abcd"),
        (staff_of(&["support"]), "abcd"),
        (staff_of(&["billing"]), "d"),
        (other_key, "abc"),
        (key_with(&[Scope::KbRead]), ""),
        (visitor_of("c"), "a"),
        (visitor_of("x"), ""),
        (visitor(), ""),
        (customer("cy", &[]), ""),
    ] {
        for id in ["a", "b", "c", "d", "e"] {
            let found = db.store.find_attachment(&reader, &AttachmentId::new(id)).await.unwrap();
            assert_eq!(found.is_some(), readable.contains(id), "{reader:?} {id}");
        }
        let listed = db.store.list_attachments(&reader, &TicketId::new("t")).await.unwrap();
        let mut ids: Vec<&str> = listed.values().flatten().map(|file| file.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids.concat(), readable.replace('d', ""), "{reader:?}");
    }
    let found = db.store.find_attachment(&staff(), &AttachmentId::new("a")).await.unwrap().unwrap();
    assert_eq!(found, Attachment { message_id: Some(MessageId::new("reply")), ..file("a", &ada()) });
}

pub(crate) async fn a_file_is_part_of_one_message(db: Arc<Database>) {
    there(&db, "a", None).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_attachment(&file("half", &ada())).await.unwrap();
    assert!(is_conflict(&tx.insert_attachment(&file("half", &ada())).await));
    let (m, a) = (MessageId::new("m"), AttachmentId::new("a"));
    let other = Writer::Person(UserId::new("bo"));
    let key = Writer::Key(ApiKeyId::new("ada"));
    assert!(!tx.bind_attachment(&a, &other, &m).await.unwrap());
    assert!(!tx.bind_attachment(&a, &key, &m).await.unwrap(), "a key with the same id is somebody else");
    assert!(!tx.bind_attachment(&AttachmentId::new("half"), &ada(), &m).await.unwrap());
    assert!(!tx.bind_attachment(&AttachmentId::new("none"), &ada(), &m).await.unwrap());
    assert!(tx.bind_attachment(&a, &ada(), &m).await.unwrap());
    assert!(!tx.bind_attachment(&a, &ada(), &MessageId::new("n")).await.unwrap());
    assert!(!tx.delete_free_attachment(&a).await.unwrap(), "it belongs to something");
    assert!(is_not_found(&tx.finish_attachment(&file("a", &ada())).await), "it is there already");
    tx.free_attachments(&m, Timestamp(NOW.0 + 5)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.count_free_attachments(&ada()).await.unwrap(), 2);
    assert_eq!(db.store.count_free_attachments(&other).await.unwrap(), 0);
    let after = db.store.attachments_after(None, 10).await.unwrap();
    assert_eq!(after.iter().map(|file| file.id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert!(db.store.attachments_after(Some(&a), 10).await.unwrap().is_empty());
}

pub(crate) async fn files_go_when_they_are_of_no_use(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    tx.open_ticket(ticket("u")).await.unwrap();
    tx.insert_message(&message("m", "t", agent(), MessageKind::Reply)).await.unwrap();
    tx.insert_message(&message("n", "u", agent(), MessageKind::Reply)).await.unwrap();
    tx.insert_waiting_reply(&super::waiting_reply::waiting("w", "t", NOW)).await.unwrap();
    tx.commit().await.unwrap();
    for (id, of) in [("a", Some("m")), ("b", Some("w")), ("c", Some("n")), ("d", None)] {
        there(&db, id, of).await;
    }
    let due = async |at: i64| db.store.list_attachments_to_remove(Timestamp(at), 10).await.unwrap();
    assert!(due(NOW.0).await.is_empty(), "they are not older");
    assert_eq!(due(NOW.0 + 1).await, [AttachmentId::new("d")]);

    let mut tx = db.store.begin().await.unwrap();
    let mut deleted = tx.delete_attachments_of(&TicketId::new("t")).await.unwrap();
    deleted.sort();
    assert_eq!(deleted, [AttachmentId::new("a"), AttachmentId::new("b")]);
    assert!(tx.delete_free_attachment(&AttachmentId::new("d")).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(due(0).await.len(), 3, "whatever their age");
    assert!(db.store.find_attachment(&staff(), &AttachmentId::new("a")).await.unwrap().is_none());
    assert!(db.store.find_attachment(&staff(), &AttachmentId::new("c")).await.unwrap().is_some());
    assert_eq!(db.store.count_free_attachments(&ada()).await.unwrap(), 0);
    let mut tx = db.store.begin().await.unwrap();
    for id in ["a", "b", "c", "d"] {
        tx.remove_attachment(&AttachmentId::new(id)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(due(i64::MAX).await.is_empty());
    assert_eq!(db.store.attachments_after(None, 10).await.unwrap().len(), 1, "what is in use stays");
}
