//! An answer as it is made, as server-sent events with parts of the page: `searching`, `answer` (all sentences so far),
//! `done` (the whole turn and what stands under it), `error`.

use askama::Template;
use axum::response::{
    IntoResponse, Sse,
    sse::{Event, KeepAlive},
};
use desk::{AskEvent, Asked, Reply};
use domain::{AnswerSentence, Citation};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    ask::Visitor,
    log::{BotView, Entry, Said, Tail},
};
use crate::{failure::Failure, markup, state::Web};

/// Events that wait for a slow reader; the answer is stored whether or not they are read.
const EVENTS_MAX: usize = 32;

/// Starts answering. The question is answered and stored even when the reader goes away.
pub(crate) fn answer(web: Web, visitor: Visitor, text: String) -> Result<impl IntoResponse, Failure> {
    let permit = web.stream_permit()?;
    let (out, events) = mpsc::channel(EVENTS_MAX);
    tokio::spawn(desk::from_here(async move {
        let _permit = permit;
        let last = run(&web, &visitor, &text, &out).await.unwrap_or_else(|failure| {
            Event::default().event("error").data(json!({ "text": sorry(&failure) }).to_string())
        });
        let _ = out.send(Ok(last)).await;
    }));
    let stream: ReceiverStream<Result<Event, std::convert::Infallible>> = ReceiverStream::new(events);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

async fn run(
    web: &Web,
    visitor: &Visitor,
    text: &str,
    out: &mpsc::Sender<Result<Event, std::convert::Infallible>>,
) -> Result<Event, Failure> {
    let (progress, mut steps) = mpsc::channel(EVENTS_MAX);
    let asking = web.desk.ask(&visitor.principal, &visitor.id, text, Some(progress));
    let locale = &web.desk.site().default_locale;
    let telling = async {
        let mut so_far = SoFar::default();
        while let Some(step) = steps.recv().await {
            let event = match step {
                AskEvent::Searching => Event::default().event("searching").data("{}"),
                AskEvent::Reset => {
                    so_far = SoFar::default();
                    Event::default().event("answer").data(json!({ "html": "" }).to_string())
                }
                AskEvent::Sentence { sentence, citation } => {
                    so_far.add(sentence, citation);
                    let html = markup::answer(&so_far.sentences, &so_far.citations, locale);
                    Event::default().event("answer").data(json!({ "html": html.to_string() }).to_string())
                }
            };
            let _ = out.send(Ok(event)).await;
        }
    };
    let (asked, ()) = tokio::join!(asking, telling);
    let asked = asked?;
    let view = web.desk.conversation(&visitor.principal, &visitor.id).await?;
    let entry = last_entry(&asked, locale);
    let entry = entry.map(|entry| entry.render()).transpose();
    let tail = Tail::new(&view, false).render();
    let (Ok(entry), Ok(tail)) = (entry, tail) else { return Err(Failure::internal()) };
    let data = json!({
        "entry": entry.unwrap_or_default(),
        "tail": tail,
        "n_turns": view.conversation.n_turns,
        "is_waiting": view.ticket_number.is_some(),
    });
    Ok(Event::default().event("done").data(data.to_string()))
}

/// What has been said of an answer that is still being made.
#[derive(Default)]
struct SoFar {
    sentences: Vec<AnswerSentence>,
    citations: Vec<Citation>,
}

impl SoFar {
    fn add(&mut self, sentence: AnswerSentence, citation: Citation) {
        if !self.citations.iter().any(|known| known.n == citation.n) {
            self.citations.push(citation);
        }
        self.sentences.push(sentence);
    }
}

/// The bot's turn; nothing when a person is on it and the bot is silent.
fn last_entry(asked: &Asked, default_locale: &domain::Locale) -> Option<Entry> {
    let Reply::Bot { turn, .. } = &asked.reply else { return None };
    let id = asked.turn_id.as_ref().map(domain::TurnId::as_str).unwrap_or_default();
    let mut view = BotView::new(id, turn, default_locale);
    let wants_feedback = asked.ticket_number.is_none() && view.is_answer;
    view.feedback = wants_feedback.then_some("wanted");
    Some(Entry { said: Said::Bot { turn: view } })
}

/// What the visitor reads when no answer came. What they typed stays in the field.
fn sorry(failure: &Failure) -> String {
    match failure.status.as_u16() {
        503 | 429 => "Too much is going on right now. Please send it again in a moment.".to_owned(),
        500..=599 => "Something broke on our side. Please send it again, or talk to a human.".to_owned(),
        _ => format!("That could not be sent: {}.", failure.detail),
    }
}
