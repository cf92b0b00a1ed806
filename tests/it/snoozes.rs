//! Tickets that rest until a time, or until the customer writes.

use axum::http::Method;
use domain::Principal;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const HOUR: i64 = 3_600;

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Answer {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await
}

async fn n(app: &TestApp, key: &str, filter: &str) -> Value {
    app.get(&format!("/api/v1/tickets/count?filter={filter}"), Some(key)).await.expect(200).json()["n"]
        .clone()
}

async fn kinds(app: &TestApp) -> Vec<&'static str> {
    let happened = app.desk().happened_after(&Principal::System, 0).await.unwrap();
    happened.entries.iter().map(|entry| entry.event.kind()).collect()
}

#[tokio::test]
async fn a_snoozed_ticket_wakes_at_its_time_and_is_told_once() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Later" })).await.expect(201).json();
    change(&app, &key, &ticket, json!({ "status": "pending" })).await.expect(200);
    let until = json!({ "snoozed_until": "2026-01-01T02:00:00Z" });
    let asleep = change(&app, &key, &ticket, until).await.expect(200).json();
    assert_eq!(asleep["snoozed_until"], "2026-01-01T02:00:00Z");
    assert_eq!(n(&app, &key, "snoozed:none").await, 0);
    assert_eq!(n(&app, &key, "-snoozed:none").await, 1);
    assert_eq!(n(&app, &key, "status:pending%20snoozed:today").await, 1);
    assert_eq!(app.desk().wake_snoozed().await.unwrap(), 0);
    app.clock.advance(2 * HOUR);
    app.restart().await;
    // Two processes look at the same moment.
    let (one, two) = tokio::join!(app.desk().wake_snoozed(), app.desk().wake_snoozed());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    let awake = app.ticket(&key, 1).await;
    assert_eq!((&awake["snoozed_until"], &awake["status"]), (&Value::Null, &json!("open")));
    let last: Vec<_> = awake["history"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .take(2)
        .map(|entry| json!([entry["author"], entry["field"], entry["from"], entry["to"]]))
        .collect();
    assert_eq!(
        json!(last),
        json!([
            ["system", "snoozed_until", "2026-01-01T02:00:00Z", null],
            ["system", "status", "pending", "open"]
        ])
    );
    let kinds = kinds(&app).await;
    assert_eq!(kinds.iter().filter(|kind| **kind == "ticket_woken").count(), 1);
    assert_eq!(app.desk().wake_snoozed().await.unwrap(), 0);
}

#[tokio::test]
async fn a_customer_who_writes_wakes_it_before() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "message": "Help" })).await;
    let ticket = app.ticket(&key, number).await;
    change(&app, &key, &ticket, json!({ "snoozed_until": "2026-01-03T00:00:00Z" })).await.expect(200);
    app.ask(&conversation, "Are you there?").await;
    let awake = app.ticket(&key, number).await;
    assert_eq!((&awake["snoozed_until"], &awake["status"]), (&Value::Null, &json!("new")));
    assert!(!kinds(&app).await.contains(&"ticket_woken"), "its time had not come");
    // By hand too, and by what makes it done.
    change(&app, &key, &ticket, json!({ "snoozed_until": "2026-01-03T00:00:00Z" })).await.expect(200);
    let woken = change(&app, &key, &ticket, json!({ "snoozed_until": null })).await.expect(200).json();
    assert_eq!(woken["snoozed_until"], Value::Null);
    change(&app, &key, &ticket, json!({ "snoozed_until": "2026-01-03T00:00:00Z" })).await.expect(200);
    let solved = change(&app, &key, &ticket, json!({ "status": "solved" })).await.expect(200).json();
    assert_eq!(solved["snoozed_until"], Value::Null);
}

#[tokio::test]
async fn a_time_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Later" })).await.expect(201).json();
    for (until, status) in [
        ("2025-12-31T23:59:59Z", 422),
        ("2026-01-01T00:00:00Z", 422),
        ("2027-01-03T00:00:00Z", 422),
        ("tomorrow", 400),
    ] {
        change(&app, &key, &ticket, json!({ "snoozed_until": until })).await.problem(status);
    }
    change(&app, &key, &ticket, json!({ "status": "solved" })).await.expect(200);
    change(&app, &key, &ticket, json!({ "snoozed_until": "2026-01-02T00:00:00Z" })).await.problem(409);
    assert_eq!(app.ticket(&key, 1).await["snoozed_until"], Value::Null);
}

#[tokio::test]
async fn a_ticket_that_wakes_is_given_to_somebody() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "support", "name": "Support" })).await.expect(201);
    let new = json!({ "body": "Later", "team": "support" });
    let ticket = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    change(&app, &key, &ticket, json!({ "snoozed_until": "2026-01-01T01:00:00Z" })).await.expect(200);
    let ada = app.person("Ada", domain::Role::Agent).await;
    let put = async |path: String, body: Option<Value>| {
        let answer = app.send(Method::PUT, &format!("/api/v1{path}"), Some(&key), body, &[]).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    };
    put(format!("/teams/support/members/{ada}"), None).await;
    put(format!("/users/{ada}/availability"), Some(json!({ "availability": "available" }))).await;
    put("/teams/support/routing".to_owned(), Some(json!({ "assignment": "automatic" }))).await;
    app.desk().route_waiting().await.unwrap();
    assert_eq!(app.ticket(&key, 1).await["assignee"], Value::Null, "nobody is given what rests");
    app.clock.advance(HOUR);
    app.desk().wake_snoozed().await.unwrap();
    assert_eq!(app.ticket(&key, 1).await["assignee"]["name"], "Ada");
}
