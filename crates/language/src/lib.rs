//! Text to terms: which language it is in, its words, their stems, its sentences.
//!
//! Knows nothing of support. Deterministic, no IO.

mod analyze;
mod detect;
mod sentences;
mod tag;

pub use analyze::{Term, analyze, grams, is_unspaced, neutral, words};
pub use detect::detect;
pub use sentences::sentences;
pub use tag::{Language, ScriptClass};
