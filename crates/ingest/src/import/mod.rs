//! Imports: files and corpus lines become articles that are ready to be stored.
//!
//! What stands in a file (front matter, habits of site generators, HTML) ends as plain Markdown.
//! Nothing here reads files; whoever does hands over a path and a text.

mod assemble;
mod category;
mod component;
mod compose;
mod decode;
mod edit;
mod escape;
mod front_matter;
mod habits;
pub(crate) mod html;
pub(crate) mod html_markdown;
mod jsonl;
mod liquid;
mod markdown;
mod message;
mod notice;
mod path;
mod place;
mod raw_html;

use std::fmt::Write;

use domain::{Audience, Locale};
use serde::Serialize;

pub use category::{Category, collection_of_folder, parse_category};
pub use decode::{Decoded, decode};
pub use html::parse_html;
pub use jsonl::{LINE_BYTES_MAX, parse_jsonl_line};
pub use markdown::parse_markdown;
pub(crate) use message::message_markdown;
pub use place::{Place, place};

use crate::content_hash;

/// Where an address leads: a path from the root of the import (`guide/install.md`) or one of a site
/// (`/help/install/`), without its fragment, to a new address. `None` when nobody knows.
pub type ResolveLink<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a file or line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown, with or without front matter, components and liquid.
    Markdown,
    /// A web page.
    Html,
    /// One object per line: `_id`, `title`, `text`.
    Jsonl,
}

impl Format {
    /// The format that a file name promises.
    pub fn of_path(path: &str) -> Option<Self> {
        let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
        match extension.as_str() {
            "md" | "mdx" | "markdown" | "mdown" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// What the person who imports wants, beyond what the files say.
#[derive(Default, Clone)]
pub struct ImportOptions<'a> {
    /// The locale of everything, whatever files say.
    pub locale: Option<Locale>,
    /// The collection of everything, by slug or title.
    pub collection: Option<String>,
    /// Everything stays a draft.
    pub draft: bool,
    /// Where links between files lead. Without it they stay as they are.
    pub resolve_link: Option<ResolveLink<'a>>,
}

/// A collection as an import names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionName {
    /// Its address.
    pub slug: String,
    /// What readers see, when the collection does not exist yet.
    pub title: String,
}

/// An article as an import found it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParsedArticle {
    /// `_id` of a corpus line, or the path without its locale: the translations of one article share it.
    pub external_id: String,
    /// The address it asks for.
    pub slug: String,
    /// The address with its folders in front, for when `slug` is taken by another article.
    pub slug_long: String,
    /// Its title, plain text, within [`domain::TITLE_CHARS_MAX`].
    pub title: String,
    /// One sentence about it, from front matter.
    pub description: Option<String>,
    /// Its locale, where front matter, folder or file name say so.
    pub locale: Option<Locale>,
    /// The shelf it asks for.
    pub collection: Option<CollectionName>,
    /// Who may read it, where front matter says so. A word that is no audience means agents only.
    pub audience: Option<Audience>,
    /// Words that front matter files it under.
    pub tags: Vec<String>,
    /// Other ways to ask for it, at most [`domain::QUESTIONS_MAX`].
    pub questions: Vec<String>,
    /// Slugs that it had before.
    pub redirects: Vec<String>,
    /// Every address it is known by: its path, its permalink, its old addresses. For [`ImportOptions::resolve_link`].
    pub addresses: Vec<String>,
    /// Its place among the others.
    pub position: i64,
    /// It asks not to be published.
    pub draft: bool,
    /// Its text, Markdown.
    pub body: String,
    /// What was strange about it. Not part of the content.
    #[serde(skip)]
    pub warnings: Vec<Warning>,
}

impl ParsedArticle {
    /// The hash of all that would be stored: two imports of the same content have the same.
    pub fn content_hash(&self) -> String {
        content_hash(&serde_json::to_string(self).expect("strings, numbers and lists can be written as JSON"))
    }
}

/// Something strange in a source that did not stop its import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What was found and what was done about it.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    pub(crate) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A source that cannot become an article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ImportError {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// Why.
    pub message: String,
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Names of things, shortened for a message.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let mut out = String::new();
    // Debug keeps control characters out of terminals.
    write!(out, "{short:?}").expect("writing to a string cannot fail");
    out
}
