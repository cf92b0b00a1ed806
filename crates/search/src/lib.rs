//! Query to ranked hits: tantivy for words, vectors for meaning, one score out of both.
//!
//! The formula and every constant come from `evals/retrieval.md`.
//! Audience and locale are applied inside the query; ties break by id.

mod dense;
mod engine;
mod error;
mod folder;
mod fusion;
mod index;
mod lexical;
mod memory;
mod mention;
mod request;
mod rewrite;
mod search;
mod snippet;
mod text;
mod tickets;
mod verify;

pub use dense::VectorsConfig;
pub use engine::{SearchConfig, SearchEngine, VectorsToRestore};
pub use error::SearchError;
pub use memory::{Head, Learned, Memory, Neighbor, Question, Remembered, SHRINKAGE};
pub use request::{Learning, PastTurn, SearchMode, SearchRequest, Speaker};
pub use search::{RankedArticle, Ranking};
pub use text::{ArticleText, IndexedText, VectorText};
pub use tickets::{
    Reached, TICKET_TEXT_BYTES_MAX, TicketDifferences, TicketHit, TicketHitPlace, TicketHits, TicketIndex,
    TicketIndexConfig, TicketRequest, TicketText, TicketWords, excerpt,
};
pub use verify::VerifyReport;
