//! Articles, collections, addresses and working texts.

use std::sync::Arc;

use domain::{ArticleId, Audience, CollectionId, Principal, PublicationState, Scope, Timestamp};
use store::ArticleFilter;

use crate::{database::Database, fixture::*};

pub(crate) async fn articles_are_found_by_id_slug_and_external_id(db: Arc<Database>) {
    let written = article("a", Audience::Agents);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&written).await.unwrap();
    assert_eq!(tx.article(&written.id).await.unwrap().as_ref(), Some(&written));
    assert_eq!(tx.article_by_slug("slug-a").await.unwrap().as_ref(), Some(&written));
    assert_eq!(tx.article_by_external_id("external-a").await.unwrap().as_ref(), Some(&written));
    assert_eq!(tx.article_by_external_id("external-b").await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_article(&staff(), &written.id).await.unwrap().as_ref(), Some(&written));
    assert_eq!(db.store.find_article_by_slug(&staff(), "slug-a").await.unwrap().as_ref(), Some(&written));
    let found = db.store.find_article_by_external_id(&staff(), "external-a").await.unwrap();
    assert_eq!(found.as_ref(), Some(&written));
    assert_eq!(db.store.find_article_by_external_id(&visitor(), "external-a").await.unwrap(), None);
}

pub(crate) async fn readers_find_only_what_is_published_for_them(db: Arc<Database>) {
    let audiences = [
        ("public", Audience::Public),
        ("signed-in", Audience::SignedIn),
        ("gold", Audience::Segment("gold".to_owned())),
        ("agents", Audience::Agents),
    ];
    for (id, audience) in &audiences {
        publish(&db.store, &article(id, audience.clone()), &[en()]).await;
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("draft", Audience::Public)).await.unwrap();
    tx.insert_translation(&translation("draft", &en())).await.unwrap();
    tx.commit().await.unwrap();

    for (reader, expected) in [
        (visitor(), vec!["public"]),
        (key_with(&[Scope::TicketsRead]), vec!["public"]),
        (customer("cy", &[]), vec!["public", "signed-in"]),
        (customer("cy", &["gold", "new"]), vec!["public", "signed-in", "gold"]),
        (staff(), vec!["public", "signed-in", "gold", "agents", "draft"]),
        (key_with(&[Scope::KbRead]), vec!["public", "signed-in", "gold", "agents", "draft"]),
        (Principal::System, vec!["public", "signed-in", "gold", "agents", "draft"]),
    ] {
        for id in ["public", "signed-in", "gold", "agents", "draft"] {
            let readable = expected.contains(&id);
            let article_id = ArticleId::new(id);
            let by_id = db.store.find_article(&reader, &article_id).await.unwrap();
            assert_eq!(by_id.is_some(), readable, "{id} for {reader:?}");
            let by_slug = db.store.find_article_by_slug(&reader, &format!("slug-{id}")).await.unwrap();
            assert_eq!(by_slug.is_some(), readable, "{id} for {reader:?}");
            let published = readable && id != "draft";
            let version = db.store.published_version(&reader, &article_id, &en()).await.unwrap();
            assert_eq!(version.is_some(), published, "{id} for {reader:?}");
            let locales = db.store.published_locales(&reader, &article_id).await.unwrap();
            assert_eq!(!locales.is_empty(), published, "{id} for {reader:?}");
            let version_id = version_id(id);
            let found = db.store.find_version(&reader, &version_id).await.unwrap();
            assert_eq!(found.is_some(), published, "{id} for {reader:?}");
            let passages = db.store.passages_of(&reader, &version_id).await.unwrap();
            assert_eq!(!passages.is_empty(), published, "{id} for {reader:?}");
            let readable_now = db.store.readable_versions(&reader, &[version_id]).await.unwrap();
            assert_eq!(!readable_now.is_empty(), published, "{id} for {reader:?}");
        }
    }
}

fn version_id(article_id: &str) -> domain::VersionId {
    version(&translation(article_id, &en()), 1).id
}

