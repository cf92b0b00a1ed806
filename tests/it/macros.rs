//! Macros: tried on a ticket, run on it as a whole, and named in what they leave behind.

use axum::http::Method;
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

async fn made(app: &TestApp, key: &str, actions: Value) -> String {
    let new = json!({ "name": "Refund", "actions": actions, "sharing": "everyone" });
    let made = app.post("/api/v1/macros", Some(key), new).await.expect(201).json();
    format!("/api/v1/macros/{}", made["id"].as_str().expect("an id"))
}

async fn ticket(app: &TestApp, key: &str) -> Value {
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    app.ticket(key, number).await
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

fn refund() -> Value {
    json!([
        { "type": "set_priority", "priority": "high" },
        { "type": "add_tags", "tags": ["Refund"] },
        { "type": "remove_tags", "tags": ["late"] },
        { "type": "set_field", "key": "amount", "value": 12 },
        { "type": "add_note", "body": "Refunded {{ ticket.fields.amount }}, {{ ticket.priority }}." },
        { "type": "reply", "body": "Dear {{ customer.name }}, it is refunded." },
    ])
}

async fn with_amount(app: &TestApp, key: &str) {
    let field = json!({ "key": "amount", "title": "Amount", "kind": { "type": "number" } });
    app.post("/api/v1/fields", Some(key), field).await.expect(201);
}

#[tokio::test]
async fn a_preview_is_what_a_run_does() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    with_amount(&app, &key).await;
    let opened = ticket(&app, &key).await;
    let path = made(&app, &key, refund()).await;
    let of = json!({ "ticket_id": opened["id"] });
    let preview = app.post(&format!("{path}/preview"), Some(&key), of.clone()).await.expect(200).json();
    let expected = json!({
        "changes": [
            { "field": "status", "from": "new", "to": "pending" },
            { "field": "priority", "from": "normal", "to": "high" },
            { "field": "tags", "from": null, "to": "refund" },
            { "field": "field.amount", "from": null, "to": "12" },
        ],
        "messages": [
            { "kind": "note", "body": "Refunded 12, high." },
            { "kind": "reply", "body": "Dear Cy, it is refunded." },
        ],
    });
    assert_eq!(preview, expected);
    assert_eq!(again(&app, &key, &opened).await, opened, "a preview writes nothing");

    let headers = [("idempotency-key", "k1")];
    let runs = format!("{path}/runs");
    let run = app.send(Method::POST, &runs, Some(&key), Some(of.clone()), &headers).await.expect(201).json();
    let repeated = app.send(Method::POST, &runs, Some(&key), Some(of.clone()), &headers).await.expect(201);
    assert_eq!((repeated.header("idempotency-replayed"), &repeated.json()), ("true", &run));
    let after = again(&app, &key, &opened).await;
    assert_eq!((&run["ticket"]["status"], &after["status"]), (&json!("pending"), &json!("pending")));
    assert_eq!(after["tags"], json!(["refund"]));
    assert_eq!(after["revision"].as_i64(), opened["revision"].as_i64().map(|n| n + 1), "one change");
    let messages: Vec<&str> =
        after["messages"].as_array().unwrap().iter().map(|said| said["body"].as_str().unwrap()).collect();
    assert_eq!(messages[messages.len() - 2..], ["Refunded 12, high.", "Dear Cy, it is refunded."]);
    let named: Vec<&Value> =
        after["history"].as_array().unwrap().iter().filter(|entry| entry["field"] == "macro").collect();
    assert_eq!(named.len(), 1);
    assert_eq!((&named[0]["to"], &named[0]["author"]), (&json!("Refund"), &json!("agent")));
    let audited = app.get("/api/v1/audit?action=ticket.macro_run", Some(&key)).await.expect(200).json();
    assert_eq!(audited["entries"][0]["subject"]["id"], opened["id"], "{audited}");
    let counted = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!((&counted["n_used"], &counted["revision"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_macro_is_done_as_a_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    with_amount(&app, &key).await;
    let required =
        json!({ "key": "reason", "title": "Reason", "kind": { "type": "text" }, "required": "on_solve" });
    app.post("/api/v1/fields", Some(&key), required).await.expect(201);
    let gone = app.person("Eve", Role::Agent).await;
    let opened = ticket(&app, &key).await;
    let of = json!({ "ticket_id": opened["id"] });
    app.post("/api/v1/teams", Some(&key), json!({ "key": "nowhere", "name": "Gone" })).await.expect(201);
    let first = json!({ "type": "set_priority", "priority": "high" });
    let note = json!({ "type": "add_note", "body": "Done." });
    let eve = json!({ "type": "set_assignee", "assignee": gone.to_string() });
    let mut macros = vec![];
    for (action, said) in [
        (json!({ "type": "set_team", "team": "nowhere" }), "action 2, set_team: there is no team"),
        (eve, "action 2, set_assignee: there is no such person"),
        (json!({ "type": "set_assignee", "assignee": "me" }), "action 2, set_assignee: me is nobody"),
        (json!({ "type": "set_field", "key": "amount", "value": 12 }), "action 2, set_field: amount"),
        (json!({ "type": "set_status", "status": "solved" }), "action 2, set_status: fill in"),
    ] {
        macros.push((made(&app, &key, json!([first, action, note])).await, said));
    }
    let leave = json!({ "active": false });
    app.send(Method::PATCH, &format!("/api/v1/users/{gone}"), Some(&key), Some(leave), &[]).await.expect(200);
    app.send(Method::DELETE, "/api/v1/teams/nowhere", Some(&key), None, &[]).await.expect(204);
    let limits = Some(json!({ "kind": { "type": "number", "max": 10 } }));
    app.send(Method::PATCH, "/api/v1/fields/amount", Some(&key), limits, &[]).await.expect(200);
    for (path, said) in macros {
        for end in ["preview", "runs"] {
            let refused = app.post(&format!("{path}/{end}"), Some(&key), of.clone()).await.problem(422);
            assert!(refused["detail"].as_str().unwrap().contains(said), "{end}: {refused}");
        }
        let counted = app.get(&path, Some(&key)).await.expect(200).json();
        assert_eq!(counted["n_used"], 0);
    }
    assert_eq!(again(&app, &key, &opened).await, opened);
    // What a field lacks may come with the same macro, behind the status.
    let solve = json!([
        { "type": "set_status", "status": "solved" },
        { "type": "set_field", "key": "reason", "value": "fire" },
        { "type": "reply", "body": "Solved." },
    ]);
    let path = made(&app, &key, solve).await;
    let run = app.post(&format!("{path}/runs"), Some(&key), of).await.expect(201).json();
    assert_eq!(run["ticket"]["status"], "solved", "said status comes before that of a reply");
}

#[tokio::test]
async fn a_stale_ticket_a_hidden_one_and_a_reader_are_refused() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let opened = ticket(&app, &key).await;
    let path = made(&app, &key, json!([{ "type": "set_priority", "priority": "high" }])).await;
    let runs = format!("{path}/runs");
    let of = json!({ "ticket_id": opened["id"] });
    let stale = [("if-match", "\"7\"")];
    app.send(Method::POST, &runs, Some(&key), Some(of.clone()), &stale).await.problem(412);
    let reader = app.key(&[Scope::TicketsRead]).await;
    app.post(&runs, Some(&reader), of.clone()).await.problem(403);
    app.post(&format!("{path}/preview"), Some(&reader), of.clone()).await.problem(403);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let of_sales = app.key_of_teams(&[Scope::TicketsRead, Scope::TicketsWrite], Some(&["sales"])).await;
    app.post(&runs, Some(&of_sales), of.clone()).await.problem(404);
    app.post("/api/v1/macros/nowhere/runs", Some(&key), of.clone()).await.problem(404);
    app.post(&runs, Some(&key), json!({ "ticket_id": opened["id"], "force": true })).await.problem(400);
    assert_eq!(again(&app, &key, &opened).await, opened);
}

#[tokio::test]
async fn me_is_who_runs_it_and_a_hidden_canned_reply_is_not_sent() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ada_id = app.person("Ada", Role::Agent).await;
    app.person("Eve", Role::Agent).await;
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    let eve = Browser::signed_in(&app, "eve@askwell.example").await;
    let reply = json!({ "title": "Mine", "body": "I am {{ agent.name }}.", "sharing": "private" });
    let reply = ada.post("/api/v1/canned-replies", reply).await.expect(201).json();
    let actions = json!([
        { "type": "set_assignee", "assignee": "me" },
        { "type": "reply", "canned_reply_id": reply["id"] },
    ]);
    let new = |sharing: &str| json!({ "name": "Take", "actions": actions, "sharing": sharing });
    let refused = eve.post("/api/v1/macros", new("private")).await.problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("action 2, canned_reply_id"), "{refused}");
    let take = ada.post("/api/v1/macros", new("private")).await.expect(201).json();
    let opened = ticket(&app, &key).await;
    let runs = format!("/api/v1/macros/{}/runs", take["id"].as_str().unwrap());
    let of = json!({ "ticket_id": opened["id"] });
    eve.post(&runs, of.clone()).await.problem(404);
    let run = ada.post(&runs, of).await.expect(201).json();
    assert_eq!(run["ticket"]["assignee"]["id"], ada_id.to_string());
    assert_eq!(run["messages"][0]["body"], "I am Ada.");
    let used = ada.get(&format!("/api/v1/canned-replies/{}", reply["id"].as_str().unwrap())).await;
    assert_eq!(used.expect(200).json()["n_used"], 1);
}

