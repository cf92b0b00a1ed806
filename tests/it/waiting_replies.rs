//! Replies that are sent later, or can be taken back: nobody but the team knows of them, and each is sent once.

use axum::http::Method;
use domain::{Principal, Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, TestApp, settings};

/// A ticket of a conversation; gives its id and the conversation.
async fn ticket(app: &TestApp, key: &str) -> (String, (String, String)) {
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "message": "It is broken." })).await;
    let ticket = app.ticket(key, number).await;
    (ticket["id"].as_str().unwrap().to_owned(), conversation)
}

async fn schedule(app: &TestApp, key: &str, id: &str, body: &str, send_at: &str) -> Value {
    let reply = json!({ "kind": "reply", "body": body, "send_at": send_at });
    app.post(&format!("/api/v1/tickets/{id}/messages"), Some(key), reply).await.expect(202).json()
}

/// What agents have said in a conversation, as its visitor reads it.
async fn heard(app: &TestApp, conversation: &(String, String)) -> Vec<String> {
    let read = app.read(conversation).await;
    let turns = read["turns"].as_array().unwrap().iter().filter(|turn| turn["speaker"] == "agent");
    turns.map(|turn| turn["text"].as_str().unwrap().to_owned()).collect()
}

/// What a form of the staff area needs to be believed.
async fn form_token(browser: &Browser<'_>) -> String {
    let page = browser.get("/app/tickets/1").await.expect(200).text;
    let rest = page.split("name=\"_form\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn replies(app: &TestApp, key: &str, number: i64) -> usize {
    let view = app.ticket(key, number).await;
    view["messages"].as_array().unwrap().iter().filter(|message| message["author"] == "agent").count()
}

#[tokio::test]
async fn a_reply_is_sent_once_when_its_time_comes() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let (id, conversation) = ticket(&app, &key).await;
    let before = app.ticket(&key, 1).await;
    let waiting = schedule(&app, &key, &id, "I will call **at one**.", "2026-01-01T01:00:00Z").await;
    assert_eq!((&waiting["stopped"], &waiting["customer_wrote_at"]), (&Value::Null, &Value::Null));
    assert_eq!(waiting["html"], "<p>I will call <strong>at one</strong>.</p>\n");
    let last = app.desk().follow_from(&Principal::System, None).await.unwrap();

    app.clock.advance(3_599);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0);
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["waiting_replies"], json!([waiting]));
    assert_eq!((&view["status"], &view["revision"]), (&before["status"], &before["revision"]));
    assert!(heard(&app, &conversation).await.is_empty());
    assert_eq!(app.desk().follow_from(&Principal::System, None).await.unwrap(), last, "nobody hears of it");

    app.clock.advance(1);
    app.restart().await;
    let (one, two) = tokio::join!(app.desk().send_due_replies(), app.desk().send_due_replies());
    assert!(one.unwrap() + two.unwrap() >= 1);
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["waiting_replies"], json!([]));
    assert_eq!(view["status"], "pending");
    let sent = view["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&sent["id"], &sent["created_at"]), (&waiting["id"], &waiting["send_at"]));
    assert_eq!(heard(&app, &conversation).await, ["I will call **at one**."]);
    assert_eq!(replies(&app, &key, 1).await, 1);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0);
    let entries = app.get("/api/v1/audit?action=ticket.replied", Some(&key)).await.expect(200).json();
    assert_eq!(entries["entries"][0]["actor"]["kind"], "key", "it is the writer's act");
    let gone = format!("/api/v1/tickets/{id}/waiting-replies/{}", waiting["id"].as_str().unwrap());
    app.send(Method::DELETE, &gone, Some(&key), None, &[]).await.problem(404);
}

