//! From where the endpoint may be reached: not from a page of another site, and not under a name that somebody else has made point
//! here (DNS rebinding).

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use url::{Host, Url};

use crate::{failure::Failure, state::Web};

/// Checks `Origin` and `Host`.
///
/// # Errors
/// 403 for a host that is not this site, and for a page of another site.
pub(super) fn check(web: &Web, headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let own = Url::parse(&web.config.base_url).ok();
    let host = text(header::HOST).filter(|host| is_own_host(host, own.as_ref()));
    let host = host.ok_or_else(Failure::other_host)?;
    if headers.contains_key(header::ORIGIN) {
        let from = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok());
        let is_own = |from: &Url| {
            let is_here =
                from.as_str().split_once("://").is_some_and(|(_, at)| at.trim_end_matches('/') == host);
            is_here || own.as_ref().is_some_and(|own| own.origin() == from.origin())
        };
        if !from.as_ref().is_some_and(is_own) {
            return Err(Failure::cross_site());
        }
    }
    Ok(())
}

/// Whether a `Host` is the public address, or one that no name server can make point elsewhere.
fn is_own_host(host: &str, own: Option<&Url>) -> bool {
    let Ok(asked) = Url::parse(&format!("http://{host}")) else { return false };
    match asked.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain("localhost")) => true,
        Some(asked) => own.and_then(Url::host).is_some_and(|own| own == asked),
        None => host.parse::<IpAddr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_site_itself_and_plain_addresses_are_hosts() {
        let own = Url::parse("https://help.example").unwrap();
        for (host, is_own) in [
            ("help.example", true),
            ("help.example:443", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("localhost:8080", true),
            ("evil.example", false),
            ("help.example.evil.example", false),
            ("localhost.evil.example", false),
            ("help.example@evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_own_host(host, Some(&own)), is_own, "{host}");
        }
        assert!(!is_own_host("help.example", None));
    }
}
