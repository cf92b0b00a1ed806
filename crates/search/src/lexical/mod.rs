//! The lexical leg: BM25 over articles and passages, as a share of what the query could attain at most.

mod expand;
mod query;
mod score;

pub(crate) use expand::starting_with;
pub(crate) use query::{LexicalQuery, QueryTerm, weighted_turns};
pub(crate) use score::{LexicalScores, PassageScore, doc_freq, score};

/// The words that mean the same, as the site configured them.
pub(crate) type Synonyms = Vec<Vec<String>>;
