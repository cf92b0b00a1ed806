//! From hits to one turn: answer, ask back, or hand over.
//!
//! Below the lower threshold nothing was found. Above the upper one, and when the best article stands out, it answers.
//! Between, or when two topics fit as well, it asks which one is meant; otherwise it shows the nearest articles.

use domain::{ArticleId, BotTurn, Citation, ClarifyOption, HandoffReason, Hit, Hits, Locale};

use crate::{
    confidence::{
        Margins, TOP_THREE_FEATURES, TopThree, assess, features, margins, sigmoid, top_three_features,
    },
    config::AnswerConfig,
    extract::{Reading, Span, Vectors, extract, score},
    question::terms,
    texts::{Phrase, say, say_with},
    vector::dot,
};

/// Articles shown when it is not clear which one answers.
const OPTIONS_MAX: usize = 3;
/// Articles named as tried when the bot hands over.
const TRIED_MAX: usize = 3;
/// Two topics are offered when the second is this near the first and the third this far behind (ANSWER calibration of
/// 2026-11-21: the relevant article is then one of the two for .53 of thunderbird's tickets, first for .37).
const SECOND_NEAR: f64 = 0.08;
const THIRD_BEHIND: f64 = 0.04;
/// Least cosine, of passage, title or question, and least share of words from which an article is offered or named as tried: on
/// the manual's golden questions 71 of 72 right articles pass that were found, and 9 of 60 that came first to third for questions that
/// nothing answers.
const NEAR_COSINE: f64 = 0.35;
const NEAR_WORDS: f64 = 0.3;
/// Margins of an alternative question beyond this one say no more.
const QUESTION_MARGIN_MAX: f64 = 0.3;
/// Topics more alike than this are not told apart by their titles (same source).
const TOPICS_ALIKE: f64 = 0.8;
/// The same where only words are at hand: the share of title terms in common.
const TITLES_ALIKE: f64 = 0.5;

/// Probability of an answer below which nothing like the question is in the help center, whatever stands first: what was
/// learned was learned from questions that have an article.
const NOTHING_LIKE_IT: f64 = 0.05;
/// Probability that one of three articles is right below which a site that has learned hands over instead of showing them:
/// two of three times all would be wrong.
const TOP_THREE_MIN: f64 = 0.35;

/// What the bot says, and the numbers behind it.
///
/// The turn's confidence is the probability, 0 to 1, that what was found is right: on a site that has learned, that one of the
/// first three articles is; on another one, that the help center answers the question at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What it says.
    pub turn: BotTurn,
    /// The features of the confidence model, by name, before standardisation.
    pub features: Vec<(String, f64)>,
    /// The articles it looked at, best first.
    pub articles: Vec<ArticleId>,
}

