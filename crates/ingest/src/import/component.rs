//! Components of MDX pages: their tags go, their text and titles stay, their notes become notes.

use std::collections::HashSet;
use std::ops::Range;

use super::edit::{Edit, apply, code_ranges, is_within};
use super::notice;

/// How far the end of a tag is looked for.
const TAG_BYTES_MAX: usize = 8192;

/// Takes components and JSX attributes out of a text.
pub(super) fn clean(text: &str) -> String {
    let code = code_ranges(text);
    let tags = tags(text, &code);
    if tags.is_empty() {
        return text.to_owned();
    }
    // `<Your name>` is a placeholder: a component is closed somewhere, or closes itself.
    let names: HashSet<String> = tags
        .iter()
        .filter(|(_, tag)| tag.closing || tag.self_closing)
        .map(|(_, tag)| tag.name.clone())
        .collect();
    let known: Vec<&(Range<usize>, Tag)> =
        tags.iter().filter(|(_, tag)| !tag.is_component() || names.contains(&tag.name)).collect();
    let shifts = shifts(text, &known);
    let mut edits: Vec<Edit> = Vec::new();
    for (line_start, blanks) in &shifts.lines {
        edits.push((*line_start..line_start + blanks, String::new()));
    }
    for (range, tag) in known {
        let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let alone = text[line_start..range.start].trim().is_empty();
        let indent = shifts.tag_indents.get(&range.start).copied().unwrap_or(0);
        let replacement = tag.replacement(alone, &" ".repeat(indent));
        // The blanks in front of a tag that starts its line go with it.
        let starts_line = alone && tag.is_component();
        let start = if starts_line { line_start } else { range.start };
        edits.push((start..range.end, replacement));
    }
    apply(text, edits)
}

/// A tag of a component, or a tag of HTML with attributes of JSX, or a comment of JSX (without a name).
#[derive(Debug)]
struct Tag {
    name: String,
    closing: bool,
    self_closing: bool,
    title: String,
    src: String,
    alt: String,
    /// An HTML tag without its JSX attributes.
    plain: String,
}

impl Tag {
    fn is_component(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    fn replacement(&self, alone: bool, indent: &str) -> String {
        if !self.is_component() {
            return self.plain.clone();
        }
        let block = |line: &str| format!("\n{indent}{line}\n\n{indent}");
        let is_note =
            !matches!(self.name.as_str(), "Summary" | "Quote") && notice::kind(&self.name).is_some();
        if is_note && !self.self_closing {
            return if self.closing {
                block(":::")
            } else {
                block(format!(":::{} {}", self.name, self.title).trim())
            };
        }
        if !alone {
            return String::new();
        }
        if self.closing {
            return format!("\n{indent}");
        }
        match (self.title.is_empty(), self.src.is_empty()) {
            (false, _) => block(&format!("**{}**", self.title)),
            (true, false) => block(&format!("![{}]({})", self.alt, self.src)),
            (true, true) => format!("\n{indent}"),
        }
    }
}

fn tags(text: &str, code: &[Range<usize>]) -> Vec<(Range<usize>, Tag)> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['<', '{']) {
        at += found;
        if is_within(code, at) {
            at += 1;
            continue;
        }
        match read(&text[at..]) {
            Some((tag, length)) => {
                tags.push((at..at + length, tag));
                at += length;
            }
            None => at += 1,
        }
    }
    tags
}

