//! Solved tickets in memory, and the ones nearest to a question.

use std::collections::HashMap;

use domain::{ArticleId, Audience, CustomerId, Readable, TicketId};
use language::Language;

use super::{codes::Codes, words::Words};

/// Weight of the words beside the cosine (`evals/learning.md`: 0 to .2 is a plateau).
const WORDS: f64 = 0.1;
/// Tickets that are scored exactly, chosen by the signs of their vectors; 8 in 10 of the exact 10 nearest are among the
/// first 100.
const COARSE: usize = 800;
/// Tickets that are scored exactly, chosen by their words.
const BY_WORDS: usize = 200;
/// Links by which one customer's tickets count for one article: whoever opens a hundred tickets about the same teaches
/// no more than two customers do.
const LINKS_PER_CUSTOMER: usize = 2;
/// Words of a question that are kept; what follows is a log or a quoted mail.
const TERMS_MAX: usize = 256;

/// A solved ticket, as it is remembered. Texts hold no personal data any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Who asked, if known.
    pub customer_id: Option<CustomerId>,
    /// What was asked.
    pub question: String,
    /// The vector of what was asked, of unit length.
    pub vector: Vec<f32>,
    /// Whoever may not read one of these may not learn anything from the ticket.
    pub audiences: Vec<Audience>,
    /// The articles that agents linked, each with what the link counts, 0 to 1.
    pub links: Vec<(ArticleId, f64)>,
    /// Whether a reply is kept that can be suggested again.
    pub has_reply: bool,
}

/// A solved ticket near a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbor {
    /// Its place in the memory.
    pub place: usize,
    /// Cosine of the two questions, -1 to 1; 0 without a vector.
    pub cosine: f64,
    /// The cosine and the share of words, by which neighbours are ranked.
    pub likeness: f64,
}

/// Solved tickets, oldest first.
#[derive(Debug)]
pub struct Memory {
    tickets: Vec<TicketId>,
    codes: Codes,
    words: Words,
    /// The audiences of tickets, each combination once.
    classes: Vec<Vec<Audience>>,
    class_of: Vec<u16>,
    has_reply: Vec<bool>,
    /// For each ticket, where its links begin; one more at the end.
    links_from: Vec<u32>,
    links: Vec<(u32, f32)>,
    articles: Vec<ArticleId>,
    /// For each class, how many tickets have links, each as much as its links count.
    n_linked: Vec<f64>,
}

impl Memory {
    /// Remembers these, oldest first.
    pub fn new(dims: usize, remembered: &[Remembered]) -> Self {
        let mut memory = Self {
            tickets: remembered.iter().map(|ticket| ticket.ticket_id.clone()).collect(),
            codes: Codes::new(dims, remembered.iter().map(|ticket| ticket.vector.as_slice())),
            words: Words::new(&remembered.iter().map(|ticket| terms(&ticket.question)).collect::<Vec<_>>()),
            classes: vec![],
            class_of: vec![],
            has_reply: remembered.iter().map(|ticket| ticket.has_reply).collect(),
            links_from: vec![0],
            links: vec![],
            articles: vec![],
            n_linked: vec![],
        };
        let mut numbers: HashMap<&ArticleId, u32> = HashMap::new();
        for (ticket, counted) in remembered.iter().zip(counted_links(remembered)) {
            let class = memory.class(&ticket.audiences);
            memory.class_of.push(class);
            let mut most = 0.0_f64;
            let n_shared = counted.len() as f64;
            for (article, weight) in counted {
                let number = *numbers.entry(article).or_insert_with(|| {
                    memory.articles.push(article.clone());
                    memory.articles.len() as u32 - 1
                });
                most = most.max(weight);
                memory.links.push((number, (weight / n_shared) as f32));
            }
            memory.n_linked[usize::from(class)] += most;
            memory.links_from.push(memory.links.len() as u32);
        }
        memory
    }

    fn class(&mut self, audiences: &[Audience]) -> u16 {
        let at = self.classes.iter().position(|class| class == audiences).unwrap_or_else(|| {
            self.classes.push(audiences.to_vec());
            self.n_linked.push(0.0);
            self.classes.len() - 1
        });
        u16::try_from(at).expect("there are far fewer combinations of audiences than 65,536")
    }

    /// How many tickets are remembered.
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// How many tickets have links, each as much as its links count: those that may be read.
    pub fn n_linked(&self, readable: &Readable) -> f64 {
        let classes = self.readable_classes(readable);
        self.n_linked.iter().zip(classes).filter(|(_, may)| *may).map(|(n, _)| n).sum()
    }

    fn readable_classes(&self, readable: &Readable) -> Vec<bool> {
        let may = |class: &Vec<Audience>| class.iter().all(|audience| readable.includes(audience));
        self.classes.iter().map(may).collect()
    }

    /// Whether the ticket at a place has links that count.
    pub fn is_linked(&self, place: usize) -> bool {
        self.links_from[place] < self.links_from[place + 1]
    }

    /// In how many tickets' questions a term stands.
    pub(crate) fn n_with(&self, term: &str) -> usize {
        self.words.n_with(term)
    }

    /// The ticket at a place.
    pub fn ticket(&self, place: usize) -> &TicketId {
        &self.tickets[place]
    }

