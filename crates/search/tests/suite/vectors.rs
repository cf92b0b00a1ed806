//! What every vector index does: one suite, run on each of them.

use domain::{ArticleId, Audience, Locale, Readable};
use search::{IndexedText, SearchConfig, SearchEngine, SearchMode, SearchRequest, VectorsConfig};

use crate::library::{apply, article, config, embedder, found, put, query};

async fn suite(vectors: VectorsConfig) {
    let dir = tempfile::tempdir().unwrap();
    let engine = SearchEngine::open(SearchConfig { vectors, ..config(dir.path()) }, embedder()).unwrap();
    engine.clear().await.unwrap();
    let dense = |text: &str| SearchRequest { mode: SearchMode::Dense, limit: 2, ..query(text) };
    let mut secret = article("secret", "Refund limits", "Agents may refund up to a hundred euros.");
    secret.audience = Audience::Agents;
    let refunds = article("refunds", "Refunds", "Money comes back within a week.");
    let parcels = article("parcels", "Parcels", "A parcel needs three days.");
    let all = vec![put(secret), put(refunds), put(parcels.clone())];
    apply(&engine, all, 1).await.unwrap();

    assert!(found(&engine, &dense("a parcel needs three days")).await.starts_with("parcels"));
    assert!(found(&engine, &dense("refund limits for agents")).await.starts_with("secret"));
    let public = Readable::Only([Audience::Public].into());
    let asked = SearchRequest { readable: public, limit: 10, ..dense("refund limits for agents") };
    assert!(!found(&engine, &asked).await.contains("secret"));

    // Another version of the same article takes the place of the first.
    let again = article("parcels", "Letters", "A letter needs one day.");
    apply(&engine, vec![put(again)], 2).await.unwrap();
    assert!(found(&engine, &dense("a letter needs one day")).await.starts_with("parcels"));
    let old = engine.search(&dense("a parcel needs three days")).await.unwrap();
    let cosine = old.hits.iter().find(|hit| hit.slug == "parcels").and_then(|hit| hit.legs.dense_passage);
    assert!(cosine.is_none_or(|cosine| cosine < 0.9), "{cosine:?}");

    let gone = IndexedText::Remove { article_id: ArticleId::new("refunds"), locale: Locale::english() };
    apply(&engine, vec![gone], 3).await.unwrap();
    let asked = SearchRequest { limit: 10, ..dense("money comes back within a week") };
    assert!(!found(&engine, &asked).await.contains("refunds"));
    engine.clear().await.unwrap();
    assert_eq!(found(&engine, &dense("a letter needs one day")).await, "");
}

#[tokio::test]
async fn vectors_in_the_process() {
    suite(VectorsConfig::InProcess).await;
}

/// Runs where a server is at hand; there is no package that could start one.
#[tokio::test(flavor = "multi_thread")]
async fn vectors_in_qdrant() {
    let Ok(url) = std::env::var("ASKWELL_TEST_QDRANT_URL") else {
        eprintln!("skipped: ASKWELL_TEST_QDRANT_URL is not set");
        return;
    };
    suite(VectorsConfig::Qdrant { url, api_key: None, collection: "askwell-test".to_owned() }).await;
}
