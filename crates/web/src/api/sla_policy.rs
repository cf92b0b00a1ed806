//! SLA policies: what customers are promised.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::SlaPolicyInput;
use domain::{ScheduleId, SlaPolicyId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag, if_match},
    shapes::{PoliciesJson, PolicyJson, TargetsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A policy as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyBody {
    name: String,
    /// For which tickets it holds, in the filter language, without `me` and `mine`; all when empty or left out.
    #[serde(default)]
    condition: String,
    /// At least one.
    targets: TargetsJson,
    /// The schedule in whose hours it counts; all time counts when null or left out.
    schedule_id: Option<String>,
    /// When to warn, in percent of a target: 1 to 99; 80 when left out.
    warn_percent: Option<u8>,
}

/// An order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyOrder {
    /// The ids of all policies, the first to hold first.
    ids: Vec<String>,
}

impl PolicyBody {
    fn into_input(self) -> SlaPolicyInput {
        SlaPolicyInput {
            name: self.name,
            condition: self.condition,
            targets: self.targets.into_targets(),
            schedule_id: self.schedule_id.map(ScheduleId::new),
            warn_percent: self.warn_percent,
        }
    }
}

/// List SLA policies
///
/// In their order: of those that fit a ticket the first one holds.
#[utoipa::path(
    get, path = "/sla-policies", tag = "SLA", responses((status = 200, description = "The policies", body = PoliciesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn list_policies(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<PoliciesJson>, Failure> {
    let policies = web.desk.list_sla_policies(&principal).await?;
    Ok(Json(PoliciesJson { policies: policies.iter().map(PolicyJson::new).collect() }))
}

/// Make an SLA policy
///
/// Behind the others. It holds for a ticket from the ticket's next change on, and counts from when the ticket was opened.
#[utoipa::path(
    post, path = "/sla-policies", tag = "SLA", request_body = PolicyBody,
    responses(
        (status = 201, description = "The policy", body = PolicyJson),
        (status = 409, description = "There are 50 already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No condition, no target or no such schedule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_policy(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<PolicyBody>,
) -> Result<(StatusCode, Tagged<PolicyJson>), Failure> {
    let policy = web.desk.create_sla_policy(&principal, new.into_input()).await?;
    Ok((StatusCode::CREATED, ([etag(policy.revision)], Json(PolicyJson::new(&policy)))))
}

/// Change an SLA policy
///
/// The whole of it but its place. The clocks of unsolved tickets for which it holds are read anew. With `If-Match` the change is
/// refused when somebody else changed it first.
#[utoipa::path(
    put, path = "/sla-policies/{id}", tag = "SLA", request_body = PolicyBody,
    params(("id" = String, Path, description = "The policy"), ("If-Match" = Option<String>, Header, description = "The ETag: the policy's revision in quotes")),
    responses(
        (status = 200, description = "The policy after it", body = PolicyJson),
        (status = 404, description = "No such policy", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No condition, no target or no such schedule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn change_policy(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<PolicyBody>,
) -> Result<Tagged<PolicyJson>, Failure> {
    let expected = if_match(&headers)?;
    let id = SlaPolicyId::new(id);
    let policy = web.desk.change_sla_policy(&principal, &id, change.into_input(), expected).await?;
    Ok(([etag(policy.revision)], Json(PolicyJson::new(&policy))))
}

/// Delete an SLA policy
///
/// Its tickets get the next one that fits them, if there is one.
#[utoipa::path(
    delete, path = "/sla-policies/{id}", tag = "SLA", params(("id" = String, Path, description = "The policy")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such policy", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn delete_policy(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_sla_policy(&principal, &SlaPolicyId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Order the SLA policies
///
/// Of those that fit a ticket the first one holds, from the ticket's next change on.
#[utoipa::path(
    put, path = "/sla-policies/order", tag = "SLA", request_body = PolicyOrder,
    responses(
        (status = 200, description = "The policies in their new order", body = PoliciesJson),
        (status = 422, description = "Not each policy once", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn order_policies(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(order): Body<PolicyOrder>,
) -> Result<Json<PoliciesJson>, Failure> {
    let ids: Vec<SlaPolicyId> = order.ids.into_iter().map(SlaPolicyId::new).collect();
    let policies = web.desk.order_sla_policies(&principal, &ids).await?;
    Ok(Json(PoliciesJson { policies: policies.iter().map(PolicyJson::new).collect() }))
}