/// Reads the tag or comment that a text starts with, and how long it is.
fn read(text: &str) -> Option<(Tag, usize)> {
    let mut tag = Tag {
        name: String::new(),
        closing: false,
        self_closing: false,
        title: String::new(),
        src: String::new(),
        alt: String::new(),
        plain: String::new(),
    };
    if text.starts_with("{/*") {
        return Some((tag, text.find("*/}")? + 3));
    }
    let rest = text.strip_prefix('<')?;
    tag.closing = rest.starts_with('/');
    let rest = rest.trim_start_matches('/');
    let name_len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'.').count();
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        // `<>` and `</>` wrap without meaning.
        return rest.starts_with('>').then_some((tag, text.len() - rest.len() + 1));
    }
    tag.name = rest[..name_len].to_owned();
    let (attributes, length) = attributes(&rest[name_len..])?;
    let total = text.len() - rest.len() + name_len + length;
    tag.self_closing = text[..total].ends_with("/>");
    let has_jsx = attributes.iter().any(|(_, value)| value.starts_with('{'));
    if !tag.is_component() {
        if !has_jsx {
            return None;
        }
        tag.plain = format!("<{}", tag.name);
        for (name, value) in attributes.iter().filter(|(_, value)| !value.starts_with('{')) {
            tag.plain.push_str(&format!(" {name}={value}"));
        }
        tag.plain.push_str(if tag.self_closing { "/>" } else { ">" });
        return Some((tag, total));
    }
    for (name, value) in attributes {
        let text = value.trim_matches(['"', '\'', '{', '}', '`']).to_owned();
        match name.as_str() {
            "title" | "label" | "header" | "summary" if !value.starts_with("{<") => tag.title = text,
            "src" if !value.starts_with('{') => tag.src = text,
            "alt" if !value.starts_with('{') => tag.alt = text,
            _ => {}
        }
    }
    Some((tag, total))
}

/// The attributes up to `>`, values with their quotes or braces, and how long all that is.
fn attributes(text: &str) -> Option<(Vec<(String, String)>, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        if at > TAG_BYTES_MAX {
            return None;
        }
        match bytes.get(at)? {
            b'>' => return Some((found, at + 1)),
            b'/' | b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'{' => at += braced_len(&text[at..])?,
            b if b.is_ascii_alphabetic() || *b == b'_' => {
                let name_len = bytes[at..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(b))
                    .count();
                let name = text[at..at + name_len].to_owned();
                at += name_len;
                if bytes.get(at) != Some(&b'=') {
                    found.push((name, String::new()));
                    continue;
                }
                at += 1;
                let length = match bytes.get(at)? {
                    quote @ (b'"' | b'\'') => bytes[at + 1..].iter().position(|b| b == quote)? + 2,
                    b'{' => braced_len(&text[at..])?,
                    _ => bytes[at..].iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'>').count(),
                };
                found.push((name, text[at..at + length].to_owned()));
                at += length;
            }
            _ => return None,
        }
    }
}

/// The length of `{…}`, braces within it balanced.
fn braced_len(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(TAG_BYTES_MAX) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// How lines within components move left, so that what was indented for the eye does not become code.
struct Shifts {
    /// Where a line starts, and how many blanks it loses.
    lines: Vec<(usize, usize)>,
    /// Where the tags that start a line will stand.
    tag_indents: std::collections::HashMap<usize, usize>,
}

fn shifts(text: &str, tags: &[&(Range<usize>, Tag)]) -> Shifts {
    let mut shifts = Shifts { lines: Vec::new(), tag_indents: std::collections::HashMap::new() };
    // For each open component: where it will stand, and how far the lines within it move.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let mut next = tags.iter().peekable();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let inside_tag = next.peek().is_none() && open.is_empty();
        if inside_tag {
            break;
        }
        let mut starts_with_tag = false;
        while let Some((at, tag)) = next.peek().filter(|(at, _)| at.start < range.end) {
            next.next();
            if !tag.is_component() {
                continue;
            }
            let first = at.start == range.start + indent;
            starts_with_tag |= first;
            if tag.closing {
                let (stands, _) = open.pop().unwrap_or((indent, None));
                shifts.tag_indents.insert(at.start, stands);
            } else {
                let stands = match open.last() {
                    Some((_, Some(shift))) => indent.saturating_sub(*shift),
                    Some((stands, None)) => *stands,
                    None => indent,
                };
                shifts.tag_indents.insert(at.start, stands);
                if !tag.self_closing {
                    open.push((stands, None));
                }
            }
        }
        if starts_with_tag || line.trim().is_empty() {
            continue;
        }
        if let Some((stands, shift)) = open.last_mut() {
            let shift = *shift.get_or_insert(indent.saturating_sub(*stands));
            if shift > 0 && indent > 0 {
                shifts.lines.push((range.start, shift.min(indent)));
            }
        }
    }
    shifts
}
