//! How a bot turn came about.

use std::collections::BTreeMap;

use domain::{Trace, TraceCandidate};
use serde::Serialize;
use utoipa::ToSchema;

use super::BotTurnJson;
use super::search::{LegsJson, PastTicketJson, past_tickets};
use crate::{address, dates::iso};

/// The record of one bot turn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceJson {
    id: String,
    conversation_id: String,
    /// What the customer said.
    question: String,
    /// What was searched, after rewriting with the conversation.
    query: String,
    language: String,
    model_id: String,
    /// The change-log sequence the index had reached.
    index_seq: i64,
    /// The articles that were considered, best first.
    candidates: Vec<CandidateJson>,
    /// The features of the confidence model.
    features: BTreeMap<String, f64>,
    decision: BotTurnJson,
    /// Who wrote the words: `extractive`, `rule`, or the language model's name.
    generator: String,
    /// Sentences of the language model that no citation supported.
    dropped: Vec<String>,
    /// Why the language model was not used although one is configured.
    fallback: Option<String>,
    created_at: String,
    took_ms: u64,
}

/// An article that was considered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateJson {
    article_id: String,
    version_id: String,
    slug: String,
    title: String,
    url: String,
    score: f64,
    #[serde(flatten)]
    legs: LegsJson,
    /// The solved tickets that raised it, most telling first.
    past_tickets: Vec<PastTicketJson>,
}

/// A stored answer beside the one of now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayJson {
    pub(crate) trace: TraceJson,
    pub(crate) now: BotTurnJson,
    /// Whether both say the same words.
    pub(crate) same: bool,
}

impl TraceJson {
    pub(crate) fn new(trace: &Trace) -> Self {
        Self {
            id: trace.id.to_string(),
            conversation_id: trace.conversation_id.to_string(),
            question: trace.question.clone(),
            query: trace.query.clone(),
            language: trace.language.clone(),
            model_id: trace.model_id.clone(),
            index_seq: trace.index_seq,
            candidates: trace.candidates.iter().map(CandidateJson::new).collect(),
            features: trace.features.iter().cloned().collect(),
            decision: BotTurnJson::new(&trace.decision),
            generator: trace.generator.clone(),
            dropped: trace.dropped.clone(),
            fallback: trace.fallback.clone(),
            created_at: iso(trace.created_at),
            took_ms: trace.took_ms,
        }
    }
}

impl CandidateJson {
    fn new(candidate: &TraceCandidate) -> Self {
        Self {
            article_id: candidate.article_id.to_string(),
            version_id: candidate.version_id.to_string(),
            slug: candidate.slug.clone(),
            title: candidate.title.clone(),
            url: address::passage(&candidate.slug, &candidate.anchor),
            score: candidate.score,
            legs: LegsJson::new(candidate.legs),
            past_tickets: past_tickets(&candidate.past_tickets),
        }
    }
}
