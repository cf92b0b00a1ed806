//! Following the change log: whatever the database says is readable is in the index, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{ArticleId, Locale, Principal};
use search::{IndexedText, VectorText, VerifyReport};
use store::PublishedText;

use crate::{Desk, DeskError, audit::Unrecorded};

/// Changes applied in one commit of the index: enough to make bulk imports cheap, few enough to stop soon.
const CHANGES_PER_COMMIT: i64 = 500;
/// Texts embedded in one request to the model: a few seconds of work, after which the vectors are stored.
const TEXTS_PER_BATCH: usize = 64;
/// Articles read at once when everything is rebuilt or compared.
const ARTICLES_PER_PAGE: i64 = 500;

/// Words of an old address from which it is a phrasing.
const ADDRESS_WORDS_MIN: usize = 3;

/// How far a long indexing run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexProgress {
    /// Passages, titles and questions embedded in this step.
    pub n_embedded: usize,
    /// The change-log sequence reached.
    pub seq: i64,
    /// The last sequence there is.
    pub last_seq: i64,
}

/// Changes that are read and embedded, for one commit of the index.
struct Prepared {
    texts: Vec<IndexedText>,
    vectors: HashMap<String, Vec<f32>>,
    /// The sequence they reach.
    seq: i64,
    last_seq: i64,
}

impl Desk {
    /// Applies every change the index has not seen. Returns when the index stands where the log stood.
    ///
    /// # Errors
    /// Those of the database, the model and the index. What was applied stays applied; calling again goes on.
    pub async fn follow_changes(
        &self,
        progress: &mut (dyn FnMut(IndexProgress) + Send),
    ) -> Result<(), DeskError> {
        let _in_order = self.0.indexing.lock().await;
        let mut next = self.prepare(self.0.engine.seq(), progress).await?;
        while let Some(Prepared { texts, vectors, seq, last_seq }) = next {
            // Both are waited for: a commit that has begun cannot be taken back, and nothing may overtake it.
            let applying = self.0.engine.apply(texts, &vectors, seq);
            let (applied, prepared) = tokio::join!(applying, self.prepare(seq, progress));
            applied.map_err(|error| DeskError::index("cannot update the index", error))?;
            progress(IndexProgress { n_embedded: 0, seq, last_seq });
            next = prepared?;
        }
        Ok(())
    }

    /// Reads and embeds the changes after a sequence, as many as one commit takes; `None` when there are none.
    async fn prepare(
        &self,
        after: i64,
        progress: &mut (dyn FnMut(IndexProgress) + Send),
    ) -> Result<Option<Prepared>, DeskError> {
        let changes = self.0.store.changes_after(after, CHANGES_PER_COMMIT).await?;
        let Some(last) = changes.last() else { return Ok(None) };
        let seq = last.seq;
        let last_seq = self.0.store.last_change_seq().await?;
        let touched: BTreeSet<(ArticleId, Locale)> =
            changes.into_iter().map(|change| (change.article_id, change.locale)).collect();
        let mut texts = Vec::with_capacity(touched.len());
        for (article_id, locale) in touched {
            texts.push(match self.0.store.published(&article_id, &locale).await? {
                Some(published) => IndexedText::Put(Box::new(indexed(published))),
                None => IndexedText::Remove { article_id, locale },
            });
        }
        let mut report = |n_embedded| progress(IndexProgress { n_embedded, seq: after, last_seq });
        let vectors = self.vectors_for(&texts, &mut report).await?;
        Ok(Some(Prepared { texts, vectors, seq, last_seq }))
    }

    /// Follows the change log without telling anybody how far it is.
    ///
    /// # Errors
    /// As [`Desk::follow_changes`].
    pub async fn catch_up(&self) -> Result<(), DeskError> {
        self.follow_changes(&mut |_| {}).await
    }

    /// Empties the index and builds it again from the database. Vectors that are stored are not computed again.
    ///
    /// # Errors
    /// As [`Desk::follow_changes`]. When it is stopped half way, the next start goes on.
    pub async fn rebuild_index(
        &self,
        progress: &mut (dyn FnMut(IndexProgress) + Send),
    ) -> Result<(), DeskError> {
        {
            let _in_order = self.0.indexing.lock().await;
            let cannot = |error| DeskError::index("cannot rebuild the index", error);
            let last_seq = self.0.store.last_change_seq().await?;
            self.0.engine.clear().await.map_err(cannot)?;
            let mut after = None;
            loop {
                let page = self.0.store.list_published(after.as_ref(), ARTICLES_PER_PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.version.id.clone());
                let texts: Vec<IndexedText> =
                    page.into_iter().map(|text| IndexedText::Put(Box::new(indexed(text)))).collect();
                let mut report = |n_embedded| progress(IndexProgress { n_embedded, seq: 0, last_seq });
                let vectors = self.vectors_for(&texts, &mut report).await?;
                // Only the last commit may claim to have reached the log's end.
                self.0.engine.apply(texts, &vectors, 0).await.map_err(cannot)?;
            }
            self.0.engine.apply(vec![], &HashMap::new(), last_seq).await.map_err(cannot)?;
        }
        self.follow_changes(progress).await
    }

