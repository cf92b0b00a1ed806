//! Drafts of a reply for an agent: from articles, and from what solved tickets answered.

mod past;
pub(crate) mod personal;

use std::collections::HashSet;

use domain::{BotTurn, Hits, Locale, SUGGESTIONS_MAX, SuggestionSource, TicketId};
use language::Language;

pub(crate) use past::keep_nearest;

use crate::{
    confidence::{assess, features, margins},
    extract::{Reading, Vectors, extract, score},
    question::terms,
    texts::{Phrase, say, say_with},
};

/// Articles that drafts are made from.
const ARTICLES_MAX: usize = 3;
/// Likeness of two questions from which the old reply is worth reading. The nearest solved ticket's reply is about as
/// close to the real one as a second human's (RETRIEVAL.md 7: cosine .40 against .43); below this the question was
/// another one.
const LIKENESS_MIN: f64 = 0.45;
/// Share of terms from which two drafts say the same (Jaccard).
const SAME_SHARE: f64 = 0.6;
/// Confidence below which no draft is made from articles: an agent's time is worth more than a wrong page.
const CONFIDENCE_MIN: f64 = 0.15;

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

/// The first reply of a solved ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct PastReply {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// Its subject.
    pub subject: String,
    /// What was asked.
    pub question: String,
    /// What an agent answered.
    pub reply: String,
    /// Likeness of its question to the new one, -1 to 1; 0 where it was not compared.
    pub cosine: f64,
}

/// The best drafts, most likely first, none of which says what a better one says.
pub(crate) fn suggest(
    question: &str,
    hits: &Hits,
    vectors: &[Vec<f32>],
    past: &[PastReply],
    customer: &str,
    locale: &Locale,
) -> Vec<Draft> {
    let mut drafts = from_articles(question, hits, vectors, customer, locale);
    drafts.extend(past.iter().filter_map(|past| from_past(past, customer, locale)));
    drafts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let language = Language::parse(locale.language()).unwrap_or_else(Language::english);
    let mut kept: Vec<(HashSet<String>, Draft)> = vec![];
    for (_, draft) in drafts {
        let said = terms(&draft.body, language);
        if kept.len() < SUGGESTIONS_MAX && !kept.iter().any(|(other, _)| say_the_same(&said, other)) {
            kept.push((said, draft));
        }
    }
    kept.into_iter().map(|(_, draft)| draft).collect()
}

/// One draft for each of the best articles, with how likely it is the right one.
fn from_articles(
    question: &str,
    hits: &Hits,
    vectors: &[Vec<f32>],
    customer: &str,
    locale: &Locale,
) -> Vec<(f64, Draft)> {
    let whole = Reading::new(question, hits);
    let vectors = Vectors::of(&whole, vectors).filter(|_| hits.evidence.dense);
    let confidence = assess(&features(&whole, hits, vectors), hits, vectors.is_some()).confidence;
    if confidence < CONFIDENCE_MIN {
        return vec![];
    }
    let mut likely = confidence * margins(hits).best_is_right();
    let mut drafts = vec![];
    for hit in hits.hits.iter().take(ARTICLES_MAX) {
        let reading = Reading::of(question, hits, std::iter::once(hit));
        let turn = extract(&reading, &score(&reading, None)).into_answer(confidence);
        if let Some(BotTurn::Answer { sentences, citations, confidence }) = turn {
            let turn = BotTurn::Answer { sentences, citations: citations.clone(), confidence };
            let more = say_with(locale, Phrase::DraftSource, &[("title", &hit.title)]);
            let body = format!("{}\n\n{}\n\n{more}", greeting(customer, locale), without_numbers(&turn));
            let sources =
                citations.into_iter().map(|citation| SuggestionSource::Article { citation }).collect();
            let why = say_with(locale, Phrase::WhyArticle, &[("title", &hit.title)]);
            drafts.push((likely, Draft { body, sources, why }));
        }
        // What the best article leaves is shared by the others.
        likely *= 0.5;
    }
    drafts
}

/// The text of an answer without the numbers of its citations, which mean nothing in a mail.
fn without_numbers(turn: &BotTurn) -> String {
    let mut text = turn.text();
    for citation in turn.citations() {
        text = text.replace(&format!(" [{}]", citation.n), "").replace(&format!("\n\n[{}]", citation.n), "");
    }
    text
}

fn from_past(past: &PastReply, customer: &str, locale: &Locale) -> Option<(f64, Draft)> {
    let text = personal::without_personal(&past.reply);
    if past.cosine < LIKENESS_MIN || !text.chars().any(char::is_alphanumeric) {
        return None;
    }
    let source = SuggestionSource::Ticket {
        ticket_id: past.ticket_id.clone(),
        number: past.number,
        subject: past.subject.clone(),
    };
    let draft = Draft {
        body: format!("{}\n\n{text}", greeting(customer, locale)),
        sources: vec![source],
        why: say_with(locale, Phrase::WhyTicket, &[("number", &past.number.to_string())]),
    };
    Some((past.cosine.min(1.0), draft))
}

/// An old reply, made fit to be sent to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapted {
    /// What is left of it.
    pub text: String,
    /// Whether it is worth suggesting.
    pub is_offered: bool,
}

/// Makes an old reply fit to be sent to somebody else; `names` are those of whoever wrote in the ticket.
pub fn adapt(reply: &str, names: &[&str]) -> Adapted {
    let text = redact::redact(&personal::without_personal(reply), names);
    Adapted { is_offered: text.chars().any(char::is_alphanumeric), text }
}

fn greeting(customer: &str, locale: &Locale) -> String {
    match customer.trim() {
        "" => say(locale, Phrase::DraftGreetingNobody),
        name => say_with(locale, Phrase::DraftGreeting, &[("name", name)]),
    }
}

fn say_the_same(a: &HashSet<String>, b: &HashSet<String>) -> bool {
    a.intersection(b).count() as f64 >= SAME_SHARE * a.union(b).count().max(1) as f64
}

#[cfg(test)]
mod tests;
