//! Markdown files with the habits of site generators become plain Markdown.

use std::ops::Range;

use super::assemble::{Found, assemble};
use super::front_matter::{self, FrontMatter};
use super::{ImportOptions, ParsedArticle, Warning, component, habits, liquid, path, raw_html};
use crate::document::{EventKind, Parts, parse};
use crate::hidden::drop_hidden;
use crate::plain::one_line;

/// Reads a Markdown file. `path` is relative to the root of the import, with `/` between folders.
///
/// Never fails: what is not understood is kept as text, with a warning.
pub fn parse_markdown(path: &str, text: &str, options: &ImportOptions<'_>) -> ParsedArticle {
    let mut warnings = Vec::new();
    let (text, n_hidden) = normalized(text);
    if n_hidden > 0 {
        warnings.push(Warning::new(format!("{n_hidden} invisible characters were left out")));
    }
    let (front, rest, n_lines) = front_matter::split(&text, &mut warnings);
    let body = liquid::clean(rest, &front, n_lines + 1, &mut warnings);
    let body = habits::clean(&component::clean(&body));
    let body = raw_html::clean(&body, path, options.resolve_link, &mut warnings);
    let (heading, below) = first_heading(&body);
    let body = match (&heading, front.text(&["title"])) {
        // The title is shown above the text anyway.
        (Some(_), None) => heading_removed(&body, below),
        (Some(heading), Some(title)) if one_line(title).eq_ignore_ascii_case(heading) => {
            heading_removed(&body, below)
        }
        _ => body.trim_matches('\n').to_owned(),
    };
    assemble(Found { path: path::read(path), source_path: path, front, heading, body, warnings }, options)
}

/// The front matter of a file, as [`parse_markdown`] reads it.
pub(super) fn front(text: &str) -> FrontMatter {
    front_matter::split(&normalized(text).0, &mut Vec::new()).0
}

/// The text with line feeds and without what is invisible, and how many characters that were.
fn normalized(text: &str) -> (String, usize) {
    drop_hidden(&text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n"))
}

/// The text of the first heading of level 1, and its place when nothing stands before it.
fn first_heading(body: &str) -> (Option<String>, Option<Range<usize>>) {
    let events = parse(body, Parts::All);
    let found = events.into_iter().enumerate().find_map(|(index, event)| match event.kind {
        EventKind::Heading { level: 1, inline } => Some((index, one_line(&inline.text), event.source)),
        _ => None,
    });
    match found {
        Some((0, text, source)) => (Some(text), Some(source)),
        Some((_, text, _)) => (Some(text), None),
        None => (None, None),
    }
}

fn heading_removed(body: &str, place: Option<Range<usize>>) -> String {
    let rest = place.and_then(|place| body.get(place.end..)).unwrap_or(body);
    rest.trim_start_matches(|c: char| c.is_whitespace()).trim_end().to_owned()
}
