//! Applying changes: text and vectors together, true for the next search.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use tantivy::{IndexWriter, Term};

use super::{SearchEngine, State, open::Payload};
use crate::{
    IndexedText, SearchError, VectorText,
    dense::ArticleVectors,
    folder,
    index::{Catalog, Columns, Entry, SCHEMA_VERSION, article_document, key_of, passage_document},
    rewrite,
};

/// The vectors of an indexed article that live in this process only, and so have to be handed in after it has started.
#[derive(Debug, Clone)]
pub struct VectorsToRestore {
    key: u64,
    /// The hashes of the texts.
    pub hashes: Vec<String>,
}

/// What a batch puts and removes.
struct Staged {
    entries: Vec<Entry>,
    removed: Vec<u64>,
}

impl SearchEngine {
    /// The texts of a change that need vectors; none where it removes.
    pub fn vector_texts(&self, text: &IndexedText) -> Vec<VectorText> {
        match text {
            IndexedText::Put(text) => text.vector_texts().into_iter().map(|(_, text)| text).collect(),
            IndexedText::Remove { .. } => vec![],
        }
    }

    /// Applies changes and commits them with the sequence they reach. When it returns, every search sees them.
    ///
    /// `vectors` holds the vector of each text of [`SearchEngine::vector_texts`] by its hash; what is missing there is
    /// found by words alone.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index. Then nothing was committed and the sequence stands.
    pub async fn apply(
        &self,
        texts: Vec<IndexedText>,
        vectors: &HashMap<String, Vec<f32>>,
        seq: i64,
    ) -> Result<(), SearchError> {
        let mut put = Vec::new();
        for text in &texts {
            if let IndexedText::Put(text) = text {
                let found = text
                    .vector_texts()
                    .into_iter()
                    .filter_map(|(kind, text)| Some((kind, vectors.get(&text.hash)?.clone())))
                    .collect();
                put.push(ArticleVectors {
                    key: key_of(&text.article_id, &text.locale),
                    audience: text.audience.key(),
                    collection: text.collection_slug.clone(),
                    vectors: found,
                });
            }
        }
        put.iter().try_for_each(|article| article.check_dims(self.0.embedder.dims()))?;
        let engine = self.clone();
        tokio::task::spawn_blocking(move || engine.apply_now(texts, put, seq))
            .await
            .map_err(|_| SearchError::Stopped)?
    }

    /// Takes what was deleted out of the files of the text index, segment by segment, while searches go on. Says whether all of it is
    /// gone; where a search still reads an old file, it is not yet.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index. Doing it again goes on.
    pub async fn rewrite(&self) -> Result<bool, SearchError> {
        let engine = self.clone();
        tokio::task::spawn_blocking(move || engine.rewrite_now()).await.map_err(|_| SearchError::Stopped)?
    }

    fn rewrite_now(&self) -> Result<bool, SearchError> {
        let parts = &self.0;
        let writer = parts.writer.as_ref().ok_or(SearchError::ReadOnly)?;
        let index = writer.lock().unwrap_or_else(PoisonError::into_inner).index.index().clone();
        rewrite::rewrite(writer, &rewrite::stained(&index)?)?;
        {
            // Nobody commits meanwhile: catalog and columns are those of the searcher.
            let _writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            parts.reader.reload()?;
            let mut state = parts.state.write().unwrap_or_else(PoisonError::into_inner);
            state.searcher = parts.reader.searcher();
            state.columns = Columns::read(&state.searcher, &parts.fields, &state.catalog)?;
        }
        rewrite::sweep(writer, &index)
    }

    fn apply_now(
        &self,
        texts: Vec<IndexedText>,
        put: Vec<ArticleVectors>,
        seq: i64,
    ) -> Result<(), SearchError> {
        let parts = &self.0;
        let writer = parts.writer.as_ref().ok_or(SearchError::ReadOnly)?;
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.start()?;
        let payload = Payload { seq, schema: SCHEMA_VERSION, model: parts.embedder.model_id().to_owned() };
        let payload = serde_json::to_string(&payload).unwrap_or_default();
        let mut put = Some(put);
        let staged = self.stage(&writer.index, texts).and_then(|staged| {
            self.commit(&mut writer.index, &payload, &staged.removed, &mut put)?;
            Ok(staged)
        });
        let Staged { entries, removed } = match staged {
            Ok(staged) => staged,
            Err(error) => {
                let error = folder::full_disk(&parts.settings.dir).unwrap_or(error);
                writer.forget();
                return Err(error);
            }
        };
        writer.is_dirty = false;
        parts.reader.reload()?;
        let mut state = parts.state.write().unwrap_or_else(PoisonError::into_inner);
        for key in &removed {
            state.catalog.remove(*key);
        }
        for entry in entries {
            state.catalog.put(entry);
        }
        state.searcher = parts.reader.searcher();
        state.columns = Columns::read(&state.searcher, &parts.fields, &state.catalog)?;
        if let Some(put) = put {
            parts.vectors.apply(put, &removed)?;
        }
        parts.seq.store(seq, Ordering::SeqCst);
        Ok(())
    }

