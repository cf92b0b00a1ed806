//! Customers.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use desk::Erasure;
use domain::CustomerId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// An erasure that goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureJson {
    /// Tickets and conversations that are still theirs.
    n_left: i64,
}

/// Erase a customer
///
/// Name, address and words go, everywhere and for ever; tickets stay with their numbers and times. What takes long goes on by itself:
/// asked again, the same request says how much is left, and 404 when all is done. The key must see every team's tickets.
#[utoipa::path(
    delete, path = "/customers/{id}", tag = "Customers", params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 202, description = "It goes on", body = ErasureJson),
        (status = 204, description = "Nothing is left of them"),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn erase_customer(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(match web.desk.erase_customer(&principal, &CustomerId::new(id)).await? {
        Erasure::Done => StatusCode::NO_CONTENT.into_response(),
        Erasure::GoesOn { n_left } => (StatusCode::ACCEPTED, Json(ErasureJson { n_left })).into_response(),
    })
}
