//! Learning from solved tickets: what agents link makes search better, and nothing that may not be seen comes through.

use axum::http::Method;
use domain::{Principal, Scope};
use serde_json::{Value, json};
use tests::{CONTACTS, INVOICES, PASSWORD, TestApp, settings};

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
    assert!(!app.learn().await.version.in_use, "who went back keeps that choice");
    choose(&app, &key, json!({ "number": null })).await;
    assert!(!app.learn().await.version.in_use, "and who turned it off");
    choose(&app, &key, json!({ "number": 4 })).await;
    assert!(app.learn().await.version.in_use, "until they choose the newest again");
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

const GIZMO: &str = "Gizmo blinks red after a storm";

async fn questions(app: &TestApp, key: &str) -> Vec<Value> {
    let listed = app.get("/api/v1/learning/questions", Some(key)).await.expect(200).json();
    listed["questions"].as_array().expect("questions").clone()
}

#[tokio::test]
async fn what_several_customers_ask_is_proposed_for_the_article_that_answered() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = app.publish(&key, CONTACTS).await;
    app.publish(&key, PASSWORD).await;
    let reply = format!("Please read [this](/a/{}) and press the lever.", CONTACTS.slug);
    for n in 0..3 {
        let question = format!("{GIZMO} {}", ["again", "today", "here"][n]);
        solved(&app, &key, &format!("cy{n}@example.org"), &question, &reply).await;
    }
    // One customer asks often, about something else.
    for _ in 0..5 {
        solved(&app, &key, "di@example.org", "Can the widget fly to the moon?", &reply).await;
    }
    let outcome = app.learn().await;
    assert_eq!((outcome.n_proposed, outcome.n_accepted), (1, 0));
    let proposed = &questions(&app, &key).await[0];
    assert_eq!((&proposed["article_id"], &proposed["n_askers"]), (&json!(id), &json!(3)), "{proposed}");
    assert_eq!((proposed["confidence"].as_f64(), &proposed["state"]), (Some(0.75), &json!("proposed")));
    assert!(proposed["question"].as_str().expect("text").starts_with(GIZMO), "{proposed}");

    assert!(!has_question(&app, &key).await);
    let path = format!("/api/v1/learning/questions/{}", proposed["id"].as_str().expect("an id"));
    let decide = |state: &str| app.send(Method::PUT, &path, Some(&key), Some(json!({ "state": state })), &[]);
    decide("accepted").await.expect(200);
    assert!(has_question(&app, &key).await, "accepted, it is an alternative question");
    assert_eq!(app.learn().await.n_proposed, 0, "and is not proposed again");
    decide("dismissed").await.expect(200);
    assert!(!has_question(&app, &key).await);
    assert_eq!(app.learn().await.n_proposed, 0);

    decide("unheard of").await.problem(400);
    let reader = app.key(&[Scope::TicketsRead, Scope::KbRead]).await;
    app.get("/api/v1/learning/questions", Some(&reader)).await.problem(403);
    app.send(Method::PUT, &path, Some(&reader), Some(json!({ "state": "accepted" })), &[]).await.problem(403);
    let missing = "/api/v1/learning/questions/nothing";
    app.send(Method::PUT, missing, Some(&key), Some(json!({ "state": "accepted" })), &[]).await.problem(404);
}

/// Whether the article is found by an alternative question.
async fn has_question(app: &TestApp, key: &str) -> bool {
    let path = format!("/api/v1/search?q={}", GIZMO.replace(' ', "%20"));
    let found = app.get(&path, Some(key)).await.expect(200).json();
    let hits = found["hits"].as_array().expect("hits");
    let hit = hits.iter().find(|hit| hit["slug"] == CONTACTS.slug);
    hit.is_some_and(|hit| hit["explanation"]["dense_question"].as_f64().is_some_and(|cosine| cosine > 0.9))
}

#[tokio::test]
async fn a_question_that_many_agents_answered_alike_needs_no_editor() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, CONTACTS).await;
    let reply = format!("Please read [this](/a/{}) and press the lever.", CONTACTS.slug);
    for n in 0..4 {
        solved(&app, &key, &format!("cy{n}@example.org"), GIZMO, &reply).await;
    }
    let outcome = app.learn().await;
    assert_eq!((outcome.n_proposed, outcome.n_accepted), (0, 1));
    app.desk().catch_up().await.expect("indexed");
    assert!(has_question(&app, &key).await);
    // The words are one customer's: forgotten with them.
    for n in 0..4 {
        let email = format!("cy{n}@example.org");
        app.desk().forget_customer(&Principal::System, &email).await.expect("forgotten");
    }
    assert!(questions(&app, &key).await.is_empty());
    app.desk().catch_up().await.expect("indexed");
    assert!(!has_question(&app, &key).await);
}

#[tokio::test]
async fn a_customer_who_votes_clicks_and_searches_moves_no_ranking() {
    let app = TestApp::start_with(settings(json!({ "server": { "requests_per_minute": 100_000 } }))).await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES] {
        app.publish(&key, text).await;
    }
    let before = app.search("how do I reset my password", None).await;
    let last = before.last().expect("hits").clone();
    for n in 0..200 {
        // Tickets with planted links, all by the same customer; no agent ever wrote in them.
        let conversation = app.conversation().await;
        let message = format!("how do I reset my password: see /a/{last} ({n})");
        let form = json!({ "name": "Eve", "email": "eve@example.org", "message": message });
        let number = app.hand_off(&conversation, form).await;
        if n % 10 == 0 {
            let ticket = app.ticket(&key, number).await;
            let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
            app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": "solved" })), &[])
                .await
                .expect(200);
        }
    }
    for _ in 0..200 {
        let path = "/search?q=how%20do%20I%20reset%20my%20password";
        let page = app.get(path, None).await.expect(200).text;
        let from =
            page.split("from=").nth(1).and_then(|rest| rest.split(['#', '"', '&']).next()).expect("a search");
        app.get(&format!("/a/{last}?from={from}"), None).await.expect(200);
    }
    let outcome = app.learn().await;
    assert_eq!((outcome.report.n_linked, outcome.n_accepted), (0, 0));
    app.desk().catch_up().await.expect("indexed");
    assert_eq!(app.search("how do I reset my password", None).await, before);
}
