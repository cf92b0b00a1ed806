//! Custom fields: defined while the site runs, checked when they are filled in, found by filters.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::TestApp;

async fn define(app: &TestApp, key: &str, field: Value) -> Value {
    app.post("/api/v1/fields", Some(key), field).await.expect(201).json()
}

/// A desk with a few fields; gives the key.
async fn desk() -> (TestApp, String) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let plans = json!([{ "key": "pro", "title": "Pro" }, { "key": "free", "title": "Free" }]);
    define(
        &app,
        &key,
        json!({ "key": "plan", "title": "Plan", "kind": { "type": "select", "choices": plans } }),
    )
    .await;
    define(
        &app,
        &key,
        json!({ "key": "amount", "title": "Amount", "kind": { "type": "decimal", "min": "0" } }),
    )
    .await;
    let cause = json!({ "key": "cause", "title": "Cause", "kind": { "type": "text" }, "required": "on_solve",
        "show_when": "field.plan:pro", "position": -1 });
    define(&app, &key, cause).await;
    (app, key)
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> tests::Answer {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await
}

#[tokio::test]
async fn tickets_have_values_which_filters_find_and_history_keeps() {
    let (app, key) = desk().await;
    let new = json!({ "body": "Hello", "fields": { "plan": "free", "amount": "12.50" } });
    let ticket = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    assert_eq!(ticket["fields"], json!({ "plan": "free", "amount": "12.5" }));
    app.post("/api/v1/tickets", Some(&key), json!({ "body": "Another" })).await.expect(201);
    let sent = json!({ "fields": { "plan": "pro", "amount": null } });
    let changed = change(&app, &key, &ticket, sent).await.expect(200).json();
    assert_eq!(changed["fields"], json!({ "plan": "pro" }));
    for (filter, n) in [
        ("field.plan:pro", 1),
        ("field.plan:free", 0),
        ("field.plan:none", 1),
        ("field.amount%3E1", 0),
        ("-field.plan:pro", 1),
    ] {
        let path = format!("/api/v1/tickets/count?filter={filter}");
        assert_eq!(app.get(&path, Some(&key)).await.expect(200).json()["n"], n, "{filter}");
    }
    let history = app.ticket(&key, 1).await["history"].as_array().unwrap().clone();
    let entries: Vec<_> =
        history.iter().map(|entry| (&entry["field"], &entry["from"], &entry["to"])).collect();
    let expected = json!([["field.amount", "12.5", null], ["field.plan", "free", "pro"]]);
    assert_eq!(json!(entries), expected);
}

#[tokio::test]
async fn what_is_no_value_is_refused_and_nothing_changes() {
    let (app, key) = desk().await;
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Hello" })).await.expect(201).json();
    for (fields, status, why) in [
        (json!({ "plan": "gold" }), 422, "plan: send one of pro, free"),
        (json!({ "amount": "-1" }), 422, "amount: at least 0"),
        (json!({ "amount": { "$gt": 1 } }), 422, "amount: send a number"),
        (json!({ "nothing": 1 }), 422, "there is no field"),
        (json!({ "plan": "pro", "nothing": 1 }), 422, "there is no field"),
        (json!(["plan"]), 400, ""),
    ] {
        let refused = change(&app, &key, &ticket, json!({ "fields": fields })).await.problem(status);
        assert!(refused["detail"].as_str().unwrap().contains(why), "{fields}: {refused}");
    }
    let after = app.ticket(&key, 1).await;
    assert_eq!((&after["fields"], &after["revision"]), (&json!({}), &json!(1)));
    let customer = json!({ "key": "partner", "title": "Partner", "kind": { "type": "customer" } });
    define(&app, &key, customer).await;
    let refused =
        change(&app, &key, &ticket, json!({ "fields": { "partner": "nobody" } })).await.problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("no such customer"));
}

#[tokio::test]
async fn a_field_that_must_be_filled_in_keeps_a_ticket_from_being_solved() {
    let (app, key) = desk().await;
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Hello" })).await.expect(201).json();
    let solve = json!({ "status": "solved", "fields": { "plan": "pro" } });
    let refused = change(&app, &key, &ticket, solve.clone()).await.problem(422);
    assert_eq!(refused["field"], "fields");
    assert!(refused["detail"].as_str().unwrap().ends_with("cause"), "{refused}");
    assert_eq!(app.ticket(&key, 1).await["status"], "new", "and nothing changed");
    // Closing is no way round.
    let close = json!({ "status": "closed", "fields": { "plan": "pro" } });
    change(&app, &key, &ticket, close).await.problem(422);
    let filled = json!({ "status": "solved", "fields": { "plan": "pro", "cause": "A cable" } });
    change(&app, &key, &ticket, filled).await.expect(200);
    // Where it is not shown it is not asked for.
    let other = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Hello" })).await.expect(201).json();
    change(&app, &key, &other, json!({ "status": "solved" })).await.expect(200);
    // One that is retired is asked for no more, keeps its values, and takes no new ones.
    let retire = Some(json!({ "state": "retired" }));
    app.send(Method::PATCH, "/api/v1/fields/cause", Some(&key), retire, &[]).await.expect(200);
    let third = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Hello" })).await.expect(201).json();
    change(&app, &key, &third, solve).await.expect(200);
    assert_eq!(app.ticket(&key, 1).await["fields"]["cause"], "A cable");
    change(&app, &key, &third, json!({ "fields": { "cause": "x" } })).await.problem(422);
}

