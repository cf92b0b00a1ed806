//! What customers are promised: policies, how tickets stand to them, and what is told when time runs out.

use axum::http::Method;
use serde_json::{Value, json};
use tests::TestApp;

const MINUTE: i64 = 60;

/// A ticket that a customer has just opened; gives it as the list shows it.
async fn ticket(app: &TestApp, key: &str) -> Value {
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    app.ticket(key, number).await
}

async fn policy(app: &TestApp, key: &str, policy: Value) -> String {
    let made = app.post("/api/v1/sla-policies", Some(key), policy).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

/// Changes a ticket; gives it after that.
async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Value {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200).json()
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

/// The clock of a metric.
#[track_caller]
fn clock<'t>(ticket: &'t Value, metric: &str) -> &'t Value {
    let clocks = ticket["sla"].as_array().expect("clocks");
    clocks
        .iter()
        .find(|clock| clock["metric"] == metric)
        .unwrap_or_else(|| panic!("no {metric} in {clocks:?}"))
}

/// What was told of clocks, in order: `sla_warned first_reply`.
async fn told(app: &TestApp, key: &str) -> Vec<String> {
    let principal = app.desk().key_principal(key).await.expect("read").expect("a key");
    let happened = app.desk().happened_after(&principal, 0).await.expect("events");
    let of_clocks = happened.entries.iter().filter_map(|entry| match &entry.event {
        domain::Event::SlaWarned { metric, .. } | domain::Event::SlaBreached { metric, .. } => {
            Some(format!("{} {}", entry.event.kind(), metric.as_str()))
        }
        _ => None,
    });
    of_clocks.collect()
}

async fn sweep(app: &TestApp) -> usize {
    app.desk().tell_due_clocks().await.expect("a sweep")
}

#[tokio::test]
async fn a_ticket_shows_its_promises_and_each_warning_and_miss_is_told_once() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let all = json!({ "first_reply_min": 60, "next_reply_min": 30, "resolution_min": 240 });
    policy(
        &app,
        &key,
        json!({ "name": "All", "targets": { "normal": all, "urgent": { "first_reply_min": 10 } } }),
    )
    .await;
    let opened = ticket(&app, &key).await;
    let first = clock(&opened, "first_reply");
    assert_eq!((&first["state"], &first["due_at"]), (&json!("running"), &json!("2026-01-01T01:00:00Z")));
    assert_eq!(first["warn_at"], "2026-01-01T00:48:00Z");
    assert_eq!(opened["sla"].as_array().unwrap().len(), 2, "nobody waits for a next reply yet");
    assert_eq!(app.tickets(&key).await[0]["sla"], opened["sla"]);

    assert_eq!(sweep(&app).await, 0);
    app.clock.advance(48 * MINUTE);
    // Two processes look at the same moment.
    let (one, two) = tokio::join!(app.desk().tell_due_clocks(), app.desk().tell_due_clocks());
    assert!(one.expect("a sweep") + two.expect("a sweep") >= 1);
    assert_eq!(told(&app, &key).await, ["sla_warned first_reply"]);
    app.clock.advance(30 * MINUTE);
    app.restart().await;
    assert_eq!((sweep(&app).await, sweep(&app).await), (1, 0));
    assert_eq!(told(&app, &key).await, ["sla_warned first_reply", "sla_breached first_reply"]);

    app.write(&key, &opened, "reply", "We are on it.").await;
    let replied = again(&app, &key, &opened).await;
    let first = clock(&replied, "first_reply");
    assert_eq!(
        (&first["state"], &first["breached_at"]),
        (&json!("fulfilled"), &json!("2026-01-01T01:00:00Z"))
    );
    // A reply makes it pending, which stops the clock of the resolution.
    assert_eq!(
        (&clock(&replied, "resolution")["state"], &clock(&replied, "resolution")["due_at"]),
        (&json!("paused"), &Value::Null)
    );
    app.clock.advance(600 * MINUTE);
    assert_eq!(sweep(&app).await, 0);
    let woken = change(&app, &key, &opened, json!({ "status": "open" })).await;
    assert_eq!(clock(&woken, "resolution")["due_at"], "2026-01-01T14:00:00Z");
    // A priority without promises takes no miss back.
    let low = change(&app, &key, &opened, json!({ "priority": "low" })).await;
    assert_eq!(low["sla"].as_array().unwrap().len(), 1);
    let missed = clock(&low, "first_reply");
    assert_eq!(
        (&missed["breached_at"], &missed["target_min"], &missed["due_at"]),
        (&json!("2026-01-01T01:00:00Z"), &json!(60), &Value::Null)
    );
    assert_eq!(numbers(&app, &key, "filter=sla:breached").await, [opened["number"].as_i64().unwrap()]);
    // The priority is raised to one without this promise, then lowered again.
    let raised = change(&app, &key, &opened, json!({ "priority": "urgent" })).await;
    assert_eq!(raised["sla"].as_array().unwrap().len(), 1);
    change(&app, &key, &opened, json!({ "priority": "normal" })).await;
    let solved = change(&app, &key, &opened, json!({ "status": "solved" })).await;
    let resolution = clock(&solved, "resolution");
    assert_eq!((&resolution["state"], &resolution["breached_at"]), (&json!("fulfilled"), &Value::Null));
    app.clock.advance(9_999 * MINUTE);
    assert_eq!(sweep(&app).await, 0);
    assert_eq!(told(&app, &key).await.len(), 2);
}

