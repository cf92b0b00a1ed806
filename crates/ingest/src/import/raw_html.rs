//! Raw HTML and links within Markdown: blocks of HTML become Markdown, comments go, links are resolved.

use std::ops::Range;

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, parse_document};
use scraper::Html;

use super::edit::{Edit, apply};
use super::html_markdown::{Source, markdown};
use super::{ResolveLink, Warning, html, quoted};
use crate::document::tags::{self, Raw};
use crate::document::{Lines, options, tame};

/// Cleans the HTML and the links of a text. `path` is where the text stands, for links relative to it.
pub(super) fn clean(
    text: &str,
    path: &str,
    resolve: Option<ResolveLink<'_>>,
    warnings: &mut Vec<Warning>,
) -> String {
    let unindented = unindent(text);
    let text = unindented.as_str();
    let arena = Arena::new();
    let tamed = tame(text);
    let root = parse_document(&arena, &tamed, &options());
    let lines = Lines::new(text);
    let mut edits: Vec<Edit> = Vec::new();
    let mut n_comments = 0;
    let mut joined_until = 0;
    for node in root.descendants() {
        let range = lines.range(node.data().sourcepos);
        match &node.data().value {
            NodeValue::HtmlBlock(block) if range.start >= joined_until => {
                n_comments += block.literal.matches("<!--").count();
                let (literal, end) = with_following(node, &block.literal, &lines, range.end);
                joined_until = end;
                let start = lines.line(node.data().sourcepos.start.line).start;
                edits.push((range.start..end, converted(&literal, &text[start..range.start])));
            }
            NodeValue::HtmlInline(html) if matches!(tags::read(html), Some((Raw::Invisible, _))) => {
                n_comments += 1;
                edits.push((range, String::new()));
            }
            NodeValue::Link(link) | NodeValue::Image(link) => {
                edits.extend(relinked(text, range, &link.url, path, resolve, warnings));
            }
            _ => {}
        }
    }
    if n_comments > 0 {
        warnings.push(Warning::new(format!("{n_comments} HTML comments were left out")));
    }
    apply(text, edits)
}

/// The HTML of a block and of those that follow it with nothing but blank lines between: a table with a blank line in
/// it is still one table.
fn with_following(node: Node<'_>, literal: &str, lines: &Lines<'_>, end: usize) -> (String, usize) {
    let mut joined = literal.to_owned();
    let mut end = end;
    let mut at = node;
    while let Some(next) = at.next_sibling() {
        match &next.data().value {
            NodeValue::HtmlBlock(block) => joined.push_str(&block.literal),
            _ => break,
        }
        end = lines.range(next.data().sourcepos).end;
        at = next;
    }
    (joined, end)
}

/// A block of HTML as Markdown, its lines behind what the first one stands behind.
fn converted(literal: &str, before: &str) -> String {
    let fragment = Html::parse_fragment(html::bounded(literal).as_ref());
    let text = markdown(fragment.tree.root(), Source::Markdown);
    let quotes: String = before.chars().map(|c| if c == '>' { '>' } else { ' ' }).collect();
    let mut out = String::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            out.push_str(if line.is_empty() { quotes.trim_end() } else { &quotes });
        }
        out.push_str(line);
    }
    // A heading or list right below must not run into the text.
    if !out.is_empty() {
        out.push('\n');
        out.push_str(quotes.trim_end());
    }
    out
}

/// The replacement of a link's address, when it leads to a file or page that is known under another one.
fn relinked(
    text: &str,
    range: Range<usize>,
    url: &str,
    path: &str,
    resolve: Option<ResolveLink<'_>>,
    warnings: &mut Vec<Warning>,
) -> Option<Edit> {
    let resolve = resolve?;
    let (address, fragment) = match url.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (url, None),
    };
    let has_scheme = address.split('/').next().is_some_and(|first| first.contains(':'));
    if address.is_empty() || has_scheme || address.starts_with("//") {
        return None;
    }
    let target = if address.starts_with('/') { address.to_owned() } else { relative(path, address) };
    let Some(resolved) = resolve(&target) else {
        if address.ends_with(".md") || address.ends_with(".mdx") {
            let line = 1 + text[..range.start].matches('\n').count();
            warnings.push(Warning::at(line, format!("the link to {} leads nowhere", quoted(address))));
        }
        return None;
    };
    let at = range.start + text.get(range.clone())?.rfind(url)?;
    let new = match fragment {
        Some(fragment) => format!("{resolved}#{fragment}"),
        None => resolved,
    };
    Some((at..at + url.len(), new))
}

/// A path relative to a file, as one relative to the root of the import.
fn relative(path: &str, address: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    let address = address.split('?').next().unwrap_or_default();
    for part in address.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    percent_decoded(&parts.join("/"))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let decoded = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match decoded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The text with tags at the start of their line moved left while a block of HTML is open: after a blank line within
/// a `<div>`, an indented tag would be read as code.
fn unindent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fences = super::edit::Fences::default();
    let mut depth = 0_usize;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t']);
        let tag = match tags::read(bare) {
            Some((Raw::Tag(tag), _)) if tags::is_block(&tag.name) => Some(tag),
            _ => None,
        };
        let is_code = depth == 0 && fences.is_code(line);
        let indent = line.len() - bare.len();
        if is_code || (depth == 0 && indent >= 4) || (tag.is_none() && depth == 0) {
            out.push_str(line);
            continue;
        }
        for part in tags::split(line) {
            if let Raw::Tag(tag) = part
                && tags::is_block(&tag.name)
                && !tags::stands_alone(&tag.name)
            {
                depth = if tag.closing { depth.saturating_sub(1) } else { depth + 1 };
            }
        }
        out.push_str(if tag.is_some() && indent >= 4 { bare } else { line });
    }
    out
}
