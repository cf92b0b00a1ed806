//! Finding tickets by their words: an index of its own, one document per ticket, permissions and filters inside the query.
//!
//! Texts are cut the same way in every language (docs/decisions/0017), because a query says nothing of the language of the
//! tickets it is for.

mod apply;
mod best;
mod document;
mod excerpt;
mod filter;
mod lookup;
mod open;
mod query;
mod schema;
mod search;
mod verify;
mod words;

pub use best::TicketHitPlace;
pub use document::{TICKET_TEXT_BYTES_MAX, TicketText};
pub use excerpt::excerpt;
pub use open::{Reached, TicketIndexConfig};
pub use search::{TicketHit, TicketHits, TicketRequest};
pub use verify::TicketDifferences;
pub use words::TicketWords;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use language::Language;
use tantivy::{IndexReader, Searcher};

use crate::{SearchError, folder::Writer};
use schema::Fields;

/// Finds tickets. Cheap to clone; all clones are one index.
#[derive(Clone)]
pub struct TicketIndex(Arc<Parts>);

struct Parts {
    /// The folder of the index; empty for one in memory.
    dir: PathBuf,
    fields: Fields,
    reader: IndexReader,
    /// Absent in an index that is only read.
    writer: Option<Mutex<Writer>>,
    state: RwLock<State>,
    language: Language,
}

/// What searches read together: how far the index has come belongs to the searcher's commit.
#[derive(Clone)]
struct State {
    searcher: Searcher,
    reached: Reached,
    /// The last event by which somebody was erased whose words may still stand in its files.
    erased_by: Option<i64>,
}

impl State {
    fn ready(&self) -> Result<(), SearchError> {
        match self.reached {
            Reached::Event(_) => Ok(()),
            Reached::Building { .. } => Err(SearchError::Incomplete),
        }
    }
}

impl TicketIndex {
    /// How far the last commit has come.
    pub fn reached(&self) -> Reached {
        self.state().reached
    }

    /// Whether it may be searched.
    ///
    /// # Errors
    /// [`SearchError::Incomplete`] while it is being built.
    pub fn ready(&self) -> Result<(), SearchError> {
        self.state().ready()
    }

    /// The last event by which somebody was erased whose words may still stand in its files: see [`TicketIndex::rewrite`].
    pub fn erased_by(&self) -> Option<i64> {
        self.state().erased_by
    }

    /// How many tickets it holds.
    pub fn n_tickets(&self) -> u64 {
        self.state().searcher.num_docs()
    }

    fn state(&self) -> State {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
