//! A language model behind an OpenAI-compatible address, which says what a test wants it to say.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it does with a request.
#[derive(Debug, Clone)]
pub enum Says {
    /// Streams these pieces and ends properly.
    Pieces(Vec<String>),
    /// Streams these pieces, then nothing more, with the connection open.
    ThenStalls(Vec<String>),
    /// Streams these pieces, then the connection breaks.
    ThenBreaks(Vec<String>),
    /// Sends this as the stream.
    Raw(String),
    /// Refuses.
    Status(u16),
    /// Says nothing at all.
    Nothing,
}

impl Says {
    /// Streams a text a word at a time.
    pub fn text(text: &str) -> Self {
        Self::Pieces(text.split_inclusive(' ').map(str::to_owned).collect())
    }
}

/// The server. It ends with the test's runtime.
pub struct LanguageModel {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// A request: its `Authorization` and its body.
type Heard = (Option<String>, Value);

#[derive(Clone)]
struct Script {
    says: Says,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl LanguageModel {
    /// Starts on a free port of this machine.
    pub async fn start(says: Says) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Script { says, heard: Arc::clone(&heard) });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, heard }
    }

    /// What a site writes as `llm.base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The requests so far, as text: `Authorization` and body.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn complete(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let heard = (authorization.map(str::to_owned), body);
    script.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    match script.says {
        Says::Pieces(pieces) => streamed(events(&pieces) + &end()),
        Says::ThenStalls(pieces) => streaming(events(&pieces), stream::pending().boxed()),
        Says::ThenBreaks(pieces) => {
            let broken = stream::iter([Err(io::Error::other("the connection breaks"))]);
            streaming(events(&pieces), broken.boxed())
        }
        Says::Raw(text) => streamed(text),
        Says::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Says::Nothing => std::future::pending().await,
    }
}

fn events(pieces: &[String]) -> String {
    pieces
        .iter()
        .map(|piece| {
            let chunk = json!({
                "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
                "choices": [{ "index": 0, "delta": { "content": piece }, "finish_reason": null }],
            });
            format!("data: {chunk}\n\n")
        })
        .collect()
}

fn end() -> String {
    let last = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }],
    });
    format!("data: {last}\n\ndata: [DONE]\n\n")
}

fn streamed(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream")], text).into_response()
}

fn streaming(text: String, rest: stream::BoxStream<'static, io::Result<String>>) -> Response {
    let body = Body::from_stream(stream::iter([Ok(text)]).chain(rest));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}
