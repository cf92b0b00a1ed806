//! People, as admins manage them.

use axum::http::Method;
use domain::Role;
use serde_json::{Value, json};
use tests::{Browser, TestApp};

#[tokio::test]
async fn admins_add_read_and_change_people() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let dee = json!({ "name": "Dee", "email": "Dee@Askwell.example", "role": "editor" });
    let added = bo.post("/api/v1/users", dee.clone()).await.expect(201).json();
    assert_eq!((&added["email"], &added["active"]), (&json!("dee@askwell.example"), &json!(true)));
    bo.post("/api/v1/users", dee).await.problem(409);
    for (body, status, field) in [
        (json!({ "name": "", "email": "x@askwell.example", "role": "agent" }), 422, json!("name")),
        (json!({ "name": "X", "email": "x", "role": "agent" }), 422, json!("email")),
        (
            json!({ "name": "X", "email": "x@askwell.example", "role": "agent", "password": "short" }),
            422,
            json!("password"),
        ),
        (json!({ "name": "X", "email": "x@askwell.example", "role": "owner" }), 422, json!("role")),
        (json!({ "name": "X", "email": "x@askwell.example", "role": "agent", "id": "u" }), 400, Value::Null),
    ] {
        let problem = bo.post("/api/v1/users", body).await.problem(status);
        assert_eq!(problem["field"], field, "{problem}");
    }
    let path = format!("/api/v1/users/{}", added["id"].as_str().expect("an id"));
    let read = bo.get(&path).await.expect(200);
    let change =
        async |body: Value, tag: &str| bo.send(Method::PATCH, &path, Some(body), &[("if-match", tag)]).await;
    let tag = read.header("etag").to_owned();
    let changed = change(json!({ "name": "Dee D.", "role": "agent" }), &tag).await.expect(200);
    assert_eq!((&changed.json()["name"], &changed.json()["role"]), (&json!("Dee D."), &json!("agent")));
    assert_eq!(changed.json()["sees"], "all");
    let stale = change(json!({ "name": "Nobody" }), &tag).await.problem(412);
    assert_eq!(stale["current_revision"], 2);
    let limited = change(json!({ "sees": "own_teams" }), changed.header("etag")).await.expect(200);
    assert_eq!(limited.json()["sees"], "own_teams");
    for (body, field) in [(json!({ "sees": "some" }), "sees"), (json!({ "role": "owner" }), "role")] {
        assert_eq!(change(body, "*").await.problem(422)["field"], field);
    }
    change(json!({ "email": "boss@askwell.example" }), "*").await.problem(400);
    let listed = bo.get("/api/v1/users").await.expect(200).json();
    let names = listed["users"].as_array().expect("users").iter().map(|user| &user["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["Bo", "Dee D."]);
    bo.get("/api/v1/users/nobody").await.problem(404);
    bo.send(Method::DELETE, "/api/v1/users/nobody/sessions", None, &[]).await.problem(404);
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_may_come_back() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let new = json!({
        "name": "Ada", "email": "ada@askwell.example", "role": "agent", "password": "correct horse battery",
    });
    let ada = bo.post("/api/v1/users", new).await.expect(201).json();
    let path = format!("/api/v1/users/{}", ada["id"].as_str().expect("an id"));
    let link = app.desk().create_sign_in_link(&domain::Principal::System, "ada@askwell.example").await;
    let link = format!("/app/sign-in?token={}", link.expect("a link"));
    let sign_in = async || {
        let browser = Browser::new(&app);
        let fields = [("email", "ada@askwell.example"), ("password", "correct horse battery")];
        let answer = browser.submit("/app/sign-in", &fields).await;
        (answer.status.as_u16(), browser)
    };
    let (status, browser) = sign_in().await;
    assert_eq!(status, 303);
    let of_ada = bo.get(&format!("{path}/sessions")).await.expect(200).json();
    assert_eq!(of_ada["sessions"].as_array().map(Vec::len), Some(1), "{of_ada}");
    bo.send(Method::PATCH, &path, Some(json!({ "active": false })), &[]).await.expect(200);
    browser.get("/api/v1/me").await.problem(401);
    assert_eq!(sign_in().await.0, 403);
    Browser::new(&app).get(&link).await.expect(403);
    // Who is gone gets no new work.
    let conversation = app.conversation().await;
    app.hand_off(&conversation, json!({})).await;
    let ticket = bo.get("/api/v1/tickets/1").await.expect(200).json();
    let ticket = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    let assign = async || {
        let body = json!({ "assignee_id": ada["id"] });
        bo.send(Method::PATCH, &ticket, Some(body), &[]).await
    };
    assign().await.problem(422);
    bo.send(Method::PATCH, &path, Some(json!({ "active": true })), &[]).await.expect(200);
    browser.get("/api/v1/me").await.problem(401);
    Browser::new(&app).get(&link).await.expect(403);
    assert_eq!(sign_in().await.0, 303);
    assign().await.expect(200);
}

#[tokio::test]
async fn one_admin_is_always_left() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let users = bo.get("/api/v1/users").await.expect(200).json();
    let path = format!("/api/v1/users/{}", users["users"][0]["id"].as_str().expect("an id"));
    let change = async |body: Value| bo.send(Method::PATCH, &path, Some(body), &[]).await;
    change(json!({ "active": false })).await.problem(409);
    change(json!({ "role": "agent" })).await.problem(409);
    app.person("Max", Role::Admin).await;
    // Two at once: one of them stays.
    let max = Browser::signed_in(&app, "max@askwell.example").await;
    let me = max.get("/api/v1/me").await.expect(200).json();
    let of_max = format!("/api/v1/users/{}", me["id"].as_str().expect("an id"));
    let demote = || Some(json!({ "role": "agent" }));
    let (one, other) = tokio::join!(
        max.send(Method::PATCH, &path, demote(), &[]),
        bo.send(Method::PATCH, &of_max, demote(), &[])
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert!(statuses == [200, 403] || statuses == [200, 409], "{statuses:?}");
}