#[tokio::test]
async fn a_reply_says_what_the_ticket_becomes_with_it() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (id, _) = ticket(&app, &key).await;
    let say = async |body: Value| app.post(&format!("/api/v1/tickets/{id}/messages"), Some(&key), body).await;
    let later =
        json!({ "kind": "reply", "body": "x", "then_status": "solved", "send_at": "2026-01-01T01:00:00Z" });
    assert_eq!(say(later).await.expect(202).json()["then_status"], "solved");
    assert_eq!(app.ticket(&key, 1).await["status"], "new");
    say(json!({ "kind": "note", "body": "x", "then_status": "solved" })).await.problem(400);
    say(json!({ "kind": "event", "body": "x" })).await.problem(400);
    say(json!({ "kind": "reply", "body": "Done.", "then_status": "on_hold" })).await.expect(201);
    assert_eq!(app.ticket(&key, 1).await["status"], "on_hold");
    app.clock.advance(3_600);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
    assert_eq!(app.ticket(&key, 1).await["status"], "solved");
}

#[tokio::test]
async fn what_waits_is_changed_marked_and_taken_back() {
    let app = TestApp::start().await;
    let (key, other) = (app.master_key().await, app.master_key().await);
    let (id, conversation) = ticket(&app, &key).await;
    let waiting = schedule(&app, &key, &id, "First.", "2026-01-01T01:00:00Z").await;
    let path = format!("/api/v1/tickets/{id}/waiting-replies/{}", waiting["id"].as_str().unwrap());
    let list = format!("/api/v1/tickets/{id}/waiting-replies");
    app.clock.advance(60);
    app.ask(&conversation, "Are you there?").await;
    let marked = app.get(&list, Some(&key)).await.expect(200).json();
    assert_eq!(marked["waiting_replies"][0]["customer_wrote_at"], "2026-01-01T00:01:00Z");

    let change = json!({ "body": "<p>Second.</p>", "format": "html", "send_at": "2026-01-01T02:00:00Z" });
    app.send(Method::PATCH, &path, Some(&other), Some(change.clone()), &[]).await.problem(403);
    let changed = app.send(Method::PATCH, &path, Some(&key), Some(change), &[]).await.expect(200).json();
    assert_eq!((&changed["body"], &changed["html"]), (&json!("Second."), &json!("<p>Second.</p>")));
    assert_eq!(changed["customer_wrote_at"], Value::Null, "who changes it has seen that");
    for (change, status) in [
        (json!({ "send_at": "2026-01-01T00:00:00Z" }), 422),
        (json!({ "send_at": "2027-06-01T00:00:00Z" }), 422),
        (json!({ "send_at": "tomorrow" }), 400),
        (json!({ "body": " " }), 422),
        (json!({ "kind": "note" }), 400),
    ] {
        app.send(Method::PATCH, &path, Some(&key), Some(change), &[]).await.problem(status);
    }
    app.clock.advance(3_600);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0, "it has another time");
    app.send(Method::DELETE, &path, Some(&other), None, &[]).await.expect(204);
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "body": "x" })), &[]).await.problem(404);
    app.clock.advance(7_200);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0);
    assert!(heard(&app, &conversation).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_says_why() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (id, conversation) = ticket(&app, &key).await;
    let ada = app.person("Ada", Role::Agent).await;
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    let reply = json!({ "kind": "reply", "body": "Soon.", "send_at": "2026-01-01T01:00:00Z" });
    browser.post(&format!("/api/v1/tickets/{id}/messages"), reply).await.expect(202);
    let leaves = Some(json!({ "active": false }));
    app.send(Method::PATCH, &format!("/api/v1/users/{ada}"), Some(&key), leaves, &[]).await.expect(200);
    schedule(&app, &key, &id, "Later.", "2026-01-01T02:00:00Z").await;
    app.clock.advance(3_600);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0, "it is stopped");
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["waiting_replies"][0]["stopped"], "author_gone");
    let said = view["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(said["kind"], "event");
    assert!(said["body"].as_str().unwrap().contains("Ada"), "{said}");
    assert!(heard(&app, &conversation).await.is_empty());

    let path = format!("/api/v1/tickets/{id}");
    for status in ["solved", "closed"] {
        app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": status })), &[]).await.expect(200);
    }
    app.clock.advance(3_600);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["waiting_replies"][1]["stopped"], "ticket_closed");
    assert_eq!(replies(&app, &key, 1).await, 0);
    let closed = json!({ "kind": "reply", "body": "x", "send_at": "2026-01-02T00:00:00Z" });
    app.post(&format!("{path}/messages"), Some(&key), closed).await.problem(409);
}

