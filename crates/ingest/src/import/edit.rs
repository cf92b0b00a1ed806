//! Changing text in place: which parts are code and stay as they are, and replacements by range.

use std::ops::Range;

/// A replacement of a range of the text.
pub(super) type Edit = (Range<usize>, String);

/// The text with all edits made. Edits that overlap an earlier one are left out.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    if edits.is_empty() {
        return text.to_owned();
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&replacement);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Follows fenced code through the lines of a text.
#[derive(Default)]
pub(super) struct Fences {
    open: Option<(char, usize)>,
}

impl Fences {
    /// Whether a block of code is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the next line belongs to a block of code, fences included.
    pub(super) fn is_code(&mut self, line: &str) -> bool {
        let bare = line.trim();
        // A fence may stand in a quote or behind the mark of a list item.
        let bare = bare.trim_start_matches(['>', ' ']);
        let bare =
            ["- ", "* ", "+ "].iter().find_map(|mark| bare.strip_prefix(mark)).unwrap_or(bare).trim_start();
        let Some(mark) = bare.chars().next().filter(|c| matches!(c, '`' | '~')) else {
            return self.open.is_some();
        };
        let length = bare.chars().take_while(|c| *c == mark).count();
        match self.open {
            Some((open, open_length)) => {
                if mark == open && length >= open_length && bare.len() == length {
                    self.open = None;
                }
                true
            }
            None if length >= 3 && !(mark == '`' && bare[length..].contains('`')) => {
                self.open = Some((mark, length));
                true
            }
            None => false,
        }
    }
}

/// The ranges that are code, fenced or between backticks, in order.
pub(super) fn code_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut fences = Fences::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        if fences.is_code(line) {
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
        } else {
            spans(line, range.start, &mut ranges);
        }
    }
    ranges
}

/// Whether an offset lies in one of the ranges.
pub(super) fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.start <= at)
}

/// The code spans of a line.
fn spans(line: &str, offset: usize, ranges: &mut Vec<Range<usize>>) {
    let runs = runs(line);
    let mut index = 0;
    while index < runs.len() {
        let (start, length) = runs[index];
        // A closing run further off than this is not looked for: lines of backticks must not take quadratic time.
        let window = &runs[index + 1..runs.len().min(index + 64)];
        match window.iter().position(|(_, other)| *other == length) {
            Some(found) => {
                let (end, _) = window[found];
                ranges.push(offset + start..offset + end + length);
                index += found + 2;
            }
            None => index += 1,
        }
    }
}

/// Runs of backticks: where, and how many.
fn runs(line: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_in_fences_and_spans() {
        let text = "a `b` c\n```\nd\n```\ne ``f ` g`` h\n~~~~\n```\n~~~~\nend `";
        let code: Vec<&str> = code_ranges(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(code, ["`b`", "```\nd\n```\n", "``f ` g``", "~~~~\n```\n~~~~\n"]);
    }
}
