//! Ingest: Markdown, HTML and imports become articles, and articles become passages and safe pages.
//!
//! Pure functions over text. Strange input never fails; it comes back with warnings.

mod document;
mod hash;
mod hidden;
mod import;
mod passages;
mod plain;
mod render;

pub use hash::content_hash;
pub use import::{
    Category, CollectionName, Decoded, Format, ImportError, ImportOptions, LINE_BYTES_MAX, ParsedArticle,
    Place, ResolveLink, Warning, collection_of_folder, decode, parse_category, parse_html, parse_jsonl_line,
    parse_markdown, place,
};
pub use passages::{PassageOptions, passages};
pub use plain::{TocEntry, plain_text, toc};
pub use render::{RenderOptions, inline_html, message_html, render_html};