#[tokio::test]
async fn replies_wait_for_whoever_sees_the_ticket() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (id, _) = ticket(&app, &key).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let stranger = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    let reader = app.key(&[Scope::TicketsRead]).await;
    let waiting = schedule(&app, &key, &id, "x", "2026-01-01T01:00:00Z").await;
    let list = format!("/api/v1/tickets/{id}/waiting-replies");
    let path = format!("{list}/{}", waiting["id"].as_str().unwrap());
    app.get(&list, Some(&stranger)).await.problem(404);
    app.get(&list, Some(&reader)).await.expect(200);
    for (key, status) in [(&stranger, 404), (&reader, 403)] {
        app.send(Method::PATCH, &path, Some(key), Some(json!({ "body": "y" })), &[]).await.problem(status);
        app.send(Method::DELETE, &path, Some(key), None, &[]).await.problem(status);
    }
    let (other, _) = ticket(&app, &key).await;
    let crossed = path.replace(&id, &other);
    app.send(Method::DELETE, &crossed, Some(&key), None, &[]).await.problem(404);
    for n in 1..20 {
        schedule(&app, &key, &id, &format!("{n}"), "2026-01-01T01:00:00Z").await;
    }
    let one_more = json!({ "kind": "reply", "body": "x", "send_at": "2026-01-01T01:00:00Z" });
    app.post(&format!("/api/v1/tickets/{id}/messages"), Some(&key), one_more).await.problem(409);
}

#[tokio::test]
async fn people_take_replies_back_for_as_long_as_the_site_lets_them() {
    let app = TestApp::start_with(settings(json!({ "replies": { "undo_send_s": 10 } }))).await;
    let key = app.master_key().await;
    let (id, conversation) = ticket(&app, &key).await;
    let browser = app.bo().await;
    let path = "/app/tickets/1/messages";
    let token = form_token(&browser).await;
    let form =
        [("_form", token.as_str()), ("kind", "reply"), ("body", "Oops, not yet."), ("status", "solved")];
    browser.submit(path, &form).await.expect(303);
    let waiting = app.ticket(&key, 1).await["waiting_replies"][0].clone();
    assert_eq!(
        (&waiting["send_at"], &waiting["then_status"]),
        (&json!("2026-01-01T00:00:10Z"), &json!("solved"))
    );
    let page = browser.get("/app/tickets/1").await.expect(200).text;
    assert!(page.contains("to be sent") && page.contains("Take back"), "{page}");
    let back = format!("/app/tickets/1/waiting-replies/{}/cancellation", waiting["id"].as_str().unwrap());
    let page = browser.submit(&back, &[("_form", &token)]).await.expect(200).text;
    assert!(page.contains("Oops, not yet.</textarea>"), "what was taken back can be written anew: {page}");
    app.clock.advance(60);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 0);

    let form = [("_form", token.as_str()), ("kind", "reply"), ("body", "Done."), ("status", "solved")];
    browser.submit(path, &form).await.expect(303);
    assert_eq!(app.ticket(&key, 1).await["status"], "new");
    app.clock.advance(10);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
    assert_eq!(heard(&app, &conversation).await, ["Done."]);
    let view = app.ticket(&key, 1).await;
    assert_eq!((&view["status"], view["solved_at"].is_string()), (&json!("solved"), true));
    // A program's is sent at once.
    app.write(&key, &json!({ "id": id }), "reply", "By a program.").await;
    assert_eq!(heard(&app, &conversation).await.len(), 2);
}

