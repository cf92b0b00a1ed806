//! A body without marks, and its table of contents.

use crate::document::{Event, EventKind, Inline, Parts, parse};

/// A heading of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TocEntry {
    /// 1 to 6, as written.
    pub level: u8,
    /// Its plain text.
    pub text: String,
    /// The fragment that leads to it.
    pub anchor: String,
}

/// What a reader sees of a body: a line per paragraph, item, row and line of code.
pub fn plain_text(body: &str) -> String {
    let mut text = String::new();
    for event in parse(body, Parts::All) {
        match &event.kind {
            EventKind::Heading { inline, .. } | EventKind::Paragraph { inline, .. } => {
                push_line(&mut text, inline);
            }
            EventKind::Code { inline, .. } => {
                text.push_str(&inline.text);
                text.push('\n');
            }
            EventKind::Row { cells, .. } => {
                let cells: Vec<String> = cells.iter().map(|cell| one_line(&cell.inline.text)).collect();
                text.push_str(&cells.join(" | "));
                text.push('\n');
            }
            EventKind::Open(_) | EventKind::Close(_) | EventKind::Rule => {}
        }
    }
    text
}

/// The headings of a body, in order. A first heading that repeats the title is left out.
pub fn toc(title: &str, body: &str) -> Vec<TocEntry> {
    parse(body, Parts::Below(title)).into_iter().filter_map(entry).collect()
}

fn entry(event: Event) -> Option<TocEntry> {
    let anchor = event.anchor?;
    match event.kind {
        EventKind::Heading { level, inline } => {
            Some(TocEntry { level, text: one_line(&inline.text), anchor })
        }
        _ => None,
    }
}

fn push_line(text: &mut String, inline: &Inline) {
    text.push_str(&one_line(&inline.text));
    text.push('\n');
}

/// The text with its white space made single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
