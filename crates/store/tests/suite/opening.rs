//! Opening, migrating, committing, backing up.

use std::sync::Arc;

use domain::Audience;
use store::{Store, StoreError, sqlite_url};

use crate::{
    database::{Database, execute},
    fixture::*,
};

pub(crate) async fn opening_again_keeps_everything(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    db.store.close().await;
    assert!(db.store.ping().await.is_err());
    let again = Store::open(&db.url).await.unwrap();
    again.ping().await.unwrap();
    assert_eq!(again.find_article_by_slug(&visitor(), "slug-a").await.unwrap().unwrap().id.as_str(), "a");
    assert_eq!(again.last_change_seq().await.unwrap(), 1);
}

pub(crate) async fn opening_at_the_same_time_migrates_once(db: Arc<Database>) {
    let url = if db.url.starts_with("sqlite") {
        sqlite_url(&db.dir.path().join("fresh.db"))
    } else {
        execute(&db.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        db.url.clone()
    };
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap().ping().await.unwrap();
    }
}

pub(crate) async fn a_newer_schema_is_refused_and_left_alone(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    execute(&db.url, "INSERT INTO schema_version (version) VALUES (999)").await;
    let refused = Store::open(&db.url).await;
    assert!(matches!(refused, Err(StoreError::NewerSchema { found: 999, .. })), "{refused:?}");
    execute(&db.url, "DELETE FROM schema_version WHERE version = 999").await;
    let store = Store::open(&db.url).await.unwrap();
    assert!(store.find_article_by_slug(&visitor(), "slug-a").await.unwrap().is_some());
}

pub(crate) async fn an_address_of_another_kind_is_refused(db: Arc<Database>) {
    assert!(matches!(Store::open("mysql://localhost/askwell").await, Err(StoreError::Unsupported(_))));
    let odd = db.dir.path().join("a b%?#é.db");
    Store::open(&sqlite_url(&odd)).await.unwrap().ping().await.unwrap();
    assert!(odd.exists());
    let folder = sqlite_url(&db.dir.path().join("missing").join("askwell.db"));
    assert!(Store::open(&folder).await.is_err());
}

pub(crate) async fn what_is_not_committed_never_happened(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("rolled-back", Audience::Public)).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("dropped", Audience::Public)).await.unwrap();
    drop(tx);
    let mut tx = db.store.begin().await.unwrap();
    for slug in ["slug-rolled-back", "slug-dropped"] {
        assert!(!tx.slug_exists(slug).await.unwrap(), "{slug}");
    }
    tx.insert_article(&article("kept", Audience::Public)).await.unwrap();
    assert!(tx.slug_exists("slug-kept").await.unwrap());
    let before = db.store.find_article(&staff(), &article("kept", Audience::Public).id).await.unwrap();
    assert_eq!(before, None, "readers see committed data only");
    tx.commit().await.unwrap();
    assert!(db.store.find_article(&staff(), &article("kept", Audience::Public).id).await.unwrap().is_some());
}

pub(crate) async fn a_conflict_leaves_the_transaction_usable(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("a", Audience::Public)).await.unwrap();
    assert!(is_conflict(&tx.insert_article(&article("a", Audience::Public)).await));
    tx.insert_article(&article("b", Audience::Public)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.find_article(&staff(), &article("b", Audience::Public).id).await.unwrap().is_some());
}

pub(crate) async fn a_backup_is_a_database_of_its_own(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let target = db.dir.path().join("backup.db");
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("unfinished", Audience::Public)).await.unwrap();
    let done = db.store.backup_to(&target).await;
    if db.url.starts_with("postgres") {
        assert!(matches!(done, Err(StoreError::Unsupported(_))), "{done:?}");
        return;
    }
    done.unwrap();
    tx.commit().await.unwrap();
    assert!(is_conflict(&db.store.backup_to(&target).await));
    let copy = Store::open(&sqlite_url(&target)).await.unwrap();
    assert_eq!(
        copy.find_article_by_slug(&visitor(), "slug-a").await.unwrap(),
        db.store.find_article_by_slug(&visitor(), "slug-a").await.unwrap()
    );
    assert_eq!(copy.find_article_by_slug(&staff(), "slug-unfinished").await.unwrap(), None);
}
