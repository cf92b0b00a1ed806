//! Signatures: HMAC-SHA256 over the message's id, the time at which it is sent, and its body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;

/// Length of a secret: 256 bits.
pub const SECRET_BYTES: usize = 32;

/// A secret as receivers enter it: `whsec_` and base 64.
pub fn secret_text(secret: &[u8; SECRET_BYTES]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The signatures with each of these secrets, in order, with spaces between: `v1,<base 64> v1,<base 64>`.
pub(super) fn signatures(secrets: &[&[u8]], id: &str, timestamp_s: i64, body: &str) -> String {
    let signed = format!("{id}.{timestamp_s}.{body}");
    let sign = |secret: &&[u8]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_specification() {
        // The example of the reference implementations.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        let signed = signatures(&[&secret], id, 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signatures(&[&[7; 32], &secret], id, 1_614_265_330, body);
        assert!(both.ends_with(&format!(" {signed}")) && both.starts_with("v1,"), "{both}");
    }

    #[test]
    fn a_secret_is_written_with_its_prefix() {
        assert_eq!(secret_text(&[0; 32]), format!("whsec_{}=", "A".repeat(43)));
    }
}
