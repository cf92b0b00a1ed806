//! Publishing, withdrawing, and what indexes follow.

use std::sync::Arc;

use domain::{Article, ArticleId, Audience, CollectionId, Event, PublicationState, Timestamp};

use crate::{database::Database, fixture::*};

const LATER: Timestamp = Timestamp(NOW.0 + 1);

pub(crate) async fn publishing_replaces_what_readers_see(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let id = ArticleId::new("a");
    let first = version(&translation("a", &en()), 1);
    assert_eq!(db.store.published_version(&visitor(), &id, &en()).await.unwrap().as_ref(), Some(&first));
    assert_eq!(db.store.passages_of(&visitor(), &first.id).await.unwrap(), passages(&first, 2));

    let mut second = version(&translation("a", &en()), 2);
    second.body = "Says something else.".to_owned();
    let many = passages(&second, 19);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.latest_version(&id, &en()).await.unwrap().as_ref(), Some(&first));
    tx.publish(&second, &many, LATER).await.unwrap();
    assert_eq!(tx.latest_version(&id, &en()).await.unwrap().as_ref(), Some(&second));
    tx.commit().await.unwrap();

    assert_eq!(db.store.published_version(&visitor(), &id, &en()).await.unwrap().as_ref(), Some(&second));
    assert_eq!(db.store.passages_of(&visitor(), &second.id).await.unwrap(), many);
    assert_eq!(db.store.find_version(&visitor(), &first.id).await.unwrap(), None);
    assert_eq!(db.store.find_version(&staff(), &first.id).await.unwrap().as_ref(), Some(&first));
    assert!(db.store.passages_of(&staff(), &first.id).await.unwrap().is_empty());
    assert_eq!(db.store.list_versions(&staff(), &id, &en()).await.unwrap(), [second.clone(), first.clone()]);
    assert!(db.store.list_versions(&visitor(), &id, &en()).await.unwrap().is_empty());
    let ids = [first.id, second.id.clone()];
    let readable = db.store.readable_versions(&visitor(), &ids).await.unwrap();
    assert_eq!(readable.into_iter().collect::<Vec<_>>(), [second.id]);
    assert_eq!(db.store.find_article(&staff(), &id).await.unwrap().unwrap().updated_at, LATER);
}

pub(crate) async fn publishing_writes_change_log_and_outbox(db: Arc<Database>) {
    assert_eq!(db.store.last_change_seq().await.unwrap(), 0);
    publish(&db.store, &article("a", Audience::Public), &[en(), locale("de")]).await;
    let id = ArticleId::new("a");
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.touch_published(&id, LATER).await.unwrap(), 2);
    assert_eq!(tx.unpublish(&id, &en(), LATER).await.unwrap(), Some(5));
    assert_eq!(tx.unpublish(&id, &en(), LATER).await.unwrap(), None);
    tx.commit().await.unwrap();
    let changes = db.store.changes_after(0, 100).await.unwrap();
    let seen: Vec<_> = changes.iter().map(|c| format!("{} {} {}", c.seq, c.article_id, c.locale)).collect();
    assert_eq!(seen, ["1 a en", "2 a de", "3 a de", "4 a en", "5 a en"]);
    assert_eq!((changes[0].at, changes[4].at), (NOW, LATER));
    assert_eq!(db.store.last_change_seq().await.unwrap(), 5);
    assert_eq!(db.store.changes_after(3, 1).await.unwrap()[0].seq, 4);
    assert!(db.store.changes_after(5, 100).await.unwrap().is_empty());
    let events: Vec<_> = db.store.events_after(0, 100).await.unwrap().into_iter().map(|e| e.event).collect();
    let published = |locale| Event::ArticlePublished { article_id: id.clone(), locale };
    let gone = Event::ArticleUnpublished { article_id: id.clone(), locale: en() };
    assert_eq!(events, [published(en()), published(locale("de")), gone]);
}

