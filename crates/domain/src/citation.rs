//! Citations: where in a published text a sentence of an answer stands.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Locale, VersionId};

/// Points at words of one article version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Its number in the answer, from 1; the text carries it as `[1]`.
    pub n: u32,
    /// The article.
    pub article_id: ArticleId,
    /// The version that was quoted.
    pub version_id: VersionId,
    /// The article's id in the system it was imported from.
    pub external_id: Option<String>,
    /// The article's address.
    pub slug: String,
    /// The locale of the version.
    pub locale: Locale,
    /// The version's title.
    pub title: String,
    /// The fragment that leads to the quoted block.
    pub anchor: String,
    /// Offset of the first quoted character in the version's body, in Unicode characters.
    pub start: usize,
    /// Offset after the last quoted character, in Unicode characters.
    pub end: usize,
    /// The quoted words: the body between `start` and `end`, to the letter.
    pub quote: String,
}

impl Citation {
    /// Whether the quote stands in this body where the citation says.
    pub fn holds_in(&self, body: &str) -> bool {
        self.end > self.start
            && body.chars().skip(self.start).take(self.end - self.start).eq(self.quote.chars())
    }
}
