//! Opening the index of tickets, in the same way as that of articles.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, RwLock},
};

use domain::{Locale, TicketId};
use language::Language;
use serde::{Deserialize, Serialize};
use tantivy::{Index, ReloadPolicy, indexer::LogMergePolicy};

use super::{
    Parts, State, TicketIndex,
    schema::{self, Fields, SCHEMA_VERSION},
};
use crate::{
    SearchError,
    folder::{self, Writer},
};

/// Memory of the writer, in bytes. A segment of this size holds about fifty thousand tickets; smaller ones are merged more
/// often.
const WRITER_BYTES: usize = 96 << 20;

/// Tickets of a segment from which on it is not merged any more: large sites have several, which a search reads side by
/// side, and no merge takes minutes.
const SEGMENT_TICKETS_MAX: usize = 250_000;
/// Threads that one search runs on: the smallest machine that large sites are measured on has two cores.
const SEARCH_THREADS: usize = 2;

/// Where the index is.
#[derive(Debug, Clone)]
pub struct TicketIndexConfig {
    /// Its folder; made when absent.
    pub dir: PathBuf,
    /// The locale whose endings are taken for the same word.
    pub default_locale: Locale,
}

/// How far an index has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// It is being built: it holds the tickets up to this one, in the order of ids, as they stood after an event or later.
    /// It must not be searched.
    Building {
        /// The sequence of the event.
        seq: i64,
        /// The last ticket; absent before the first.
        after: Option<TicketId>,
    },
    /// It holds every ticket as it stood after this event or later.
    Event(i64),
}

impl Reached {
    /// An index that is empty and knows of no event.
    pub const NOTHING: Self = Self::Building { seq: 0, after: None };
}

/// What the last commit says about the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) schema: u32,
    pub(super) reached: Reached,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) erased_by: Option<i64>,
}

impl TicketIndex {
    /// Opens the index for writing, and makes it when there is none.
    ///
    /// An index that is damaged, or was made by another version, is renamed aside and an empty one takes its place, which
    /// has reached [`Reached::NOTHING`].
    ///
    /// # Errors
    /// [`SearchError::Locked`] when another process writes it, [`SearchError::Folder`] when the folder cannot be used;
    /// neither changes anything on disk.
    pub fn open(config: &TicketIndexConfig) -> Result<Self, SearchError> {
        let index = folder::open(&config.dir, &Fields::schema().0, is_usable)?;
        schema::register(&index);
        let writer = folder::writer(&index, &config.dir, WRITER_BYTES)?;
        let mut merging = LogMergePolicy::default();
        merging.set_max_docs_before_merge(SEGMENT_TICKETS_MAX);
        writer.index.set_merge_policy(Box::new(merging));
        Self::assemble(index, Some(writer), config)
    }

    /// Opens the index as another process keeps it. Without an index, an empty one in memory.
    ///
    /// # Errors
    /// Those of the index.
    pub fn open_read_only(config: &TicketIndexConfig) -> Result<Self, SearchError> {
        let schema = Fields::schema().0;
        let index = folder::open_existing(&config.dir, &schema, is_usable)
            .unwrap_or_else(|_| Index::create_in_ram(schema));
        schema::register(&index);
        Self::assemble(index, None, config)
    }

    fn assemble(
        mut index: Index,
        writer: Option<Writer>,
        config: &TicketIndexConfig,
    ) -> Result<Self, SearchError> {
        index.set_multithread_executor(SEARCH_THREADS)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let (reached, erased_by) =
            payload(&index)?.map_or((Reached::NOTHING, None), |payload| (payload.reached, payload.erased_by));
        let state = State { searcher: reader.searcher(), reached, erased_by };
        Ok(Self(Arc::new(Parts {
            dir: config.dir.clone(),
            fields: Fields::schema().1,
            reader,
            writer: writer.map(Mutex::new),
            state: RwLock::new(state),
            language: Language::parse(config.default_locale.language()).unwrap_or_else(Language::english),
        })))
    }
}

/// What the last commit says, if there was one.
fn payload(index: &Index) -> Result<Option<Payload>, SearchError> {
    let text = index.load_metas()?.payload;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether an index was made by this version, and every part of it can be opened.
fn is_usable(index: &Index) -> Result<(), String> {
    let metas = index.load_metas().map_err(|error| error.to_string())?;
    match metas.payload.map(|text| serde_json::from_str::<Payload>(&text)) {
        None if metas.segments.is_empty() => {}
        Some(Ok(payload)) if payload.schema == SCHEMA_VERSION => {}
        Some(Ok(payload)) => return Err(format!("it was made by schema {}", payload.schema)),
        None | Some(Err(_)) => return Err("it does not say how far it has come".to_owned()),
    }
    index.reader().map_err(|error| error.to_string())?;
    Ok(())
}
