//! API keys: read, changed, rotated without a gap, and what is known of their use.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::TestApp;

/// Makes a key; gives it with its secret.
async fn make(app: &TestApp, by: &str, new: Value) -> Value {
    app.post("/api/v1/keys", Some(by), new).await.expect(201).json()
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().expect("text")
}

#[tokio::test]
async fn a_rotated_key_has_two_secrets_for_a_while() {
    let app = TestApp::start().await;
    let admin = app.key(&[Scope::AdminKeys, Scope::KbRead]).await;
    let key = make(&app, &admin, json!({ "name": "importer", "scopes": ["kb:read"] })).await;
    let path = format!("/api/v1/keys/{}", text(&key, "id"));
    let rotate = async |body: Value| app.post(&format!("{path}/rotation"), Some(&admin), body).await;
    let works = async |secret: &str| app.get("/api/v1/articles", Some(secret)).await.status == 200;
    let first = text(&key, "secret").to_owned();
    assert_eq!(rotate(json!({ "overlap_hours": 169 })).await.problem(422)["field"], "overlap_hours");
    let rotated = rotate(json!({ "overlap_hours": 48 })).await.expect(201).json();
    let second = text(&rotated, "secret").to_owned();
    assert_eq!(rotated["id"], key["id"]);
    assert_eq!(rotated["old_secret_ends_at"], "2026-01-03T00:00:00Z");
    assert!(works(&first).await && works(&second).await);
    app.clock.advance(48 * 60 * 60);
    assert!(!works(&first).await && works(&second).await);

    // A second rotation ends the secret before last at once; none lives on with an overlap of nothing.
    let third = text(&rotate(json!({})).await.expect(201).json(), "secret").to_owned();
    let fourth = text(&rotate(json!({ "overlap_hours": 0 })).await.expect(201).json(), "secret").to_owned();
    assert!(!works(&second).await && !works(&third).await && works(&fourth).await);
    let read = app.get(&path, Some(&admin)).await.expect(200);
    assert!(!read.text.contains(&fourth) && !read.text.contains("secret\":"), "{}", read.text);

    // Revoked, with both of its secrets.
    let fifth = text(&rotate(json!({})).await.expect(201).json(), "secret").to_owned();
    app.send(Method::DELETE, &path, Some(&admin), None, &[]).await.expect(204);
    assert!(!works(&fourth).await && !works(&fifth).await);
    rotate(json!({})).await.problem(409);
    app.post("/api/v1/keys/nothing/rotation", Some(&admin), json!({})).await.problem(404);
}

#[tokio::test]
async fn a_key_is_changed_from_its_next_request_on() {
    let app = TestApp::start().await;
    let admin = app.master_key().await;
    let key = make(&app, &admin, json!({ "name": "importer", "scopes": ["kb:read"] })).await;
    let path = format!("/api/v1/keys/{}", text(&key, "id"));
    let secret = text(&key, "secret");
    let change = async |body: Value, tag: &str| {
        app.send(Method::PATCH, &path, Some(&admin), Some(body), &[("if-match", tag)]).await
    };
    app.get("/api/v1/tickets", Some(secret)).await.problem(403);
    let body = json!({ "name": "desk", "scopes": ["tickets:read"], "expires_in_days": 1 });
    let changed = change(body, "\"1\"").await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.json()["expires_at"], "2026-01-02T00:00:00Z");
    app.get("/api/v1/tickets", Some(secret)).await.expect(200);
    app.get("/api/v1/articles", Some(secret)).await.problem(403);
    change(json!({ "name": "x" }), "\"1\"").await.problem(412);
    for (body, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "scopes": [] }), "scopes"),
        (json!({ "scopes": ["kb:burn"] }), "scopes"),
        (json!({ "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "expires_in_days": 36_501 }), "expires_in_days"),
        (json!({ "expires_in_days": u32::MAX }), "expires_in_days"),
    ] {
        assert_eq!(change(body, "*").await.problem(422)["field"], field);
    }
    change(json!({ "secret": "mine" }), "*").await.problem(400);
    app.clock.advance(24 * 60 * 60);
    app.get("/api/v1/tickets", Some(secret)).await.problem(401);
    // It had only run out: with another expiry it lives again.
    assert_eq!(
        change(json!({ "expires_in_days": null }), "*").await.expect(200).json()["expires_at"],
        Value::Null
    );
    app.get("/api/v1/tickets", Some(secret)).await.expect(200);
    app.send(Method::DELETE, &path, Some(&admin), None, &[]).await.expect(204);
    change(json!({ "name": "x" }), "*").await.problem(409);
    app.get("/api/v1/keys/nothing", Some(&admin)).await.problem(404);
}

#[tokio::test]
async fn nobody_takes_over_a_key_that_may_do_more() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let strong = make(&app, &master, json!({ "name": "strong", "scopes": ["tickets:write"] })).await;
    let path = format!("/api/v1/keys/{}", text(&strong, "id"));
    let keeper = app.key(&[Scope::AdminKeys, Scope::KbRead]).await;
    app.post(&format!("{path}/rotation"), Some(&keeper), json!({})).await.problem(403);
    app.send(Method::PATCH, &path, Some(&keeper), Some(json!({ "name": "x" })), &[]).await.problem(403);
    app.send(Method::DELETE, &path, Some(&keeper), None, &[]).await.problem(403);
    app.get("/api/v1/tickets", Some(text(&strong, "secret"))).await.problem(403);
    let weak = make(&app, &keeper, json!({ "name": "weak", "scopes": ["kb:read"] })).await;
    let path = format!("/api/v1/keys/{}", text(&weak, "id"));
    let more = Some(json!({ "scopes": ["kb:read", "kb:write"] }));
    app.send(Method::PATCH, &path, Some(&keeper), more, &[]).await.problem(403);
    let reader = app.key(&[Scope::KbRead]).await;
    app.get(&path, Some(&reader)).await.problem(403);
}

#[tokio::test]
async fn a_key_says_when_it_was_last_used() {
    let app = TestApp::start().await;
    let admin = app.master_key().await;
    let key = make(&app, &admin, json!({ "name": "importer", "scopes": ["kb:read"] })).await;
    let path = format!("/api/v1/keys/{}", text(&key, "id"));
    let used = async || {
        app.desk().write_seen().await.expect("written");
        app.get(&path, Some(&admin)).await.expect(200).json()["last_used_at"].clone()
    };
    assert_eq!(used().await, Value::Null);
    app.get("/api/v1/articles", Some(text(&key, "secret"))).await.expect(200);
    assert_eq!(used().await, "2026-01-01T00:00:00Z");
    app.clock.advance(59);
    app.get("/api/v1/articles", Some(text(&key, "secret"))).await.expect(200);
    assert_eq!(used().await, "2026-01-01T00:00:00Z", "once a minute");
    app.clock.advance(1);
    app.get("/api/v1/articles", Some(text(&key, "secret"))).await.expect(200);
    assert_eq!(used().await, "2026-01-01T00:01:00Z");
    // Being refused for a scope is a use too: somebody has it.
    app.clock.advance(60);
    app.get("/api/v1/tickets", Some(text(&key, "secret"))).await.problem(403);
    assert_eq!(used().await, "2026-01-01T00:02:00Z");
}
