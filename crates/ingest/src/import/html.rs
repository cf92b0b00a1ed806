//! Web pages become Markdown: the part that is the article, without what surrounds it.

use std::borrow::Cow;

use scraper::{ElementRef, Html, Selector};

use super::assemble::{Found, assemble};
use super::front_matter::{self, FrontMatter};
use super::html_markdown::{Source, markdown};
use super::{ImportOptions, ParsedArticle, Warning, path, raw_html};
use crate::document::tags::{self, Raw};
use crate::document::{EventKind, Parts, parse};
use crate::hidden::drop_hidden;
use crate::plain::one_line;

/// Where the article of a page is looked for, best first.
const MAIN: [&str; 8] = [
    "main article",
    "main",
    "[role=main]",
    "article",
    "[itemprop=articleBody]",
    "#content, #main-content, #main",
    ".article-body, .post-content, .entry-content, .markdown-body",
    "body",
];

/// Elements open at once beyond which a page is read as plain text: the parser walks them all for each tag.
const OPEN_MAX: usize = 500;

/// Reads a web page. `path` is relative to the root of the import, with `/` between folders.
///
/// Never fails: what is not understood is kept as text.
pub fn parse_html(path: &str, text: &str, options: &ImportOptions<'_>) -> ParsedArticle {
    let mut warnings = Vec::new();
    let (text, n_hidden) = normalized(text);
    if n_hidden > 0 {
        warnings.push(Warning::new(format!("{n_hidden} invisible characters were left out")));
    }
    let bounded = bounded(&text);
    if matches!(bounded, Cow::Owned(_)) {
        warnings.push(Warning::new(format!(
            "more than {OPEN_MAX} elements within one another: read as plain text"
        )));
    }
    let page = Html::parse_document(&bounded);
    let main = MAIN.iter().filter_map(|wanted| Selector::parse(wanted).ok()).find_map(|selector| {
        page.select(&selector).find(|found| found.text().any(|text| !text.trim().is_empty()))
    });
    let body = main.map_or_else(String::new, |main| markdown(*main, Source::Page));
    let body = raw_html::clean(&body, path, options.resolve_link, &mut warnings);
    let (heading, body) = split_heading(&body);
    let front = head(&page, &mut warnings);
    assemble(Found { path: path::read(path), source_path: path, front, heading, body, warnings }, options)
}

/// What the head of a page says of its place, as [`parse_html`] reads it.
pub(super) fn front(text: &str) -> FrontMatter {
    let (text, _) = normalized(text);
    let lower = text.to_ascii_lowercase();
    let end = match lower.find("</head") {
        // An address that is named further down counts too.
        Some(end) if !lower[end..].contains("canonical") => end,
        _ => text.len(),
    };
    head(&Html::parse_document(&bounded(&text[..end])), &mut Vec::new())
}

/// The text without what is invisible, and how many characters that were.
fn normalized(text: &str) -> (String, usize) {
    drop_hidden(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The page, or its text when its elements are nested beyond reason.
pub(crate) fn bounded(html: &str) -> Cow<'_, str> {
    let mut open = 0_usize;
    let mut deepest = 0;
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        at += found + 1;
        let rest = &html.as_bytes()[at..];
        match rest.first() {
            Some(b'/') => open = open.saturating_sub(1),
            Some(first) if first.is_ascii_alphabetic() => {
                let end = rest.iter().take(32).take_while(|b| b.is_ascii_alphanumeric()).count();
                if !tags::stands_alone(&html[at..at + end].to_ascii_lowercase()) {
                    open += 1;
                    deepest = deepest.max(open);
                }
            }
            _ => {}
        }
    }
    if deepest <= OPEN_MAX {
        return Cow::Borrowed(html);
    }
    let mut text = String::with_capacity(html.len());
    for part in tags::split(html) {
        match part {
            Raw::Text(piece) => text.push_str(&piece.replace('<', "&lt;")),
            Raw::Tag(tag) if tags::is_block(&tag.name) => text.push_str("<br>"),
            Raw::Tag(_) | Raw::Invisible => {}
        }
    }
    Cow::Owned(text)
}

/// What the head of a page says, as if it were front matter.
fn head(page: &Html, warnings: &mut Vec<Warning>) -> FrontMatter {
    let first = |wanted: &str| page.select(&Selector::parse(wanted).ok()?).next();
    let attribute = |wanted: &str, name: &str| {
        first(wanted).and_then(|found: ElementRef<'_>| found.value().attr(name)).map(one_line)
    };
    let mut lines = String::new();
    let mut push = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push_str(&format!("{key}: \"{}\"\n", value.replace('\\', "\\\\").replace('"', "\\\"")));
        }
    };
    let title = attribute("meta[property='og:title']", "content")
        .or_else(|| first("title").map(|title| without_site(&one_line(&title.text().collect::<String>()))));
    // The page's own heading says it best; the browser's title is for pages without one.
    if first("h1").is_none() {
        push("title", title);
    }
    push("lang", attribute("html[lang]", "lang"));
    push("description", attribute("meta[name='description']", "content"));
    push("canonical", attribute("link[rel='canonical']", "href"));
    front_matter::read(&lines, warnings)
}

/// A page's title without the name of its site: `Install | Example`.
fn without_site(title: &str) -> String {
    let split = [" | ", " – ", " — ", " · "].iter().find_map(|sign| title.rsplit_once(sign));
    split.map_or(title, |(own, _)| own).to_owned()
}

/// The first heading of level 1, and the text without it when it stands first.
fn split_heading(body: &str) -> (Option<String>, String) {
    let events = parse(body, Parts::All);
    for (index, event) in events.iter().enumerate() {
        if let EventKind::Heading { level: 1, inline } = &event.kind {
            let rest = if index == 0 { &body[event.source.end..] } else { body };
            return (Some(one_line(&inline.text)), rest.trim().to_owned());
        }
    }
    (None, body.trim().to_owned())
}
