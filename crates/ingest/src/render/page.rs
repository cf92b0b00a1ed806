//! Writes the blocks of a document as HTML.

use std::collections::HashMap;
use std::ops::Range;

use domain::Passage;

use super::Form;
use super::text::push_attribute;
use crate::document::{Cell, Container, Event, EventKind, TOP};
use crate::import::ResolveLink;

/// Writes HTML from events.
pub(super) struct Writer<'a> {
    pub(super) form: Form,
    pub(super) out: String,
    /// Cited bytes of the body, sorted, not overlapping.
    pub(super) cited: Vec<Range<usize>>,
    /// The first mark carries the id `cite`.
    pub(super) marked: bool,
    /// Anchors of passages that start within a block, by their first byte; the last is the next.
    pub(super) places: Vec<(usize, &'a str)>,
    pub(super) resolve: Option<ResolveLink<'a>>,
    /// The ids of footnotes, by number.
    pub(super) footnotes: HashMap<u32, String>,
    /// How many levels headings go down.
    shift: u8,
    /// Whether the open table has its body.
    in_body: bool,
    /// Whether a block of code is being written.
    pub(super) in_code: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(form: Form, events: &[Event]) -> Self {
        let shifts = events.iter().any(|event| matches!(event.kind, EventKind::Heading { level: 1, .. }));
        let footnotes = events.iter().filter_map(|event| match (&event.kind, &event.anchor) {
            (EventKind::Open(Container::Footnote { number }), Some(anchor)) if form == Form::Article => {
                Some((*number, anchor.clone()))
            }
            _ => None,
        });
        Self {
            form,
            out: String::new(),
            cited: Vec::new(),
            marked: false,
            places: Vec::new(),
            resolve: None,
            footnotes: footnotes.collect(),
            shift: u8::from(shifts),
            in_body: false,
            in_code: false,
        }
    }

    /// Marks these bytes of the body as cited.
    pub(super) fn cite(&mut self, cited: Vec<Range<usize>>) {
        self.cited = cited;
    }

    /// Gives passages that start within a block a place to link to.
    pub(super) fn place(&mut self, passages: &'a [Passage]) {
        self.places = passages
            .iter()
            .filter_map(|passage| Some((passage, passage.segments.first()?)))
            .filter(|(passage, first)| {
                passage.start == first.start && passage.anchor != first.anchor && passage.anchor != TOP
            })
            .map(|(passage, first)| (first.start, passage.anchor.as_str()))
            .collect();
        self.places.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
    }

    /// Asks this where links lead.
    pub(super) fn resolve_with(&mut self, resolve: Option<ResolveLink<'a>>) {
        self.resolve = resolve;
    }

    /// Writes everything.
    pub(super) fn write(mut self, events: &[Event]) -> String {
        for event in events {
            self.event(event);
        }
        self.out
    }

    /// What was written.
    pub(super) fn html(self) -> String {
        self.out
    }

    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Open(container) => self.open(*container, event),
            EventKind::Close(container) => self.close(*container),
            EventKind::Heading { level, inline } if self.form == Form::Article => {
                let tag = format!("h{}", (level + self.shift).min(6));
                self.tag(&tag, event, "", "");
                self.inline(inline);
                self.end(&tag);
            }
            EventKind::Heading { inline, .. } => {
                self.out.push_str("<p><strong>");
                self.inline(inline);
                self.out.push_str("</strong></p>\n");
            }
            EventKind::Paragraph { inline, tight: true } => {
                self.inline(inline);
                self.out.push('\n');
            }
            EventKind::Paragraph { inline, .. } => {
                self.tag("p", event, "", "");
                self.inline(inline);
                self.end("p");
            }
            EventKind::Code { info, inline } => {
                self.tag("pre", event, "", " tabindex=\"0\"");
                self.out.push_str("<code");
                let language: String =
                    info.chars().take_while(|c| c.is_ascii_alphanumeric() || "+-_#".contains(*c)).collect();
                if !language.is_empty() {
                    push_attribute(&mut self.out, "class", &format!("language-{language}"));
                }
                self.out.push('>');
                self.in_code = true;
                self.inline(inline);
                self.in_code = false;
                self.out.push_str("</code>");
                self.end("pre");
            }
            EventKind::Row { header, cells } => self.row(*header, cells),
            EventKind::Rule => self.out.push_str("<hr>\n"),
        }
    }

    fn open(&mut self, container: Container, event: &Event) {
        match container {
            Container::Quote { alert: None } => self.tag("blockquote", event, "", ""),
            Container::Quote { alert: Some(alert) } => {
                self.tag("blockquote", event, &format!("alert alert-{alert}"), " role=\"note\"");
            }
            Container::List { start: None, .. } => self.tag("ul", event, "", ""),
            Container::List { start: Some(1), .. } => self.tag("ol", event, "", ""),
            Container::List { start: Some(start), .. } => {
                self.tag("ol", event, "", &format!(" start=\"{start}\""));
            }
            Container::Item { task } => {
                self.out.push_str("<li>");
                match task {
                    Some(true) => self.out.push_str("☑ "),
                    Some(false) => self.out.push_str("☐ "),
                    None => {}
                }
            }
            Container::Table { .. } => {
                // The wrapper scrolls on narrow screens; focus makes it reachable by keyboard.
                self.out.push_str("<div class=\"table-scroll\" tabindex=\"0\">");
                self.tag("table", event, "", "");
                self.in_body = false;
            }
            Container::Footnote { number } => {
                self.tag("div", event, "footnote", "");
                if number > 0 {
                    self.out.push_str(&format!("<sup>{number}</sup> "));
                }
            }
        }
    }

    fn close(&mut self, container: Container) {
        match container {
            Container::Quote { .. } => self.end("blockquote"),
            Container::List { start: None, .. } => self.end("ul"),
            Container::List { .. } => self.end("ol"),
            Container::Item { .. } => self.end("li"),
            Container::Table { .. } => {
                if self.in_body {
                    self.out.push_str("</tbody>");
                }
                self.out.push_str("</table>");
                self.end("div");
            }
            Container::Footnote { .. } => self.end("div"),
        }
    }

    fn row(&mut self, header: bool, cells: &[Cell]) {
        if header {
            self.out.push_str("<thead>");
        } else if !self.in_body {
            self.out.push_str("<tbody>");
            self.in_body = true;
        }
        self.out.push_str("<tr>");
        for cell in cells {
            self.out.push_str(if header { "<th scope=\"col\"" } else { "<td" });
            if !cell.align.is_empty() {
                push_attribute(&mut self.out, "class", &format!("align-{}", cell.align));
            }
            self.out.push('>');
            self.inline(&cell.inline);
            self.out.push_str(if header { "</th>" } else { "</td>" });
        }
        self.out.push_str(if header { "</tr></thead>" } else { "</tr>" });
    }

    /// Opens a block: its id, its classes, whether it is cited.
    fn tag(&mut self, tag: &str, event: &Event, class: &str, attributes: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        if self.form == Form::Article
            && let Some(anchor) = &event.anchor
        {
            push_attribute(&mut self.out, "id", anchor);
            let first = self.cited.partition_point(|range| range.end <= event.source.start);
            let cited = self.cited.get(first).is_some_and(|range| range.start < event.source.end);
            match (class, cited) {
                ("", true) => push_attribute(&mut self.out, "class", "cited"),
                (_, true) => push_attribute(&mut self.out, "class", &format!("{class} cited")),
                ("", false) => {}
                (_, false) => push_attribute(&mut self.out, "class", class),
            }
        } else if !class.is_empty() {
            push_attribute(&mut self.out, "class", class);
        }
        self.out.push_str(attributes);
        self.out.push('>');
    }

    fn end(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }
}
