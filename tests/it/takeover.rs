//! Once a human has spoken the bot is silent, even when its answer was already on its way.

use std::sync::Arc;

use axum::http::Method;
use desk::Reply;
use domain::{ConversationId, Principal};
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, WatchedModel, bold};

use crate::audit::behind_its_back;

fn said_by<'a>(view: &'a Value, speaker: &str) -> Vec<&'a str> {
    view.as_array()
        .into_iter()
        .flatten()
        .filter(|entry| entry["speaker"] == speaker || entry["author"] == speaker)
        .filter_map(|entry| entry["text"].as_str().or_else(|| entry["body"].as_str()))
        .collect()
}

#[tokio::test]
async fn the_bot_is_silent_once_a_human_has_replied() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({})).await;
    assert_eq!(
        app.ask(&conversation, "How do I reset my password?").await["kind"],
        "answer",
        "still the bot"
    );
    let n_bot = said_by(&app.read(&conversation).await["turns"], "bot").len();

    app.write(&key, &app.ticket(&key, number).await, "reply", "I am looking into it.").await;
    let said = app.ask(&conversation, "Thank you! How do I export contacts?").await;
    assert_eq!(said["trace_id"], Value::Null, "{said}");
    assert_eq!(said["handoff"]["reason"], "with_human", "{said}");
    assert_eq!(said["handoff"]["ticket_number"], number, "{said}");

    let read = app.read(&conversation).await;
    assert_eq!(said_by(&read["turns"], "bot").len(), n_bot);
    assert_eq!(said_by(&read["turns"], "agent"), ["I am looking into it."]);
    assert_eq!(read["human_spoke"], true);
    let ticket = app.ticket(&key, number).await;
    assert!(said_by(&ticket["messages"], "customer").contains(&"Thank you! How do I export contacts?"));
    assert_eq!(ticket["status"], "open", "it waits for the team again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_dropped_when_a_human_took_over_meanwhile() {
    let model = Arc::new(WatchedModel::default());
    let app = TestApp::start_with_model(bold(), Arc::clone(&model) as _).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({})).await;
    let ticket = app.ticket(&key, number).await;

    model.hold();
    let id = ConversationId::new(conversation.0.clone());
    let asking = tokio::spawn({
        let desk = app.desk().clone();
        let visitor = Principal::Visitor { conversation: Some(id.clone()) };
        async move { desk.ask(&visitor, &id, "How do I reset a password?", None).await }
    });
    model.somebody_waits().await;
    app.write(&key, &ticket, "reply", "I am looking into it.").await;
    model.release();
    let asked = asking.await.expect("it ends").expect("it is taken");
    assert!(matches!(asked.reply, Reply::PassedOn), "{:?}", asked.reply);

    let read = app.read(&conversation).await;
    assert!(said_by(&read["turns"], "bot").is_empty(), "{read}");
    assert_eq!(said_by(&read["turns"], "customer"), ["How do I reset a password?"]);
    let ticket = app.ticket(&key, number).await;
    assert_eq!(said_by(&ticket["messages"], "customer"), ["How do I reset a password?"]);
}

#[tokio::test]
async fn the_customer_reads_replies_and_no_notes() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let ticket = app.ticket(&key, app.hand_off(&conversation, json!({})).await).await;
    app.write(&key, &ticket, "note", "This customer is difficult.").await;
    app.write(&key, &ticket, "reply", "We are on it.").await;
    let read = app.read(&conversation).await.to_string();
    assert!(read.contains("We are on it.") && !read.contains("difficult"), "{read}");
    let ticket = app.ticket(&key, ticket["number"].as_i64().expect("a number")).await.to_string();
    assert!(ticket.contains("difficult"));
}

/// Whether the bot still answers or a human is on it, and by whichever way the customer writes.
#[tokio::test]
async fn a_customer_who_writes_again_wakes_a_ticket_that_was_done() {
    for human_spoke in [false, true] {
        let app = TestApp::start_with(bold()).await;
        let key = app.master_key().await;
        app.publish(&key, PASSWORD).await;
        let conversation = app.conversation().await;
        let number = app.hand_off(&conversation, json!({})).await;
        let ticket = app.ticket(&key, number).await;
        if human_spoke {
            app.write(&key, &ticket, "reply", "Done.").await;
        }
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
        let set = async |status: &str| {
            let change = Some(json!({ "status": status }));
            app.send(Method::PATCH, &path, Some(&key), change, &[]).await.expect(200);
        };
        set("solved").await;
        app.ask(&conversation, "How do I reset my password?").await;
        assert_eq!(app.ticket(&key, number).await["status"], "open", "after a question, {human_spoke}");
        set("solved").await;
        app.hand_off(&conversation, json!({ "message": "It came back." })).await;
        let ticket = app.ticket(&key, number).await;
        assert_eq!(ticket["status"], "open", "after the form, {human_spoke}");

        set("closed").await;
        app.ask(&conversation, "Anybody?").await;
        assert_eq!(app.ticket(&key, number).await["status"], "open", "after it was closed, {human_spoke}");
    }
}

#[tokio::test]
async fn a_customer_can_write_for_long_but_not_for_ever() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    app.hand_off(&conversation, json!({ "message": "Help!" })).await;
    // As many turns as the bot looks at, with the ticket still new: the words go to the team.
    behind_its_back(&app, "UPDATE conversations SET n_turns = 200").await;
    let said = app.ask(&conversation, "Is anybody there?").await;
    assert_eq!(said["handoff"]["reason"], "with_human", "{said}");
    let ticket = app.ticket(&key, 1).await;
    assert!(ticket["messages"].to_string().contains("Is anybody there?"), "{ticket}");
    // As many messages as anybody reads.
    let many = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 1998) \
                INSERT INTO messages (id, ticket_id, author, kind, created_at_ms, body) \
                SELECT 'm' || n, (SELECT id FROM tickets), 'customer', 'reply', 0, 'x' FROM many";
    behind_its_back(&app, many).await;
    let path = format!("/api/v1/conversations/{}", conversation.0);
    let form = json!({ "message": "Once more" });
    app.post(&format!("{path}/handoff"), Some(&conversation.1), form).await.problem(409);
    app.post(&format!("{path}/turns"), Some(&conversation.1), json!({ "text": "And more" }))
        .await
        .problem(409);
    app.write(&key, &ticket, "reply", "Please open a new one.").await;
}
