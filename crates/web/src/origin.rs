//! From where requests come, for the audit log: the door they take, and the network of the address without its last part.

use std::net::IpAddr;

use axum::{extract::Request, middleware::Next, response::Response};
use domain::{AuditOrigin, Door};

use crate::caller::Client;

/// Does what is asked for as coming through a door.
pub(crate) async fn through(door: Door, client: Client, request: Request, next: Next) -> Response {
    let origin = AuditOrigin { door, network: Some(network(client.address)) };
    desk::acting_from(origin, next.run(request)).await
}

/// The network of an address: enough to tell an office from a stranger, too little to tell one person from another. The first 24
/// bits of IPv4 and 48 of IPv6, as web statistics cut them.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut() {
        for (address, cut) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("::1", "::/48"),
        ] {
            assert_eq!(network(address.parse().unwrap()), cut, "{address}");
        }
    }
}