pub(crate) async fn withdrawn_texts_are_gone_from_the_next_read(db: Arc<Database>) {
    for (id, end) in [("a", PublicationState::Draft), ("b", PublicationState::Archived)] {
        publish(&db.store, &article(id, Audience::Public), &[en()]).await;
        let article_id = ArticleId::new(id);
        let mut tx = db.store.begin().await.unwrap();
        let seq = match end {
            PublicationState::Archived => tx.archive(&article_id, &en(), LATER).await.unwrap(),
            _ => tx.unpublish(&article_id, &en(), LATER).await.unwrap(),
        };
        tx.commit().await.unwrap();
        assert_eq!(seq, Some(db.store.last_change_seq().await.unwrap()));
        assert_eq!(db.store.find_article(&visitor(), &article_id).await.unwrap(), None);
        assert_eq!(db.store.published(&article_id, &en()).await.unwrap(), None);
        let working = db.store.find_translation(&staff(), &article_id, &en()).await.unwrap().unwrap();
        assert_eq!((working.state, working.published_version), (end, None));
    }
    assert!(db.store.list_published(None, 10).await.unwrap().is_empty());
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.archive(&ArticleId::new("a"), &en(), LATER).await.unwrap(), None);
    assert_eq!(tx.archive(&ArticleId::new("b"), &en(), LATER).await.unwrap(), None);
    assert!(is_not_found(&tx.unpublish(&ArticleId::new("x"), &en(), LATER).await));
    tx.commit().await.unwrap();
}

pub(crate) async fn a_restriction_holds_from_the_next_read(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en(), locale("de")]).await;
    let versions = [version(&translation("a", &en()), 1).id, version(&translation("a", &locale("de")), 1).id];
    assert_eq!(db.store.readable_versions(&visitor(), &versions).await.unwrap().len(), 2);
    let mut tx = db.store.begin().await.unwrap();
    tx.set_audience(&ArticleId::new("a"), &Audience::Agents, LATER).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.readable_versions(&visitor(), &versions).await.unwrap().is_empty());
    assert_eq!(db.store.readable_versions(&staff(), &versions).await.unwrap().len(), 2);
    assert!(db.store.readable_versions(&staff(), &[]).await.unwrap().is_empty());
    assert_eq!(db.store.find_version(&visitor(), &versions[0]).await.unwrap(), None);
    assert_eq!(db.store.changes_after(2, 10).await.unwrap().len(), 2);
}

pub(crate) async fn publishing_needs_a_text_and_a_new_number(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("a", Audience::Public)).await.unwrap();
    let first = version(&translation("a", &en()), 1);
    assert!(is_not_found(&tx.publish(&first, &[], NOW).await));
    tx.rollback().await.unwrap();
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.publish(&first, &[], NOW).await));
}

pub(crate) async fn published_texts_come_whole_and_in_pages(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_collection(&collection("shelf", 0)).await.unwrap();
    tx.commit().await.unwrap();
    let shelved = Article {
        collection_id: Some(CollectionId::new("shelf")),
        ..article("b", Audience::Segment("gold".to_owned()))
    };
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    publish(&db.store, &shelved, &[en(), locale("de")]).await;
    publish(&db.store, &article("c", Audience::Agents), &[en()]).await;

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = db.store.list_published(after.as_ref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.version.id.clone());
        pages.push(page);
    }
    let ids: Vec<Vec<_>> =
        pages.iter().map(|page| page.iter().map(|text| text.version.id.as_str()).collect()).collect();
    assert_eq!(ids, [vec!["a-en-1", "b-de-1", "b-en-1"], vec!["c-en-1"]]);
    for text in pages.iter().flatten() {
        assert_eq!(text.passages, passages(&text.version, 2));
        assert_eq!(text.collection.is_some(), text.article.id == shelved.id);
        let one = db.store.published(&text.article.id, &text.version.locale).await.unwrap();
        assert_eq!(one.as_ref(), Some(text));
    }
    assert_eq!(pages[0][2].collection, Some(collection("shelf", 0)));
    assert_eq!(pages[0][2].article.audience, shelved.audience);
}

pub(crate) async fn text_of_every_script_survives(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    let written = Article { slug: "退款-счёт".to_owned(), ..article("a", Audience::Public) };
    let mut text = translation("a", &locale("zh-Hant-TW"));
    text.title = "退款政策 – \"quoted\" 'single' \\ $1 % _ ;--".to_owned();
    text.body = "مرحبا 👩‍👩‍👧 \u{301}\u{200b}\r\n\ttab".to_owned();
    tx.insert_article(&written).await.unwrap();
    tx.insert_translation(&text).await.unwrap();
    let live = version(&text, 1);
    tx.publish(&live, &[], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.find_article_by_slug(&visitor(), "退款-счёт").await.unwrap().is_some());
    let found = db.store.published_version(&visitor(), &written.id, &text.locale).await.unwrap();
    assert_eq!(found, Some(live));
}
