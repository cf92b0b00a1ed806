//! Drafts of a reply for an agent: from articles, and from what solved tickets answered.

pub(crate) mod adapt;
mod article;
mod behind;
mod pick;

use domain::{Hits, Locale, SuggestionSource, TicketId};

pub use article::ArticleDraft;
pub(crate) use article::article_drafts;

use crate::texts::{Phrase, say, say_with};
use behind::articles_behind;
use pick::{Source, pick};

/// What an agent may send after reading it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Markdown.
    pub body: String,
    /// Where it comes from; at least one.
    pub sources: Vec<SuggestionSource>,
    /// One sentence for the agent: why this draft.
    pub why: String,
}

/// Who asks what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The question.
    pub question: &'a str,
    /// Its vector, of unit length; empty where the model does not know its language.
    pub vector: &'a [f32],
    /// The customer's name, empty if nobody knows it.
    pub customer: &'a str,
    /// The ticket's locale.
    pub locale: &'a Locale,
}

/// A reply of a solved ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct PastReply {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// Its subject.
    pub subject: String,
    /// What an agent answered, as [`crate::adapt`] left it.
    pub reply: String,
    /// Likeness of its question to the new one, about -1 to 1.1: their cosine, plus a tenth of its lexical score as a
    /// share of the best one. Without vectors any order by words.
    pub likeness: f64,
    /// The vector of `reply`, of unit length; empty where there is none.
    pub vector: Vec<f32>,
    /// Whether it may be offered; otherwise it only tells what such questions are answered with.
    pub is_offered: bool,
}

/// What is remembered of solved tickets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Remembered<'a> {
    /// How many replies are remembered altogether.
    pub n: usize,
    /// Those whose questions are nearest to the new one, in any order; more than [`crate::NEAREST_MAX`] are not looked
    /// at.
    pub nearest: &'a [PastReply],
}

/// How many remembered replies the suggestions are made from (`evals/learning.md`, measured 2026-11).
pub const NEAREST_MAX: usize = pick::CLOUD_MAX;

/// The best drafts, most likely first, none of which says what a better one says.
pub(crate) fn suggest(
    asked: &Asked,
    hits: &Hits,
    drafts: &[(ArticleDraft, Vec<f32>)],
    past: &Remembered,
) -> Vec<Draft> {
    let picked = pick(asked, drafts, past).into_iter();
    picked
        .map(|source| match source {
            Source::Article(draft) => from_article(draft, asked),
            Source::Reply(reply) => from_past(reply, hits, drafts, asked),
        })
        .collect()
}

fn from_article(draft: &ArticleDraft, asked: &Asked) -> Draft {
    let citations = draft.citations.iter().cloned();
    Draft {
        body: greeted(&draft.text, asked),
        sources: citations.map(|citation| SuggestionSource::Article { citation }).collect(),
        why: say_with(asked.locale, Phrase::WhyArticle, &[("title", &draft.title)]),
    }
}

/// A remembered reply names its ticket first, then the articles that say what it says.
fn from_past(past: &PastReply, hits: &Hits, drafts: &[(ArticleDraft, Vec<f32>)], asked: &Asked) -> Draft {
    let ticket = SuggestionSource::Ticket {
        ticket_id: past.ticket_id.clone(),
        number: past.number,
        subject: past.subject.clone(),
    };
    let articles = articles_behind(past, hits, drafts).into_iter();
    let articles = articles.map(|citation| SuggestionSource::Article { citation });
    Draft {
        body: greeted(&past.reply, asked),
        sources: std::iter::once(ticket).chain(articles).collect(),
        why: say_with(asked.locale, Phrase::WhyTicket, &[("number", &past.number.to_string())]),
    }
}

fn greeted(text: &str, asked: &Asked) -> String {
    let greeting = match asked.customer.trim() {
        "" => say(asked.locale, Phrase::DraftGreetingNobody),
        name => say_with(asked.locale, Phrase::DraftGreeting, &[("name", name)]),
    };
    format!("{greeting}\n\n{text}")
}

#[cfg(test)]
mod tests;
