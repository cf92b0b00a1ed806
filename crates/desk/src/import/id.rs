//! Ids that follow from the ids of the other system, so that what is imported again meets itself.

use domain::{MessageId, Timestamp};
use sha2::{Digest, Sha256};

/// The digits of ULIDs, in order (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The id of a message: a ULID of its time, so that it sorts like others, whose other 80 bits follow from where it came from.
pub(super) fn message_id(source: &str, ticket: &str, message: &str, at: Timestamp) -> MessageId {
    let hash = Sha256::digest(format!("{source}\0{ticket}\0{message}"));
    let random = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let ms = u128::from(at.0.max(0).unsigned_abs() & ((1 << 48) - 1));
    let bits = ms << 80 | random;
    let digits = (0..26).rev().map(|place| char::from(DIGITS[(bits >> (place * 5) & 31) as usize]));
    MessageId::new(digits.collect::<String>())
}

/// The SHA-256 of an id that may name a person, as 64 hexadecimal digits.
pub(super) fn hash_of_id(id: &str) -> String {
    ingest::content_hash(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_its_origin_and_sorts_by_time() {
        let at = Timestamp(1_469_918_176_385);
        let id = message_id("zendesk", "1", "2", at);
        assert!(id.as_str().starts_with("01ARYZ6S41") && id.as_str().len() == 26, "{id}");
        assert_eq!(id, message_id("zendesk", "1", "2", at));
        for other in [("csv", "1", "2"), ("zendesk", "12", ""), ("zendesk", "1", "3")] {
            assert_ne!(id, message_id(other.0, other.1, other.2, at), "{other:?}");
        }
        assert!(id < message_id("zendesk", "1", "1", at.plus_seconds(1)));
    }
}
