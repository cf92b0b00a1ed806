//! Segments: the sentences, items, rows and code of a block, with the bytes they come from.

use std::ops::Range;

use domain::{Segment, SegmentKind};

use super::words::{cut, n_words};
use crate::document::{Cell, Container, Event, EventKind, Inline, Mark};
use crate::plain::one_line;

/// Items longer than this are quoted by the sentence: the longest step that still reads as one.
const ITEM_WORDS_MAX: usize = 80;

/// Reads events into segments, one outermost block after the other.
pub(super) struct Reader {
    words_max: usize,
    open: Vec<Container>,
    segments: Vec<Segment>,
}

impl Reader {
    pub(super) fn new(words_max: usize) -> Self {
        Self { words_max: words_max.max(1), open: Vec::new(), segments: Vec::new() }
    }

    /// Whether no container is open.
    pub(super) fn is_outermost(&self) -> bool {
        self.open.is_empty()
    }

    /// Reads an event; gives the block's segments when it ends with this event.
    pub(super) fn read(&mut self, event: &Event, anchor: &str) -> Option<Vec<Segment>> {
        match &event.kind {
            EventKind::Open(container) => self.open.push(*container),
            EventKind::Close(_) => {
                self.open.pop();
            }
            EventKind::Heading { inline, .. } | EventKind::Paragraph { inline, .. } => {
                let segments = match self.item_kind() {
                    Some(kind) if n_words(&inline.text) <= ITEM_WORDS_MAX => {
                        let whole = 0..inline.text.len();
                        self.segment(inline, whole, kind, event, anchor).into_iter().collect()
                    }
                    Some(kind) => self.split(inline, kind, event, anchor),
                    None => self.sentences(inline, event, anchor),
                };
                self.segments.extend(segments);
            }
            EventKind::Code { inline, .. } => self.code(inline, event, anchor),
            EventKind::Row { cells, .. } => self.row(cells, event, anchor),
            EventKind::Rule => {}
        }
        self.open.is_empty().then(|| std::mem::take(&mut self.segments))
    }

    /// A heading that stands for itself: one sentence, whatever stops are in it.
    pub(super) fn heading(&self, inline: &Inline, event: &Event, anchor: &str) -> Vec<Segment> {
        cut(&inline.text, 0..inline.text.len(), self.words_max)
            .into_iter()
            .filter_map(|part| self.segment(inline, part, SegmentKind::Sentence, event, anchor))
            .collect()
    }

    fn sentences(&self, inline: &Inline, event: &Event, anchor: &str) -> Vec<Segment> {
        self.split(inline, SegmentKind::Sentence, event, anchor)
    }

    fn item_kind(&self) -> Option<SegmentKind> {
        self.open.iter().rev().find_map(|container| match container {
            Container::List { number, start: Some(_) } => Some(SegmentKind::Step { list: *number }),
            Container::List { number, start: None } => Some(SegmentKind::Item { list: *number }),
            _ => None,
        })
    }

    /// Cuts a text at its hard line breaks and its sentences, and what is still too long at spaces.
    fn split(&self, inline: &Inline, kind: SegmentKind, event: &Event, anchor: &str) -> Vec<Segment> {
        let readable = readable(inline);
        let mut ends: Vec<usize> =
            inline.spans.iter().filter(|span| span.mark == Mark::Break).map(|span| span.text.end).collect();
        ends.push(inline.text.len());
        let mut segments = Vec::new();
        let mut start = 0;
        for end in ends {
            let line = start..end.max(start);
            start = line.end;
            for sentence in sentence_ranges(&readable, line) {
                for part in cut(&inline.text, sentence, self.words_max) {
                    segments.extend(self.segment(inline, part, kind, event, anchor));
                }
            }
        }
        segments
    }

