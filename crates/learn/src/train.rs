//! Training: what all solved tickets teach, and whether what the earlier ones teach helped the later ones.

use std::{collections::BTreeMap, sync::Arc};

use answer::TopThree;
use domain::ArticleId;
use search::{Learned, SearchEngine, SearchError};

use crate::{
    Quality, Report, Solved, Verdict,
    calibrate::{Example, calibrate},
    report::{NowFound, Risen, SinceCurrent},
    slices::slices,
    validate::{self, Asked, ask, in_time, quality},
};

/// Questions from which a version can be judged.
const VALIDATED_MIN: usize = 20;
/// What a part may lose beside the search without anything learned.
const SLICE_LOSS_MAX: f64 = 0.01;
/// What counts as no worse than the version in use: less than chance moves.
const CURRENT_LOSS_MAX: f64 = 0.005;
/// Most entries of a list in the report.
const LISTED_MAX: usize = 20;
/// The rank of what is not among the first ten.
const UNRANKED: usize = 11;

/// What a training came to.
pub struct Trained {
    /// What all tickets teach, without a number.
    pub learned: Learned,
    /// How good it is.
    pub report: Report,
}

/// Learns from solved tickets, oldest first. `current` is what is in use and how many of these tickets it knows.
///
/// Costs one search for each of the newest 1,500 linked tickets.
///
/// # Errors
/// Those of the index.
pub async fn train(
    engine: &SearchEngine,
    dims: usize,
    solved: &[Solved],
    current: Option<(&Arc<Learned>, usize)>,
) -> Result<Trained, SearchError> {
    let all: Vec<&Solved> = solved.iter().collect();
    let linked: Vec<&Solved> = solved
        .iter()
        .filter(|solved| solved.remembered.links.iter().any(|(_, weight)| *weight > 0.0))
        .collect();
    let asked = in_time(engine, dims, &linked).await?;
    let since_current = match current {
        Some((current, n_known)) => {
            since_current(engine, current, &solved[n_known.min(solved.len())..], &asked).await?
        }
        None => None,
    };
    let cold = quality(asked.iter().map(|asked| (asked.solved, asked.cold.as_slice())));
    let learned = quality_learned(asked.iter());
    let slices = slices(engine, &asked);
    let verdict = if asked.len() < VALIDATED_MIN {
        Verdict::TooFew { n: asked.len(), needed: VALIDATED_MIN }
    } else if learned.ndcg_at_10 <= cold.ndcg_at_10 {
        Verdict::WorseThanCold
    } else if let Some(slice) = slices.iter().find(|slice| slice.learned < slice.cold - SLICE_LOSS_MAX) {
        Verdict::WorseSlice { by: slice.by.clone(), name: slice.name.clone() }
    } else if since_current
        .is_some_and(|since| since.learned.ndcg_at_10 < since.current.ndcg_at_10 - CURRENT_LOSS_MAX)
    {
        Verdict::WorseThanCurrent
    } else {
        Verdict::Good
    };
    let examples: Vec<Example> = asked.iter().map(Asked::example).collect();
    let report = Report {
        n_remembered: solved.len(),
        n_linked: linked.len(),
        n_validated: asked.len(),
        cold,
        learned,
        since_current,
        risen: risen(&asked),
        now_found: now_found(&asked),
        slices,
        confidence: calibrate(&examples, TopThree::default()),
        verdict,
    };
    Ok(Trained { learned: validate::learned(dims, &all), report })
}

fn quality_learned<'a>(asked: impl Iterator<Item = &'a Asked<'a>>) -> Quality {
    let orders: Vec<(&Solved, Vec<ArticleId>)> =
        asked.map(|asked| (asked.solved, asked.learned_order())).collect();
    quality(orders.iter().map(|(solved, order)| (*solved, order.as_slice())))
}

/// The version in use on the questions it has not seen, beside the new one as it learned on the way.
async fn since_current(
    engine: &SearchEngine,
    current: &Arc<Learned>,
    new: &[Solved],
    asked: &[Asked<'_>],
) -> Result<Option<SinceCurrent>, SearchError> {
    let is_new = |asked: &&Asked<'_>| new.iter().any(|solved| std::ptr::eq(solved, asked.solved));
    let new: Vec<&Asked<'_>> = asked.iter().filter(is_new).collect();
    if new.len() < VALIDATED_MIN {
        return Ok(None);
    }
    let mut by_current = Vec::with_capacity(new.len());
    for asked in &new {
        by_current.push(ask(engine, asked.solved, current).await?);
    }
    Ok(Some(SinceCurrent {
        n: new.len(),
        current: quality_learned(by_current.iter()),
        learned: quality_learned(new.into_iter()),
    }))
}

fn rank(order: &[ArticleId], article: &ArticleId) -> usize {
    order.iter().take(UNRANKED - 1).position(|other| other == article).map_or(UNRANKED, |at| at + 1)
}

fn risen(asked: &[Asked<'_>]) -> Vec<Risen> {
    let mut sums: BTreeMap<&ArticleId, (usize, usize, usize)> = BTreeMap::new();
    for question in asked {
        let order = question.learned_order();
        for (article, _) in &question.solved.remembered.links {
            let sum = sums.entry(article).or_default();
            *sum = (sum.0 + 1, sum.1 + rank(&question.cold, article), sum.2 + rank(&order, article));
        }
    }
    let mut risen: Vec<Risen> = sums
        .into_iter()
        .filter(|(_, (_, cold, learned))| learned < cold)
        .map(|(article, (n, cold, learned))| Risen {
            article_id: article.clone(),
            n_questions: n,
            rank_cold: cold as f64 / n as f64,
            rank_learned: learned as f64 / n as f64,
        })
        .collect();
    risen.sort_by(|a, b| b.n_questions.cmp(&a.n_questions).then_with(|| a.article_id.cmp(&b.article_id)));
    risen.truncate(LISTED_MAX);
    risen
}

fn now_found(asked: &[Asked<'_>]) -> Vec<NowFound> {
    let mut found = vec![];
    for question in asked.iter().rev() {
        let Some(first) = question.learned.first().map(|ranked| &ranked.article_id) else { continue };
        let before = rank(&question.cold, first);
        if question.solved.is_right(first) && before > 3 {
            found.push(NowFound {
                ticket_id: question.solved.remembered.ticket_id.clone(),
                article_id: first.clone(),
                rank_cold: before,
            });
        }
    }
    found.truncate(LISTED_MAX);
    found
}
