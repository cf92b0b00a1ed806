//! Bad input gets a clear refusal and loses nothing.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, bold};

use crate::databases::on_postgres;

#[tokio::test]
async fn what_is_no_question_is_refused_and_the_conversation_goes_on() {
    let app = TestApp::start_with(bold()).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    let conversation = app.conversation().await;
    let path = format!("/api/v1/conversations/{}/turns", conversation.0);
    for (text, status) in [
        (String::new(), 422),
        (" \n\t ".to_owned(), 422),
        ("\u{200b}\u{feff}".to_owned(), 422),
        ("\0\u{1}\u{2}\u{7f}ELF".to_owned(), 422),
        ("\u{fffd}".repeat(50), 422),
        ("a ".repeat(20 << 10), 413),
        ("x".repeat(1 << 20), 413),
    ] {
        let shown: String = text.chars().take(20).collect();
        let answer = app.post(&path, Some(&conversation.1), json!({ "text": text })).await;
        assert_eq!(answer.status, status, "{shown:?}: {}", answer.text);
        answer.problem(status);
    }
    let bytes: Vec<u8> = (0..4096_u32).map(|n| (n * 7919 % 256) as u8).collect();
    let binary = Request::post(&path)
        .header("authorization", format!("Bearer {}", conversation.1))
        .header("content-type", "application/json")
        .body(Body::from(bytes));
    app.raw(binary.expect("a request")).await.problem(400);
    assert_eq!(app.read(&conversation).await["turns"], json!([]));
    let said = app.ask(&conversation, "How do I reset my password?").await;
    assert_eq!(said["kind"], "answer", "{said}");
}

#[tokio::test]
async fn odd_questions_are_answered_somehow() {
    let app = TestApp::start_with(bold()).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    for text in [
        "?",
        "\"",
        "a",
        "the",
        "🙂🙃",
        "密码怎么重置？",
        "كيف أعيد تعيين كلمة المرور؟",
        "a\u{301}\u{301}\u{301}",
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "title:password AND body:* NOT (",
        "password^1000 ~ + - && || ! ( ) { } [ ] \\",
        &"word ".repeat(3_000),
        &"x".repeat(16_000),
    ] {
        let shown: String = text.chars().take(40).collect();
        let said = app.ask(&app.conversation().await, text).await;
        let kind = said["kind"].as_str().unwrap_or_default();
        assert!(["answer", "clarify", "handoff"].contains(&kind), "{shown}: {said}");
    }
}

#[tokio::test]
async fn signs_that_mean_something_to_an_index_mean_nothing_in_a_query() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    app.publish_json(&key, json!({ "title": "Unrelated", "locale": "en", "body": "Nothing to see." })).await;
    let slug = PASSWORD.slug.to_owned();
    for query in [
        "password",
        "\"reset\" password",
        "+password -reset",
        "password*",
        "password AND reset",
        "title:password",
        "password~2^4",
        "(password",
        "reset your password?!",
    ] {
        assert_eq!(app.search(query, None).await.first(), Some(&slug), "{query}");
    }
    // None of these finds everything, or breaks anything.
    for query in ["%", "_", "*", "[a-z]", "\\", "' OR ''='", "*:*", "()", "NOT", "\"\"\"", "^", "%00"] {
        let path = format!(
            "/api/v1/search?q={}",
            query
                .replace('%', "%25")
                .replace('^', "%5E")
                .replace('\\', "%5C")
                .replace('"', "%22")
                .replace(' ', "+")
                .replace('[', "%5B")
                .replace(']', "%5D")
        );
        let answer = app.get(&path, None).await;
        assert!(answer.status == 200 || answer.status == 422, "{query}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn limits_are_kept_whatever_is_asked_for() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for n in 0..3 {
        let article = json!({ "title": format!("Password {n}"), "locale": "en", "body": "A password." });
        app.publish_json(&key, article).await;
    }
    for (limit, n_hits) in [("0", 1), ("1", 1), ("2", 2), ("50", 3), ("100000000", 3)] {
        let path = format!("/api/v1/search?q=password&limit={limit}");
        let found = app.get(&path, None).await.expect(200).json();
        assert_eq!(found["hits"].as_array().map(Vec::len), Some(n_hits), "limit {limit}");
    }
    for limit in ["-1", "1e3", "18446744073709551616"] {
        app.get(&format!("/api/v1/search?q=password&limit={limit}"), None).await.problem(400);
    }
    let long = "password+".repeat(1_000);
    app.get(&format!("/api/v1/search?q={long}"), None).await.problem(413);
}

