//! Opening the index of articles. What is damaged is put aside and rebuilt; what is locked or unreadable is refused.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, RwLock, atomic::AtomicI64},
};

use embed::EmbedderHandle;
use language::Language;
use serde::{Deserialize, Serialize};
use tantivy::{Index, ReloadPolicy, TantivyDocument, TantivyError, schema::Value as _};

use super::{Parts, SearchConfig, SearchEngine, Settings, State};
use crate::{
    SearchError, VectorsConfig,
    dense::{ExactScan, QdrantVectors, VectorIndex},
    folder::{self, Writer},
    index::{Catalog, Entry, Fields, SCHEMA_VERSION},
};

/// Memory of the writer, in bytes: 15 MB is the least tantivy takes.
const WRITER_BYTES: usize = 32 << 20;

/// What the last commit says about the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) seq: i64,
    pub(super) schema: u32,
    pub(super) model: String,
}

impl SearchEngine {
    /// Opens the index for writing, and makes it when there is none.
    ///
    /// An index that is damaged, or was made by another version or with another model, is renamed aside and an empty
    /// one takes its place, with sequence 0: the caller then applies every change again.
    ///
    /// # Errors
    /// [`SearchError::Locked`] when another process writes it, [`SearchError::Folder`] when the folder cannot be used;
    /// neither changes anything on disk.
    pub fn open(config: SearchConfig, embedder: EmbedderHandle) -> Result<Self, SearchError> {
        let index = folder::open(&config.dir, &Fields::schema().0, is_usable(embedder.model_id()))?;
        let writer = folder::writer(&index, &config.dir, WRITER_BYTES)?;
        Self::assemble(index, Some(writer), &config, embedder)
    }

    /// Opens the index as another process keeps it, for searching only. Without an index, an empty one in memory.
    ///
    /// # Errors
    /// Those of the index.
    pub fn open_read_only(config: SearchConfig, embedder: EmbedderHandle) -> Result<Self, SearchError> {
        let schema = Fields::schema().0;
        let index = folder::open_existing(&config.dir, &schema, is_usable(embedder.model_id()))
            .unwrap_or_else(|_| Index::create_in_ram(schema));
        Self::assemble(index, None, &config, embedder)
    }

    /// An empty index in memory.
    ///
    /// # Errors
    /// Those of the index.
    pub fn in_memory(embedder: EmbedderHandle) -> Result<Self, SearchError> {
        let config = SearchConfig {
            dir: PathBuf::new(),
            vectors: VectorsConfig::InProcess,
            default_locale: domain::Locale::english(),
            synonyms: vec![],
            dense_weights: BTreeMap::new(),
        };
        let index = Index::create_in_ram(Fields::schema().0);
        let writer = folder::writer(&index, &config.dir, WRITER_BYTES)?;
        Self::assemble(index, Some(writer), &config, embedder)
    }

    fn assemble(
        index: Index,
        writer: Option<Writer>,
        config: &SearchConfig,
        embedder: EmbedderHandle,
    ) -> Result<Self, SearchError> {
        let (_, fields) = Fields::schema();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let catalog = read_catalog(&searcher, &fields)?;
        let seq = payload(&index)?.map_or(0, |payload| payload.seq);
        let vectors: Box<dyn VectorIndex> = match &config.vectors {
            VectorsConfig::InProcess => Box::new(ExactScan::new(embedder.dims())),
            VectorsConfig::Qdrant { url, api_key, collection } => {
                Box::new(QdrantVectors::new(url, api_key.clone(), collection, embedder.dims())?)
            }
        };
        let language = Language::parse(config.default_locale.language());
        Ok(Self(Arc::new(Parts {
            fields,
            reader,
            writer: writer.map(Mutex::new),
            state: RwLock::new(State::new(catalog, searcher, &fields)?),
            vectors,
            embedder,
            settings: Settings {
                dir: config.dir.clone(),
                default_language: language.unwrap_or_else(Language::english),
                synonyms: config.synonyms.clone(),
                dense_weights: config.dense_weights.clone(),
            },
            seq: AtomicI64::new(seq),
            learned: RwLock::new(None),
        })))
    }
}

/// What the last commit says, if there was one.
pub(super) fn payload(index: &Index) -> Result<Option<Payload>, SearchError> {
    let text = index.load_metas()?.payload;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether an index was made by this version with this model, and holds an entry for each article.
fn is_usable(model: &str) -> impl Fn(&Index) -> Result<(), String> {
    move |index| {
        if let Some(found) = payload(index).map_err(|error| error.to_string())?
            && (found.schema != SCHEMA_VERSION || found.model != model)
        {
            return Err(format!("it was made by schema {} with model {}", found.schema, found.model));
        }
        // Reading every article's entry finds a segment that is cut off.
        let reader = index.reader().map_err(|error| error.to_string())?;
        read_catalog(&reader.searcher(), &Fields::schema().1).map_err(|error| error.to_string())?;
        Ok(())
    }
}

fn read_catalog(searcher: &tantivy::Searcher, fields: &Fields) -> Result<Catalog, SearchError> {
    let mut catalog = Catalog::default();
    for segment in searcher.segment_readers() {
        let keys = segment.fast_fields().u64("key")?;
        let store = segment.get_store_reader(16)?;
        for doc in segment.doc_ids_alive() {
            if keys.first(doc).is_none() {
                continue;
            }
            let document: TantivyDocument = store.get(doc)?;
            let json = document.get_first(fields.entry).and_then(|value| value.as_str()).unwrap_or_default();
            let entry: Entry = serde_json::from_str(json).map_err(|error| {
                TantivyError::InternalError(format!("an article's entry is damaged: {error}"))
            })?;
            catalog.put(entry);
        }
    }
    Ok(catalog)
}
