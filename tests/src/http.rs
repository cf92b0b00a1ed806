//! Requests to the router, without a socket.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, Response, StatusCode, header, response},
};
use serde_json::Value;
use tower::ServiceExt as _;

/// Most bytes of an answer that a test reads.
const BODY_BYTES_MAX: usize = 16 << 20;

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The same answer, when it has this status.
    ///
    /// # Panics
    /// When it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// The problem (RFC 9457) that an error of the API is, with all its parts.
    ///
    /// # Panics
    /// When it has another status, or is no problem.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for part in ["type", "title", "detail", "instance"] {
            assert!(problem[part].as_str().is_some_and(|text| !text.is_empty()), "{part} of {problem}");
        }
        problem
    }

    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The events of a stream: name and data.
    pub fn events(&self) -> Vec<(String, Value)> {
        self.text
            .split("\n\n")
            .filter_map(|event| {
                let part = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let data = serde_json::from_str(part("data:")?).ok()?;
                Some((part("event:")?.to_owned(), data))
            })
            .collect()
    }
}

/// Sends a request with a JSON body, if there is one.
pub(crate) async fn send(
    router: &Router,
    method: Method,
    path: &str,
    bearer: Option<&str>,
    body: Option<Value>,
    extra: &[(&str, &str)],
) -> Answer {
    raw(router, request(method, path, bearer, body, extra)).await
}

/// A request with a JSON body, if there is one.
pub(crate) fn request(
    method: Method,
    path: &str,
    bearer: Option<&str>,
    body: Option<Value>,
    extra: &[(&str, &str)],
) -> Request<Body> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
    let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(address));
    if let Some(bearer) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
    }
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    let body = match body {
        None => Body::empty(),
        Some(json) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(json.to_string())
        }
    };
    request.body(body).expect("the request is well formed")
}

/// Sends any request, and reads the answer to its end.
pub(crate) async fn raw(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = sent(router, request).await.into_parts();
    read(parts, body).await
}

/// Sends any request, and reads the answer unless it is a stream of events.
pub(crate) async fn begun(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = sent(router, request).await.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_stream = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
    read(parts, if is_stream { Body::empty() } else { body }).await
}

async fn sent(router: &Router, mut request: Request<Body>) -> Response<Body> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(address));
    router.clone().oneshot(request).await.expect("the router cannot fail")
}

async fn read(parts: response::Parts, body: Body) -> Answer {
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.expect("the body can be read");
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}
