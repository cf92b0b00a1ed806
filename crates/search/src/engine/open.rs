//! Opening the index. What is damaged is put aside and rebuilt; what is locked or unreadable is refused.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock, atomic::AtomicI64},
};

use embed::EmbedderHandle;
use language::Language;
use serde::{Deserialize, Serialize};
use tantivy::{
    Index, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, directory::error::LockError,
    schema::Value as _,
};

use super::{Parts, SearchConfig, SearchEngine, Settings, State, Writer};
use crate::{
    SearchError, VectorsConfig,
    dense::{ExactScan, QdrantVectors, VectorIndex},
    index::{Catalog, Entry, Fields, SCHEMA_VERSION},
};

/// Memory of the writer, in bytes: 15 MB is the least tantivy takes.
const WRITER_BYTES: usize = 32 << 20;
/// Most folders that are put aside before the oldest name is used again.
const ASIDE_MAX: u32 = 100;

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
        let folder = |source| SearchError::Folder { path: config.dir.clone(), source };
        fs::create_dir_all(&config.dir).map_err(folder)?;
        // Unreadable is not damaged: nothing may be renamed because of a missing permission.
        for file in fs::read_dir(&config.dir).map_err(folder)? {
            match fs::File::open(file.map_err(folder)?.path()) {
                // Another process may have cleaned up; whether it still writes is found out below.
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(folder(error)),
                _ => {}
            }
        }
        let is_new = !config.dir.join("meta.json").exists();
        let opened = if is_new && is_empty(&config.dir).map_err(folder)? {
            create(&config.dir)?
        } else {
            match open_existing(&config.dir, embedder.model_id()) {
                Ok(index) => index,
                Err(reason) => {
                    refuse_if_locked(&config.dir)?;
                    let aside = put_aside(&config.dir).map_err(folder)?;
                    tracing::warn!(%reason, aside = %aside.display(), "the index is rebuilt");
                    create(&config.dir)?
                }
            }
        };
        let writer = writer(&opened, &config.dir)?;
        Self::assemble(opened, Some(writer), &config, embedder)
    }

    /// Opens the index as another process keeps it, for searching only. Without an index, an empty one in memory.
    ///
    /// # Errors
    /// Those of the index.
    pub fn open_read_only(config: SearchConfig, embedder: EmbedderHandle) -> Result<Self, SearchError> {
        let index = match open_existing(&config.dir, embedder.model_id()) {
            Ok(index) => index,
            Err(_) => Index::create_in_ram(Fields::schema().0),
        };
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
        let writer = writer(&index, &config.dir)?;
        Self::assemble(index, Some(writer), &config, embedder)
    }

    fn assemble(
        index: Index,
        writer: Option<IndexWriter>,
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
            writer: writer.map(|index| Mutex::new(Writer { index, is_dirty: false })),
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

fn create(dir: &Path) -> Result<Index, SearchError> {
    Ok(Index::create_in_dir(dir, Fields::schema().0)?)
}

/// The index of a folder, or why it cannot be used as it is.
fn open_existing(dir: &Path, model: &str) -> Result<Index, String> {
    let index = Index::open_in_dir(dir).map_err(|error| error.to_string())?;
    if index.schema() != Fields::schema().0 {
        return Err("it has other fields".to_owned());
    }
    if let Some(found) = payload(&index).map_err(|error| error.to_string())?
        && (found.schema != SCHEMA_VERSION || found.model != model)
    {
        return Err(format!("it was made by schema {} with model {}", found.schema, found.model));
    }
    let damaged = index.validate_checksum().map_err(|error| error.to_string())?;
    if !damaged.is_empty() {
        return Err(format!("{} of its files are damaged", damaged.len()));
    }
    // Reading every article's entry finds a segment that is cut off.
    let reader = index.reader().map_err(|error| error.to_string())?;
    read_catalog(&reader.searcher(), &Fields::schema().1).map_err(|error| error.to_string())?;
    Ok(index)
}

fn writer(index: &Index, dir: &Path) -> Result<IndexWriter, SearchError> {
    match index.writer_with_num_threads(1, WRITER_BYTES) {
        Ok(writer) => Ok(writer),
        Err(TantivyError::LockFailure(LockError::LockBusy, _)) => Err(SearchError::Locked(dir.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// A folder that somebody writes is not damaged, however it looks.
fn refuse_if_locked(dir: &Path) -> Result<(), SearchError> {
    let path = dir.join(".tantivy-writer.lock");
    let Ok(file) = fs::File::open(&path) else { return Ok(()) };
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(SearchError::Locked(dir.to_owned())),
        _ => Ok(()),
    }
}

fn is_empty(dir: &Path) -> std::io::Result<bool> {
    Ok(fs::read_dir(dir)?.next().is_none())
}

/// Renames the folder and makes an empty one in its place.
fn put_aside(dir: &Path) -> std::io::Result<PathBuf> {
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for n in 1..=ASIDE_MAX {
        let aside = dir.with_file_name(format!("{name}.aside-{n}"));
        if !aside.exists() {
            fs::rename(dir, &aside)?;
            fs::create_dir_all(dir)?;
            return Ok(aside);
        }
    }
    Err(std::io::Error::new(
        ErrorKind::AlreadyExists,
        format!("{ASIDE_MAX} folders were put aside; remove some"),
    ))
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