    /// The articles linked in the ticket at a place; what they count adds up to 1 at most.
    pub fn links(&self, place: usize) -> impl Iterator<Item = (&ArticleId, f64)> {
        let (from, to) = (self.links_from[place] as usize, self.links_from[place + 1] as usize);
        self.links[from..to]
            .iter()
            .map(|(article, weight)| (&self.articles[*article as usize], f64::from(*weight)))
    }

    /// Bytes that it holds, about.
    pub fn n_bytes(&self) -> usize {
        let tickets: usize = self.tickets.iter().map(|id| id.as_str().len() + 24 + 7).sum();
        self.codes.n_bytes() + self.words.n_bytes() + tickets + self.links.len() * 8
    }

    /// The `n` tickets with links that are nearest to a question, best first; ties by place.
    pub fn nearest_linked(&self, question: &Question<'_>, n: usize) -> Vec<Neighbor> {
        self.nearest(question, n, |place| self.is_linked(place))
    }

    /// The `n` tickets with a reply that are nearest to a question, best first; ties by place.
    pub fn nearest_replied(&self, question: &Question<'_>, n: usize) -> Vec<Neighbor> {
        self.nearest(question, n, |place| self.has_reply[place])
    }

    fn nearest(&self, question: &Question<'_>, n: usize, wanted: impl Fn(usize) -> bool) -> Vec<Neighbor> {
        let readable = self.readable_classes(question.readable);
        let may = |place: usize| readable[usize::from(self.class_of[place])] && wanted(place);
        let words = self.words.scores(question.terms.iter().copied());
        let by_words: Vec<usize> =
            (0..words.len()).filter(|&place| words[place] > 0.0 && may(place)).collect();
        let most = by_words.iter().map(|&place| words[place]).fold(0.0_f32, f32::max);
        let mut places = likely(&self.codes, question.vector, &may);
        places.extend(best(by_words, &words));
        places.sort_unstable();
        places.dedup();
        let cosines = match question.vector {
            Some(vector) => self.codes.cosines(vector, &places),
            None => vec![0.0; places.len()],
        };
        let mut neighbors: Vec<Neighbor> = places
            .into_iter()
            .zip(cosines)
            .map(|(place, cosine)| {
                let share = if most > 0.0 { f64::from(words[place] / most) } else { 0.0 };
                // Without a vector, words are all there is.
                let likeness = if question.vector.is_some() { cosine + WORDS * share } else { share };
                Neighbor { place, cosine, likeness }
            })
            .collect();
        neighbors.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.place.cmp(&b.place)));
        neighbors.truncate(n);
        neighbors
    }
}

/// A question to the memory.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// Its vector, of unit length; none where the model does not know the language.
    pub vector: Option<&'q [f32]>,
    /// Its terms with their weights.
    pub terms: &'q [(&'q str, f64)],
    /// Who asks: tickets of other audiences are not looked at.
    pub readable: &'q Readable,
}

/// The terms by which a question is remembered.
pub(crate) fn terms(question: &str) -> Vec<String> {
    let language = language::detect(question, &[], Language::english());
    language::analyze(question, language).into_iter().take(TERMS_MAX).map(|term| term.text).collect()
}

/// For each ticket the links that count: those beyond a customer's share are left out.
fn counted_links(remembered: &[Remembered]) -> Vec<Vec<(&ArticleId, f64)>> {
    let mut counted: HashMap<(&CustomerId, &ArticleId), usize> = HashMap::new();
    let mut links = Vec::with_capacity(remembered.len());
    for ticket in remembered {
        let mut of_ticket = vec![];
        for (article, weight) in &ticket.links {
            if let Some(customer) = &ticket.customer_id {
                let n = counted.entry((customer, article)).or_default();
                *n += 1;
                if *n > LINKS_PER_CUSTOMER {
                    continue;
                }
            }
            of_ticket.push((article, *weight));
        }
        links.push(of_ticket);
    }
    links
}

/// The places whose vectors lie on the query's side of the mean in most components; all where there are few.
fn likely(codes: &Codes, vector: Option<&[f32]>, may: &impl Fn(usize) -> bool) -> Vec<usize> {
    let Some(vector) = vector else { return vec![] };
    let mut distances = codes.distances(vector);
    let mut n_at = vec![0_usize; vector.len() + 1];
    for (place, distance) in distances.iter_mut().enumerate() {
        if may(place) {
            n_at[usize::from(*distance)] += 1;
        } else {
            *distance = u16::MAX;
        }
    }
    let mut n = 0;
    // The last distance that still fits; all places of one distance come together, so that no order decides.
    let enough = n_at.iter().position(|&at| {
        n += at;
        n >= COARSE
    });
    let most = enough.unwrap_or(n_at.len());
    (0..distances.len()).filter(|&place| usize::from(distances[place]) <= most).collect()
}

/// Those of these places with the best scores.
fn best(mut places: Vec<usize>, scores: &[f32]) -> Vec<usize> {
    if places.len() > BY_WORDS {
        let best_first = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
        places.select_nth_unstable_by(BY_WORDS - 1, best_first);
        places.truncate(BY_WORDS);
    }
    places
}
