//! The engine: opens the index, applies changes, answers searches.

mod apply;
mod open;

pub use apply::VectorsToRestore;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{ArticleId, Locale, Readable};
use embed::EmbedderHandle;
use language::Language;
use tantivy::{IndexReader, Searcher};

use crate::{
    ArticleText, Learned, Neighbor, Question, SearchError, VectorsConfig,
    dense::VectorIndex,
    folder::Writer,
    index::{Catalog, Columns, Fields},
    lexical::Synonyms,
    memory,
};

/// Where the index is and how it ranks.
#[derive(Debug, Clone)]
pub struct SearchConfig {
    /// The folder of the text index; made when absent.
    pub dir: PathBuf,
    /// Where vectors are searched.
    pub vectors: VectorsConfig,
    /// The locale whose language a text is taken to be in when nothing else tells.
    pub default_locale: Locale,
    /// Groups of words or phrases that mean the same.
    pub synonyms: Vec<Vec<String>>,
    /// The weight of the vectors by language, instead of the shipped one.
    pub dense_weights: BTreeMap<String, f64>,
}

/// Finds articles. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct SearchEngine(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    /// Absent in an engine that only reads.
    pub(crate) writer: Option<Mutex<Writer>>,
    pub(crate) state: RwLock<State>,
    pub(crate) vectors: Box<dyn VectorIndex>,
    pub(crate) embedder: EmbedderHandle,
    pub(crate) settings: Settings,
    pub(crate) seq: AtomicI64,
    /// What solved tickets have taught; nothing on a new site.
    pub(crate) learned: RwLock<Option<Arc<Learned>>>,
}

/// What searches read together: catalog and columns belong to the searcher's commit.
pub(crate) struct State {
    pub(crate) catalog: Catalog,
    pub(crate) columns: Columns,
    pub(crate) searcher: Searcher,
}

impl State {
    pub(crate) fn new(catalog: Catalog, searcher: Searcher, fields: &Fields) -> Result<Self, SearchError> {
        let columns = Columns::read(&searcher, fields, &catalog)?;
        Ok(Self { catalog, columns, searcher })
    }
}

pub(crate) struct Settings {
    /// The folder of the index; empty for one in memory.
    pub(crate) dir: PathBuf,
    pub(crate) default_language: Language,
    pub(crate) synonyms: Synonyms,
    pub(crate) dense_weights: BTreeMap<String, f64>,
}

impl SearchEngine {
    /// The change-log sequence the index has reached.
    pub fn seq(&self) -> i64 {
        self.0.seq.load(Ordering::SeqCst)
    }

    /// Searches with what was learned from now on; with nothing, as a new site does.
    pub fn set_learned(&self, learned: Option<Arc<Learned>>) {
        *self.0.learned.write().unwrap_or_else(PoisonError::into_inner) = learned;
    }

    /// What searches use of what was learned.
    pub fn learned(&self) -> Option<Arc<Learned>> {
        self.0.learned.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The `n` solved tickets with a reply that are nearest to a question, best first. `vector` is the question's, empty
    /// where there is none.
    pub fn nearest_replied(
        &self,
        learned: &Learned,
        question: &str,
        vector: &[f32],
        readable: &Readable,
        n: usize,
    ) -> Vec<Neighbor> {
        let terms = memory::terms(question);
        let terms: Vec<(&str, f64)> = terms.iter().map(|term| (term.as_str(), 1.0)).collect();
        let vector = (!vector.is_empty()).then_some(vector);
        learned.memory.nearest_replied(&Question { vector, terms: &terms, readable }, n)
    }

    /// The title of an article, in any of its locales.
    pub fn title_of(&self, article: &ArticleId) -> Option<String> {
        let state = self.state();
        let slots = state.catalog.slots_of(article).iter();
        slots.filter_map(|&slot| state.catalog.get(slot)).map(|entry| entry.title.clone()).next()
    }

    /// The title of an article's collection.
    pub fn collection_of(&self, article: &ArticleId) -> Option<String> {
        let state = self.state();
        let slots = state.catalog.slots_of(article).iter();
        slots.filter_map(|&slot| state.catalog.get(slot)).find_map(|entry| entry.collection.clone())
    }

    /// How many articles are indexed, each locale counted.
    pub fn n_articles(&self) -> usize {
        self.state().catalog.len()
    }

    /// How many passages are indexed.
    pub fn n_passages(&self) -> usize {
        self.state().catalog.n_passages()
    }

    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The language a text is in, which need not be that of its locale.
    pub(crate) fn language_of(&self, text: &ArticleText) -> Language {
        let declared = Language::parse(text.locale.language()).unwrap_or(self.0.settings.default_language);
        language::detect(&text.full_text(), &[], declared)
    }

    pub(crate) fn n_passage_documents(&self) -> Result<usize, SearchError> {
        let state = self.state();
        let mut n = 0;
        for segment in state.searcher.segment_readers() {
            let owners = segment.fast_fields().u64("passage_of")?;
            n += segment.doc_ids_alive().filter(|&doc| owners.first(doc).is_some()).count();
        }
        Ok(n)
    }

    pub(crate) async fn count_vectors(&self) -> Result<usize, SearchError> {
        let parts = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || parts.vectors.n_vectors())
            .await
            .map_err(|_| SearchError::Stopped)?
    }
}
