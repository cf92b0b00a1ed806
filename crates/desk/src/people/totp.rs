//! Codes that change with time (RFC 6238): HMAC-SHA-1, six digits, 30 seconds, which is what every authenticator knows.
//!
//! Ours, because `ring` is in the tree already and the rest is thirty lines; totp-rs would bring a second HMAC.

use ring::hmac;

use crate::people::secret;

/// Seconds for which a code is shown.
const PERIOD_S: i64 = 30;
/// How many steps a device's clock may be off, in either direction (RFC 6238, 5.2).
const SKEW_STEPS: i64 = 1;
/// Bytes of a shared secret: as long as the hash (RFC 4226, 4).
pub(crate) const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
/// RFC 4648, without padding.
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The time step whose code this is, if it is the present one or a neighbour's.
pub(crate) fn step_of(shared: &[u8], code: &str, now_ms: i64) -> Option<i64> {
    let now = now_ms.div_euclid(1_000 * PERIOD_S);
    // All are computed and compared whole, so that time tells nothing about the code.
    let steps = (now - SKEW_STEPS..=now + SKEW_STEPS).filter(|&step| step > 0);
    steps.fold(None, |found, step| {
        if secret::is_equal(code_at(shared, step).as_bytes(), code.as_bytes()) { Some(step) } else { found }
    })
}

/// The code of a time step (RFC 4226, 5.3).
pub(crate) fn code_at(shared: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, shared);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0xf);
    let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:0DIGITS$}", word % 10_u32.pow(DIGITS as u32))
}

/// What an authenticator reads (the key URI format of Google Authenticator, which all of them follow).
pub(crate) fn uri(site: &str, email: &str, shared: &[u8]) -> String {
    let (site, email) = (escape(site), escape(email));
    format!("otpauth://totp/{site}:{email}?secret={}&issuer={site}", base_32(shared))
}

/// RFC 4648, 6, without padding.
pub(crate) fn base_32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for &byte in bytes {
        bits = (bits << 8) | u32::from(byte);
        n_bits += 8;
        while n_bits >= 5 {
            n_bits -= 5;
            out.push(char::from(BASE_32[((bits >> n_bits) & 31) as usize]));
        }
    }
    if n_bits > 0 {
        out.push(char::from(BASE_32[((bits << (5 - n_bits)) & 31) as usize]));
    }
    out
}

fn escape(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &[u8; SECRET_BYTES] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, the last six of eight digits.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(SHARED, seconds / PERIOD_S), code);
            assert_eq!(step_of(SHARED, code, seconds * 1_000), Some(seconds / PERIOD_S));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step() {
        let code = code_at(SHARED, 100);
        for (step, found) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(step_of(SHARED, &code, step * 30_000).is_some(), found, "{step}");
        }
        for wrong in ["", "12345", "1234567", "abcdef", &format!("{code} ")] {
            assert_eq!(step_of(SHARED, wrong, 100 * 30_000), None, "{wrong:?}");
        }
    }

    #[test]
    fn secrets_are_written_as_authenticators_read_them() {
        assert_eq!(base_32(SHARED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base_32(bytes.as_bytes()), text);
        }
        let uri = uri("Help & more", "a+b@example.org", SHARED);
        assert!(uri.starts_with("otpauth://totp/Help%20%26%20more:a%2Bb%40example.org?secret=GEZD"), "{uri}");
        assert!(uri.ends_with("&issuer=Help%20%26%20more"), "{uri}");
    }
}