#[tokio::test]
async fn what_a_customer_writes_after_the_first_reply_is_answered_in_time_too() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    policy(
        &app,
        &key,
        json!({ "name": "All", "targets": { "normal": { "next_reply_min": 30 } }, "warn_percent": 50 }),
    )
    .await;
    let conversation = app.conversation().await;
    let form = |message: &str| json!({ "name": "Cy", "email": "cy@example.org", "message": message });
    let number = app.hand_off(&conversation, form("My printer is on fire")).await;
    let opened = app.ticket(&key, number).await;
    assert_eq!(opened["sla"], json!([]));
    app.write(&key, &opened, "reply", "Is it?").await;
    for (minutes, message) in [(5, "It is."), (10, "Still.")] {
        app.clock.advance(minutes * MINUTE);
        app.hand_off(&conversation, form(message)).await;
    }
    let waiting = again(&app, &key, &opened).await;
    let next = clock(&waiting, "next_reply");
    assert_eq!((&next["due_at"], &next["cycle"]), (&json!("2026-01-01T00:35:00Z"), &json!(1)));
    app.clock.advance(MINUTE);
    app.write(&key, &opened, "note", "Nobody reads this outside.").await;
    assert_eq!(clock(&again(&app, &key, &opened).await, "next_reply")["state"], "running");
    app.clock.advance(10 * MINUTE);
    app.write(&key, &opened, "reply", "Then pour water on it.").await;
    assert_eq!(clock(&again(&app, &key, &opened).await, "next_reply")["state"], "fulfilled");
    assert_eq!(told(&app, &key).await, ["sla_warned next_reply"]);
}

#[tokio::test]
async fn a_policy_that_comes_later_counts_from_the_beginning() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["sla"], json!([]));
    app.clock.advance(20 * MINUTE);
    app.write(&key, &opened, "reply", "Soon.").await;
    app.clock.advance(100 * MINUTE);
    change(&app, &key, &opened, json!({ "status": "open" })).await;
    app.clock.advance(10 * MINUTE);
    policy(
        &app,
        &key,
        json!({ "name": "All", "targets": { "normal": { "first_reply_min": 15, "resolution_min": 60 } } }),
    )
    .await;
    assert_eq!(again(&app, &key, &opened).await["sla"], json!([]));
    let touched = change(&app, &key, &opened, json!({ "tags": ["fire"] })).await;
    let first = clock(&touched, "first_reply");
    assert_eq!(
        (&first["fulfilled_at"], &first["breached_at"]),
        (&json!("2026-01-01T00:20:00Z"), &Value::Null)
    );
    // Twenty minutes before the pause, then since 02:00.
    assert_eq!(clock(&touched, "resolution")["due_at"], "2026-01-01T02:40:00Z");
}

