//! Invites, and passwords that people set themselves.

use axum::http::Method;
use domain::Principal;
use serde_json::{Value, json};
use tests::{Browser, TestApp};

const FIRST: &str = "seven grey geese fly";
const SECOND: &str = "eight grey geese land";

/// The path that an invite's link leads to.
fn path(invite: &Value) -> String {
    let url = invite["url"].as_str().expect("a link");
    url.strip_prefix("http://localhost").expect("the site's own address").to_owned()
}

fn token(path: &str) -> &str {
    path.split_once("token=").expect("a token").1
}

async fn sign_in<'a>(app: &'a TestApp, password: &str) -> (u16, Browser<'a>) {
    let browser = Browser::new(app);
    let fields = [("email", "dee@askwell.example"), ("password", password)];
    let answer = browser.submit("/app/sign-in", &fields).await;
    (answer.status.as_u16(), browser)
}

#[tokio::test]
async fn who_is_invited_sets_a_password_once() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let dee = json!({ "name": "Dee <b>", "email": "dee@askwell.example", "role": "editor" });
    let added = bo.post("/api/v1/users", dee).await.expect(201).json();
    let link = path(&added["invite"]);
    let page = Browser::new(&app).get(&link).await.expect(200).text;
    assert!(page.contains("dee@askwell.example") && !page.contains("<b>"), "{page}");
    let browser = Browser::new(&app);
    let set = async |password: &str| {
        browser.submit("/app/invite", &[("token", token(&link)), ("password", password)]).await
    };
    let refused = set("short").await.expect(422).text;
    assert!(refused.contains("at least 15 characters") && refused.contains(token(&link)), "{refused}");
    set(FIRST).await.expect(303);
    assert_eq!(browser.get("/api/v1/me").await.expect(200).json()["name"], "Dee <b>");
    // It is used up.
    set(SECOND).await.expect(403);
    Browser::new(&app).get(&link).await.expect(403);
    assert_eq!(sign_in(&app, FIRST).await.0, 303);
    assert_eq!(sign_in(&app, SECOND).await.0, 403);
    let given = json!({ "name": "Ada", "email": "ada@askwell.example", "role": "agent", "password": FIRST });
    assert_eq!(bo.post("/api/v1/users", given).await.expect(201).json()["invite"], Value::Null);
}

#[tokio::test]
async fn a_new_invite_ends_the_links_before_it_and_its_use_ends_everything_else() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let dee = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor" });
    let added = bo.post("/api/v1/users", dee).await.expect(201).json();
    let first = path(&added["invite"]);
    let by_link = Browser::signed_in(&app, "dee@askwell.example").await;
    let sign_in_link = app.desk().create_sign_in_link(&Principal::System, "dee@askwell.example").await;
    let sign_in_link = format!("/app/sign-in?token={}", sign_in_link.expect("a link"));
    let id = added["id"].as_str().expect("an id");
    let anew = format!("/api/v1/users/{id}/invite");
    let second = path(&bo.post(&anew, json!({})).await.expect(201).json());
    for dead in [&first, &sign_in_link] {
        Browser::new(&app).get(dead).await.expect(403);
    }
    by_link.get("/api/v1/me").await.expect(200);
    let browser = Browser::new(&app);
    browser.submit("/app/invite", &[("token", token(&second)), ("password", FIRST)]).await.expect(303);
    by_link.get("/api/v1/me").await.problem(401);
    browser.get("/api/v1/me").await.expect(200);

    // The same resets a password that was lost.
    let third = path(&bo.post(&anew, json!({})).await.expect(201).json());
    assert_eq!(sign_in(&app, FIRST).await.0, 303, "until it is used, the old one works");
    let fields = [("token", token(&third)), ("password", SECOND)];
    Browser::new(&app).submit("/app/invite", &fields).await.expect(303);
    assert_eq!(sign_in(&app, FIRST).await.0, 403);
    browser.get("/api/v1/me").await.problem(401);

    let late = path(&bo.post(&anew, json!({})).await.expect(201).json());
    app.clock.advance(7 * 24 * 60 * 60);
    Browser::new(&app).get(&late).await.expect(403);
    let user = format!("/api/v1/users/{id}");
    let good = path(&bo.post(&anew, json!({})).await.expect(201).json());
    bo.send(Method::PATCH, &user, Some(json!({ "active": false })), &[]).await.expect(200);
    bo.post(&anew, json!({})).await.problem(409);
    bo.send(Method::PATCH, &user, Some(json!({ "active": true })), &[]).await.expect(200);
    Browser::new(&app).get(&good).await.expect(403);
    bo.post("/api/v1/users/nobody/invite", json!({})).await.problem(404);
    let ada = app.key(&[domain::Scope::TicketsWrite]).await;
    app.post(&anew, Some(&ada), json!({})).await.problem(403);
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let new = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor", "password": FIRST });
    bo.post("/api/v1/users", new).await.expect(201);
    let (_, browser) = sign_in(&app, FIRST).await;
    let (_, other) = sign_in(&app, FIRST).await;
    let put = async |by: &Browser<'_>, body: Value| {
        by.send(Method::PUT, "/api/v1/me/password", Some(body), &[]).await
    };
    for (body, field) in [
        (json!({ "password": SECOND }), "current_password"),
        (json!({ "current_password": SECOND, "password": SECOND }), "current_password"),
        (json!({ "current_password": FIRST, "password": "short" }), "password"),
    ] {
        assert_eq!(put(&browser, body).await.problem(422)["field"], field);
    }
    other.get("/api/v1/me").await.expect(200);
    put(&browser, json!({ "current_password": FIRST, "password": SECOND })).await.expect(204);
    browser.get("/api/v1/me").await.expect(200);
    other.get("/api/v1/me").await.problem(401);
    assert_eq!(sign_in(&app, FIRST).await.0, 403);

    // Who has none yet, such as the first admin, sets one; from then on it is asked for.
    put(&bo, json!({ "password": FIRST })).await.expect(204);
    put(&bo, json!({ "password": SECOND })).await.problem(422);
    let key = app.master_key().await;
    let body = Some(json!({ "password": SECOND }));
    app.send(Method::PUT, "/api/v1/me/password", Some(&key), body, &[]).await.problem(403);

    // The same on the account's page.
    let page = browser.get("/app/account").await.expect(200).text;
    let form = page.split("name=\"_form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let change = async |current: &str| {
        let fields = [("_form", form.expect("a form")), ("current", current), ("password", FIRST)];
        browser.submit("/app/account/password", &fields).await
    };
    assert!(change("wrong").await.expect(422).text.contains("not your password"));
    change(SECOND).await.expect(303);
    assert_eq!(sign_in(&app, FIRST).await.0, 303);
}

#[tokio::test]
async fn an_invite_is_not_kept_under_an_idempotency_key() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let dee = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor" });
    let headers = [("idempotency-key", "k")];
    let post =
        async || app.send(Method::POST, "/api/v1/users", Some(&key), Some(dee.clone()), &headers).await;
    post().await.expect(201);
    post().await.problem(409);
}
