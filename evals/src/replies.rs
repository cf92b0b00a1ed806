//! How near suggested replies come to what a human answered.

use std::{collections::HashMap, io::Write as _, path::Path, sync::Arc};

use answer::{AnswerConfig, Answerer, Asked, NEAREST_MAX, PastReply, Remembered};
use anyhow::Context as _;
use domain::{Locale, Readable, TicketId};
use embed::{Embedder, dot};
use search::SearchRequest;
use serde::Serialize;

use crate::{
    corpus,
    history::{self, Line},
    library::{Library, Vectors},
};

/// Articles that drafts may be made from, as the desk does.
const HITS: usize = 6;
/// Cosine to the reply that was given from which a suggestion counts as near.
const NEAR: f64 = 0.6;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct RepliesReport {
    /// Questions.
    pub n: usize,
    /// Questions with a suggestion.
    pub n_suggested: usize,
    /// Solved tickets that are remembered.
    pub n_remembered: usize,
    /// Questions whose reply is known: the rest can only be written to a file.
    pub n_compared: usize,
    /// Mean over those of the best suggestion's cosine to the reply that was given, 0 without a suggestion.
    pub best_cosine: f64,
    /// Share of those with a suggestion of cosine .6 or more.
    pub near: f64,
}

#[derive(Debug, Serialize)]
struct Suggested {
    #[serde(rename = "_id")]
    id: String,
    suggestions: Vec<String>,
}

/// Suggests replies for questions, from a corpus and a history of solved tickets; those that are asked about are left out
/// of the history.
///
/// # Errors
/// Files that cannot be read or have another shape; those of the engine.
pub async fn replies(
    corpus: &Path,
    past: &Path,
    questions: &Path,
    out: Option<&Path>,
    model: Arc<dyn Embedder>,
) -> anyhow::Result<RepliesReport> {
    let questions: Vec<Line> = corpus::values(questions)?;
    let asked = questions.iter().map(Line::id).collect();
    let lines = history::read(past, &asked)?;
    let library = Library::of_corpus(corpus, model, Vectors::Made).await?;
    history::learn_from(&library, &lines).await?;
    let memory = Replies::of(&library, &lines).await?;
    let answerer = Answerer::new(AnswerConfig::default());
    let mut out = match out {
        Some(path) => {
            Some(std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?)
        }
        None => None,
    };
    let mut report = RepliesReport {
        n: questions.len(),
        n_suggested: 0,
        n_remembered: lines.len(),
        n_compared: 0,
        best_cosine: 0.0,
        near: 0.0,
    };
    for question in questions {
        let suggestions = memory.suggest(&library, &answerer, &question.text).await?;
        report.n_suggested += usize::from(!suggestions.is_empty());
        if !question.reply.trim().is_empty() {
            let mut texts = suggestions.clone();
            texts.push(question.reply.clone());
            let mut vectors = library.embedder.embed(texts).await?;
            let given = vectors.pop().unwrap_or_default();
            let best = vectors.iter().map(|vector| f64::from(dot(vector, &given))).fold(0.0, f64::max);
            report.n_compared += 1;
            report.best_cosine += best;
            report.near += f64::from(u8::from(best >= NEAR));
        }
        if let Some(out) = &mut out {
            let line = Suggested { id: question.id(), suggestions };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
    }
    let n = report.n_compared.max(1) as f64;
    Ok(RepliesReport { best_cosine: report.best_cosine / n, near: report.near / n, ..report })
}

/// The replies of a history, made fit to be sent to somebody else, with their vectors.
struct Replies {
    by_ticket: HashMap<TicketId, PastReply>,
}

impl Replies {
    async fn of(library: &Library, lines: &[Line]) -> anyhow::Result<Self> {
        let mut by_ticket = HashMap::with_capacity(lines.len());
        for (line, number) in lines.iter().zip(1..) {
            let adapted = answer::adapt(&line.reply, &[]);
            let vector = library.embedder.embed(vec![adapted.text.clone()]).await?.pop().unwrap_or_default();
            let ticket_id = TicketId::new(line.id());
            let reply = PastReply {
                ticket_id: ticket_id.clone(),
                number,
                subject: String::new(),
                reply: adapted.text,
                likeness: 0.0,
                vector,
                is_offered: adapted.is_offered,
            };
            by_ticket.insert(ticket_id, reply);
        }
        Ok(Self { by_ticket })
    }

    /// The suggestions for a question, by the same steps as the desk takes. Greetings are part of them.
    async fn suggest(
        &self,
        library: &Library,
        answerer: &Answerer,
        question: &str,
    ) -> anyhow::Result<Vec<String>> {
        let locale = Locale::english();
        let request = SearchRequest { query: question.to_owned(), limit: HITS, ..SearchRequest::default() };
        let hits = library.search(request).await?;
        let drafts = answerer.article_drafts(question, &hits, &locale);
        let mut texts: Vec<String> = drafts.iter().map(|draft| draft.text.clone()).collect();
        texts.push(question.to_owned());
        let mut vectors = library.embedder.embed(texts).await?;
        let vector = vectors.pop().unwrap_or_default();
        let drafts: Vec<_> = drafts.into_iter().zip(vectors).collect();
        let learned = library.engine.learned().context("nothing was learned")?;
        let near =
            library.engine.nearest_replied(&learned, question, &vector, &Readable::Everything, NEAREST_MAX);
        let nearest: Vec<PastReply> = near
            .into_iter()
            .filter_map(|neighbor| {
                let reply = self.by_ticket.get(learned.memory.ticket(neighbor.place))?.clone();
                let is_offered = reply.is_offered && !library.engine.holds_rare_name(&learned, &reply.reply);
                Some(PastReply { likeness: neighbor.likeness, is_offered, ..reply })
            })
            .collect();
        let asked = Asked { question, vector: &vector, customer: "", locale: &locale };
        let past = Remembered { n: learned.memory.len(), nearest: &nearest };
        let suggested = answerer.suggest(&asked, &hits, &drafts, &past);
        Ok(suggested.into_iter().map(|draft| draft.body).collect())
    }
}
