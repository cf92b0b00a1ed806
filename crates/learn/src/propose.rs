//! Alternative questions, proposed from what people asked in their own words.
//!
//! What led to one article is put into groups of questions that are alike; the one in the middle of each group is proposed.
//! Agents' acts may make a proposal as sure as they like. All that customers did counts no more than one agent's link:
//! a visitor can search, click and vote as often as they want.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ArticleId, CustomerId, Locale};

/// Cosine from which two questions are the same in other words.
const ALIKE: f64 = 0.7;
/// Cosine from which an article's title or a known question says it already.
const KNOWN: f64 = 0.85;
/// Most that the acts of customers count in a group.
const CUSTOMERS_MAX: f64 = 1.0;
/// What a group must count to be proposed: two agents' links, or a good deal of customers' acts with one.
const SUPPORT_MIN: f64 = 0.6;
/// Less than this, and more speaks for another article.
const CONFIDENCE_MIN: f64 = 1.0 / 3.0;
/// How many must have asked: one person's words are theirs.
const ASKERS_MIN: usize = 2;
/// Length of a question in characters: less is a keyword, more is a story.
const CHARS: std::ops::RangeInclusive<usize> = 12..=140;
/// Most questions proposed for an article in a locale: each costs an editor's time.
const PER_ARTICLE_MAX: usize = 5;

/// One act, with the words of the question. They hold no personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// What it counts, as [`crate::Act::weight`] has it.
    pub weight: f64,
    /// Whether an agent did it.
    pub is_by_agent: bool,
    /// The words.
    pub question: String,
    /// Their vector, of unit length.
    pub vector: Vec<f32>,
    /// The article.
    pub article_id: ArticleId,
    /// The locale it was asked in.
    pub locale: Locale,
    /// Who asked, if known.
    pub customer_id: Option<CustomerId>,
    /// What tells askers apart: the customer, or the ticket or conversation of one who is not known.
    pub asker: String,
    /// How often: clicks on a search are counted, not told apart.
    pub n: usize,
}

/// A question for an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The article.
    pub article_id: ArticleId,
    /// The locale.
    pub locale: Locale,
    /// The words.
    pub question: String,
    /// Whose words they are, if known.
    pub customer_id: Option<CustomerId>,
    /// How many asked like this.
    pub n_askers: usize,
    /// s / (s + a + 1): s counts what speaks for the article, each asker once, a what speaks against it or for another.
    pub confidence: f64,
}

/// The questions to propose, by article and locale, surest first. `known` are the vectors of what an article's title and
/// questions say already, with those that were decided on; `is_fit` says whether a text may be shown to an editor.
pub fn propose(
    signals: &[Signal],
    known: &BTreeMap<ArticleId, Vec<Vec<f32>>>,
    is_fit: &dyn Fn(&str) -> bool,
) -> Vec<Proposal> {
    let mut by_article: BTreeMap<(&ArticleId, &Locale), Vec<&Signal>> = BTreeMap::new();
    for signal in signals.iter().filter(|signal| signal.weight > 0.0) {
        by_article.entry((&signal.article_id, &signal.locale)).or_default().push(signal);
    }
    let mut proposals = vec![];
    for ((article, _), mut of_article) in by_article {
        of_article.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.question.cmp(&b.question)));
        let known = known.get(article).map(Vec::as_slice).unwrap_or_default();
        let mut of_article: Vec<Proposal> = groups(&of_article)
            .into_iter()
            .filter_map(|group| proposal(&group, signals, known, is_fit))
            .collect();
        of_article
            .sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.question.cmp(&b.question)));
        of_article.truncate(PER_ARTICLE_MAX);
        proposals.extend(of_article);
    }
    proposals
}

/// Groups of questions that are alike: each joins the first group whose first question is near.
fn groups<'s>(signals: &[&'s Signal]) -> Vec<Vec<&'s Signal>> {
    let mut groups: Vec<Vec<&Signal>> = vec![];
    for &signal in signals {
        match groups.iter_mut().find(|group| cosine(&group[0].vector, &signal.vector) >= ALIKE) {
            Some(group) => group.push(signal),
            None => groups.push(vec![signal]),
        }
    }
    groups
}

fn proposal(
    group: &[&Signal],
    all: &[Signal],
    known: &[Vec<f32>],
    is_fit: &dyn Fn(&str) -> bool,
) -> Option<Proposal> {
    let support = support(group.iter().copied());
    let n_askers = n_askers(group);
    if support < SUPPORT_MIN || n_askers < ASKERS_MIN {
        return None;
    }
    let middle = middle(group, |signal| {
        CHARS.contains(&signal.question.chars().count())
            && signal.question.split_whitespace().count() > 1
            && is_fit(&signal.question)
    })?;
    if known.iter().any(|known| cosine(known, &middle.vector) >= KNOWN) {
        return None;
    }
    let is_against = |signal: &&Signal| {
        (signal.article_id != middle.article_id) == (signal.weight > 0.0)
            && signal.locale == middle.locale
            && cosine(&signal.vector, &middle.vector) >= ALIKE
    };
    let against = self::support(all.iter().filter(is_against));
    let confidence = support / (support + against + 1.0);
    (confidence >= CONFIDENCE_MIN).then(|| Proposal {
        article_id: middle.article_id.clone(),
        locale: middle.locale.clone(),
        question: middle.question.clone(),
        customer_id: middle.customer_id.clone(),
        n_askers,
        confidence,
    })
}

