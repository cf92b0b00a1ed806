//! Passages: the units of retrieval, spans of one version with their headings and sentences.

use serde::{Deserialize, Serialize};

use crate::PassageId;

/// A span of a version's body. Ingest makes them; they cover every visible character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The version's id and the ordinal.
    pub id: PassageId,
    /// Counts the passages of the version, from 0, in reading order.
    pub ordinal: u32,
    /// The fragment that leads to it in the help center; unique within the version and stable while its text is.
    pub anchor: String,
    /// The headings above it, outermost first, without the title.
    pub headings: Vec<String>,
    /// Byte offset of its first character in the version's body.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
    /// Its sentences, list items, rows and code, in reading order, not overlapping.
    pub segments: Vec<Segment>,
}

impl Passage {
    /// What a reader sees of it: the plain text of its segments, one per line.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.segments.iter().map(|segment| segment.text.as_str()).collect();
        texts.join("\n")
    }
}

/// The smallest unit that an answer may quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// The anchor of the block (paragraph, list, table) that holds it.
    pub anchor: String,
    /// Byte offset of its first character in the version's body.
    pub start: usize,
    /// Byte offset after its last character. The body between is its source, Markdown marks included.
    pub end: usize,
    /// What a reader sees of it, without marks.
    pub text: String,
}

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum SegmentKind {
    /// A sentence of a paragraph.
    Sentence,
    /// An item of a bulleted list; `list` counts the lists of the version, from 0.
    Item {
        /// Which list.
        list: u32,
    },
    /// A step of a numbered list. Steps stay together.
    Step {
        /// Which list, counted with the bulleted ones.
        list: u32,
    },
    /// A row of a table, cells separated by ` | `.
    Row {
        /// Which table of the version.
        table: u32,
    },
    /// A block of code.
    Code,
}