    fn segment(
        &self,
        inline: &Inline,
        range: Range<usize>,
        kind: SegmentKind,
        event: &Event,
        anchor: &str,
    ) -> Option<Segment> {
        let range = trimmed(&inline.text, range);
        if range.is_empty() {
            return None;
        }
        let source = inline.source_of(range.clone()).unwrap_or_else(|| event.source.clone());
        let text = one_line(&inline.text[range]);
        Some(Segment { kind, anchor: anchor.to_owned(), start: source.start, end: source.end, text })
    }

    /// A row is one segment; a row too long for any passage falls into its cells' sentences.
    fn row(&mut self, cells: &[Cell], event: &Event, anchor: &str) {
        let table = self.open.iter().rev().find_map(|container| match container {
            Container::Table { number } => Some(*number),
            _ => None,
        });
        let kind = SegmentKind::Row { table: table.unwrap_or_default() };
        let filled: Vec<Segment> = cells
            .iter()
            .filter_map(|cell| self.segment(&cell.inline, 0..cell.inline.text.len(), kind, event, anchor))
            .collect();
        let n_words: usize = filled.iter().map(|segment| n_words(&segment.text)).sum();
        if n_words > self.words_max {
            for cell in cells {
                let segments = self.split(&cell.inline, kind, event, anchor);
                self.segments.extend(segments);
            }
            return;
        }
        let (Some(first), Some(last)) = (filled.first(), filled.last()) else { return };
        let texts: Vec<&str> = filled.iter().map(|segment| segment.text.as_str()).collect();
        let (start, end) = (first.start, last.end);
        self.segments.push(Segment { kind, anchor: anchor.to_owned(), start, end, text: texts.join(" | ") });
    }

    /// Code keeps its lines; what is too long for a passage is cut between them.
    fn code(&mut self, inline: &Inline, event: &Event, anchor: &str) {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut words = 0;
        let mut start = 0;
        for line in inline.text.split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            let line_words = n_words(line);
            match parts.last_mut() {
                Some(part) if words + line_words <= self.words_max => {
                    part.end = range.end;
                    words += line_words;
                }
                _ => {
                    parts.push(range);
                    words = line_words;
                }
            }
        }
        for part in parts.into_iter().flat_map(|part| cut(&inline.text, part, self.words_max)) {
            let kept = part.start..part.start + inline.text[part.clone()].trim_end().len();
            if inline.text[kept.clone()].trim().is_empty() {
                continue;
            }
            let source = inline.source_of(kept.clone()).unwrap_or_else(|| event.source.clone());
            self.segments.push(Segment {
                kind: SegmentKind::Code,
                anchor: anchor.to_owned(),
                start: source.start,
                end: source.end,
                text: inline.text[kept].to_owned(),
            });
        }
    }
}

/// The sentences of a line: together they are all of it.
fn sentence_ranges(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = line.start;
    for sentence in language::sentences(&text[line.clone()]).iter().skip(1) {
        let start = line.start + sentence.start;
        if start > from && start < line.end {
            ranges.push(from..start);
            from = start;
        }
    }
    ranges.push(from..line.end);
    ranges
}

/// The text as sentences are found in it, byte for byte as long. Lines run on, unless the next starts like an item of
/// a list that Markdown does not know (`#Click`, `; term`); stops within code end nothing, and code may begin a sentence
/// however it is spelt.
fn readable(inline: &Inline) -> String {
    let text = inline.text.as_bytes();
    let mut bytes = text.to_vec();
    for (at, byte) in bytes.iter_mut().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let item = text.get(at + 1).is_some_and(|next| b"#*;:".contains(next));
        if !item {
            *byte = b' ';
        }
    }
    for span in inline.spans.iter().filter(|span| span.mark == Mark::Code) {
        for byte in &mut bytes[span.text.clone()] {
            if b".!?:; \n".contains(byte) {
                *byte = b'_';
            }
        }
        bytes[span.text.start..].first_mut().into_iter().for_each(u8::make_ascii_uppercase);
    }
    String::from_utf8(bytes).expect("only ASCII bytes were replaced by ASCII bytes")
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..start.max(range.start + slice.trim_end().len())
}
