//! Tickets that are done: closing them, the archive, and deleting them at last.

mod close;
mod delete;
mod shelve;

pub use shelve::ARCHIVED_PER_ROUND;
