//! Articles: reading them as a visitor, writing and publishing them, importing many.

mod browse;
mod import;
mod publish;
mod vote;
mod write;

pub use browse::*;
pub use import::*;
pub use write::*;
