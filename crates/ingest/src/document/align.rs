//! Finds the bytes of the body that a parsed text comes from.
//!
//! The parser says where a node stands; that is checked against the body and, where it does not hold
//! (escapes, entities, lines inside containers), the text is followed through the source character by character.

use std::ops::Range;

use super::inline::Piece;

/// How much source may be skipped to find the next character: marks, link targets and container prefixes.
/// Bounds the work for text that is not there.
const SKIP_BYTES_MAX: usize = 4096;

/// The pieces of `literal`, found at `hint` or, failing that, at or after `cursor` and before `limit`.
pub(super) fn align(
    body: &str,
    literal: &str,
    hint: Range<usize>,
    cursor: usize,
    limit: usize,
) -> Vec<Piece> {
    let whole =
        |start: usize| Piece { text: 0..literal.len(), source: start..start + literal.len(), verbatim: true };
    if hint.start >= cursor && body.get(hint.clone()) == Some(literal) {
        return vec![whole(hint.start)];
    }
    if hint.start >= cursor && hint.end <= limit {
        let mut strict = Follow::new(body, hint.clone(), 0);
        if strict.follow(literal) && strict.at == hint.end {
            return strict.pieces;
        }
    }
    if body.get(cursor..).is_some_and(|rest| rest.starts_with(literal)) {
        return vec![whole(cursor)];
    }
    // A tab that a container took part of comes back as spaces that stand nowhere in the source.
    let bare = literal.trim_start_matches(' ');
    let lead = literal.len() - bare.len();
    if lead > 0 {
        let at_end = hint.end.saturating_sub(bare.len())..hint.end;
        let ends = body.get(at_end.clone()) == Some(bare);
        let mut pieces = if bare.is_empty() {
            Vec::new()
        } else {
            align(body, bare, if ends { at_end } else { hint }, cursor, limit)
        };
        let at = pieces.first().map_or(cursor, |piece| piece.source.start);
        for piece in &mut pieces {
            piece.text = piece.text.start + lead..piece.text.end + lead;
        }
        pieces.insert(0, Piece { text: 0..lead, source: at..at, verbatim: false });
        return pieces;
    }
    let start = if hint.start >= cursor && hint.start < limit { hint.start } else { cursor };
    let mut lenient = Follow::new(body, start..limit.max(start), SKIP_BYTES_MAX);
    if !lenient.follow(literal) && start > cursor {
        lenient = Follow::new(body, cursor..limit.max(cursor), SKIP_BYTES_MAX);
        lenient.follow(literal);
    }
    lenient.pieces
}

struct Follow<'b> {
    body: &'b str,
    at: usize,
    limit: usize,
    skip_max: usize,
    pieces: Vec<Piece>,
}

impl<'b> Follow<'b> {
    fn new(body: &'b str, source: Range<usize>, skip_max: usize) -> Self {
        Self { body, at: source.start, limit: source.end.min(body.len()), skip_max, pieces: Vec::new() }
    }

    /// Follows the literal; false when some character was not found. Each character gets a piece all the same.
    fn follow(&mut self, literal: &str) -> bool {
        let mut complete = true;
        for (offset, c) in literal.char_indices() {
            let text = offset..offset + c.len_utf8();
            let mut skipped = 0;
            let found = loop {
                if let Some((start, length, verbatim)) = self.matches(&literal[offset..], c) {
                    break Some((start, length, verbatim));
                }
                let Some(next) = self.body.get(self.at + skipped..self.limit).and_then(|s| s.chars().next())
                else {
                    break None;
                };
                skipped += next.len_utf8();
                if skipped > self.skip_max {
                    break None;
                }
                if let Some(hit) = self.matches_at(self.at + skipped, &literal[offset..], c) {
                    break Some(hit);
                }
            };
            match found {
                Some((start, length, verbatim)) => {
                    self.push(Piece { text, source: start..start + length, verbatim });
                    self.at = start + length;
                }
                None if self.skip_max == 0 => return false,
                None => {
                    complete = false;
                    // Text that keeps missing is not worth searching for: the halving bounds the work.
                    self.skip_max = (self.skip_max / 2).max(16);
                    self.push(Piece { text, source: self.at..self.at, verbatim: false });
                }
            }
        }
        complete
    }

    fn matches(&self, literal: &str, c: char) -> Option<(usize, usize, bool)> {
        self.matches_at(self.at, literal, c)
    }

    /// Whether the source at `at` stands for the character: where, how many bytes, and whether to the letter.
    fn matches_at(&self, at: usize, literal: &str, c: char) -> Option<(usize, usize, bool)> {
        let source = self.body.get(at..self.limit)?;
        if let Some(length) = entity_len(source)
            && !literal.starts_with(&source[..length])
        {
            return Some((at, length, false));
        }
        if let Some(escaped) = source.strip_prefix('\\')
            && c.is_ascii_punctuation()
            && escaped.starts_with(c)
            && !literal.starts_with(&source[..1 + c.len_utf8()])
        {
            return Some((at, 2, false));
        }
        if source.starts_with(c) {
            return Some((at, c.len_utf8(), true));
        }
        let is_line_end = source.starts_with(['\n', '\r']);
        let replaced = source.starts_with('\0') && c == '\u{fffd}';
        ((matches!(c, ' ' | '\n') && is_line_end) || replaced).then_some((at, 1, false))
    }

    fn push(&mut self, piece: Piece) {
        match self.pieces.last_mut() {
            Some(last) if last.verbatim && piece.verbatim && last.source.end == piece.source.start => {
                last.text.end = piece.text.end;
                last.source.end = piece.source.end;
            }
            _ => self.pieces.push(piece),
        }
    }
}

/// The length of the character reference at the start of the source (CommonMark 6.2), if there is one.
fn entity_len(source: &str) -> Option<usize> {
    let name = source.strip_prefix('&')?;
    let length = name.bytes().take(32).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    (length > 0 && name.as_bytes().get(length) == Some(&b';')).then_some(length + 2)
}
