//! Gives every failed response a body: problem+json (RFC 9457) for the API, a page that says what now for people.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{failure::Failure, help::FailedPage, limits, page::Shell, staff, state::Web};

/// An error as the API writes it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; explained on the API's reference page.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// The part of the input that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The scopes one of which the key or role would need.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required_scopes: Vec<&'static str>,
    /// The revision now, when `If-Match` named an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_revision: Option<i64>,
}

/// Dresses what comes back from the routes.
pub(crate) async fn dress(State(web): State<Web>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_page(&response) {
        return response;
    }
    let failure =
        response.extensions().get::<Failure>().cloned().unwrap_or_else(|| Failure::of_status(status));
    let mut dressed =
        if is_for_programs(&path) { problem(&failure, path) } else { page(&web, &failure, &path) };
    for name in [header::ALLOW, header::SET_COOKIE, limits::RATE_LIMIT, limits::RATE_LIMIT_POLICY] {
        if let Some(value) = response.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    if let Some(seconds) = failure.retry_after_s {
        dressed.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if failure.status == StatusCode::UNAUTHORIZED {
        dressed.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    dressed.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    dressed
}

fn has_page(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("text/html") || value.starts_with("application/"))
}

fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/mcp" || path == "/healthz" || path == "/readyz"
}

fn problem(failure: &Failure, instance: String) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (failure.status, content_type, Json(described(failure, instance))).into_response()
}

/// The problem as JSON, where it is part of something else.
pub(crate) fn problem_of(failure: &Failure, instance: &str) -> serde_json::Value {
    serde_json::to_value(described(failure, instance.to_owned())).unwrap_or_default()
}

fn described(failure: &Failure, instance: String) -> Problem {
    Problem {
        kind: format!("/api#problem-{}", failure.kind),
        title: failure.status.canonical_reason().unwrap_or("Error"),
        status: failure.status.as_u16(),
        detail: failure.detail.clone(),
        instance,
        field: failure.field,
        required_scopes: failure.required_scopes.clone(),
        current_revision: failure.current_revision,
    }
}

fn page(web: &Web, failure: &Failure, path: &str) -> Response {
    if path == "/app" || path.starts_with("/app/") {
        return staff::failed_page(web, failure);
    }
    let page = FailedPage { shell: Shell::new(web, failure_title(failure.status)), failure };
    (failure.status, page.into_response()).into_response()
}

/// What the reader reads first.
pub(crate) fn failure_title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is no such page",
        StatusCode::TOO_MANY_REQUESTS => "That was a lot at once",
        StatusCode::SERVICE_UNAVAILABLE => "Too much is going on right now",
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => "You may not open this page",
        status if status.is_server_error() => "Something broke on our side",
        _ => "That did not work",
    }
}
