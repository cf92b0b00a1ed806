//! The second factor: asked for at each sign-in, each code good once, few guesses evaluated.

use axum::http::Method;
use domain::{Clock as _, Role};
use ring::hmac;
use serde_json::{Value, json};
use tests::{Browser, TestApp, settings};

pub(crate) const PASSWORD: &str = "seven grey geese fly";
const EMAIL: &str = "dee@askwell.example";

/// What an authenticator shows (RFC 6238), written anew, so that the test does not believe the code it tests.
pub(crate) fn code(app: &TestApp, secret: &str, steps_ahead: i64) -> String {
    let mut bits = String::new();
    for c in secret.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base 32");
        bits.push_str(&format!("{value:05b}"));
    }
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"))
        .collect();
    let step = app.clock.now().0 / 30_000 + steps_ahead;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &step.to_be_bytes()).as_ref().to_vec();
    let at = (tag[19] & 15) as usize;
    let word = u32::from_be_bytes(tag[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

pub(crate) async fn with_dee(app: &TestApp) -> String {
    let key = app.master_key().await;
    let dee = json!({ "name": "Dee", "email": EMAIL, "role": "editor", "password": PASSWORD });
    let added = app.post("/api/v1/users", Some(&key), dee).await.expect(201).json();
    added["id"].as_str().expect("an id").to_owned()
}

/// A browser that has given the password; where it was sent to.
pub(crate) async fn first_step(app: &TestApp) -> (Browser<'_>, String) {
    let browser = Browser::new(app);
    let answer =
        browser.submit("/app/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
    let to = answer.header("location").to_owned();
    (browser, to)
}

/// Dee with a second factor: her first browser, the secret, and the recovery codes.
pub(crate) async fn enrolled(app: &TestApp) -> (Browser<'_>, String, Vec<String>) {
    let (browser, to) = first_step(app).await;
    assert_eq!(to, "/app");
    let new = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
    let secret = new["secret"].as_str().expect("a secret").to_owned();
    let uri = new["uri"].as_str().expect("an address");
    assert!(uri.starts_with("otpauth://totp/Askwell:dee%40askwell.example?secret=") && uri.contains(&secret));
    let confirm = Some(json!({ "code": code(app, &secret, 0) }));
    let codes = browser.send(Method::PUT, "/api/v1/me/totp", confirm, &[]).await.expect(200).json();
    let codes = codes["recovery_codes"].as_array().expect("codes").iter();
    let codes: Vec<String> = codes.map(|code| code.as_str().expect("text").to_owned()).collect();
    assert_eq!(codes.len(), 10);
    app.clock.advance(60);
    (browser, secret, codes)
}

async fn second_step(browser: &Browser<'_>, code: &str) -> u16 {
    browser.submit("/app/sign-in/code", &[("code", code)]).await.status.as_u16()
}

#[tokio::test]
async fn a_code_is_asked_for_and_is_good_once() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    let (_, secret, _) = enrolled(&app).await;
    let (browser, to) = first_step(&app).await;
    assert!(to.starts_with("/app/sign-in/code"), "{to}");
    assert!(browser.get(&to).await.expect(200).text.contains("one-time-code"));
    browser.get("/api/v1/me").await.problem(401);
    assert_eq!(second_step(&browser, "000000").await, 403);
    let now = code(&app, &secret, 0);
    let typed = format!(" {} {} ", &now[..3], &now[3..]);
    assert_eq!(second_step(&browser, &typed).await, 303);
    let me = browser.get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["name"], &me["second_factor"]), (&json!("Dee"), &json!(true)));

    // Neither the same code nor an older one, in another sign-in; the next one's is good a step early.
    let (again, _) = first_step(&app).await;
    for used in [now, code(&app, &secret, -1)] {
        assert_eq!(second_step(&again, &used).await, 403);
    }
    assert_eq!(second_step(&again, &code(&app, &secret, 2)).await, 403, "too early");
    assert_eq!(second_step(&again, &code(&app, &secret, 1)).await, 303);

    // Only in the browser that gave the password, for ten minutes, and not from a link or an invite either.
    app.clock.advance(60);
    let other = Browser::new(&app);
    assert_eq!(second_step(&other, &code(&app, &secret, 0)).await, 303);
    other.get("/api/v1/me").await.problem(401);
    let (late, _) = first_step(&app).await;
    app.clock.advance(10 * 60);
    assert_eq!(second_step(&late, &code(&app, &secret, 0)).await, 303);
    late.get("/api/v1/me").await.problem(401);
    let link = app.desk().create_sign_in_link(&domain::Principal::System, EMAIL).await.expect("a link");
    let by_link = Browser::new(&app);
    let answer = by_link.get(&format!("/app/sign-in?token={link}")).await.expect(303);
    assert!(answer.header("location").starts_with("/app/sign-in/code"));
    by_link.get("/api/v1/me").await.problem(401);
    assert_eq!(second_step(&by_link, &code(&app, &secret, 0)).await, 303);
    by_link.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn of_twenty_guesses_at_once_five_are_evaluated() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    let (_, secret, _) = enrolled(&app).await;
    let (browser, _) = first_step(&app).await;
    let guesses = (0..19).map(|n| {
        let browser = &browser;
        async move { second_step(browser, &format!("{n:06}")).await }
    });
    let mut statuses = futures_util::future::join_all(guesses).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..5], [403; 5], "{statuses:?}");
    assert!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
    // Locked for the right one too, and in another sign-in.
    assert_eq!(second_step(&browser, &code(&app, &secret, 0)).await, 429);
}

