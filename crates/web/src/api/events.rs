//! What happened, as server-sent events: with a place to go on from, and only what the key may know of.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, Method},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use super::{body::Params, shapes::EventJson};
use crate::{caller::Credential, dress::Problem, failure::Failure, state::Web};

/// How soon an event is told.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Events that wait for a slow reader; the rest wait in the database.
const EVENTS_MAX: usize = 64;
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsParams {
    /// Kinds of event, with commas between; all when absent.
    types: Option<String>,
    /// Where to go on, for who cannot send `Last-Event-ID`.
    after: Option<i64>,
}

/// Follow what happens
///
/// Server-sent events without an end, each named by its `type`, with its number as `id` and the event as JSON: at least once and
/// in the order in which they happened. With `Last-Event-ID` the ones after that number come first; without, only what happens
/// from now on. Events of articles are told to keys with `kb:read`, those of customers and organisations to keys with
/// `customers:read`, all others to keys with `tickets:read`; any of them will do. Events are kept for seven days. The stream ends
/// when the key or the session does.
#[utoipa::path(
    get, path = "/events", tag = "Events",
    params(EventsParams, ("Last-Event-ID" = Option<i64>, Header, description = "The last number that was seen")),
    responses(
        (status = 200, description = "The events", body = EventJson, content_type = "text/event-stream"),
        (status = 410, description = "The events after this number are forgotten", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["tickets:read", "kb:read", "customers:read"]))),
)]
pub(crate) async fn follow_events(
    State(web): State<Web>,
    headers: HeaderMap,
    Params(params): Params<EventsParams>,
) -> Result<impl IntoResponse, Failure> {
    let credential = Credential::of(&web, &Method::GET, &headers)?.ok_or_else(Failure::unauthorized)?;
    let principal = credential.principal(&web).await?;
    let after = match headers.get(LAST_EVENT_ID) {
        Some(id) => Some(
            id.to_str()
                .ok()
                .and_then(|id| id.trim().parse().ok())
                .ok_or_else(|| Failure::bad_request("Last-Event-ID: the number of an event"))?,
        ),
        None => params.after,
    };
    let kinds = kinds(params.types.as_deref())?;
    let mut seq = web.desk.follow_from(&principal, after).await?;
    let permit = web.follower_permit()?;
    let (out, events) = mpsc::channel(EVENTS_MAX);
    tokio::spawn(async move {
        let _permit = permit;
        while !web.is_stopping() {
            // A key that was revoked or has expired, or a session that has ended, hears nothing more.
            let Ok(principal) = credential.principal(&web).await else { return };
            match web.desk.happened_after(&principal, seq).await {
                Ok(happened) => {
                    let is_behind = happened.seq > seq;
                    seq = happened.seq;
                    for entry in happened.entries.iter().filter(|entry| told(&kinds, entry.event.kind())) {
                        if out.send(Ok(event(&EventJson::new(entry)))).await.is_err() {
                            return;
                        }
                    }
                    if is_behind {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot read the events");
                }
            }
            tokio::select! {
                () = out.closed() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    });
    let stream: ReceiverStream<Result<Event, Infallible>> = ReceiverStream::new(events);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// The kinds that are asked for; none for all.
fn kinds(types: Option<&str>) -> Result<Vec<&'static str>, Failure> {
    let Some(types) = types else { return Ok(vec![]) };
    types
        .split(',')
        .map(|wanted| {
            let known = domain::Event::KINDS.into_iter().find(|kind| *kind == wanted.trim());
            known.ok_or_else(|| {
                Failure::unreadable("types", &format!("any of {}", domain::Event::KINDS.join(", ")))
            })
        })
        .collect()
}

fn told(kinds: &[&str], kind: &str) -> bool {
    kinds.is_empty() || kinds.contains(&kind)
}

fn event(event: &EventJson) -> Event {
    let data = serde_json::to_string(event).unwrap_or_default();
    Event::default().id(event.seq.to_string()).event(event.kind).data(data)
}