/// Decides. `vectors` are those of the reading's texts, or none.
pub(crate) fn decide(
    config: &AnswerConfig,
    question: &str,
    hits: &Hits,
    vectors: &[Vec<f32>],
    locale: &Locale,
    top_three: &TopThree,
) -> Decision {
    let reading = Reading::new(question, hits);
    let vectors = Vectors::of(&reading, vectors).filter(|_| hits.evidence.dense);
    let mut features = features(&reading, hits, vectors);
    let assessment = assess(&features, hits, vectors.is_some());
    let margins = margins(hits);
    features.extend([("best_mass", margins.mass), ("score_gap_to_second", margins.first_to_second)]);
    let of_top_three = top_three_features(&hits.evidence.scores);
    let three_hold_it = top_three.probability(of_top_three);
    features.extend(TOP_THREE_FEATURES.into_iter().zip(of_top_three));
    features.push(("top_three_right", three_hold_it));
    let written = written_question(hits);
    let answerable = assessment.confidence.max(written.map_or(0.0, |(_, sure)| sure));
    features.push(("answerable", answerable));
    // A site that has learned knows when its articles miss; a new one shows the nearest, and knows only how likely there is
    // an answer at all.
    let has_learned = hits.hits.iter().any(|hit| hit.legs.learned.is_some());
    let is_worth_showing = !has_learned || three_hold_it >= TOP_THREE_MIN;
    let answer_threshold = config.answer_threshold + assessment.threshold_shift;
    let is_clear = assessment.may_answer && margins.best_is_right() >= config.best_article_threshold;
    let written = written.filter(|(_, sure)| *sure >= answer_threshold).map(|(hit, _)| hit);
    let named = hits.hits.iter().find(|hit| is_title(question, hit)).or(written);
    let confidence = if has_learned && named.is_none() {
        three_hold_it * (answerable / NOTHING_LIKE_IT).min(1.0)
    } else {
        answerable
    };
    let turn = if let Some(hit) = named {
        // What was read of the best articles has vectors, another article has none.
        let vectors = vectors.filter(|_| hits.hits.first() == Some(hit));
        answer_from(question, hits, hit, vectors, confidence)
    } else if answerable < config.clarify_threshold {
        None
    } else if answerable >= answer_threshold && is_clear {
        extract(&reading, &score(&reading, vectors)).into_answer(confidence)
    } else if is_worth_showing {
        clarify(&reading, hits, margins, vectors, confidence, locale)
    } else {
        None
    };
    let turn = turn
        .unwrap_or_else(|| hand_off(HandoffReason::Abstained, Some((question, hits)), confidence, locale));
    let articles = hits.hits.iter().map(|hit| hit.article_id.clone()).collect();
    Decision {
        turn,
        articles,
        features: features.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// The article with an alternative question most like this one, and how sure it is that they ask for the same.
fn written_question(hits: &Hits) -> Option<(&Hit, f64)> {
    let cosine = |hit: &Hit| hit.legs.dense_question.unwrap_or(0.0);
    let best = hits.hits.iter().take(OPTIONS_MAX).filter(|hit| hit.legs.dense_question.is_some());
    let best = best.max_by(|a, b| cosine(a).total_cmp(&cosine(b)))?;
    let others = hits.hits.iter().filter(|hit| hit.article_id != best.article_id);
    let second = others.map(cosine).fold(0.0, f64::max);
    Some((best, question_match(cosine(best), cosine(best) - second)))
}

/// Calibrated probability that the alternative question at this cosine, this far above the second article's, asks for
/// the same. Titles do not count: they name a topic, and much that is asked about a topic is not answered (clapnq: AUROC
/// .92 without, .87 with them).
///
/// Source: clinc150, utterances of 40 to 140 intents as the alternative questions of a site, those of the other intents
/// and out-of-scope ones as what it does not answer (`evals/answers.md`).
fn question_match(cosine: f64, margin: f64) -> f64 {
    sigmoid(8.80 * cosine + 6.08 * margin.min(QUESTION_MARGIN_MAX) - 5.81)
}

/// Whether the question is an article's title, to the letter or nearly so: a choice among the options of a clarifying
/// question.
fn is_title(question: &str, hit: &Hit) -> bool {
    let key = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let title = key(&hit.title);
    !title.is_empty() && key(question) == title
}

/// Answers from one article; `vectors` are those of the best articles, of which it is then the first.
fn answer_from(
    question: &str,
    hits: &Hits,
    hit: &Hit,
    vectors: Option<Vectors>,
    confidence: f64,
) -> Option<BotTurn> {
    let reading = Reading::of(question, hits, std::iter::once(hit));
    let vectors = vectors.map(|vectors| vectors.of_best(&reading));
    extract(&reading, &score(&reading, vectors)).into_answer(confidence)
}

/// Asks which of two topics is meant, or shows the nearest articles; nothing where none is near.
fn clarify(
    reading: &Reading,
    hits: &Hits,
    margins: Margins,
    vectors: Option<Vectors>,
    confidence: f64,
    locale: &Locale,
) -> Option<BotTurn> {
    let two_topics = hits.hits.len() > 1
        && margins.first_to_second < SECOND_NEAR
        && margins.second_to_third >= THIRD_BEHIND
        && !are_alike(reading, hits, vectors);
    let n_options = if two_topics { 2 } else { OPTIONS_MAX };
    let options: Vec<ClarifyOption> = hits
        .hits
        .iter()
        .take(n_options)
        .filter(|hit| !hits.evidence.dense || is_near(hit))
        .map(|hit| ClarifyOption {
            article_id: hit.article_id.clone(),
            slug: hit.slug.clone(),
            title: hit.title.clone(),
        })
        .collect();
    let text = match options.as_slice() {
        [] => return None,
        [a, b] if two_topics => say_with(locale, Phrase::ClarifyTwo, &[("a", &a.title), ("b", &b.title)]),
        _ => say(locale, Phrase::ClarifySeveral),
    };
    Some(BotTurn::Clarify { text, options, confidence })
}

/// Whether the two best articles are about the same.
fn are_alike(reading: &Reading, hits: &Hits, vectors: Option<Vectors>) -> bool {
    if let Some([first, second, ..]) = vectors.map(|vectors| vectors.titles) {
        return dot(first, second) >= TOPICS_ALIKE;
    }
    let of = |at: usize| terms(&hits.hits[at].title, reading.question.language);
    let (a, b) = (of(0), of(1));
    a.intersection(&b).count() as f64 >= TITLES_ALIKE * a.union(&b).count().max(1) as f64
}

/// Whether an article has anything to do with the question.
fn is_near(hit: &Hit) -> bool {
    let legs = [hit.legs.dense_passage, hit.legs.dense_title, hit.legs.dense_question];
    legs.into_iter().flatten().any(|cosine| cosine >= NEAR_COSINE)
        || hit.legs.lexical.is_some_and(|share| share >= NEAR_WORDS)
}

/// Hands over, with the nearest articles that were tried.
pub(crate) fn hand_off(
    reason: HandoffReason,
    tried: Option<(&str, &Hits)>,
    confidence: f64,
    locale: &Locale,
) -> BotTurn {
    let phrase = match &reason {
        HandoffReason::Asked => Phrase::HandoffAsked,
        HandoffReason::Unhelpful => Phrase::HandoffUnhelpful,
        HandoffReason::Abstained => Phrase::HandoffAbstained,
        HandoffReason::Policy { topic } if topic == "safety" => Phrase::HandoffSafety,
        HandoffReason::Policy { .. } => Phrase::HandoffPolicy,
        HandoffReason::Failure => Phrase::HandoffFailure,
    };
    let tried = tried.map(|(question, hits)| nearest(question, hits)).unwrap_or_default();
    BotTurn::HandOff { reason, text: say(locale, phrase), tried, confidence }
}

/// The nearest sentence of each of the best articles that are near at all.
fn nearest(question: &str, hits: &Hits) -> Vec<Citation> {
    let mut citations: Vec<Citation> = vec![];
    for hit in hits.hits.iter().take(TRIED_MAX).filter(|hit| is_near(hit)) {
        let reading = Reading::of(question, hits, std::iter::once(hit));
        let best = score(&reading, None).into_iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
        let n = u32::try_from(citations.len() + 1).unwrap_or(u32::MAX);
        let citation = best.and_then(|best| {
            let sentence = &reading.sentences[best.index];
            let passage = reading.passages[sentence.part];
            Span { hit, passage, first: sentence.at, last: sentence.at }.citation(n)
        });
        citations.extend(citation);
    }
    citations
}

#[cfg(test)]
mod tests;