#[tokio::test]
async fn what_holds_a_ticket_back_holds_it_back_when_a_reply_that_waited_is_sent() {
    let app = TestApp::start_with(settings(json!({ "replies": { "undo_send_s": 10 } }))).await;
    let key = app.master_key().await;
    let browser = app.bo().await;
    let field = json!({ "key": "cause", "title": "Cause", "kind": { "type": "text" }, "required": "on_solve",
        "show_when": "status:solved tag:asked" });
    app.post("/api/v1/fields", Some(&key), field).await.expect(201);
    for n in 1..=4 {
        ticket(&app, &key).await;
        let view = app.ticket(&key, n).await;
        let path = format!("/api/v1/tickets/{}", view["id"].as_str().unwrap());
        match n {
            1 => {
                let list = json!({ "required": "on_solve", "items": [{ "text": "Refund" }] });
                let path = format!("{path}/checklist");
                app.send(Method::PUT, &path, Some(&key), Some(list), &[]).await.expect(200);
            }
            2 => {
                let tags = Some(json!({ "tags": ["asked"] }));
                app.send(Method::PATCH, &path, Some(&key), tags, &[]).await.expect(200);
            }
            _ => {}
        }
        let token = form_token(&browser).await;
        let form = [("_form", token.as_str()), ("kind", "reply"), ("body", "Done."), ("status", "solved")];
        browser.submit(&format!("/app/tickets/{n}/messages"), &form).await.expect(303);
        if n == 4 {
            let only_open = Some(json!({ "next": ["open"] }));
            app.send(Method::PATCH, "/api/v1/statuses/pending", Some(&key), only_open, &[]).await.expect(200);
        }
        app.clock.advance(10);
        assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
        assert_eq!(replies(&app, &key, n).await, 1, "the reply is sent all the same");
        let status = if n == 3 { "solved" } else { "pending" };
        assert_eq!(app.ticket(&key, n).await["status"], status, "ticket {n}");
    }
}

#[tokio::test]
async fn a_reply_that_solves_is_not_sent_where_the_ticket_is_held_back() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let browser = app.bo().await;
    let (id, conversation) = ticket(&app, &key).await;
    let list = json!({ "required": "on_solve", "items": [{ "text": "Refund" }] });
    let path = format!("/api/v1/tickets/{id}/checklist");
    app.send(Method::PUT, &path, Some(&key), Some(list), &[]).await.expect(200);
    let token = form_token(&browser).await;
    let form = [("_form", token.as_str()), ("kind", "reply"), ("body", "All done."), ("status", "solved")];
    let page = browser.submit("/app/tickets/1/messages", &form).await.expect(422).text;
    assert!(page.contains("All done.</textarea>") && page.contains("every item must be done"), "{page}");
    assert!(heard(&app, &conversation).await.is_empty(), "nothing is half done");
    assert_eq!(app.ticket(&key, 1).await["status"], "new");
    let form = [("_form", token.as_str()), ("kind", "reply"), ("body", "Nearly."), ("status", "on_hold")];
    browser.submit("/app/tickets/1/messages", &form).await.expect(303);
    assert_eq!(app.ticket(&key, 1).await["status"], "on_hold");
}

#[tokio::test]
async fn who_writes_an_answer_for_later_has_taken_the_ticket_on() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "support", "name": "Support" })).await.expect(201);
    for name in ["Ada", "Eve"] {
        let person = app.person(name, Role::Agent).await;
        let member = format!("/api/v1/teams/support/members/{person}");
        app.send(Method::PUT, &member, Some(&key), None, &[]).await.expect(204);
    }
    let routing = Some(json!({ "assignment": "automatic", "accept_within_min": 15 }));
    app.send(Method::PUT, "/api/v1/teams/support/routing", Some(&key), routing, &[]).await.expect(200);
    let (id, _) = ticket(&app, &key).await;
    assert_eq!(app.ticket(&key, 1).await["assignee"]["name"], "Ada");
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    let reply = json!({ "kind": "reply", "body": "Tomorrow.", "send_at": "2026-01-02T09:00:00Z" });
    ada.post(&format!("/api/v1/tickets/{id}/messages"), reply).await.expect(202);
    app.clock.advance(20 * 60);
    assert_eq!(app.desk().route_waiting().await.unwrap(), 0);
    assert_eq!(app.ticket(&key, 1).await["assignee"]["name"], "Ada");
}
