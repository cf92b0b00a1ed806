//! Merging a ticket into another one.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::DifferentCustomers;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{body::Body, shapes::OperationJson, ticket::ticket_id};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Into which ticket to merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeJson {
    /// The ticket that is left: its id or number.
    into_id: String,
    /// What to do where the two are not known to be of the same customer: `refuse`, or `keep_internal`: only the team reads in
    /// the one what was said in the other. `refuse` when absent.
    #[schema(value_type = Option<String>)]
    different_customers: Option<Different>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Different {
    Refuse,
    KeepInternal,
}

/// Merge a ticket into another one
///
/// It is closed, and what was said in it is read in the other one. What its customer says later wakes the other one. Can be
/// undone for 24 hours.
#[utoipa::path(
    post, path = "/tickets/{id}/merge", tag = "Tickets", request_body = MergeJson,
    params(("id" = String, Path, description = "The ticket that is merged: its id or number")),
    responses(
        (status = 201, description = "What was done", body = OperationJson),
        (status = 404, description = "No such ticket, either of the two", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They cannot be merged, and why", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A ticket and itself", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn merge_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(merge): Body<MergeJson>,
) -> Result<(StatusCode, Json<OperationJson>), Failure> {
    let different = match merge.different_customers {
        None | Some(Different::Refuse) => DifferentCustomers::Refuse,
        Some(Different::KeepInternal) => DifferentCustomers::KeepInternal,
    };
    let id = ticket_id(&web, &principal, id).await?;
    let into = ticket_id(&web, &principal, merge.into_id).await?;
    let done = web.desk.merge_tickets(&principal, &id, &into, different).await?;
    Ok((StatusCode::CREATED, Json(OperationJson::new(&done))))
}
