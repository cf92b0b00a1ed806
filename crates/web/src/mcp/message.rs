//! Messages of JSON-RPC 2.0 as the Model Context Protocol frames them: which revision one speaks, and what is wrong with it.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// Names the revision; required from 2026-07-28 on.
const VERSION: &str = "mcp-protocol-version";
/// Repeat the body's method and the tool's name, for what stands between client and server.
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
/// What each request of the stateless revision says in its `_meta`.
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// Codes of JSON-RPC and of the protocol's own.
const PARSE_ERROR: i64 = -32_700;
const INVALID_REQUEST: i64 = -32_600;
const NO_METHOD: i64 = -32_601;
const INVALID_PARAMS: i64 = -32_602;
const INTERNAL: i64 = -32_603;
const HEADER_MISMATCH: i64 = -32_020;
const UNSUPPORTED_VERSION: i64 = -32_022;
/// Ours: the key lacks a scope.
const FORBIDDEN: i64 = -32_003;
/// Ours: too much at once, or too much by this key.
const BUSY: i64 = -32_004;

/// A revision of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revision {
    /// 2026-07-28: each request by itself.
    Stateless,
    /// 2025-11-25.
    Newest2025,
    /// 2025-06-18.
    Oldest,
}

impl Revision {
    /// Every revision, the newest first.
    pub(super) const ALL: [Self; 3] = [Self::Stateless, Self::Newest2025, Self::Oldest];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stateless => "2026-07-28",
            Self::Newest2025 => "2025-11-25",
            Self::Oldest => "2025-06-18",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == text)
    }
}

/// A message that came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// One that is answered.
    Call(Call),
    /// One that is not: nothing here depends on it.
    Notification,
}

/// A request.
#[derive(Debug)]
pub(super) struct Call {
    /// Text or a number; the answer has the same.
    pub(super) id: Value,
    pub(super) method: String,
    /// An object, or null where there are none.
    pub(super) params: Value,
    pub(super) revision: Revision,
}

/// Why a request is not done.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Value,
}

impl Refusal {
    fn new(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), data: Value::Null }
    }

    fn bad(code: i64, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn no_method(method: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, NO_METHOD, format!("no such method: {method}"))
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::OK, INVALID_PARAMS, message)
    }

    /// A scope is missing; `problem` says which, as the API says it.
    pub(super) fn forbidden(problem: Value) -> Self {
        let message = problem["detail"].as_str().unwrap_or("not allowed").to_owned();
        Self { data: problem, ..Self::new(StatusCode::OK, FORBIDDEN, message) }
    }

    pub(super) fn busy(problem: Value) -> Self {
        let message = problem["detail"].as_str().unwrap_or("too much at once").to_owned();
        Self { data: problem, ..Self::new(StatusCode::OK, BUSY, message) }
    }

    pub(super) fn internal() -> Self {
        Self::new(StatusCode::OK, INTERNAL, "something broke on our side; it has been logged")
    }

    /// As the revision wants it: until 2025 an unknown method was answered with 200.
    pub(super) fn at(self, revision: Revision) -> Self {
        let is_old = revision != Revision::Stateless && self.status == StatusCode::NOT_FOUND;
        Self { status: if is_old { StatusCode::OK } else { self.status }, ..self }
    }
}

/// Reads a message.
///
/// # Errors
/// The id, as far as there is one, and what is wrong.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Incoming, (Value, Refusal)> {
    let message: Value = serde_json::from_slice(body)
        .map_err(|_| (Value::Null, Refusal::bad(PARSE_ERROR, "the body is no JSON")))?;
    let id = match &message["id"] {
        id @ (Value::String(_) | Value::Number(_)) => id.clone(),
        _ => Value::Null,
    };
    let refused = |refusal: Refusal| (id.clone(), refusal);
    if !message.is_object() || message["jsonrpc"] != "2.0" {
        return Err(refused(Refusal::bad(INVALID_REQUEST, "send one message of JSON-RPC 2.0")));
    }
    let Some(method) = message["method"].as_str() else {
        // An answer to something that was never asked.
        return Ok(Incoming::Notification);
    };
    let params = &message["params"];
    if !(params.is_null() || params.is_object()) {
        return Err(refused(Refusal::bad(INVALID_REQUEST, "params: an object")));
    }
    let revision = revision(headers, method, params).map_err(refused)?;
    match message.get("id") {
        None => Ok(Incoming::Notification),
        Some(_) if id.is_null() => Err(refused(Refusal::bad(INVALID_REQUEST, "id: text or a number"))),
        Some(_) => {
            Ok(Incoming::Call(Call { id, method: method.to_owned(), params: params.clone(), revision }))
        }
    }
}

/// The revision that a request speaks, when it says so consistently.
fn revision(headers: &HeaderMap, method: &str, params: &Value) -> Result<Revision, Refusal> {
    let meta = &params["_meta"];
    let named = match header(headers, VERSION)? {
        None if meta[META_VERSION].is_null() => return Ok(Revision::Oldest),
        None => return Err(Refusal::bad(HEADER_MISMATCH, "the header MCP-Protocol-Version is missing")),
        Some(named) => named,
    };
    let Some(revision) = Revision::parse(named) else {
        let supported = Revision::ALL.map(Revision::as_str);
        let refusal = Refusal::bad(UNSUPPORTED_VERSION, format!("unsupported protocol version: {named}"));
        return Err(Refusal { data: json!({ "supported": supported, "requested": named }), ..refusal });
    };
    if revision != Revision::Stateless {
        return Ok(revision);
    }
    let mismatch = |what: &str| Err(Refusal::bad(HEADER_MISMATCH, format!("{what} and the body disagree")));
    if header(headers, METHOD)? != Some(method) {
        return mismatch("the header Mcp-Method");
    }
    if method == "tools/call" && header(headers, NAME)? != params["name"].as_str() {
        return mismatch("the header Mcp-Name");
    }
    // Notifications say nothing of themselves.
    if method.starts_with("notifications/") {
        return Ok(revision);
    }
    match &meta[META_VERSION] {
        Value::String(said) if said == named => {}
        Value::Null => return Err(Refusal::bad(INVALID_PARAMS, format!("_meta: {META_VERSION} is missing"))),
        _ => return mismatch("the header MCP-Protocol-Version"),
    }
    if !meta[META_CAPABILITIES].is_object() {
        return Err(Refusal::bad(INVALID_PARAMS, format!("_meta: {META_CAPABILITIES} is missing")));
    }
    Ok(revision)
}

/// A header that may be there once.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    let text = first.map(|value| value.to_str().map(str::trim));
    match (text.transpose(), values.next()) {
        (Ok(text), None) => Ok(text),
        _ => Err(Refusal::bad(HEADER_MISMATCH, format!("the header {name}: one plain value"))),
    }
}