pub(crate) async fn an_address_or_external_id_is_taken_once(db: Arc<Database>) {
    let first = article("a", Audience::Public);
    let second = article("b", Audience::Public);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&first).await.unwrap();
    tx.insert_article(&second).await.unwrap();
    for changed in [
        domain::Article { slug: first.slug.clone(), ..second.clone() },
        domain::Article { external_id: first.external_id.clone(), ..second.clone() },
    ] {
        assert!(is_conflict(&tx.update_article(&changed).await));
        let another = domain::Article { id: ArticleId::new("c"), ..changed };
        assert!(is_conflict(&tx.insert_article(&another).await));
    }
    for id in ["c", "d"] {
        let without_external = domain::Article { external_id: None, ..article(id, Audience::Public) };
        tx.insert_article(&without_external).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) async fn old_addresses_lead_to_the_article(db: Arc<Database>) {
    let open = article("a", Audience::Public);
    let secret = article("b", Audience::Agents);
    publish(&db.store, &open, &[en()]).await;
    publish(&db.store, &secret, &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_redirect("old-a", &open.id).await.unwrap();
    tx.insert_redirect("old-b", &secret.id).await.unwrap();
    assert!(!tx.slug_exists("old-a").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_redirect(&visitor(), "old-a").await.unwrap().as_deref(), Some("slug-a"));
    assert_eq!(db.store.find_redirect(&visitor(), "old-b").await.unwrap(), None);
    assert_eq!(db.store.find_redirect(&staff(), "old-b").await.unwrap().as_deref(), Some("slug-b"));
    assert_eq!(db.store.find_redirect(&visitor(), "never").await.unwrap(), None);

    // Back to the old address: the redirect would lead to itself.
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_redirect("slug-a", &open.id).await.unwrap();
    tx.update_article(&domain::Article { slug: "old-a".to_owned(), ..open }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_redirect(&visitor(), "old-a").await.unwrap(), None);
    assert_eq!(db.store.find_redirect(&visitor(), "slug-a").await.unwrap().as_deref(), Some("old-a"));
}

pub(crate) async fn collections_count_what_the_reader_may_read(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for shelf in [collection("b", 1), collection("a", 1), collection("z", 0)] {
        tx.insert_collection(&shelf).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_collection(&collection("a", 3)).await));
    assert_eq!(tx.collection_by_slug("shelf-a").await.unwrap(), Some(collection("a", 1)));
    assert_eq!(tx.collection_by_slug("shelf-x").await.unwrap(), None);
    tx.commit().await.unwrap();
    for (id, audience) in [("one", Audience::Public), ("two", Audience::Agents)] {
        let on_shelf =
            domain::Article { collection_id: Some(CollectionId::new("a")), ..article(id, audience) };
        publish(&db.store, &on_shelf, &[en(), locale("de")]).await;
    }
    let counts = |reader: Principal| {
        let db = db.clone();
        async move {
            let shelves = db.store.list_collections(&reader).await.unwrap();
            shelves.into_iter().map(|(shelf, n)| format!("{} {n}", shelf.id)).collect::<Vec<_>>()
        }
    };
    assert_eq!(counts(visitor()).await, ["z 0", "a 1", "b 0"]);
    assert_eq!(counts(staff()).await, ["z 0", "a 2", "b 0"]);

    let renamed = domain::Collection { title: "Renamed".to_owned(), position: 9, ..collection("a", 1) };
    let mut tx = db.store.begin().await.unwrap();
    tx.update_collection(&renamed).await.unwrap();
    assert!(is_not_found(&tx.update_collection(&collection("x", 0)).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_collection(&renamed.id).await.unwrap().as_ref(), Some(&renamed));
    assert_eq!(db.store.find_collection_by_slug("shelf-a").await.unwrap(), Some(renamed));
    assert_eq!(db.store.find_collection_by_slug("shelf-x").await.unwrap(), None);
}

pub(crate) async fn a_page_of_articles_never_splits_one(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_collection(&collection("shelf", 0)).await.unwrap();
    for id in ["a", "b", "c"] {
        let on_shelf = domain::Article {
            collection_id: (id == "c").then(|| CollectionId::new("shelf")),
            ..article(id, Audience::Agents)
        };
        tx.insert_article(&on_shelf).await.unwrap();
        tx.insert_translation(&translation(id, &en())).await.unwrap();
        if id != "b" {
            tx.insert_translation(&translation(id, &locale("de"))).await.unwrap();
        }
    }
    let live = version(&translation("a", &locale("de")), 1);
    tx.publish(&live, &[], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let list = |filter: ArticleFilter, reader: Principal| {
        let db = db.clone();
        async move {
            let rows = db.store.list_articles(&reader, &filter).await.unwrap();
            rows.iter()
                .map(|row| {
                    assert_eq!(row.article.id, row.translation.article_id);
                    format!("{} {}", row.article.id, row.translation.locale)
                })
                .collect::<Vec<_>>()
        }
    };
    let all = ArticleFilter { limit: 2, ..ArticleFilter::default() };
    assert_eq!(list(all.clone(), staff()).await, ["a de", "a en", "b en"]);
    let after = ArticleFilter { after: Some("b".to_owned()), ..all.clone() };
    assert_eq!(list(after, staff()).await, ["c de", "c en"]);
    let german = ArticleFilter { locale: Some(locale("de")), ..all.clone() };
    assert_eq!(list(german, staff()).await, ["a de", "c de"]);
    let drafts = ArticleFilter { state: Some(PublicationState::Draft), ..all.clone() };
    assert_eq!(list(drafts, staff()).await, ["a en", "b en"]);
    let shelf = ArticleFilter { collection: Some(CollectionId::new("shelf")), ..all.clone() };
    assert_eq!(list(shelf, staff()).await, ["c de", "c en"]);
    assert!(list(all, visitor()).await.is_empty());
}

pub(crate) async fn links_are_in_order_and_only_of_the_locale(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_collection(&collection("shelf", 0)).await.unwrap();
    tx.commit().await.unwrap();
    for (id, position, audience, locales) in [
        ("b", 1, Audience::Public, vec![en()]),
        ("a", 1, Audience::Public, vec![en(), locale("de")]),
        ("first", 0, Audience::SignedIn, vec![en()]),
    ] {
        let on_shelf = domain::Article {
            position,
            collection_id: Some(CollectionId::new("shelf")),
            ..article(id, audience)
        };
        publish(&db.store, &on_shelf, &locales).await;
    }
    publish(&db.store, &article("loose", Audience::Public), &[en()]).await;
    let shelf = CollectionId::new("shelf");
    let links = |reader: Principal, shelf: Option<CollectionId>, tag: &'static str| {
        let db = db.clone();
        async move {
            let links = db.store.list_links(&reader, shelf.as_ref(), &locale(tag)).await.unwrap();
            links.into_iter().map(|(slug, _)| slug).collect::<Vec<_>>()
        }
    };
    assert_eq!(links(visitor(), Some(shelf.clone()), "en").await, ["slug-a", "slug-b"]);
    assert_eq!(links(visitor(), Some(shelf.clone()), "de").await, ["slug-a"]);
    let signed_in = customer("cy", &[]);
    assert_eq!(links(signed_in, Some(shelf), "en").await, ["slug-first", "slug-a", "slug-b"]);
    assert_eq!(links(visitor(), None, "en").await, ["slug-loose", "slug-a", "slug-b"]);
}

pub(crate) async fn order_is_by_bytes_whatever_the_server_speaks(db: Arc<Database>) {
    for id in ["a", "B", "ä", "C", "b"] {
        publish(&db.store, &article(id, Audience::Public), &[en()]).await;
    }
    let links = db.store.list_links(&visitor(), None, &en()).await.unwrap();
    let order: Vec<_> = links.iter().map(|(slug, _)| slug.as_str()).collect();
    assert_eq!(order, ["slug-B", "slug-C", "slug-a", "slug-b", "slug-ä"]);
    let page = db.store.list_published(Some(&version_id("C")), 10).await.unwrap();
    assert_eq!(page.iter().map(|text| text.article.id.as_str()).collect::<Vec<_>>(), ["a", "b", "ä"]);
}

pub(crate) async fn working_texts_are_for_the_team(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let id = ArticleId::new("a");
    let mut tx = db.store.begin().await.unwrap();
    let mut working = tx.translation(&id, &en()).await.unwrap().unwrap();
    working.body = "Not for readers yet.".to_owned();
    working.revision = 2;
    working.source_hash = Some("hash".to_owned());
    tx.update_translation(&working).await.unwrap();
    assert!(is_conflict(&tx.insert_translation(&working).await));
    tx.commit().await.unwrap();
    assert_eq!(working.state, PublicationState::Published);
    assert_eq!(db.store.find_translation(&staff(), &id, &en()).await.unwrap().as_ref(), Some(&working));
    assert_eq!(db.store.list_translations(&staff(), &id).await.unwrap(), [working]);
    assert_eq!(db.store.find_translation(&visitor(), &id, &en()).await.unwrap(), None);
    assert!(db.store.list_translations(&visitor(), &id).await.unwrap().is_empty());
    let read = db.store.published_version(&visitor(), &id, &en()).await.unwrap().unwrap();
    assert_eq!(read.body, "Body of a in en.");
}

pub(crate) async fn a_changed_article_or_text_must_exist(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.update_article(&article("x", Audience::Public)).await));
    assert!(is_not_found(&tx.set_audience(&ArticleId::new("x"), &Audience::Public, Timestamp(1)).await));
    assert!(is_not_found(&tx.update_translation(&translation("x", &en())).await));
    assert_eq!(tx.translation(&ArticleId::new("x"), &en()).await.unwrap(), None);
}
