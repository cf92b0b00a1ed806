//! Articles and engines for tests.

use std::{collections::HashMap, path::Path, sync::Arc};

use domain::{
    ArticleId, Audience, Hits, Locale, Passage, PassageId, Readable, Segment, SegmentKind, VersionId,
};
use embed::{EmbedderHandle, HashEmbedder};
use search::{
    ArticleText, IndexedText, SearchConfig, SearchEngine, SearchError, SearchMode, SearchRequest,
    VectorsConfig,
};

/// A public English article; each paragraph of the body is a passage.
pub(crate) fn article(id: &str, title: &str, body: &str) -> ArticleText {
    let version_id = VersionId::new(format!("{id}-v1"));
    let mut passages = Vec::new();
    let mut start = 0;
    for (ordinal, text) in (0_u32..).zip(body.split("\n\n")) {
        let anchor = format!("p{ordinal}");
        let end = start + text.len();
        let segment = Segment {
            kind: SegmentKind::Sentence,
            anchor: anchor.clone(),
            start,
            end,
            text: text.to_owned(),
        };
        passages.push(Passage {
            id: PassageId::new(format!("{version_id}:{ordinal}")),
            ordinal,
            anchor,
            headings: vec![],
            start,
            end,
            segments: vec![segment],
        });
        start = end + 2;
    }
    ArticleText {
        article_id: ArticleId::new(id),
        version_id,
        locale: Locale::english(),
        slug: id.to_owned(),
        title: title.to_owned(),
        collection_slug: None,
        collection: None,
        audience: Audience::Public,
        external_id: None,
        questions: vec![],
        phrasings: vec![],
        passages,
        body: body.to_owned(),
    }
}

pub(crate) fn put(text: ArticleText) -> IndexedText {
    IndexedText::Put(Box::new(text))
}

pub(crate) fn embedder() -> EmbedderHandle {
    EmbedderHandle::spawn(Arc::new(HashEmbedder))
}

pub(crate) fn config(dir: &Path) -> SearchConfig {
    SearchConfig {
        dir: dir.to_owned(),
        vectors: VectorsConfig::InProcess,
        default_locale: Locale::english(),
        synonyms: vec![vec!["invoice".to_owned(), "bill".to_owned()]],
        dense_weights: std::collections::BTreeMap::new(),
    }
}

/// An engine in memory with these articles.
pub(crate) async fn library(articles: Vec<ArticleText>) -> SearchEngine {
    let engine = SearchEngine::in_memory(embedder()).unwrap();
    apply(&engine, articles.into_iter().map(put).collect(), 1).await.unwrap();
    engine
}

/// Applies changes with their vectors, as desk does.
pub(crate) async fn apply(
    engine: &SearchEngine,
    changes: Vec<IndexedText>,
    seq: i64,
) -> Result<(), SearchError> {
    let vectors = vectors_of(engine, &changes).await;
    engine.apply(changes, &vectors, seq).await
}

pub(crate) async fn vectors_of(engine: &SearchEngine, changes: &[IndexedText]) -> HashMap<String, Vec<f32>> {
    let texts: Vec<_> = changes.iter().flat_map(|change| engine.vector_texts(change)).collect();
    let vectors = embedder().embed(texts.iter().map(|text| text.text.clone()).collect()).await.unwrap();
    texts.into_iter().map(|text| text.hash).zip(vectors).collect()
}

pub(crate) fn query(text: &str) -> SearchRequest {
    SearchRequest { query: text.to_owned(), readable: Readable::Everything, ..SearchRequest::default() }
}

pub(crate) fn words_only(text: &str) -> SearchRequest {
    SearchRequest { mode: SearchMode::Lexical, ..query(text) }
}

pub(crate) fn slugs(hits: &Hits) -> Vec<&str> {
    hits.hits.iter().map(|hit| hit.slug.as_str()).collect()
}

/// The addresses that are found, best first, joined by a space.
pub(crate) async fn found(engine: &SearchEngine, request: &SearchRequest) -> String {
    slugs(&engine.search(request).await.unwrap()).join(" ")
}
