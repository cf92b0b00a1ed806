//! Secrets: 256 random bits, shown once, stored as SHA-256.

use sha2::{Digest, Sha256};

/// SHA-256 of a token or key, as 64 hexadecimal digits: what the database stores.
pub(crate) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// A secret as 64 hexadecimal digits.
pub(crate) fn token(bytes: &[u8; 32]) -> String {
    hex(bytes)
}

/// An API key: a prefix that scanners recognise, 256 random bits, and eight digits that catch typing errors.
pub(crate) fn api_key(bytes: &[u8; 32]) -> String {
    let body = format!("askwell_{}", hex(bytes));
    format!("{body}{}", &digest(&body)[..8])
}

/// Whether a text has the shape and the checksum of an API key.
pub(crate) fn is_api_key(key: &str) -> bool {
    key.len() == "askwell_".len() + 72
        && key.is_ascii()
        && key.starts_with("askwell_")
        && digest(&key[..key.len() - 8])[..8] == key[key.len() - 8..]
}

/// Compares in time that does not depend on where the first difference is.
pub(crate) fn is_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_wrong_digit_is_no_key() {
        let key = api_key(&[7; 32]);
        assert!(is_api_key(&key));
        assert!(!is_api_key(&key.replace('7', "8")));
        assert!(!is_api_key("askwell_"));
        assert!(!is_api_key(&"é".repeat(40)));
    }
}
