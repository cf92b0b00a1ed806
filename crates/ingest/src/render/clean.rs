//! The sanitiser: the only tags and attributes that reach a browser, whoever wrote them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::href::judge_in_message;

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

/// What people format messages with besides, in their own programs.
const TYPED_TAGS: [&str; 5] = ["b", "i", "ins", "s", "small"];

/// Cleans HTML that somebody else wrote: no names and classes that this site gives a meaning, no pictures, links only by http, https,
/// mailto and tel or to a path of this site, each marked as somebody else's.
pub(super) fn clean_message(html: &str) -> String {
    MESSAGE.clean(html).to_string()
}

/// The same, but links to people of the team stay: `user:` and an id.
pub(super) fn clean_note(html: &str) -> String {
    NOTE.clean(html).to_string()
}

static MESSAGE: LazyLock<Builder<'static>> =
    LazyLock::new(|| typed(&[], |href| judge_in_message(href).is_some()));
static NOTE: LazyLock<Builder<'static>> =
    LazyLock::new(|| typed(&["user"], |href| href.starts_with("user:") || judge_in_message(href).is_some()));

fn typed(schemes: &[&'static str], admits: fn(&str) -> bool) -> Builder<'static> {
    let mut tags = HashSet::from(TAGS);
    tags.remove("img");
    tags.extend(TYPED_TAGS);
    let attributes: HashMap<&str, HashSet<&str>> =
        HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]);
    let mut known = HashSet::from(["http", "https", "mailto", "tel"]);
    known.extend(schemes);
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir"]))
        .url_schemes(known)
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(move |_, attribute, value| match attribute {
            "href" if !admits(value.trim()) => None,
            _ => Some(Cow::Borrowed(value)),
        })
        .link_rel(Some("noopener noreferrer nofollow ugc"));
    builder
}
