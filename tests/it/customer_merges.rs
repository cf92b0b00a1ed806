//! Merging customers who are one person, undoing that, and erasing them afterwards.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::TestApp;

fn id(json: &Value) -> String {
    json["id"].as_str().expect("an id").to_owned()
}

async fn ticket_of(app: &TestApp, key: &str, name: &str, email: &str) -> Value {
    let new = json!({ "body": "It leaks.", "customer": { "name": name, "email": email } });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

async fn read(app: &TestApp, key: &str, path: &str) -> Value {
    app.get(&format!("/api/v1{path}"), Some(key)).await.expect(200).json()
}

async fn merge(app: &TestApp, key: &str, kept: &str, other: &str) -> Value {
    let path = format!("/api/v1/customers/{kept}/merges");
    app.post(&path, Some(key), json!({ "customer_id": other })).await.expect(201).json()
}

async fn undo(app: &TestApp, key: &str, kept: &str, merge: &Value) -> tests::Answer {
    let path = format!("/api/v1/customers/{kept}/merges/{}", id(merge));
    app.send(Method::DELETE, &path, Some(key), None, &[]).await
}

/// Two customers of two tickets each; the second has a conversation, a note, a phone number, a tag and a field too.
async fn two(app: &TestApp, key: &str) -> (String, String) {
    let field = json!({ "of": "customer", "key": "plan", "title": "Plan", "kind": { "type": "text" } });
    app.post("/api/v1/fields", Some(key), field).await.expect(201);
    let first = ticket_of(app, key, "", "cy@example.org").await;
    ticket_of(app, key, "", "cy@example.org").await;
    let second = ticket_of(app, key, "Cy Example", "cy+news@example.org").await;
    let talk = app.conversation().await;
    app.ask(&talk, "Is there anybody?").await;
    app.hand_off(&talk, json!({ "email": "cy+news@example.org", "message": "Call me." })).await;
    let (a, b) = (id(&first["customer"]), id(&second["customer"]));
    let path = format!("/api/v1/customers/{b}");
    let change = json!({ "tags": ["vip"], "fields": { "plan": "pro" } });
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
    app.post(&format!("{path}/notes"), Some(key), json!({ "body": "Calls often." })).await.expect(201);
    let phone = json!({ "kind": "phone", "value": "+49 30 901820" });
    app.post(&format!("{path}/identities"), Some(key), phone).await.expect(201);
    (a, b)
}

/// All that is known of a customer but what counts changes and times.
async fn state(app: &TestApp, key: &str, id: &str) -> Value {
    let mut customer = read(app, key, &format!("/customers/{id}")).await;
    customer.as_object_mut().unwrap().remove("revision");
    let tickets = read(app, key, &format!("/tickets?filter=customer:{id}&sort=created")).await;
    let numbers: Vec<&Value> =
        tickets["tickets"].as_array().unwrap().iter().map(|ticket| &ticket["number"]).collect();
    let notes = read(app, key, &format!("/customers/{id}/notes")).await;
    let history = read(app, key, &format!("/customers/{id}/history")).await;
    json!([customer, numbers, notes, history])
}

#[tokio::test]
async fn a_merge_moves_all_and_undoing_it_moves_all_back() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    let suggested = read(&app, &key, "/customers/duplicates").await;
    assert_eq!(suggested["groups"][0]["likeness"], "email");
    assert_eq!(suggested["groups"][0]["customers"].as_array().unwrap().len(), 2);
    let before = (state(&app, &key, &a).await, state(&app, &key, &b).await);

    let merged = merge(&app, &key, &a, &b).await;
    assert_eq!(
        (&merged["n_tickets"], &merged["n_conversations"], &merged["n_identities"], &merged["n_notes"]),
        (&json!(2), &json!(1), &json!(2), &json!(1))
    );
    let kept = read(&app, &key, &format!("/customers/{a}")).await;
    assert_eq!((&kept["name"], &kept["email"]), (&json!("Cy Example"), &json!("cy@example.org")));
    assert_eq!((&kept["tags"], &kept["fields"]["plan"]), (&json!(["vip"]), &json!("pro")));
    assert_eq!(kept["identities"].as_array().unwrap().len(), 3);
    assert_eq!(read(&app, &key, &format!("/customers/{b}")).await["id"], json!(a), "the old id leads on");
    assert_eq!(read(&app, &key, "/customers/count").await["n"], 1);
    assert_eq!(state(&app, &key, &a).await[1], json!([1, 2, 3, 4]));
    assert_eq!(read(&app, &key, "/customers/duplicates").await["groups"], json!([]));
    // Who writes from the other address is them.
    let history = read(&app, &key, "/tickets/3").await["history"].clone();
    assert_eq!(history.as_array().unwrap().last().unwrap()["field"], "customer");

    undo(&app, &key, &a, &merged).await.expect(200);
    let after = (state(&app, &key, &a).await, state(&app, &key, &b).await);
    assert_eq!(after, before, "exactly as it was");
    undo(&app, &key, &a, &merged).await.problem(409);
    let listed = read(&app, &key, &format!("/customers/{a}/merges")).await;
    assert_eq!(listed["merges"][0]["can_be_undone"], false);
    assert!(listed["merges"][0]["undone_at"].is_string());
}

