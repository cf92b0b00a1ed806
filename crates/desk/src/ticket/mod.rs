//! Tickets: opening them from conversations, reading, answering, changing, and drafts for them.

mod change;
mod open;
mod read;
mod reply;
mod save;
mod sight;
mod suggest;

pub use change::*;
pub use read::*;
