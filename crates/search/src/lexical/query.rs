//! The terms of a query and of the conversation before it, with their weights.

use std::collections::HashMap;

use language::{Language, ScriptClass};

use super::Synonyms;
use crate::request::{PastTurn, Speaker};

/// Most distinct terms that are looked up before the most telling ones are chosen; a bound for texts without end.
const TERMS_MAX: usize = 1_024;
/// Most turns of history that are read.
const TURNS_MAX: usize = 8;
/// How much less a turn counts than the one after it (`evals/retrieval.md`, conversations: .2 to .4 is a plateau).
const DECAY: f64 = 0.3;
/// How much less the bot's and agents' words count than the customer's.
const OTHERS: f64 = 0.7;
/// Terms up to which a past turn counts in full; a longer one shares out what so many would have, or a bot's answer of
/// thirty words would decide what the next question is about.
const TURN_TERMS: f64 = 16.0;
/// What a synonym counts beside the word that was typed: never as much.
const SYNONYM_WEIGHT: f64 = 0.6;

/// A term with its weight: how often it occurs in the query, older turns counting less.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryTerm {
    pub(crate) text: String,
    pub(crate) weight: f64,
}

/// What the lexical leg looks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct LexicalQuery {
    /// The terms; what can be attained at most is computed from them.
    pub(crate) terms: Vec<QueryTerm>,
    /// Character n-grams, in languages other than English.
    pub(crate) grams: Vec<QueryTerm>,
    /// Synonyms: they can only add to what the terms find.
    pub(crate) synonyms: Vec<QueryTerm>,
    /// The last word as it was typed, when it may be unfinished.
    pub(crate) unfinished: Option<String>,
}

/// The weight of a turn of this age (0 is the query itself) in a conversation.
pub(crate) fn turn_weight(age: usize, speaker: Speaker) -> f64 {
    let by = if speaker == Speaker::Customer { 1.0 } else { OTHERS };
    DECAY.powi(i32::try_from(age).unwrap_or(i32::MAX)) * by
}

/// The turns that count, newest first, with their ages: a customer's turn and the answer to it are one step apart.
pub(crate) fn weighted_turns<'a>(query: &'a str, history: &'a [PastTurn]) -> Vec<(&'a str, f64)> {
    let mut turns = vec![(query, 1.0)];
    let past = history.iter().rev().take(TURNS_MAX).enumerate();
    turns.extend(past.map(|(i, turn)| (turn.text.as_str(), turn_weight(i + 1, turn.speaker))));
    turns
}

impl LexicalQuery {
    /// Cuts the query and the turns before it into weighted terms.
    pub(crate) fn new(
        query: &str,
        history: &[PastTurn],
        language: Language,
        synonyms: &Synonyms,
        as_you_type: bool,
    ) -> Self {
        let turns = weighted_turns(query, history);
        let terms = weigh(&turns, |text| language::analyze(text, language));
        let grams = if language.class() == ScriptClass::English {
            vec![]
        } else {
            weigh(&turns, |text| language::grams(text, language))
        };
        let unfinished = as_you_type && !query.ends_with(char::is_whitespace);
        let unfinished =
            unfinished.then(|| language::words(query, language).pop().map(|word| word.text)).flatten();
        Self { synonyms: expand(query, language, synonyms, &terms), terms, grams, unfinished }
    }
}

/// The distinct terms of the turns with their summed weights, in order of first appearance.
fn weigh(turns: &[(&str, f64)], cut: impl Fn(&str) -> Vec<language::Term>) -> Vec<QueryTerm> {
    let mut order: Vec<QueryTerm> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    for (age, (text, weight)) in turns.iter().enumerate() {
        let terms = cut(text);
        let share = if age == 0 { 1.0 } else { (TURN_TERMS / terms.len().max(1) as f64).min(1.0) };
        for term in terms {
            match at.get(&term.text) {
                Some(&i) => order[i].weight += weight * share,
                None => {
                    at.insert(term.text.clone(), order.len());
                    order.push(QueryTerm { text: term.text, weight: weight * share });
                }
            }
        }
    }
    if order.len() > TERMS_MAX {
        // The sort is stable, so among equals the earlier ones stay.
        order.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        order.truncate(TERMS_MAX);
    }
    order
}

/// The terms of every phrase that shares a group with a phrase of the query.
fn expand(query: &str, language: Language, synonyms: &Synonyms, terms: &[QueryTerm]) -> Vec<QueryTerm> {
    let stems = |text: &str| -> Vec<String> {
        language::analyze(text, language).into_iter().map(|term| term.text).collect()
    };
    let asked = stems(query);
    let mut extra: Vec<QueryTerm> = Vec::new();
    for group in synonyms {
        let phrases: Vec<Vec<String>> = group.iter().map(|phrase| stems(phrase)).collect();
        let occurs = |phrase: &Vec<String>| {
            !phrase.is_empty() && asked.windows(phrase.len()).any(|window| window == phrase.as_slice())
        };
        if !phrases.iter().any(occurs) {
            continue;
        }
        for stem in phrases.into_iter().flatten() {
            let known =
                terms.iter().any(|term| term.text == stem) || extra.iter().any(|term| term.text == stem);
            if !known {
                extra.push(QueryTerm { text: stem, weight: SYNONYM_WEIGHT });
            }
        }
    }
    extra.truncate(TERMS_MAX);
    extra
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_turns_count_less() {
        let history = vec![
            PastTurn { speaker: Speaker::Customer, text: "invoice".into() },
            PastTurn { speaker: Speaker::Bot, text: "which year".into() },
        ];
        let query = LexicalQuery::new("last year", &history, Language::english(), &vec![], false);
        let weight = |text: &str| query.terms.iter().find(|term| term.text == text).unwrap().weight;
        assert!((weight("year") - (1.0 + 0.3 * 0.7)).abs() < 1e-9);
        assert!((weight("invoic") - 0.09).abs() < 1e-9);
    }

    #[test]
    fn a_synonym_adds_its_words() {
        let synonyms = vec![vec!["sign in".to_owned(), "log in".to_owned(), "login".to_owned()]];
        let query = LexicalQuery::new("cannot login", &[], Language::english(), &synonyms, false);
        let extra: Vec<&str> = query.synonyms.iter().map(|term| term.text.as_str()).collect();
        assert_eq!(extra, ["sign", "log"]);
    }
}
