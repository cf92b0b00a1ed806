//! Articles, their translations and the immutable versions that readers see.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Audience, CollectionId, Locale, Timestamp, VersionId};

/// Longest title, in characters: more is a paragraph, and breaks every list that shows it.
pub const TITLE_CHARS_MAX: usize = 300;
/// Largest body, in bytes: the longest page of 29,152 real documentation pages has 1.6 MB.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Most alternative questions of a translation: each costs a vector.
pub const QUESTIONS_MAX: usize = 50;

/// A shelf of articles in the help center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Its address in the help center.
    pub slug: String,
    /// What readers see.
    pub title: String,
    /// One sentence about what is in it; may be empty.
    pub description: String,
    /// Collections are listed by position, then title.
    pub position: i64,
}

/// A help page, in all its translations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// Its address, unique in the installation.
    pub slug: String,
    /// The shelf it stands on.
    pub collection_id: Option<CollectionId>,
    /// Who may read it.
    pub audience: Audience,
    /// Its id in the system it was imported from: `_id` of a JSONL corpus, or the path of a file.
    pub external_id: Option<String>,
    /// Place within its collection.
    pub position: i64,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

/// Where a translation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationState {
    /// Never published, or withdrawn: nobody but staff sees it.
    Draft,
    /// Readers see its published version; the working text may already be ahead of it.
    Published,
    /// Withdrawn for good, kept for its history.
    Archived,
}

impl PublicationState {
    /// The state as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Archived].into_iter().find(|s| s.as_str() == text)
    }
}

/// The working text of an article in one locale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// Of which article.
    pub article_id: ArticleId,
    /// In which locale.
    pub locale: Locale,
    /// Its title, plain text.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// Other ways in which people ask for it: front matter, retired titles, past searches.
    pub questions: Vec<String>,
    /// Where it stands.
    pub state: PublicationState,
    /// The version readers see; present exactly when `state` is published.
    pub published_version: Option<VersionId>,
    /// Counts changes of the working text, from 1; the entity tag of the API.
    pub revision: i64,
    /// SHA-256 of the source it was imported from, so that a second import changes nothing.
    pub source_hash: Option<String>,
    /// When the working text last changed.
    pub updated_at: Timestamp,
}

/// One published text of a translation. Never changes; citations point into its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Of which article.
    pub article_id: ArticleId,
    /// In which locale.
    pub locale: Locale,
    /// Counts the versions of this translation, from 1.
    pub number: i64,
    /// The title as published.
    pub title: String,
    /// The Markdown as published.
    pub body: String,
    /// The alternative questions as published.
    pub questions: Vec<String>,
    /// When it was published.
    pub created_at: Timestamp,
}

/// Makes an address from a title: lower case, letters and digits of any script, hyphens between; at most 80 characters.
///
/// Empty when the title has neither letter nor digit.
pub fn slugify(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' && c != '’' {
            slug.push('-');
        }
        if slug.chars().count() >= 80 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_every_script() {
        for (title, slug) in [
            ("Connect a mailbox", "connect-a-mailbox"),
            ("What’s new?  (2026)", "whats-new-2026"),
            ("Счёт не виден", "счёт-не-виден"),
            ("退款政策", "退款政策"),
            ("!!!", ""),
        ] {
            assert_eq!(slugify(title), slug);
        }
    }
}
