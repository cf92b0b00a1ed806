//! What is left after the process has ended.

use search::{SearchConfig, SearchEngine, SearchError, SearchMode, SearchRequest};

use crate::library::{apply, article, config, embedder, found, put, query, vectors_of, words_only};

fn changes() -> Vec<search::IndexedText> {
    vec![
        put(article("a", "Reset your password", "Choose Forgot password.\n\nWait for the mail.")),
        put(article("b", "Shipping", "Parcels need three days.")),
    ]
}

#[tokio::test]
async fn an_index_is_opened_as_it_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let open = || SearchEngine::open(config(dir.path()), embedder()).unwrap();
    let engine = open();
    apply(&engine, changes(), 7).await.unwrap();
    let before = engine.search(&query("forgot my password")).await.unwrap();
    drop(engine);

    let engine = open();
    assert_eq!((engine.seq(), engine.n_articles(), engine.n_passages()), (7, 2, 3));
    let missing = engine.vectors_to_restore();
    assert_eq!(missing.iter().map(|article| article.hashes.len()).sum::<usize>(), 5);
    assert!(found(&engine, &words_only("password")).await.starts_with('a'));
    let vectors = vectors_of(&engine, &changes()).await;
    for articles in missing.chunks(1) {
        engine.restore_vectors(articles, &vectors).await.unwrap();
    }
    assert_eq!(engine.search(&query("forgot my password")).await.unwrap(), before);
    let expected: Vec<_> = changes()
        .into_iter()
        .filter_map(|change| match change {
            search::IndexedText::Put(text) => Some(*text),
            search::IndexedText::Remove { .. } => None,
        })
        .collect();
    let report = engine.verify(&expected).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(!engine.verify(&expected[..1]).await.unwrap().is_clean());
}

#[tokio::test]
async fn what_was_not_committed_is_as_if_it_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let engine = SearchEngine::open(config(dir.path()), embedder()).unwrap();
    apply(&engine, changes(), 7).await.unwrap();
    // A vector of the wrong length: the change is refused.
    let change = vec![put(article("c", "Third", "A third article."))];
    let texts = engine.vector_texts(&change[0]);
    let wrong = texts.into_iter().map(|text| (text.hash, vec![1.0; 3])).collect();
    assert!(matches!(engine.apply(change.clone(), &wrong, 8).await, Err(SearchError::Vectors(_))));
    assert_eq!(engine.seq(), 7);
    assert_eq!(found(&engine, &words_only("third")).await, "");
    apply(&engine, change, 8).await.unwrap();
    assert_eq!((engine.seq(), engine.n_articles()), (8, 3));
    assert_eq!(found(&engine, &words_only("third")).await, "c");
}

#[tokio::test]
async fn another_model_or_an_emptied_index_starts_over() {
    let dir = tempfile::tempdir().unwrap();
    let engine = SearchEngine::open(config(dir.path()), embedder()).unwrap();
    apply(&engine, changes(), 7).await.unwrap();
    engine.clear().await.unwrap();
    assert_eq!((engine.seq(), engine.n_articles(), engine.n_passages()), (0, 0, 0));
    for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Dense] {
        assert_eq!(found(&engine, &SearchRequest { mode, ..query("password") }).await, "");
    }
    apply(&engine, changes(), 9).await.unwrap();
    assert!(found(&engine, &query("password")).await.starts_with('a'));
    drop(engine);
    let engine = SearchEngine::open(config(dir.path()), embedder()).unwrap();
    assert_eq!(engine.seq(), 9);
}

#[tokio::test]
async fn a_second_process_is_refused_and_may_read() {
    let dir = tempfile::tempdir().unwrap();
    let engine = SearchEngine::open(config(dir.path()), embedder()).unwrap();
    apply(&engine, changes(), 7).await.unwrap();
    let second = SearchEngine::open(config(dir.path()), embedder());
    assert!(matches!(second.err(), Some(SearchError::Locked(_))));
    let reader = SearchEngine::open_read_only(SearchConfig { ..config(dir.path()) }, embedder()).unwrap();
    assert!(found(&reader, &words_only("password")).await.starts_with('a'));
    assert!(matches!(apply(&reader, changes(), 8).await, Err(SearchError::ReadOnly)));
    assert!(found(&engine, &words_only("password")).await.starts_with('a'));
}
