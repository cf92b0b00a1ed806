//! Content hashes: the same text has the same hash on every machine and in every version.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text, as 64 lower-case hexadecimal digits.
pub fn content_hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content_hash("abc"), expected);
    }
}
