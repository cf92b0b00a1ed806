//! Safe HTML from Markdown: articles with their anchors and citations, sentences of answers, messages of tickets.
//!
//! Raw HTML never passes: a writer of our own makes the page from the document's events,
//! and a sanitiser then checks what it wrote, so that a mistake in one of them is not a hole.

mod clean;
mod href;
mod page;
mod rich;
mod text;

use std::ops::Range;

use domain::Passage;

use crate::document::{EventKind, Parts, parse};
use crate::import::ResolveLink;
use clean::clean;
use page::Writer;

pub use rich::{RichText, clean_again, rich_text};

/// What a page of an article shows beside its text.
#[derive(Default, Clone, Copy)]
pub struct RenderOptions<'a> {
    /// The article's title; a first heading that repeats it is left out.
    pub title: &'a str,
    /// The version's passages: their anchors become ids. Without them, headings and blocks still have theirs.
    pub passages: &'a [Passage],
    /// What is cited, in Unicode characters of the body, as [`domain::Citation`] counts. Any order; may overlap.
    pub cited: &'a [Range<usize>],
    /// Where links of the body lead; `None` leaves a link as it is.
    pub resolve_link: Option<ResolveLink<'a>>,
}

/// What is written, and for whom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A page of the help center: ids, images, headings.
    Article,
    /// A message: lines as typed, images as links, nothing to link to.
    Message,
    /// One sentence: no blocks, no images.
    Sentence,
}

/// Renders an article's body.
///
/// Headings and outermost blocks carry their anchor as `id`. Cited text stands in `<mark class="cited">`, the first of
/// them with `id="cite"`, and the block around it has the class `cited`. Headings of level 1 become level 2 and so on
/// down, because the title is the page's first heading.
pub fn render_html(body: &str, options: &RenderOptions<'_>) -> String {
    let events = parse(body, Parts::Below(options.title));
    let mut writer = Writer::new(Form::Article, &events);
    writer.cite(byte_ranges(body, options.cited));
    writer.place(options.passages);
    writer.resolve_with(options.resolve_link);
    clean(&writer.write(&events))
}

/// Renders a ticket's message: Markdown in which each line end counts and HTML is what somebody typed.
pub fn message_html(markdown: &str) -> String {
    let events = parse(markdown, Parts::Typed);
    clean(&Writer::new(Form::Message, &events).write(&events))
}

/// Renders a sentence of an answer: emphasis, code and links, but no blocks.
pub fn inline_html(markdown: &str) -> String {
    // A no-break space is white space to emphasis but no indentation, so nothing after it starts a list or heading.
    let line = format!("\u{a0}{}", crate::plain::one_line(markdown));
    let events = parse(&line, Parts::All);
    let mut writer = Writer::new(Form::Sentence, &events);
    for event in &events {
        if let EventKind::Paragraph { inline, .. } = &event.kind {
            writer.inline(inline);
        }
    }
    clean(writer.html().trim_start_matches('\u{a0}'))
}

/// Ranges of characters as sorted, merged ranges of bytes.
fn byte_ranges(body: &str, chars: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sorted: Vec<Range<usize>> =
        chars.iter().filter(|range| range.start < range.end).cloned().collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    let mut offsets = body.char_indices().map(|(at, _)| at).chain(std::iter::once(body.len())).enumerate();
    let mut offset_of =
        |char: usize| offsets.find(|(index, _)| *index >= char).map_or(body.len(), |(_, offset)| offset);
    merged.into_iter().map(|range| offset_of(range.start)..offset_of(range.end)).collect()
}
