//! The routes and shapes that others script against.

use axum::http::Method;
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, bold};

/// The contract's routes under `/api/v1`.
const ROUTES: [(&str, &str); 11] = [
    ("get", "/search"),
    ("post", "/conversations"),
    ("post", "/conversations/{id}/turns"),
    ("post", "/conversations/{id}/handoff"),
    ("get", "/tickets"),
    ("get", "/tickets/{id}"),
    ("post", "/tickets/{id}/suggestions"),
    ("post", "/articles"),
    ("patch", "/articles/{id}"),
    ("put", "/articles/{id}/publication"),
    ("delete", "/articles/{id}/publication"),
];

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[tokio::test]
async fn openapi_describes_every_route_of_the_contract() {
    let app = TestApp::start().await;
    let described = app.get("/api/openapi.json", None).await.expect(200).json();
    for (method, path) in ROUTES {
        let operation = &described["paths"][format!("/api/v1{path}")][method];
        assert!(operation.is_object(), "{method} {path}");
        assert!(operation["operationId"].is_string(), "{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let app = TestApp::start().await;
    let described = app.get("/api/openapi.json", None).await.expect(200).json();
    let paths = described["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|item| item.as_object().expect("operations").values());
    let mut names: Vec<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert_eq!(twice, Vec::<&str>::new());
}

#[tokio::test]
async fn every_described_route_exists_and_refuses_strangers_or_nonsense_politely() {
    let app = TestApp::start().await;
    let described = app.get("/api/openapi.json", None).await.expect(200).json();
    let nowhere = app.get("/api/v1/nowhere", None).await.problem(404);
    let paths = described["paths"].as_object().expect("paths");
    assert!(paths.len() >= 10, "{paths:?}");
    for (path, operations) in paths {
        for method in METHODS.into_iter().filter(|method| operations[method].is_object()) {
            let name = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let path = path.replace("{id}", "x").replace("{turn_id}", "y");
            let answer = app.send(name, &path, None, None, &[]).await;
            let shown = format!("{method} {path}: {} {}", answer.status, answer.text);
            assert!(answer.status != 405 && !answer.status.is_server_error(), "{shown}");
            if answer.status == 404 {
                assert_ne!(answer.json()["detail"], nowhere["detail"], "{shown}");
            }
            if operations[method]["security"].is_array() {
                assert_eq!(answer.status, 401, "{shown}");
            }
        }
    }
}

/// What the shapes promise, as in the issue that asked for them.
#[tokio::test]
async fn hits_turns_and_hand_overs_have_the_promised_parts() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let external = json!({
        "title": PASSWORD.title, "locale": "en", "body": PASSWORD.body, "external_id": "doc-7",
    });
    app.publish_json(&key, external).await;
    let found = app.get("/api/v1/search?q=reset+password", None).await.expect(200).json();
    check_parts(&found, &["hits", "took_ms"]);
    let hit = &found["hits"][0];
    check_parts(hit, &["article_id", "slug", "title", "url", "anchor", "snippet", "score"]);
    assert_eq!(hit["external_id"], "doc-7");
    assert!(hit["url"].as_str().is_some_and(|url| url.starts_with("/a/reset-your-password")), "{hit}");

    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    check_parts(&said, &["kind", "text", "citations", "confidence", "trace_id", "took_ms"]);
    let citation = &said["citations"][0];
    check_parts(citation, &["n", "article_id", "slug", "title", "url", "anchor", "quote"]);
    assert_eq!(citation["external_id"], "doc-7");

    let trace = format!("/api/v1/traces/{}", said["trace_id"].as_str().expect("an id"));
    let kept = app.get(&trace, Some(&key)).await.expect(200).json();
    check_parts(
        &kept,
        &["question", "query", "candidates", "features", "decision", "generator", "index_seq"],
    );
    assert_eq!(kept["decision"]["text"], said["text"]);
    app.get(&trace, Some(&conversation.1)).await.problem(403);
}

#[tokio::test]
async fn one_article_is_one_hit() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let section = "\n\n## Reset it again\n\nReset the password once more, and the password is reset.";
    let body = format!("{}{}", PASSWORD.body, section.repeat(5));
    app.publish_json(&key, json!({ "title": PASSWORD.title, "locale": "en", "body": body })).await;
    assert_eq!(app.search("reset password", None).await, [PASSWORD.slug]);
}

#[tokio::test]
async fn an_old_address_leads_to_the_article() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    app.change(&key, &id, json!({ "slug": "new-password" })).await;
    let moved = app.get("/a/reset-your-password", None).await.expect(308);
    assert_eq!(moved.header("location"), "/a/new-password");
    app.get("/a/new-password", None).await.expect(200);
    // Not for those who may not read it: the address itself tells its title.
    app.change(&key, &id, json!({ "audience": "agents" })).await;
    app.get("/a/reset-your-password", None).await.expect(404);
}

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    let app = TestApp::start().await;
    app.get("/healthz", None).await.expect(200);
    app.get("/readyz", None).await.expect(200);
}

#[track_caller]
fn check_parts(json: &Value, parts: &[&str]) {
    for part in parts {
        assert!(json.get(part).is_some_and(|part| !part.is_null()), "no {part} in {json}");
    }
}