#[tokio::test]
async fn articles_outside_their_limits_are_refused_and_the_others_stay() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    for (article, status) in [
        (json!({ "title": "", "body": "b" }), 422),
        (json!({ "title": "t".repeat(400), "body": "b" }), 422),
        (json!({ "title": "t", "body": "\0" }), 422),
        (json!({ "title": "t", "body": "b".repeat(5 << 20) }), 413),
        (json!({ "title": "t", "body": "b", "slug": "../etc/passwd" }), 422),
        (json!({ "title": "t", "body": "b", "slug": PASSWORD.slug }), 409),
        (json!({ "title": "t", "body": "b", "audience": "everybody" }), 400),
        (json!({ "title": "t", "body": "b", "audience": "segment:" }), 400),
        (json!({ "title": "t", "body": "b", "locale": "xx-" }), 400),
        (json!({ "title": "t", "body": "b", "questions": vec!["q"; 60] }), 422),
    ] {
        let shown: String = article.to_string().chars().take(60).collect();
        let answer = app.post("/api/v1/articles", Some(&key), article).await;
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        answer.problem(status);
    }
    let listed = app.get("/api/v1/articles", Some(&key)).await.expect(200).json();
    assert_eq!(listed["articles"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["articles"][0]["id"], id.as_str());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_and_no_ticket_is_opened() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let path = format!("/api/v1/conversations/{}/handoff", conversation.0);
    for email in ["cy", "cy@", "cy@example.org\r\nBcc: all@example.org", "<cy@example.org>"] {
        let answer = app.post(&path, Some(&conversation.1), json!({ "email": email })).await;
        let problem = answer.problem(422);
        assert_eq!(problem["field"], "email", "{problem}");
    }
    assert!(app.tickets(&key).await.is_empty());
    let no_body = app.send(Method::POST, &path, Some(&conversation.1), None, &[]).await.expect(200).json();
    assert_eq!(no_body["ticket_number"], Value::from(1));
}

#[tokio::test]
async fn a_nul_is_in_nothing_that_is_there() {
    nul(bold()).await;
}

#[tokio::test]
async fn a_nul_is_in_nothing_that_is_there_on_postgres() {
    on_postgres(nul).await;
}

async fn nul(config: app::Config) {
    let app = TestApp::start_with(config).await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "email": "cy@example.org" })).await;
    let ticket = app.ticket(&key, number).await["id"].as_str().unwrap().to_owned();
    for (path, status) in [
        ("/a/%00", 404),
        ("/c/a%00b", 404),
        ("/search?q=%00", 400),
        ("/api/v1/tickets/%00", 404),
        ("/api/v1/tickets?after=%00", 400),
        ("/api/v1/tickets?tag=a%00b", 400),
        ("/api/v1/customers/%00", 404),
        ("/api/v1/organisations?name=%00", 400),
        ("/api/v1/views/%00", 404),
        ("/api/v1/traces/%00", 404),
    ] {
        assert_eq!(app.get(path, Some(&key)).await.status, status, "{path}");
    }
    // A per cent sign of its own is none.
    app.get("/api/v1/organisations?name=%2500", Some(&key)).await.expect(200);
    for (path, body) in [
        (format!("/api/v1/tickets/{ticket}/merge"), json!({ "into_id": "\0" })),
        (
            format!("/api/v1/tickets/{ticket}/messages"),
            json!({ "kind": "note", "body": "x", "attachment_ids": ["\0"] }),
        ),
        ("/api/v1/tickets".to_owned(), json!({ "subject": "x", "body": "x", "team": "a\0" })),
        ("/api/v1/tickets".to_owned(), json!({ "subject": "x", "body": "x", "assignee_id": "\0" })),
        ("/api/v1/tickets".to_owned(), json!({ "subject": "x", "body": "x", "tags": ["a\0b"] })),
    ] {
        let answer = app.post(&path, Some(&key), body.clone()).await;
        assert!(answer.status.is_client_error(), "{path} {body}: {} {}", answer.status, answer.text);
    }
    assert_eq!(app.tickets(&key).await.len(), 1);
    let change = Some(json!({ "assignee_id": "\0" }));
    let path = format!("/api/v1/tickets/{ticket}");
    let answer = app.send(Method::PATCH, &path, Some(&key), change, &[]).await;
    assert!(answer.status.is_client_error(), "{} {}", answer.status, answer.text);
}

#[tokio::test]
async fn a_misspelt_part_of_a_query_is_refused_and_not_passed_over() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (path, name) in [
        ("views?cuonts=true", "cuonts"),
        ("canned-replies?query=x", "query"),
        ("events?type=ticket_opened", "type"),
        ("fields?for=ticket", "for"),
        ("search?q=x&limitt=1", "limitt"),
        ("learning/questions?article=x", "article"),
        ("articles?status=draft", "status"),
        ("collections?language=en", "language"),
        ("tickets?stauts=open&limit=1", "stauts"),
        ("tickets/search?q=x&archived=true", "archived"),
        ("customers?fliter=tag:vip", "fliter"),
        ("bulk-jobs?state=running", "state"),
        ("reports?by=team", "by"),
    ] {
        let problem = app.get(&format!("/api/v1/{path}"), Some(&key)).await.problem(400);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{name}: no such parameter")), "{path}: {problem}");
    }
}
