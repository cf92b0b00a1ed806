//! Where a sentence of an answer stands.

use domain::Citation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::address;

/// Words of a published article.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitationJson {
    /// Its number in the answer; the text carries it as `[1]`.
    n: u32,
    article_id: String,
    /// The article's id in the system it was imported from.
    external_id: Option<String>,
    slug: String,
    title: String,
    /// The address of the quoted paragraph in the help center.
    url: String,
    anchor: String,
    /// The quoted words, to the letter.
    quote: String,
    /// Offset of the first quoted character in the version's body, in Unicode characters.
    start: usize,
    /// Offset after the last quoted character.
    end: usize,
    /// The published version that was quoted.
    version_id: String,
    locale: String,
}

impl CitationJson {
    pub(crate) fn new(citation: &Citation) -> Self {
        Self {
            n: citation.n,
            article_id: citation.article_id.to_string(),
            external_id: citation.external_id.clone(),
            slug: citation.slug.clone(),
            title: citation.title.clone(),
            url: address::passage(&citation.slug, &citation.anchor),
            anchor: citation.anchor.clone(),
            quote: citation.quote.clone(),
            start: citation.start,
            end: citation.end,
            version_id: citation.version_id.to_string(),
            locale: citation.locale.to_string(),
        }
    }
}
