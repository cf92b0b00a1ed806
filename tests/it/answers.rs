//! Publish, ask, cited; withdraw, ask, never again.

use serde_json::{Value, json};
use tests::{CONTACTS, INVOICES, MAILBOX, PASSWORD, TestApp, bold};

/// Words of [`PASSWORD`] that no other article has.
const SECRET: &str = "30 minutes";

/// With the bundled model and the shipped thresholds.
#[tokio::test]
async fn what_was_published_is_answered_and_cited_to_the_letter() {
    let app = TestApp::start_in_earnest().await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES, MAILBOX] {
        app.publish(&key, text).await;
    }
    for (question, article, words) in [
        ("How do I reset my password?", PASSWORD, "Forgot password"),
        ("How can I export all my contacts?", CONTACTS, "Export"),
        ("Where do I find the invoices?", INVOICES, "billing page"),
        ("How do I connect a shared mailbox?", MAILBOX, "Mailboxes"),
    ] {
        let conversation = app.conversation().await;
        let said = app.ask(&conversation, question).await;
        assert_eq!(said["kind"], "answer", "{question}: {said}");
        assert!(said["text"].as_str().is_some_and(|text| text.contains(words)), "{question}: {said}");
        check_citations(&app, &key, &said).await;
        assert_eq!(said["citations"][0]["slug"], article.slug, "{question}: {said}");
        let confidence = said["confidence"].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&confidence), "{said}");
    }
}

/// With the bundled model and the shipped thresholds.
#[tokio::test]
async fn a_follow_up_is_understood_from_the_conversation_and_the_unknown_is_not_answered() {
    let app = TestApp::start_in_earnest().await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES, MAILBOX] {
        app.publish(&key, text).await;
    }
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password?").await;
    let said = app.ask(&conversation, "And if the link does not arrive?").await;
    assert_ne!(said["kind"], "handoff", "{said}");
    assert!(said.to_string().contains(PASSWORD.slug), "{said}");
    for unknown in [
        "Which wines go with roast duck?",
        "What is the height of the Eiffel tower?",
        "Do you ship drones to Antarctica?",
    ] {
        let said = app.ask(&app.conversation().await, unknown).await;
        assert_eq!(said["kind"], "handoff", "{unknown}: {said}");
        assert_eq!(said["handoff"]["reason"], "abstained", "{unknown}: {said}");
    }
}

/// Every quote stands in the article, every number in the text has its citation, every address can be opened.
async fn check_citations(app: &TestApp, key: &str, said: &Value) {
    let text = said["text"].as_str().expect("a text");
    let citations = said["citations"].as_array().expect("citations");
    assert!(!citations.is_empty(), "{said}");
    for citation in citations {
        let id = citation["article_id"].as_str().expect("an id");
        let article = app.get(&format!("/api/v1/articles/{id}"), Some(key)).await.expect(200).json();
        let body: Vec<char> = article["body"].as_str().expect("a body").chars().collect();
        let at = |name: &str| citation[name].as_u64().expect("an offset") as usize;
        let quote: String = body[at("start")..at("end")].iter().collect();
        assert_eq!(citation["quote"], quote.as_str());
        assert!(text.contains(&format!("[{}]", citation["n"])), "{citation} in {text}");
        let url = citation["url"].as_str().expect("an address");
        let (page, anchor) = url.split_once('#').expect("an anchor");
        let page = app.get(page, None).await.expect(200).text;
        assert!(page.contains(&format!("id=\"{anchor}\"")), "no {anchor} in {page}");
    }
}

#[tokio::test]
async fn the_stream_says_what_the_answer_says() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let (id, token) = app.conversation().await;
    let path = format!("/api/v1/conversations/{id}/turns");
    let question = Some(json!({ "text": "How do I reset my password?" }));
    let accept = [("accept", "text/event-stream")];
    let streamed =
        app.send(axum::http::Method::POST, &path, Some(&token), question, &accept).await.expect(200);
    let events = streamed.events();
    let (last, done) = events.last().expect("events");
    assert_eq!(last, "done");
    assert_eq!(done["kind"], "answer");
    let named = |wanted: &str| events.iter().filter(|(name, _)| name == wanted).count();
    assert_eq!(named("citation"), done["citations"].as_array().map_or(0, Vec::len));
    for (_, sentence) in events.iter().filter(|(name, _)| name == "sentence") {
        let sentence = sentence["text"].as_str().expect("a text");
        assert!(done["text"].as_str().is_some_and(|text| text.contains(sentence)), "{sentence} in {done}");
    }
    assert!(named("sentence") > 0);
    let kept = app.read(&(id, token)).await;
    assert_eq!(kept["turns"][1]["text"], done["text"]);
}