#[tokio::test]
async fn what_came_since_stays_and_what_makes_undoing_impossible_is_said() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    let merged = merge(&app, &key, &a, &b).await;
    // From the address that came with the merge: it is theirs now.
    let new = ticket_of(&app, &key, "", "cy+news@example.org").await;
    assert_eq!(new["customer"]["id"], json!(a));
    let path = format!("/api/v1/customers/{a}");
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "name": "Cyra" })), &[]).await.expect(200);

    // Merged further, it cannot be undone before that is.
    let third = ticket_of(&app, &key, "Third", "third@example.org").await;
    let third = id(&third["customer"]);
    let further = merge(&app, &key, &third, &a).await;
    let why = undo(&app, &key, &a, &merged).await.problem(409);
    assert!(why["detail"].as_str().unwrap().contains("merged into another"), "{why}");
    assert_eq!(read(&app, &key, &format!("/customers/{b}")).await["id"], json!(third));
    undo(&app, &key, &third, &further).await.expect(200);

    // Answers go to an address that came with it.
    let identities = read(&app, &key, &format!("/customers/{a}")).await["identities"].clone();
    let of = |value: &str| {
        let all = identities.as_array().unwrap();
        id(all.iter().find(|identity| identity["value"] == value).unwrap())
    };
    let make_primary = async |identity: String| {
        let path = format!("{path}/identities/{identity}");
        let body = Some(json!({ "verified": true, "primary": true }));
        app.send(Method::PATCH, &path, Some(&key), body, &[]).await.expect(200);
    };
    make_primary(of("cy+news@example.org")).await;
    undo(&app, &key, &a, &merged).await.problem(409);
    make_primary(of("cy@example.org")).await;

    undo(&app, &key, &a, &merged).await.expect(200);
    assert_eq!(read(&app, &key, &format!("/customers/{a}")).await["name"], "Cyra");
    assert_eq!(state(&app, &key, &a).await[1], json!([1, 2, 5]), "the new ticket stays");
    assert_eq!(state(&app, &key, &b).await[1], json!([3, 4]));

    // An identity that was removed cannot be given back.
    let again = merge(&app, &key, &a, &b).await;
    let removed = format!("{path}/identities/{}", of("+4930901820"));
    app.send(Method::DELETE, &removed, Some(&key), None, &[]).await.expect(200);
    undo(&app, &key, &a, &again).await.problem(409);
}

#[tokio::test]
async fn a_merge_can_be_undone_for_thirty_days() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    let merged = merge(&app, &key, &a, &b).await;
    app.clock.advance(30 * 86_400);
    let why = undo(&app, &key, &a, &merged).await.problem(409);
    assert!(why["detail"].as_str().unwrap().contains("30 days"), "{why}");
}

