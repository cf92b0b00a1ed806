//! What an editor, a reader and an importer notice of ingest.

mod import;
mod page;
mod passage;
mod property;
mod safety;