#[tokio::test]
async fn the_first_policy_whose_condition_fits_holds_and_only_its_hours_count() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    let hours = json!({ "monday": day, "friday": day });
    let office = json!({ "name": "Office", "zone": "Europe/Berlin", "hours": hours });
    let made = app.post("/api/v1/schedules", Some(&key), office.clone()).await.expect(201).json();
    let schedule_id = made["id"].as_str().unwrap();
    let targets = json!({ "normal": { "resolution_min": 600 } });
    let slow = json!({ "name": "Slow", "targets": targets, "schedule_id": schedule_id });
    let slow_id = policy(&app, &key, slow.clone()).await;
    let fast =
        json!({ "name": "Fast", "condition": "tag:vip", "targets": { "normal": { "resolution_min": 60 } } });
    let fast_id = policy(&app, &key, fast.clone()).await;
    let opened = ticket(&app, &key).await;
    // Friday eight hours, Monday two.
    assert_eq!(clock(&opened, "resolution")["due_at"], "2026-01-05T10:00:00Z");
    let tagged = change(&app, &key, &opened, json!({ "tags": ["vip"] })).await;
    assert_eq!(clock(&tagged, "resolution")["target_min"], 600, "the slow one comes first");

    let order = |ids: Value| {
        let (app, key) = (&app, &key);
        async move {
            app.send(Method::PUT, "/api/v1/sla-policies/order", Some(key), Some(json!({ "ids": ids })), &[])
                .await
        }
    };
    order(json!([fast_id])).await.problem(422);
    order(json!([fast_id, fast_id])).await.problem(422);
    let ordered = order(json!([fast_id, slow_id])).await.expect(200).json();
    assert_eq!(ordered["policies"][0]["name"], "Fast");
    let touched = change(&app, &key, &opened, json!({ "tags": ["vip", "printer"] })).await;
    assert_eq!(clock(&touched, "resolution")["due_at"], "2026-01-01T01:00:00Z");

    // A policy that goes gives its tickets to the next one.
    let path = format!("/api/v1/sla-policies/{fast_id}");
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.problem(404);
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(clock(&again(&app, &key, &opened).await, "resolution")["due_at"], "2026-01-05T10:00:00Z");

    // A changed schedule counts as if it had always been so.
    let shorter = json!({ "name": "Office", "zone": "Europe/Berlin", "hours": { "friday": day } });
    let path = format!("/api/v1/schedules/{schedule_id}");
    app.send(Method::PUT, &path, Some(&key), Some(shorter), &[]).await.expect(200);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.problem(409);
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(clock(&again(&app, &key, &opened).await, "resolution")["due_at"], "2026-01-09T10:00:00Z");

    let path = format!("/api/v1/sla-policies/{slow_id}");
    let put = |body: Value, etag: &'static str| {
        let (app, path, key) = (&app, &path, &key);
        async move { app.send(Method::PUT, path, Some(key), Some(body), &[("if-match", etag)]).await }
    };
    let mut in_wall_time = slow.clone();
    in_wall_time["schedule_id"] = Value::Null;
    put(in_wall_time.clone(), "\"7\"").await.problem(412);
    put(in_wall_time, "\"2\"").await.expect(200);
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(clock(&again(&app, &key, &opened).await, "resolution")["due_at"], "2026-01-01T10:00:00Z");
}

#[tokio::test]
async fn policies_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let good = json!({ "name": "All", "targets": { "normal": { "first_reply_min": 60 } } });
    for (field, value) in [
        ("name", json!("")),
        ("condition", json!("tag")),
        ("condition", json!("assignee:me")),
        ("condition", json!("-(team:mine)")),
        ("targets", json!({})),
        ("targets", json!({ "low": { "resolution_min": 0 } })),
        ("targets", json!({ "low": { "resolution_min": 600_000 } })),
        ("schedule_id", json!("nowhere")),
        ("warn_percent", json!(100)),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let problem = app.post("/api/v1/sla-policies", Some(&key), body).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
    }
    for (field, value) in [("position", json!(3)), ("targets", json!({ "normal": { "reply_min": 1 } }))] {
        let mut body = good.clone();
        body[field] = value;
        app.post("/api/v1/sla-policies", Some(&key), body).await.problem(400);
    }
    let listed = app.get("/api/v1/sla-policies", Some(&key)).await.expect(200).json();
    assert_eq!(listed["policies"], json!([]));
    let agent = app.key(&[domain::Scope::TicketsRead, domain::Scope::TicketsWrite]).await;
    app.get("/api/v1/sla-policies", Some(&agent)).await.problem(403);
    app.post("/api/v1/sla-policies", Some(&agent), good).await.problem(403);
}

async fn numbers(app: &TestApp, key: &str, query: &str) -> Vec<i64> {
    let page = app.get(&format!("/api/v1/tickets?{query}"), Some(key)).await.expect(200).json();
    let tickets = page["tickets"].as_array().expect("tickets");
    tickets.iter().map(|ticket| ticket["number"].as_i64().expect("a number")).collect()
}

