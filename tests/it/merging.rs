//! Merging, splitting and linking tickets, and taking that back.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const DAY: i64 = 24 * 3_600;

async fn desk() -> (TestApp, String) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for team in ["support", "sales"] {
        app.post("/api/v1/teams", Some(&key), json!({ "key": team, "name": team })).await.expect(201);
    }
    (app, key)
}

async fn ticket(app: &TestApp, key: &str, email: &str, body: &str) -> Value {
    let new = json!({ "body": body, "team": "support", "customer": { "email": email } });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

fn id(json: &Value) -> &str {
    json["id"].as_str().unwrap()
}

async fn act(app: &TestApp, key: &str, ticket: &Value, what: &str, body: Value) -> Answer {
    app.post(&format!("/api/v1/tickets/{}/{what}", id(ticket)), Some(key), body).await
}

async fn merge(app: &TestApp, key: &str, ticket: &Value, into: &Value) -> Answer {
    act(app, key, ticket, "merge", json!({ "into_id": id(into) })).await
}

async fn undo(app: &TestApp, key: &str, ticket: &Value, done: &Value) -> Answer {
    act(app, key, ticket, &format!("operations/{}/undo", id(done)), json!({})).await
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Value {
    let path = format!("/api/v1/tickets/{}", id(ticket));
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200).json()
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

/// What was said in a ticket: the kind, the words, and where.
fn said(ticket: &Value) -> Vec<(&str, &str, Option<i64>)> {
    let messages = ticket["messages"].as_array().unwrap().iter();
    let said = messages.filter(|message| message["kind"] != "event").map(|message| {
        (
            message["kind"].as_str().unwrap(),
            message["body"].as_str().unwrap(),
            message["merged_from"].as_i64(),
        )
    });
    said.collect()
}

fn has_event(ticket: &Value, words: &str) -> bool {
    let mut messages = ticket["messages"].as_array().unwrap().iter();
    messages.any(|message| message["kind"] == "event" && message["body"].as_str().unwrap().contains(words))
}

#[tokio::test]
async fn what_was_said_in_a_merged_ticket_is_read_in_the_one_that_is_left() {
    let (app, key) = desk().await;
    let (first, second) = (
        ticket(&app, &key, "cy@example.org", "It burns").await,
        ticket(&app, &key, "cy@example.org", "It still burns").await,
    );
    change(&app, &key, &first, json!({ "status": "pending" })).await;
    let done = merge(&app, &key, &second, &first).await.expect(201).json();
    assert_eq!((&done["kind"], &done["undo_until"]), (&json!("merge"), &json!("2026-01-02T00:00:00Z")));
    let source = again(&app, &key, &second).await;
    assert_eq!((&source["status"], &source["merged_into_id"]), (&json!("closed"), &first["id"]));
    assert!(has_event(&source, "Merged into #1"));
    let target = again(&app, &key, &first).await;
    assert_eq!(said(&target), [("reply", "It burns", None), ("reply", "It still burns", Some(2))]);
    assert!(has_event(&target, "Merged #2 into this ticket"));
    assert_eq!(target["status"], "open", "a question that nobody has answered waits for the team");
    assert_eq!(target["merged"][0]["sight"], "shared");
    let merged = |entry: &&Value| entry["field"] == "merged";
    assert_eq!(target["history"].as_array().unwrap().iter().find(merged).unwrap()["to"], second["id"]);
    let into = |entry: &&Value| entry["field"] == "merged_into";
    assert_eq!(source["history"].as_array().unwrap().iter().find(into).unwrap()["to"], first["id"]);

    // Nothing is done with it any more, and nothing is merged twice or in a circle.
    let message = json!({ "kind": "reply", "body": "Hm" });
    act(&app, &key, &second, "messages", message).await.problem(409);
    for (from, into, status) in [(&second, &first, 409), (&first, &second, 409), (&first, &first, 422)] {
        merge(&app, &key, from, into).await.problem(status);
    }
    let undone = undo(&app, &key, &first, &done).await.expect(200).json();
    assert_eq!(undone["undone_at"], "2026-01-01T00:00:00Z");
    let (source, target) = (again(&app, &key, &second).await, again(&app, &key, &first).await);
    assert_eq!((&source["status"], &source["merged_into_id"]), (&json!("new"), &Value::Null));
    assert_eq!(source["closed_at"], Value::Null);
    assert_eq!(target["status"], "pending", "as it was");
    assert_eq!(said(&target), [("reply", "It burns", None)]);
    assert_eq!(said(&source), [("reply", "It still burns", None)]);
    undo(&app, &key, &first, &done).await.problem(409);
}

#[tokio::test]
async fn the_customer_goes_on_in_the_conversation_of_a_merged_ticket() {
    let (app, key) = desk().await;
    let first = ticket(&app, &key, "cy@example.org", "It burns").await;
    let conversation = app.conversation().await;
    let form = json!({ "email": "cy@example.org", "message": "It burns more" });
    let number = app.hand_off(&conversation, form).await;
    let second = app.ticket(&key, number).await;
    let done = merge(&app, &key, &second, &first).await.expect(201).json();
    app.write(&key, &first, "reply", "Use water.").await;
    let turns = app.read(&conversation).await["turns"].clone();
    assert!(turns.to_string().contains("Use water."), "{turns}");
    app.clock.advance(60);
    app.ask(&conversation, "Water helped, thank you").await;
    let target = again(&app, &key, &first).await;
    assert_eq!(target["status"], "open");
    assert_eq!(said(&target).last(), Some(&("reply", "Water helped, thank you", Some(number))));
    assert_eq!(again(&app, &key, &second).await["status"], "closed");
    // Undone, what was said since is where it was said, and waits.
    undo(&app, &key, &second, &done).await.expect(200);
    let source = again(&app, &key, &second).await;
    assert!(["new", "open"].contains(&source["status"].as_str().unwrap()), "{}", source["status"]);
    assert!(said(&source).contains(&("reply", "Water helped, thank you", None)));
    app.ask(&conversation, "One more thing").await;
    assert!(said(&again(&app, &key, &second).await).contains(&("reply", "One more thing", None)));
    assert!(!again(&app, &key, &first).await["messages"].to_string().contains("One more thing"));
}

#[tokio::test]
async fn tickets_of_different_customers_are_merged_only_when_asked_for_and_then_unseen() {
    let (app, key) = desk().await;
    let conversation = app.conversation().await;
    let form = json!({ "email": "cy@example.org", "message": "It burns" });
    let number = app.hand_off(&conversation, form).await;
    let of_cy = app.ticket(&key, number).await;
    let di = app.conversation().await;
    let number = app.hand_off(&di, json!({ "email": "di@example.org", "message": "A secret of Di" })).await;
    let of_di = app.ticket(&key, number).await;
    let refused = merge(&app, &key, &of_di, &of_cy).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("same customer"), "{refused}");
    assert_eq!(again(&app, &key, &of_di).await["status"], "new", "nothing changed");
    let body = json!({ "into_id": id(&of_cy), "different_customers": "keep_internal" });
    act(&app, &key, &of_di, "merge", body).await.expect(201);
    let target = again(&app, &key, &of_cy).await;
    assert_eq!(target["merged"][0]["sight"], "internal");
    assert!(said(&target).contains(&("reply", "A secret of Di", Some(2))), "the team reads it");
    app.write(&key, &of_cy, "reply", "For Cy alone.").await;
    assert!(app.read(&conversation).await.to_string().contains("For Cy alone."));
    assert!(!app.read(&di).await.to_string().contains("For Cy alone."), "Di reads nothing of Cy's");
    assert!(!app.read(&conversation).await.to_string().contains("secret of Di"));
    app.ask(&di, "Hello?").await;
    let target = again(&app, &key, &of_cy).await;
    assert_eq!(target["status"], "open", "nothing that is said is lost");
    assert!(said(&target).contains(&("reply", "Hello?", Some(2))));
    assert!(!app.read(&conversation).await.to_string().contains("Hello?"));
    // A ticket that is nobody's is a note of the team's.
    let own = json!({ "body": "Ask the fire brigade", "team": "support" });
    let own = app.post("/api/v1/tickets", Some(&key), own).await.expect(201).json();
    merge(&app, &key, &own, &of_cy).await.expect(201);
    assert_eq!(again(&app, &key, &of_cy).await["merged"][1]["sight"], "internal");
}

#[tokio::test]
async fn a_merged_ticket_is_merged_on_with_all_that_is_in_it() {
    let (app, key) = desk().await;
    let mut all = vec![];
    for body in ["One", "Two", "Three"] {
        all.push(ticket(&app, &key, "cy@example.org", body).await);
    }
    merge(&app, &key, &all[0], &all[1]).await.expect(201);
    merge(&app, &key, &all[1], &all[2]).await.expect(201);
    let words: Vec<_> = again(&app, &key, &all[2]).await["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["kind"] == "reply")
        .map(|message| message["merged_from"].clone())
        .collect();
    assert_eq!(json!(words), json!([1, 2, null]));
    let exported = app.desk().export_page(&domain::Principal::System, desk::ExportPart::Tickets, None);
    assert_eq!(exported.await.unwrap().records[0]["merged_into_id"], all[1]["id"]);
}

#[tokio::test]
async fn messages_are_split_into_a_ticket_of_their_own_and_back() {
    let (app, key) = desk().await;
    let conversation = app.conversation().await;
    let number =
        app.hand_off(&conversation, json!({ "email": "cy@example.org", "message": "It burns" })).await;
    let whole = app.ticket(&key, number).await;
    let second = json!({ "kind": "note", "body": "He also wants an invoice" });
    let note = act(&app, &key, &whole, "messages", second).await.expect(201).json();
    let customer = format!("/api/v1/customers/{}", id(&whole["customer"]));
    app.clock.advance(60);
    let body = json!({ "message_ids": [id(&note)], "subject": "Invoice" });
    let split = act(&app, &key, &whole, "split", body.clone()).await.expect(201).json();
    let seen_at = app.get(&customer, Some(&key)).await.expect(200).json()["seen_at"].clone();
    assert_eq!(seen_at, "2026-01-01T00:00:00Z", "who splits a ticket is not its customer");
    let part = &split["ticket"];
    assert_eq!(
        (&part["subject"], &part["status"], &part["split_from_id"]),
        (&json!("Invoice"), &json!("new"), &whole["id"])
    );
    assert_eq!((&part["team"], &part["customer"]), (&whole["team"], &whole["customer"]));
    assert_eq!(said(&again(&app, &key, part).await), [("note", "He also wants an invoice", None)]);
    assert!(!again(&app, &key, &whole).await["messages"].to_string().contains("invoice"));
    assert!(has_event(&again(&app, &key, &whole).await, "Split into #2"));
    // What an agent answers there reaches the customer where they asked.
    let undone_later = act(&app, &key, &whole, "split", body).await;
    undone_later.problem(404);
    undo(&app, &key, part, &split["operation"]).await.expect(200);
    assert!(said(&again(&app, &key, &whole).await).contains(&("note", "He also wants an invoice", None)));
    assert_eq!(again(&app, &key, part).await["status"], "closed");

    let body = json!({ "message_ids": [id(&note)] });
    let split = act(&app, &key, &whole, "split", body).await.expect(201).json();
    app.write(&key, &split["ticket"], "reply", "Your invoice is on its way.").await;
    assert!(app.read(&conversation).await.to_string().contains("Your invoice is on its way."));
    let refused = undo(&app, &key, &whole, &split["operation"]).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("has written"), "{refused}");
}

#[tokio::test]
async fn only_messages_of_the_ticket_are_split_and_never_all() {
    let (app, key) = desk().await;
    let one = ticket(&app, &key, "cy@example.org", "One").await;
    let other = ticket(&app, &key, "di@example.org", "Other").await;
    let message = |ticket: &Value, n: usize| ticket["messages"][n]["id"].clone();
    let (one_view, other_view) = (again(&app, &key, &one).await, again(&app, &key, &other).await);
    let note = json!({ "kind": "note", "body": "Hm" });
    act(&app, &key, &one, "messages", note).await.expect(201);
    for (ids, status) in [
        (json!([]), 422),
        (json!([message(&other_view, 0)]), 404),
        (json!([message(&one_view, 0), message(&other_view, 0)]), 404),
        (json!(["nowhere"]), 404),
        (
            json!(
                again(&app, &key, &one).await["messages"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|m| m["id"].clone())
                    .collect::<Vec<_>>()
            ),
            422,
        ),
    ] {
        act(&app, &key, &one, "split", json!({ "message_ids": ids })).await.problem(status);
    }
    assert_eq!(said(&again(&app, &key, &one).await).len(), 2);
    assert_eq!(app.tickets(&key).await.len(), 2, "no ticket was opened");
}

#[tokio::test]
async fn links_are_seen_from_both_tickets_and_parents_make_no_circle() {
    let (app, key) = desk().await;
    let mut all = vec![];
    for n in 0..4 {
        all.push(ticket(&app, &key, "cy@example.org", &format!("Ticket {n}")).await);
    }
    let link = async |from: usize, kind: &str, to: usize| {
        act(&app, &key, &all[from], "links", json!({ "kind": kind, "ticket_id": id(&all[to]) })).await
    };
    let made = link(0, "child", 1).await.expect(201).json();
    assert_eq!(made["link_id"], again(&app, &key, &all[1]).await["links"][0]["id"]);
    link(1, "child", 2).await.expect(201);
    link(0, "duplicate_of", 3).await.expect(201);
    for (from, kind, to, status) in [
        (2, "child", 0, 409),
        (0, "parent", 2, 409),
        (3, "child", 1, 409),
        (0, "related", 1, 409),
        (1, "related", 0, 409),
        (1, "related", 1, 422),
        (1, "cousin", 3, 400),
    ] {
        link(from, kind, to).await.problem(status);
    }
    let links = async |n: usize| {
        let view = again(&app, &key, &all[n]).await;
        let links = view["links"].as_array().unwrap().clone();
        links.iter().map(|link| json!([link["kind"], link["number"]])).collect::<Vec<_>>()
    };
    assert_eq!(links(0).await, [json!(["child", 2]), json!(["duplicate_of", 4])]);
    assert_eq!(links(1).await, [json!(["parent", 1]), json!(["child", 3])]);
    assert_eq!(links(3).await, [json!(["duplicate", 1])]);
    let view = again(&app, &key, &all[3]).await;
    let path = |n: usize, link: &Value| format!("/api/v1/tickets/{}/links/{}", id(&all[n]), id(link));
    let delete = async |path: String| app.send(Method::DELETE, &path, Some(&key), None, &[]).await;
    delete(path(1, &view["links"][0])).await.problem(404);
    let gone = delete(path(3, &view["links"][0])).await.expect(200).json();
    assert_eq!(links(0).await, [json!(["child", 2])]);
    undo(&app, &key, &all[0], &gone).await.expect(200);
    assert_eq!(links(3).await, [json!(["duplicate", 1])]);
    let listed = app.get(&format!("/api/v1/tickets/{}/operations", id(&all[3])), Some(&key)).await;
    let listed = listed.expect(200).json();
    let kinds: Vec<&Value> =
        listed["operations"].as_array().unwrap().iter().map(|done| &done["kind"]).collect();
    assert_eq!(kinds, ["unlink", "link"]);
    let made = &listed["operations"][1];
    undo(&app, &key, &all[3], made).await.expect(200);
    assert!(links(3).await.is_empty());
    undo(&app, &key, &all[0], &gone).await.problem(409);
}

#[tokio::test]
async fn what_was_done_is_undone_for_a_day_by_who_sees_both() {
    let (app, key) = desk().await;
    let own = ticket(&app, &key, "cy@example.org", "Of support").await;
    let new = json!({ "body": "Of sales", "team": "sales", "customer": { "email": "cy@example.org" } });
    let other = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    let scopes = [Scope::TicketsRead, Scope::TicketsWrite];
    let limited = app.key_of_teams(&scopes, Some(&["support"])).await;
    let link = json!({ "kind": "related", "ticket_id": id(&other) });
    for (from, into) in [(&own, &other), (&other, &own)] {
        merge(&app, &limited, from, into).await.problem(404);
    }
    act(&app, &limited, &own, "links", link.clone()).await.problem(404);
    let linked = act(&app, &key, &own, "links", link).await.expect(201).json();
    let seen = again(&app, &limited, &own).await;
    assert_eq!(seen["links"], json!([]), "nothing of the other team");
    let history = format!("/api/v1/tickets/{}/history", id(&own));
    let page = app.get(&history, Some(&limited)).await.expect(200).json();
    for changes in [&seen["history"], &page["history"]] {
        let linked = changes.as_array().unwrap().iter().find(|change| change["field"] == "links").unwrap();
        assert_eq!(linked["to"], "related another ticket");
        assert!(!changes.to_string().contains(id(&other)), "{changes}");
    }
    let whole = app.get(&history, Some(&key)).await.expect(200).json();
    assert!(whole.to_string().contains(id(&other)), "{whole}");
    let at = format!("/api/v1/tickets/{}/operations", id(&own));
    assert_eq!(app.get(&at, Some(&limited)).await.expect(200).json()["operations"], json!([]));
    undo(&app, &limited, &own, &linked).await.problem(404);
    let third = ticket(&app, &key, "cy@example.org", "A third").await;
    undo(&app, &key, &third, &linked).await.problem(404);
    let reader = app.key(&[Scope::TicketsRead]).await;
    undo(&app, &reader, &own, &linked).await.problem(403);
    merge(&app, &reader, &own, &other).await.problem(403);
    app.clock.advance(DAY + 1);
    let late = undo(&app, &key, &own, &linked).await.problem(409);
    assert!(late["detail"].as_str().unwrap().contains("24 hours"), "{late}");
    for ticket in [&own, &other] {
        assert_eq!(again(&app, &key, ticket).await["status"], "new", "nothing changed");
    }
}

#[tokio::test]
async fn the_promises_of_a_merged_ticket_end_and_go_on_when_it_is_undone() {
    let (app, key) = desk().await;
    let policy =
        json!({ "name": "All", "targets": { "normal": { "first_reply_min": 60, "next_reply_min": 30 } } });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    let first = ticket(&app, &key, "cy@example.org", "It burns").await;
    app.write(&key, &first, "reply", "Use water.").await;
    let second = ticket(&app, &key, "cy@example.org", "It still burns").await;
    let clock = async |ticket: &Value, metric: &str| {
        let view = again(&app, &key, ticket).await;
        let mut clocks = view["sla"].as_array().unwrap().clone().into_iter();
        clocks.find(|clock| clock["metric"] == metric).map(|clock| json!([clock["state"], clock["due_at"]]))
    };
    let running = Some(json!(["running", "2026-01-01T01:00:00Z"]));
    assert_eq!(clock(&second, "first_reply").await, running);
    assert_eq!(clock(&first, "next_reply").await, None);
    app.clock.advance(600);
    let done = merge(&app, &key, &second, &first).await.expect(201).json();
    assert_ne!(clock(&second, "first_reply").await, running);
    let next = Some(json!(["running", "2026-01-01T00:40:00Z"]));
    assert_eq!(clock(&first, "next_reply").await, next, "the customer waits in the one that is left");
    app.clock.advance(600);
    undo(&app, &key, &second, &done).await.expect(200);
    assert_eq!(clock(&second, "first_reply").await, running, "as if it had never been merged");
    assert_eq!(clock(&first, "next_reply").await, None);
}

fn waiting(ticket: &Value) -> Vec<&str> {
    let replies = ticket["waiting_replies"].as_array().expect("replies");
    replies.iter().map(|reply| reply["body"].as_str().expect("words")).collect()
}

#[tokio::test]
async fn replies_that_wait_go_along_with_a_merged_ticket_and_come_back() {
    let (app, key) = desk().await;
    let first = ticket(&app, &key, "cy@example.org", "It is broken.").await;
    let second = ticket(&app, &key, "cy@example.org", "It is still broken.").await;
    let others = ticket(&app, &key, "di@example.org", "Mine too.").await;
    let schedule = async |ticket: &Value, body: &str, send_at: &str| {
        let reply = json!({ "kind": "reply", "body": body, "send_at": send_at });
        act(&app, &key, ticket, "messages", reply).await.expect(202).json()
    };
    schedule(&first, "Soon.", "2026-01-01T01:00:00Z").await;
    schedule(&first, "Later.", "2026-01-01T05:00:00Z").await;
    schedule(&second, "Its own.", "2026-01-01T06:00:00Z").await;
    let done = merge(&app, &key, &first, &second).await.expect(201).json();
    assert_eq!(waiting(&again(&app, &key, &first).await), [""; 0]);
    assert_eq!(waiting(&again(&app, &key, &second).await), ["Soon.", "Later.", "Its own."]);

    app.clock.advance(3_601);
    assert_eq!(app.desk().send_due_replies().await.unwrap(), 1);
    let told = again(&app, &key, &second).await;
    assert!(said(&told).contains(&("reply", "Soon.", None)), "it is sent in the ticket that is left: {told}");
    assert!(told["messages"].to_string().contains("2 replies that waited there wait here"), "{told}");

    undo(&app, &key, &second, &done).await.expect(200);
    assert_eq!(waiting(&again(&app, &key, &first).await), ["Later."], "what was sent is sent");
    let second = again(&app, &key, &second).await;
    assert_eq!(waiting(&second), ["Its own."]);
    assert!(said(&second).contains(&("reply", "Soon.", None)));

    // A reply to one customer is never sent to another: it stays behind and says so.
    let path = format!("/api/v1/tickets/{}/merge", id(&first));
    let internal = json!({ "into_id": id(&others), "different_customers": "keep_internal" });
    let done = app.post(&path, Some(&key), internal).await.expect(201).json();
    assert_eq!(waiting(&again(&app, &key, &others).await), [""; 0]);
    app.clock.advance(5 * 3_600);
    app.desk().send_due_replies().await.unwrap();
    let left = again(&app, &key, &first).await;
    assert_eq!(left["waiting_replies"][0]["stopped"], "ticket_closed", "{left}");
    assert!(!again(&app, &key, &others).await["messages"].to_string().contains("Later."));
    undo(&app, &key, &others, &done).await.expect(200);
    assert_eq!(waiting(&again(&app, &key, &first).await), ["Later."], "nothing is lost");
}