/// What these acts count: of each asker the one that counts most, of all customers' acts no more than [`CUSTOMERS_MAX`].
fn support<'s>(signals: impl Iterator<Item = &'s Signal>) -> f64 {
    let mut of_askers: BTreeMap<&str, (f64, bool)> = BTreeMap::new();
    for signal in signals {
        let weight = signal.weight.abs() * signal.n as f64;
        let most = of_askers.entry(&signal.asker).or_default();
        if weight > most.0 {
            *most = (weight, signal.is_by_agent);
        }
    }
    let of = |by_agent: bool| -> f64 {
        of_askers.values().filter(|(_, agent)| *agent == by_agent).map(|(weight, _)| weight).sum()
    };
    of(true) + of(false).min(CUSTOMERS_MAX)
}

fn n_askers(group: &[&Signal]) -> usize {
    let askers: BTreeSet<&str> = group.iter().map(|signal| signal.asker.as_str()).collect();
    let counted: usize = group.iter().map(|signal| signal.n).filter(|n| *n > 1).sum();
    askers.len().max(counted)
}

/// The fit question that is nearest to all of the group; of equals the shorter one.
fn middle<'s>(group: &[&'s Signal], is_fit: impl Fn(&Signal) -> bool) -> Option<&'s Signal> {
    let nearness = |signal: &Signal| -> f64 {
        group.iter().map(|other| cosine(&other.vector, &signal.vector) * other.weight).sum()
    };
    let fit = group.iter().copied().filter(|signal| is_fit(signal)).map(|signal| (nearness(signal), signal));
    let best = fit.max_by(|(a, one), (b, other)| {
        let by_length = other.question.len().cmp(&one.question.len());
        a.total_cmp(b).then(by_length).then_with(|| other.question.cmp(&one.question))
    });
    best.map(|(_, signal)| signal)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

#[cfg(test)]
mod tests {
    use crate::Act;

    use super::*;

    /// Questions are alike when they point the same way: `angle` in degrees.
    fn signal(act: Act, article: &str, question: &str, angle: f32, asker: &str) -> Signal {
        let angle = angle.to_radians();
        Signal {
            weight: act.weight(),
            is_by_agent: act.is_by_agent(),
            question: question.to_owned(),
            vector: vec![angle.cos(), angle.sin()],
            article_id: ArticleId::new(article),
            locale: Locale::english(),
            customer_id: None,
            asker: asker.to_owned(),
            n: 1,
        }
    }

    fn linked(angle: f32, asker: &str) -> Signal {
        signal(Act::Linked, "a", &format!("How to reset at {angle}"), angle, asker)
    }

    fn proposed(signals: &[Signal]) -> Vec<Proposal> {
        propose(signals, &BTreeMap::new(), &|_| true)
    }

    #[test]
    fn the_middle_of_what_several_asked_is_proposed() {
        let signals = [linked(0.0, "cy"), linked(10.0, "di"), linked(20.0, "ed"), linked(90.0, "fo")];
        let proposals = proposed(&signals);
        assert_eq!(proposals.len(), 1, "one asker is not enough: {proposals:?}");
        let proposal = &proposals[0];
        assert_eq!((proposal.question.as_str(), proposal.n_askers), ("How to reset at 10", 3));
        assert!((proposal.confidence - 0.75).abs() < 1e-9);
    }

    #[test]
    fn one_customer_is_one_asker_however_often_they_ask() {
        let signals: Vec<Signal> = (0..200).map(|_| linked(0.0, "cy")).collect();
        assert!(proposed(&signals).is_empty());
    }

    #[test]
    fn all_that_customers_do_counts_no_more_than_one_link() {
        let signals: Vec<Signal> =
            (0..200).map(|n| signal(Act::Helpful, "a", "How to reset it", 0.0, &n.to_string())).collect();
        let proposals = proposed(&signals);
        assert_eq!(proposals[0].confidence, 0.5);
    }

    #[test]
    fn what_speaks_against_it_lowers_the_confidence() {
        let mut signals = vec![linked(0.0, "cy"), linked(0.0, "di")];
        let sure = proposed(&signals)[0].confidence;
        signals.push(signal(Act::Linked, "b", "How to reset another", 0.0, "ed"));
        let less = proposed(&signals)[0].confidence;
        signals.push(signal(Act::Unhelpful, "a", "How to reset it", 0.0, "fo"));
        let least = proposed(&signals)[0].confidence;
        assert!(sure > less && less > least, "{sure} {less} {least}");
        signals[3].article_id = ArticleId::new("b");
        assert_eq!(proposed(&signals)[0].confidence, less, "that another article did not help says nothing");
    }

    #[test]
    fn what_is_known_or_unfit_is_not_proposed() {
        let signals = [linked(0.0, "cy"), linked(1.0, "di")];
        let known = BTreeMap::from([(ArticleId::new("a"), vec![vec![1.0, 0.0]])]);
        assert!(propose(&signals, &known, &|_| true).is_empty());
        assert!(propose(&signals, &BTreeMap::new(), &|_| false).is_empty());
        let long = "x ".repeat(200);
        let long = [signal(Act::Linked, "a", &long, 0.0, "cy"), signal(Act::Linked, "a", &long, 0.0, "di")];
        assert!(proposed(&long).is_empty());
    }

    #[test]
    fn clicks_are_counted_but_not_taken_for_different_people() {
        let mut search = signal(Act::SearchOpened, "a", "how to reset it", 0.0, "search");
        search.n = 50;
        let proposals = proposed(&[search.clone()]);
        assert_eq!((proposals[0].n_askers, proposals[0].confidence), (50, 0.5));
        search.n = 2;
        assert!(proposed(&[search]).is_empty());
    }
}
