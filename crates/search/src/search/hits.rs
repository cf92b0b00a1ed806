//! From candidates to hits: their best passages, read from the index.

use std::collections::{HashMap, HashSet};

use domain::{Hit, Hits, ScoredPassage, Snippet};
use tantivy::{
    Searcher, TantivyDocument, Term,
    collector::TopDocs,
    query::TermQuery,
    schema::{IndexRecordOption, Value as _},
};

use super::{
    Asked,
    rank::{Candidate, rank},
};
use crate::{
    SearchError,
    engine::{Parts, State},
    index::{StoredPassage, passage_key},
    lexical::PassageScore,
    snippet,
    text::VectorKind,
};

/// Passages that come with a hit.
const PASSAGES_PER_HIT: usize = 3;

pub(super) fn hits(parts: &Parts, state: &State, asked: &Asked) -> Result<Hits, SearchError> {
    let mut ranked = rank(parts, state, asked)?;
    ranked.candidates.truncate(asked.request.limit);
    let terms: HashSet<&str> =
        ranked.query.terms.iter().chain(&ranked.words.extra).map(|term| term.text.as_str()).collect();
    let mut by_slot = passages_of(ranked.searcher, &ranked.words.passages, &ranked.candidates)?;
    let dress = Dress { parts, searcher: ranked.searcher, terms: &terms, asked };
    let hits = ranked
        .candidates
        .into_iter()
        .map(|candidate| {
            let lexical = by_slot.remove(&candidate.slot).unwrap_or_default();
            let cosines = ranked.dense.articles.get(&candidate.slot).map(Vec::as_slice).unwrap_or_default();
            dress.hit(candidate, &lexical, cosines)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Hits {
        query: asked.request.query.clone(),
        language: asked.language.as_str().to_owned(),
        hits,
        evidence: ranked.evidence,
        index_seq: parts.seq.load(std::sync::atomic::Ordering::SeqCst),
    })
}

/// The lexical scores of the passages of these articles, by ordinal.
fn passages_of(
    searcher: &Searcher,
    scores: &[PassageScore],
    candidates: &[Candidate<'_>],
) -> Result<HashMap<usize, Vec<(u32, f64)>>, SearchError> {
    let mut by_slot: HashMap<usize, Vec<(u32, f64)>> =
        candidates.iter().map(|candidate| (candidate.slot, vec![])).collect();
    for passage in scores {
        let Some(found) = by_slot.get_mut(&passage.slot) else { continue };
        let (segment, doc) = passage.doc;
        let ordinals = searcher.segment_readers()[segment].fast_fields().u64("ordinal")?;
        let ordinal = ordinals.first(doc).and_then(|ordinal| u32::try_from(ordinal).ok());
        found.push((ordinal.unwrap_or(0), passage.score));
    }
    Ok(by_slot)
}

/// What turns any candidate of a search into a hit.
struct Dress<'a> {
    parts: &'a Parts,
    searcher: &'a Searcher,
    /// The words to be marked.
    terms: &'a HashSet<&'a str>,
    asked: &'a Asked,
}

impl Dress<'_> {
    fn hit(
        &self,
        candidate: Candidate<'_>,
        lexical: &[(u32, f64)],
        cosines: &[(VectorKind, f64)],
    ) -> Result<Hit, SearchError> {
        let entry = candidate.entry;
        let mut by_ordinal: HashMap<u32, (f64, Option<f64>)> = HashMap::new();
        for &(ordinal, score) in lexical {
            by_ordinal.entry(ordinal).or_default().0 = score;
        }
        for &(kind, cosine) in cosines {
            if let VectorKind::Passage(ordinal) = kind {
                by_ordinal.entry(ordinal).or_default().1 = Some(cosine);
            }
        }
        if by_ordinal.is_empty() && entry.n_passages > 0 {
            by_ordinal.insert(0, (0.0, None));
        }
        let mut ranked: Vec<(u32, f64, Option<f64>)> = by_ordinal
            .into_iter()
            .map(|(ordinal, (words, cosine))| {
                (ordinal, words + self.asked.weight * cosine.unwrap_or(0.0), cosine)
            })
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut passages = Vec::new();
        let mut excerpt = Snippet::default();
        for (ordinal, score, cosine) in ranked.into_iter().take(PASSAGES_PER_HIT) {
            let Some(stored) = stored_passage(self.parts, self.searcher, passage_key(entry.key, ordinal))?
            else {
                continue;
            };
            if passages.is_empty() {
                excerpt = snippet::snippet(&stored, self.terms, self.asked.language);
            }
            passages.push(ScoredPassage {
                passage: stored.passage,
                source: stored.source,
                source_start_chars: stored.source_start_chars,
                score,
                cosine,
            });
        }
        Ok(Hit {
            article_id: entry.article_id.clone(),
            version_id: entry.version_id.clone(),
            external_id: entry.external_id.clone(),
            slug: entry.slug.clone(),
            title: entry.title.clone(),
            collection: entry.collection.clone(),
            locale: entry.locale.clone(),
            audience: entry.audience.clone(),
            score: candidate.score,
            legs: candidate.legs,
            past_tickets: candidate.taught.tickets,
            passages,
            snippet: excerpt,
        })
    }
}

fn stored_passage(
    parts: &Parts,
    searcher: &Searcher,
    key: u64,
) -> Result<Option<StoredPassage>, SearchError> {
    let query = TermQuery::new(Term::from_field_u64(parts.fields.passage, key), IndexRecordOption::Basic);
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    let Some((_, address)) = found.first() else { return Ok(None) };
    let document: TantivyDocument = searcher.doc(*address)?;
    let json = document.get_first(parts.fields.content).and_then(|value| value.as_str()).unwrap_or_default();
    Ok(serde_json::from_str(json).ok())
}
