//! How much a key, a session and an address may ask of the API, and that they are told before it is too much.

use serde_json::json;
use tests::{Answer, TestApp, settings};

/// The items of a header: name and the value of one parameter.
fn items(answer: &Answer, header: &str, parameter: &str) -> Vec<(String, i64)> {
    let line = answer.header(header);
    let items = line.split(", ").filter(|item| !item.is_empty());
    items
        .map(|item| {
            let mut parts = item.split(';');
            let name = parts.next().unwrap().trim_matches('"').to_owned();
            let value = parts.find_map(|part| part.strip_prefix(parameter)?.strip_prefix('=')).unwrap();
            (name, value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn each_key_session_and_address_is_told_what_is_left_and_then_to_wait() {
    let limits = json!({ "server": {
        "key_requests_per_minute": 3, "session_requests_per_minute": 4, "address_requests_per_minute": 5,
    } });
    let app = TestApp::start_with(settings(limits)).await;
    let (one, other) = (app.master_key().await, app.master_key().await);
    let bo = app.bo().await;
    let ask = async |who: &str| match who {
        "key" => app.get("/api/v1/me", Some(&one)).await,
        "session" => bo.get("/api/v1/me").await,
        _ => app.get("/api/v1/collections", None).await,
    };
    for (who, quota) in [("key", 3), ("session", 4), ("address", 5)] {
        for n in 1..=quota {
            let answer = ask(who).await.expect(200);
            assert_eq!(items(&answer, "ratelimit-policy", "q"), [(who.to_owned(), quota)]);
            assert_eq!(items(&answer, "ratelimit-policy", "w"), [(who.to_owned(), 60)]);
            assert_eq!(items(&answer, "ratelimit", "r"), [(who.to_owned(), quota - n)]);
            let full_in_s = items(&answer, "ratelimit", "t")[0].1;
            assert!((1..=60).contains(&full_in_s), "{full_in_s}");
        }
        let refused = ask(who).await;
        assert_eq!(refused.problem(429)["type"], "/api#problem-rate-limited");
        assert_eq!(items(&refused, "ratelimit", "r"), [(who.to_owned(), 0)]);
        let wait_s: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=20).contains(&wait_s), "{wait_s}");
    }
    // Another key is another's, whatever the address; who tries out keys is counted by address.
    app.get("/api/v1/me", Some(&other)).await.expect(200);
    app.get("/api/v1/me", Some("askwell_nonsense")).await.problem(429);
}

#[tokio::test]
async fn a_limit_of_the_operation_is_told_beside_that_of_the_caller() {
    let app = TestApp::start().await;
    let found = app.get("/api/v1/search?q=password", None).await.expect(200);
    let policies = [("address".to_owned(), 3_000), ("searches".to_owned(), 1_200)];
    assert_eq!(items(&found, "ratelimit-policy", "q"), policies);
    // Refused for its scope, a request is counted all the same; pages are not.
    let key = app.key(&[domain::Scope::KbRead]).await;
    let refused = app.get("/api/v1/tickets", Some(&key)).await;
    refused.problem(403);
    assert_eq!(items(&refused, "ratelimit", "r"), [("key".to_owned(), 11_999)]);
    assert_eq!(app.get("/", None).await.expect(200).header("ratelimit"), "");
}
