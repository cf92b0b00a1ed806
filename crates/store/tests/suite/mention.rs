//! Mentions: a person's own, in tickets that they see, newest first.

use std::sync::Arc;

use domain::*;
use store::OnlyUnread;

use crate::{database::Database, fixture::*};

pub(crate) async fn mentions_are_listed_and_marked(db: Arc<Database>) {
    let ada = UserId::new("ada");
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_user(&user("bo", Role::Agent), None).await.unwrap();
    for (of, team) in [("t", "support"), ("u", "billing")] {
        tx.open_ticket(Ticket { team: team.to_owned(), ..ticket(of) }).await.unwrap();
    }
    for (n, of) in ["t", "u", "t"].iter().enumerate() {
        let note = message(&format!("note-{n}"), of, agent(), MessageKind::Note);
        tx.insert_message(&note).await.unwrap();
        tx.insert_mention(&MentionId::new(format!("M{n}")), &note.id, &ada, NOW).await.unwrap();
    }
    let again = tx.insert_mention(&MentionId::new("M9"), &MessageId::new("note-0"), &ada, NOW).await;
    assert!(is_conflict(&again));
    tx.insert_mention(&MentionId::new("M3"), &MessageId::new("note-0"), &UserId::new("bo"), NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let ids = async |reader: &Principal, unread, before: Option<&str>, limit| {
        let before = before.map(MentionId::new);
        let list = db.store.list_mentions(reader, &ada, unread, before.as_ref(), limit).await.unwrap();
        list.iter().map(|mention| mention.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&staff(), OnlyUnread::No, None, 10).await, ["M2", "M1", "M0"]);
    assert_eq!(ids(&staff(), OnlyUnread::No, None, 2).await, ["M2", "M1"]);
    assert_eq!(ids(&staff(), OnlyUnread::No, Some("M1"), 2).await, ["M0"]);
    assert_eq!(ids(&staff_of(&["billing"]), OnlyUnread::No, None, 10).await, ["M1"]);
    assert!(ids(&visitor(), OnlyUnread::No, None, 10).await.is_empty());
    let all = db.store.list_mentions(&staff(), &ada, OnlyUnread::Yes, None, 10).await.unwrap();
    assert_eq!((all[0].ticket_number, all[0].ticket_subject.as_str()), (1, "Subject of t"));
    assert_eq!(all[0].message, message("note-2", "t", agent(), MessageKind::Note));

    let mut tx = db.store.begin().await.unwrap();
    let (m1, m3) = (MentionId::new("M1"), MentionId::new("M3"));
    assert!(tx.mark_mention(&ada, &m1, Some(NOW)).await.unwrap());
    assert!(!tx.mark_mention(&ada, &m3, Some(NOW)).await.unwrap(), "somebody else's");
    tx.commit().await.unwrap();
    assert_eq!(ids(&staff(), OnlyUnread::Yes, None, 10).await, ["M2", "M0"]);
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.mark_mention(&ada, &m1, None).await.unwrap());
    assert_eq!(tx.mark_mentions_up_to(&ada, &m1, NOW).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(ids(&staff(), OnlyUnread::Yes, None, 10).await, ["M2"]);
}

pub(crate) async fn html_of_a_message_is_kept_until_its_words_go(db: Arc<Database>) {
    let html = Some("<p>Body of <b>m</b></p>".to_owned());
    let written = Message { html, ..message("m", "t", agent(), MessageKind::Reply) };
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    tx.insert_message(&written).await.unwrap();
    tx.commit().await.unwrap();
    let read = async || db.store.list_messages(&staff(), &TicketId::new("t")).await.unwrap();
    assert_eq!(read().await, std::slice::from_ref(&written));
    let mut tx = db.store.begin().await.unwrap();
    tx.replace_message(&written.id, "gone").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read().await, [Message { body: "gone".to_owned(), html: None, ..written }]);
}
