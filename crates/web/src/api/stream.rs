//! An answer as it is made, as server-sent events with JSON.

use std::convert::Infallible;

use axum::response::{
    IntoResponse, Sse,
    sse::{Event, KeepAlive},
};
use desk::AskEvent;
use domain::{ConversationId, Principal};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::shapes::{AskJson, CitationJson};
use crate::{failure::Failure, state::Web};

/// Events that wait for a slow reader; the answer is stored whether or not they are read.
const EVENTS_MAX: usize = 32;

/// Starts answering. The question is answered and stored even when the reader goes away.
pub(crate) fn answer(
    web: Web,
    principal: Principal,
    id: ConversationId,
    text: String,
) -> Result<impl IntoResponse, Failure> {
    let permit = web.stream_permit()?;
    let (out, events) = mpsc::channel(EVENTS_MAX);
    tokio::spawn(desk::from_here(async move {
        let _permit = permit;
        let (progress, steps) = mpsc::channel(EVENTS_MAX);
        let asking = web.desk.ask(&principal, &id, &text, Some(progress));
        let (asked, ()) = tokio::join!(asking, tell(steps, &out));
        let last = match asked {
            Ok(asked) => event("done", &AskJson::new(&asked)),
            Err(error) => {
                let failure = Failure::from(error);
                event(
                    "error",
                    &json!({
                        "type": format!("/api#problem-{}", failure.kind),
                        "title": failure.status.canonical_reason(),
                        "status": failure.status.as_u16(),
                        "detail": failure.detail,
                    }),
                )
            }
        };
        let _ = out.send(Ok(last)).await;
    }));
    let stream: ReceiverStream<Result<Event, Infallible>> = ReceiverStream::new(events);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

async fn tell(mut steps: mpsc::Receiver<AskEvent>, out: &mpsc::Sender<Result<Event, Infallible>>) {
    let mut told = Vec::new();
    while let Some(step) = steps.recv().await {
        match step {
            AskEvent::Searching => {
                let _ = out.send(Ok(event("searching", &json!({})))).await;
            }
            AskEvent::Reset => {
                told.clear();
                let _ = out.send(Ok(event("reset", &json!({})))).await;
            }
            AskEvent::Sentence { sentence, citation } => {
                if !told.contains(&citation.n) {
                    told.push(citation.n);
                    let _ = out.send(Ok(event("citation", &CitationJson::new(&citation)))).await;
                }
                let _ = out.send(Ok(event("sentence", &sentence))).await;
            }
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
