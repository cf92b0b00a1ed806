//! What an editor, a reader and an importer notice of ingest.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod import;
mod page;
mod passage;
mod property;
mod safety;
