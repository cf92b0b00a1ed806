//! Statuses of a site's own, and what is to be done before a ticket is solved.

use axum::http::Method;
use domain::{Principal, Role, Scope};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

async fn desk() -> (TestApp, String) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let vendor = json!({ "key": "vendor", "name": "With the vendor", "customer_name": "We asked the maker",
        "category": "pending", "position": 25, "next": ["open", "solved"] });
    app.post("/api/v1/statuses", Some(&key), vendor).await.expect(201);
    let escalated = json!({ "key": "escalated", "name": "Escalated", "category": "open" });
    app.post("/api/v1/statuses", Some(&key), escalated).await.expect(201);
    (app, key)
}

async fn ticket(app: &TestApp, key: &str) -> Value {
    let new = json!({ "body": "My printer burns", "customer": { "email": "cy@example.org" } });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

fn path(ticket: &Value) -> String {
    format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Answer {
    app.send(Method::PATCH, &path(ticket), Some(key), Some(change), &[]).await
}

fn stands(ticket: &Value) -> (&str, &str) {
    (ticket["status"].as_str().unwrap(), ticket["custom_status"].as_str().unwrap())
}

async fn n(app: &TestApp, key: &str, filter: &str) -> Value {
    app.get(&format!("/api/v1/tickets/count?filter={filter}"), Some(key)).await.expect(200).json()["n"]
        .clone()
}

#[tokio::test]
async fn a_ticket_has_a_status_of_its_own_within_its_category() {
    let (app, key) = desk().await;
    let opened = ticket(&app, &key).await;
    assert_eq!(stands(&opened), ("new", "new"));
    let waits = change(&app, &key, &opened, json!({ "custom_status": "vendor" })).await.expect(200).json();
    assert_eq!(stands(&waits), ("pending", "vendor"));
    for (filter, expected) in [
        ("status:pending", 1),
        ("status:vendor", 1),
        ("status:escalated", 0),
        ("status:escalated,pending", 1),
        ("-status:vendor", 0),
    ] {
        assert_eq!(n(&app, &key, filter).await, expected, "{filter}");
    }
    app.index_tickets().await;
    let found = app.get("/api/v1/tickets/search?q=printer&filter=status:vendor", Some(&key)).await;
    assert_eq!(found.expect(200).json()["hits"].as_array().unwrap().len(), 1);
    for (status, n) in [("vendor", 1), ("pending", 1), ("escalated", 0)] {
        for (path, part) in [("tickets?", "tickets"), ("tickets/search?q=printer&", "hits")] {
            let path = format!("/api/v1/{path}status={status}");
            let found = app.get(&path, Some(&key)).await.expect(200).json();
            assert_eq!(found[part].as_array().unwrap().len(), n, "{path}");
        }
    }
    let both = json!({ "status": "solved", "custom_status": "vendor" });
    change(&app, &key, &opened, both).await.problem(422);
    let open = change(&app, &key, &opened, json!({ "status": "open" })).await.expect(200).json();
    assert_eq!(stands(&open), ("open", "open"), "the category alone is its built-in status");
    let higher = json!({ "status": "open", "custom_status": "escalated" });
    assert_eq!(stands(&change(&app, &key, &opened, higher).await.expect(200).json()), ("open", "escalated"));
    app.write(&key, &opened, "reply", "We ask the maker.").await;
    let replied = app.ticket(&key, 1).await;
    assert_eq!(stands(&replied), ("pending", "pending"), "a status of its own goes with its category");
    assert_eq!(replied["first_replied_at"], "2026-01-01T00:00:00Z");
    let history: Vec<_> = replied["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["field"] == "custom_status")
        .map(|entry| json!([entry["from"], entry["to"]]))
        .collect();
    let expected = json!([[null, "vendor"], ["vendor", null], [null, "escalated"], ["escalated", null]]);
    assert_eq!(json!(history), expected);
    let closed = change(&app, &key, &opened, json!({ "status": "closed" })).await.expect(200).json();
    assert_eq!(closed["closed_at"], "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn agents_go_the_ways_that_are_allowed() {
    let (app, key) = desk().await;
    let opened = ticket(&app, &key).await;
    change(&app, &key, &opened, json!({ "custom_status": "vendor" })).await.expect(200);
    for (wanted, status) in [("on_hold", 409), ("pending", 409), ("nowhere", 422), ("new", 409)] {
        change(&app, &key, &opened, json!({ "custom_status": wanted })).await.problem(status);
    }
    change(&app, &key, &opened, json!({ "status": "on_hold" })).await.problem(409);
    change(&app, &key, &opened, json!({ "custom_status": "open" })).await.expect(200);
    let patch = async |key_of: &str, body: Value, extra: &[(&str, &str)]| {
        let path = format!("/api/v1/statuses/{key_of}");
        app.send(Method::PATCH, &path, Some(&key), Some(body), extra).await
    };
    patch("vendor", json!({ "state": "retired" }), &[("if-match", "\"9\"")]).await.problem(412);
    let retired = patch("vendor", json!({ "state": "retired" }), &[("if-match", "\"1\"")]).await;
    assert_eq!(retired.expect(200).header("etag"), "\"2\"");
    change(&app, &key, &opened, json!({ "custom_status": "vendor" })).await.problem(422);
    patch("open", json!({ "state": "retired" }), &[]).await.problem(409);
    patch("open", json!({ "name": "In work", "next": ["solved"] }), &[]).await.expect(200);
    change(&app, &key, &opened, json!({ "status": "pending" })).await.problem(409);
    change(&app, &key, &opened, json!({ "status": "solved" })).await.expect(200);
    patch("open", json!({ "next": ["nowhere"] }), &[]).await.problem(422);
    patch("open", json!({ "category": "new" }), &[]).await.problem(400);
    patch("nowhere", json!({}), &[]).await.problem(404);
}

#[tokio::test]
async fn a_status_that_cannot_be_is_refused() {
    let (app, key) = desk().await;
    for (status, code) in [
        (json!({ "key": "vendor", "name": "Again", "category": "open" }), 409),
        (json!({ "key": "open", "name": "Again", "category": "open" }), 422),
        (json!({ "key": "No Key", "name": "x", "category": "open" }), 422),
        (json!({ "key": "x", "name": " ", "category": "open" }), 422),
        (json!({ "key": "x", "name": "x", "category": "lost" }), 400),
        (json!({ "key": "x", "name": "x", "category": "open", "next": ["nowhere"] }), 422),
        (json!({ "key": "x", "name": "x", "category": "open", "built_in": true }), 400),
    ] {
        app.post("/api/v1/statuses", Some(&key), status.clone()).await.problem(code);
    }
    let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    let new = json!({ "key": "x", "name": "x", "category": "open" });
    app.post("/api/v1/statuses", Some(&agent), new).await.problem(403);
    let listed = app.get("/api/v1/statuses", Some(&agent)).await.expect(200).json();
    let keys: Vec<&str> =
        listed["statuses"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["escalated", "new", "open", "pending", "vendor", "on_hold", "solved", "closed"]);
    for (at, body) in [
        ("/api/v1/views", json!({ "name": "x", "filter": "status:opne", "sharing": "everyone" })),
        (
            "/api/v1/sla-policies",
            json!({ "name": "x", "condition": "status:opne",
            "targets": { "normal": { "first_reply_min": 60 } } }),
        ),
        (
            "/api/v1/fields",
            json!({ "key": "x", "title": "x", "kind": { "type": "text" },
            "show_when": "status:opne" }),
        ),
    ] {
        let refused = app.post(at, Some(&key), body).await.problem(422);
        assert!(refused["detail"].as_str().unwrap().contains("there is no status \"opne\""), "{refused}");
    }
    for at in [
        "/api/v1/tickets?filter=status:opne",
        "/api/v1/tickets/count?filter=status:opne",
        "/api/v1/tickets/search?q=x&filter=-status:opne",
    ] {
        app.get(at, Some(&key)).await.problem(422);
    }
}

#[tokio::test]
async fn what_is_to_be_done_keeps_a_ticket_from_being_solved() {
    let (app, key) = desk().await;
    let opened = ticket(&app, &key).await;
    let at = format!("{}/checklist", path(&opened));
    let put = async |body: Value, extra: &[(&str, &str)]| {
        app.send(Method::PUT, &at, Some(&key), Some(body), extra).await
    };
    let list =
        json!({ "required": "on_solve", "items": [{ "text": "Call the carrier" }, { "text": "Refund" }] });
    let set = put(list, &[]).await.expect(200).json();
    let items = set["checklist"]["items"].as_array().unwrap().clone();
    assert_eq!(
        (items[0]["text"].as_str(), items[0]["done"].as_bool()),
        (Some("Call the carrier"), Some(false))
    );
    for status in ["solved", "closed"] {
        let refused = change(&app, &key, &opened, json!({ "status": status })).await.problem(422);
        assert_eq!(refused["field"], "checklist");
    }
    let item = |n: usize| format!("{at}/{}", items[n]["id"].as_str().unwrap());
    let tick = async |n: usize, body: Value| {
        app.send(Method::PATCH, &item(n), Some(&key), Some(body), &[]).await.expect(200).json()
    };
    let ticked = tick(0, json!({ "done": true })).await;
    let first = &ticked["checklist"]["items"][0];
    assert_eq!((&first["done"], &first["done_at"]), (&json!(true), &json!("2026-01-01T00:00:00Z")));
    assert!(first["done_by"].as_str().is_some_and(|name| !name.is_empty()));
    app.clock.advance(60);
    let again = tick(0, json!({ "done": true, "text": "Call the carrier now" })).await;
    assert_eq!(again["checklist"]["items"][0]["done_at"], "2026-01-01T00:00:00Z", "who did it stays");
    // Another order keeps what was done; one that is left out goes.
    let ids: Vec<&Value> = items.iter().map(|item| &item["id"]).collect();
    let other = json!({ "required": "on_solve", "items": [
        { "id": ids[1], "text": "Refund" }, { "id": ids[0], "text": "Call the carrier now", "done": true }] });
    put(other.clone(), &[("if-match", "\"1\"")]).await.problem(412);
    let kept = put(other, &[]).await.expect(200).json()["checklist"]["items"][1].clone();
    assert_eq!(kept, again["checklist"]["items"][0]);
    // Without `done` an item stays as it was.
    let silent = json!({ "required": "on_solve", "items": [
        { "id": ids[1], "text": "Refund" }, { "id": ids[0], "text": "Call the carrier now" }] });
    let items_now = put(silent, &[]).await.expect(200).json()["checklist"]["items"].clone();
    assert_eq!((&items_now[0]["done"], &items_now[1]), (&json!(false), &kept));
    tick(1, json!({ "done": true })).await;
    change(&app, &key, &opened, json!({ "status": "solved" })).await.expect(200);

    for (body, status) in [
        (json!({ "items": [{ "text": " " }] }), 422),
        (json!({ "items": [{ "id": "nowhere", "text": "x" }] }), 422),
        (json!({ "items": [{ "id": ids[0], "text": "x" }, { "id": ids[0], "text": "y" }] }), 422),
        (json!({ "items": vec![json!({ "text": "x" }); 51] }), 422),
        (json!({ "items": [{ "text": "x".repeat(501) }] }), 413),
        (json!({ "items": [{ "text": "x", "done_by": "Bo" }] }), 400),
    ] {
        put(body, &[]).await.problem(status);
    }
    let nowhere = format!("{at}/nowhere");
    app.send(Method::PATCH, &nowhere, Some(&key), Some(json!({ "done": true })), &[]).await.problem(404);
    let told: Vec<String> = app.ticket(&key, 1).await["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["field"] == "checklist")
        .map(|entry| format!("{} > {}", entry["from"], entry["to"]))
        .collect();
    assert_eq!(told[0], "null > \"[ ] Call the carrier\"");
    assert_eq!(told[2], "\"[ ] Call the carrier\" > \"[x] Call the carrier\"");
    assert_eq!(told.len(), 5);
}

#[tokio::test]
async fn agents_follow_tickets_that_they_see_and_put_addresses_in_copy() {
    let (app, key) = desk().await;
    let opened = ticket(&app, &key).await;
    let ada = app.person("Ada", Role::Agent).await;
    let gone = app.person("Gone", Role::Agent).await;
    let leaves = Some(json!({ "active": false }));
    app.send(Method::PATCH, &format!("/api/v1/users/{gone}"), Some(&key), leaves, &[]).await.expect(200);
    let limited = app.person("Lim", Role::Agent).await;
    let own = Some(json!({ "sees": "own_teams" }));
    app.send(Method::PATCH, &format!("/api/v1/users/{limited}"), Some(&key), own, &[]).await.expect(200);
    let follow = async |method: Method, user: &str| {
        let at = format!("{}/followers/{user}", path(&opened));
        app.send(method, &at, Some(&key), None, &[]).await
    };
    let blind = json!({ "key": "writer", "name": "Writer", "scopes": ["kb:write"] });
    app.post("/api/v1/roles", Some(&key), blind).await.expect(201);
    let writer = app.person("Wri", Role::parse("writer").unwrap()).await;
    for user in [gone.as_str(), limited.as_str(), writer.as_str(), "nobody"] {
        follow(Method::PUT, user).await.problem(422);
    }
    let followed = follow(Method::PUT, ada.as_str()).await.expect(200).json();
    assert_eq!(followed["follower_ids"], json!([ada.to_string()]));
    let again = follow(Method::PUT, ada.as_str()).await.expect(200).json();
    assert_eq!(again["revision"], followed["revision"], "nothing changes");
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["followers"], json!([{ "id": ada.to_string(), "name": "Ada" }]));
    let as_ada = Principal::staff(ada.clone(), Role::Agent);
    let mine = "follower:me".parse().unwrap();
    assert_eq!(app.desk().count_tickets(&as_ada, &mine).await.unwrap().n, 1);
    assert_eq!(n(&app, &key, "follower:none").await, 0);
    assert_eq!(n(&app, &key, &format!("follower:{ada}")).await, 1);
    let left = follow(Method::DELETE, ada.as_str()).await.expect(200).json();
    assert_eq!(left["follower_ids"], json!([]));
    assert_eq!(app.desk().count_tickets(&as_ada, &mine).await.unwrap().n, 0);

    let cc = json!({ "cc": ["Di@Example.org", "eve@example.org", "di@example.org"] });
    let copied = change(&app, &key, &opened, cc).await.expect(200).json();
    assert_eq!(copied["cc"], json!(["di@example.org", "eve@example.org"]));
    let many: Vec<String> = (0..21).map(|n| format!("p{n}@example.org")).collect();
    for wrong in [json!(["no address"]), json!(["a@b.c\r\nBcc: x@y.z"]), json!(many)] {
        change(&app, &key, &opened, json!({ "cc": wrong })).await.problem(422);
    }
    let log = app.get("/api/v1/audit?action=ticket.changed&limit=1", Some(&key)).await.expect(200).json();
    assert!(!log.to_string().contains("di@example.org"), "the audit log names no address: {log}");
}

#[tokio::test]
async fn the_staff_area_offers_statuses_and_shows_what_was_arranged() {
    let (app, key) = desk().await;
    let (first, second) = (ticket(&app, &key).await, ticket(&app, &key).await);
    let link = json!({ "kind": "child", "ticket_id": second["id"] });
    app.post(&format!("{}/links", path(&first)), Some(&key), link).await.expect(201);
    let list = Some(json!({ "items": [{ "text": "Call <b>them</b>" }] }));
    app.send(Method::PUT, &format!("{}/checklist", path(&first)), Some(&key), list, &[]).await.expect(200);
    change(&app, &key, &first, json!({ "cc": ["di@example.org"] })).await.expect(200);
    let bo = app.bo().await;
    let page = bo.get("/app/tickets/1").await.expect(200).text;
    let token = page.split("name=\"_form\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let fields = [
        ("_form", token),
        ("status", "escalated"),
        ("was_status", "new"),
        ("priority", "normal"),
        ("was_priority", "normal"),
        ("team", "support"),
        ("was_team", "support"),
        ("assignee", ""),
        ("was_assignee", ""),
        ("tags", ""),
        ("was_tags", ""),
    ];
    bo.submit("/app/tickets/1", &fields).await.expect(303);
    let changed = app.ticket(&key, 1).await;
    assert_eq!(stands(&changed), ("open", "escalated"));
    let page = bo.get("/app/tickets/1").await.expect(200).text;
    for shown in [
        "<span class=\"chip\">Escalated</span>",
        "<option value=\"vendor\">With the vendor</option>",
        "href=\"/app/tickets/2\"",
        "di@example.org",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains("<b>them</b>"), "what people type is text");
    let until = json!({ "snoozed_until": "2026-01-02T08:00:00Z" });
    change(&app, &key, &first, until).await.expect(200);
    let page = bo.get("/app/tickets/1").await.expect(200).text;
    assert!(page.contains("2 Jan 2026, 08:00 UTC"), "{page}");
    let listed = async |status: &str| {
        let page = bo.get(&format!("/app/tickets?status={status}")).await.expect(200).text;
        page.contains("href=\"/app/tickets/1\"")
    };
    assert!(!listed("open").await && listed("snoozed").await && listed("").await);
    let merge = json!({ "into_id": second["id"] });
    app.post(&format!("{}/merge", path(&first)), Some(&key), merge).await.expect(201);
    let page = bo.get("/app/tickets/2").await.expect(200).text;
    assert!(page.contains("Merged here") && page.contains(", in #1"), "{page}");
    assert!(bo.get("/app/tickets/1").await.expect(200).text.contains("Merged into"));
}
