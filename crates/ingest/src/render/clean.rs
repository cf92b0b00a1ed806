//! The sanitiser: the only tags and attributes that reach a browser, whoever wrote them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// What text needs, and nothing that runs, embeds, styles or submits (no svg, math, style, form).
const TAGS: [&str; 33] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Cleans HTML that the writers of this module made.
pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "title", "rel"])),
        ("img", HashSet::from(["src", "alt", "loading", "decoding"])),
        ("ol", HashSet::from(["start"])),
        ("th", HashSet::from(["scope"])),
    ]);
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["id", "class", "role", "tabindex", "dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        // The writer knows which links lead outside and marks those.
        .link_rel(None);
    builder
});
