//! Data sets in, numbers out: how well Askwell finds and answers, with the shipped defaults.
//!
//! `askwell eval` calls it. It opens no data directory and reads no environment.

mod answers;
mod corpus;
pub mod generated;
mod golden;
mod history;
mod library;
mod redaction;
mod replies;
mod retrieval;
mod sentences;
mod vectors;

pub use answers::{AnswersReport, answers};
pub use golden::{GoldenReport, golden};
pub use history::HistoryReport;
pub use learn::metrics::{auroc, ece, ndcg_at, recall_at, reciprocal_rank_at};
pub use library::Library;
pub use redaction::{RedactionFigures, RedactionReport, redaction};
pub use replies::{RepliesReport, replies};
pub use retrieval::{EvalMode, QueryResult, QueryTimes, RetrievalReport, retrieval};
pub use sentences::{SentencesReport, sentences};
pub use vectors::VectorCache;
