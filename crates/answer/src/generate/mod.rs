//! A language model's words: what it is asked, and what of its answer may be shown.
//!
//! The model is a stranger with good manners at best.
//! It gets the sources as fenced data, and each of its sentences is checked against the source it cites before anybody
//! reads it.
//! Nothing it says is looked at for meaning otherwise: no commands, no magic strings.

mod grounder;
mod prompt;
mod sanitize;
mod sources;
mod support;
mod unit;

pub use grounder::{Grounded, Grounder};
pub use prompt::Prompt;
pub(crate) use prompt::prompt;
