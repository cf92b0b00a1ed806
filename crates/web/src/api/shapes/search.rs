//! What search found.

use desk::Searched;
use domain::Hit;
use serde::Serialize;
use utoipa::ToSchema;

use crate::address;

/// The hits of a query.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchJson {
    /// Best first, one per article.
    hits: Vec<HitJson>,
    took_ms: u64,
}

/// An article that matches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitJson {
    article_id: String,
    /// The article's id in the system it was imported from.
    external_id: Option<String>,
    slug: String,
    title: String,
    /// The address of the best paragraph in the help center.
    url: String,
    anchor: String,
    /// A plain excerpt of the best paragraph.
    snippet: String,
    /// The parts of `snippet` that matched: start and end in Unicode characters.
    marks: Vec<[usize; 2]>,
    /// Comparable within one query only.
    score: f64,
    collection: Option<String>,
    locale: String,
}

impl SearchJson {
    pub(crate) fn new(found: &Searched) -> Self {
        Self { hits: found.hits.hits.iter().map(HitJson::new).collect(), took_ms: found.took_ms }
    }
}

impl HitJson {
    fn new(hit: &Hit) -> Self {
        let snippet = &hit.snippet;
        let chars = |at: usize| snippet.text.get(..at).map_or(0, |before| before.chars().count());
        Self {
            article_id: hit.article_id.to_string(),
            external_id: hit.external_id.clone(),
            slug: hit.slug.clone(),
            title: hit.title.clone(),
            url: address::passage(&hit.slug, &snippet.anchor),
            anchor: snippet.anchor.clone(),
            snippet: snippet.text.clone(),
            marks: snippet.marks.iter().map(|&(start, end)| [chars(start), chars(end)]).collect(),
            score: hit.score,
            collection: hit.collection.clone(),
            locale: hit.locale.to_string(),
        }
    }
}
