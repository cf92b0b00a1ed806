//! `Idempotency-Key`: what is sent twice is done once.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, bold};

use crate::databases::{behind_its_back, on_postgres};

const PATH: &str = "/api/v1/articles";

fn article(title: &str) -> Value {
    json!({ "title": title, "locale": "en", "body": "Press the lever." })
}

async fn titles(app: &TestApp, key: &str) -> Vec<String> {
    let listed = app.get(PATH, Some(key)).await.expect(200).json();
    let articles = listed["articles"].as_array().expect("articles").clone();
    articles.iter().map(|article| article["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_and_not_done_again() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let create = async |title: &str, bearer: &str, once: &str| {
        app.send(Method::POST, PATH, Some(bearer), Some(article(title)), &[("idempotency-key", once)]).await
    };
    let first = create("Levers", &key, "k1").await.expect(201);
    let again = create("Levers", &key, "k1").await.expect(201);
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    for name in ["etag", "location", "content-type"] {
        assert_eq!(again.header(name), first.header(name));
    }
    assert_eq!(titles(&app, &key).await, ["Levers"]);

    create("Wheels", &key, "k1").await.problem(422);
    create("Wheels", &key, "k2").await.expect(201);
    // Somebody else's key of the same name is another one.
    let other = app.key(&[Scope::KbRead, Scope::KbWrite]).await;
    create("Pulleys", &other, "k1").await.expect(201);
    assert_eq!(titles(&app, &key).await.len(), 3);
    create("Springs", &key, "").await.problem(400);
    create("Springs", &key, &"k".repeat(256)).await.problem(400);

    app.clock.advance(25 * 60 * 60);
    app.desk().forget_expired().await.expect("forgotten");
    create("Wheels", &key, "k1").await.expect(201);
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again_under_its_key() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let reader = app.key(&[Scope::KbRead]).await;
    let send = async |bearer: &str, body: Value| {
        app.send(Method::POST, PATH, Some(bearer), Some(body), &[("idempotency-key", "k")]).await
    };
    send(&key, article("")).await.problem(422);
    send(&key, article("Levers")).await.expect(201);
    send(&reader, article("Levers")).await.problem(403);
    send("ask_nobody", article("Levers")).await.problem(401);
}

#[tokio::test]
async fn ten_at_once_are_one() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let body = article("Levers");
    let headers = [("idempotency-key", "k")];
    let sent = (0..10).map(|_| app.send(Method::POST, PATH, Some(&key), Some(body.clone()), &headers));
    for answer in futures_util::future::join_all(sent).await {
        // The others hear that it is being done, or what came of it.
        assert!([201, 409].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.text);
    }
    assert_eq!(titles(&app, &key).await, ["Levers"]);
}

#[tokio::test]
async fn a_turn_is_asked_once_and_a_stream_takes_no_key() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let conversation = app.conversation().await;
    let (id, token) = &conversation;
    let path = format!("/api/v1/conversations/{id}/turns");
    let ask = async |headers: &[(&str, &str)]| {
        let body = Some(json!({ "text": "How do I reset my password?" }));
        app.send(Method::POST, &path, Some(token), body, headers).await
    };
    let first = ask(&[("idempotency-key", "k")]).await.expect(200);
    assert_eq!(ask(&[("idempotency-key", "k")]).await.expect(200).text, first.text);
    let read = app.read(&conversation).await;
    assert_eq!(read["turns"].as_array().expect("turns").len(), 2, "one question, one answer: {read}");
    ask(&[("idempotency-key", "s"), ("accept", "text/event-stream")]).await.problem(400);
}

#[tokio::test]
async fn secrets_are_not_kept() {
    let app = TestApp::start().await;
    let send = async || {
        let body = Some(json!({ "locale": "en" }));
        let headers = [("idempotency-key", "k")];
        app.send(Method::POST, "/api/v1/conversations", None, body, &headers).await
    };
    let first = send().await;
    let second = send().await;
    assert_eq!(first.status, 201);
    assert_ne!(first.json()["token"], second.json()["token"]);
}

#[tokio::test]
async fn what_was_done_is_not_done_again_when_its_answer_is_lost() {
    lost(bold()).await;
}

#[tokio::test]
async fn what_was_done_is_not_done_again_when_its_answer_is_lost_on_postgres() {
    on_postgres(lost).await;
}

async fn lost(config: app::Config) {
    let app = TestApp::start_with(config.clone()).await;
    let key = app.master_key().await;
    let open = async |once: &str| {
        let new = json!({ "subject": "Levers", "body": "They are stuck." });
        app.send(Method::POST, "/api/v1/tickets", Some(&key), Some(new), &[("idempotency-key", once)]).await
    };
    // The answer is put together from what is read once everything is committed.
    behind_its_back(&app, &config, "ALTER TABLE ticket_sla RENAME TO ticket_sla_away").await;
    open("k1").await.problem(500);
    let again = open("k1").await.problem(409);
    assert!(again["detail"].as_str().unwrap().contains("its answer was lost"), "{again}");
    behind_its_back(&app, &config, "ALTER TABLE ticket_sla_away RENAME TO ticket_sla").await;
    open("k1").await.problem(409);
    assert_eq!(app.tickets(&key).await.len(), 1);

    // What failed before anything was done is free.
    behind_its_back(&app, &config, "ALTER TABLE messages RENAME TO messages_away").await;
    open("k2").await.problem(500);
    behind_its_back(&app, &config, "ALTER TABLE messages_away RENAME TO messages").await;
    open("k2").await.expect(201);
    assert_eq!(app.tickets(&key).await.len(), 2);
}
