//! Jekyll's liquid and Hugo's shortcodes: what stands for text becomes text, the rest is dropped and told.

use std::ops::Range;

use super::edit::{Edit, apply, code_ranges, is_within};
use super::front_matter::FrontMatter;
use super::{Warning, notice, quoted};

/// How far the end of a tag is looked for.
const TAG_BYTES_MAX: usize = 4096;

/// Takes liquid and shortcodes out of a text that starts on `first_line` of its file.
///
/// Values of the page's own front matter are filled in, lists as lists.
/// Code keeps its own, save for `raw`, which only ever wraps it.
pub(super) fn clean(
    text: &str,
    front: &FrontMatter,
    first_line: usize,
    warnings: &mut Vec<Warning>,
) -> String {
    if !text.contains("{%") && !text.contains("{{") {
        return text.to_owned();
    }
    let code = code_ranges(text);
    let mut edits: Vec<Edit> = Vec::new();
    let mut dropped: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('{') {
        at += found;
        let rest = &text[at..];
        let in_code = is_within(&code, at);
        let Some((tag, length)) = read(rest) else {
            at += 1;
            continue;
        };
        let range = at..at + length;
        at += if in_code && !matches!(tag, Tag::Liquid("raw" | "endraw", _)) { 1 } else { length };
        if at < range.end || text[..range.start].ends_with('=') {
            continue;
        }
        match tag {
            Tag::Liquid("raw", _) => {
                edits.push((range.clone(), String::new()));
                at = find_tag(text, range.end, "endraw").map_or(range.end, |end| end.start);
            }
            Tag::Liquid("comment", _) => {
                let end = find_tag(text, range.end, "endcomment").map_or(range.end, |end| end.end);
                edits.push((range.start..end, String::new()));
                at = end;
            }
            Tag::Liquid("endraw", _) => edits.push((range, String::new())),
            Tag::Liquid("highlight", language) => {
                edits.push((range, format!("```{}", language.split(' ').next().unwrap_or_default())));
            }
            Tag::Liquid("endhighlight", _) => edits.push((range, "```".to_owned())),
            Tag::Liquid("link" | "post_url", target) => edits.push((range, target.to_owned())),
            Tag::Shortcode(name, arguments) => {
                let replacement = on_own_lines(text, &range, shortcode(name, arguments));
                edits.push((range, replacement));
            }
            Tag::Output(expression) => match output(expression, front) {
                Some(replacement) => {
                    if replacement.is_empty() {
                        dropped.push((range.start, &text[range.clone()]));
                    }
                    edits.push((range, replacement));
                }
                None => at = range.start + 2,
            },
            Tag::Liquid("include" | "include_relative", arguments) if !included(arguments).is_empty() => {
                let replacement = on_own_lines(text, &range, included(arguments));
                edits.push((range, replacement));
            }
            Tag::Liquid(name, arguments) => {
                let list = page_list(arguments, front);
                if list.is_empty() && !name.starts_with("end") {
                    dropped.push((range.start, &text[range.clone()]));
                }
                edits.push((range, list));
            }
        }
    }
    for (at, tag) in dropped {
        let line = first_line + text[..at].matches('\n').count();
        warnings.push(Warning::at(line, format!("template code was left out: {}", quoted(tag))));
    }
    apply(text, edits)
}

enum Tag<'t> {
    /// `{% name arguments %}`
    Liquid(&'t str, &'t str),
    /// `{{< name arguments >}}` or `{{% name arguments %}}`
    Shortcode(&'t str, &'t str),
    /// `{{ expression }}`
    Output(&'t str),
}

/// Reads the tag that a text starts with, and how long it is.
fn read(text: &str) -> Option<(Tag<'_>, usize)> {
    let (open, close) = [("{{<", ">}}"), ("{{%", "%}}"), ("{{", "}}"), ("{%", "%}")]
        .into_iter()
        .find(|(open, _)| text.starts_with(open))?;
    let mut limit = text.len().min(TAG_BYTES_MAX);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let end = text[open.len()..limit].find(close)? + open.len();
    let inner = text[open.len()..end].trim_matches('-').trim();
    let length = end + close.len();
    if open == "{{" {
        return Some((Tag::Output(inner), length));
    }
    let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let tag = if open == "{%" {
        Tag::Liquid(name, arguments.trim())
    } else {
        Tag::Shortcode(name, arguments.trim())
    };
    Some((tag, length))
}

fn find_tag(text: &str, from: usize, wanted: &str) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        at += found;
        if let Some((Tag::Liquid(name, _), length)) = read(&text[at..])
            && name == wanted
        {
            return Some(at..at + length);
        }
        at += 2;
    }
    None
}

/// What an output tag becomes: a quoted string its text, what the site would have filled in nothing.
/// Other names may be what the page is about, so they stay.
fn output(expression: &str, front: &FrontMatter) -> Option<String> {
    let value = expression.split('|').next().unwrap_or_default().trim();
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        return value[1..].strip_suffix(quote).map(str::to_owned);
    }
    if let Some(text) = value.strip_prefix("page.").and_then(|key| front.text(&[key])) {
        return Some(text.to_owned());
    }
    let root = value.split(['.', '[', ' ']).next().unwrap_or_default();
    matches!(root, "site" | "page" | "include" | "layout" | "paginator" | "").then(String::new)
}

/// The list of the page that an include shows (`{% include list.html items=page.steps %}`), as a list.
fn page_list(arguments: &str, front: &FrontMatter) -> String {
    let keys = arguments.split_whitespace().filter_map(|argument| argument.split_once("=page."));
    let items: Vec<String> = keys.flat_map(|(_, key)| front.list(&[key])).collect();
    items.iter().map(|item| format!("- {item}\n")).collect()
}

/// The words that an include is given to show (`{% include tip.html content="Save first" %}`), as a note where its
/// file is named like one; nothing when it is given none.
fn included(arguments: &str) -> String {
    let (file, arguments) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
    let content = super::super::document::tags::attribute(arguments, "content").unwrap_or_default().trim();
    let name = file.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
    match notice::kind(name) {
        Some(_) if !content.is_empty() => format!(":::{name}\n{content}\n:::"),
        _ => content.to_owned(),
    }
}

/// The marks of a note stand on lines of their own, wherever the tag stood.
fn on_own_lines(text: &str, tag: &Range<usize>, replacement: String) -> String {
    if !replacement.starts_with(":::") {
        return replacement;
    }
    let before = text[..tag.start].rsplit('\n').next().unwrap_or_default();
    let after = text[tag.end..].split('\n').next().unwrap_or_default();
    let lead = if before.trim().is_empty() { "" } else { "\n" };
    let trail = if after.trim().is_empty() { "" } else { "\n" };
    format!("{lead}{replacement}{trail}")
}

/// What a shortcode becomes: notes stay notes, figures images, references their target.
fn shortcode(name: &str, arguments: &str) -> String {
    if let Some(kind) = name.strip_prefix('/') {
        return if notice::kind(kind).is_some() { ":::".to_owned() } else { String::new() };
    }
    if notice::kind(name).is_some() {
        return format!(":::{name}");
    }
    let value = |wanted: &str| super::super::document::tags::attribute(arguments, wanted).unwrap_or_default();
    match name {
        "ref" | "relref" => arguments.trim_matches(['"', '\'']).to_owned(),
        "figure" => format!("![{}]({})", value("alt"), value("src")),
        _ => String::new(),
    }
}
