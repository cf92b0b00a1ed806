//! Raw HTML inside Markdown, judged without a parser: which tags are markup, and which only look like one.
//!
//! A body from outside may hold `<your-domain>` or `a <b and c> d`.
//! Only elements that HTML knows, with attributes as HTML writes them, are markup; everything else is text.

/// A tag as it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Lower case.
    pub(crate) name: String,
    /// `</name>`.
    pub(crate) closing: bool,
    /// Its content is not shown: scripts, styles, templates, `hidden`, `display:none` and the like.
    pub(crate) hides: bool,
    /// What stands between the name and the end of the tag.
    pub(crate) attributes: String,
}

/// A piece of raw HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Raw<'t> {
    /// An element's tag.
    Tag(Tag),
    /// A comment, declaration or processing instruction.
    Invisible,
    /// Anything else.
    Text(&'t str),
}

/// Elements that stand alone: they have no closing tag, or do without.
const ALONE: [&str; 22] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "p",
    "param", "source", "tbody", "td", "th", "thead", "tr", "wbr",
];

/// Elements that start and end a line of text. With [`ALONE`] and [`INLINE`] these are the elements of HTML that
/// documents use (WHATWG HTML, section 4); the obsolete ones that still occur are among them.
const BLOCK: [&str; 41] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "iframe",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tfoot",
    "tr",
    "ul",
];

/// Elements within a line.
const INLINE: [&str; 59] = [
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "br", "button", "canvas", "cite", "code",
    "data", "del", "dfn", "em", "font", "head", "i", "img", "input", "ins", "kbd", "label", "legend", "link",
    "map", "mark", "math", "meta", "meter", "noscript", "object", "optgroup", "option", "output", "picture",
    "progress", "q", "s", "samp", "script", "select", "small", "source", "span", "strike", "strong", "style",
    "sub", "sup", "svg", "tbody", "td", "template", "u", "var", "video",
];

/// Whether the element ends the line of text it stands in.
pub(crate) fn is_block(name: &str) -> bool {
    BLOCK.contains(&name) || matches!(name, "br" | "td" | "th" | "thead" | "tbody")
}

/// Whether the element does without a closing tag.
pub(crate) fn stands_alone(name: &str) -> bool {
    ALONE.contains(&name)
}

/// Reads one tag, comment or declaration that starts at the beginning of `text`; also how long it is.
pub(crate) fn read(text: &str) -> Option<(Raw<'_>, usize)> {
    let rest = text.strip_prefix('<')?;
    if let Some(comment) = rest.strip_prefix("!--") {
        // A comment that nobody closed would hide the rest of the page.
        return comment.find("-->").map(|end| (Raw::Invisible, end + 7));
    }
    if rest.starts_with('!') || rest.starts_with('?') {
        return Some((Raw::Invisible, text.find('>')? + 1));
    }
    let closing = rest.starts_with('/');
    let inner = rest.strip_prefix('/').unwrap_or(rest);
    let name_len = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = inner[..name_len].to_ascii_lowercase();
    let known =
        BLOCK.contains(&name.as_str()) || INLINE.contains(&name.as_str()) || ALONE.contains(&name.as_str());
    if !known {
        return None;
    }
    let attributes_len = attributes_len(&inner[name_len..])?;
    let attributes = inner[name_len..name_len + attributes_len].trim_end_matches('/').trim().to_owned();
    let length = text.len() - inner.len() + name_len + attributes_len + 1;
    let hides =
        !closing && (matches!(name.as_str(), "script" | "style" | "template") || is_concealed(&attributes));
    Some((Raw::Tag(Tag { name, closing, hides, attributes }), length))
}

/// Splits raw HTML into tags, invisible parts and text, in order.
pub(crate) fn split(html: &str) -> Vec<Raw<'_>> {
    let mut parts = Vec::new();
    let mut text_start = 0;
    let mut at = 0;
    // What is not closed anywhere is not looked for again: a text of nothing but `<!--` must not take quadratic time.
    let last_end = html.rfind('>').unwrap_or_default();
    let last_comment_end = html.rfind("-->").unwrap_or_default();
    while let Some(found) = html[at..last_end.max(at)].find('<') {
        at += found;
        if html[at..].starts_with("<!--") && at > last_comment_end {
            at += 1;
        } else if let Some((raw, length)) = read(&html[at..]) {
            if text_start < at {
                parts.push(Raw::Text(&html[text_start..at]));
            }
            parts.push(raw);
            at += length;
            text_start = at;
        } else {
            at += 1;
        }
    }
    if text_start < html.len() {
        parts.push(Raw::Text(&html[text_start..]));
    }
    parts
}

