//! BM25 over the postings, term by term, for every article and passage at once.

use tantivy::{
    DocSet as _, SegmentReader, TERMINATED, Term,
    postings::Postings as _,
    schema::{Field, IndexRecordOption},
};

use super::{
    LexicalQuery, QueryTerm,
    expand::{completions, corrections},
};
use crate::{SearchError, engine::State, index::Fields};

/// BM25's saturation and length parameters (Robertson; Lucene's and tantivy's defaults).
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Weights of the fields (`evals/retrieval.md`, the formula).
const FULL: f64 = 0.5;
const PASSAGE: f64 = 0.5;
const TITLE_SHORT: f64 = 0.4;
const TITLE_LONG: f64 = 0.05;
/// Mean terms of a title up to which titles are short and name their topic, and from which they are sentences whose
/// words the full text has anyway (documentation has 3 to 5, abstracts of papers 9).
const TITLE_TERMS_SHORT: f64 = 5.0;
const TITLE_TERMS_LONG: f64 = 8.0;
/// Share of the character n-grams in languages other than English.
const GRAMS: f64 = 0.3;
/// Most distinct terms that are scored: the most telling ones (tickets: BM25 -.1, hybrid 0).
const TERMS_MAX: usize = 64;
/// Most distinct n-grams that are scored; a word has five or so.
const GRAMS_MAX: usize = 256;

/// What the lexical leg found.
#[derive(Debug, Default)]
pub(crate) struct LexicalScores {
    /// For each slot of the catalog, the share of the attainable BM25, 0 to 1.
    pub(crate) articles: Vec<f64>,
    /// Passages with a score, best or not.
    pub(crate) passages: Vec<PassageScore>,
    /// The query's terms with their idf among passages, less for those of past turns, in query order.
    pub(crate) idf: Vec<(String, f64)>,
    /// Synonyms, corrections and completions that were searched too.
    pub(crate) extra: Vec<QueryTerm>,
    /// The best passage's share of the attainable BM25 of passages.
    pub(crate) passage_best: f64,
    /// Share of the query's idf mass whose terms occur in any article.
    pub(crate) corpus_coverage: f64,
}

/// A passage that has words of the query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassageScore {
    /// Its article.
    pub(crate) slot: usize,
    /// Where its document is: segment and number.
    pub(crate) doc: (usize, u32),
    /// The share of the attainable BM25 of passages.
    pub(crate) score: f64,
}

/// The weight of the title field, by how long titles are here.
fn title_weight(terms_mean: f64) -> f64 {
    let long = (terms_mean - TITLE_TERMS_SHORT) / (TITLE_TERMS_LONG - TITLE_TERMS_SHORT);
    TITLE_SHORT - (TITLE_SHORT - TITLE_LONG) * long.clamp(0.0, 1.0)
}

