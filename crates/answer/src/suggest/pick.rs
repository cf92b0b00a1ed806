//! Picks the replies that most likely hold what an agent would write.
//!
//! The replies of the nearest solved tickets are a cloud of what may be right. Each pick is the candidate that brings the
//! best one picked so far nearest to all of the cloud, weighted by how like the questions are (minimum Bayes risk).
//! Source of every constant here: `evals/learning.md`, measured 2026-11 on a year of a support forum.

use std::collections::HashSet;

use domain::SUGGESTIONS_MAX;
use language::Language;

use super::{ArticleDraft, Asked, PastReply, Remembered, adapt::is_clarifying};
use crate::{question::terms, vector::dot};

/// Solved tickets whose replies are the cloud.
pub(super) const CLOUD_MAX: usize = 150;
/// Nearest replies that may be picked.
const CANDIDATES_MAX: usize = 80;
/// Temperature of the weights: a likeness that is this much lower weighs e times less.
const TEMPERATURE: f64 = 0.1;
/// What the cosine of question and candidate counts.
const QUESTION_WEIGHT: f64 = 0.15;
/// What the likeness of the questions counts.
const LIKENESS_WEIGHT: f64 = 0.10;
/// An article's draft gains `ARTICLE_BONUS / (n + ARTICLE_BONUS_AT)` over `n` remembered replies: few replies are a
/// worse guess than an article.
const ARTICLE_BONUS: f64 = 10.0;
const ARTICLE_BONUS_AT: f64 = 200.0;
/// Remembered replies below which there is no cloud: articles are offered, after a reply to nearly the same question.
const REMEMBERED_MIN: usize = 30;
/// Likeness from which two questions are nearly the same. Set by hand.
const NEARLY_THE_SAME: f64 = 0.6;
/// Drafts from articles among the picks.
const ARTICLES_PICKED_MAX: usize = 2;
/// Replies that only ask back among the picks.
const CLARIFYING_MAX: usize = 1;
/// Cosine above which two replies say the same.
const SAME_COSINE: f64 = 0.9;
/// Share of terms from which two replies say the same where they have no vectors (Jaccard). Set by hand.
const SAME_SHARE: f64 = 0.6;
/// Remembered replies that come before an article's draft where nothing has a vector; the draft in the place of the third
/// reply was even with it.
const BEFORE_ARTICLE: usize = 2;

/// Where a pick comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'c> {
    /// A remembered reply.
    Reply(&'c PastReply),
    /// A draft from an article.
    Article(&'c ArticleDraft),
}

/// What may be picked.
#[derive(Debug, Clone, Copy)]
struct Candidate<'c> {
    source: Source<'c>,
    text: &'c str,
    vector: &'c [f32],
}

/// What is picked so far, and the rules for what may follow.
struct Picks<'c> {
    asked: &'c Asked<'c>,
    language: Language,
    articles_max: usize,
    picked: Vec<Candidate<'c>>,
}

/// Up to three, best first, none of which says what a better one says.
pub(super) fn pick<'c>(
    asked: &'c Asked<'c>,
    drafts: &'c [(ArticleDraft, Vec<f32>)],
    past: &'c Remembered<'c>,
) -> Vec<Source<'c>> {
    let mut nearest: Vec<&PastReply> = past.nearest.iter().filter(|past| past.likeness.is_finite()).collect();
    nearest.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(b.number.cmp(&a.number)));
    nearest.truncate(CLOUD_MAX);
    let replies: Vec<Candidate> = nearest
        .iter()
        .take(CANDIDATES_MAX)
        .filter(|past| past.is_offered)
        .map(|past| Candidate::reply(past))
        .collect();
    let articles = drafts.iter().map(|(draft, vector)| Candidate::article(draft, vector));
    let mut picks = Picks::new(asked);
    if past.n < REMEMBERED_MIN {
        picks.articles_max = SUGGESTIONS_MAX;
        picks.take(replies.into_iter().filter(Candidate::is_to_nearly_the_same), 1);
        picks.take(articles.filter(Candidate::is_likely), SUGGESTIONS_MAX);
    } else if asked.vector.is_empty() {
        let articles: Vec<Candidate> = articles.filter(Candidate::is_likely).collect();
        picks.take(replies.iter().copied(), BEFORE_ARTICLE);
        picks.take(articles.iter().copied(), SUGGESTIONS_MAX.min(picks.picked.len() + 1));
        picks.take(replies.into_iter().chain(articles), SUGGESTIONS_MAX);
    } else {
        let candidates: Vec<Candidate> = replies.into_iter().chain(articles).collect();
        picks.take_by_cloud(&candidates, &nearest, past.n);
    }
    picks.picked.into_iter().map(|candidate| candidate.source).collect()
}

impl<'c> Candidate<'c> {
    fn reply(past: &'c PastReply) -> Self {
        Self { source: Source::Reply(past), text: &past.reply, vector: &past.vector }
    }

    fn article(draft: &'c ArticleDraft, vector: &'c [f32]) -> Self {
        Self { source: Source::Article(draft), text: &draft.text, vector }
    }

