//! Guessing: few attempts are evaluated, however many come at once, and none tells which addresses are known.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tests::{Browser, TestApp, settings};

const PASSWORD: &str = "seven grey geese fly";
/// Far longer than a letter takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn with_dee(app: &TestApp) {
    let key = app.master_key().await;
    let dee =
        json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor", "password": PASSWORD });
    app.post("/api/v1/users", Some(&key), dee).await.expect(201);
}

/// Status, whether it says how long to wait, and the page without what was typed.
async fn guess(app: &TestApp, email: &str, password: &str) -> (u16, String, String) {
    let answer = Browser::new(app).submit("/app/sign-in", &[("email", email), ("password", password)]).await;
    let text = answer.text.replace(&email.replace('@', "&#64;"), "").replace(email, "");
    (answer.status.as_u16(), answer.header("retry-after").to_owned(), text)
}

#[tokio::test]
async fn of_twenty_guesses_at_once_five_are_evaluated() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    // One of them is right; whichever come first are evaluated, and the others are not even when they are right.
    let guesses = (0..20).map(|n| {
        let app = &app;
        async move { guess(app, "dee@askwell.example", &format!("wrong password number {n}")).await.0 }
    });
    let mut statuses = futures_util::future::join_all(guesses).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..5], [403; 5], "{statuses:?}");
    assert_eq!(statuses[5..], [429; 15], "{statuses:?}");
    // Locked, even with the right one; the limit of requests of one address is something else.
    app.clock.advance(59);
    let other = Browser::new(&app);
    let fields = [("email", "dee@askwell.example"), ("password", PASSWORD)];
    let refused = other.submit("/app/sign-in", &fields).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_known_and_an_unknown_address_are_answered_alike_until_the_lock_and_after_it() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    for n in 0..7 {
        let known = guess(&app, "dee@askwell.example", "wrong wrong wrong").await;
        let unknown = guess(&app, "nobody@askwell.example", "wrong wrong wrong").await;
        assert_eq!(known, unknown, "attempt {n}");
        assert_eq!(known.0, if n < 5 { 403 } else { 429 }, "attempt {n}");
        assert_eq!(known.1, if n < 5 { "" } else { "60" }, "attempt {n}");
    }
    // After the wait the right password works, and everything is forgotten with it.
    app.clock.advance(60);
    assert_eq!(guess(&app, " DEE@askwell.example", PASSWORD).await.0, 303);
    assert_eq!(guess(&app, "dee@askwell.example", "wrong wrong wrong").await.0, 403);
}

#[tokio::test]
async fn guesses_at_ones_own_password_count_too() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    let browser = Browser::new(&app);
    let fields = [("email", "dee@askwell.example"), ("password", PASSWORD)];
    browser.submit("/app/sign-in", &fields).await.expect(303);
    let change = async |current: &str| {
        let body = json!({ "current_password": current, "password": "eight grey geese land" });
        browser.send(Method::PUT, "/api/v1/me/password", Some(body), &[]).await
    };
    for _ in 0..5 {
        change("wrong").await.problem(422);
    }
    let locked = change(PASSWORD).await;
    locked.problem(429);
    assert_eq!(locked.header("retry-after"), "60");
    app.clock.advance(60);
    change(PASSWORD).await.expect(204);
}

#[tokio::test]
async fn a_link_is_asked_for_alike_by_everybody_and_opens_in_the_browser_that_asked() {
    let app = TestApp::start_at("http://help.example").await;
    with_dee(&app).await;
    let mut letters = app.letters.set_up();
    let browser = Browser::new(&app);
    let ask = async |browser: &Browser<'_>, email: &str| {
        browser.post("/api/v1/sign-in/link", json!({ "email": email })).await.expect(202)
    };
    let known = ask(&browser, "Dee@askwell.example").await;
    for email in ["nobody@askwell.example", "no address", "", &"x".repeat(5_000)] {
        let stranger = Browser::new(&app);
        let unknown = ask(&stranger, email).await;
        assert_eq!(known.text, unknown.text, "{email:?}");
        assert!(stranger.cookie("askwell_asked").is_some(), "{email:?}");
    }
    let letter = tokio::time::timeout(PATIENCE, letters.recv()).await.expect("in time").expect("a letter");
    assert_eq!((letter.to.as_str(), letter.name.as_str()), ("dee@askwell.example", "Dee"));
    let path = letter.url.strip_prefix("http://help.example").expect("the configured address").to_owned();
    let thief = Browser::new(&app);
    thief.get(&path).await.expect(403);
    thief.set_cookie("askwell_asked", &"0".repeat(64));
    thief.get(&path).await.expect(403);
    // Neither used it up.
    browser.get(&path).await.expect(303);
    assert_eq!(browser.get("/api/v1/me").await.expect(200).json()["name"], "Dee");
    browser.get(&path).await.expect(403);
    assert!(letters.try_recv().is_err(), "one letter, to who is known");

    // On the page, the same; and a link ends after a quarter of an hour.
    assert!(browser.get("/app/sign-in").await.expect(200).text.contains("Send me a link"));
    let page =
        browser.submit("/app/sign-in/link", &[("email", "dee@askwell.example"), ("password", "")]).await;
    assert!(page.expect(200).text.contains("Look into your mail"));
    let letter = tokio::time::timeout(PATIENCE, letters.recv()).await.expect("in time").expect("a letter");
    app.clock.advance(15 * 60);
    browser.get(letter.url.strip_prefix("http://help.example").expect("the address")).await.expect(403);
}

#[tokio::test]
async fn links_are_not_sent_without_end_and_a_deactivated_person_gets_none() {
    let app = TestApp::start_at("http://help.example").await;
    with_dee(&app).await;
    let mut letters = app.letters.set_up();
    let browser = Browser::new(&app);
    for _ in 0..8 {
        browser.post("/api/v1/sign-in/link", json!({ "email": "dee@askwell.example" })).await.expect(202);
    }
    for _ in 0..3 {
        tokio::time::timeout(PATIENCE, letters.recv()).await.expect("in time").expect("a letter");
    }
    tokio::task::yield_now().await;
    assert!(letters.try_recv().is_err(), "three letters at once, then one now and then");
    let key = app.master_key().await;
    let users = app.get("/api/v1/users", Some(&key)).await.expect(200).json();
    let path = format!("/api/v1/users/{}", users["users"][0]["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "active": false })), &[]).await.expect(200);
    app.clock.advance(60 * 60);
    browser.post("/api/v1/sign-in/link", json!({ "email": "dee@askwell.example" })).await.expect(202);
    tokio::task::yield_now().await;
    assert!(letters.try_recv().is_err());
}

#[tokio::test]
async fn without_mail_a_link_is_answered_alike_and_not_offered() {
    let app = TestApp::start_with(settings(json!({ "site": { "base_url": "http://help.example" } }))).await;
    with_dee(&app).await;
    let browser = Browser::new(&app);
    let asked =
        browser.post("/api/v1/sign-in/link", json!({ "email": "dee@askwell.example" })).await.expect(202);
    assert_ne!(asked.json()["detail"], Value::Null);
    assert!(!browser.get("/app/sign-in").await.expect(200).text.contains("Send me a link"));
    // The request alone leaves nothing that could be used.
    let page = browser.get("/app/sign-in?token=").await;
    assert_eq!(page.status, 403);
}