/// Scores every allowed article.
pub(crate) fn score(
    state: &State,
    fields: &Fields,
    allowed: &[bool],
    query: &LexicalQuery,
) -> Result<LexicalScores, SearchError> {
    let catalog = &state.catalog;
    let mut scores = LexicalScores { articles: vec![0.0; catalog.n_slots()], ..LexicalScores::default() };
    if query.terms.is_empty() && query.unfinished.is_none() {
        return Ok(scores);
    }
    let articles = Kind { n: catalog.len() as f64 };
    let passages = Kind { n: catalog.n_passages() as f64 };
    let terms = most_telling(state, fields.text, passages, &query.terms, TERMS_MAX)?;
    scores.extra = expansions(state, fields, query, &terms)?;
    let mut by_doc = ByDoc::new(state);
    let mut attainable = 0.0;
    let title = title_weight(state.columns.n_tokens(fields.title) / articles.n.max(1.0));
    for (field, weight) in [(fields.full, FULL), (fields.title, title)] {
        attainable += weight * by_doc.add(field, articles, &terms, weight)?;
        by_doc.add(field, articles, &scores.extra, weight)?;
    }
    by_doc.fold(allowed, |slot, _, score| scores.articles[slot] += score);

    let mut by_doc = ByDoc::new(state);
    let passage_maximum = by_doc.add(fields.text, passages, &terms, 1.0)?.max(1e-9);
    by_doc.add(fields.text, passages, &scores.extra, 1.0)?;
    attainable += PASSAGE * passage_maximum;
    let mut best = vec![0.0_f64; catalog.n_slots()];
    by_doc.fold(allowed, |slot, doc, score| {
        best[slot] = best[slot].max(score);
        scores.passages.push(PassageScore { slot, doc, score: score / passage_maximum });
    });
    for (article, best) in scores.articles.iter_mut().zip(&best) {
        *article = ((*article + PASSAGE * best) / attainable.max(1e-9)).min(1.0);
    }
    scores.passage_best = best.iter().fold(0.0, |a: f64, b| a.max(*b)) / passage_maximum;

    if !query.grams.is_empty() {
        let grams = most_telling(state, fields.grams, articles, &query.grams, GRAMS_MAX)?;
        let mut by_doc = ByDoc::new(state);
        let maximum = by_doc.add(fields.grams, articles, &grams, 1.0)?.max(1e-9);
        for article in &mut scores.articles {
            *article *= 1.0 - GRAMS;
        }
        by_doc.fold(allowed, |slot, _, score| scores.articles[slot] += GRAMS * (score / maximum).min(1.0));
    }
    coverage(state, fields, passages, &terms, &mut scores)?;
    Ok(scores)
}

/// The terms with the highest weight times idf, in query order.
fn most_telling(
    state: &State,
    field: Field,
    kind: Kind,
    terms: &[QueryTerm],
    n_max: usize,
) -> Result<Vec<QueryTerm>, SearchError> {
    if terms.len() <= n_max {
        return Ok(terms.to_vec());
    }
    let mut weighed = Vec::with_capacity(terms.len());
    for (at, term) in terms.iter().enumerate() {
        weighed.push((term.weight * kind.idf(doc_freq(state, field, &term.text)?), at));
    }
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut kept: Vec<usize> = weighed.into_iter().take(n_max).map(|(_, at)| at).collect();
    kept.sort_unstable();
    Ok(kept.into_iter().map(|at| terms[at].clone()).collect())
}

fn coverage(
    state: &State,
    fields: &Fields,
    passages: Kind,
    terms: &[QueryTerm],
    scores: &mut LexicalScores,
) -> Result<(), SearchError> {
    let mut known = 0.0;
    for term in terms {
        let df = doc_freq(state, fields.text, &term.text)?;
        // What was said before counts as much less here as in the scores.
        let idf = passages.idf(df) * term.weight.min(1.0);
        known += if df > 0 { idf } else { 0.0 };
        scores.idf.push((term.text.clone(), idf));
    }
    let mass: f64 = scores.idf.iter().map(|(_, idf)| idf).sum();
    scores.corpus_coverage = if mass > 0.0 { known / mass } else { 0.0 };
    Ok(())
}

/// Synonyms, corrections of words that no article has, and completions of the last word.
fn expansions(
    state: &State,
    fields: &Fields,
    query: &LexicalQuery,
    terms: &[QueryTerm],
) -> Result<Vec<QueryTerm>, SearchError> {
    let mut extra = query.synonyms.clone();
    let mut add = |found: Vec<QueryTerm>, weight: f64| {
        for term in found {
            if !extra.iter().chain(terms).any(|known| known.text == term.text) {
                extra.push(QueryTerm { weight: term.weight * weight, ..term });
            }
        }
    };
    let mut completed = None;
    if let Some(beginning) = &query.unfinished {
        let found = completions(&state.searcher, fields.full, beginning)?;
        // What can still become a word of an article is not a typing error.
        completed = (!found.is_empty()).then_some(beginning);
        add(found, 1.0);
    }
    for term in terms {
        let is_completed = completed.is_some_and(|beginning| beginning.starts_with(&term.text));
        if !is_completed
            && doc_freq(state, fields.full, &term.text)? == 0
            && doc_freq(state, fields.text, &term.text)? == 0
        {
            add(corrections(&state.searcher, fields.full, &term.text)?, term.weight);
        }
    }
    Ok(extra)
}