#[tokio::test]
async fn only_who_sees_all_tickets_merges_and_only_two() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let path = format!("/api/v1/customers/{a}/merges");
    for other in [
        app.key(&[Scope::CustomersRead, Scope::TicketsWrite]).await,
        app.key_of_teams(&Scope::ALL, Some(&["sales"])).await,
    ] {
        app.post(&path, Some(&other), json!({ "customer_id": b })).await.problem(403);
    }
    app.post(&path, Some(&key), json!({ "customer_id": a })).await.problem(422);
    app.post(&path, Some(&key), json!({ "customer_id": "nobody" })).await.problem(404);
    app.post("/api/v1/customers/nobody/merges", Some(&key), json!({ "customer_id": b })).await.problem(404);
    let merged = merge(&app, &key, &a, &b).await;
    app.post(&path, Some(&key), json!({ "customer_id": b })).await.problem(422);
    undo(&app, &key, &b, &merged).await.problem(404);
    undo(&app, &key, &a, &json!({ "id": "nothing" })).await.problem(404);
}

#[tokio::test]
async fn erasing_after_a_merge_erases_both() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    let ticket = app.ticket(&key, 1).await;
    app.write(&key, &ticket, "note", "Cy Example called from +4930901820 and cy+news@example.org.").await;
    merge(&app, &key, &a, &b).await;
    // By the id of who was merged.
    let path = format!("/api/v1/customers/{b}");
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    for id in [&a, &b] {
        app.get(&format!("/api/v1/customers/{id}"), Some(&key)).await.problem(404);
    }
    let note = app.ticket(&key, 1).await["messages"].to_string();
    assert!(!note.contains("cy+news") && !note.contains("Cy Example") && !note.contains("901820"), "{note}");
    assert_eq!(app.ticket(&key, 3).await["customer"], Value::Null);
    assert_eq!(read(&app, &key, "/customers/count").await["n"], 0);
}

#[tokio::test]
async fn tickets_in_the_archive_are_the_customers_too() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (a, b) = two(&app, &key).await;
    let archive = async || {
        for ticket in app.tickets(&key).await {
            let path = format!("/api/v1/tickets/{}", id(&ticket));
            let closed = Some(json!({ "status": "closed" }));
            app.send(Method::PATCH, &path, Some(&key), closed, &[]).await.expect(200);
        }
        app.archive().await
    };
    let history = read(&app, &key, &format!("/customers/{b}/history")).await["items"].clone();
    assert_eq!(archive().await, 4);
    assert_eq!(
        read(&app, &key, &format!("/customers/{b}/history")).await["items"].as_array().map(Vec::len),
        history.as_array().map(Vec::len)
    );
    let done = merge(&app, &key, &a, &b).await;
    archive().await;
    for number in 1..=4 {
        assert_eq!(app.ticket(&key, number).await["customer"]["id"], json!(a), "{number}");
    }
    undo(&app, &key, &a, &done).await.expect(200);
    let owners = [&a, &a, &b, &b];
    for (number, owner) in (1..).zip(owners) {
        assert_eq!(app.ticket(&key, number).await["customer"]["id"], json!(owner), "{number}");
    }
}

#[tokio::test]
async fn a_second_address_leaves_the_copies_when_its_customer_is_erased() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let cy = id(&ticket_of(&app, &key, "Cy", "cy@example.org").await["customer"]);
    let home = json!({ "kind": "email", "value": "cy@home.example" });
    app.post(&format!("/api/v1/customers/{cy}/identities"), Some(&key), home).await.expect(201);
    ticket_of(&app, &key, "Dee", "dee@example.org").await;
    for number in 1..=2 {
        let path = format!("/api/v1/tickets/{}", id(&app.ticket(&key, number).await));
        let copies = Some(json!({ "cc": ["cy@home.example", "cy@example.org", "eve@example.org"] }));
        app.send(Method::PATCH, &path, Some(&key), copies, &[]).await.expect(200);
    }
    app.send(Method::DELETE, &format!("/api/v1/customers/{cy}"), Some(&key), None, &[]).await.expect(204);
    for number in 1..=2 {
        let ticket = app.ticket(&key, number).await;
        assert_eq!(ticket["cc"], json!(["eve@example.org"]));
        assert!(!ticket.to_string().contains("cy@"), "{ticket}");
    }
}
