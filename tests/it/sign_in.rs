//! Sessions: where one is signed in, what a session may do from which page, and how it ends.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request},
};
use domain::{Role, Scope};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _};
use tests::{Browser, TestApp};

/// Far longer than a stream takes to end; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

#[tokio::test]
async fn a_session_says_who_one_is_and_what_one_may_do() {
    let app = TestApp::start().await;
    app.ada().await;
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    let me = ada.get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["kind"], &me["name"], &me["role"]), (&json!("person"), &json!("Ada"), &json!("agent")));
    assert_eq!(
        me["scopes"],
        json!(["kb:read", "tickets:read", "tickets:write", "customers:read", "customers:write"])
    );
    let key = app.key(&[Scope::KbRead]).await;
    let me = app.get("/api/v1/me", Some(&key)).await.expect(200).json();
    assert_eq!(
        (&me["kind"], &me["scopes"], &me["email"]),
        (&json!("key"), &json!(["kb:read"]), &Value::Null)
    );
    app.get("/api/v1/me", None).await.problem(401);
    // A key is no person, and has no sessions.
    app.get("/api/v1/me/sessions", Some(&key)).await.problem(403);
    app.get("/api/v1/me/sessions", Some("askwell_rubbish")).await.problem(401);
    // What a role may not do, its session may not do.
    ada.get("/api/v1/tickets").await.expect(200);
    ada.get("/api/v1/keys").await.problem(403);
    ada.get("/api/v1/users").await.problem(403);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_whose_they_are() {
    let app = TestApp::start().await;
    app.ada().await;
    let desk = Browser::signed_in(&app, "ada@askwell.example").await;
    app.clock.advance(60);
    let phone = Browser::new(&app);
    let principal = domain::Principal::System;
    let link = app.desk().create_sign_in_link(&principal, "ada@askwell.example").await.expect("a link");
    let path = format!("/app/sign-in?token={link}");
    phone.send(Method::GET, &path, None, &[("user-agent", FIREFOX)]).await.expect(303);
    let listed = desk.get("/api/v1/me/sessions").await.expect(200).json();
    let [newer, older] = listed["sessions"].as_array().expect("sessions").as_slice() else {
        panic!("two sessions: {listed}")
    };
    assert_eq!((&newer["browser"], &newer["current"]), (&json!("Firefox on Linux"), &json!(false)));
    assert_eq!((&newer["network"], &older["current"]), (&json!("127.0.0.0/24"), &json!(true)));

    // Being used is noted now and then, and not by the requests themselves.
    app.clock.advance(600);
    desk.get("/api/v1/me").await.expect(200);
    app.desk().write_seen().await.expect("written");
    let listed = desk.get("/api/v1/me/sessions").await.expect(200).json();
    assert_eq!(listed["sessions"][0]["current"], json!(true), "{listed}");
    assert_eq!(listed["sessions"][0]["last_seen_at"], "2026-01-01T00:11:00Z");
    assert_eq!(listed["sessions"][1]["last_seen_at"], "2026-01-01T00:01:00Z");

    let of_phone = format!("/api/v1/me/sessions/{}", newer["id"].as_str().expect("an id"));
    let bo = app.bo().await;
    bo.send(Method::DELETE, &of_phone, None, &[]).await.problem(404);
    phone.get("/api/v1/me").await.expect(200);
    desk.send(Method::DELETE, &of_phone, None, &[]).await.expect(204);
    phone.get("/api/v1/me").await.problem(401);
    phone.get("/app/tickets").await.expect(303);
    desk.send(Method::DELETE, &of_phone, None, &[]).await.problem(404);

    let tablet = Browser::signed_in(&app, "ada@askwell.example").await;
    tablet.send(Method::DELETE, "/api/v1/me/sessions", None, &[]).await.expect(204);
    desk.get("/api/v1/me").await.problem(401);
    tablet.get("/api/v1/me").await.expect(200);
    bo.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn the_account_page_lists_and_ends_sessions() {
    let app = TestApp::start().await;
    app.ada().await;
    let desk = Browser::signed_in(&app, "ada@askwell.example").await;
    let other = Browser::signed_in(&app, "ada@askwell.example").await;
    let page = desk.get("/app/account").await.expect(200).text;
    assert!(page.contains("ada@askwell.example") && page.contains("This browser"), "{page}");
    let token = form_token(&page);
    let listed = other.get("/api/v1/me/sessions").await.expect(200).json();
    let current = listed["sessions"].as_array().expect("sessions").iter().find(|one| one["current"] == true);
    let path = format!("/app/account/sessions/{}", current.expect("its own")["id"].as_str().expect("an id"));
    assert!(page.contains(&path), "{page}");
    desk.submit(&path, &[("_form", "made-up")]).await.expect(403);
    other.get("/api/v1/me").await.expect(200);
    desk.submit(&path, &[("_form", &token)]).await.expect(303);
    other.get("/api/v1/me").await.problem(401);
    // It has ended, which is what was wanted.
    desk.submit(&path, &[("_form", &token)]).await.expect(303);
    let third = Browser::signed_in(&app, "ada@askwell.example").await;
    desk.submit("/app/account/sessions", &[("_form", &token)]).await.expect(303);
    third.get("/api/v1/me").await.problem(401);
    desk.get("/api/v1/me").await.expect(200);
}

/// What the forms of a page carry.
fn form_token(page: &str) -> String {
    let token = page.split("name=\"_form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    token.expect("a form").to_owned()
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_another_sites_page() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let person = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor" });
    let post = |headers: &[(&str, &str)], content_type: &str| {
        let mut request = Request::post("/api/v1/users").header("host", "help.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.header("content-type", content_type).body(Body::from(person.to_string())).expect("a request")
    };
    for (headers, content_type) in [
        (vec![("origin", "https://evil.example")], "application/json"),
        (vec![("sec-fetch-site", "cross-site")], "application/json"),
        (vec![("sec-fetch-site", "same-site")], "application/json"),
        (vec![("origin", "https://evil.example")], "text/plain"),
        (vec![("origin", "null")], "application/x-www-form-urlencoded"),
        // A browser that says nothing of where it comes from may have been sent by anybody.
        (vec![], "application/json"),
        (vec![], "text/plain"),
    ] {
        bo.raw(post(&headers, content_type)).await.problem(403);
    }
    bo.send(Method::DELETE, "/api/v1/me/sessions", None, &[("sec-fetch-site", "cross-site")])
        .await
        .problem(403);
    let users = bo.get("/api/v1/users").await.expect(200).json();
    assert_eq!(users["users"].as_array().map(Vec::len), Some(1), "{users}");
    bo.raw(post(&[("origin", "http://help.example")], "text/plain")).await.problem(415);
    bo.raw(post(&[("origin", "http://help.example")], "application/json")).await.expect(201);
    // Visitors do what they may do anyway, whatever cookie they carry.
    let request = Request::post("/api/v1/conversations").header("content-type", "application/json");
    bo.raw(request.body(Body::from("{}")).expect("a request")).await.expect(201);
}

#[tokio::test]
async fn what_stands_in_an_address_opens_nothing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let bo = app.bo().await;
    let session = bo.cookie("askwell_session").expect("a session");
    for secret in [&key, &session] {
        for name in ["token", "access_token", "api_key", "key", "askwell_session", "authorization"] {
            app.get(&format!("/api/v1/me?{name}={secret}"), None).await.problem(401);
        }
    }
    // Nor does a session's secret as a bearer, or a key as a cookie.
    app.get("/api/v1/me", Some(&session)).await.problem(401);
    let thief = Browser::new(&app);
    thief.set_cookie("askwell_session", &key);
    thief.get("/api/v1/me").await.problem(401);
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_where_it_speaks_https() {
    let app = TestApp::start_at("https://help.example").await;
    app.ada().await;
    let link = app.desk().create_sign_in_link(&domain::Principal::System, "ada@askwell.example").await;
    let path = format!("/app/sign-in?token={}", link.expect("a link"));
    let answer = app.get(&path, None).await.expect(303);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-askwell_session="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{part} of {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn streams_end_with_the_session_that_opened_them() {
    let app = TestApp::start().await;
    let ada = app.person("Ada", Role::Agent).await;
    let bo = app.bo().await;
    for end in ["sign out", "another device", "deactivation", "an admin"] {
        let browser = Browser::signed_in(&app, "ada@askwell.example").await;
        let cookie = format!("askwell_session={}", browser.cookie("askwell_session").expect("a session"));
        let follow = Request::get("/api/v1/events").header("cookie", cookie).body(Body::empty());
        let mut stream = app.stream(follow.expect("a request")).await;
        let user = format!("/api/v1/users/{ada}");
        match end {
            "sign out" => {
                let page = browser.get("/app/tickets").await.expect(200).text;
                browser.submit("/app/sign-out", &[("_form", &form_token(&page))]).await.expect(303);
            }
            "another device" => {
                let other = Browser::signed_in(&app, "ada@askwell.example").await;
                other.send(Method::DELETE, "/api/v1/me/sessions", None, &[]).await.expect(204);
            }
            "deactivation" => {
                bo.send(Method::PATCH, &user, Some(json!({ "active": false })), &[]).await.expect(200);
                bo.send(Method::PATCH, &user, Some(json!({ "active": true })), &[]).await.expect(200);
            }
            _ => {
                bo.send(Method::DELETE, &format!("{user}/sessions"), None, &[]).await.expect(204);
            }
        }
        let rest = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time");
        assert!(rest.is_none(), "{end}: {rest:?}");
        browser.get("/api/v1/me").await.problem(401);
    }
}

#[tokio::test]
async fn visitors_who_only_look_leave_no_rows() {
    let app = TestApp::start().await;
    for path in ["/", "/ask", "/app/sign-in", "/app/tickets", "/api/v1/me", "/api/v1/search?q=x"] {
        for _ in 0..20 {
            app.get(path, None).await;
        }
    }
    let url = store::sqlite_url(&app.data().join("askwell.db"));
    sqlx::any::install_default_drivers();
    let mut db = sqlx::AnyConnection::connect(&url).await.expect("the database");
    for table in ["sessions", "conversations", "customers"] {
        let count = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {table}")));
        let n: i64 = count.fetch_one(&mut db).await.expect("a count").get("n");
        assert_eq!(n, 0, "{table}");
    }
}
