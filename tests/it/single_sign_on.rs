//! Single sign-on: who is signed in, and above all who is not.

use axum::http::Method;
use domain::Role;
use serde_json::{Value, json};
use tests::{Browser, IdentityProvider, TestApp, settings};

async fn start() -> (TestApp, IdentityProvider) {
    let provider = IdentityProvider::start().await;
    let (client_id, client_secret) = IdentityProvider::CLIENT;
    let config = settings(json!({
        "site": { "base_url": "http://help.example" },
        "sign_in": { "provider": {
            "name": "Example ID", "issuer": provider.issuer(),
            "client_id": client_id, "client_secret": client_secret,
        } },
    }));
    (TestApp::start_with(config).await, provider)
}

fn ada(subject: &str) -> Value {
    json!({ "sub": subject, "email": "Ada@askwell.example", "email_verified": true })
}

/// Goes to the provider and comes back; the status, and the browser.
async fn sign_in<'a>(app: &'a TestApp, provider: &IdentityProvider) -> (u16, Browser<'a>) {
    let browser = Browser::new(app);
    let away = browser.get("/app/sign-in/provider").await.expect(303);
    let back = provider.visit(away.header("location"));
    let cross_site = [("sec-fetch-site", "cross-site")];
    let status = browser.send(Method::GET, &back, None, &cross_site).await.status.as_u16();
    (status, browser)
}

async fn name(browser: &Browser<'_>) -> Value {
    browser.get("/api/v1/me").await.expect(200).json()["name"].clone()
}

#[tokio::test]
async fn who_has_an_account_is_signed_in_by_a_verified_address_and_then_by_the_subject() {
    let (app, provider) = start().await;
    let page = app.get("/app/sign-in", None).await.expect(200).text;
    assert!(page.contains("Sign in with Example ID"), "{page}");
    provider.say("ES256", ada("s-1"));
    assert_eq!(sign_in(&app, &provider).await.0, 403, "no account is made");
    app.person("Ada", Role::Agent).await;
    app.person("Dee", Role::Editor).await;
    let (status, browser) = sign_in(&app, &provider).await;
    assert_eq!((status, name(&browser).await), (303, json!("Ada")));
    // Whatever address the provider has for her now, even somebody else's.
    for email in [json!("dee@askwell.example"), json!("new@askwell.example"), Value::Null] {
        provider.say("ES256", json!({ "sub": "s-1", "email": email, "email_verified": true }));
        let (status, browser) = sign_in(&app, &provider).await;
        assert_eq!((status, name(&browser).await), (303, json!("Ada")), "{email}");
    }
    // Whoever gets her address at the provider gets nothing of hers.
    provider.say("ES256", ada("s-2"));
    assert_eq!(sign_in(&app, &provider).await.0, 403);
}

#[tokio::test]
async fn what_is_not_to_be_believed_signs_nobody_in() {
    let with = |name: &str, value: Value| {
        let mut claims = ada("s-1");
        claims[name] = value;
        claims
    };
    let cases = [
        ("ES256", with("iss", json!("https://evil.example"))),
        ("ES256", with("aud", json!("another-client"))),
        ("ES256", with("aud", json!(["askwell", "another-client"]))),
        ("ES256", with("azp", json!("another-client"))),
        ("ES256", with("nonce", json!("of another sign-in"))),
        ("ES256", with("nonce", Value::Null)),
        ("ES256", with("exp", json!(1_767_225_000))),
        ("ES256", with("iat", json!(1_767_226_600))),
        ("ES256", with("sub", json!(""))),
        ("ES256", with("email_verified", json!(false))),
        ("ES256", with("email_verified", Value::Null)),
        ("ES256", with("email_verified", json!("true"))),
        ("ES256", with("email", json!("nobody@askwell.example"))),
        ("none", ada("s-1")),
        ("HS256", ada("s-1")),
        ("RS256", ada("s-1")),
    ];
    // One address may try twenty times a minute, so a few at a time.
    for cases in cases.chunks(6) {
        let (app, provider) = start().await;
        app.person("Ada", Role::Agent).await;
        for (algorithm, claims) in cases {
            provider.say(algorithm, claims.clone());
            let (status, browser) = sign_in(&app, &provider).await;
            assert_eq!(status, 403, "{algorithm} {claims}");
            browser.get("/api/v1/me").await.problem(401);
        }
        // None of it was remembered: the right one works.
        provider.say("ES256", ada("s-1"));
        assert_eq!(sign_in(&app, &provider).await.0, 303);
    }
}

#[tokio::test]
async fn a_sign_in_belongs_to_the_browser_that_began_it_and_is_good_once() {
    let (app, provider) = start().await;
    app.person("Ada", Role::Agent).await;
    provider.say("ES256", ada("s-1"));
    let browser = Browser::new(&app);
    let away = browser.get("/app/sign-in/provider").await.expect(303);
    let back = provider.visit(away.header("location"));
    let victim = Browser::new(&app);
    victim.get(&back).await.expect(403);
    let begun = victim.get("/app/sign-in/provider").await.expect(303);
    provider.visit(begun.header("location"));
    victim.get(&back).await.expect(403);
    victim.get("/api/v1/me").await.problem(401);

    provider.visit(away.header("location"));
    let other_state = back.replace("state=", "state=0");
    browser.get(&other_state).await.expect(403);
    browser.get(&back).await.expect(403);
    // From the start, and only with the code that the provider gave.
    let away = browser.get("/app/sign-in/provider").await.expect(303);
    let back = provider.visit(away.header("location"));
    browser.get(&back.replace("code=good", "code=bad")).await.expect(403);
    let away = browser.get("/app/sign-in/provider").await.expect(303);
    let back = provider.visit(away.header("location"));
    browser.get(&back).await.expect(303);
    browser.get(&back).await.expect(403);
    assert_eq!(name(&browser).await, "Ada");
}

#[tokio::test]
async fn who_is_deactivated_stays_out() {
    let (app, provider) = start().await;
    let id = app.person("Ada", Role::Agent).await;
    provider.say("ES256", ada("s-1"));
    let (_, browser) = sign_in(&app, &provider).await;
    browser.get("/api/v1/me").await.expect(200);
    let bo = app.bo().await;
    let active = async |active: bool| {
        let body = Some(json!({ "active": active }));
        bo.send(Method::PATCH, &format!("/api/v1/users/{id}"), body, &[]).await.expect(200)
    };
    active(false).await;
    browser.get("/api/v1/me").await.problem(401);
    assert_eq!(sign_in(&app, &provider).await.0, 403);
    active(true).await;
    assert_eq!(sign_in(&app, &provider).await.0, 303);
    app.get("/app/sign-in/provider/return", None).await.expect(403);
}

#[tokio::test]
async fn without_a_provider_there_is_nothing_to_sign_in_at() {
    let app = TestApp::start().await;
    assert!(!app.get("/app/sign-in", None).await.expect(200).text.contains("/app/sign-in/provider"));
    app.get("/app/sign-in/provider", None).await.expect(404);
    let gone = settings(json!({
        "site": { "base_url": "http://help.example" },
        "sign_in": { "provider": {
            "name": "Gone", "issuer": "http://127.0.0.1:9", "client_id": "x", "client_secret": "x",
        } },
    }));
    let app = TestApp::start_with(gone).await;
    app.get("/app/sign-in/provider", None).await.expect(503);
}
