//! What stands before every route: foreign forms and what no address has are refused, work is bounded, answers carry their security headers.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{failure::Failure, state::Web};

/// Nothing inline and nothing from elsewhere runs or styles a page; articles may show images of other sites.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' https: data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// A NUL as it is written in an address; a per cent sign of its own is written `%25`.
const NUL: &str = "%00";

/// Where files are uploaded.
pub(crate) const UPLOADS: &str = "/api/v1/attachments";
/// How long an upload may take: the largest file over a line of a megabit a second. Its pauses are bounded by themselves.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(240);

/// Adds the security headers to every response.
pub(crate) async fn secure(State(web): State<Web>, request: Request, next: Next) -> Response {
    let is_private =
        ["/app", "/api/", "/ask", "/mcp"].iter().any(|prefix| request.uri().path().starts_with(prefix));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // What is personal is kept nowhere; public pages are asked for again each time, so that a restriction holds at once.
    let cache = HeaderValue::from_static(if is_private { "no-store" } else { "no-cache" });
    headers.entry(header::CACHE_CONTROL).or_insert(cache);
    // A file that somebody sent has a stricter one of its own.
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if web.is_https() {
        let one_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, one_year);
    }
    response
}

/// Refuses addresses with a NUL in them: nothing has one in its id or name, and not every database can be asked for one.
pub(crate) async fn no_nul(request: Request, next: Next) -> Response {
    if request.uri().path().contains(NUL) {
        return Failure::not_found().into_response();
    }
    if request.uri().query().is_some_and(|query| query.contains(NUL)) {
        return Failure::bad_request("there is a NUL (%00) in the query").into_response();
    }
    next.run(request).await
}

/// Refuses requests that change something and come from another site's page. Programs with a bearer are let through:
/// a browser never adds that header by itself.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    if is_safe(request.method())
        || request.headers().contains_key(header::AUTHORIZATION)
        || is_same_origin(request.headers())
    {
        next.run(request).await
    } else {
        Failure::cross_site().into_response()
    }
}

/// Whether a method changes nothing.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that the request comes from a page of this site. Silence is not enough: it is asked where a
/// cookie alone would do something.
pub(crate) fn says_same_origin(headers: &HeaderMap) -> bool {
    let says = headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
    says && is_same_origin(headers)
}

/// A browser says where a form was; a program says nothing, and has no cookies that somebody else could use.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

/// Bounds how many requests are worked on, and how long.
pub(crate) async fn bounded(State(web): State<Web>, request: Request, next: Next) -> Response {
    let Ok(_permit) = web.requests.clone().try_acquire_owned() else {
        return Failure::busy().into_response();
    };
    let is_upload = request.method() == Method::POST && request.uri().path() == UPLOADS;
    let timeout = if is_upload { UPLOAD_TIMEOUT } else { web.config.timeout };
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::busy().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sites_own_pages_and_programs_may_change_things() {
        for (headers, same) in [
            (vec![], true),
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("origin", "https://help.example"), ("host", "help.example")], true),
            (vec![("origin", "https://evil.example"), ("host", "help.example")], false),
            (vec![("origin", "null"), ("host", "help.example")], false),
            (vec![("origin", "https://help.example")], false),
        ] {
            let map = headers
                .iter()
                .map(|&(name, value)| {
                    let name = header::HeaderName::from_static(name);
                    (name, HeaderValue::from_static(value))
                })
                .collect();
            assert_eq!(is_same_origin(&map), same, "{headers:?}");
            assert_eq!(says_same_origin(&map), same && !headers.is_empty(), "{headers:?}");
        }
    }
}
