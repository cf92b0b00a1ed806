//! The passages that a model is given, numbered from 1.

use domain::{Hit, Hits, ScoredPassage};

/// Articles whose passages are given.
const ARTICLES_MAX: usize = 4;
/// Passages of one article.
const PASSAGES_PER_ARTICLE_MAX: usize = 2;

/// A numbered passage.
#[derive(Clone, Copy)]
pub(super) struct Source<'h> {
    pub(super) n: usize,
    pub(super) hit: &'h Hit,
    pub(super) passage: &'h ScoredPassage,
}

/// The sources for these hits; the same ones, in the same order, for prompt and check.
pub(super) fn sources(hits: &Hits) -> Vec<Source<'_>> {
    let passages = hits.hits.iter().take(ARTICLES_MAX).flat_map(|hit| {
        hit.passages.iter().take(PASSAGES_PER_ARTICLE_MAX).map(move |passage| (hit, passage))
    });
    passages.zip(1..).map(|((hit, passage), n)| Source { n, hit, passage }).collect()
}
