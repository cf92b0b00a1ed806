//! Messages in Markdown and HTML: kept clean, given back in both forms, shown safely to both sides.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::{Browser, TestApp};

const HOSTILE: &str = "<p onclick=\"a()\">Hello <b>Cy</b><script>alert(1)</script>\
    <a href=\"javascript:alert(2)\">here</a> <a href=\"https://x.example/?a=1\">there</a>\
    <img src=x onerror=\"b()\"><iframe src=\"https://evil.example\"></iframe></p><style>p{}</style>";
/// What must not be left of it.
const WRONG: [&str; 6] = ["onclick", "onerror", "alert(", "<iframe", "javascript:", "evil.example"];

async fn ticket(app: &TestApp, key: &str) -> String {
    let new = json!({ "body": "It is broken.", "customer": { "name": "Cy", "email": "cy@example.org" } });
    let ticket = app.post("/api/v1/tickets", Some(key), new).await.expect(201).json();
    ticket["id"].as_str().unwrap().to_owned()
}

async fn write(app: &TestApp, key: &str, id: &str, message: Value) -> Value {
    app.post(&format!("/api/v1/tickets/{id}/messages"), Some(key), message).await.expect(201).json()
}

#[tokio::test]
async fn html_is_kept_clean_and_as_markdown() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = ticket(&app, &key).await;
    let sent = write(&app, &key, &id, json!({ "kind": "reply", "format": "html", "body": HOSTILE })).await;
    assert_eq!(sent["body"], "Hello **Cy**here [there](https://x.example/?a=1)");
    let html = sent["html"].as_str().unwrap();
    assert!(html.starts_with("<p>Hello <b>Cy</b>"), "{html}");
    assert!(
        html.contains("href=\"https://x.example/?a=1\" rel=\"noopener noreferrer nofollow ugc\""),
        "{html}"
    );
    let note =
        write(&app, &key, &id, json!({ "kind": "note", "body": "See *this* <script>x</script>" })).await;
    assert_eq!(note["html"], "<p>See <em>this</em> &lt;script&gt;x&lt;/script&gt;</p>\n");
    let view = app.ticket(&key, 1).await;
    assert_eq!((&view["messages"][1], &view["messages"][2]), (&sent, &note));
    assert_eq!(view["messages"][0]["html"], "It is broken.");
    for wrong in WRONG {
        assert!(!view["messages"][1].to_string().contains(wrong), "{wrong}");
    }
    app.index_tickets().await;
    assert_eq!(app.search_tickets("hello", &key).await, [1], "its words are found");
    assert_eq!(app.search_tickets("nofollow", &key).await, Vec::<i64>::new(), "its markup is not");
}

#[tokio::test]
async fn both_sides_see_html_that_cannot_run() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let browser = app.bo().await;
    let visitor = Browser::new(&app);
    visitor.submit("/ask/handoff", &[("message", "Please call me."), ("name", "Cy")]).await;
    let view = app.ticket(&key, 1).await;
    let id = view["id"].as_str().unwrap();
    write(&app, &key, id, json!({ "kind": "reply", "format": "html", "body": HOSTILE })).await;
    for page in [browser.get("/app/tickets/1").await.expect(200), visitor.get("/ask").await.expect(200)] {
        assert!(page.text.contains("<p>Hello <b>Cy</b>"), "{}", page.text);
        for wrong in WRONG {
            assert!(!page.text.contains(wrong), "{wrong}: {}", page.text);
        }
    }
    let conversation = view["conversation_id"].as_str().unwrap();
    let read = app.get(&format!("/api/v1/conversations/{conversation}"), Some(&key)).await.expect(200).json();
    let last = read["turns"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["speaker"], &last["attachments"]), (&json!("agent"), &Value::Null));
    assert!(last["html"].as_str().unwrap().starts_with("<p>Hello <b>Cy</b>"), "{last}");
}

#[tokio::test]
async fn what_says_nothing_or_too_much_is_refused() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    let id = ticket(&app, &key).await;
    let path = format!("/api/v1/tickets/{id}/messages");
    for (message, status) in [
        (json!({ "kind": "reply", "format": "html", "body": "<script>alert(1)</script>" }), 422),
        (
            json!({ "kind": "reply", "format": "html", "body": "<p>&#8203;</p><p style=\"display:none\">x</p>" }),
            422,
        ),
        (json!({ "kind": "reply", "body": "\u{200b}\u{200b}" }), 422),
        (json!({ "kind": "reply", "format": "html", "body": "a".repeat(1 << 20) }), 413),
        (json!({ "kind": "reply", "format": "html", "body": "a".repeat(300 << 10) }), 413),
        (json!({ "kind": "reply", "format": "rtf", "body": "a" }), 400),
        (json!({ "kind": "reply", "html": "<p>a</p>", "body": "a" }), 400),
        (json!({ "kind": "note", "send_at": "2026-02-01T00:00:00Z", "body": "a" }), 400),
    ] {
        app.post(&path, Some(&key), message).await.problem(status);
    }
    assert_eq!(app.ticket(&key, 1).await["messages"].as_array().unwrap().len(), 1);
    // A wall of broken markup ends as what a reader sees of it.
    let broken = format!("{}x", "<div><b><a href='".repeat(5_000));
    let kept = app.post(&path, Some(&key), json!({ "kind": "note", "format": "html", "body": broken })).await;
    assert!(kept.status.as_u16() == 201 || kept.status.as_u16() == 422, "{}", kept.text);
    let opened = json!({ "format": "html", "body": "<p>Order <i>7</i></p>", "customer": { "name": "Cy" } });
    let opened = app.post("/api/v1/tickets", Some(&key), opened).await.expect(201).json();
    let number = opened["number"].as_i64().unwrap();
    let first = &app.ticket(&key, number).await["messages"][0];
    assert_eq!(
        (first["body"].as_str(), first["html"].as_str()),
        (Some("Order *7*"), Some("<p>Order <i>7</i></p>"))
    );
    app.send(Method::GET, &format!("/api/v1/tickets/{id}/messages"), Some(&key), None, &[]).await.expect(405);
}
