//! Requests to a running server, in somebody's name.

use reqwest::Client;
use serde_json::Value;

use crate::{program::Server, serve::client};

/// Who asks.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    base: String,
    bearer: String,
}

impl Caller {
    /// With a key or a conversation's token; with neither where it is empty.
    pub(crate) fn new(server: &Server, bearer: &str) -> Self {
        Self { client: client(), base: server.base.clone(), bearer: bearer.to_owned() }
    }

    /// The same connections in another name.
    pub(crate) fn with(&self, bearer: &str) -> Self {
        Self { bearer: bearer.to_owned(), ..self.clone() }
    }

    /// The answer as it begins to come, or `None` once the server is gone. Null is no body.
    pub(crate) async fn open(&self, method: &str, path: &str, body: &Value) -> Option<reqwest::Response> {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !self.bearer.is_empty() {
            request = request.bearer_auth(&self.bearer);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await.ok()
    }

    /// The status and the body, null where it is no JSON; `None` once the server is gone.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let answer = self.open(method, path, body).await?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// What a request gives that must succeed; `None` once the server is gone.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Option<Value> {
        let (status, answer) = self.send(method, path, &body).await?;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        Some(answer)
    }
}
