//! Reads the text of leaf blocks: inline nodes, code and raw HTML, each byte with its place in the body.

use std::collections::HashMap;
use std::ops::Range;

use comrak::nodes::{Node, NodeCodeBlock, NodeValue, Sourcepos};

use super::align::align;
use super::inline::{Inline, Mark, OpenMarks, Piece};
use super::raw_tags::{RawTag, RawTags};
use super::source::Lines;
use super::tags::{self, Raw};

/// Reads the inline nodes of one block.
pub(super) struct InlineReader<'b> {
    body: &'b str,
    lines: &'b Lines<'b>,
    footnotes: &'b HashMap<String, u32>,
    /// Where the next text cannot start before.
    cursor: usize,
    limit: usize,
    inline: Inline,
    marks: OpenMarks,
    /// Alternative texts of the images that are open.
    alts: Vec<String>,
    /// How many concealed elements are open.
    n_hidden: usize,
}

impl<'b> InlineReader<'b> {
    pub(super) fn new(
        body: &'b str,
        lines: &'b Lines<'b>,
        footnotes: &'b HashMap<String, u32>,
        source: Range<usize>,
    ) -> Self {
        Self {
            body,
            lines,
            footnotes,
            cursor: source.start,
            limit: source.end,
            inline: Inline::default(),
            marks: OpenMarks::default(),
            alts: Vec::new(),
            n_hidden: 0,
        }
    }

