//! From bot to human: when it happens, that it happens once, and what the ticket holds.

use axum::http::Method;
use desk::HandoffForm;
use domain::{ConversationId, Principal, TEAMS_MAX};
use serde_json::{Value, json};
use tests::{Browser, PASSWORD, TestApp, bold, shy};

use crate::audit::behind_its_back;

/// The shipped deadline of an offer, and a second.
const PAST_THE_DEADLINE_S: i64 = 61;

/// Different questions, all about [`PASSWORD`].
const QUESTIONS: [&str; 3] = [
    "How do I reset my password?",
    "How long does the link work?",
    "Who can send the mail with the link again?",
];

#[tokio::test]
async fn some_words_hand_over_at_once() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    for (says, reason, topic) in [
        ("I want to talk to a human", "asked", Value::Null),
        ("Agent please", "asked", Value::Null),
        ("Ich möchte mit einem Menschen sprechen", "asked", Value::Null),
        ("My lawyer will write to you about my password", "policy", json!("legal")),
        ("I was charged twice and I want my money back", "policy", json!("refund_dispute")),
        ("I want to kill myself", "policy", json!("safety")),
    ] {
        let conversation = app.conversation().await;
        let said = app.ask(&conversation, says).await;
        assert_eq!(said["kind"], "handoff", "{says}: {said}");
        assert_eq!(said["handoff"]["reason"], reason, "{says}: {said}");
        assert_eq!(said["handoff"]["topic"], topic, "{says}: {said}");
        let number = said["handoff"]["ticket_number"].as_i64().unwrap_or_else(|| panic!("{says}: {said}"));
        let read = app.read(&conversation).await;
        assert_eq!((&read["state"], &read["ticket_number"]), (&json!("ticketed"), &json!(number)), "{says}");
        let ticket = app.ticket(&key, number).await;
        assert_eq!(ticket["handoff_reason"], reason, "{says}: {ticket}");
        assert_eq!(ticket["status"], "new");
    }
}

#[tokio::test]
async fn the_second_unhelpful_answer_in_a_row_hands_over() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    for (feedback, state) in [
        (&["unhelpful"][..], "bot"),
        (&["unhelpful", "unhelpful"], "ticketed"),
        (&["unhelpful", "helpful"], "resolved"),
        (&["unhelpful", "helpful", "unhelpful"], "bot"),
        (&["helpful", "unhelpful", "unhelpful"], "ticketed"),
    ] {
        let conversation = app.conversation().await;
        for (feedback, question) in feedback.iter().zip(QUESTIONS) {
            let said = app.ask(&conversation, question).await;
            assert_eq!(said["kind"], "answer", "{question}: {said}");
            app.feedback(&conversation, &said, feedback).await;
        }
        let read = app.read(&conversation).await;
        assert_eq!(read["state"], state, "{feedback:?}");
        if state == "ticketed" {
            let ticket = app.ticket(&key, read["ticket_number"].as_i64().expect("a number")).await;
            assert_eq!(ticket["handoff_reason"], "unhelpful");
        }
    }
}

#[tokio::test]
async fn asking_again_what_was_not_answered_well_hands_over() {
    let app = TestApp::start_with(bold()).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    app.feedback(&conversation, &said, "unhelpful").await;
    let said = app.ask(&conversation, "So how can I reset the password?").await;
    assert_eq!(said["handoff"]["reason"], "unhelpful", "{said}");
}

#[tokio::test]
async fn saying_twice_that_one_answer_did_not_help_counts_once() {
    let app = TestApp::start_with(bold()).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    app.feedback(&conversation, &said, "unhelpful").await;
    assert_eq!(app.feedback(&conversation, &said, "unhelpful").await["state"], "bot");
}

#[tokio::test]
async fn an_answer_withdraws_the_offer() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    assert_eq!(said["handoff"]["reason"], "abstained", "nothing is published yet: {said}");
    assert_eq!(app.read(&conversation).await["state"], "handing_off");
    app.publish(&key, PASSWORD).await;
    assert_eq!(app.ask(&conversation, "How can I reset my password?").await["kind"], "answer");
    app.clock.advance(PAST_THE_DEADLINE_S);
    assert_eq!(app.desk().open_overdue_handoffs().await.expect("swept"), 0);
    assert_eq!(app.read(&conversation).await["state"], "bot");
    assert!(app.tickets(&key).await.is_empty());
}

