//! How a bot turn came about, so that it can be shown and replayed.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, BotTurn, ConversationId, LegScores, PastTicket, Timestamp, TraceId, VersionId};

/// The record of one bot turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Its id.
    pub id: TraceId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// What the customer said.
    pub question: String,
    /// What was searched, after rewriting with the conversation.
    pub query: String,
    /// The language the query was analysed in.
    pub language: String,
    /// The embedding model.
    pub model_id: String,
    /// The change-log sequence the index had reached.
    pub index_seq: i64,
    /// The articles that were considered, best first.
    pub candidates: Vec<TraceCandidate>,
    /// The features of the confidence model, by name, before standardisation.
    pub features: Vec<(String, f64)>,
    /// What was decided.
    pub decision: BotTurn,
    /// Who wrote the words: `extractive`, or the language model's name.
    pub generator: String,
    /// Sentences of the language model that no citation supported.
    pub dropped: Vec<String>,
    /// Why the language model was not used although one is configured.
    pub fallback: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// An article that was considered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceCandidate {
    /// The article.
    pub article_id: ArticleId,
    /// The version that was indexed.
    pub version_id: VersionId,
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The anchor of its best passage.
    pub anchor: String,
    /// Its fused score.
    pub score: f64,
    /// The scores of the legs.
    pub legs: LegScores,
    /// The solved tickets that raised it, most telling first.
    #[serde(default)]
    pub past_tickets: Vec<PastTicket>,
}
