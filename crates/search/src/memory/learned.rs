//! What a site has learned, as the search uses it: the memory, the popularity of articles and the linear adapter.

use std::collections::BTreeMap;

use domain::{ArticleId, Audience, PastTicket};

use super::{Head, Memory, Neighbor, Question, Remembered};

/// The constants of the formula (`evals/learning.md`, chosen on five splits in time).
const VOTES: f64 = 0.5;
const POPULARITY: f64 = 0.02;
const HEAD: f64 = 0.5;
/// Nearest tickets that vote.
const VOTERS: usize = 10;
/// Sharpness of the votes: a ticket whose likeness is lower by this has a vote e times smaller.
const SHARPNESS: f64 = 0.1;
/// Linked tickets with which what was learned counts half: of fewer, chance decides too much.
pub const SHRINKAGE: f64 = 200.0;
/// Tickets that are named for a hit.
const PAST_TICKETS: usize = 3;

/// What a site has learned from its solved tickets.
#[derive(Debug)]
pub struct Learned {
    /// The number of the version, by which traces name it. Without one nothing is added to any score: the memory only
    /// serves suggested replies.
    pub number: Option<i64>,
    /// The solved tickets.
    pub memory: Memory,
    /// The linear adapter.
    pub head: Head,
    /// For each linked article, how often it is linked beside the most linked one, 0 to 1 on a logarithmic scale.
    popularity: BTreeMap<ArticleId, f64>,
}

/// What was learned about a question.
#[derive(Debug, Default)]
pub(crate) struct Taught {
    /// What to add to an article's score.
    articles: BTreeMap<ArticleId, TaughtArticle>,
}

/// What was learned about a question and an article.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaughtArticle {
    pub(crate) score: f64,
    /// The share of the votes, 0 to 1.
    pub(crate) votes: f64,
    pub(crate) popularity: f64,
    pub(crate) head: f64,
    /// The tickets that voted for it, most telling first.
    pub(crate) tickets: Vec<PastTicket>,
}

impl Learned {
    /// What these tickets teach, oldest first. Popularity and adapter are learned from what everybody may see only, since
    /// they cannot be told apart by reader afterwards.
    pub fn new(dims: usize, tickets: &[Remembered]) -> Self {
        let memory = Memory::new(dims, tickets);
        let is_open =
            |place: usize| tickets[place].audiences.iter().all(|audience| *audience == Audience::Public);
        let open = || (0..memory.len()).filter(|&place| is_open(place) && memory.is_linked(place));
        let mut counts: BTreeMap<ArticleId, f64> = BTreeMap::new();
        for (article, weight) in open().flat_map(|place| memory.links(place)) {
            *counts.entry(article.clone()).or_default() += weight;
        }
        let most = counts.values().fold(f64::MIN_POSITIVE, |most, count| most.max(*count)).ln_1p();
        let popularity = counts.into_iter().map(|(article, count)| (article, count.ln_1p() / most)).collect();
        let links = |place| memory.links(place).map(|(article, weight)| (article.clone(), weight)).collect();
        let linked: Vec<Vec<(ArticleId, f64)>> = open().map(links).collect();
        let vectors = open().map(|place| tickets[place].vector.as_slice());
        let head = Head::fit(dims, vectors.zip(linked.iter().map(Vec::as_slice)));
        Self { number: None, memory, head, popularity }
    }

    /// The same under a number, or under none.
    #[must_use]
    pub fn numbered(self, number: Option<i64>) -> Self {
        Self { number, ..self }
    }

    /// Bytes that it holds, about.
    pub fn n_bytes(&self) -> usize {
        self.memory.n_bytes() + self.head.n_bytes()
    }

    /// What was learned about a question.
    pub(crate) fn teach(&self, question: &Question<'_>) -> Taught {
        let n = self.memory.n_linked(question.readable);
        if self.number.is_none() || n <= 0.0 {
            return Taught::default();
        }
        let weight = n / (n + SHRINKAGE);
        let mut articles: BTreeMap<ArticleId, TaughtArticle> = BTreeMap::new();
        let neighbors = self.memory.nearest_linked(question, VOTERS);
        let best = neighbors.first().map_or(0.0, |neighbor| neighbor.likeness);
        let vote = |neighbor: &Neighbor| ((neighbor.likeness - best) / SHARPNESS).exp();
        let all: f64 = neighbors.iter().map(vote).sum();
        for neighbor in &neighbors {
            let share = vote(neighbor) / all;
            for (article, weight) in self.memory.links(neighbor.place) {
                let article = articles.entry(article.clone()).or_default();
                article.votes += share * weight;
                if article.tickets.len() < PAST_TICKETS {
                    let ticket_id = self.memory.ticket(neighbor.place).clone();
                    article.tickets.push(PastTicket { ticket_id, cosine: neighbor.cosine });
                }
            }
        }
        for (article, popularity) in &self.popularity {
            articles.entry(article.clone()).or_default().popularity = *popularity;
        }
        if let Some(vector) = question.vector {
            for (article, score) in self.head.scores(vector) {
                articles.entry(article.clone()).or_default().head = score;
            }
        }
        for article in articles.values_mut() {
            article.score =
                weight * (VOTES * article.votes + POPULARITY * article.popularity + HEAD * article.head);
        }
        Taught { articles }
    }
}

impl Taught {
    /// The articles that nearest tickets voted for.
    pub(crate) fn voted(&self) -> impl Iterator<Item = &ArticleId> {
        self.articles.iter().filter(|(_, article)| article.votes > 0.0).map(|(id, _)| id)
    }

    /// What was learned about an article.
    pub(crate) fn of(&self, article: &ArticleId) -> TaughtArticle {
        self.articles.get(article).cloned().unwrap_or_default()
    }
}
