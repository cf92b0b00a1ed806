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
mod tickets;

pub use hash::content_hash;
pub use import::{
    Category, CollectionName, Decoded, Format, ImportError, ImportOptions, LINE_BYTES_MAX, ParsedArticle,
    Place, ResolveLink, Warning, collection_of_folder, decode, parse_category, parse_html, parse_jsonl_line,
    parse_markdown, place,
};
pub use passages::{PassageOptions, passages};
pub use plain::{TocEntry, plain_text, toc};
pub use render::{RenderOptions, RichText, clean_again, inline_html, message_html, render_html, rich_text};
pub use tickets::{
    AGENTS_MAX, CELLS_MAX, CsvRow, CsvRows, CustomerColumns, CustomerSheet, DESCRIPTION, DateReader,
    Directory, EXTERNAL_ID_BYTES_MAX, InvalidDates, InvalidMap, JsonRecord, JsonRecords, NotText,
    ParsedField, ParsedMessage, ParsedPerson, ParsedTicket, ParsedValue, PersonRef, PersonRole,
    RECORD_BYTES_MAX, ROW_BYTES_MAX, Record, SheetMap, TICKET_MESSAGES_MAX, TicketColumns, TicketSheet,
    text_stream, zendesk_kind, zendesk_kind_of_broken, zendesk_record,
};
