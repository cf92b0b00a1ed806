//! Parts of the questions: nobody may be worse off because others are better off.

use std::collections::BTreeMap;

use domain::Audience;
use search::SearchEngine;

use crate::{
    Slice,
    validate::{Asked, ndcg},
};

/// Questions from which a part is judged: of fewer, one question moves the mean by more than is allowed to be lost.
const QUESTIONS_MIN: usize = 20;

/// The parts with enough questions, in order of name.
pub(crate) fn slices(engine: &SearchEngine, asked: &[Asked<'_>]) -> Vec<Slice> {
    let mut parts: BTreeMap<(&str, String), (usize, f64, f64)> = BTreeMap::new();
    for question in asked {
        let cold = ndcg(question.solved, &question.cold);
        let learned = ndcg(question.solved, &question.learned_order());
        for part in names(engine, question) {
            let sums = parts.entry(part).or_default();
            *sums = (sums.0 + 1, sums.1 + cold, sums.2 + learned);
        }
    }
    let enough = parts.into_iter().filter(|(_, (n, ..))| *n >= QUESTIONS_MIN);
    enough
        .map(|((by, name), (n, cold, learned))| Slice {
            by: by.to_owned(),
            name,
            n,
            cold: cold / n as f64,
            learned: learned / n as f64,
        })
        .collect()
}

fn names<'a>(engine: &SearchEngine, question: &Asked<'_>) -> Vec<(&'a str, String)> {
    let remembered = &question.solved.remembered;
    let language = language::detect(&remembered.question, &[], language::Language::english());
    let mut names = vec![("language", language.as_str().to_owned())];
    names.extend(
        remembered
            .links
            .first()
            .and_then(|(article, _)| engine.collection_of(article))
            .map(|name| ("collection", name)),
    );
    let restricted = remembered.audiences.iter().find(|audience| **audience != Audience::Public);
    names.push(("audience", restricted.unwrap_or(&Audience::Public).key()));
    names
}