    /// Hands the documents to the writer; nothing is committed yet.
    fn stage(&self, writer: &IndexWriter, texts: Vec<IndexedText>) -> Result<Staged, SearchError> {
        let fields = &self.0.fields;
        let mut staged = Staged { entries: Vec::new(), removed: Vec::new() };
        for text in texts {
            let (article_id, locale) = match &text {
                IndexedText::Put(text) => (&text.article_id, &text.locale),
                IndexedText::Remove { article_id, locale } => (article_id, locale),
            };
            let key = key_of(article_id, locale);
            writer.delete_term(Term::from_field_u64(fields.key, key));
            writer.delete_term(Term::from_field_u64(fields.passage_of, key));
            let IndexedText::Put(text) = text else {
                staged.removed.push(key);
                continue;
            };
            let language = self.language_of(&text);
            let (document, entry) = article_document(fields, &text, language)?;
            writer.add_document(document)?;
            let (mut at, mut chars) = (0, 0);
            for passage in &text.passages {
                // Passages stand in reading order, so each count goes on from the one before.
                let skipped = text.body.get(at..passage.start).or_else(|| text.body.get(..passage.start));
                let n_skipped = skipped.map_or(0, |skipped| skipped.chars().count());
                chars = if passage.start >= at { chars + n_skipped } else { n_skipped };
                at = passage.start;
                writer.add_document(passage_document(fields, &text, key, passage, chars, language)?)?;
            }
            staged.entries.push(entry);
        }
        Ok(staged)
    }

    /// Commits the text. Vectors in a server are stored first: were they lost after the commit, nothing would bring
    /// them back, while stored twice they do no harm.
    fn commit(
        &self,
        writer: &mut IndexWriter,
        payload: &str,
        removed: &[u64],
        put: &mut Option<Vec<ArticleVectors>>,
    ) -> Result<(), SearchError> {
        let mut prepared = writer.prepare_commit()?;
        if !self.0.vectors.is_volatile()
            && let Some(put) = put.take()
        {
            self.0.vectors.apply(put, removed)?;
        }
        prepared.set_payload(payload);
        prepared.commit()?;
        Ok(())
    }

    /// Removes everything and goes back to sequence 0.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index.
    pub async fn clear(&self) -> Result<(), SearchError> {
        let engine = self.clone();
        let clear = move || {
            let parts = &engine.0;
            let writer = parts.writer.as_ref().ok_or(SearchError::ReadOnly)?;
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.start()?;
            writer.index.delete_all_documents()?;
            writer.index.commit()?;
            writer.is_dirty = false;
            parts.reader.reload()?;
            let mut state = parts.state.write().unwrap_or_else(PoisonError::into_inner);
            *state = State::new(Catalog::default(), parts.reader.searcher(), &parts.fields)?;
            parts.vectors.clear()?;
            parts.seq.store(0, Ordering::SeqCst);
            Ok(())
        };
        tokio::task::spawn_blocking(clear).await.map_err(|_| SearchError::Stopped)?
    }

    /// What [`SearchEngine::restore_vectors`] wants after the process has started; nothing where a server keeps the
    /// vectors.
    pub fn vectors_to_restore(&self) -> Vec<VectorsToRestore> {
        if !self.0.vectors.is_volatile() {
            return vec![];
        }
        let state = self.state();
        let entries = state.catalog.entries();
        entries
            .map(|entry| VectorsToRestore {
                key: entry.key,
                hashes: entry.vectors.iter().map(|(_, hash)| hash.clone()).collect(),
            })
            .collect()
    }

    /// Takes the vectors of some articles, by the hash of their text.
    ///
    /// # Errors
    /// Those of the vector index.
    pub async fn restore_vectors(
        &self,
        articles: &[VectorsToRestore],
        vectors: &HashMap<String, Vec<f32>>,
    ) -> Result<(), SearchError> {
        let parts = Arc::clone(&self.0);
        let put: Vec<ArticleVectors> = {
            let state = self.state();
            let keys = articles.iter().filter_map(|article| state.catalog.slot(article.key));
            let entries = keys.filter_map(|slot| state.catalog.get(slot));
            entries
                .map(|entry| {
                    let found = entry.vectors.iter();
                    ArticleVectors {
                        key: entry.key,
                        audience: entry.audience.key(),
                        collection: entry.collection_slug.clone(),
                        vectors: found
                            .filter_map(|(kind, hash)| Some((*kind, vectors.get(hash)?.clone())))
                            .collect(),
                    }
                })
                .collect()
        };
        tokio::task::spawn_blocking(move || parts.vectors.apply(put, &[]))
            .await
            .map_err(|_| SearchError::Stopped)?
    }
}