    fn is_article(&self) -> bool {
        matches!(self.source, Source::Article(_))
    }

    fn is_to_nearly_the_same(&self) -> bool {
        matches!(self.source, Source::Reply(past) if past.likeness >= NEARLY_THE_SAME)
    }

    fn is_likely(&self) -> bool {
        matches!(self.source, Source::Article(draft) if draft.is_likely)
    }

    /// What it is worth whatever the cloud says.
    fn prior(&self, question: &[f32], n_remembered: usize) -> f64 {
        let cosine = dot(question, self.vector);
        let (likeness, bonus) = match self.source {
            Source::Reply(past) => (past.likeness, 0.0),
            Source::Article(draft) => {
                (draft.cosine.unwrap_or(cosine), ARTICLE_BONUS / (n_remembered as f64 + ARTICLE_BONUS_AT))
            }
        };
        QUESTION_WEIGHT * cosine + LIKENESS_WEIGHT * likeness + bonus
    }

    fn says_what(&self, other: &Self, language: Language) -> bool {
        if !self.vector.is_empty() && !other.vector.is_empty() {
            return dot(self.vector, other.vector) > SAME_COSINE;
        }
        let (a, b): (HashSet<_>, HashSet<_>) = (terms(self.text, language), terms(other.text, language));
        a.intersection(&b).count() as f64 >= SAME_SHARE * a.union(&b).count().max(1) as f64
    }
}

impl<'c> Picks<'c> {
    fn new(asked: &'c Asked<'c>) -> Self {
        let fallback = Language::parse(asked.locale.language()).unwrap_or_else(Language::english);
        let language = language::detect(asked.question, &[], fallback);
        Self { asked, language, articles_max: ARTICLES_PICKED_MAX, picked: vec![] }
    }

    /// Takes candidates in their order until there are `n`.
    fn take(&mut self, candidates: impl Iterator<Item = Candidate<'c>>, n: usize) {
        for candidate in candidates {
            if self.picked.len() < n && self.admits(&candidate) {
                self.picked.push(candidate);
            }
        }
    }

    /// Takes the candidates that cover most of the cloud.
    fn take_by_cloud(&mut self, candidates: &[Candidate<'c>], cloud: &[&PastReply], n_remembered: usize) {
        let weights = weights(cloud);
        let cosines: Vec<Vec<f64>> = candidates
            .iter()
            .map(|candidate| cloud.iter().map(|past| dot(&past.vector, candidate.vector)).collect())
            .collect();
        let priors: Vec<f64> =
            candidates.iter().map(|candidate| candidate.prior(self.asked.vector, n_remembered)).collect();
        let mut covered = vec![-1.0_f64; cloud.len()];
        let mut left: Vec<usize> = (0..candidates.len()).collect();
        while self.picked.len() < SUGGESTIONS_MAX {
            let gain = |at: usize| -> f64 {
                let covers = covered.iter().zip(&cosines[at]).map(|(covered, cosine)| covered.max(*cosine));
                priors[at] + covers.zip(&weights).map(|(cosine, weight)| cosine * weight).sum::<f64>()
            };
            // Of equals the first, which is the nearest.
            let best = left.iter().rev().map(|at| (gain(*at), *at)).max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, best)) = best else { break };
            left.retain(|at| *at != best);
            if self.admits(&candidates[best]) {
                self.picked.push(candidates[best]);
                covered
                    .iter_mut()
                    .zip(&cosines[best])
                    .for_each(|(covered, cosine)| *covered = covered.max(*cosine));
            }
        }
    }

    /// Whether the rules let it stand beside what is picked. What is no longer admitted never will be.
    fn admits(&self, candidate: &Candidate) -> bool {
        let n_articles = self.picked.iter().filter(|picked| picked.is_article()).count();
        let n_clarifying = self.picked.iter().filter(|picked| is_clarifying(picked.text)).count();
        let fits = match candidate.source {
            Source::Article(_) => n_articles < self.articles_max,
            Source::Reply(past) => {
                (n_clarifying < CLARIFYING_MAX || !is_clarifying(candidate.text)) && self.may_be_sent(past)
            }
        };
        fits && !self.picked.iter().any(|picked| candidate.says_what(picked, self.language))
    }

    /// Whether a remembered reply is in the question's language, if it is long enough to tell, and holds nobody's data,
    /// the customer's name included.
    fn may_be_sent(&self, past: &PastReply) -> bool {
        language::detect(&past.reply, &[], self.language) == self.language
            && redact::find(&past.reply, &[]).is_empty()
            // In small letters only what is no ordinary word counts: `Mark it as read` may go to Mark.
            && redact::find(&past.reply.to_lowercase(), &[self.asked.customer]).is_empty()
    }
}

/// How much each reply of the cloud counts: the softmax of the likenesses; they sum to 1.
fn weights(cloud: &[&PastReply]) -> Vec<f64> {
    let best = cloud.first().map_or(0.0, |past| past.likeness);
    let raw: Vec<f64> = cloud.iter().map(|past| ((past.likeness - best) / TEMPERATURE).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|weight| weight / sum).collect()
}
