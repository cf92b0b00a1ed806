//! Conversations: opening one, reading it, handing it to a human.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::HandoffForm;
use domain::ConversationId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::OptionalBody,
    search::locale,
    shapes::{ConversationJson, HandedOffJson, OpenedJson},
};
use crate::{
    caller::{Bearer, Caller, Client},
    dress::Problem,
    failure::Failure,
    limits::Spend,
    state::Web,
};

/// A new conversation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConversation {
    /// The visitor's locale; the site's own when absent.
    locale: Option<String>,
}

/// What a visitor adds when asking for a human.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHandoff {
    /// Their name.
    name: Option<String>,
    /// Their mail address.
    email: Option<String>,
    /// Anything the team should know.
    message: Option<String>,
}

/// Open a conversation
///
/// The token is the visitor's `Authorization: Bearer` for everything about this conversation. It is shown once.
#[utoipa::path(
    post, path = "/conversations", tag = "Conversations", request_body = NewConversation,
    responses(
        (status = 201, description = "The conversation and its token", body = OpenedJson),
        (status = 429, description = "Too many from this address", body = Problem, content_type = "application/problem+json"),
    ),
    extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn create_conversation(
    State(web): State<Web>,
    client: Client,
    Caller(principal): Caller,
    OptionalBody(new): OptionalBody<NewConversation>,
) -> Result<(StatusCode, Json<OpenedJson>), Failure> {
    client.spend(&web, &principal, Spend::Ask)?;
    let opened = web.desk.start_conversation(locale(new.locale.as_deref())?).await?;
    let opened = OpenedJson {
        id: opened.conversation.id.to_string(),
        token: opened.token,
        locale: opened.conversation.locale.to_string(),
    };
    Ok((StatusCode::CREATED, Json(opened)))
}

/// Read a conversation
///
/// The visitor's token, or a key with `tickets:read` or `conversations:write`.
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "Conversations", params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The conversation with its turns", body = ConversationJson),
        (status = 404, description = "Not this caller's to read", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("conversation" = [])),
    extensions(("x-required-scope" = json!(["tickets:read", "conversations:write"]))),
)]
pub(crate) async fn get_conversation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<ConversationJson>, Failure> {
    let view = web.desk.conversation(&principal, &ConversationId::new(id)).await?;
    Ok(Json(ConversationJson::new(&view)))
}

/// Hand a conversation to a human
///
/// Opens its ticket and gives the number. Doing it again gives the same ticket. The visitor's token, or a key with
/// `conversations:write`.
#[utoipa::path(
    post, path = "/conversations/{id}/handoff", tag = "Conversations", request_body = NewHandoff,
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The ticket", body = HandedOffJson),
        (status = 422, description = "An address that is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("conversation" = [])),
    extensions(("x-required-scope" = json!("conversations:write"))),
)]
pub(crate) async fn create_handoff(
    State(web): State<Web>,
    client: Client,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    OptionalBody(new): OptionalBody<NewHandoff>,
) -> Result<Json<HandedOffJson>, Failure> {
    client.spend(&web, &principal, Spend::Ask)?;
    let form = HandoffForm { name: new.name, email: new.email, message: new.message };
    let id = ConversationId::new(id);
    let handed_off = web.desk.hand_off(&principal, &id, form).await?;
    let view = web.desk.conversation(&principal, &id).await?;
    Ok(Json(HandedOffJson {
        ticket_id: handed_off.ticket_id.to_string(),
        ticket_number: handed_off.ticket_number,
        conversation: ConversationJson::new(&view),
    }))
}
