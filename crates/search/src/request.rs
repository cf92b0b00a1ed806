//! What to search.

use std::sync::Arc;

use domain::{Locale, Readable};

use crate::memory::Learned;

/// Longest query, in characters; more text adds noise and the model reads 256 tokens anyway.
pub(crate) const QUERY_CHARS_MAX: usize = 8_000;

/// A search.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// What somebody asked or typed.
    pub query: String,
    /// The locale of the page or of the asker.
    pub locale: Option<Locale>,
    /// Which audiences may be found.
    pub readable: Readable,
    /// How many articles.
    pub limit: usize,
    /// Which legs run.
    pub mode: SearchMode,
    /// The conversation before the query, oldest first.
    pub history: Vec<PastTurn>,
    /// Whether the last word may be unfinished.
    pub as_you_type: bool,
    /// Only this collection, by slug.
    pub collection: Option<String>,
    /// What solved tickets may add.
    pub learning: Learning,
}

/// What solved tickets may add to a search.
#[derive(Debug, Clone, Default)]
pub enum Learning {
    /// What the engine was given ([`crate::SearchEngine::set_learned`]).
    #[default]
    InUse,
    /// Nothing: the search as a new site has it.
    Off,
    /// This, to compare it with what is in use.
    Of(Arc<Learned>),
}

impl Default for SearchRequest {
    /// Nothing is readable until the caller says who asks.
    fn default() -> Self {
        Self {
            query: String::new(),
            locale: None,
            readable: Readable::Only(std::collections::BTreeSet::new()),
            limit: 10,
            mode: SearchMode::Hybrid,
            history: vec![],
            as_you_type: false,
            collection: None,
            learning: Learning::InUse,
        }
    }
}

/// Which legs run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// Words and meaning.
    Hybrid,
    /// Words alone.
    Lexical,
    /// Meaning alone.
    Dense,
}

/// An earlier turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTurn {
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// An agent.
    Agent,
}
