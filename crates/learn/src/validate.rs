//! Validation in time: each question is asked of what was learned before it, as it will be on the site.

use std::{collections::HashMap, sync::Arc};

use domain::{ArticleId, Audience, Evidence, Readable};
use search::{
    Learned, Learning, RankedArticle, Remembered, SearchEngine, SearchError, SearchMode, SearchRequest,
};

use crate::{Quality, Solved, calibrate::Example, metrics};

/// Blocks of time. The first teaches only, each of the others is asked of all that lie before it.
const BLOCKS: usize = 8;
/// Most questions that are asked, the newest: some milliseconds each.
const QUESTIONS_MAX: usize = 1_500;

/// What came of a question.
pub(crate) struct Asked<'s> {
    pub(crate) solved: &'s Solved,
    /// Articles as the search without anything learned ranks them.
    pub(crate) cold: Vec<ArticleId>,
    /// As it ranks them with what was learned before.
    pub(crate) learned: Vec<RankedArticle>,
    evidence: Evidence,
}

impl Asked<'_> {
    /// The question as an example for the confidence.
    pub(crate) fn example(&self) -> Example {
        let right = self.learned.iter().take(3).any(|ranked| self.solved.is_right(&ranked.article_id));
        (answer::top_three_features(&self.evidence.scores), right)
    }

    pub(crate) fn learned_order(&self) -> Vec<ArticleId> {
        self.learned.iter().map(|ranked| ranked.article_id.clone()).collect()
    }
}

/// Asks the linked tickets, which are in order of time, of what the ones before them teach.
pub(crate) async fn in_time<'s>(
    engine: &SearchEngine,
    dims: usize,
    linked: &[&'s Solved],
) -> Result<Vec<Asked<'s>>, SearchError> {
    let cuts: Vec<usize> = (0..=BLOCKS).map(|block| linked.len() * block / BLOCKS).collect();
    let first = linked.len().saturating_sub(QUESTIONS_MAX).max(cuts[1]);
    let mut asked = Vec::new();
    for block in cuts[1..].windows(2) {
        let questions = block[0].max(first)..block[1];
        if questions.is_empty() {
            continue;
        }
        let learned = Arc::new(learned(dims, &linked[..block[0]]).numbered(Some(0)));
        for solved in &linked[questions] {
            asked.push(ask(engine, solved, &learned).await?);
        }
    }
    Ok(asked)
}

/// What these tickets teach.
pub(crate) fn learned(dims: usize, solved: &[&Solved]) -> Learned {
    let remembered: Vec<Remembered> = solved.iter().map(|solved| solved.remembered.clone()).collect();
    Learned::new(dims, &remembered)
}

/// Asks a ticket's question of what was learned.
pub(crate) async fn ask<'s>(
    engine: &SearchEngine,
    solved: &'s Solved,
    learned: &Arc<Learned>,
) -> Result<Asked<'s>, SearchError> {
    let request = SearchRequest {
        query: solved.remembered.question.clone(),
        locale: Some(solved.locale.clone()),
        // Who asked could read what the ticket shows; more than that is not looked for.
        readable: readable(&solved.remembered.audiences),
        mode: SearchMode::Hybrid,
        learning: Learning::Of(Arc::clone(learned)),
        ..SearchRequest::default()
    };
    let ranking = engine.rank(&request).await?;
    let mut cold: Vec<&RankedArticle> =
        ranking.articles.iter().filter(|article| article.is_found_anyway).collect();
    cold.sort_by(|a, b| {
        let of = |article: &RankedArticle| article.score - article.learned;
        of(b).total_cmp(&of(a)).then_with(|| a.article_id.cmp(&b.article_id))
    });
    let cold = cold.into_iter().map(|article| article.article_id.clone()).collect();
    Ok(Asked { solved, cold, learned: ranking.articles, evidence: ranking.evidence })
}

fn readable(audiences: &[Audience]) -> Readable {
    Readable::Only(audiences.iter().cloned().chain([Audience::Public]).collect())
}

/// The quality of a list of rankings.
pub(crate) fn quality<'a>(ranked: impl Iterator<Item = (&'a Solved, &'a [ArticleId])>) -> Quality {
    let mut sum = Quality::default();
    let mut n = 0.0;
    for (solved, order) in ranked {
        n += 1.0;
        sum.ndcg_at_10 += ndcg(solved, order);
        let right = |n: usize| order.iter().take(n).any(|article| solved.is_right(article));
        sum.hit_at_1 += f64::from(u8::from(right(1)));
        sum.top_three += f64::from(u8::from(right(3)));
    }
    let n = f64::max(n, 1.0);
    Quality { ndcg_at_10: sum.ndcg_at_10 / n, hit_at_1: sum.hit_at_1 / n, top_three: sum.top_three / n }
}

pub(crate) fn ndcg(solved: &Solved, order: &[ArticleId]) -> f64 {
    let links = solved.remembered.links.iter().filter(|(_, weight)| *weight > 0.0);
    let grades: HashMap<String, f64> = links.map(|(article, _)| (article.to_string(), 1.0)).collect();
    let order: Vec<String> = order.iter().take(10).map(ToString::to_string).collect();
    metrics::ndcg_at(10, &order, &grades)
}