#[tokio::test]
async fn actions_that_cannot_be_are_refused_with_their_place() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    with_amount(&app, &key).await;
    let limits = Some(json!({ "kind": { "type": "number", "max": 10 } }));
    app.send(Method::PATCH, "/api/v1/fields/amount", Some(&key), limits, &[]).await.expect(200);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "legal", "name": "Legal" })).await.expect(201);
    let of_sales = app.key_of_teams(&[Scope::TicketsRead, Scope::TicketsWrite], Some(&["sales"])).await;
    // What could never be done is refused before a macro or a bulk job has it, as in rules.
    for (action, said) in [
        (json!({ "type": "set_status", "status": "bogus" }), "set_status: there is no status \"bogus\""),
        (json!({ "type": "set_team", "team": "nope" }), "set_team: there is no team \"nope\""),
        (json!({ "type": "set_assignee", "assignee": "nope" }), "set_assignee: there is no such person"),
        (json!({ "type": "set_field", "key": "nope", "value": 1 }), "set_field: there is no field \"nope\""),
        (json!({ "type": "set_field", "key": "amount", "value": 11 }), "set_field: amount"),
        (json!({ "type": "add_note", "body": "{{ ticket.team | foo }}" }), "body: line 1: the filters are"),
    ] {
        let actions = json!([{ "type": "set_priority", "priority": "high" }, action]);
        let opened = ticket(&app, &key).await;
        for (path, new) in [
            ("macros", json!({ "name": "M", "actions": actions, "sharing": "everyone" })),
            ("bulk-jobs", json!({ "tickets": [opened["id"]], "actions": actions })),
            ("bulk-jobs/preview", json!({ "tickets": [opened["id"]], "actions": actions })),
        ] {
            let refused = app.post(&format!("/api/v1/{path}"), Some(&key), new).await.problem(422);
            let expected = format!("actions: action 2, {said}");
            assert!(refused["detail"].as_str().unwrap().starts_with(&expected), "{path}: {refused}");
        }
    }
    for (team, status) in [("sales", 201), ("legal", 422)] {
        let actions = json!([{ "type": "set_team", "team": team }]);
        let new = json!({ "name": "M", "actions": actions, "sharing": "team", "team": "sales" });
        assert_eq!(app.post("/api/v1/macros", Some(&of_sales), new).await.status, status, "{team}");
    }
    for (actions, said) in [
        (json!([]), "actions: the list: 1 to 20"),
        (json!([{ "type": "explode" }]), "actions: action 1, type: one of set_status"),
        (json!([{ "type": "add_note", "body": "{{ x }}" }]), "actions: action 1, body: there is no x"),
        (json!([{ "type": "set_status", "status": "open", "why": 1 }]), "actions: action 1, why"),
    ] {
        let new = json!({ "name": "M", "actions": actions, "sharing": "everyone" });
        let refused = app.post("/api/v1/macros", Some(&key), new).await.problem(422);
        assert!(refused["detail"].as_str().unwrap().contains(said), "{refused}");
    }
    let path = made(&app, &key, json!([{ "type": "set_priority", "priority": "high" }])).await;
    let bad = Some(json!({ "actions": [{ "type": "set_priority", "priority": "huge" }] }));
    app.send(Method::PATCH, &path, Some(&key), bad, &[]).await.problem(422);
    let good = Some(json!({ "name": "Other", "position": 3 }));
    let changed =
        app.send(Method::PATCH, &path, Some(&key), good.clone(), &[("if-match", "\"1\"")]).await.expect(200);
    assert_eq!((changed.header("etag"), &changed.json()["name"]), ("\"2\"", &json!("Other")));
    app.send(Method::PATCH, &path, Some(&key), good, &[("if-match", "\"1\"")]).await.problem(412);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.get(&path, Some(&key)).await.problem(404);
}