#[tokio::test]
async fn a_field_that_cannot_be_is_refused() {
    let (app, key) = desk().await;
    let text = json!({ "type": "text" });
    for (field, status) in [
        (json!({ "key": "plan", "title": "Again", "kind": text }), 409),
        (json!({ "key": "No Key", "title": "x", "kind": text }), 422),
        (json!({ "key": "x", "title": " ", "kind": text }), 422),
        (json!({ "key": "x", "title": "x", "kind": { "type": "money" } }), 400),
        (json!({ "key": "x", "title": "x", "kind": { "type": "select", "choices": [] } }), 422),
        (json!({ "key": "x", "title": "x", "kind": { "type": "regex", "pattern": "(" } }), 400),
        (json!({ "key": "x", "title": "x", "kind": { "type": "number", "min": 2, "max": 1 } }), 422),
        (json!({ "key": "x", "title": "x", "kind": text, "show_when": "colour:red" }), 422),
        (json!({ "key": "x", "title": "x", "kind": text, "show_when": "field.nowhere:1" }), 422),
        (json!({ "key": "x", "title": "x", "kind": text, "owner": "customer" }), 400),
    ] {
        app.post("/api/v1/fields", Some(&key), field.clone()).await.problem(status);
    }
    let patch = async |body: Value, extra: &[(&str, &str)]| {
        app.send(Method::PATCH, "/api/v1/fields/plan", Some(&key), Some(body), extra).await
    };
    patch(json!({ "kind": { "type": "text" } }), &[]).await.problem(409);
    patch(json!({ "title": "Tariff" }), &[("if-match", "\"7\"")]).await.problem(412);
    let changed = patch(json!({ "title": "Tariff" }), &[("if-match", "\"1\"")]).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    app.send(Method::PATCH, "/api/v1/fields/nowhere", Some(&key), Some(json!({})), &[]).await.problem(404);
    let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    app.post("/api/v1/fields", Some(&agent), json!({ "key": "x", "title": "x", "kind": text }))
        .await
        .problem(403);
    let listed = app.get("/api/v1/fields", Some(&agent)).await.expect(200).json();
    let keys: Vec<&str> =
        listed["fields"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["cause", "amount", "plan"]);
}

#[tokio::test]
async fn a_retired_field_is_asked_for_by_filters_and_gives_its_values_away() {
    let (app, key) = desk().await;
    let text = json!({ "type": "text" });
    for of in ["ticket", "customer", "organisation"] {
        define(&app, &key, json!({ "of": of, "key": "old", "title": "Old", "kind": text })).await;
    }
    let view = json!({ "name": "Old", "filter": "field.old:x", "sharing": "everyone" });
    let view = app.post("/api/v1/views", Some(&key), view).await.expect(201).json();
    let with = |mut body: Value| {
        body["fields"] = json!({ "old": "x" });
        body
    };
    let mut paths = vec![];
    for (list, body) in [
        ("tickets", json!({ "body": "Hm." })),
        ("customers", json!({ "name": "Cy" })),
        ("organisations", json!({ "name": "Acme" })),
    ] {
        let made = app.post(&format!("/api/v1/{list}"), Some(&key), with(body)).await.expect(201).json();
        paths.push(format!("/api/v1/{list}/{}", made["id"].as_str().unwrap()));
    }
    for of in ["ticket", "customer", "organisation"] {
        let retire = Some(json!({ "state": "retired" }));
        let path = format!("/api/v1/fields/old?of={of}");
        app.send(Method::PATCH, &path, Some(&key), retire, &[]).await.expect(200);
    }
    let view = format!("/api/v1/tickets/count?view={}", view["id"].as_str().unwrap());
    assert_eq!(app.get(&view, Some(&key)).await.expect(200).json()["n"], 1, "the value is still there");
    for path in paths {
        let patch = async |fields: Value| {
            app.send(Method::PATCH, &path, Some(&key), Some(json!({ "fields": fields })), &[]).await
        };
        let refused = patch(json!({ "old": "y" })).await.problem(422);
        assert!(refused["detail"].as_str().unwrap().contains("there is no field \"old\""), "{refused}");
        patch(json!({ "nothing": null })).await.problem(422);
        assert_eq!(app.get(&path, Some(&key)).await.expect(200).json()["fields"]["old"], "x", "{path}");
        let cleared = patch(json!({ "old": null })).await.expect(200).json();
        assert_eq!(cleared["fields"].get("old"), None, "{path}");
    }
    assert_eq!(app.get(&view, Some(&key)).await.expect(200).json()["n"], 0);
}

#[tokio::test]
async fn the_end_of_a_long_text_is_changed_and_said_like_the_rest() {
    let (app, key) = desk().await;
    for (name, kind) in [("way", "long_text"), ("page", "url")] {
        define(&app, &key, json!({ "key": name, "title": name, "kind": { "type": kind } })).await;
    }
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "Hello" })).await.expect(201).json();
    let long = |end: &str| format!("https://example.org/{}{end}", "a".repeat(300));
    for end in ["x", "y"] {
        let fields = json!({ "fields": { "way": long(end), "page": long(end) } });
        let changed = change(&app, &key, &ticket, fields.clone()).await.expect(200).json();
        assert_eq!(changed["fields"], fields["fields"]);
    }
    let history = app.ticket(&key, 1).await["history"].as_array().unwrap().clone();
    assert_eq!(history.iter().filter(|entry| entry["field"] == "field.way").count(), 2);
    // Who writes about it writes all of it.
    let reply = json!({ "title": "Way", "body": "{{ ticket.fields.way }}", "sharing": "everyone" });
    let reply = app.post("/api/v1/canned-replies", Some(&key), reply).await.expect(201).json();
    let render = format!("/api/v1/canned-replies/{}/render", reply["id"].as_str().unwrap());
    let text = app.post(&render, Some(&key), json!({ "ticket_id": ticket["id"] })).await.expect(200).json();
    assert!(text["body"].as_str().unwrap().ends_with(&format!("{}y", "a".repeat(300))), "{text}");
}
