//! What happened with a customer over all channels.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::CustomerId;

use super::{body::Params, query::Part, shapes::CustomerHistoryJson};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Read what happened with a customer
///
/// Conversations, tickets, replies and notes in one time line, the newest first. What is of teams whose tickets the key does not see
/// is absent.
#[utoipa::path(
    get, path = "/customers/{id}/history", tag = "Customers", params(("id" = String, Path, description = "The customer"), Part),
    responses(
        (status = 200, description = "A page of the time line", body = CustomerHistoryJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A place that is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_history(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(part): Params<Part>,
) -> Result<Json<CustomerHistoryJson>, Failure> {
    let limit = part.limit();
    let id = CustomerId::new(id);
    let history = web.desk.customer_history(&principal, &id, part.after.as_deref(), limit).await?;
    Ok(Json(CustomerHistoryJson::new(&history)))
}
