//! What is read for an answer: the best passage of each of the three best articles, sentence by sentence.

use std::collections::HashSet;

use domain::{Hit, Hits, ScoredPassage, Segment};

use crate::question::{Question, terms};

/// Articles that are read. More dilute the answer: end to end F1 is the same with one, two or three.
const ARTICLES_READ: usize = 3;
/// Segments of one passage that are read. A passage has about 180 words; only a table or a list of single words has
/// more segments.
const SEGMENTS_READ_MAX: usize = 32;

/// A sentence, step, item, row or block of code that may be quoted.
pub(crate) struct Sentence<'h> {
    /// Which of the passages that are read, from 0, best first.
    pub(crate) rank: usize,
    /// Which segment of the passage.
    pub(crate) at: usize,
    pub(crate) segment: &'h Segment,
    /// Its content terms, in the question's language.
    pub(crate) terms: HashSet<String>,
}

/// The passages that are read and their sentences.
pub(crate) struct Reading<'h> {
    pub(crate) question: Question,
    pub(crate) passages: Vec<(&'h Hit, &'h ScoredPassage)>,
    /// The content terms of each passage's title.
    pub(crate) titles: Vec<HashSet<String>>,
    pub(crate) sentences: Vec<Sentence<'h>>,
}

impl<'h> Reading<'h> {
    /// Reads the best passages of the best hits.
    pub(crate) fn new(question: &str, hits: &'h Hits) -> Self {
        Self::of(question, hits, hits.hits.iter().take(ARTICLES_READ))
    }

    /// Reads the best passages of these hits.
    pub(crate) fn of(question: &str, hits: &'h Hits, read: impl Iterator<Item = &'h Hit>) -> Self {
        let question = Question::new(question, hits);
        let passages: Vec<_> = read.filter_map(|hit| Some((hit, hit.passages.first()?))).collect();
        let titles = passages.iter().map(|(hit, _)| terms(&hit.title, question.language)).collect();
        let mut sentences = vec![];
        for (rank, (_, passage)) in passages.iter().enumerate() {
            for (at, segment) in passage.passage.segments.iter().enumerate().take(SEGMENTS_READ_MAX) {
                sentences.push(Sentence {
                    rank,
                    at,
                    segment,
                    terms: terms(&segment.text, question.language),
                });
            }
        }
        Self { question, passages, titles, sentences }
    }

    /// What must be embedded before the sentences can be compared by meaning: query, titles, sentences.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        let titles = self.passages.iter().map(|(hit, _)| hit.title.clone());
        let sentences = self.sentences.iter().map(|sentence| sentence.segment.text.clone());
        std::iter::once(query.to_owned()).chain(titles).chain(sentences).collect()
    }

    /// The sentence before this one in its passage.
    pub(crate) fn before(&self, index: usize) -> Option<&Sentence<'h>> {
        let previous = self.sentences.get(index.checked_sub(1)?)?;
        (previous.rank == self.sentences[index].rank).then_some(previous)
    }
}

/// The vectors of [`Reading::texts`].
#[derive(Clone, Copy)]
pub(crate) struct Vectors<'v> {
    pub(crate) query: &'v [f32],
    pub(crate) titles: &'v [Vec<f32>],
    pub(crate) sentences: &'v [Vec<f32>],
}

impl<'v> Vectors<'v> {
    /// Takes the vectors apart; `None` when they are not those of this reading.
    pub(crate) fn of(reading: &Reading, vectors: &'v [Vec<f32>]) -> Option<Self> {
        let (query, rest) = vectors.split_first()?;
        let fits = rest.len() == reading.passages.len() + reading.sentences.len()
            && rest.iter().all(|vector| vector.len() == query.len());
        let (titles, sentences) = fits.then(|| rest.split_at(reading.passages.len()))?;
        Some(Self { query, titles, sentences })
    }
}
