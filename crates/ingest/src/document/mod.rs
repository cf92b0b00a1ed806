//! A body of Markdown as a flat list of events that passages, pages and plain text are all made from.
//!
//! Each piece of text knows which bytes of the body it comes from.
//! Raw HTML is never passed on: known tags lose their marks, comments and concealed elements vanish, the rest is text.
//! The list is flat, so that no input can nest deep enough to overflow a stack.

mod align;
mod anchor;
mod build;
mod inline;
mod raw_tags;
mod source;
pub(crate) mod tags;
mod text;
mod wiki;

use std::ops::Range;

pub(crate) use anchor::TOP;
pub(crate) use build::{Parts, options, parse, tame};
pub(crate) use inline::{Inline, Mark};
pub(crate) use source::Lines;

/// Containers deeper than this are read as if they stood at this depth: nobody writes them, and readers cannot see them.
const DEPTH_MAX: usize = 24;

/// What stands in a body, in reading order.
#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    /// The bytes of the body it comes from.
    pub(crate) source: Range<usize>,
    /// The fragment of a heading or of an outermost block.
    pub(crate) anchor: Option<String>,
}

/// One step through a document.
#[derive(Debug, PartialEq)]
pub(crate) enum EventKind {
    Open(Container),
    Close(Container),
    Heading {
        level: u8,
        inline: Inline,
    },
    /// `tight`: it stands in a list whose items are not paragraphs.
    Paragraph {
        inline: Inline,
        tight: bool,
    },
    Code {
        info: String,
        inline: Inline,
    },
    Row {
        header: bool,
        cells: Vec<Cell>,
    },
    Rule,
}

/// A cell of a table.
#[derive(Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) inline: Inline,
    /// `left`, `center`, `right` or empty.
    pub(crate) align: &'static str,
}

/// What holds blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// With the word of a GitHub alert (`note`, `tip`, `important`, `warning`, `caution`).
    Quote { alert: Option<&'static str> },
    /// `number` counts the lists of the document from 0; `start` is present when it is a numbered one.
    List { number: u32, start: Option<usize> },
    /// `task`: whether its box is ticked, where it has one.
    Item { task: Option<bool> },
    /// `number` counts the tables of the document from 0.
    Table { number: u32 },
    /// A footnote, by its number; 0 when nothing refers to it.
    Footnote { number: u32 },
}
