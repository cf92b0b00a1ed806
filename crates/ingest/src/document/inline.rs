//! Text within a block: what a reader sees, where each byte of it comes from, and the marks around it.

use std::ops::Range;

use crate::hidden::visible_runs;

/// Marks nested deeper than this are dropped and their text kept.
const MARK_DEPTH_MAX: usize = 16;

/// The text of a paragraph, heading, cell or block of code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Inline {
    /// What a reader sees. A line break of the source is a `\n`; it shows as a space unless a [`Mark::Break`] says more.
    pub(crate) text: String,
    /// Where the text comes from, in order, without gaps in the text.
    pub(crate) pieces: Vec<Piece>,
    /// Marks, outer before inner, by start.
    pub(crate) spans: Vec<Span>,
}

/// A run of text and the bytes of the body it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: Range<usize>,
    pub(crate) source: Range<usize>,
    /// Byte for byte the same; otherwise (`&amp;`, `\*`) it can only be taken whole.
    pub(crate) verbatim: bool,
}

/// Something around text.
#[derive(Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) mark: Mark,
    pub(crate) text: Range<usize>,
    /// The bytes of the body, marks included.
    pub(crate) source: Range<usize>,
}

/// What a span does.
#[derive(Debug, PartialEq)]
pub(crate) enum Mark {
    Strong,
    Emphasis,
    Strike,
    Code,
    Link {
        url: String,
        title: String,
    },
    /// Its text is not the reader's: `alt` is kept apart.
    Image {
        url: String,
        alt: String,
    },
    /// A line that ends here.
    Break,
    FootnoteReference {
        number: u32,
    },
    /// One of the harmless elements that Markdown has no mark for, such as `kbd`.
    Element(&'static str),
}

impl Inline {
    /// Adds text that comes from `pieces` (relative to `text`), leaving hidden characters out.
    pub(super) fn push(&mut self, text: &str, pieces: &[Piece]) {
        let mut from = 0;
        for run in visible_runs(text) {
            while from < pieces.len() && pieces[from].text.end <= run.start {
                from += 1;
            }
            let shift = self.text.len();
            for piece in pieces[from..].iter().take_while(|piece| piece.text.start < run.end) {
                let start = piece.text.start.max(run.start);
                let end = piece.text.end.min(run.end);
                let source = if piece.verbatim {
                    let offset = piece.source.start;
                    offset + (start - piece.text.start)..offset + (end - piece.text.start)
                } else {
                    piece.source.clone()
                };
                let text = shift + (start - run.start)..shift + (end - run.start);
                self.push_piece(Piece { text, source, verbatim: piece.verbatim });
            }
            self.text.push_str(&text[run]);
        }
    }

    /// The body's bytes behind a range of the text, with each mark that stands wholly within it.
    pub(crate) fn source_of(&self, text: Range<usize>) -> Option<Range<usize>> {
        let first = self.pieces.partition_point(|piece| piece.text.end <= text.start);
        let last = self.pieces.partition_point(|piece| piece.text.start < text.end).checked_sub(1)?;
        let mut source =
            self.pieces.get(first)?.source_from(text.start)..self.pieces[last].source_to(text.end);
        let begin = self.spans.partition_point(|span| span.text.start < text.start);
        for span in self.spans[begin..].iter().take_while(|span| span.text.start < text.end) {
            if span.text.end <= text.end && !span.text.is_empty() && span.mark != Mark::Break {
                source = source.start.min(span.source.start)..source.end.max(span.source.end);
            }
        }
        (source.start < source.end).then_some(source)
    }

    /// The ranges of the text that come from these bytes of the body, in order.
    pub(crate) fn text_of(&self, source: &Range<usize>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for piece in &self.pieces {
            let start = piece.source.start.max(source.start);
            let end = piece.source.end.min(source.end);
            if start >= end {
                continue;
            }
            let text = if piece.verbatim {
                let offset = piece.text.start;
                offset + (start - piece.source.start)..offset + (end - piece.source.start)
            } else {
                piece.text.clone()
            };
            match found.last_mut() {
                Some(before) if before.end == text.start => before.end = text.end,
                _ => found.push(text),
            }
        }
        found
    }