async fn searched(app: &TestApp, key: &str, filter: &str) -> Vec<i64> {
    app.index_tickets().await;
    let path = format!("/api/v1/tickets/search?q=printer&filter={filter}");
    let found = app.get(&path, Some(key)).await.expect(200).json();
    let mut numbers: Vec<i64> = found["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .map(|hit| hit["number"].as_i64().expect("a number"))
        .collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn tickets_are_listed_searched_and_changed_by_what_is_promised() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let targets = json!({
        "normal": { "first_reply_min": 60, "resolution_min": 600 },
        "urgent": { "first_reply_min": 30 },
        "low": { "first_reply_min": 180 },
    });
    let id = policy(&app, &key, json!({ "name": "All", "targets": targets })).await;
    let rule = json!({
        "name": "Late", "trigger": { "type": "event", "events": ["sla_breached"] },
        "condition": "sla:breached due<now", "actions": [{ "type": "add_tags", "tags": ["late"] }],
    });
    app.post("/api/v1/rules", Some(&key), rule).await.expect(201);
    let mut tickets = vec![];
    for priority in ["normal", "urgent", "low"] {
        let opened = ticket(&app, &key).await;
        tickets.push(change(&app, &key, &opened, json!({ "priority": priority })).await);
    }
    let view = json!({ "name": "Due soon", "filter": "due<+2h", "sort": "due", "sharing": "everyone" });
    let view = app.post("/api/v1/views", Some(&key), view).await.expect(201).json();
    let soon = format!("view={}", view["id"].as_str().expect("an id"));
    assert_eq!(numbers(&app, &key, &soon).await, [2, 1], "what is due first is first");
    assert_eq!(numbers(&app, &key, "filter=sla:running&sort=due").await, [2, 1, 3]);
    assert_eq!(numbers(&app, &key, "filter=sla:running&sort=due&limit=2").await, [2, 1]);

    app.clock.advance(31 * MINUTE);
    sweep(&app).await;
    assert_eq!(numbers(&app, &key, "filter=sla:breached").await, [2]);
    assert_eq!(numbers(&app, &key, "filter=due%3Cnow").await, [2]);
    assert_eq!(searched(&app, &key, "sla:breached").await, [2]);
    assert_eq!(searched(&app, &key, "-sla:breached").await, [1, 3]);
    let late = again(&app, &key, &tickets[1]).await;
    assert_eq!(late["tags"], json!(["late"]), "a rule hears what the clocks say now: {late}");
    assert_eq!(again(&app, &key, &tickets[0]).await["tags"], json!([]));

    // What was owed is done: nothing is due any more, and what was missed stays missed.
    app.write(&key, &tickets[1], "reply", "Sorry that it took so long.").await;
    assert_eq!(numbers(&app, &key, "filter=due%3Cnow").await, [0; 0]);
    assert_eq!(numbers(&app, &key, "filter=sla:breached").await, [2]);
    app.write(&key, &tickets[0], "reply", "We are on it.").await;
    assert_eq!(numbers(&app, &key, "filter=sla:paused").await, [1], "it waits for the customer");
    change(&app, &key, &tickets[0], json!({ "status": "solved" })).await;
    assert_eq!(numbers(&app, &key, "filter=sla:met").await, [1]);

    // Another policy: nothing happened to the ticket, and yet it is found by what is promised now.
    assert_eq!(searched(&app, &key, "due%3C%2B2h").await, [0; 0]);
    let path = format!("/api/v1/sla-policies/{id}");
    let sooner = json!({ "name": "All", "targets": { "low": { "first_reply_min": 60 } } });
    app.send(Method::PUT, &path, Some(&key), Some(sooner), &[]).await.expect(200);
    while sweep(&app).await > 0 {}
    assert_eq!(numbers(&app, &key, "filter=due%3C%2B2h").await, [3]);
    assert_eq!(searched(&app, &key, "due%3C%2B2h").await, [3]);
    let kinds = app.get("/api/v1/events?types=ticket_clocks_set", Some(&key)).await;
    kinds.problem(400);

    for (path, body, field) in [
        (
            "/api/v1/sla-policies",
            json!({ "name": "Odd", "condition": "sla:met", "targets": { "low": { "first_reply_min": 60 } } }),
            "condition",
        ),
        (
            "/api/v1/views",
            json!({ "name": "Odd", "filter": "sla:breached", "sort": "due", "sharing": "everyone" }),
            "sort",
        ),
    ] {
        let refused = app.post(path, Some(&key), body).await.problem(422);
        assert!(refused.to_string().contains(field), "{refused}");
    }
    app.get("/api/v1/tickets?sort=due", Some(&key)).await.problem(422);
}
