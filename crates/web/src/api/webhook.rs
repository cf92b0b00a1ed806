//! Webhooks: addresses that are told what happens.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use desk::{NewWebhook, WebhookChange, WebhookSwitch};
use domain::WebhookId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag, if_match},
    shapes::{CreatedWebhookJson, ReplacedSecretJson, WebhookJson, WebhooksJson},
};
use crate::{caller::Bearer, dates::iso, dress::Problem, failure::Failure, state::Web};

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhookJson {
    /// Where it is told: `http` or `https`, without user and password, at most 2048 bytes. A private address must be listed
    /// under `webhooks.allow`.
    url: String,
    /// What it is for, at most 500 bytes.
    description: Option<String>,
    /// The kinds of event it hears of; all when absent or empty.
    #[serde(default)]
    types: Vec<String>,
}

/// What to change of a webhook; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChangeJson {
    /// Where it is told. What waits is sent there.
    url: Option<String>,
    /// What it is for; empty for nothing.
    description: Option<String>,
    /// The kinds of event it hears of from now on; all when empty.
    types: Option<Vec<String>>,
    /// `enabled`: it is told what happens from now on. `disabled`: it is told nothing more, and what waits is given up.
    state: Option<WebhookStateJson>,
}

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookStateJson {
    Enabled,
    Disabled,
}

/// List webhooks
///
/// Oldest first. The key must see every team's tickets, as for all that has to do with webhooks.
#[utoipa::path(
    get, path = "/webhooks", tag = "Webhooks",
    responses((status = 200, description = "The webhooks, without their secrets", body = WebhooksJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn list_webhooks(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<WebhooksJson>, Failure> {
    let webhooks = web.desk.list_webhooks(&principal).await?;
    Ok(Json(WebhooksJson { webhooks: webhooks.iter().map(WebhookJson::new).collect() }))
}

/// Make a webhook
///
/// It is told what happens from now on, in messages signed as [Standard Webhooks](https://www.standardwebhooks.com) says. The secret
/// is shown once.
#[utoipa::path(
    post, path = "/webhooks", tag = "Webhooks", request_body = NewWebhookJson,
    responses(
        (status = 201, description = "The webhook and its secret", body = CreatedWebhookJson),
        (status = 409, description = "There are 32 already, or the site's secret key is missing", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The address is none or is not allowed, or a type is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn create_webhook(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewWebhookJson>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<CreatedWebhookJson>), Failure> {
    let new = NewWebhook { url: new.url, description: new.description, kinds: new.types };
    let created = web.desk.create_webhook(&principal, new).await?;
    let json = CreatedWebhookJson { webhook: WebhookJson::new(&created.webhook), secret: created.secret };
    Ok((StatusCode::CREATED, [etag(created.webhook.revision)], Json(json)))
}

/// Read a webhook
///
/// `ETag` is its revision.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    responses(
        (status = 200, description = "The webhook, without its secret", body = WebhookJson),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn get_webhook(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<WebhookJson>, Failure> {
    let webhook = web.desk.webhook(&principal, &WebhookId::new(id)).await?;
    Ok(([etag(webhook.revision)], Json(WebhookJson::new(&webhook))))
}

/// Change a webhook
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first, or when it began or ceased to
/// fail. One that was disabled, by an admin or by itself, is enabled with `state`.
#[utoipa::path(
    patch, path = "/webhooks/{id}", tag = "Webhooks", request_body = WebhookChangeJson,
    params(("id" = String, Path, description = "The webhook"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The webhook after it", body = WebhookJson),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The address is none or is not allowed, or a type is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn change_webhook(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<WebhookChangeJson>,
) -> Result<Tagged<WebhookJson>, Failure> {
    let expected = if_match(&headers)?;
    let switch = change.state.map(|state| match state {
        WebhookStateJson::Enabled => WebhookSwitch::Enable,
        WebhookStateJson::Disabled => WebhookSwitch::Disable,
    });
    let change =
        WebhookChange { url: change.url, description: change.description, kinds: change.types, switch };
    let webhook = web.desk.change_webhook(&principal, &WebhookId::new(id), change, expected).await?;
    Ok(([etag(webhook.revision)], Json(WebhookJson::new(&webhook))))
}

/// Delete a webhook
///
/// With its log and what waits for it.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn delete_webhook(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let expected = if_match(&headers)?;
    web.desk.delete_webhook(&principal, &WebhookId::new(id), expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace a webhook's secret
///
/// For a day messages are signed with the former secret too, so that the receiver can follow. The new one is shown once.
#[utoipa::path(
    post, path = "/webhooks/{id}/secret", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    responses(
        (status = 201, description = "The new secret", body = ReplacedSecretJson),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The site's secret key is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:webhooks"))),
)]
pub(crate) async fn replace_secret(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<ReplacedSecretJson>), Failure> {
    let replaced = web.desk.replace_webhook_secret(&principal, &WebhookId::new(id)).await?;
    let json =
        ReplacedSecretJson { secret: replaced.secret, former_secret_until: iso(replaced.former_until) };
    Ok((StatusCode::CREATED, Json(json)))
}