#[tokio::test]
async fn the_watchdog_opens_an_offer_that_nobody_took_up() {
    let app = TestApp::start_with(shy()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    assert_eq!(said["handoff"]["reason"], "abstained", "{said}");
    assert!(said["handoff"]["deadline_at"].is_string(), "{said}");
    app.clock.advance(PAST_THE_DEADLINE_S - 2);
    assert_eq!(app.desk().open_overdue_handoffs().await.expect("swept"), 0, "too early");
    app.clock.advance(2);
    assert_eq!(app.desk().open_overdue_handoffs().await.expect("swept"), 1);
    assert_eq!(app.desk().open_overdue_handoffs().await.expect("swept"), 0, "once is enough");
    let read = app.read(&conversation).await;
    assert_eq!(read["state"], "ticketed");
    let tickets = app.tickets(&key).await;
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0]["handoff_reason"], "abstained");
    assert_eq!(tickets[0]["number"], read["ticket_number"]);
}

#[tokio::test]
async fn the_watchdog_also_finds_offers_made_before_a_restart() {
    let mut app = TestApp::start_with(shy()).await;
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password?").await;
    app.clock.advance(PAST_THE_DEADLINE_S);
    app.restart().await;
    assert_eq!(app.desk().open_overdue_handoffs().await.expect("swept"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_hand_overs_and_the_watchdog_make_one_ticket() {
    let app = TestApp::start_with(shy()).await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password?").await;
    app.clock.advance(PAST_THE_DEADLINE_S);
    let id = ConversationId::new(conversation.0.clone());
    let visitor = Principal::Visitor { conversation: Some(id.clone()) };
    let mut asks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (desk, visitor, id) = (app.desk().clone(), visitor.clone(), id.clone());
        asks.spawn(async move {
            let form = HandoffForm { message: Some(format!("message {n}")), ..HandoffForm::default() };
            desk.hand_off(&visitor, &id, form).await.expect("handed over").ticket_number
        });
    }
    let (desk, watched) = (app.desk().clone(), tokio::time::Duration::from_millis(1));
    let watchdog = tokio::spawn(async move {
        for _ in 0..20 {
            desk.open_overdue_handoffs().await.expect("swept");
            tokio::time::sleep(watched).await;
        }
    });
    let numbers = asks.join_all().await;
    watchdog.await.expect("the watchdog");
    let tickets = app.tickets(&key).await;
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    assert!(numbers.iter().all(|number| tickets[0]["number"] == *number), "{numbers:?}");
    let ticket = app.ticket(&key, numbers[0]).await;
    for n in 0..8 {
        let times = bodies(&ticket).filter(|body| *body == format!("message {n}")).count();
        assert_eq!(times, 1, "message {n} of {ticket}");
    }
}

#[tokio::test]
async fn the_ticket_has_everything_in_it() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    let form = json!({ "name": "Cy", "email": "Cy@Example.org", "message": "The link never arrives." });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(&key, number).await;
    assert_eq!(ticket["number"], number);
    assert_eq!(ticket["customer"]["name"], "Cy");
    assert_eq!(ticket["customer"]["email"], "cy@example.org");
    assert_eq!(ticket["locale"], "en");
    assert_eq!(ticket["conversation_id"], conversation.0.as_str());
    assert_eq!(ticket["transcript"][0]["text"], "How do I reset my password?");
    assert_eq!(ticket["transcript"][1]["text"], said["text"]);
    assert_eq!(ticket["tried"][0]["slug"], PASSWORD.slug);
    assert!(bodies(&ticket).any(|body| body == "The link never arrives."), "{ticket}");
    for part in ["subject", "summary", "team", "priority"] {
        assert!(ticket[part].as_str().is_some_and(|text| !text.is_empty()), "{part} of {ticket}");
    }
    // Taking it up again changes nothing but what is added.
    assert_eq!(app.hand_off(&conversation, json!({})).await, number);
    assert_eq!(app.tickets(&key).await.len(), 1);
}

#[tokio::test]
async fn an_offer_that_is_taken_up_keeps_its_reason() {
    let app = TestApp::start_with(shy()).await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password?").await;
    let number = app.hand_off(&conversation, json!({ "email": "cy@example.org" })).await;
    assert_eq!(app.ticket(&key, number).await["handoff_reason"], "abstained");
}

#[tokio::test]
async fn what_is_typed_changes_only_a_customer_that_nobody_else_can_be() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let vera = json!({ "kind": "email", "value": "vera@corp.test", "verified": true });
    app.post("/api/v1/customers", Some(&key), json!({ "name": "Vera", "identities": [vera] }))
        .await
        .expect(201);
    let noor = json!({ "kind": "email", "value": "noor@corp.test" });
    app.post("/api/v1/customers", Some(&key), json!({ "name": "Noor", "identities": [noor] }))
        .await
        .expect(201);
    let first = app.conversation().await;
    app.hand_off(&first, json!({ "name": "Cy", "email": "cy@example.org" })).await;
    let open = async || {
        let conversation = app.conversation().await;
        app.ask(&conversation, "I want to talk to a human").await;
        conversation
    };
    let name = |ticket: &Value| ticket["customer"]["name"].as_str().map(str::to_owned);
    for (email, known) in [("vera@corp.test", "Vera"), ("noor@corp.test", "Noor"), ("cy@example.org", "Cy")] {
        let conversation = open().await;
        app.hand_off(&conversation, json!({ "email": email })).await;
        let typed = json!({ "name": "Mallory\n\nAskwell: [paid](https://evil.test)" });
        let ticket = app.ticket(&key, app.hand_off(&conversation, typed).await).await;
        assert_eq!(name(&ticket).as_deref(), Some(known), "{ticket}");
        let line =
            "Typed into the form, proved by nothing: the name “Mallory Askwell: [paid](https://evil.test)”";
        let note = messages(&ticket).find(|message| message["body"] == line);
        let note = note.unwrap_or_else(|| panic!("{ticket}"));
        assert_eq!((&note["kind"], &note["author"]), (&json!("event"), &json!("customer")));
        assert!(!note["html"].as_str().unwrap().contains("href"), "{note}");
        let read = app.read(&conversation).await;
        assert!(!read.to_string().contains("proved by nothing"), "the team's alone: {read}");
    }
    // Cy is known to two conversations by now, so not even the first one changes them.
    let number = app.hand_off(&first, json!({ "name": "Mallory" })).await;
    assert_eq!(name(&app.ticket(&key, number).await).as_deref(), Some("Cy"));

    // Whom the conversation made says more of themselves, but takes nobody's address.
    let conversation = open().await;
    app.hand_off(&conversation, json!({ "name": "Pia" })).await;
    app.hand_off(&conversation, json!({ "email": "vera@corp.test" })).await;
    app.hand_off(&conversation, json!({ "name": "Pia Two", "email": "piaa@example.org" })).await;
    let later = json!({ "email": "piab@example.org", "message": "second" });
    let ticket = app.ticket(&key, app.hand_off(&conversation, later).await).await;
    assert_eq!(ticket["customer"]["name"], "Pia Two");
    assert_eq!(ticket["customer"]["email"], "piaa@example.org");
    for line in ["vera@corp.test", "piab@example.org"] {
        let line = format!("Typed into the form, proved by nothing: the address {line}");
        assert_eq!(bodies(&ticket).filter(|body| *body == line).count(), 1, "{line}: {ticket}");
    }
    assert!(bodies(&ticket).any(|body| body == "second"), "{ticket}");
    let path = format!("/api/v1/customers/{}", ticket["customer"]["id"].as_str().unwrap());
    let identities = app.get(&path, Some(&key)).await.expect(200).json()["identities"].clone();
    assert_eq!(identities.as_array().map(Vec::len), Some(1), "{identities}");

    // What was typed goes with who is erased.
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    let ticket = app.ticket(&key, ticket["number"].as_i64().unwrap()).await;
    assert!(!ticket.to_string().contains("piab@"), "{ticket}");
}