    /// Hands the index the vectors it does not keep itself, at start.
    ///
    /// # Errors
    /// Those of the database and the index.
    pub async fn restore_vectors(&self) -> Result<(), DeskError> {
        let _in_order = self.0.indexing.lock().await;
        for articles in self.0.engine.vectors_to_restore().chunks(ARTICLES_PER_PAGE as usize) {
            let hashes: Vec<String> = articles.iter().flat_map(|article| article.hashes.clone()).collect();
            let vectors = self.0.store.vectors_of(self.0.embedder.model_id(), &hashes).await?;
            let restored = self.0.engine.restore_vectors(articles, &vectors).await;
            restored.map_err(|error| DeskError::failed("cannot load vectors", error))?;
        }
        Ok(())
    }

    /// Compares the index with the database.
    ///
    /// # Errors
    /// Those of the database and the index.
    pub async fn verify_index(&self) -> Result<VerifyReport, DeskError> {
        let _in_order = self.0.indexing.lock().await;
        let mut expected = Vec::new();
        let mut after = None;
        loop {
            let page = self.0.store.list_published(after.as_ref(), ARTICLES_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version.id.clone());
            expected.extend(page.into_iter().map(indexed));
        }
        self.0
            .engine
            .verify(&expected)
            .await
            .map_err(|error| DeskError::failed("cannot verify the index", error))
    }

    /// Whether the index stands where the change log stands.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn ready(&self) -> Result<bool, DeskError> {
        Ok(self.0.engine.seq() >= self.0.store.last_change_seq().await?)
    }

    /// How long the model has worked since the process started.
    pub fn embedding_time(&self) -> std::time::Duration {
        self.0.embedder.busy()
    }

    /// The vectors of all that these texts need, by hash.
    async fn vectors_for(
        &self,
        texts: &[IndexedText],
        report: &mut (dyn FnMut(usize) + Send),
    ) -> Result<HashMap<String, Vec<f32>>, DeskError> {
        let texts = texts.iter().flat_map(|text| self.0.engine.vector_texts(text)).collect();
        self.vectors_of(texts, report).await
    }

    /// The vectors of these texts by hash: stored ones from the database, the others computed and stored.
    pub(crate) async fn vectors_of(
        &self,
        texts: Vec<VectorText>,
        report: &mut (dyn FnMut(usize) + Send),
    ) -> Result<HashMap<String, Vec<f32>>, DeskError> {
        let model_id = self.0.embedder.model_id();
        let wanted: BTreeMap<String, String> =
            texts.into_iter().map(|VectorText { hash, text }| (hash, text)).collect();
        let hashes: Vec<String> = wanted.keys().cloned().collect();
        let mut vectors = self.0.store.vectors_of(model_id, &hashes).await?;
        let missing: Vec<(String, String)> =
            wanted.into_iter().filter(|(hash, _)| !vectors.contains_key(hash)).collect();
        let mut computed: Vec<(String, Vec<f32>)> = vec![];
        for batch in missing.chunks(TEXTS_PER_BATCH) {
            // Storing one batch does not keep the model from the next.
            let embedding = self.embed(batch.iter().map(|(_, text)| text.clone()).collect());
            let (embedded, stored) = tokio::join!(embedding, self.store_vectors(&computed));
            stored?;
            vectors.extend(computed);
            computed = batch.iter().map(|(hash, _)| hash.clone()).zip(embedded?).collect();
            report(computed.len());
        }
        self.store_vectors(&computed).await?;
        vectors.extend(computed);
        Ok(vectors)
    }

    async fn store_vectors(&self, vectors: &[(String, Vec<f32>)]) -> Result<(), DeskError> {
        if vectors.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
        tx.insert_vectors(self.0.embedder.model_id(), vectors).await?;
        tx.commit().await
    }
}

/// Old addresses as words. A word or two of an address say too little.
fn phrasings(published: &PublishedText) -> Vec<String> {
    let addresses = published.redirects.iter().map(|slug| slug.replace(['-', '_', '/'], " "));
    let addresses = addresses.filter(|words| words.split_whitespace().count() >= ADDRESS_WORDS_MIN);
    let mut known: HashSet<String> =
        published.version.questions.iter().map(|question| question.to_lowercase()).collect();
    known.insert(published.version.title.to_lowercase());
    addresses.filter(|phrasing| known.insert(phrasing.to_lowercase())).collect()
}

fn indexed(published: PublishedText) -> search::ArticleText {
    let phrasings = phrasings(&published);
    let PublishedText { article, version, passages, collection, accepted, .. } = published;
    search::ArticleText {
        article_id: article.id,
        version_id: version.id,
        locale: version.locale,
        slug: article.slug,
        title: version.title,
        collection_slug: collection.as_ref().map(|collection| collection.slug.clone()),
        collection: collection.map(|collection| collection.title),
        audience: article.audience,
        external_id: article.external_id,
        questions: version.questions.into_iter().chain(accepted).collect(),
        phrasings,
        passages,
        body: version.body,
    }
}