#[tokio::test]
async fn recovery_codes_work_once_each_and_stand_nowhere() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    let (_, _, codes) = enrolled(&app).await;
    let (browser, _) = first_step(&app).await;
    assert_eq!(second_step(&browser, &codes[3].to_uppercase().replace('-', " ")).await, 303);
    assert!(browser.get("/app/account").await.expect(200).text.contains("9 recovery codes are left"));
    let (again, _) = first_step(&app).await;
    assert_eq!(second_step(&again, &codes[3]).await, 403);
    assert_eq!(second_step(&again, &codes[4]).await, 303);
    let database = std::fs::read(app.data().join("askwell.db")).expect("the database");
    let wal = std::fs::read(app.data().join("askwell.db-wal")).unwrap_or_default();
    let stored = String::from_utf8_lossy(&[database, wal].concat()).to_lowercase();
    for code in &codes {
        assert!(!stored.contains(code) && !stored.contains(&code.replace('-', "")), "{code}");
    }
}

#[tokio::test]
async fn it_is_set_up_by_a_code_and_removed_by_a_code_or_an_admin() {
    let app = TestApp::start().await;
    let id = with_dee(&app).await;
    let (other, _) = first_step(&app).await;
    let (browser, _) = first_step(&app).await;
    let put = async |code: &str| {
        browser.send(Method::PUT, "/api/v1/me/totp", Some(json!({ "code": code })), &[]).await
    };
    put("123456").await.problem(409);
    let first = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
    let second = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
    let secret = |new: &Value| new["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(secret(&first), secret(&second));
    assert_eq!(put(&code(&app, &secret(&first), 0)).await.problem(422)["field"], "code");
    assert_eq!(first_step(&app).await.1, "/app", "not asked for yet");
    put(&code(&app, &secret(&second), 0)).await.expect(200);
    other.get("/api/v1/me").await.problem(401);
    browser.get("/api/v1/me").await.expect(200);
    browser.post("/api/v1/me/totp", json!({})).await.problem(409);
    let remove = async |code: &str| browser.post("/api/v1/me/totp/removal", json!({ "code": code })).await;
    remove("000000").await.problem(422);
    assert!(first_step(&app).await.1.starts_with("/app/sign-in/code"));
    app.clock.advance(60);
    remove(&code(&app, &secret(&second), 0)).await.expect(204);
    assert_eq!(first_step(&app).await.1, "/app");

    let third = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
    put(&code(&app, &secret(&third), 0)).await.expect(200);
    let bo = app.bo().await;
    let path = format!("/api/v1/users/{id}");
    assert_eq!(bo.get(&path).await.expect(200).json()["second_factor"], true);
    browser.send(Method::DELETE, &format!("{path}/totp"), None, &[]).await.problem(403);
    bo.send(Method::DELETE, &format!("{path}/totp"), None, &[]).await.expect(204);
    bo.send(Method::DELETE, &format!("{path}/totp"), None, &[]).await.problem(404);
    assert_eq!(bo.get(&path).await.expect(200).json()["second_factor"], false);
    assert_eq!(first_step(&app).await.1, "/app");
}

#[tokio::test]
async fn the_pages_set_it_up_without_a_script() {
    let app = TestApp::start().await;
    with_dee(&app).await;
    let (browser, _) = first_step(&app).await;
    let page = browser.get("/app/account").await.expect(200).text;
    let form = page.split("name=\"_form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = form.expect("a form").to_owned();
    let page = browser.submit("/app/account/second-factor", &[("_form", &form)]).await.expect(200).text;
    let secret = page.split("class=\"secret\">").nth(1).and_then(|rest| rest.split('<').next());
    let secret = secret.expect("the secret").replace(' ', "");
    let confirm = async |code: &str| {
        browser.submit("/app/account/second-factor/confirmation", &[("_form", &form), ("code", code)]).await
    };
    assert!(confirm("000000").await.expect(422).text.contains("This code is wrong"));
    let page = confirm(&code(&app, &secret, 0)).await.expect(200).text;
    assert_eq!(page.matches("<li><code>").count(), 10, "{page}");
    app.clock.advance(60);
    let remove = async |code: &str| {
        browser.submit("/app/account/second-factor/removal", &[("_form", &form), ("code", code)]).await
    };
    assert!(remove("000000").await.expect(422).text.contains("wrong or was used"));
    remove(&code(&app, &secret, 0)).await.expect(303);
    assert_eq!(first_step(&app).await.1, "/app");
}

#[tokio::test]
async fn a_site_may_ask_its_admins_for_one_before_anything_else() {
    let config = settings(json!({ "sign_in": { "admins_need_second_factor": true } }));
    let app = TestApp::start_with(config).await;
    let bo = app.bo().await;
    app.person("Ada", Role::Agent).await;
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    ada.get("/api/v1/tickets").await.expect(200);
    for path in ["/api/v1/users", "/api/v1/tickets", "/api/v1/articles"] {
        bo.get(path).await.problem(403);
    }
    assert_eq!(bo.get("/app").await.expect(303).header("location"), "/app/account");
    assert!(bo.get("/app/account").await.expect(200).text.contains("asks its admins for a second factor"));
    assert_eq!(bo.get("/api/v1/me").await.expect(200).json()["scopes"], json!([]));
    let new = bo.post("/api/v1/me/totp", json!({})).await.expect(201).json();
    let confirm = json!({ "code": code(&app, new["secret"].as_str().expect("a secret"), 0) });
    bo.send(Method::PUT, "/api/v1/me/totp", Some(confirm), &[]).await.expect(200);
    bo.get("/api/v1/users").await.expect(200);
}

#[tokio::test]
async fn a_code_that_cannot_be_checked_leads_to_the_form_again() {
    let config = |key: &str| settings(json!({ "security": { "secret_key": key.repeat(32) } }));
    let mut app = TestApp::start_with(config("ab")).await;
    with_dee(&app).await;
    let (_, secret, recovery) = enrolled(&app).await;
    app.restart_with(config("cd")).await;
    let unreadable = app.desk().unreadable_secrets().await.expect("counted");
    let whose: Vec<_> = unreadable.into_iter().map(|((_, whose), n)| (whose, n)).collect();
    assert_eq!(whose, [("second factors", 1)]);
    let (browser, _) = first_step(&app).await;
    let page = browser.submit("/app/sign-in/code", &[("code", &code(&app, &secret, 0))]).await.expect(409);
    assert!(page.text.contains("one-time-code") && page.text.contains("recovery codes, or ask an admin"));
    assert!(!page.text.contains("sealed") && !page.text.contains("askwell doctor"), "{}", page.text);
    assert_eq!(second_step(&browser, &recovery[0]).await, 303);
}
