//! What is read for an answer: the best section of the best article and the best passage of the next two, sentence by
//! sentence.

use std::{collections::HashSet, ops::Range};

use domain::{Hit, Hits, ScoredPassage, Segment, SegmentKind};

use crate::question::{Question, terms};

/// Articles that are read. More dilute the answer: end to end F1 is the same with one, two or three.
const ARTICLES_READ: usize = 3;
/// Segments of one passage that are read. A passage has about 180 words; only a table or a list of single words has
/// more segments.
const SEGMENTS_READ_MAX: usize = 32;

/// A sentence, step, item, row or block of code that may be quoted.
pub(crate) struct Sentence<'h> {
    /// Which of the articles that are read, from 0, best first.
    pub(crate) rank: usize,
    /// Which of the passages that are read.
    pub(crate) part: usize,
    /// Which segment of the passage.
    pub(crate) at: usize,
    /// Whether a section begins with it.
    pub(crate) opens: bool,
    pub(crate) segment: &'h Segment,
    /// Its content terms, in the question's language.
    pub(crate) terms: HashSet<String>,
}

/// An article that is read.
pub(crate) struct Article<'h> {
    pub(crate) hit: &'h Hit,
    /// The content terms of its title.
    pub(crate) title: HashSet<String>,
    /// Its sentences, by their index in the reading.
    pub(crate) sentences: Range<usize>,
}

/// The passages that are read and their sentences.
pub(crate) struct Reading<'h> {
    pub(crate) question: Question,
    pub(crate) articles: Vec<Article<'h>>,
    pub(crate) passages: Vec<&'h ScoredPassage>,
    pub(crate) sentences: Vec<Sentence<'h>>,
}

impl<'h> Reading<'h> {
    /// Reads the best hits.
    pub(crate) fn new(question: &str, hits: &'h Hits) -> Self {
        Self::of(question, hits, hits.hits.iter().take(ARTICLES_READ))
    }

    /// Reads these hits: of the first its best section, of the others their best passage.
    pub(crate) fn of(question: &str, hits: &'h Hits, read: impl Iterator<Item = &'h Hit>) -> Self {
        let question = Question::new(question, hits);
        let mut reading = Self { question, articles: vec![], passages: vec![], sentences: vec![] };
        for hit in read {
            let section = if reading.articles.is_empty() {
                section(hit, reading.question.asks_how)
            } else {
                hit.passages.iter().take(1).collect()
            };
            reading.read(hit, &section);
        }
        reading
    }

    fn read(&mut self, hit: &'h Hit, passages: &[&'h ScoredPassage]) {
        let (rank, from) = (self.articles.len(), self.sentences.len());
        for passage in passages {
            for (at, segment) in passage.passage.segments.iter().enumerate().take(SEGMENTS_READ_MAX) {
                let terms = terms(&segment.text, self.question.language);
                let opens = self.sentences.len() == from;
                self.sentences.push(Sentence { rank, part: self.passages.len(), at, opens, segment, terms });
            }
            self.passages.push(passage);
        }
        let title = terms(&hit.title, self.question.language);
        self.articles.push(Article { hit, title, sentences: from..self.sentences.len() });
    }

    /// What must be embedded before the sentences can be compared by meaning: query, titles, sentences.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        let titles = self.articles.iter().map(|article| article.hit.title.clone());
        let sentences = self.sentences.iter().map(|sentence| sentence.segment.text.clone());
        std::iter::once(query.to_owned()).chain(titles).chain(sentences).collect()
    }

    /// The sentence before this one in its article.
    pub(crate) fn before(&self, index: usize) -> Option<&Sentence<'h>> {
        let previous = self.sentences.get(index.checked_sub(1)?)?;
        (previous.rank == self.sentences[index].rank).then_some(previous)
    }
}

/// The best passage with those around it under the same headings, in reading order. Sections are cut into passages
/// because the model reads no more at once; people choose sentences from the whole of it (clapnq gold: set F1 .615 from
/// the best passage, .644 from the section).
///
/// Who asks how to do something is shown the article's steps too, when they stand in another section.
fn section(hit: &Hit, asks_how: bool) -> Vec<&ScoredPassage> {
    let Some(best) = hit.passages.first() else { return vec![] };
    let mut section = vec![best];
    for step in [-1_i64, 1] {
        let mut ordinal = i64::from(best.passage.ordinal) + step;
        while let Some(next) = hit.passages.iter().find(|other| {
            i64::from(other.passage.ordinal) == ordinal && other.passage.headings == best.passage.headings
        }) {
            section.push(next);
            ordinal += step;
        }
    }
    let has_steps = |passage: &&ScoredPassage| {
        passage.passage.segments.iter().any(|segment| matches!(segment.kind, SegmentKind::Step { .. }))
    };
    if asks_how && !section.iter().any(has_steps) {
        section.extend(hit.passages.iter().find(has_steps));
    }
    section.sort_by_key(|passage| passage.passage.ordinal);
    section
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
        let fits = rest.len() == reading.articles.len() + reading.sentences.len()
            && rest.iter().all(|vector| vector.len() == query.len());
        let (titles, sentences) = fits.then(|| rest.split_at(reading.articles.len()))?;
        Some(Self { query, titles, sentences })
    }

    /// The vectors of a reading of the best article alone.
    pub(crate) fn of_best(self, best: &Reading) -> Self {
        Self {
            titles: &self.titles[..best.articles.len()],
            sentences: &self.sentences[..best.sentences.len()],
            ..self
        }
    }
}
