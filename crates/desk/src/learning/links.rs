//! The articles that a reply links.

/// The slugs behind every `/a/<slug>` of this site in a text, in order, each once. `base_url` is the site's public address;
/// an address of another host is not ours, whatever its path.
pub(super) fn slugs(text: &str, base_url: Option<&str>) -> Vec<String> {
    const PATH: &str = "/a/";
    let mut found: Vec<String> = vec![];
    for (at, _) in text.match_indices(PATH) {
        if !is_ours(&text[..at], base_url) {
            continue;
        }
        let rest = &text[at + PATH.len()..];
        let end = rest.find(|c: char| !is_of_slug(c)).unwrap_or(rest.len());
        let slug = unescaped(rest[..end].trim_end_matches(['.', ',']));
        let slug = slug.strip_suffix(".md").unwrap_or(&slug).to_owned();
        if !slug.is_empty() && !found.contains(&slug) {
            found.push(slug);
        }
    }
    found
}

/// Whether what stands before the path is the site's address, or nothing: `](/a/…` and ` /a/…` are links within the site.
fn is_ours(before: &str, base_url: Option<&str>) -> bool {
    if base_url.is_some_and(|base| before.ends_with(base)) {
        return true;
    }
    // A path goes on to the left: this is not its beginning.
    !before.ends_with(|c: char| c.is_alphanumeric() || "/:.-_%~".contains(c))
}

fn is_of_slug(c: char) -> bool {
    c.is_alphanumeric() || "-_.~%".contains(c)
}

/// Undoes percent-encoding; what is none stays as it is.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_articles_of_this_site_are_found() {
        let base = Some("https://help.example.com");
        for (text, expected) in [
            ("See https://help.example.com/a/set-up-mail#ports.", vec!["set-up-mail"]),
            ("See [mail](/a/set-up-mail), and /a/print.", vec!["set-up-mail", "print"]),
            ("https://help.example.com/a/%E9%80%80%E6%AC%BE?lang=zh", vec!["退款"]),
            ("https://help.example.com/a/mail twice https://help.example.com/a/mail", vec!["mail"]),
            ("https://evil.example.com/a/mail", vec![]),
            ("https://help.example.com.evil.org/a/mail", vec![]),
            ("/b/a/mail", vec![]),
            ("n/a/b", vec![]),
            ("https://help.example.com/a/", vec![]),
            ("https://help.example.com/a/x%zz%", vec!["x%zz%"]),
        ] {
            assert_eq!(slugs(text, base), expected, "{text}");
        }
        assert_eq!(slugs("https://help.example.com/a/mail", None), Vec::<String>::new());
    }
}
