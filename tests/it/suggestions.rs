//! Drafts for an agent: where they come from, what became of them, and what is never in them.

use axum::http::Method;
use serde_json::{Value, json};
use tests::{CONTACTS, INVOICES, PASSWORD, TestApp};

async fn ticket(app: &TestApp, key: &str, question: &str) -> Value {
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "name": "Cy", "message": question })).await;
    app.ticket(key, number).await
}

async fn drafts(app: &TestApp, key: &str, ticket: &Value) -> Vec<Value> {
    let path = format!("/api/v1/tickets/{}/suggestions", ticket["id"].as_str().expect("an id"));
    let made = app.post(&path, Some(key), json!({})).await.expect(200).json();
    made["suggestions"].as_array().expect("drafts").clone()
}

async fn solve(app: &TestApp, key: &str, ticket: &Value, reply: &str) {
    app.write(key, ticket, "reply", reply).await;
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(key), Some(json!({ "status": "solved" })), &[]).await.expect(200);
}

#[tokio::test]
async fn a_ticket_gets_up_to_three_drafts_with_their_sources() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES] {
        app.publish(&key, text).await;
    }
    let past = ticket(&app, &key, "The link to reset my password does not arrive").await;
    solve(&app, &key, &past, "Your mail provider may hold it back: look into the folder for spam.").await;
    app.learn().await;
    let new = ticket(&app, &key, "The link to reset my password never arrives").await;
    let drafts = drafts(&app, &key, &new).await;
    assert!((1..=3).contains(&drafts.len()), "{drafts:?}");
    let mut sources = Vec::new();
    for (draft, rank) in drafts.iter().zip(1..) {
        assert_eq!(draft["rank"], rank);
        assert_eq!(draft["outcome"], Value::Null);
        for part in ["body", "why"] {
            assert!(draft[part].as_str().is_some_and(|text| !text.is_empty()), "{part} of {draft}");
        }
        let own = draft["sources"].as_array().expect("sources");
        assert!(!own.is_empty(), "{draft}");
        sources.extend(own.clone());
    }
    let article = sources.iter().find(|source| source["type"] == "article");
    assert_eq!(article.expect("a draft from an article")["citation"]["slug"], PASSWORD.slug);
    let solved = sources.iter().find(|source| source["type"] == "ticket");
    assert_eq!(solved.expect("a draft from a solved ticket")["number"], past["number"]);
}

#[tokio::test]
async fn what_became_of_a_draft_is_recorded() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    for outcome in ["used", "edited", "dismissed"] {
        let ticket = ticket(&app, &key, "How do I reset my password?").await;
        let draft = drafts(&app, &key, &ticket).await.remove(0);
        let (id, body) = (draft["id"].as_str().expect("an id"), draft["body"].as_str().expect("a body"));
        match outcome {
            "dismissed" => {
                let path = format!("/api/v1/suggestions/{id}/outcome");
                let outcome = Some(json!({ "outcome": "dismissed" }));
                app.send(Method::PUT, &path, Some(&key), outcome, &[]).await.expect(200);
            }
            _ => {
                let body = if outcome == "used" { body.to_owned() } else { format!("Hello Cy!\n\n{body}") };
                let path = format!("/api/v1/tickets/{}/messages", ticket["id"].as_str().expect("an id"));
                let reply = json!({ "kind": "reply", "body": body, "suggestion_id": id });
                app.post(&path, Some(&key), reply).await.expect(201);
            }
        }
        let read = app.ticket(&key, ticket["number"].as_i64().expect("a number")).await;
        let kept = read["suggestions"].as_array().into_iter().flatten().find(|kept| kept["id"] == id);
        assert_eq!(kept.expect("it is kept")["outcome"], outcome);
    }
}

#[tokio::test]
async fn a_draft_never_quotes_what_the_customer_may_not_read() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let question = "How long does the link to reset a password work?";
    let secret = "30 minutes";
    let id = app.publish(&key, PASSWORD).await;
    app.publish(&key, INVOICES).await;
    let said = |drafts: &[Value]| drafts.iter().map(Value::to_string).collect::<String>();
    let open = drafts(&app, &key, &ticket(&app, &key, question).await).await;
    assert!(said(&open).contains(PASSWORD.slug), "{open:?}");
    for audience in ["agents", "signed_in"] {
        app.change(&key, &id, json!({ "audience": audience })).await;
        let drafts = drafts(&app, &key, &ticket(&app, &key, question).await).await;
        assert!(!said(&drafts).contains(secret) && !said(&drafts).contains(PASSWORD.slug), "{drafts:?}");
    }
}
