//! Links between tickets.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{LinkEnd, LinkId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{body::Body, shapes::OperationJson, ticket::ticket_id};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLinkJson {
    /// What the other ticket is to this one: its `parent`, a `child`, `related`, what it is a `duplicate_of`, or a `duplicate` of
    /// it.
    #[schema(value_type = String)]
    kind: LinkEnd,
    /// The other ticket: its id or number.
    ticket_id: String,
}

/// Link two tickets
///
/// Both show the link. Two tickets have one link, a ticket one parent, and none is above itself. Can be undone for 24 hours.
#[utoipa::path(
    post, path = "/tickets/{id}/links", tag = "Tickets", request_body = NewLinkJson,
    params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 201, description = "What was done", body = OperationJson),
        (status = 404, description = "No such ticket, either of the two", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They cannot be linked, and why", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A ticket and itself", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_link(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewLinkJson>,
) -> Result<(StatusCode, Json<OperationJson>), Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let other = ticket_id(&web, &principal, new.ticket_id).await?;
    let done = web.desk.link_tickets(&principal, &id, new.kind, &other).await?;
    Ok((StatusCode::CREATED, Json(OperationJson::new(&done))))
}

/// Take a link away
///
/// Can be undone for 24 hours.
#[utoipa::path(
    delete, path = "/tickets/{id}/links/{link_id}", tag = "Tickets",
    params(("id" = String, Path, description = "The ticket's id or number"), ("link_id" = String, Path, description = "The link")),
    responses(
        (status = 200, description = "What was done", body = OperationJson),
        (status = 404, description = "No such ticket, or no such link of it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn delete_link(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, link_id)): Path<(String, String)>,
) -> Result<Json<OperationJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let done = web.desk.unlink_tickets(&principal, &id, &LinkId::new(link_id)).await?;
    Ok(Json(OperationJson::new(&done)))
}
