//! What somebody signed in with and where, in words: enough to recognise one's own sessions, nothing to track by.
//!
//! Only known names come out of the header; nothing of its text is kept.

use axum::http::{HeaderMap, HeaderValue, header};
use desk::Origin;
use domain::Device;

use crate::{caller::Client, limits, origin::network};

/// How much of the header is looked at. Browsers send 80 to 200 bytes.
const USER_AGENT_BYTES_MAX: usize = 512;

/// What gives a browser away, and its name. Chrome's name is in the header of most others, and Safari's in Chrome's.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
/// What gives a system away, and its name. An iPhone says "like Mac OS X", Android says "Linux".
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Where a request came from.
pub(crate) fn origin(client: &Client, headers: &HeaderMap) -> Origin {
    Origin { device: device(client, headers), network: limits::network(client.address).to_string() }
}

fn device(client: &Client, headers: &HeaderMap) -> Device {
    let agent = headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
    let agent = String::from_utf8_lossy(&agent[..agent.len().min(USER_AGENT_BYTES_MAX)]);
    Device { browser: browser(&agent), network: network(client.address) }
}

fn browser(agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|&(_, name)| name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "An unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_in_words_and_nothing_of_its_header_is_kept() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("<script>alert(1)</script>", "An unknown browser"),
            ("", "An unknown browser"),
        ] {
            assert_eq!(browser(agent), words);
        }
    }

    #[test]
    fn an_address_is_shortened_to_its_network() {
        for (address, short) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:12:34::1", "2001:db8:12::/48"),
        ] {
            assert_eq!(network(address.parse().unwrap()), short);
        }
    }
}
