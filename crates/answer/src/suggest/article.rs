//! Drafts of a reply from the best articles.

use domain::{ArticleId, BotTurn, Citation, Hit, Hits, Locale, ScoredPassage};

use crate::{
    confidence::{assess, features},
    extract::{Reading, extract, score},
    texts::{Phrase, say_with},
};

/// Articles that drafts are made from (`evals/learning.md`, measured 2026-11).
pub(super) const ARTICLES_MAX: usize = 3;
/// Sentences of the best passage that make a draft where nothing can be extracted (same source).
const SENTENCES_MAX: usize = 3;
/// Confidence from which articles are offered where no solved ticket speaks for them: an agent's time is worth more
/// than a wrong page. Set by hand.
const CONFIDENCE_MIN: f64 = 0.15;

/// A draft from one article, with its citations.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleDraft {
    /// Markdown without a greeting: what is embedded, and what is sent.
    pub text: String,
    pub(super) article_id: ArticleId,
    pub(super) title: String,
    /// What the text was taken from; at least one.
    pub(super) citations: Vec<Citation>,
    /// Likeness of the article's best passage to the question, -1 to 1, if the dense leg ran.
    pub(super) cosine: Option<f64>,
    /// Whether it may be offered though no solved ticket speaks for it.
    pub(super) is_likely: bool,
}

/// One draft for each of the best articles, best first.
pub(crate) fn article_drafts(question: &str, hits: &Hits, locale: &Locale) -> Vec<ArticleDraft> {
    let features = features(&Reading::new(question, hits), hits, None);
    let confidence = assess(&features, hits, false).confidence;
    let best = hits.hits.iter().take(ARTICLES_MAX);
    best.filter_map(|hit| {
        let (text, citations) =
            extracted(question, hits, hit, confidence).or_else(|| first_sentences(hit))?;
        let more = say_with(locale, Phrase::DraftSource, &[("title", &hit.title)]);
        Some(ArticleDraft {
            text: format!("{text}\n\n{more}"),
            article_id: hit.article_id.clone(),
            title: hit.title.clone(),
            citations,
            cosine: hit.legs.dense_passage.or(hit.passages.first().and_then(|passage| passage.cosine)),
            is_likely: confidence >= CONFIDENCE_MIN,
        })
    })
    .collect()
}

/// A citation of the beginning of an article's best passage.
pub(super) fn cite(hit: &Hit) -> Option<Citation> {
    first_sentences(hit).and_then(|(_, citations)| citations.into_iter().next())
}

fn extracted(question: &str, hits: &Hits, hit: &Hit, confidence: f64) -> Option<(String, Vec<Citation>)> {
    let reading = Reading::of(question, hits, std::iter::once(hit));
    let turn = extract(&reading, &score(&reading, None)).into_answer(confidence)?;
    Some((without_numbers(&turn), turn.citations().to_vec()))
}

/// The text of an answer without the numbers of its citations, which mean nothing in a mail.
fn without_numbers(turn: &BotTurn) -> String {
    let mut text = turn.text();
    for citation in turn.citations() {
        text = text.replace(&format!(" [{}]", citation.n), "").replace(&format!("\n\n[{}]", citation.n), "");
    }
    text
}

/// The first sentences of an article's best passage, to the letter, without headings before them.
fn first_sentences(hit: &Hit) -> Option<(String, Vec<Citation>)> {
    let passage = hit.passages.first()?;
    let source = passage.source.as_str();
    let mut sentences = language::sentences(source)
        .into_iter()
        .filter(|range| source[range.clone()].contains(char::is_alphanumeric))
        .skip_while(|range| source[range.clone()].starts_with('#'))
        .take(SENTENCES_MAX)
        .take_while(|range| !source[range.clone()].starts_with('#'));
    let first = sentences.next()?;
    let end = sentences.last().map_or(first.end, |last| last.end);
    let citation = citation(hit, passage, first.start, end);
    Some((citation.quote.clone(), vec![citation]))
}

/// The citation of a part of a passage's source, in bytes.
fn citation(hit: &Hit, passage: &ScoredPassage, start: usize, end: usize) -> Citation {
    let quote = &passage.source[start..end];
    let start = passage.source_start_chars + passage.source[..start].chars().count();
    Citation {
        n: 1,
        article_id: hit.article_id.clone(),
        version_id: hit.version_id.clone(),
        external_id: hit.external_id.clone(),
        slug: hit.slug.clone(),
        locale: hit.locale.clone(),
        title: hit.title.clone(),
        anchor: passage.passage.anchor.clone(),
        start,
        end: start + quote.chars().count(),
        quote: quote.to_owned(),
    }
}
