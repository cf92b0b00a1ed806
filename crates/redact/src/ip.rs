//! Public network addresses. Private ones and well-known resolvers are settings, and versions look alike.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;

use crate::words::word_before;

static FOUR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{1,3}(?:\.\d{1,3}){3}").expect("a constant pattern"));
static SIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|:)").expect("a constant pattern")
});
/// Resolvers that everybody is told to use: Google, Cloudflare, Quad9.
const RESOLVERS: [Ipv4Addr; 5] = [
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(1, 0, 0, 1),
    Ipv4Addr::new(9, 9, 9, 9),
];
/// Words before a version.
const VERSION_WORDS: [&str; 24] = [
    "version",
    "versions",
    "versión",
    "versione",
    "versão",
    "ver",
    "v",
    "release",
    "build",
    "update",
    "updated",
    "upgrade",
    "thunderbird",
    "firefox",
    "tb",
    "windows",
    "android",
    "ios",
    "macos",
    "chrome",
    "edge",
    "driver",
    "firmware",
    "kernel",
];

/// Finds network addresses that can belong to somebody.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let four = FOUR.find_iter(text).map(|m| m.range()).filter(|range| is_public_four(text, range));
    let six = SIX.find_iter(text).map(|m| m.range()).filter(|range| is_public_six(text, range));
    four.chain(six).collect()
}

fn is_public_four(text: &str, range: &Range<usize>) -> bool {
    let Ok(ip) = text[range.clone()].parse::<Ipv4Addr>() else { return false };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let goes_on = before.ends_with(|c: char| c.is_alphanumeric() || ".-_".contains(c))
        || after.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
        || after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let [a, b, c, _] = ip.octets();
    let is_setting = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || RESOLVERS.contains(&ip);
    // 2.0.0.24 and 1.5.0.10 were versions; an address with zeros in the middle is rare.
    let is_version = (c == 0 && (b == 0 || a < 10))
        || VERSION_WORDS.contains(&word_before(before).to_lowercase().as_str());
    !goes_on && !is_setting && !is_version
}

fn is_public_six(text: &str, range: &Range<usize>) -> bool {
    let Ok(ip) = text[range.clone()].parse::<Ipv6Addr>() else { return false };
    let goes_on = text[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == ':')
        || text[range.end..].starts_with(|c: char| c.is_alphanumeric() || c == ':');
    let n_groups = text[range.clone()].split(':').filter(|group| !group.is_empty()).count();
    let is_setting =
        ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() || ip.is_unique_local();
    let has_digit = text[range.clone()].contains(|c: char| c.is_ascii_digit());
    !goes_on && n_groups >= 3 && has_digit && !is_setting && !ip.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_found_and_versions_are_not() {
        for (text, expected) in [
            ("blocked 19.253.176.22, sorry", vec!["19.253.176.22"]),
            ("from 2a00:1450:4001:82a::200e now", vec!["2a00:1450:4001:82a::200e"]),
            ("6e40:4041:c617:e898:c11:40d2:c669:2eb4", vec!["6e40:4041:c617:e898:c11:40d2:c669:2eb4"]),
            ("192.168.1.1, 127.0.0.1, 10.1.2.3, 8.8.8.8, ::1, fe80::1", vec![]),
            ("version 1.2.34.4, Thunderbird 2.0.0.24, build 10.0.19045.3803", vec![]),
            ("at 12:30:45, 00:1a:2b:3c:4d:5e, std::fmt", vec![]),
            ("1.2.3.4.5 and 256.1.1.1 and 550 5.7.1", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
