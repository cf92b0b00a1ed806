//! What search found.

use desk::Searched;
use domain::{Hit, LegScores, PastTicket};
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
    /// What led to it; only for who may read tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationJson>,
}

/// What led to a hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplanationJson {
    #[serde(flatten)]
    legs: LegsJson,
    /// The solved tickets that raised it, most telling first.
    past_tickets: Vec<PastTicketJson>,
}

/// What each leg of the search said about an article; absent where it did not find it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LegsJson {
    /// BM25 over the article's fields.
    lexical: Option<f64>,
    /// Cosine of the best passage.
    dense_passage: Option<f64>,
    /// Cosine of the title or of the best alternative question.
    dense_title: Option<f64>,
    /// Cosine of the best alternative question.
    dense_question: Option<f64>,
    /// What solved tickets add to the score.
    learned: Option<f64>,
}

/// A solved ticket that raised a hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastTicketJson {
    ticket_id: String,
    /// Cosine of its question to the query.
    cosine: f64,
}

impl SearchJson {
    pub(crate) fn new(found: &Searched) -> Self {
        Self { hits: found.hits.hits.iter().map(HitJson::new).collect(), took_ms: found.took_ms }
    }

    /// With what led to each hit, for who may read tickets.
    pub(crate) fn explained(found: &Searched) -> Self {
        let explained = |hit| HitJson { explanation: Some(ExplanationJson::new(hit)), ..HitJson::new(hit) };
        Self { hits: found.hits.hits.iter().map(explained).collect(), took_ms: found.took_ms }
    }
}

impl ExplanationJson {
    fn new(hit: &Hit) -> Self {
        Self { legs: LegsJson::new(hit.legs), past_tickets: past_tickets(&hit.past_tickets) }
    }
}

impl LegsJson {
    pub(super) fn new(legs: LegScores) -> Self {
        Self {
            lexical: legs.lexical,
            dense_passage: legs.dense_passage,
            dense_title: legs.dense_title,
            dense_question: legs.dense_question,
            learned: legs.learned,
        }
    }
}

pub(super) fn past_tickets(tickets: &[PastTicket]) -> Vec<PastTicketJson> {
    let json =
        |past: &PastTicket| PastTicketJson { ticket_id: past.ticket_id.to_string(), cosine: past.cosine };
    tickets.iter().map(json).collect()
}

impl HitJson {
    fn new(hit: &Hit) -> Self {
        let snippet = &hit.snippet;
        Self {
            article_id: hit.article_id.to_string(),
            external_id: hit.external_id.clone(),
            slug: hit.slug.clone(),
            title: hit.title.clone(),
            url: address::passage(&hit.slug, &snippet.anchor),
            anchor: snippet.anchor.clone(),
            snippet: snippet.text.clone(),
            marks: super::marks(snippet),
            score: hit.score,
            collection: hit.collection.clone(),
            locale: hit.locale.to_string(),
            explanation: None,
        }
    }
}
