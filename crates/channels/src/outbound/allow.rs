//! What the administrator allows beyond the public internet.

use std::{collections::BTreeSet, net::IpAddr};

use ipnet::IpNet;
use reqwest::Url;

use super::{OutboundError, private::is_private};

/// Hosts and networks that may be reached although they are private. Empty unless an administrator named some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    hosts: BTreeSet<String>,
    networks: Vec<IpNet>,
}

impl AllowList {
    /// Reads entries such as `llm.internal`, `192.168.1.5` and `10.0.0.0/8`.
    ///
    /// # Errors
    /// [`OutboundError::AllowEntry`] names the first that is none of these.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, OutboundError> {
        let mut list = Self::default();
        for entry in entries {
            if let Ok(network) = entry.parse::<IpNet>() {
                list.networks.push(network);
            } else if let Ok(address) = entry.parse::<IpAddr>() {
                list.networks.push(IpNet::from(address));
            } else {
                // The address parser brings a name into the form in which it is compared later.
                let bare = !entry.contains(['/', ':', '@', '?', '#']);
                let url = Url::parse(&format!("http://{entry}/")).ok().filter(|_| bare);
                let host = url.as_ref().and_then(Url::host_str);
                let host = host.ok_or_else(|| OutboundError::AllowEntry(entry.to_owned()))?;
                list.hosts.insert(host.to_owned());
            }
        }
        Ok(list)
    }

    /// Allows the host of one address, whatever it resolves to.
    pub(super) fn of_url(url: &Url) -> Option<Self> {
        let host = url.host_str()?;
        Some(match literal(host) {
            Some(address) => Self { networks: vec![IpNet::from(address)], ..Self::default() },
            None => Self { hosts: BTreeSet::from([host.to_owned()]), ..Self::default() },
        })
    }

    /// Whether this host, resolved to this address, may be reached.
    pub(super) fn admits(&self, host: &str, address: IpAddr) -> bool {
        !is_private(address)
            || self.hosts.contains(host)
            || self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether a literal host may be reached; a name is checked when it is resolved.
    pub(super) fn admits_host(&self, host: &str) -> bool {
        literal(host).is_none_or(|address| self.admits(host, address))
    }
}

/// The address that a host is, if it is one; IPv6 in brackets. Odd spellings (`0x7f.1`) are already gone, because the
/// address parser rewrites them.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_hosts_addresses_or_networks() {
        for entry in
            ["llm.internal", "LLM.Internal", "192.168.1.5", "10.0.0.0/8", "fd00::/8", "::1", "localhost"]
        {
            assert!(AllowList::parse([entry]).is_ok(), "{entry}");
        }
        for entry in ["", "a b", "http://x/y", "host:80", "10.0.0.0/33", "user@host", "host/path"] {
            assert_eq!(AllowList::parse([entry]), Err(OutboundError::AllowEntry(entry.to_owned())));
        }
    }

    #[test]
    fn a_private_address_needs_its_network_or_its_host_to_be_listed() {
        let list = AllowList::parse(["10.0.0.0/8", "llm.internal"]).unwrap();
        for (host, address, admitted) in [
            ("example.org", "93.184.216.34", true),
            ("example.org", "10.1.2.3", true),
            ("example.org", "192.168.1.1", false),
            ("llm.internal", "192.168.1.1", true),
            ("evil.llm.internal", "192.168.1.1", false),
        ] {
            assert_eq!(list.admits(host, address.parse().unwrap()), admitted, "{host} at {address}");
        }
    }
}
