//! Addresses of pages: where an article, a quote or a collection is found.

use domain::{Attachment, Citation, Hit, Locale};

/// `/a/<slug>`, escaped.
pub(crate) fn article(slug: &str) -> String {
    format!("/a/{}", escape(slug))
}

/// `/a/<slug>?lang=<locale>`.
pub(crate) fn in_locale(slug: &str, locale: &Locale) -> String {
    format!("{}?lang={locale}", article(slug))
}

/// `/a/<slug>#<anchor>`: the address that the API gives for a hit or a citation.
pub(crate) fn passage(slug: &str, anchor: &str) -> String {
    if anchor.is_empty() { article(slug) } else { format!("/a/{}#{}", escape(slug), escape(anchor)) }
}

/// A hit of the results page: the passage in the locale it was found in, and the search that led there.
pub(crate) fn found(hit: &Hit, site_language: &str, search_id: Option<&str>) -> String {
    let lang = (hit.locale.language() != site_language).then(|| format!("lang={}", hit.locale));
    let from = search_id.map(|id| format!("from={}", escape(id)));
    let query: Vec<String> = lang.into_iter().chain(from).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let anchor = &hit.snippet.anchor;
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{}", escape(anchor)) };
    format!("{}{query}{anchor}", article(&hit.slug))
}

/// The article with the quoted words marked: the span of characters, the version they stand in, and the block.
pub(crate) fn quote(citation: &Citation, default_locale: &Locale) -> String {
    let lang =
        if citation.locale == *default_locale { String::new() } else { format!("&lang={}", citation.locale) };
    format!(
        "/a/{}?cite={}-{}&v={}{lang}#{}",
        escape(&citation.slug),
        citation.start,
        citation.end,
        escape(citation.version_id.as_str()),
        escape(&citation.anchor)
    )
}

/// `/c/<slug>`, escaped.
pub(crate) fn collection(slug: &str) -> String {
    format!("/c/{}", escape(slug))
}

/// The address of a file, for the team and for programs: its id and what nobody can guess.
pub(crate) fn attachment(attachment: &Attachment) -> String {
    format!("/api/v1/attachments/{}/{}", attachment.id, attachment.capability)
}

/// The address of the same file for a visitor with a browser.
pub(crate) fn own_attachment(attachment: &Attachment) -> String {
    format!("/ask/attachments/{}/{}", attachment.id, attachment.capability)
}

/// Percent-encodes everything but the unreserved characters (RFC 3986, 2.3).
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_every_script_and_sign() {
        for (slug, anchor, address) in [
            ("first-steps", "install", "/a/first-steps#install"),
            ("退款", "", "/a/%E9%80%80%E6%AC%BE"),
            ("a b/c?", "x\"y", "/a/a%20b%2Fc%3F#x%22y"),
        ] {
            assert_eq!(passage(slug, anchor), address);
        }
    }
}
