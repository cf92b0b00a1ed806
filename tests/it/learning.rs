//! Learning from solved tickets: what agents link makes search better, and nothing that may not be seen comes through.

use axum::http::Method;
use domain::{Principal, Scope};
use serde_json::{Value, json};
use tests::{CONTACTS, INVOICES, PASSWORD, TestApp};

async fn solved(app: &TestApp, key: &str, email: &str, question: &str, reply: &str) {
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy Ngyuen", "email": email, "message": question });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(key, number).await;
    app.write(key, &ticket, "reply", reply).await;
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(key), Some(json!({ "status": "solved" })), &[]).await.expect(200);
}

/// Solves this many tickets of different customers about the same, in words that no article has.
async fn forty(app: &TestApp, key: &str, slug: &str) {
    for n in 0..40 {
        let question = format!("The gizmo blinks red again, case {n}, since the storm");
        let reply = format!("Hello Cy,\n\nplease read [this](/a/{slug}) and press the lever.\n\nAda");
        solved(app, key, &format!("cy{n}@example.org"), &question, &reply).await;
    }
}

const ASKED: &str = "my gizmo blinks red since yesterday";

#[tokio::test]
async fn what_agents_link_is_found_from_the_next_run_on() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES] {
        app.publish(&key, text).await;
    }
    forty(&app, &key, CONTACTS.slug).await;
    let outcome = app.learn().await;
    assert_eq!((outcome.n_new, outcome.report.n_linked), (40, 40), "{:?}", outcome.report);
    assert!(outcome.version.in_use, "{:?}", outcome.report.verdict);
    assert_eq!(app.search(ASKED, None).await[0], CONTACTS.slug);

    // Nothing new: the second run makes the same numbers, and off is as before.
    let again = app.learn().await;
    assert_eq!(again.n_new, 0);
    assert_eq!(again.report.learned, outcome.report.learned);
    let path = format!("/api/v1/search?q={}", ASKED.replace(' ', "%20"));
    let for_the_team = app.get(&path, Some(&key)).await.expect(200).json();
    let why = &for_the_team["hits"][0]["explanation"];
    assert!(why["learned"].as_f64().expect("a number") > 0.0);
    assert_eq!(why["past_tickets"].as_array().expect("tickets").len(), 3, "{why}");
    let for_anybody = app.get(&path, None).await.expect(200).json();
    assert!(for_anybody["hits"][0]["explanation"].is_null(), "{for_anybody}");

    choose(&app, &key, json!({ "number": null })).await;
    let cold = app.get(&path, Some(&key)).await.expect(200).json();
    let hits = cold["hits"].as_array().expect("hits");
    assert!(hits.iter().all(|hit| hit["explanation"]["learned"].is_null()), "{cold}");
    choose(&app, &key, json!({ "number": 1 })).await;
    let versions = app.get("/api/v1/learning/versions", Some(&key)).await.expect(200).json();
    let in_use: Vec<&Value> =
        versions["versions"].as_array().expect("versions").iter().map(|v| &v["in_use"]).collect();
    assert_eq!(in_use, [&json!(false), &json!(true)]);
    let path = "/api/v1/learning/choice";
    app.send(Method::PUT, path, Some(&key), Some(json!({ "number": 9 })), &[]).await.problem(404);
    let reader = app.key(&[Scope::TicketsRead]).await;
    app.send(Method::PUT, path, Some(&reader), Some(json!({ "number": 2 })), &[]).await.problem(403);
    app.post("/api/v1/learning/versions", Some(&reader), json!({})).await.problem(403);
    assert_eq!(app.search(ASKED, None).await[0], CONTACTS.slug);
}

#[tokio::test]
async fn a_customer_who_is_forgotten_is_gone_from_every_version() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, CONTACTS).await;
    forty(&app, &key, CONTACTS.slug).await;
    let outcome = app.learn().await;
    assert_eq!(outcome.report.n_remembered, 40);
    let desk = app.desk();
    assert_eq!(desk.forget_customer(&Principal::System, "cy7@example.org").await.expect("forgotten"), 1);
    assert!(desk.forget_customer(&Principal::System, "nobody@example.org").await.is_err());
    desk.refresh_learned().await.expect("refreshed");
    let suggestions = suggest(&app, &key).await;
    assert!(!suggestions.is_empty());
    assert_eq!(app.learn().await.report.n_remembered, 39, "the next run does not remember it again");
}

#[tokio::test]
async fn a_reply_about_an_article_that_is_restricted_now_is_not_suggested() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = app.publish(&key, CONTACTS).await;
    app.publish(&key, PASSWORD).await;
    forty(&app, &key, CONTACTS.slug).await;
    app.learn().await;
    let before = suggest(&app, &key).await;
    assert!(before.iter().any(|body| body.contains("press the lever")), "{before:?}");
    assert!(
        before.iter().all(|body| !body.contains("Ngyuen") && !body.contains("Hello Cy,\n\nplease")),
        "{before:?}"
    );
    app.change(&key, &id, json!({ "audience": "agents" })).await;
    let after = suggest(&app, &key).await;
    assert!(after.iter().all(|body| !body.contains("press the lever")), "{after:?}");
    assert!(!app.search(ASKED, None).await.contains(&CONTACTS.slug.to_owned()));
}

async fn choose(app: &TestApp, key: &str, choice: Value) {
    app.send(Method::PUT, "/api/v1/learning/choice", Some(key), Some(choice), &[]).await.expect(204);
}

/// The bodies of the drafts for a new ticket.
async fn suggest(app: &TestApp, key: &str) -> Vec<String> {
    let conversation = app.conversation().await;
    let form = json!({ "name": "Di", "email": "di@example.org", "message": ASKED });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(key, number).await;
    let path = format!("/api/v1/tickets/{}/suggestions", ticket["id"].as_str().expect("an id"));
    let made = app.post(&path, Some(key), json!({})).await.expect(200).json();
    let drafts: &Vec<Value> = made["suggestions"].as_array().expect("drafts");
    drafts.iter().map(|draft| draft["body"].as_str().expect("a body").to_owned()).collect()
}

#[tokio::test]
async fn what_customers_link_teaches_nothing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS] {
        app.publish(&key, text).await;
    }
    for n in 0..60 {
        let question = format!("The gizmo blinks red, see /a/{} for case {n}", CONTACTS.slug);
        solved(&app, &key, "mallory@example.org", &question, "We are on it.").await;
    }
    let outcome = app.learn().await;
    assert_eq!((outcome.report.n_remembered, outcome.report.n_linked), (60, 0));
    assert!(!outcome.version.in_use);
}
