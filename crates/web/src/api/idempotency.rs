//! `Idempotency-Key`: a request that is sent again, because nobody heard the answer, is done once.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use desk::Claim;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::openapi::{
    OpenApi, Required,
    path::{ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};

use super::ARTICLE_BODY_BYTES;
use crate::{
    caller::{Client, Known},
    failure::Failure,
    state::Web,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the response is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const KEY_BYTES_MAX: usize = 255;
/// What these answer holds a secret, which is not to be stored readable: an unused one harms nobody.
const WITH_SECRETS: [&str; 6] = [
    "/api/v1/attachments",
    "/api/v1/conversations",
    "/api/v1/keys",
    "/api/v1/users",
    "/api/v1/webhooks",
    "/api/v1/me/totp",
];
/// What ends so answers a secret too: doing it twice harms nobody, the last one counts.
const SECRETS: [&str; 3] = ["/secret", "/invite", "/rotation"];
/// Headers that belong to the response.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// A response as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Does a POST with an `Idempotency-Key` once, and answers it again when it is sent again: 409 while it is being done, 422 when
/// another request has the key. What changed nothing gives its key back. What changed something and cannot say what came of it
/// keeps it, and is answered 409 from then on: it is not done again.
pub(crate) async fn once(
    State(web): State<Web>,
    client: Client,
    Extension(known): Extension<Arc<Known>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if request.method() != Method::POST || answers_a_secret(request.uri().path()) {
        return Ok(next.run(request).await);
    }
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    // The secret while it lives: who may no longer ask does not get an old answer either.
    let owner = match known.secret() {
        Some(secret) => hash(&[secret.as_bytes()]),
        None => client.address.to_string(),
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, ARTICLE_BODY_BYTES).await;
    let body = body.map_err(|_| Failure::too_large("the body is too large"))?;
    let request_hash = hash(&[parts.uri.to_string().as_bytes(), &body]);
    match web.desk.claim_request(&owner, &key, &request_hash).await? {
        Claim::New => {}
        Claim::Done(kept) => return again(&kept),
        Claim::Running => {
            return Err(Failure::new(
                StatusCode::CONFLICT,
                "conflict",
                "Idempotency-Key: a request with this key is being done, or was done and its answer was lost",
            ));
        }
        Claim::Taken => {
            return Err(Failure::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "Idempotency-Key: another request has this key",
            ));
        }
    }
    let request = Request::from_parts(parts, Body::from(body));
    // A caller who hangs up must not leave it half done and the key claimed.
    let done = tokio::spawn(async move {
        let (response, has_changed) = desk::noting_changes(next.run(request)).await;
        let outcome = Outcome::of(response.status(), has_changed);
        finish(&web, &owner, &key, response, outcome).await
    });
    done.await.map_err(|_| Failure::internal())?
}

/// Whether what is posted to a path is answered with a secret.
fn answers_a_secret(path: &str) -> bool {
    WITH_SECRETS.contains(&path) || SECRETS.iter().any(|ending| path.ends_with(ending))
}

/// Adds the header to every operation that takes it.
pub(crate) fn describe(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        if let Some(post) = item.post.as_mut().filter(|_| !answers_a_secret(path)) {
            let parameter = ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Any text of up to 255 characters. Sent again within 24 hours, the request is not done again but answered as \
                     the first time, with `Idempotency-Replayed: true`; 409 while it is being done or if its answer was lost, 422 with another request.",
                ))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(KEY_BYTES_MAX))))
                .build();
            post.parameters.get_or_insert_default().push(parameter.into());
        }
    }
}

/// The key of a request that is to be done once.
fn key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(Failure::bad_request("Idempotency-Key: 1 to 255 visible ASCII characters"));
    }
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("text/event-stream") {
        return Err(Failure::bad_request("Idempotency-Key: a stream is not kept; ask for application/json"));
    }
    Ok(Some(key.to_owned()))
}

/// What becomes of a key once its request was handled.
enum Outcome {
    /// It tells of something done: the response is kept.
    Kept,
    /// Nothing was changed: the request may be sent again.
    Free,
    /// Something was done, and what came of it could not be told: the request is not done again.
    Lost,
}

impl Outcome {
    fn of(status: StatusCode, has_changed: bool) -> Self {
        match has_changed {
            _ if status.is_success() => Self::Kept,
            true => Self::Lost,
            false => Self::Free,
        }
    }
}

async fn finish(
    web: &Web,
    owner: &str,
    key: &str,
    response: Response,
    outcome: Outcome,
) -> Result<Response, Failure> {
    match outcome {
        Outcome::Lost => return Ok(response),
        Outcome::Free => {
            web.desk.release_request(owner, key).await?;
            return Ok(response);
        }
        Outcome::Kept => {}
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Failure::internal())?;
    let of = |name: &HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    };
    let kept = Kept {
        status: parts.status.as_u16(),
        headers: KEPT.iter().filter_map(of).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let json = serde_json::to_string(&kept).map_err(|_| Failure::internal())?;
    if let Err(error) = web.desk.finish_request(owner, key, &json).await {
        // Who asked hears what came of it now; sent again it is answered 409.
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep a response under its key");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(kept: &str) -> Result<Response, Failure> {
    let kept: Kept = serde_json::from_str(kept).map_err(|_| Failure::internal())?;
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).map_err(|_| Failure::internal())?;
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())
}
