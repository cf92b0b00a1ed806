//! Segments: customers of whom something is true, under a name. Who belongs to one is asked anew each time.

use crate::{CustomerFilter, Timestamp, key::is_key};

/// Longest key of a segment, in bytes.
const KEY_BYTES_MAX: usize = 64;
/// Most segments: all of them are asked for one customer.
pub const SEGMENTS_MAX: usize = 100;

/// Customers of whom something is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerSegment {
    /// What audiences of articles name it by, as in `segment:gold`: 1 to 64 of `a-z 0-9 _ -`. It never changes.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Which customers.
    pub filter: CustomerFilter,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub revision: i64,
}

impl CustomerSegment {
    /// Whether a text can be the key of a segment.
    pub fn is_key(text: &str) -> bool {
        is_key(text, KEY_BYTES_MAX)
    }
}
