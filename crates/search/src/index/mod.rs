//! The tantivy index: its fields, its documents, and the catalog of articles that is kept in memory.

mod catalog;
mod columns;
mod documents;
mod schema;

pub(crate) use catalog::{Catalog, Entry};
pub(crate) use columns::Columns;
pub(crate) use documents::{StoredPassage, article_document, entry, passage_document};
pub(crate) use schema::{Fields, SCHEMA_VERSION, key_of, passage_key};
