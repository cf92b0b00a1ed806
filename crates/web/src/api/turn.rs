//! Turns: asking, and saying whether an answer helped.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{ConversationId, Feedback, TurnId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{AskJson, ConversationJson},
    stream,
};
use crate::{
    caller::{Bearer, Client},
    dress::Problem,
    failure::Failure,
    limits::Spend,
    state::Web,
};

/// What the visitor says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTurn {
    /// Plain text, at most 16 KiB.
    text: String,
}

/// Whether it helped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFeedback {
    /// `helpful` or `unhelpful`.
    #[schema(value_type = String)]
    feedback: Feedback,
}

/// Ask
///
/// With `Accept: text/event-stream` the answer comes as events: `sentence` `{"text","citation","layout"}` and
/// `citation` as they are known, `reset` when they are to be forgotten, then `done` with the whole answer, or `error`
/// with a problem.
#[utoipa::path(
    post, path = "/conversations/{id}/turns", tag = "Conversations", request_body = NewTurn,
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The answer, a question back, or the hand-over", content(
            (AskJson = "application/json"), (AskJson = "text/event-stream"),
        )),
        (status = 404, description = "Not this caller's conversation", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too long", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing asked", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many questions from this address", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("conversation" = [])),
    extensions(("x-required-scope" = json!("conversations:write"))),
)]
pub(crate) async fn create_turn(
    State(web): State<Web>,
    client: Client,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(turn): Body<NewTurn>,
) -> Result<Response, Failure> {
    client.spend(&web, &principal, Spend::Ask)?;
    let id = ConversationId::new(id);
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("text/event-stream") {
        return Ok(stream::answer(web, principal, id, turn.text)?.into_response());
    }
    let asked = web.desk.ask(&principal, &id, &turn.text, None).await?;
    Ok(Json(AskJson::new(&asked)).into_response())
}

/// Say whether an answer helped
///
/// The second "unhelpful" in a row hands the conversation over.
#[utoipa::path(
    put, path = "/conversations/{id}/turns/{turn_id}/feedback", tag = "Conversations", request_body = NewFeedback,
    params(("id" = String, Path, description = "The conversation"), ("turn_id" = String, Path, description = "The bot's turn")),
    responses(
        (status = 200, description = "The conversation after it", body = ConversationJson),
        (status = 404, description = "No such turn in this conversation", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too much from this address", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("conversation" = [])),
    extensions(("x-required-scope" = json!("conversations:write"))),
)]
pub(crate) async fn put_feedback(
    State(web): State<Web>,
    client: Client,
    Bearer(principal): Bearer,
    Path((id, turn_id)): Path<(String, String)>,
    Body(new): Body<NewFeedback>,
) -> Result<Json<ConversationJson>, Failure> {
    client.spend(&web, &principal, Spend::Ask)?;
    let (id, turn_id) = (ConversationId::new(id), TurnId::new(turn_id));
    let view = web.desk.give_feedback(&principal, &id, &turn_id, new.feedback).await?;
    Ok(Json(ConversationJson::new(&view)))
}
