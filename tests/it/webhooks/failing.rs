//! Receivers that are gone, slow or behind, and a process that dies.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tests::{Receiver, Reply, TestApp, settings};

use super::{DAY_S, change, deliver, log, read, start, ticket, webhook};

#[tokio::test]
async fn one_that_says_gone_or_fails_for_days_is_disabled_with_the_reason() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(410)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    ticket(&app, &key).await;
    ticket(&app, &key).await;
    deliver(&app).await;
    let gone = app.get(&path, Some(&key)).await.expect(200);
    assert_ne!(gone.header("etag"), "\"1\"");
    let gone = gone.json();
    assert_eq!((&gone["state"], &gone["disabled_reason"]), (&json!("disabled"), &json!("gone")));
    assert_eq!(log(&app, &key, &path, "?state=failed").await.len(), 2);
    receiver.heard();
    ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 0, "one that is disabled hears nothing");
    app.post(&format!("{path}/test"), Some(&key), json!({})).await.problem(409);

    receiver.always(Reply::Status(500));
    let enable = Some(json!({ "state": "enabled" }));
    let enabled = app.send(Method::PATCH, &path, Some(&key), enable, &[]).await.expect(200).json();
    assert_eq!((&enabled["state"], &enabled["disabled_reason"]), (&json!("enabled"), &Value::Null));
    assert_eq!(deliver(&app).await, 0, "what happened while it was disabled is not told");
    for day in 0..6 {
        assert_eq!(read(&app, &key, &path).await["state"], "enabled", "after {day} days");
        ticket(&app, &key).await;
        deliver(&app).await;
        app.clock.advance(DAY_S);
    }
    let failing = read(&app, &key, &path).await;
    assert_eq!((&failing["state"], &failing["disabled_reason"]), (&json!("disabled"), &json!("failing")));
    assert!(log(&app, &key, &path, "?state=waiting").await.is_empty());
}

#[tokio::test]
async fn a_process_that_dies_forgets_nothing_and_tells_nothing_twice_that_was_answered() {
    let (mut app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened", "ticket_changed"]).await;
    // It dies before anything was queued,
    let first = ticket(&app, &key).await;
    app.restart().await;
    assert_eq!(deliver(&app).await, 1);
    // after an answer was recorded,
    app.restart().await;
    assert_eq!(deliver(&app).await, 0);
    receiver.heard();
    // and while a message is on its way.
    receiver.then([Reply::Stalls]);
    change(&app, &key, &first, json!({ "priority": "high" })).await;
    change(&app, &key, &first, json!({ "priority": "low" })).await;
    let desk = app.desk().clone();
    let sending = tokio::spawn(async move { desk.deliver_webhooks().await });
    receiver.has_heard(1).await;
    sending.abort();
    let _ = sending.await;
    app.restart().await;
    assert_eq!(deliver(&app).await, 0, "somebody may still be sending it");
    app.clock.advance(16);
    assert_eq!(deliver(&app).await, 2);
    let heard = receiver.heard();
    let seqs: Vec<i64> = heard.iter().filter_map(|one| one.json()["data"]["seq"].as_i64()).collect();
    assert_eq!((seqs.len(), seqs[0] == seqs[1], seqs[1] < seqs[2]), (3, true, true), "{seqs:?}");
    assert_eq!(heard[0].id(), heard[1].id(), "what may come twice has one id");
    // A week without a process: what is old is told before it is forgotten.
    ticket(&app, &key).await;
    app.stop();
    app.clock.advance(8 * DAY_S);
    app.start_again().await;
    app.desk().forget_expired().await.expect("forgotten");
    assert_eq!(deliver(&app).await, 1);
    assert!(log(&app, &key, &path, "?state=waiting").await.is_empty());
}

#[tokio::test]
async fn a_slow_receiver_delays_no_other() {
    let config = settings(json!({ "webhooks": { "allow": ["127.0.0.1"], "timeout_ms": 30_000 } }));
    let app = TestApp::start_with(config).await;
    let key = app.master_key().await;
    let (slow, quick) = (Receiver::start(Reply::Stalls).await, Receiver::start(Reply::Status(200)).await);
    webhook(&app, &key, &slow, &["ticket_opened"]).await;
    let (path, _) = webhook(&app, &key, &quick, &["ticket_opened"]).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let desk = app.desk().clone();
    let worker = tokio::spawn(async move { desk.run_worker(stopped).await });
    for _ in 0..12 {
        ticket(&app, &key).await;
    }
    quick.has_heard(12).await;
    slow.has_heard(4).await;
    assert_eq!(slow.heard().len(), 4, "four at a time");
    stop.send(true).expect("it runs");
    tokio::time::timeout(Duration::from_secs(20), worker).await.expect("it stops").expect("in order");
    assert!(log(&app, &key, &path, "?state=queued").await.is_empty());
}

#[tokio::test]
async fn one_that_falls_far_behind_is_disabled() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    let url = format!("sqlite://{}", app.data().join("askwell.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the database");
    sqlx::query(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n <= 100000) \
         INSERT INTO webhook_deliveries (id, webhook_id, kind, subject, body, state, n_attempts, n_failures, \
         next_at_ms, created_at_ms) SELECT 'M' || n, $1, 'ticket_opened', 't' || n, '{}', 'waiting', 0, 0, \
         9000000000000, 0 FROM numbers",
    )
    .bind(path.rsplit('/').next())
    .execute(&mut connection)
    .await
    .expect("queued");
    ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 0);
    let behind = read(&app, &key, &path).await;
    assert_eq!((&behind["state"], &behind["disabled_reason"]), (&json!("disabled"), &json!("behind")));
    assert!(log(&app, &key, &path, "?state=waiting").await.is_empty());
}
