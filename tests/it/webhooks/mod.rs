//! Webhooks: told at least once, signed, in order about each thing, and never where they must not go.

mod failing;
mod managing;
mod telling;

use axum::http::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tests::{Heard, Receiver, TestApp, settings};

pub(crate) const DAY_S: i64 = 86_400;

/// Askwell that may tell receivers of this machine, and waits half a second for their answers.
pub(crate) async fn start() -> (TestApp, String) {
    let config = settings(json!({ "webhooks": { "allow": ["127.0.0.1"], "timeout_ms": 500 } }));
    let app = TestApp::start_with(config).await;
    let key = app.master_key().await;
    (app, key)
}

/// Makes a webhook; gives its path and its secret.
pub(crate) async fn webhook(
    app: &TestApp,
    key: &str,
    receiver: &Receiver,
    types: &[&str],
) -> (String, String) {
    let new = json!({ "url": receiver.url(), "types": types });
    let made = app.post("/api/v1/webhooks", Some(key), new).await.expect(201).json();
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (format!("/api/v1/webhooks/{}", text("id")), text("secret"))
}

/// Opens a ticket; gives it.
pub(crate) async fn ticket(app: &TestApp, key: &str) -> Value {
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "message": "Somebody call me." })).await;
    app.ticket(key, number).await
}

pub(crate) async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
}

pub(crate) async fn deliver(app: &TestApp) -> usize {
    app.desk().deliver_webhooks().await.expect("delivered")
}

pub(crate) async fn log(app: &TestApp, key: &str, webhook: &str, query: &str) -> Vec<Value> {
    let path = format!("{webhook}/deliveries{query}");
    app.get(&path, Some(key)).await.expect(200).json()["deliveries"].as_array().expect("messages").clone()
}

pub(crate) async fn read(app: &TestApp, key: &str, webhook: &str) -> Value {
    app.get(webhook, Some(key)).await.expect(200).json()
}

pub(crate) fn types(heard: &[Heard]) -> Vec<String> {
    heard.iter().map(|one| one.json()["type"].as_str().expect("a type").to_owned()).collect()
}

/// Checks a message as a receiver does, with an implementation that is not ours.
#[track_caller]
pub(crate) fn verify(heard: &Heard, secret: &str) {
    let receiver = Webhook::new(secret).expect("a secret");
    let signed = receiver.sign(heard.id(), heard.timestamp(), heard.body.as_bytes()).expect("signed");
    let signatures = heard.header("webhook-signature");
    assert!(signatures.split(' ').any(|one| one == signed), "{signed} is not in {signatures}");
}
