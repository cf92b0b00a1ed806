//! Outbox, votes, searches and idempotency keys.

use std::sync::Arc;

use domain::{ArticleId, Audience, ConversationId, Event, Feedback, Timestamp};
use store::{IdempotentResponse, SearchClicks, SearchGap, VoteCounts};

use crate::{database::Database, fixture::*};

pub(crate) async fn events_are_numbered_in_commit_order(db: Arc<Database>) {
    let event = |id: &str| Event::TurnAdded { conversation_id: ConversationId::new(id) };
    for (id, kept) in [("one", true), ("undone", false), ("two", true)] {
        let mut tx = db.store.begin().await.unwrap();
        tx.emit(&event(id), NOW).await.unwrap();
        if kept {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
    }
    let entries = db.store.events_after(0, 10).await.unwrap();
    let seen: Vec<_> = entries.iter().map(|entry| (entry.seq, entry.event.clone(), entry.at)).collect();
    assert_eq!(seen, [(1, event("one"), NOW), (2, event("two"), NOW)]);
    assert_eq!(db.store.events_after(1, 10).await.unwrap().len(), 1);
    assert_eq!(db.store.events_after(0, 1).await.unwrap()[0].seq, 1);
    let ends =
        async || (db.store.oldest_event_seq().await.unwrap(), db.store.last_event_seq().await.unwrap());
    assert_eq!(ends().await, (Some(1), 2));
    let mut tx = db.store.begin().await.unwrap();
    tx.set_webhook_cursor(2).await.unwrap();
    assert_eq!(tx.delete_events_before(NOW).await.unwrap(), 0);
    assert_eq!(tx.delete_events_before(Timestamp(NOW.0 + 1)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(ends().await, (None, 2));
}

pub(crate) async fn votes_are_counted_over_versions(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en(), locale("de")]).await;
    let (english, german) = (translation("a", &en()), translation("a", &locale("de")));
    let versions = [version(&english, 1).id, version(&german, 1).id];
    let mut tx = db.store.begin().await.unwrap();
    for (i, feedback) in [Feedback::Helpful, Feedback::Unhelpful, Feedback::Helpful].into_iter().enumerate() {
        let reason = (feedback == Feedback::Unhelpful).then_some("out of date");
        tx.insert_vote(&format!("v{i}"), &versions[i % 2], feedback, reason, NOW).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_vote("v0", &versions[0], Feedback::Helpful, None, NOW).await));
    tx.commit().await.unwrap();
    let id = ArticleId::new("a");
    let counts = VoteCounts { n_helpful: 2, n_unhelpful: 1 };
    assert_eq!(db.store.count_votes(&staff(), &id).await.unwrap(), counts);
    assert_eq!(db.store.count_votes(&visitor(), &id).await.unwrap(), VoteCounts::default());
}

pub(crate) async fn searches_without_hits_are_the_gaps(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    for (id, query, n_hits, at) in [
        ("s1", "found", 3, NOW),
        ("s2", "rare", 0, NOW),
        ("s3", "wanted", 0, NOW),
        ("s4", "wanted", 0, NOW),
        ("s5", "long ago", 0, Timestamp(0)),
    ] {
        tx.insert_search(id, query, &en(), n_hits, at).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_search("s1", "again", &en(), 0, NOW).await));
    tx.commit().await.unwrap();
    let gap = |query: &str, n_searches| SearchGap { query: query.to_owned(), locale: en(), n_searches };
    let gaps = db.store.list_search_gaps(&staff(), NOW, 10).await.unwrap();
    assert_eq!(gaps, [gap("wanted", 2), gap("rare", 1)]);
    assert_eq!(db.store.list_search_gaps(&staff(), NOW, 1).await.unwrap().len(), 1);
    assert!(db.store.list_search_gaps(&visitor(), NOW, 10).await.unwrap().is_empty());
}

pub(crate) async fn searches_that_led_to_an_article_are_counted(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    publish(&db.store, &article("b", Audience::Public), &[en()]).await;
    let id = ArticleId::new("a");
    let mut tx = db.store.begin().await.unwrap();
    for (n, query) in ["Lost key", "lost KEY", "once"].into_iter().enumerate() {
        tx.insert_search(&format!("c{n}"), query, &en(), 1, NOW).await.unwrap();
        tx.set_search_click(&format!("c{n}"), &id).await.unwrap();
    }
    tx.set_search_click("c0", &ArticleId::new("b")).await.unwrap();
    tx.set_search_click("never", &id).await.unwrap();
    tx.commit().await.unwrap();
    let clicks = |query: &str, n_clicks| SearchClicks {
        query: query.to_owned(),
        locale: en(),
        article_id: id.clone(),
        n_clicks,
    };
    let all = db.store.list_search_clicks(&staff(), NOW, 10).await.unwrap();
    assert_eq!(all, [clicks("lost key", 2), clicks("once", 1)], "the first click counts");
    assert_eq!(db.store.list_search_clicks(&staff(), NOW, 1).await.unwrap().len(), 1);
    assert!(db.store.list_search_clicks(&staff(), Timestamp(NOW.0 + 1), 10).await.unwrap().is_empty());
    assert!(db.store.list_search_clicks(&visitor(), NOW, 10).await.unwrap().is_empty());
}

pub(crate) async fn an_idempotency_key_has_one_response(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_idempotent("ada", "key", "hash", "first", NOW).await.unwrap();
    tx.insert_idempotent("bo", "key", "hash", "other", NOW).await.unwrap();
    assert!(is_conflict(&tx.insert_idempotent("ada", "key", "hash", "second", NOW).await));
    tx.commit().await.unwrap();
    let found = db.store.find_idempotent("ada", "key").await.unwrap();
    let first = IdempotentResponse { request_hash: "hash".to_owned(), response: "first".to_owned() };
    assert_eq!(found, Some(first));
    assert_eq!(db.store.find_idempotent("ada", "other").await.unwrap(), None);
    let mut tx = db.store.begin().await.unwrap();
    tx.set_idempotent_response("ada", "key", "later").await.unwrap();
    assert!(is_not_found(&tx.set_idempotent_response("ada", "other", "x").await));
    tx.delete_idempotent("bo", "key").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_idempotent("ada", "key").await.unwrap().unwrap().response, "later");
    assert_eq!(db.store.find_idempotent("bo", "key").await.unwrap(), None);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.delete_idempotent_before(NOW).await.unwrap(), 0);
    assert_eq!(tx.delete_idempotent_before(Timestamp(NOW.0 + 1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_idempotent("ada", "key").await.unwrap(), None);
}
