//! Addresses of links: which are let through, and which are not what they look like.

use url::{Host, Url};

/// An address that a browser may follow.
pub(super) struct Href<'u> {
    pub(super) url: &'u str,
    /// It leads to another site.
    pub(super) external: bool,
    /// The host as it is looked up, where its letters come from several scripts and may imitate another name.
    pub(super) plain_host: Option<String>,
}

/// Judges an address: http, https, mailto, tel and relative ones pass.
pub(super) fn judge(url: &str) -> Option<Href<'_>> {
    let url = url.trim();
    let squeezed = squeezed(url);
    let external = match scheme(&squeezed) {
        Some("http" | "https") => true,
        Some("mailto" | "tel") => false,
        Some(_) => return None,
        // Browsers read `\` as `/`.
        None => squeezed.replace('\\', "/").starts_with("//"),
    };
    Some(Href { url, external, plain_host: if external { imitating_host(&squeezed) } else { None } })
}

/// Judges an address of a message: one with a scheme, or a path of this site. Anything else leads elsewhere on each page that
/// shows it, or to another host while it looks like a path.
pub(super) fn judge_in_message(url: &str) -> Option<Href<'_>> {
    let squeezed = squeezed(url);
    let is_path = squeezed.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
    judge(url).filter(|_| is_path || scheme(&squeezed).is_some())
}

/// Browsers drop these characters from addresses, so `java\tscript:` would be a scheme.
fn squeezed(url: &str) -> String {
    url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect()
}

/// The scheme, lower case, if the address has one (RFC 3986, section 3.1).
fn scheme(url: &str) -> Option<&'static str> {
    let (scheme, _) = url.split_once(':')?;
    if scheme.contains(['/', '?', '#']) {
        return None;
    }
    let lower = scheme.to_ascii_lowercase();
    Some(["http", "https", "mailto", "tel"].into_iter().find(|known| *known == lower).unwrap_or("other"))
}

/// The host in punycode, if a label of it mixes scripts.
fn imitating_host(url: &str) -> Option<String> {
    let after = url.split_once("//")?.1;
    let written = after.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let mixed = written.split('.').any(|label| {
        let latin = label.chars().any(|c| c.is_ascii_alphabetic());
        let lookalike = label.chars().any(|c| matches!(u32::from(c), 0x370..=0x52f | 0x13a0..=0x13ff));
        latin && lookalike
    });
    if !mixed {
        return None;
    }
    match Url::parse(&format!("https://{written}/")).ok()?.host()? {
        Host::Domain(name) => Some(name.to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_schemes_pass() {
        for (url, expected) in [
            ("https://example.com/a", Some(true)),
            ("//example.com", Some(true)),
            ("\\\\example.com", Some(true)),
            ("/articles/a#b", Some(false)),
            ("../a.md", Some(false)),
            ("#top", Some(false)),
            ("mailto:ada@example.com", Some(false)),
            ("tel:+4930123", Some(false)),
            ("a:b/c", None),
            ("javascript:alert(1)", None),
            ("JaVa\tScript:alert(1)", None),
            (" javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("vbscript:x", None),
        ] {
            assert_eq!(judge(url).map(|href| href.external), expected, "{url:?}");
        }
    }

    #[test]
    fn messages_lead_to_whole_addresses_and_paths_of_this_site() {
        for (url, expected) in [
            ("https://example.com/a", true),
            ("mailto:ada@example.com", true),
            ("/", true),
            ("/a/x?q=1#b", true),
            ("//evil.org", false),
            ("/\\evil.org", false),
            ("\\/evil.org", false),
            ("/\t/evil.org", false),
            ("foo/bar", false),
            ("?q=a:b", false),
            ("#top", false),
            ("", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(judge_in_message(url).is_some(), expected, "{url:?}");
        }
    }

    #[test]
    fn mixed_scripts_are_shown_as_they_are_looked_up() {
        let host = |url| judge(url).and_then(|href| href.plain_host);
        assert_eq!(host("https://аpple.com/x").as_deref(), Some("xn--pple-43d.com"));
        assert_eq!(host("https://почта.рф/"), None);
        assert_eq!(host("https://münchen.de/"), None);
    }
}
