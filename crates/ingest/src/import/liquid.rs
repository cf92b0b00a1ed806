//! Jekyll's liquid and Hugo's shortcodes: what stands for text becomes text, the rest is dropped and told.

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
            Tag::Shortcode(name, arguments) => edits.push((range, shortcode(name, arguments))),
            Tag::Output(expression) => match output(expression, front) {
                Some(replacement) => {
                    if replacement.is_empty() {
                        dropped.push((range.start, &text[range.clone()]));
                    }
                    edits.push((range, replacement));
                }
                None => at = range.start + 2,
            },
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

fn find_tag(text: &str, from: usize, wanted: &str) -> Option<std::ops::Range<usize>> {
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
