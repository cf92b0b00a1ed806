//! The log of what webhooks were told; telling it again, and trying a webhook out.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::DeliveryFilter;
use domain::{DeliveryId, DeliveryState, WebhookId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::Params,
    query::known,
    shapes::{DeliveriesJson, DeliveryJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Messages on one page where nothing else is asked for.
const DELIVERIES_DEFAULT: usize = 50;
/// Length of an id.
const ID_CHARS: usize = 26;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesParams {
    /// `queued`, `waiting`, `delivered` or `failed`.
    state: Option<String>,
    /// The page's first message is the one after this id: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

/// List what a webhook was told
///
/// Newest first, with what became of each message. `queued` waits for an earlier message about the same ticket, article or
/// conversation, `waiting` is sent at `next_attempt_at`, `failed` was given up. What is finished is kept for 14 days.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook"), DeliveriesParams),
    responses(
        (status = 200, description = "A page of messages", body = DeliveriesJson),
        (status = 400, description = "No such state, or no such place", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn list_deliveries(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<DeliveriesParams>,
) -> Result<Json<DeliveriesJson>, Failure> {
    let states = "one of queued, waiting, delivered, failed";
    let state = known("state", params.state.as_deref(), states, DeliveryState::parse)?;
    let is_id =
        |text: &String| text.len() == ID_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if params.after.as_ref().is_some_and(|after| !is_id(after)) {
        return Err(Failure::unreadable("after", "next of the page before"));
    }
    let limit = params.limit.unwrap_or(DELIVERIES_DEFAULT).clamp(1, desk::DELIVERIES_PER_PAGE_MAX);
    let filter = DeliveryFilter {
        state,
        after: params.after.map(DeliveryId::new),
        // One more says whether there is a next page.
        limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
    };
    let mut page = web.desk.list_deliveries(&principal, &WebhookId::new(id), filter).await?;
    let has_more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Json(DeliveriesJson { deliveries: page.iter().map(DeliveryJson::new).collect(), next }))
}

/// Tell it again
///
/// The message is sent again with the same `webhook-id`, and tried for days again when that fails. One that waits is sent at once.
/// It does not wait for other messages about the same, nor they for it.
#[utoipa::path(
    post, path = "/webhooks/{id}/deliveries/{delivery_id}/replay", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook"), ("delivery_id" = String, Path, description = "The message")),
    responses(
        (status = 202, description = "The message, which is sent in a moment", body = DeliveryJson),
        (status = 404, description = "No such webhook or message", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is being sent, waits for an earlier one, or its webhook is disabled", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn replay_delivery(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, delivery_id)): Path<(String, String)>,
) -> Result<(StatusCode, Json<DeliveryJson>), Failure> {
    let (id, delivery_id) = (WebhookId::new(id), DeliveryId::new(delivery_id));
    let delivery = web.desk.replay_delivery(&principal, &id, &delivery_id).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryJson::new(&delivery))))
}

/// Try a webhook out
///
/// Sends it a message of the type `ping`, as any other: signed, and tried again when it fails.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    responses(
        (status = 202, description = "The message, which is sent in a moment", body = DeliveryJson),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The webhook is disabled", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn test_webhook(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<DeliveryJson>), Failure> {
    let delivery = web.desk.ping_webhook(&principal, &WebhookId::new(id)).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryJson::new(&delivery))))
}
