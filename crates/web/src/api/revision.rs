//! Entity tags: a revision, so that two people cannot overwrite each other unawares.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

use serde_json::Value;

use crate::failure::Failure;

/// A body with the `ETag` of what it shows.
pub(crate) type Tagged<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// `ETag: "7"`, strong.
pub(crate) fn etag(revision: i64) -> (header::HeaderName, HeaderValue) {
    let tag = HeaderValue::from_str(&format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    (header::ETAG, tag)
}

/// Whether an operation of the description heeds `If-Match`.
pub(super) fn is_conditional(operation: &Value) -> bool {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| parameter["in"] == "header" && parameter["name"] == "If-Match")
}

/// The revision that `If-Match` names. `*` and no header name none.
///
/// # Errors
/// 400 for anything that is no entity tag of ours.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().map(str::trim).unwrap_or_default();
    if value == "*" {
        return Ok(None);
    }
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .and_then(|revision| revision.parse().ok())
        .map(Some)
        .ok_or_else(|| Failure::bad_request("If-Match: send the ETag as it was given, quotes included"))
}
