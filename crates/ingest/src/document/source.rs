//! From the parser's lines and columns to byte offsets in the body.

use std::ops::Range;

use comrak::nodes::Sourcepos;

/// Where each line of a body starts.
pub(crate) struct Lines<'b> {
    body: &'b str,
    starts: Vec<usize>,
}

impl<'b> Lines<'b> {
    /// Finds the lines; `\n`, `\r\n` and a lone `\r` end one, as in CommonMark.
    pub(crate) fn new(body: &'b str) -> Self {
        let bytes = body.as_bytes();
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { body, starts }
    }

    /// The bytes of a node. Columns count bytes from 1 and the last one belongs to the node.
    pub(crate) fn range(&self, at: Sourcepos) -> Range<usize> {
        let start = self.offset(at.start.line, at.start.column.saturating_sub(1));
        let end = self.offset(at.end.line, at.end.column);
        start..end.max(start)
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// Where a line, counted from 1, starts.
    pub(crate) fn start(&self, number: usize) -> usize {
        self.starts.get(number.saturating_sub(1)).copied().unwrap_or(self.body.len())
    }

    /// The bytes of a line, counted from 1, without its end.
    pub(crate) fn line(&self, number: usize) -> Range<usize> {
        let start = self.start(number);
        let end = self.starts.get(number).copied().unwrap_or(self.body.len());
        start..start + self.body[start..end].trim_end_matches(['\n', '\r']).len()
    }

    fn offset(&self, line: usize, column: usize) -> usize {
        let mut offset = (self.start(line) + column).min(self.body.len());
        while !self.body.is_char_boundary(offset) {
            offset += 1;
        }
        offset
    }
}
