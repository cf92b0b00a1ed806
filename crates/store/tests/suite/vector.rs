//! Vectors by model and text.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::database::Database;

fn vectors(n: usize) -> Vec<(String, Vec<f32>)> {
    (0..n).map(|i| (format!("{i:064x}"), vec![i as f32, -0.5, f32::MIN_POSITIVE, 1.0 / 3.0])).collect()
}

async fn insert(db: &Database, model_id: &str, vectors: &[(String, Vec<f32>)]) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_vectors(model_id, vectors).await.unwrap();
    tx.commit().await.unwrap();
}

async fn read(db: &Database, model_id: &str, stored: &[(String, Vec<f32>)]) -> HashMap<String, Vec<f32>> {
    let hashes: Vec<String> = stored.iter().map(|(hash, _)| hash.clone()).collect();
    db.store.vectors_of(model_id, &hashes).await.unwrap()
}

pub(crate) async fn vectors_are_stored_by_model_and_text(db: Arc<Database>) {
    let stored = vectors(3);
    insert(&db, "small", &stored).await;
    insert(&db, "large", &[(stored[0].0.clone(), vec![9.0])]).await;
    // The text says what the vector is: storing it again changes nothing.
    insert(&db, "small", &[(stored[0].0.clone(), vec![7.0])]).await;
    let hashes: Vec<String> =
        stored.iter().map(|(hash, _)| hash.clone()).chain(["none".to_owned()]).collect();
    let small = db.store.vectors_of("small", &hashes).await.unwrap();
    assert_eq!(small, stored.into_iter().collect());
    assert_eq!(db.store.vectors_of("large", &hashes).await.unwrap().len(), 1);
    assert!(db.store.vectors_of("small", &[]).await.unwrap().is_empty());
}

pub(crate) async fn many_vectors_are_read_at_once(db: Arc<Database>) {
    let stored = vectors(531);
    insert(&db, "small", &stored).await;
    assert_eq!(read(&db, "small", &stored).await, stored.into_iter().collect());
}

pub(crate) async fn unused_vectors_are_deleted(db: Arc<Database>) {
    let stored = vectors(10);
    insert(&db, "small", &stored).await;
    insert(&db, "large", &stored).await;
    let used: HashSet<String> = stored[..4].iter().map(|(hash, _)| hash.clone()).collect();
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.delete_unused_vectors("small", &used).await.unwrap(), 6);
    tx.commit().await.unwrap();
    let left = read(&db, "small", &stored).await;
    assert_eq!(left.into_keys().collect::<HashSet<_>>(), used);
    assert_eq!(read(&db, "large", &stored).await.len(), 10);
}
