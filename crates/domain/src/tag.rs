//! Tags: words that a team files its tickets under.

use serde::{Deserialize, Serialize};

/// Longest tag, in characters.
pub const TAG_CHARS_MAX: usize = 40;
/// Most tags of a ticket.
pub const TAGS_MAX: usize = 20;

/// A tag: lower case, without white space or commas.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// A tag as people write it: white space at the ends is dropped, within it becomes a hyphen, letters become small.
    /// Nothing for an empty text, one of more than 40 characters, or one with a comma or a control character.
    pub fn parse(text: &str) -> Option<Self> {
        let tag = text.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        let is_good = !tag.is_empty()
            && tag.chars().count() <= TAG_CHARS_MAX
            && !tag.chars().any(|c| c == ',' || c.is_control());
        is_good.then_some(Self(tag))
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_one_tag() {
        for (text, expected) in [
            ("Billing", Some("billing")),
            ("  needs  review ", Some("needs-review")),
            ("退款", Some("退款")),
            ("", None),
            (" ", None),
            ("a,b", None),
            ("a\u{7}b", None),
        ] {
            assert_eq!(Tag::parse(text).as_ref().map(Tag::as_str), expected, "{text:?}");
        }
        assert!(Tag::parse(&"x".repeat(41)).is_none());
    }
}
