//! What customers are known by: adding, verifying, removing, and which address answers go to.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::{IdentityChange, NewIdentity};
use domain::{CustomerId, IdentityId, IdentityKind};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag},
    shapes::CustomerAloneJson,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// An identity to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewIdentityJson {
    /// `email`, `phone`, `external_id` or `visitor`.
    #[schema(value_type = String)]
    kind: IdentityKind,
    value: String,
    /// Whether you say that it is theirs for certain; false when absent.
    #[serde(default)]
    verified: bool,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityChangeJson {
    /// Whether it is theirs for certain.
    verified: Option<bool>,
    /// `true`: answers go to it. Only for a verified address.
    primary: Option<bool>,
}

impl From<NewIdentityJson> for NewIdentity {
    fn from(new: NewIdentityJson) -> Self {
        Self { kind: new.kind, value: new.value, is_verified: new.verified }
    }
}

/// Add an identity to a customer
///
/// No two customers share one. Nobody comes to a customer's tickets by an address that is not verified: who writes from it is
/// somebody else, and has it then.
#[utoipa::path(
    post, path = "/customers/{id}/identities", tag = "Customers", request_body = NewIdentityJson,
    params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 201, description = "The customer with it", body = CustomerAloneJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A customer has it already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn add_identity(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewIdentityJson>,
) -> Result<(StatusCode, Tagged<CustomerAloneJson>), Failure> {
    let view = web.desk.add_identity(&principal, &CustomerId::new(id), new.into()).await?;
    Ok((StatusCode::CREATED, ([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view)))))
}

/// Verify an identity, or make an address the one that answers go to
#[utoipa::path(
    patch, path = "/customers/{id}/identities/{identity_id}", tag = "Customers", request_body = IdentityChangeJson,
    params(("id" = String, Path, description = "The customer"), ("identity_id" = String, Path, description = "The identity")),
    responses(
        (status = 200, description = "The customer after it", body = CustomerAloneJson),
        (status = 404, description = "No such customer or identity", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Only a verified address can be the primary one", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Only an address can be the primary one", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn change_identity(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, identity_id)): Path<(String, String)>,
    Body(change): Body<IdentityChangeJson>,
) -> Result<Tagged<CustomerAloneJson>, Failure> {
    let change = IdentityChange { is_verified: change.verified, is_primary: change.primary };
    let (id, identity_id) = (CustomerId::new(id), IdentityId::new(identity_id));
    let view = web.desk.change_identity(&principal, &id, &identity_id, change).await?;
    Ok(([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view))))
}

/// Take an identity from a customer
///
/// When answers went to it, they go to the oldest verified address, if there is one.
#[utoipa::path(
    delete, path = "/customers/{id}/identities/{identity_id}", tag = "Customers",
    params(("id" = String, Path, description = "The customer"), ("identity_id" = String, Path, description = "The identity")),
    responses(
        (status = 200, description = "The customer without it", body = CustomerAloneJson),
        (status = 404, description = "No such customer or identity", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn remove_identity(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, identity_id)): Path<(String, String)>,
) -> Result<Tagged<CustomerAloneJson>, Failure> {
    let (id, identity_id) = (CustomerId::new(id), IdentityId::new(identity_id));
    let view = web.desk.remove_identity(&principal, &id, &identity_id).await?;
    Ok(([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view))))
}
