//! Each bot turn can be looked into and asked again.

use serde_json::{Value, json};
use tests::{INVOICES, PASSWORD, TestApp, bold};

async fn replay(app: &TestApp, key: &str, said: &Value) -> Value {
    let path = format!("/api/v1/traces/{}/replay", said["trace_id"].as_str().expect("an id"));
    app.post(&path, Some(key), json!({})).await.expect(200).json()
}

#[tokio::test]
async fn a_replay_says_the_same_until_the_articles_change() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    app.publish(&key, INVOICES).await;
    let conversation = app.conversation().await;
    app.ask(&conversation, "Where are the invoices?").await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    app.ask(&conversation, "I want to talk to a human").await;
    let before = app.read(&conversation).await;
    let same = replay(&app, &key, &said).await;
    assert_eq!((&same["same"], &same["now"]["text"]), (&json!(true), &said["text"]), "{same}");
    app.unpublish(&key, &id).await;
    let changed = replay(&app, &key, &said).await;
    assert_eq!(changed["same"], false, "{changed}");
    assert_eq!(changed["trace"]["decision"]["text"], said["text"], "the trace stays");
    assert!(!changed["now"].to_string().contains(PASSWORD.slug), "{changed}");
    assert_eq!(app.read(&conversation).await, before, "a replay leaves nothing in the conversation");
}

#[tokio::test]
async fn an_empty_help_center_hands_over_and_says_that_it_looked() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let said = app.ask(&app.conversation().await, "Where are the invoices?").await;
    assert_eq!(said["kind"], "handoff", "nothing is published: {said}");
    let path = format!("/api/v1/traces/{}", said["trace_id"].as_str().expect("an id"));
    let trace = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!(trace["candidates"], json!([]));
    assert_eq!(trace["question"], "Where are the invoices?");
}
