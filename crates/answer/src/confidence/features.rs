//! The numbers that confidence is computed from.

use std::collections::HashSet;

use domain::Hits;

use crate::{
    extract::{Reading, Vectors},
    question::terms,
    vector::{dot, residual},
};

/// Mean cosines above this say that a help center is narrow, not that it answers: uncapped, this feature would decide
/// alone on narrow sites.
const COSINE_MEAN_MAX: f64 = 0.15;

/// Everything that a model may look at, by name, in a fixed order.
pub(crate) fn features(reading: &Reading, hits: &Hits, vectors: Option<Vectors>) -> Vec<(&'static str, f64)> {
    let evidence = &hits.evidence;
    let dense = hits.hits.iter().filter_map(|hit| hit.legs.dense_passage);
    let lexical: Vec<f64> = sorted(hits.hits.iter().filter_map(|hit| hit.legs.lexical));
    let lexical_best = lexical.first().copied().unwrap_or(0.0);
    vec![
        ("cosine_best", evidence.cosine_best),
        ("cosine_mean_capped", evidence.cosine_mean.min(COSINE_MEAN_MAX)),
        ("cosine_gap_to_fourth", gap_to_fourth(&sorted(dense))),
        ("sentence_residual_cosine", sentence_residual_cosine(reading, vectors)),
        ("sentence_coverage", best_of(reading.sentences.iter().map(|s| reading.question.share(&s.terms)))),
        ("window_coverage_beyond_title", window_coverage_beyond_title(reading)),
        ("passage_coverage", passage_coverage(reading)),
        ("lexical_share", evidence.lexical_best),
        ("passage_lexical_share", evidence.passage_coverage),
        (
            "lexical_gap_to_fourth",
            if lexical_best > 0.0 { gap_to_fourth(&lexical) / lexical_best } else { 0.0 },
        ),
        ("ln_terms", (1.0 + reading.question.n_terms() as f64).ln()),
    ]
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// The first minus the fourth, or minus the last of fewer.
fn gap_to_fourth(sorted: &[f64]) -> f64 {
    match (sorted.first(), sorted.get(3).or(sorted.last())) {
        (Some(first), Some(fourth)) => first - fourth,
        _ => 0.0,
    }
}

fn best_of(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}

/// How near a sentence comes to what the question says beyond the article's title: the cosine of both vectors after
/// the title's direction is taken out.
fn sentence_residual_cosine(reading: &Reading, vectors: Option<Vectors>) -> f64 {
    let Some(vectors) = vectors else { return 0.0 };
    let questions: Vec<Vec<f32>> =
        vectors.titles.iter().map(|title| residual(vectors.query, title)).collect();
    best_of(reading.sentences.iter().zip(vectors.sentences).map(|(sentence, vector)| {
        dot(&questions[sentence.rank], &residual(vector, &vectors.titles[sentence.rank]))
    }))
}

/// The share of the question's weight, beyond the title's terms, that two neighbouring sentences cover; .5 when the
/// title says all that was asked.
fn window_coverage_beyond_title(reading: &Reading) -> f64 {
    best_of(reading.sentences.iter().enumerate().map(|(index, sentence)| {
        let window: HashSet<String> = match reading.before(index) {
            Some(before) => sentence.terms.union(&before.terms).cloned().collect(),
            None => sentence.terms.clone(),
        };
        reading.question.share_beyond(&reading.articles[sentence.rank].title, &window).unwrap_or(0.5)
    }))
}

/// The share of the question's weight that one passage covers with its title and headings.
fn passage_coverage(reading: &Reading) -> f64 {
    let language = reading.question.language;
    best_of(reading.articles.iter().flat_map(|article| {
        article.hit.passages.iter().map(move |passage| {
            let mut all = article.title.clone();
            all.extend(terms(&passage.passage.headings.join("\n"), language));
            all.extend(terms(&passage.passage.text(), language));
            reading.question.share(&all)
        })
    }))
}
