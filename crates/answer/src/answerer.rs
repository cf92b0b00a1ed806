//! The one handle to answering: the rules, the decision, the model's prompt and check, drafts and briefs.

use domain::{BotTurn, HandoffReason, Hits, Locale, Turn};

use crate::{
    confidence::TopThree,
    config::AnswerConfig,
    decide::{self, Decision},
    extract::Reading,
    gate,
    generate::{self, Grounder, Prompt},
    suggest::{self, ArticleDraft, Asked, Draft, Remembered},
    summarize::{self, Brief},
    texts::{Phrase, say_with},
};

/// Answers with the settings of one site.
#[derive(Debug, Clone, Default)]
pub struct Answerer {
    config: AnswerConfig,
}

impl Answerer {
    /// An answerer with these settings.
    pub fn new(config: AnswerConfig) -> Self {
        Self { config }
    }

    /// The turn that a rule decides without a search: a wish for a human, a policy topic, a greeting, a second failure.
    ///
    /// `earlier` are the customer's texts before this one, oldest first; `n_failures` counts answers in a row that did
    /// not help.
    pub fn gate(
        &self,
        question: &str,
        earlier: &[&str],
        n_failures: u32,
        locale: &Locale,
    ) -> Option<BotTurn> {
        gate::gate(&self.config, question, earlier, n_failures, locale)
    }

    /// Whether a question can be understood without what was said before it. Then it is asked by itself first: a new topic
    /// must not be answered from the old one.
    pub fn stands_alone(&self, question: &str) -> bool {
        crate::question::stands_alone(question)
    }

    /// The texts whose vectors [`Answerer::decide`] wants, at most some 170 and usually 40 short ones; none
    /// where the vectors would tell nothing (other languages than English, or no dense leg).
    pub fn texts_to_embed(&self, question: &str, hits: &Hits) -> Vec<String> {
        if !hits.evidence.dense || hits.language != "en" || hits.hits.is_empty() {
            return vec![];
        }
        let query = if hits.query.trim().is_empty() { question } else { &hits.query };
        Reading::new(question, hits).texts(query)
    }

    /// Decides what to say. `vectors` are those of [`Answerer::texts_to_embed`], in its order; with none, or others, the
    /// decision is made by words and is more careful.
    ///
    /// `top_three` tells how sure it may be that one of the first three articles is right: the shipped model, or the one that
    /// the site has learned.
    pub fn decide(
        &self,
        question: &str,
        hits: &Hits,
        vectors: &[Vec<f32>],
        locale: &Locale,
        top_three: &TopThree,
    ) -> Decision {
        decide::decide(&self.config, question, hits, vectors, locale, top_three)
    }

    /// Hands over, naming the nearest articles where there are hits.
    pub fn hand_off(
        &self,
        reason: HandoffReason,
        hits: Option<&Hits>,
        confidence: f64,
        locale: &Locale,
    ) -> BotTurn {
        decide::hand_off(reason, hits.map(|hits| (hits.query.as_str(), hits)), confidence, locale)
    }

    /// What the bot says where the conversation has a ticket: a question without an answer is with the team already,
    /// and nothing is left to offer.
    pub fn in_ticket(&self, turn: BotTurn, number: i64, locale: &Locale) -> BotTurn {
        match turn {
            BotTurn::HandOff { reason: reason @ HandoffReason::Abstained, tried, confidence, .. } => {
                let number = number.to_string();
                let text = say_with(locale, Phrase::HandoffTicketed, &[("number", &number)]);
                BotTurn::HandOff { reason, text, tried, confidence }
            }
            turn => turn,
        }
    }

    /// What a language model is asked: rules, and the sources fenced as data. Holds no secret.
    pub fn prompt(&self, question: &str, history: &[String], hits: &Hits) -> Prompt {
        generate::prompt(question, history, hits)
    }

    /// Checks what a language model says against the sources it was given by [`Answerer::prompt`].
    pub fn grounder<'h>(&self, question: &str, hits: &'h Hits) -> Grounder<'h> {
        Grounder::new(question, hits)
    }

    /// One draft of a reply for each of the best articles, whose texts [`Answerer::suggest`] wants the vectors of.
    pub fn article_drafts(&self, question: &str, hits: &Hits, locale: &Locale) -> Vec<ArticleDraft> {
        suggest::article_drafts(question, hits, locale)
    }

    /// Up to three drafts of a reply, best first, none of which says what a better one says.
    ///
    /// `drafts` are those of [`Answerer::article_drafts`], each with the vector of its text, of unit length. Without the
    /// question's vector the nearest replies are offered, and none beside one that shares most of its words.
    pub fn suggest(
        &self,
        asked: &Asked,
        hits: &Hits,
        drafts: &[(ArticleDraft, Vec<f32>)],
        past: &Remembered,
    ) -> Vec<Draft> {
        suggest::suggest(asked, hits, drafts, past)
    }

    /// What an agent should know on opening a ticket, and where the ticket goes.
    pub fn brief(
        &self,
        turns: &[Turn],
        message: Option<&str>,
        reason: &HandoffReason,
        locale: &Locale,
    ) -> Brief {
        summarize::brief(&self.config, turns, message, reason, locale)
    }
}
