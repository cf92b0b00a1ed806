//! Writes text within a block: marks, links, images, citations.

use std::ops::Range;

use super::Form;
use super::href::{judge, judge_in_message};
use super::page::Writer;
use crate::document::{Inline, Mark};

impl Writer<'_> {
    /// Writes a text with its marks.
    pub(super) fn inline(&mut self, inline: &Inline) {
        let cited = self.cited_text(inline);
        let places = self.places_in(inline);
        let mut places = places.iter().peekable();
        let mut open: Vec<(usize, String)> = Vec::new();
        let mut spans = inline.spans.iter().peekable();
        let mut at = 0;
        loop {
            let opens = spans.peek().map_or(usize::MAX, |span| span.text.start);
            let closes = open.last().map_or(usize::MAX, |(end, _)| *end);
            let place = places.peek().map_or(usize::MAX, |(text, _)| *text);
            let next = opens.min(closes).min(place).min(inline.text.len());
            self.chunk(&inline.text, at..next, &cited);
            at = next;
            if place <= at {
                if let Some((_, anchor)) = places.next() {
                    self.out.push_str("<span");
                    push_attribute(&mut self.out, "id", anchor);
                    self.out.push_str("></span>");
                }
            } else if closes <= at && closes <= opens {
                if let Some((_, tag)) = open.pop() {
                    self.out.push_str(&tag);
                }
            } else if opens <= at {
                if let Some(span) = spans.next() {
                    let closing = self.mark(&span.mark, &inline.text[span.text.clone()]);
                    open.push((span.text.end, closing));
                }
            } else {
                break;
            }
        }
    }

    /// Opens a mark; gives what closes it.
    fn mark(&mut self, mark: &Mark, text: &str) -> String {
        let tag = match mark {
            Mark::Strong => "strong",
            Mark::Emphasis => "em",
            Mark::Strike => "del",
            Mark::Code => "code",
            Mark::Element(tag) => tag,
            Mark::Break => {
                // In a message every line end is one already.
                self.out.push_str(if self.form == Form::Message { "" } else { "<br>" });
                return String::new();
            }
            Mark::FootnoteReference { number } => {
                match self.footnotes.get(number) {
                    Some(anchor) => {
                        let anchor = anchor.clone();
                        self.out.push_str("<sup><a");
                        push_attribute(&mut self.out, "href", &format!("#{anchor}"));
                        self.out.push_str(&format!(">{number}</a></sup>"));
                    }
                    None => self.out.push_str(&format!("<sup>{number}</sup>")),
                }
                return String::new();
            }
            Mark::Link { url, title } => return self.link(url, title, text),
            Mark::Image { url, alt } => {
                self.image(url, alt);
                return String::new();
            }
        };
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push('>');
        format!("</{tag}>")
    }

    fn link(&mut self, url: &str, title: &str, text: &str) -> String {
        let resolved = self.resolve.and_then(|resolve| resolve(url));
        let judge = if self.form == Form::Message { judge_in_message } else { judge };
        let Some(href) = judge(resolved.as_deref().unwrap_or(url)) else { return String::new() };
        self.out.push_str("<a");
        push_attribute(&mut self.out, "href", href.url);
        if !title.is_empty() {
            push_attribute(&mut self.out, "title", title);
        }
        if href.external {
            push_attribute(&mut self.out, "rel", "noopener noreferrer nofollow ugc");
        }
        self.out.push('>');
        match href.plain_host {
            Some(host) if !text.contains(&host) => format!("</a> ({})", escaped(&host)),
            _ => "</a>".to_owned(),
        }
    }

    fn image(&mut self, url: &str, alt: &str) {
        let resolved = self.resolve.and_then(|resolve| resolve(url));
        let url = resolved.as_deref().unwrap_or(url);
        let alt = crate::plain::one_line(&crate::hidden::drop_hidden(alt).0);
        match self.form {
            Form::Article if judge(url).is_some() && !url.is_empty() => {
                self.out.push_str("<img");
                push_attribute(&mut self.out, "src", url);
                push_attribute(&mut self.out, "alt", &alt);
                self.out.push_str(" loading=\"lazy\" decoding=\"async\">");
            }
            Form::Message => {
                let name = if alt.is_empty() { url.to_owned() } else { alt };
                let closing = self.link(url, "", &name);
                push_escaped(&mut self.out, &name);
                self.out.push_str(&closing);
            }
            Form::Article | Form::Sentence => {}
        }
    }

    /// Writes plain text, its cited parts marked.
    fn chunk(&mut self, text: &str, range: Range<usize>, cited: &[Range<usize>]) {
        let mut at = range.start;
        let first = cited.partition_point(|cite| cite.end <= range.start);
        for cite in cited[first..].iter().take_while(|cite| cite.start < range.end) {
            let marked = cite.start.max(at)..cite.end.min(range.end);
            self.plain(&text[at..marked.start]);
            self.out.push_str(if self.marked {
                "<mark class=\"cited\">"
            } else {
                "<mark class=\"cited\" id=\"cite\">"
            });
            self.marked = true;
            self.plain(&text[marked.clone()]);
            self.out.push_str("</mark>");
            at = marked.end;
        }
        self.plain(&text[at..range.end.max(at)]);
    }

    fn plain(&mut self, text: &str) {
        if self.form == Form::Message && !self.in_code {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.out.push_str("<br>\n");
                }
                push_escaped(&mut self.out, line);
            }
        } else {
            push_escaped(&mut self.out, text);
        }
    }

    /// The cited ranges of this text, in order.
    fn cited_text(&self, inline: &Inline) -> Vec<Range<usize>> {
        let (Some(first), Some(last)) = (inline.pieces.first(), inline.pieces.last()) else {
            return Vec::new();
        };
        let from = self.cited.partition_point(|range| range.end <= first.source.start);
        let within = self.cited[from..].iter().take_while(|range| range.start < last.source.end);
        within.flat_map(|range| inline.text_of(range)).collect()
    }

    /// The places within this text, as offsets of the text.
    fn places_in(&mut self, inline: &Inline) -> Vec<(usize, String)> {
        let Some(end) = inline.pieces.last().map(|piece| piece.source.end) else { return Vec::new() };
        let mut found = Vec::new();
        while let Some((source, anchor)) = self.places.last().filter(|(source, _)| *source < end) {
            let text = inline.text_of(&(*source..end)).first().map_or(0, |range| range.start);
            found.push((text, (*anchor).to_owned()));
            self.places.pop();
        }
        found
    }
}

/// Writes ` name="value"`.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_escaped(out, value);
    out.push('"');
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    push_escaped(&mut out, text);
    out
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}