    /// Reads the block's text; `raw` are its raw tags.
    pub(super) fn read<'a>(mut self, block: Node<'a>, mut raw: RawTags) -> Inline {
        for edge in block.traverse() {
            match edge {
                comrak::arena_tree::NodeEdge::Start(node) => self.start(node, &mut raw),
                comrak::arena_tree::NodeEdge::End(node) => self.end(node),
            }
        }
        self.inline
    }

    fn start<'a>(&mut self, node: Node<'a>, raw: &mut RawTags) {
        let hint = self.lines.range(node.data().sourcepos);
        let mark = match &node.data().value {
            NodeValue::Text(text) => return self.text(text, hint),
            NodeValue::SoftBreak => return self.text("\n", hint),
            NodeValue::LineBreak => return self.line_break(hint),
            NodeValue::Code(code) => {
                self.open(Mark::Code, hint.clone());
                // The parser strips a blank at either end, so the literal stands somewhere between the marks.
                let inner = hint.start + code.num_backticks..hint.end.saturating_sub(code.num_backticks);
                let found = self.body.get(inner.clone()).and_then(|source| source.find(&code.literal));
                let exact = found.map(|at| inner.start + at..inner.start + at + code.literal.len());
                self.text(&code.literal, exact.unwrap_or(inner));
                return self.close(Some(hint.end));
            }
            NodeValue::HtmlInline(html) => {
                let tag = raw.next();
                return self.raw(html, hint, tag);
            }
            NodeValue::FootnoteReference(reference) => {
                let number = self.footnotes.get(&reference.name).copied().unwrap_or(reference.ix);
                self.open(Mark::FootnoteReference { number }, hint.clone());
                return self.close(Some(hint.end));
            }
            NodeValue::Strong => Mark::Strong,
            NodeValue::Emph => Mark::Emphasis,
            NodeValue::Strikethrough => Mark::Strike,
            NodeValue::Link(link) => Mark::Link { url: link.url.clone(), title: link.title.clone() },
            NodeValue::Image(image) => {
                self.alts.push(String::new());
                Mark::Image { url: image.url.clone(), alt: String::new() }
            }
            _ => return,
        };
        self.open(mark, hint);
    }

    fn end<'a>(&mut self, node: Node<'a>) {
        let after = self.lines.range(node.data().sourcepos).end;
        match &node.data().value {
            NodeValue::Strong | NodeValue::Emph | NodeValue::Strikethrough | NodeValue::Link(_) => {
                self.close(Some(after));
            }
            NodeValue::Image(_) => {
                let text = self.alts.pop().unwrap_or_default();
                if let Some(Mark::Image { alt, .. }) = self.marks.innermost(&mut self.inline) {
                    *alt = text;
                }
                self.close(Some(after));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, hint: Range<usize>) {
        if let Some(alt) = self.alts.last_mut() {
            alt.push_str(text);
            return;
        }
        let pieces = align(self.body, text, hint, self.cursor, self.limit);
        self.cursor = pieces.last().map_or(self.cursor, |piece| piece.source.end);
        if self.n_hidden == 0 {
            self.inline.push(text, &pieces);
        }
    }

    fn line_break(&mut self, hint: Range<usize>) {
        self.open(Mark::Break, hint.clone());
        self.text("\n", hint);
        self.close(None);
    }

    /// A raw tag: markup that has a meaning here, markup that has none, or text that looks like it.
    fn raw(&mut self, html: &str, hint: Range<usize>, tag: RawTag) {
        match tag {
            RawTag::Text => return self.text(html, hint),
            RawTag::Nothing => {}
            RawTag::Break => {
                let piece = Piece { text: 0..1, source: hint.clone(), verbatim: false };
                self.open(Mark::Break, hint.clone());
                self.inline.push("\n", &[piece]);
                self.close(None);
            }
            RawTag::Alone(mark) => {
                self.open(mark, hint.clone());
                self.close(None);
            }
            RawTag::Open(mark) => self.open(mark, hint.clone()),
            RawTag::Close => self.close(Some(hint.end)),
            RawTag::Hide => self.n_hidden += 1,
            RawTag::Show => self.n_hidden = self.n_hidden.saturating_sub(1),
        }
        self.cursor = self.cursor.max(hint.end.min(self.limit));
    }

    fn open(&mut self, mark: Mark, source: Range<usize>) {
        self.marks.open(&mut self.inline, mark, source);
    }

    fn close(&mut self, source_end: Option<usize>) {
        let end = self.marks.close(self.body, &mut self.inline, source_end);
        self.cursor = self.cursor.max(end.min(self.limit));
    }
}

/// The text of a block of code, without the last line end.
pub(super) fn code_inline(body: &str, lines: &Lines<'_>, code: &NodeCodeBlock, at: Sourcepos) -> Inline {
    let mut inline = Inline::default();
    let first = at.start.line + usize::from(code.fenced);
    let literal = code.literal.strip_suffix('\n').unwrap_or(&code.literal);
    let literal_lines = Lines::new(literal);
    for index in 0..literal_lines.count() {
        if index > 0 {
            let before = lines.line(first + index - 1).end;
            let after = lines.start(first + index).max(before);
            let piece = Piece { text: 0..1, source: before..after, verbatim: &body[before..after] == "\n" };
            inline.push("\n", &[piece]);
        }
        let text = &literal[literal_lines.line(index + 1)];
        let line = lines.line(first + index);
        let hint = line.end.saturating_sub(text.len())..line.end;
        inline.push(text, &align(body, text, hint, line.start, line.end));
    }
    inline
}

/// The text of a block of raw HTML: tags gone, block elements as line breaks, concealed content left out.
///
/// `parts` are those of `html`.
pub(super) fn html_inline(
    body: &str,
    lines: &Lines<'_>,
    html: &str,
    parts: &[Raw<'_>],
    at: Sourcepos,
) -> Inline {
    let mut inline = Inline::default();
    let mut marks = OpenMarks::default();
    let source = lines.range(at);
    let mut cursor = lines.line(at.start.line).start;
    let mut line = at.start.line;
    let mut line_end = html.find('\n').unwrap_or(html.len());
    let mut hidden_until = 0;
    for (index, part) in parts.iter().enumerate() {
        match part {
            _ if index < hidden_until => {}
            Raw::Invisible => {}
            Raw::Text(text) => {
                let mut offset = text.as_ptr() as usize - html.as_ptr() as usize;
                for text in text.split_inclusive('\n') {
                    while offset > line_end {
                        line += 1;
                        line_end = html[line_end + 1..].find('\n').map_or(html.len(), |n| line_end + 1 + n);
                    }
                    let start = (lines.line(line).end + offset).saturating_sub(line_end);
                    let pieces = align(body, text, start..start + text.len(), cursor, source.end);
                    cursor = pieces.last().map_or(cursor, |piece| piece.source.end);
                    inline.push(text, &pieces);
                    offset += text.len();
                }
            }
            Raw::Tag(tag) if tag.hides => hidden_until = closing(parts, index).unwrap_or(index),
            Raw::Tag(tag) if tags::is_block(&tag.name) && !inline.text.is_empty() => {
                marks.open(&mut inline, Mark::Break, cursor..cursor);
                inline.push("\n", &[Piece { text: 0..1, source: cursor..cursor, verbatim: false }]);
                marks.close(body, &mut inline, None);
            }
            Raw::Tag(_) => {}
        }
    }
    let len = inline.text.trim_end().len();
    inline.truncate(len);
    inline
}

/// Where the element that opens at `index` closes.
fn closing(parts: &[Raw<'_>], index: usize) -> Option<usize> {
    let Raw::Tag(opened) = &parts[index] else { return None };
    let mut depth = 0_usize;
    for (offset, part) in parts[index..].iter().enumerate() {
        match part {
            Raw::Tag(tag) if tag.name == opened.name && !tag.closing => depth += 1,
            Raw::Tag(tag) if tag.name == opened.name => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + offset);
                }
            }
            _ => {}
        }
    }
    None
}
