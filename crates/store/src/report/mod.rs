//! What reports are made of: the lives of tickets, what is known of each, the sums of it, and how far the counting is.
//!
//! The sums are read for who asks (`read`); the rest is for Askwell itself, which sees everything.

mod cells;
mod facts;
mod life;
mod read;
mod state;

pub use facts::{FactsKind, StoredFacts};
pub use read::{CellGroup, CellQuery, CellRow};
pub use state::{ReportPhase, ReportState};
