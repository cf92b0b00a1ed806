//! Following what happens: in order, from a place on, and only what the key may know of.

use std::time::Duration;

use axum::{body::BodyDataStream, http::Method};
use domain::Scope;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tests::{CONTACTS, PASSWORD, TestApp};

/// Far longer than an event takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the stream until this many events have come.
async fn read(stream: &mut BodyDataStream, n: usize) -> Vec<Value> {
    let mut text = String::new();
    let mut events = vec![];
    while events.len() < n {
        let piece = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time");
        let piece = piece.expect("the stream goes on").expect("a piece");
        text.push_str(std::str::from_utf8(&piece).expect("text"));
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        events = data.filter_map(|data| serde_json::from_str(data).ok()).collect();
    }
    events
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

#[tokio::test]
async fn what_happens_is_told_in_order_and_from_a_place_on() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let mut stream = app.follow("/api/v1/events", &key, &[]).await;
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(&key, number).await;
    app.write(&key, &ticket, "note", "Look at this.").await;
    app.publish(&key, CONTACTS).await;
    let opened = kinds_after(&app, &key, "0").await;
    let told = read(&mut stream, opened.len() - 1).await;
    assert_eq!(kinds(&told), opened[1..], "what was before is not told");
    assert!(told.iter().any(|event| event["ticket_id"] == ticket["id"]), "{told:?}");
    let seqs: Vec<i64> = told.iter().map(|event| event["seq"].as_i64().expect("a number")).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");

    let from = seqs[0].to_string();
    let mut again = app.follow("/api/v1/events", &key, &[("last-event-id", &from)]).await;
    assert_eq!(read(&mut again, told.len() - 1).await, told[1..]);
    let mut articles = app.follow("/api/v1/events?after=0&types=article_published", &key, &[]).await;
    assert_eq!(read(&mut articles, 2).await.len(), 2);
    for path in ["/api/v1/events?types=nothing", "/api/v1/events?after=x"] {
        app.get(path, Some(&key)).await.problem(400);
    }
    app.send(Method::GET, "/api/v1/events", Some(&key), None, &[("last-event-id", "x")]).await.problem(400);
    app.clock.advance(8 * 24 * 60 * 60);
    app.desk().forget_expired().await.expect("forgotten");
    app.get("/api/v1/events?after=1", Some(&app.master_key().await)).await.problem(410);
}

/// The kinds of all that happened after an event, as a key sees it that may see all.
async fn kinds_after(app: &TestApp, key: &str, seq: &str) -> Vec<String> {
    let principal = app.desk().key_principal(key).await.expect("read").expect("a key");
    let happened =
        app.desk().happened_after(&principal, seq.parse().expect("a number")).await.expect("events");
    happened.entries.iter().map(|entry| entry.event.kind().to_owned()).collect()
}

#[tokio::test]
async fn a_key_hears_only_what_it_may_know_of_and_nothing_once_it_is_dead() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let reader = app.key(&[Scope::KbRead]).await;
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    app.hand_off(&conversation, form).await;
    app.publish(&key, PASSWORD).await;
    let mut stream = app.follow("/api/v1/events?after=0", &reader, &[]).await;
    assert_eq!(kinds(&read(&mut stream, 1).await), ["article_published"]);
    let keys = app.get("/api/v1/keys", Some(&key)).await.expect(200).json();
    let all = keys["keys"].as_array().expect("keys");
    let of_reader = all.iter().find(|key| key["scopes"] == json!(["kb:read"])).expect("the key");
    let path = format!("/api/v1/keys/{}", of_reader["id"].as_str().expect("an id"));
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.publish(&key, CONTACTS).await;
    let rest = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time");
    assert!(rest.is_none(), "{rest:?}");
    let (_, token) = conversation;
    app.get("/api/v1/events", Some(&token)).await.problem(403);
    app.get("/api/v1/events", None).await.problem(401);
}

#[tokio::test]
async fn a_key_for_customers_hears_of_them() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let crm = app.key(&[Scope::CustomersRead]).await;
    let mut stream = app.follow("/api/v1/events", &crm, &[]).await;
    let agents = app.key(&[Scope::TicketsRead]).await;
    let mut tickets = app.follow("/api/v1/events", &agents, &[]).await;
    let new = json!({ "name": "Cy", "identities": [{ "kind": "email", "value": "cy@example.org" }] });
    let cy = app.post("/api/v1/customers", Some(&key), new).await.expect(201).json();
    app.hand_off(&app.conversation().await, json!({ "message": "My printer is on fire" })).await;
    let path = format!("/api/v1/customers/{}", cy["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "name": "Cy Quokka" })), &[]).await.expect(200);
    let told = read(&mut stream, 1).await;
    assert!(kinds(&told).iter().all(|kind| *kind == "customer_changed"), "{told:?}");
    let told = read(&mut tickets, 2).await;
    assert!(!kinds(&told).contains(&"customer_changed"), "{told:?}");
    // A place beyond the last one is the last one.
    let far = i64::MAX.to_string();
    let mut stream = app.follow("/api/v1/events", &crm, &[("last-event-id", &far)]).await;
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "name": "Cy" })), &[]).await.expect(200);
    assert_eq!(kinds(&read(&mut stream, 1).await), ["customer_changed"]);
}
