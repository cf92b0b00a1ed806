//! Canned replies: texts that agents send again and again.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{CannedReplyChange, CannedReplySearch, NewCannedReply};
use domain::CannedReplyId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params},
    revision::{Tagged, etag, if_match},
    shapes::{CannedRepliesJson, CannedReplyJson, CannedReplyRowJson, RenderedJson, SharingJson},
    ticket::ticket_id,
    view::{changed_sharing, share_with},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CannedRepliesParams {
    /// Words, or beginnings of words, all of which are in the title, the folder or the text.
    #[serde(default)]
    q: String,
    /// A folder: what is in it and in the folders of it.
    #[serde(default)]
    folder: String,
}

/// A canned reply to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCannedReplyJson {
    title: String,
    /// A template of Markdown, such as `Dear {{ customer.first_name }}, …`.
    body: String,
    /// Where people look for it: up to five names with `/` between them; none when absent.
    #[serde(default)]
    folder: String,
    sharing: SharingJson,
    /// The team's key, to share it with one.
    team: Option<String>,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedReplyChangeJson {
    title: Option<String>,
    /// A template of Markdown.
    body: Option<String>,
    folder: Option<String>,
    sharing: Option<SharingJson>,
    /// The team's key, to share it with one.
    team: Option<String>,
}

/// For which ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForTicket {
    /// The ticket's id or number.
    pub(super) ticket_id: String,
}

/// List canned replies
///
/// Your own, those of your teams, and everybody's, by folder and title, without their texts; at most 1,000.
#[utoipa::path(
    get, path = "/canned-replies", tag = "Canned replies", params(CannedRepliesParams),
    responses(
        (status = 200, description = "The canned replies", body = CannedRepliesJson),
        (status = 422, description = "No folder", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_canned_replies(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<CannedRepliesParams>,
) -> Result<Json<CannedRepliesJson>, Failure> {
    let search = CannedReplySearch { words: params.q, folder: params.folder };
    let replies = web.desk.list_canned_replies(&principal, &search).await?;
    Ok(Json(CannedRepliesJson { canned_replies: replies.iter().map(CannedReplyRowJson::new).collect() }))
}

/// Make a canned reply
///
/// A private one belongs to who is signed in; a key can only share. A team's is made by its members, everybody's with
/// `admin:rules`.
#[utoipa::path(
    post, path = "/canned-replies", tag = "Canned replies", request_body = NewCannedReplyJson,
    responses(
        (status = 201, description = "The canned reply", body = CannedReplyJson),
        (status = 409, description = "There are 500 already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No template, and where it goes wrong; or no folder", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn create_canned_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewCannedReplyJson>,
) -> Result<(StatusCode, Tagged<CannedReplyJson>), Failure> {
    let new = NewCannedReply {
        title: new.title,
        body: new.body,
        folder: new.folder,
        sharing: share_with(new.sharing, new.team)?,
    };
    let reply = web.desk.create_canned_reply(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(reply.revision)], Json(CannedReplyJson::new(&reply)))))
}

/// Read a canned reply
#[utoipa::path(
    get, path = "/canned-replies/{id}", tag = "Canned replies", params(("id" = String, Path, description = "The canned reply")),
    responses(
        (status = 200, description = "The canned reply", body = CannedReplyJson),
        (status = 404, description = "No such canned reply", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_canned_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<CannedReplyJson>, Failure> {
    let reply = web.desk.canned_reply(&principal, &CannedReplyId::new(id)).await?;
    Ok(([etag(reply.revision)], Json(CannedReplyJson::new(&reply))))
}

/// Change a canned reply
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/canned-replies/{id}", tag = "Canned replies", request_body = CannedReplyChangeJson,
    params(("id" = String, Path, description = "The canned reply"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The canned reply after it", body = CannedReplyJson),
        (status = 404, description = "No such canned reply", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No template, and where it goes wrong; or no folder", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn change_canned_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<CannedReplyChangeJson>,
) -> Result<Tagged<CannedReplyJson>, Failure> {
    let expected = if_match(&headers)?;
    let change = CannedReplyChange {
        title: change.title,
        body: change.body,
        folder: change.folder,
        sharing: changed_sharing(change.sharing, change.team)?,
    };
    let reply = web.desk.change_canned_reply(&principal, &CannedReplyId::new(id), change, expected).await?;
    Ok(([etag(reply.revision)], Json(CannedReplyJson::new(&reply))))
}

/// Delete a canned reply
///
/// Macros and rules that use it can no longer do that.
#[utoipa::path(
    delete, path = "/canned-replies/{id}", tag = "Canned replies", params(("id" = String, Path, description = "The canned reply")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such canned reply", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn delete_canned_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_canned_reply(&principal, &CannedReplyId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make the text of a canned reply for a ticket
///
/// In your name. Nothing is sent: send the text as a message of the ticket. It counts as used.
#[utoipa::path(
    post, path = "/canned-replies/{id}/render", tag = "Canned replies", request_body = ForTicket,
    params(("id" = String, Path, description = "The canned reply")),
    responses(
        (status = 200, description = "The text", body = RenderedJson),
        (status = 404, description = "No such canned reply or ticket", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It makes no text, and why", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn render_canned_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(of): Body<ForTicket>,
) -> Result<Json<RenderedJson>, Failure> {
    let (id, ticket_id) = (CannedReplyId::new(id), ticket_id(&web, &principal, of.ticket_id).await?);
    let body = web.desk.render_canned_reply(&principal, &id, &ticket_id).await?;
    Ok(Json(RenderedJson { body }))
}
