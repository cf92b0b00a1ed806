//! Customers who may be one person, merging them, and undoing that.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{CustomerId, MergeId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{DuplicatesJson, MergeJson, MergesJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Whom to merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMergeJson {
    /// The customer who goes into the one of the address.
    customer_id: String,
}

/// List customers who may be one person
///
/// Addresses that differ behind a plus sign or in the case of their letters, phone numbers with the same last nine digits, the same
/// name in the same organisation. At most fifty groups of each.
#[utoipa::path(
    get, path = "/customers/duplicates", tag = "Customers",
    responses((status = 200, description = "The groups", body = DuplicatesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_duplicates(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<DuplicatesJson>, Failure> {
    Ok(Json(DuplicatesJson::new(&web.desk.list_duplicates(&principal).await?)))
}

/// List the merges of a customer
///
/// The newest first, those that were undone too.
#[utoipa::path(
    get, path = "/customers/{id}/merges", tag = "Customers", params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 200, description = "The merges", body = MergesJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_merges(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<MergesJson>, Failure> {
    Ok(Json(MergesJson::new(&web.desk.list_merges(&principal, &CustomerId::new(id)).await?)))
}

/// Merge a customer into this one
///
/// Tickets, conversations, identities and notes come here; what is known of this one stays, and gaps are filled. It can be undone
/// for 30 days. The key must see every team's tickets.
#[utoipa::path(
    post, path = "/customers/{id}/merges", tag = "Customers", request_body = NewMergeJson,
    params(("id" = String, Path, description = "The customer who goes on")),
    responses(
        (status = 201, description = "The merge", body = MergeJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is too much to move", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "One and the same customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn create_merge(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewMergeJson>,
) -> Result<(StatusCode, Json<MergeJson>), Failure> {
    let (kept, other) = (CustomerId::new(id), CustomerId::new(new.customer_id));
    let view = web.desk.merge_customers(&principal, &kept, &other).await?;
    Ok((StatusCode::CREATED, Json(MergeJson::new(&view.merge, view.is_open))))
}

/// Undo a merge
///
/// Who was merged is a customer again, with all that was theirs. What came since stays here, and so does what was changed since.
#[utoipa::path(
    delete, path = "/customers/{id}/merges/{merge_id}", tag = "Customers",
    params(("id" = String, Path, description = "The customer who went on"), ("merge_id" = String, Path, description = "The merge")),
    responses(
        (status = 200, description = "The merge, undone", body = MergeJson),
        (status = 404, description = "No such customer or merge", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be undone, and why", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn undo_merge(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, merge_id)): Path<(String, String)>,
) -> Result<Json<MergeJson>, Failure> {
    let merge = web.desk.undo_merge(&principal, &CustomerId::new(id), &MergeId::new(merge_id)).await?;
    Ok(Json(MergeJson::new(&merge, false)))
}