/// In how many documents that live a term stands.
pub(crate) fn doc_freq(state: &State, field: Field, text: &str) -> Result<u64, SearchError> {
    let term = Term::from_field_text(field, text);
    let mut n = 0;
    for segment in state.searcher.segment_readers() {
        n += segment_doc_freq(segment, &term)?;
    }
    Ok(n)
}

fn segment_doc_freq(segment: &SegmentReader, term: &Term) -> Result<u64, SearchError> {
    let inverted = segment.inverted_index(term.field())?;
    let Some(info) = inverted.get_term_info(term)? else { return Ok(0) };
    let Some(alive) = segment.alive_bitset() else { return Ok(u64::from(info.doc_freq)) };
    // Deleted documents must not count, or the same articles would rank otherwise after a second import.
    let mut postings = inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
    let mut n = 0;
    let mut doc = postings.doc();
    while doc != TERMINATED {
        n += u64::from(alive.is_alive(doc));
        doc = postings.advance();
    }
    Ok(n)
}

/// The documents of one kind.
#[derive(Debug, Clone, Copy)]
struct Kind {
    n: f64,
}

impl Kind {
    fn idf(self, df: u64) -> f64 {
        let df = (df as f64).min(self.n);
        (1.0 + (self.n - df + 0.5) / (df + 0.5)).ln()
    }
}

/// Scores by segment and document.
struct ByDoc<'a> {
    state: &'a State,
    scores: Vec<Vec<f32>>,
}

impl<'a> ByDoc<'a> {
    fn new(state: &'a State) -> Self {
        let segments = state.searcher.segment_readers().iter();
        Self { state, scores: segments.map(|segment| vec![0.0; segment.max_doc() as usize]).collect() }
    }

    /// Adds the weighted BM25 of these terms in a field. Gives the most that any document could get, unweighted.
    fn add(
        &mut self,
        field: Field,
        kind: Kind,
        terms: &[QueryTerm],
        weight: f64,
    ) -> Result<f64, SearchError> {
        let average = (self.state.columns.n_tokens(field) / kind.n.max(1.0)).max(1.0);
        // The length part of the denominator for each of the 256 rounded lengths that the index keeps.
        let by_length: Vec<f32> = (0..=u8::MAX)
            .map(|id| f64::from(tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(id)))
            .map(|length| (K1 * (1.0 - B + B * length / average)) as f32)
            .collect();
        let mut maximum = 0.0;
        for term in terms {
            let wanted = Term::from_field_text(field, &term.text);
            let df = doc_freq(self.state, field, &term.text)?;
            let idf = kind.idf(df);
            maximum += (K1 + 1.0) * term.weight * idf;
            if df == 0 {
                continue;
            }
            let factor = (weight * term.weight * idf * (K1 + 1.0)) as f32;
            for (segment, scores) in self.state.searcher.segment_readers().iter().zip(&mut self.scores) {
                let inverted = segment.inverted_index(field)?;
                let Some(mut postings) = inverted.read_postings(&wanted, IndexRecordOption::WithFreqs)?
                else {
                    continue;
                };
                let lengths = segment.get_fieldnorms_reader(field)?;
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    let tf = postings.term_freq() as f32;
                    let length = by_length[usize::from(lengths.fieldnorm_id(doc))];
                    scores[doc as usize] += factor * tf / (tf + length);
                    doc = postings.advance();
                }
            }
        }
        Ok(maximum)
    }

    /// Gives each scored document that lives and is allowed to `take`, with its slot.
    fn fold(&self, allowed: &[bool], mut take: impl FnMut(usize, (usize, u32), f64)) {
        for (segment, scores) in self.scores.iter().enumerate() {
            for (doc, &score) in (0_u32..).zip(scores) {
                if score <= 0.0 {
                    continue;
                }
                let slot = self.state.columns.slot(segment, doc);
                if let Some(slot) = slot.filter(|&slot| allowed.get(slot).copied().unwrap_or(false)) {
                    take(slot, (segment, doc), f64::from(score));
                }
            }
        }
    }
}
