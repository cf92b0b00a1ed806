//! The sections of a document: what stands under one heading, as blocks of segments.

use domain::Segment;

use super::segment::Reader;
use crate::document::{Event, EventKind, Inline, TOP};
use crate::plain::one_line;

/// What stands under one heading.
pub(super) struct Section {
    /// The headings above the text, outermost first.
    pub(super) headings: Vec<String>,
    pub(super) anchor: String,
    /// Where the heading, or else the text, starts in the body.
    pub(super) start: usize,
    pub(super) blocks: Vec<Block>,
}

/// A paragraph, list, table, quote or block of code.
pub(super) struct Block {
    pub(super) anchor: String,
    pub(super) segments: Vec<Segment>,
}

impl Block {
    /// Whether it announces the block after it, as "Do this:" does.
    pub(super) fn introduces(&self) -> bool {
        self.segments.last().is_some_and(|last| last.text.trim_end().ends_with([':', '：']))
    }
}

/// Finds the sections. Those without any text are left out, after their headings have gone into the ones below;
/// a heading with nothing at all below it is a sentence.
pub(super) fn sections(events: &[Event], words_max: usize) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut path: Vec<(u8, &str)> = Vec::new();
    let mut section =
        Section { headings: Vec::new(), anchor: TOP.to_owned(), start: usize::MAX, blocks: Vec::new() };
    let mut reader = Reader::new(words_max);
    let mut block_anchor = "";
    for (index, event) in events.iter().enumerate() {
        if reader.is_outermost()
            && let EventKind::Heading { level, inline } = &event.kind
        {
            if !section.blocks.is_empty() {
                sections.push(section);
            }
            path.retain(|(above, _)| above < level);
            let anchor = event.anchor.clone().unwrap_or_default();
            let mut blocks = Vec::new();
            if is_bare(&events[index + 1..], *level) {
                blocks
                    .push(Block { anchor: anchor.clone(), segments: reader.heading(inline, event, &anchor) });
            } else {
                path.push((*level, &inline.text));
            }
            let headings = path.iter().map(|(_, text)| one_line(text)).collect();
            section = Section { headings, anchor, start: event.source.start, blocks };
            continue;
        }
        if reader.is_outermost() {
            block_anchor = event.anchor.as_deref().unwrap_or_default();
        }
        if let Some(segments) = reader.read(event, block_anchor)
            && !segments.is_empty()
        {
            section.blocks.push(Block { anchor: block_anchor.to_owned(), segments });
        }
    }
    if !section.blocks.is_empty() {
        sections.push(section);
    }
    sections
}

/// Whether nothing stands under a heading of this level, not even a deeper heading.
fn is_bare(after: &[Event], level: u8) -> bool {
    let mut depth = 0_usize;
    for event in after {
        let shows = |inline: &Inline| !inline.text.trim().is_empty();
        let found = match &event.kind {
            EventKind::Heading { level: next, .. } if depth == 0 => return *next <= level,
            EventKind::Open(_) => {
                depth += 1;
                false
            }
            EventKind::Close(_) => {
                depth = depth.saturating_sub(1);
                false
            }
            EventKind::Heading { inline, .. }
            | EventKind::Paragraph { inline, .. }
            | EventKind::Code { inline, .. } => shows(inline),
            EventKind::Row { cells, .. } => cells.iter().any(|cell| shows(&cell.inline)),
            EventKind::Rule => false,
        };
        if found {
            return false;
        }
    }
    true
}