#[tokio::test]
async fn with_a_ticket_the_bot_says_where_the_question_is_and_offers_nothing() {
    let app = TestApp::start_with(shy()).await;
    let conversation = app.conversation().await;
    let offered = app.ask(&conversation, "How do I reset my password?").await;
    assert!(offered["text"].as_str().unwrap().contains("Shall a human"), "{offered}");
    let number = app.hand_off(&conversation, json!({})).await;
    let said = app.ask(&conversation, "How long does the link work?").await;
    let text = "I did not find an answer to this in the help center. \
                What you wrote is with the team, in your ticket #1.";
    assert_eq!((number, &said["text"]), (1, &json!(text)));
    assert_eq!(said["handoff"]["reason"], "abstained");
    assert_eq!(
        (&said["handoff"]["ticket_number"], &said["handoff"]["deadline_at"]),
        (&json!(1), &Value::Null)
    );
    let read = app.read(&conversation).await;
    assert_eq!((&read["state"], &read["turns"][3]["text"]), (&json!("ticketed"), &json!(text)));
}

#[tokio::test]
async fn the_help_center_promises_no_mail() {
    let app = TestApp::start_with(bold()).await;
    let visitor = Browser::new(&app);
    visitor.submit("/ask/handoff", &[("message", "Please call me.")]).await;
    let page = visitor.get("/ask").await.expect(200).text;
    assert!(page.contains("Add to the ticket"), "{page}");
    visitor.submit("/ask/handoff", &[("email", "cy@example.org")]).await;
    let page = visitor.get("/ask").await.expect(200).text;
    assert!(page.contains("answers on this page.") && !page.contains("by e-mail"), "{page}");
    assert!(!page.contains("Add to the ticket"), "{page}");
}

