//! Reports: counted as things happen, read for who may see them, checked against the tickets and counted anew.

mod follow;
mod lines;
mod people;
mod query;
mod read;
mod verify;

pub use follow::*;
pub use lines::*;
pub use query::*;
pub use read::*;
pub use verify::*;
