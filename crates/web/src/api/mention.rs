//! Mentions: the notes in which one is named, and which of them one has read.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::{OnlyUnread, ReadMark};
use domain::MentionId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params},
    shapes::{MentionJson, MentionsJson},
};
use crate::{caller::Person, dress::Problem, failure::Failure, state::Web};

/// Mentions on one page where nothing else is asked for.
const MENTIONS_DEFAULT: i64 = 50;

/// Which mentions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichMentions {
    /// `true` for those that were not read.
    unread: Option<bool>,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100; 50 when absent.
    limit: Option<i64>,
}

/// Up to which mention.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadUpTo {
    /// The newest mention that was read.
    id: String,
}

/// List one's own mentions
///
/// For people: the notes in which they are named, newest first, in tickets that they see now.
#[utoipa::path(
    get, path = "/me/mentions", tag = "Me", params(WhichMentions),
    responses(
        (status = 200, description = "A page of mentions", body = MentionsJson),
        (status = 403, description = "Not a person, or one who may not read tickets", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A limit out of 1 to 100", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn list_mentions(
    State(web): State<Web>,
    Person(open): Person,
    Params(which): Params<WhichMentions>,
) -> Result<Json<MentionsJson>, Failure> {
    let only_unread = if which.unread == Some(true) { OnlyUnread::Yes } else { OnlyUnread::No };
    let after = which.after.map(MentionId::new);
    let limit = which.limit.unwrap_or(MENTIONS_DEFAULT);
    let list = web.desk.mentions(&open.principal, only_unread, after.as_ref(), limit).await?;
    Ok(Json(MentionsJson {
        mentions: list.mentions.iter().map(MentionJson::new).collect(),
        next: list.next.map(|id| id.to_string()),
    }))
}

/// Mark a mention of one's own as read
#[utoipa::path(
    put, path = "/me/mentions/{id}/read-mark", tag = "Me", params(("id" = String, Path, description = "The mention")),
    responses(
        (status = 204, description = "Marked"),
        (status = 404, description = "No such mention", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn put_read_mark(
    State(web): State<Web>,
    Person(open): Person,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.mark_mention(&open.principal, &MentionId::new(id), ReadMark::Read).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a mention of one's own as not read
#[utoipa::path(
    delete, path = "/me/mentions/{id}/read-mark", tag = "Me", params(("id" = String, Path, description = "The mention")),
    responses(
        (status = 204, description = "The mark is gone"),
        (status = 404, description = "No such mention", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn delete_read_mark(
    State(web): State<Web>,
    Person(open): Person,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.mark_mention(&open.principal, &MentionId::new(id), ReadMark::Unread).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark one's own mentions as read, up to one of them
#[utoipa::path(
    put, path = "/me/mentions/read-mark", tag = "Me", request_body = ReadUpTo,
    responses(
        (status = 204, description = "Marked"),
        (status = 404, description = "No such mention of yours", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn put_read_marks(
    State(web): State<Web>,
    Person(open): Person,
    Body(up_to): Body<ReadUpTo>,
) -> Result<StatusCode, Failure> {
    web.desk.mark_mentions_up_to(&open.principal, &MentionId::new(up_to.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