#[tokio::test]
async fn a_new_text_replaces_the_old_one_in_the_next_answer() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    let body = PASSWORD.body.replace(SECRET, "two hours");
    app.change(&key, &id, json!({ "body": body })).await;
    assert!(everything(&app, &key).await.contains(SECRET), "a draft is not published yet");
    app.send(axum::http::Method::PUT, &format!("/api/v1/articles/{id}/publication"), Some(&key), None, &[])
        .await
        .expect(200);
    let seen = everything(&app, &key).await;
    assert!(seen.contains("two hours"));
    assert!(!seen.contains(SECRET));
}

#[tokio::test]
async fn withdrawn_text_is_gone_from_the_next_request_on() {
    for change in [
        None,
        Some(json!({ "audience": "agents" })),
        Some(json!({ "audience": "signed_in" })),
        Some(json!({ "audience": "segment:gold" })),
    ] {
        let app = TestApp::start_with(bold()).await;
        let key = app.master_key().await;
        let gold = json!({ "key": "gold", "name": "Gold", "filter": "tag:gold" });
        app.post("/api/v1/segments", Some(&key), gold).await.expect(201);
        let id = app.publish_json(&key, shelved()).await;
        app.publish(&key, CONTACTS).await;
        let before = everything(&app, &key).await;
        assert!(before.contains(SECRET) && before.contains(PASSWORD.title));
        match &change {
            None => app.unpublish(&key, &id).await,
            Some(change) => app.change(&key, &id, change.clone()).await,
        }
        let after = everything(&app, &key).await;
        for gone in [SECRET, PASSWORD.title, PASSWORD.slug] {
            assert!(!after.contains(gone), "{gone} after {change:?} in {after}");
        }
        app.get("/a/reset-your-password", None).await.expect(404);
        app.get("/a/reset-your-password.md", None).await.expect(404);
        assert!(app.search("export contacts", None).await.contains(&CONTACTS.slug.to_owned()));
        // Whoever may still read it does.
        let staff = app.search("reset your password", Some(&key)).await;
        assert_eq!(staff.contains(&PASSWORD.slug.to_owned()), change.is_some(), "{change:?}");
    }
}

fn shelved() -> Value {
    json!({ "title": PASSWORD.title, "locale": "en", "body": PASSWORD.body, "collection": "accounts" })
}

/// All that anybody can get to see, without the words of the questions themselves.
async fn everything(app: &TestApp, key: &str) -> String {
    let question = "How long does the link of a forgotten passphrase work?";
    let conversation = app.conversation().await;
    app.ask(&conversation, question).await;
    let number = app.hand_off(&conversation, json!({ "message": question })).await;
    let ticket = app.ticket(key, number).await;
    let drafts = format!("/api/v1/tickets/{}/suggestions", ticket["id"].as_str().expect("an id"));
    let mut seen = app.read(&conversation).await.to_string();
    seen += &ticket.to_string();
    seen += &app.post(&drafts, Some(key), json!({})).await.expect(200).text;
    for path in [
        "/api/v1/search?q=forgotten+link+sign-in+spam",
        "/api/v1/search?q=forgot&as_you_type=true",
        "/api/v1/collections",
        "/",
        "/c/accounts",
        "/search?q=forgotten+link+sign-in+spam",
        "/a/reset-your-password",
        "/a/reset-your-password.md",
        "/sitemap.xml",
        "/llms.txt",
    ] {
        let answer = app.get(path, None).await;
        // The page that says "not found" may repeat the address.
        if answer.status != 404 {
            seen += &answer.text;
        }
    }
    seen
}
