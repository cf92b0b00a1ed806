//! The client against a scripted server: streams, stalls, refusals, half answers and rubbish.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::*;
use crate::{OutboundClient, llm::ChatClient, testing::Server};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const DONE: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
const KEY: &str = "sk-very-secret";

fn said(text: &str) -> String {
    format!("data: {}\n\n", serde_json::json!({ "choices": [{ "delta": { "content": text } }] }))
}

fn status(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

async fn client(answers: Vec<String>) -> (Server, ChatClient) {
    let server = Server::answering(answers).await;
    let http = OutboundClient::allowing(&server.url()).unwrap();
    let client = ChatClient::new(http, &format!("{}/v1/", server.url()), "tiny", Some(KEY.to_owned()));
    (server, client)
}

/// Stalls are cases of their own; all others have time.
fn hurried(client: ChatClient) -> ChatClient {
    let limits = ChatLimits {
        first_token: Duration::from_millis(200),
        total: Duration::from_millis(400),
        ..ChatLimits::default()
    };
    client.with_limits(limits)
}

/// The text that came before the end or the error.
async fn ask(client: &ChatClient) -> (String, Option<LlmError>) {
    let mut text = String::new();
    match client.stream("rules", "question").await {
        Err(error) => (text, Some(error)),
        Ok(mut stream) => {
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) => text.push_str(&piece),
                    Err(error) => return (text, Some(error)),
                }
            }
            (text, None)
        }
    }
}

#[tokio::test]
async fn an_answer_streams_and_the_request_is_the_protocol() {
    let (server, client) = client(vec![[OK, ": hi\n\n", &said("Open "), &said("it."), DONE].concat()]).await;
    assert_eq!(ask(&client).await, ("Open it.".to_owned(), None));
    let request = server.requests().remove(0);
    assert!(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer sk-very-secret"));
    let body: serde_json::Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let messages = serde_json::json!([
        { "role": "system", "content": "rules" },
        { "role": "user", "content": "question" },
    ]);
    let expected = serde_json::json!({
        "model": "tiny", "stream": true, "temperature": 0, "max_tokens": 600, "messages": messages,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn bad_answers_are_errors_after_what_was_good() {
    for (what, answer, text, error) in [
        ("half", [OK, &said("Open")].concat(), "Open", LlmError::Cut),
        ("nothing", OK.to_owned(), "", LlmError::Cut),
        (
            "rubbish",
            [OK, &said("A"), "data: {oops\n\n"].concat(),
            "A",
            LlmError::Invalid("not JSON of the expected shape"),
        ),
        ("web page", [OK, "<html>hello</html>"].concat(), "", LlmError::Cut),
        ("an error", [OK, "data: {\"error\":{}}\n\n"].concat(), "", LlmError::Invalid("it reports an error")),
        (
            "cut chunks",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nda".to_owned(),
            "",
            LlmError::Cut,
        ),
        ("no http", "hello\r\n\r\n".to_owned(), "", LlmError::Outbound(OutboundError::Failed)),
        ("unauthorised", status("401 Unauthorized"), "", LlmError::Status(401)),
        ("redirect", status("302 Found\r\nlocation: http://169.254.169.254/"), "", LlmError::Status(302)),
    ] {
        let (_server, client) = client(vec![answer]).await;
        assert_eq!(ask(&client).await, (text.to_owned(), Some(error)), "{what}");
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_twice_at_most() {
    let busy = || status("429 Too Many Requests\r\nretry-after: 0");
    let good = [OK, &said("Yes."), DONE].concat();
    let (server, client) = client(vec![busy(), status("503 Service Unavailable"), good]).await;
    assert_eq!(ask(&client).await, ("Yes.".to_owned(), None));
    assert_eq!(server.n_requests(), 3);

    let (server, client) = self::client(vec![busy()]).await;
    assert_eq!(ask(&client).await.1, Some(LlmError::Status(429)));
    assert_eq!(server.n_requests(), 3);

    let (server, client) = self::client(vec![status("429 Too Many Requests\r\nretry-after: 60")]).await;
    assert_eq!(ask(&client).await.1, Some(LlmError::Status(429)));
    assert_eq!(server.n_requests(), 1);
}

#[tokio::test]
async fn a_server_that_stalls_is_late() {
    for (what, before, text) in [
        ("before its headers", String::new(), ""),
        ("before its first word", OK.to_owned(), ""),
        ("with comments only", [OK, ": still there\n\n"].concat(), ""),
        ("in the middle", [OK, &said("Open")].concat(), "Open"),
    ] {
        let (_server, client) = client(vec![before + Server::STALL]).await;
        assert_eq!(ask(&hurried(client)).await, (text.to_owned(), Some(LlmError::Late)), "{what}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_stopped() {
    let (_server, client) = client(vec![[OK, &said(&"x".repeat(1_000)).repeat(100)].concat()]).await;
    let client = client.with_limits(ChatLimits { bytes_max: 20_000, ..ChatLimits::default() });
    let (_, error) = ask(&client).await;
    assert_eq!(error, Some(LlmError::TooLong));
}

#[tokio::test]
async fn after_repeated_failures_nobody_is_asked() {
    let (server, client) = client(vec![status("401 Unauthorized")]).await;
    for _ in 0..crate::llm::circuit::FAILURES_MAX {
        assert_eq!(ask(&client).await.1, Some(LlmError::Status(401)));
    }
    let n_requests = server.n_requests();
    assert_eq!(ask(&client.clone()).await.1, Some(LlmError::CircuitOpen));
    assert_eq!(server.n_requests(), n_requests);
}

#[tokio::test]
async fn the_key_is_in_no_text_about_the_client_or_its_errors() {
    let (_server, client) = client(vec![status("401 Unauthorized")]).await;
    let (_, error) = ask(&client).await;
    assert!(!format!("{client:?} {error:?} {}", error.as_ref().unwrap()).contains(KEY));
}
