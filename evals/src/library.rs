//! A corpus as a searchable library in memory, the way a site would import it.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
    time::Instant,
};

use anyhow::Context as _;
use domain::{ArticleId, Audience, Hits, Locale, Readable, VersionId};
use embed::{Embedder, EmbedderHandle};
use ingest::{ImportOptions, ParsedArticle, PassageOptions};
use search::{ArticleText, IndexedText, SearchEngine, SearchRequest};

use crate::{corpus, generated};

/// Articles of one commit.
const BATCH: usize = 500;
/// Texts of one request to the model.
const TEXTS_PER_REQUEST: usize = 64;

/// Whether vectors are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vectors {
    Made,
    LeftOut,
}

/// A corpus, indexed in memory.
pub struct Library {
    /// The engine, filled.
    pub engine: SearchEngine,
    pub(crate) embedder: EmbedderHandle,
    /// Seconds spent on reading, splitting, embedding and indexing.
    pub(crate) index_s: f64,
}

impl Library {
    /// A JSONL corpus. Each document's own id is its article id.
    pub(crate) async fn of_corpus(
        path: &Path,
        model: Arc<dyn Embedder>,
        vectors: Vectors,
    ) -> anyhow::Result<Self> {
        Self::fill(articles(path)?, model, vectors).await
    }

    /// This many generated articles.
    ///
    /// # Errors
    /// Those of the model and the index.
    pub async fn generated(n_articles: usize, model: Arc<dyn Embedder>) -> anyhow::Result<Self> {
        let options = ImportOptions::default();
        let parse = |n| ingest::parse_markdown(&format!("article-{n}.md"), &generated::article(n), &options);
        let articles = (0..n_articles)
            .map(parse)
            .map(|parsed| ParsedArticle { external_id: parsed.slug.clone(), ..parsed });
        Self::of_articles(articles.collect(), model, Vectors::Made).await
    }

    /// Parsed articles; the external id is the article id.
    pub(crate) async fn of_articles(
        articles: Vec<ParsedArticle>,
        model: Arc<dyn Embedder>,
        vectors: Vectors,
    ) -> anyhow::Result<Self> {
        Self::fill(articles.into_iter().map(Ok), model, vectors).await
    }

    async fn fill(
        articles: impl Iterator<Item = anyhow::Result<ParsedArticle>>,
        model: Arc<dyn Embedder>,
        vectors: Vectors,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let embedder = EmbedderHandle::spawn(model);
        let engine = SearchEngine::in_memory(embedder.clone())?;
        let mut library = Self { engine, embedder, index_s: 0.0 };
        let mut batch = Vec::new();
        for (seq, parsed) in (1..).zip(articles) {
            batch.push(text(parsed?));
            if batch.len() >= BATCH {
                library.index(std::mem::take(&mut batch), seq, vectors).await?;
            }
        }
        library.index(batch, i64::MAX, vectors).await?;
        library.index_s = started.elapsed().as_secs_f64();
        Ok(library)
    }

    async fn index(&self, batch: Vec<IndexedText>, seq: i64, vectors: Vectors) -> anyhow::Result<()> {
        let mut found = HashMap::new();
        if vectors == Vectors::Made {
            let wanted: BTreeMap<String, String> = batch
                .iter()
                .flat_map(|text| self.engine.vector_texts(text))
                .map(|text| (text.hash, text.text))
                .collect();
            let wanted: Vec<(String, String)> = wanted.into_iter().collect();
            for chunk in wanted.chunks(TEXTS_PER_REQUEST) {
                let computed =
                    self.embedder.embed(chunk.iter().map(|(_, text)| text.clone()).collect()).await?;
                found.extend(chunk.iter().map(|(hash, _)| hash.clone()).zip(computed));
            }
        }
        Ok(self.engine.apply(batch, &found, seq).await?)
    }

    /// Searches as any reader.
    pub(crate) async fn search(&self, request: SearchRequest) -> anyhow::Result<Hits> {
        let request = SearchRequest { readable: Readable::Everything, ..request };
        Ok(self.engine.search(&request).await?)
    }
}

/// The articles of a JSONL corpus, one at a time: a large one is never in memory as a whole.
pub(crate) fn articles(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<ParsedArticle>>> {
    let parsed = corpus::lines(path)?.zip(1..).map(move |(line, n)| {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        ingest::parse_jsonl_line(n, &line, &ImportOptions::default())
            .map_err(|error| anyhow::anyhow!("{}:{n}: {}", path.display(), error.message))
    });
    Ok(parsed.filter_map(Result::transpose))
}

fn text(parsed: ParsedArticle) -> IndexedText {
    let version_id = VersionId::new(parsed.external_id.clone());
    let passages = ingest::passages(&version_id, &parsed.title, &parsed.body, &PassageOptions::default());
    IndexedText::Put(Box::new(ArticleText {
        article_id: ArticleId::new(parsed.external_id.clone()),
        version_id,
        locale: parsed.locale.unwrap_or_else(Locale::english),
        slug: parsed.slug,
        title: parsed.title,
        collection_slug: parsed.collection.as_ref().map(|collection| collection.slug.clone()),
        collection: parsed.collection.map(|collection| collection.title),
        audience: Audience::Public,
        external_id: Some(parsed.external_id),
        questions: parsed.questions,
        phrasings: vec![],
        passages,
        body: parsed.body,
    }))
}