/// The value of an attribute, unquoted.
pub(crate) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find(wanted) {
        let at = from + found;
        from = at + wanted.len();
        let starts = at == 0 || lower.as_bytes()[at - 1].is_ascii_whitespace();
        let Some(value) = lower[from..].trim_start().strip_prefix('=') else { continue };
        if !starts {
            continue;
        }
        let value = &attributes[attributes.len() - value.len()..];
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split_whitespace().next().unwrap_or_default(),
        });
    }
    None
}

/// Whether these attributes make an element invisible: white or tiny text is the classic place for instructions.
pub(crate) fn is_concealed(attributes: &str) -> bool {
    let lower = attributes.to_ascii_lowercase();
    let bare_hidden = lower.split_whitespace().any(|word| word == "hidden" || word.starts_with("hidden="));
    let style: String = attribute(&lower, "style").unwrap_or_default().split_whitespace().collect();
    bare_hidden || is_concealing_style(&style)
}

/// Whether a style, lower case and without spaces, conceals text.
pub(crate) fn is_concealing_style(style: &str) -> bool {
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(property, value)| {
        let value = value.trim_end_matches("!important");
        match property {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "opacity" => value.trim_end_matches('%').parse::<f32>().is_ok_and(|opacity| opacity < 0.05),
            "font-size" => {
                let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                number.parse::<f32>().is_ok_and(|size| size < 0.05 || (value.ends_with("px") && size < 2.0))
            }
            "color" => matches!(
                value,
                "white" | "#fff" | "#ffffff" | "transparent" | "rgb(255,255,255)" | "rgba(255,255,255,1)"
            ),
            "left" | "top" | "text-indent" | "margin-left" => {
                value.starts_with('-')
                    && value.trim_end_matches("px").parse::<f32>().is_ok_and(|x| x <= -500.0)
            }
            _ => false,
        }
    })
}

/// How long the attributes are up to the `>`, or nothing where HTML would not read them as attributes.
fn attributes_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let blank = bytes[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        at += blank;
        match bytes.get(at)? {
            b'>' => return Some(at),
            b'/' => at += 1,
            _ if blank == 0 => return None,
            _ => at += attribute_len(&text[at..])?,
        }
    }
}

/// How long one attribute is. One without a value must be one that HTML knows, or the "tag" is prose.
fn attribute_len(text: &str) -> Option<usize> {
    let name_len = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_:@.".contains(b)).count();
    if name_len == 0 {
        return None;
    }
    let name = text[..name_len].to_ascii_lowercase();
    let rest = &text[name_len..];
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        let known = matches!(
            name.as_str(),
            "hidden"
                | "disabled"
                | "checked"
                | "open"
                | "controls"
                | "autoplay"
                | "muted"
                | "loop"
                | "reversed"
                | "required"
                | "readonly"
                | "selected"
                | "allowfullscreen"
                | "async"
                | "defer"
                | "nowrap"
                | "markdown"
        );
        return known.then_some(name_len);
    };
    let trimmed = value.trim_start();
    let before = text.len() - trimmed.len();
    let length = match trimmed.chars().next()? {
        quote @ ('"' | '\'') => trimmed[1..].find(quote)? + 2,
        _ => trimmed.bytes().take_while(|b| !b.is_ascii_whitespace() && *b != b'>').count(),
    };
    Some(before + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_html_knows_is_a_tag() {
        for (text, expected) in [
            ("<br>", true),
            ("<BR />", true),
            ("</a>", true),
            ("<a name=\"top\">", true),
            ("<your-domain>", false),
            ("<b and c>", false),
            ("<string>", false),
            ("<or= 0.05", false),
            ("<!-- note -->", true),
            ("<input disabled>", true),
            ("<", false),
        ] {
            assert_eq!(read(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn concealed_elements_are_known() {
        for (tag, expected) in [
            ("<span style=\"display: none\">", true),
            ("<p hidden>", true),
            ("<div style='color:white;font-size:12px'>", true),
            ("<span style=\"font-size:0\">", true),
            ("<script>", true),
            ("<span style=\"color: red\">", false),
            ("<p class=\"hidden-menu\">", false),
        ] {
            let Some((Raw::Tag(found), _)) = read(tag) else { panic!("no tag: {tag}") };
            assert_eq!(found.hides, expected, "{tag}");
        }
    }
}
