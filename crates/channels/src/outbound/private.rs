//! Which addresses are nobody's business but the network's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is outside the public internet: loopback, private, link-local (with the clouds' metadata
/// services), shared, documentation, multicast, reserved, and every IPv6 form that carries such an IPv4 address.
///
/// Source: the IANA special-purpose address registries (RFC 6890 and its updates).
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => is_private_v6(v6),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b)) // shared between carriers, RFC 6598; Alibaba's metadata service
        || (a == 192 && b == 0 && c == 0) // protocol assignments; Oracle's metadata service
        || (a == 192 && b == 88 && c == 99) // 6to4 relays, RFC 7526
        || (a == 198 && (b == 18 || b == 19)) // benchmarks, RFC 2544
        || a >= 240 // reserved and broadcast
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is global unicast. That leaves out loopback, unspecified, unique local (fc00::/7), link-local,
    // site-local, multicast, mapped (::ffff:a.b.c.d), compatible (::a.b.c.d) and translated (64:ff9b::) addresses.
    if segments[0] & 0xe000 != 0x2000 {
        return true;
    }
    match (segments[0], segments[1]) {
        (0x2002, _) => true,          // 6to4 carries any IPv4 address, RFC 3056
        (0x2001, 0..=0x01ff) => true, // Teredo, benchmarks, ORCHID: RFC 2928
        (0x2001, 0x0db8) => true,     // documentation
        (0x3fff, 0..=0x0fff) => true, // documentation, RFC 9637
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_form() {
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "192.88.99.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
        ] {
            assert!(is_private(address.parse().unwrap()), "{address} is private");
        }
    }

    #[test]
    fn public_addresses_are_let_through() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "93.184.216.34",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(!is_private(address.parse().unwrap()), "{address} is public");
        }
    }
}