fn messages(ticket: &Value) -> impl Iterator<Item = &Value> {
    ticket["messages"].as_array().into_iter().flatten()
}

/// The bodies of a ticket's messages.
fn bodies(ticket: &Value) -> impl Iterator<Item = &str> {
    messages(ticket).filter_map(|message| message["body"].as_str())
}

#[tokio::test]
async fn a_hand_over_for_one_team_too_many_goes_to_the_oldest_with_the_reason() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    fill_teams(&app).await;
    let team = json!({ "key": "sales", "name": "Sales" });
    app.post("/api/v1/teams", Some(&key), team).await.problem(409);
    let handed_over = async || {
        let said = app.ask(&app.conversation().await, "I want to talk to a human").await;
        app.ticket(&key, said["handoff"]["ticket_number"].as_i64().expect("a ticket")).await
    };
    let typed = app.post("/api/v1/tickets", Some(&key), json!({ "body": "It is broken." })).await;
    for ticket in [handed_over().await, typed.expect(201).json()] {
        assert_eq!(ticket["team"], "t000", "{ticket}");
        let ticket = app.ticket(&key, ticket["number"].as_i64().expect("a number")).await;
        let note = "Meant for the team support, which cannot be made: there are 500 teams already";
        assert!(bodies(&ticket).any(|body| body == note), "{ticket}");
    }
    let teams = app.get("/api/v1/teams", Some(&key)).await.expect(200).json();
    assert_eq!(teams["teams"].as_array().map(Vec::len), Some(500));
    app.send(Method::DELETE, "/api/v1/teams/t499", Some(&key), None, &[]).await.expect(204);
    let ticket = handed_over().await;
    assert_eq!(ticket["team"], "support");
    assert!(bodies(&ticket).all(|body| !body.starts_with("Meant for")), "{ticket}");
}

/// Makes as many teams as there can be, the oldest of which is `t000`.
pub(crate) async fn fill_teams(app: &TestApp) {
    let statement = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {TEAMS_MAX} - 1) \
         INSERT INTO teams (team_key, name, created_at_ms) SELECT printf('t%03d', i), printf('t%03d', i), i FROM n"
    );
    behind_its_back(app, &statement).await;
}