    /// Takes the last bytes of the text away, and the marks that stood there.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        self.pieces.retain(|piece| piece.text.start < len);
        if let Some(last) = self.pieces.last_mut()
            && last.text.end > len
        {
            if last.verbatim {
                last.source.end -= last.text.end - len;
            }
            last.text.end = len;
        }
        self.spans.retain(|span| span.text.start < len);
        for span in &mut self.spans {
            span.text.end = span.text.end.min(len);
        }
    }

    fn push_piece(&mut self, piece: Piece) {
        match self.pieces.last_mut() {
            Some(last) if last.verbatim && piece.verbatim && last.source.end == piece.source.start => {
                last.text.end = piece.text.end;
                last.source.end = piece.source.end;
            }
            _ => self.pieces.push(piece),
        }
    }
}

impl Piece {
    fn source_from(&self, text: usize) -> usize {
        if self.verbatim {
            self.source.start + text.saturating_sub(self.text.start)
        } else {
            self.source.start
        }
    }

    fn source_to(&self, text: usize) -> usize {
        if self.verbatim && text < self.text.end {
            self.source.start + (text - self.text.start)
        } else {
            self.source.end
        }
    }
}

/// Marks that are open while text is added.
#[derive(Default)]
pub(super) struct OpenMarks(Vec<usize>);

impl OpenMarks {
    /// Opens a mark at the end of the text, unless too many are open.
    pub(super) fn open(&mut self, inline: &mut Inline, mark: Mark, source: Range<usize>) {
        if self.0.len() >= MARK_DEPTH_MAX {
            self.0.push(usize::MAX);
            return;
        }
        let at = inline.text.len();
        self.0.push(inline.spans.len());
        inline.spans.push(Span { mark, text: at..at, source });
    }

    /// The innermost open mark.
    pub(super) fn innermost<'i>(&self, inline: &'i mut Inline) -> Option<&'i mut Mark> {
        let index = *self.0.last()?;
        inline.spans.get_mut(index).map(|span| &mut span.mark)
    }

    /// Closes the innermost open mark, whose source ends at `source_end` where that is known; says where it does end.
    ///
    /// The parser's word is checked: a source that does not begin and end with the mark shrinks to its text.
    pub(super) fn close(&mut self, body: &str, inline: &mut Inline, source_end: Option<usize>) -> usize {
        let Some(index) = self.0.pop() else { return 0 };
        let end = inline.text.len();
        let Some(span) = inline.spans.get_mut(index) else { return 0 };
        span.text.end = end;
        span.source.end = source_end.unwrap_or(span.source.end).max(span.source.start);
        if span.text.is_empty() {
            return span.source.end;
        }
        let first = inline.pieces.partition_point(|piece| piece.text.end <= span.text.start);
        let last = inline.pieces.last();
        if let (Some(first), Some(last)) = (inline.pieces.get(first), last) {
            let text = first.source_from(span.text.start)..last.source.end;
            let around = span.source.start <= text.start && span.source.end >= text.end;
            if !around || !span.mark.bounds(body.get(span.source.clone()).unwrap_or_default()) {
                span.source = text;
            }
        }
        span.source.end
    }
}

impl Mark {
    /// Whether this source begins and ends as the mark does.
    fn bounds(&self, source: &str) -> bool {
        let within = |marks: &[&str]| {
            let tagged = source.starts_with('<') && source.ends_with('>');
            tagged || marks.iter().any(|mark| source.starts_with(mark) && source.ends_with(mark))
        };
        match self {
            Self::Strong => within(&["**", "__"]),
            Self::Emphasis => within(&["*", "_"]),
            Self::Strike => within(&["~"]),
            Self::Code => within(&["`"]),
            Self::Link { .. } => (source.starts_with('[') && source.ends_with([')', ']'])) || within(&[]),
            Self::Image { .. } | Self::FootnoteReference { .. } | Self::Break | Self::Element(_) => {
                within(&[])
            }
        }
    }
}
