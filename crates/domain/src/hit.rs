//! What retrieval hands to whoever asked: articles in order, with their best passages and why.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Audience, Locale, Passage, TicketId, VersionId};

/// What search found for one query: at most one hit per article, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hits {
    /// The query as it was searched, after rewriting.
    pub query: String,
    /// The language the query was analysed in: a BCP 47 language subtag.
    pub language: String,
    /// The hits, best first; ties by article id.
    pub hits: Vec<Hit>,
    /// Numbers about the whole candidate list that confidence is computed from.
    pub evidence: Evidence,
    /// The change-log sequence that the index had reached.
    pub index_seq: i64,
}

/// An article that matches, with its best passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The article.
    pub article_id: ArticleId,
    /// The version that was indexed.
    pub version_id: VersionId,
    /// The article's id in the system it was imported from.
    pub external_id: Option<String>,
    /// The article's address.
    pub slug: String,
    /// The version's title.
    pub title: String,
    /// Its collection's title, if it has one.
    pub collection: Option<String>,
    /// The locale of the version.
    pub locale: Locale,
    /// Who may read it.
    pub audience: Audience,
    /// The fused and reranked score; comparable within one query only.
    pub score: f64,
    /// The scores of the legs that led to it.
    pub legs: LegScores,
    /// The solved tickets that raised it, most telling first. Only who may read tickets is shown them.
    #[serde(default)]
    pub past_tickets: Vec<PastTicket>,
    /// Its best passages, best first; at least one, at most three.
    pub passages: Vec<ScoredPassage>,
    /// The marked excerpt.
    pub snippet: Snippet,
}

/// What each leg said about an article; `None` where the leg did not find it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LegScores {
    /// BM25 over the article's fields.
    pub lexical: Option<f64>,
    /// Cosine of the best passage, -1 to 1.
    pub dense_passage: Option<f64>,
    /// Cosine of the title, -1 to 1.
    pub dense_title: Option<f64>,
    /// Cosine of the best alternative question, -1 to 1.
    #[serde(default)]
    pub dense_question: Option<f64>,
    /// What solved tickets add to the score.
    #[serde(default)]
    pub learned: Option<f64>,
}

/// A solved ticket that raised a hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastTicket {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Cosine of its question to the query, -1 to 1.
    pub cosine: f64,
}

/// A hit that none of the words led to is worth a reader's time from these cosines on: of a passage, of a title or
/// alternative question. On the manual with the bundled model, made-up and foreign words reach .26 and .34, articles that
/// answer in other words .33 and .60 (22 queries, 2026-11-21).
const NEAR_PASSAGE_MIN: f64 = 0.28;
const NEAR_NAME_MIN: f64 = 0.4;

impl LegScores {
    /// Whether the article is worth a reader's time: a list of everything there is says less than "no article matches".
    #[must_use]
    pub fn is_near(self) -> bool {
        let reaches = |cosine: Option<f64>, least| cosine.is_some_and(|cosine| cosine >= least);
        self.lexical.is_some()
            || reaches(self.dense_passage, NEAR_PASSAGE_MIN)
            || reaches(self.dense_title, NEAR_NAME_MIN)
            || reaches(self.dense_question, NEAR_NAME_MIN)
    }
}

/// A passage and how well it matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredPassage {
    /// The passage.
    pub passage: Passage,
    /// The body text of the passage's span, so that segments can be quoted to the letter.
    pub source: String,
    /// Offset of `source` in the body, in Unicode characters.
    pub source_start_chars: usize,
    /// Fused score, comparable within one query only.
    pub score: f64,
    /// Cosine to the query, if the dense leg ran.
    pub cosine: Option<f64>,
}

/// An excerpt with marked words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Snippet {
    /// Plain text.
    pub text: String,
    /// The anchor of the passage it comes from.
    pub anchor: String,
    /// Byte ranges of `text` that matched, in order, not overlapping.
    pub marks: Vec<(usize, usize)>,
}

/// Numbers about a candidate list; the features of the confidence model are made of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Distinct content terms of the query, after stop words.
    pub n_terms: u32,
    /// Share of the query's idf mass that the best article covers, 0 to 1.
    pub article_coverage: f64,
    /// Share of the query's idf mass that the best passage covers, 0 to 1.
    pub passage_coverage: f64,
    /// Share of the query's idf mass whose terms occur anywhere in the readable corpus, 0 to 1.
    pub corpus_coverage: f64,
    /// Mean cosine of the query to all scanned passages; 0 without the dense leg.
    pub cosine_mean: f64,
    /// Standard deviation of those cosines.
    pub cosine_sd: f64,
    /// Best passage cosine anywhere.
    pub cosine_best: f64,
    /// Best title or question cosine anywhere.
    pub cosine_title_best: f64,
    /// Best BM25 divided by the most that the query could score, 0 to 1.
    pub lexical_best: f64,
    /// Whether the dense leg ran.
    pub dense: bool,
    /// The scores of the first 20 articles, best first, each with the part of it that was learned.
    #[serde(default)]
    pub scores: Vec<(f64, f64)>,
    /// The query's distinct content terms with their inverse document frequency in the index, in query order.
    #[serde(default)]
    pub terms: Vec<(String, f64)>,
}
