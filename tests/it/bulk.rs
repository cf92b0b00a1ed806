//! Bulk jobs: many tickets changed as one agent would change each, told of while they go on, and taken back.

use axum::http::Method;
use domain::{Event, Scope};
use serde_json::{Value, json};
use tests::TestApp;

const READ_AND_WRITE: [Scope; 2] = [Scope::TicketsRead, Scope::TicketsWrite];

/// An Askwell with two teams, and a key that may do everything.
async fn desk() -> (TestApp, String) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (team, name) in [("sales", "Sales"), ("billing", "Billing")] {
        app.post("/api/v1/teams", Some(&key), json!({ "key": team, "name": name })).await.expect(201);
    }
    (app, key)
}

async fn open(app: &TestApp, key: &str, mut new: Value) -> Value {
    new["body"] = json!("It is broken.");
    if new["team"].is_null() {
        new["team"] = json!("sales");
    }
    let opened = app.post("/api/v1/tickets", Some(key), new).await.expect(201).json();
    again(app, key, &opened).await
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

async fn patch(app: &TestApp, key: &str, ticket: &Value, change: Value) {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
}

/// Makes a job; gives its path.
async fn made(app: &TestApp, key: &str, new: Value) -> String {
    let job = app.post("/api/v1/bulk-jobs", Some(key), new).await.expect(202).json();
    assert_eq!(job["state"], "waiting", "{job}");
    format!("/api/v1/bulk-jobs/{}", job["id"].as_str().unwrap())
}

/// What the worker does until nothing is left.
async fn run(app: &TestApp) {
    while app.desk().run_bulk_jobs().await.unwrap() > 0 {}
}

async fn read(app: &TestApp, key: &str, path: &str) -> Value {
    app.get(path, Some(key)).await.expect(200).json()
}

async fn rows(app: &TestApp, key: &str, path: &str, query: &str) -> Vec<Value> {
    read(app, key, &format!("{path}/tickets{query}")).await["tickets"].as_array().unwrap().clone()
}

#[track_caller]
fn counts(job: &Value) -> [i64; 4] {
    ["n_tickets", "n_done", "n_unchanged", "n_failed"].map(|name| job[name].as_i64().unwrap())
}

#[track_caller]
fn undo_counts(job: &Value) -> [i64; 3] {
    ["n_undone", "n_partly_undone", "n_kept"].map(|name| job[name].as_i64().unwrap())
}

/// What stands in the history of a ticket about jobs: from and to.
fn noted(ticket: &Value) -> Vec<(Value, Value)> {
    let entries = ticket["history"].as_array().unwrap().iter();
    let of_jobs = entries.filter(|entry| entry["field"] == "bulk_job");
    of_jobs.map(|entry| (entry["from"].clone(), entry["to"].clone())).collect()
}

#[tokio::test]
async fn one_ticket_that_fails_keeps_no_other_from_being_changed() {
    let (app, master) = desk().await;
    let key = app.key_of_teams(&READ_AND_WRITE, Some(&["sales"])).await;
    let good = open(&app, &master, json!({})).await;
    let hidden = open(&app, &master, json!({ "team": "billing" })).await;
    let closed = open(&app, &master, json!({})).await;
    patch(&app, &master, &closed, json!({ "status": "closed" })).await;
    let merged = open(&app, &master, json!({})).await;
    let moved = open(&app, &master, json!({})).await;
    let same = open(&app, &master, json!({ "tags": ["vip"] })).await;
    patch(&app, &master, &same, json!({ "status": "pending" })).await;
    let actions =
        json!([{ "type": "set_status", "status": "pending" }, { "type": "add_tags", "tags": ["vip"] }]);
    let tickets = json!([
        good["number"],
        good["id"],
        hidden["id"],
        hidden["number"],
        closed["number"],
        "999",
        merged["id"],
        moved["number"].to_string(),
        same["id"]
    ]);
    let path = made(&app, &key, json!({ "tickets": tickets, "actions": actions })).await;
    // What is true when a ticket is looked at counts, not what was true when it was chosen.
    let into = json!({ "into_id": good["id"], "different_customers": "keep_internal" });
    app.post(&format!("/api/v1/tickets/{}/merge", merged["id"].as_str().unwrap()), Some(&master), into)
        .await
        .expect(201);
    patch(&app, &master, &moved, json!({ "team": "billing" })).await;
    let hidden_before = again(&app, &master, &hidden).await;
    let closed_before = again(&app, &master, &closed).await;
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], counts(&job)), (&json!("finished"), [8, 1, 1, 6]), "{job}");
    let told: Vec<(Value, Value, String)> = rows(&app, &key, &path, "")
        .await
        .into_iter()
        .map(|row| {
            let reason = row["reason"].as_str().unwrap_or_default().to_owned();
            (row["number"].clone(), row["state"].clone(), reason)
        })
        .collect();
    let no_ticket = |number: Value| (number, json!("failed"), "there is no such ticket".to_owned());
    assert_eq!(told[0], (good["number"].clone(), json!("done"), String::new()));
    assert_eq!(told[1], no_ticket(Value::Null));
    assert_eq!(told[2], no_ticket(Value::Null));
    assert_eq!((&told[3].0, &told[3].1), (&closed["number"], &json!("failed")));
    assert!(told[3].2.contains("a ticket that is closed cannot become pending"), "{told:?}");
    assert_eq!(told[4], no_ticket(Value::Null));
    assert!(told[5].2.contains("merged into another ticket"), "{told:?}");
    assert_eq!(told[6], no_ticket(Value::Null));
    assert_eq!((&told[7].0, &told[7].1), (&same["number"], &json!("unchanged")));
    assert_eq!(rows(&app, &key, &path, "?state=failed").await.len(), 6);
    let page = read(&app, &key, &format!("{path}/tickets?state=failed&limit=4")).await;
    let next = format!("?state=failed&after={}", page["next"]);
    assert_eq!(rows(&app, &key, &path, &next).await.len(), 2);

    let after = again(&app, &master, &good).await;
    assert_eq!((&after["status"], &after["tags"]), (&json!("pending"), &json!(["vip"])));
    assert_eq!(noted(&after), [(Value::Null, job["id"].clone())]);
    assert_eq!(again(&app, &master, &hidden).await, hidden_before);
    assert_eq!(again(&app, &master, &closed).await, closed_before);
    assert!(noted(&again(&app, &master, &same).await).is_empty());
    let audited = read(&app, &master, "/api/v1/audit?action=ticket.bulk_changed").await;
    let entries = audited["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[0]["subject"]["id"]), (1, &good["id"]));
    assert_eq!(entries[0]["actor"]["kind"], "key", "in whose name it is done");
    let ended = read(&app, &master, "/api/v1/audit?action=bulk_job.ended").await;
    assert_eq!(ended["entries"][0]["details"]["n_failed"], 6, "{ended}");
}

#[tokio::test]
async fn a_filter_is_fixed_and_a_crash_neither_loses_nor_repeats_a_ticket() {
    let (mut app, key) = desk().await;
    let other = app.key(&READ_AND_WRITE).await;
    let mut tickets = vec![];
    for _ in 0..45 {
        tickets.push(open(&app, &key, json!({})).await);
    }
    let mine = app.desk().key_principal(&key).await.unwrap().unwrap();
    let theirs = app.desk().key_principal(&other).await.unwrap().unwrap();
    let from = app.desk().follow_from(&mine, None).await.unwrap();
    let actions = json!([{ "type": "add_note", "body": "Number {{ ticket.number }}." }]);
    let new = json!({ "filter": "team:sales status:new", "actions": actions, "expected_count": 43 });
    let path = made(&app, &key, new).await;
    let late = open(&app, &key, json!({})).await;
    let late_before = again(&app, &key, &late).await;
    assert_eq!(app.desk().run_bulk_jobs().await.unwrap(), 20, "a round is bounded");
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], counts(&job)), (&json!("running"), [45, 20, 0, 0]), "{job}");
    assert_eq!(job["filter"], "team:sales status:new");
    app.restart().await;
    assert_eq!(app.desk().run_bulk_jobs().await.unwrap(), 20);
    app.restart().await;
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], counts(&job)), (&json!("finished"), [45, 45, 0, 0]), "{job}");
    for ticket in &tickets {
        let after = again(&app, &key, ticket).await;
        assert_eq!(noted(&after).len(), 1, "{after}");
        let note = format!("Number {}.", ticket["number"]);
        let said = after["messages"].as_array().unwrap().iter().filter(|said| said["body"] == note.as_str());
        assert_eq!(said.count(), 1, "{after}");
    }
    assert_eq!(again(&app, &key, &late).await, late_before, "it was opened later");
    let states = |happened: desk::Happened| -> Vec<&'static str> {
        let states = happened.entries.iter().filter_map(|entry| match &entry.event {
            Event::BulkJobChanged { state, .. } => Some(state.as_str()),
            _ => None,
        });
        states.collect()
    };
    let heard = states(app.desk().happened_after(&mine, from).await.unwrap());
    assert_eq!(heard, ["waiting", "running", "finished"]);
    assert!(states(app.desk().happened_after(&theirs, from).await.unwrap()).is_empty());
}

#[tokio::test]
async fn a_cancelled_job_leaves_the_rest_and_can_be_undone() {
    let (app, key) = desk().await;
    let mut tickets = vec![];
    for _ in 0..25 {
        tickets.push(open(&app, &key, json!({})).await);
    }
    let actions = json!([{ "type": "set_priority", "priority": "urgent" }]);
    let path = made(&app, &key, json!({ "filter": "team:sales", "actions": actions })).await;
    app.desk().run_bulk_jobs().await.unwrap();
    let cancelled = app.post(&format!("{path}/cancel"), Some(&key), Value::Null).await.expect(200).json();
    assert_eq!((&cancelled["state"], counts(&cancelled)), (&json!("cancelled"), [25, 20, 0, 0]));
    app.post(&format!("{path}/cancel"), Some(&key), Value::Null).await.problem(409);
    run(&app).await;
    assert_eq!(rows(&app, &key, &path, "?state=waiting").await.len(), 5);
    let urgent = read(&app, &key, "/api/v1/tickets/count?filter=priority%3Aurgent").await;
    assert_eq!(urgent["n"], 20);

    let undoing = app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.expect(202).json();
    assert_eq!(undoing["state"], "undoing");
    app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.problem(409);
    app.post(&format!("{path}/cancel"), Some(&key), Value::Null).await.problem(409);
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], undo_counts(&job)), (&json!("undone"), [20, 0, 0]), "{job}");
    for (n, ticket) in tickets.iter().enumerate() {
        let after = again(&app, &key, ticket).await;
        assert_eq!(after["priority"], "normal");
        assert_eq!(noted(&after).len(), if n < 20 { 2 } else { 0 }, "{after}");
    }
    let refused = app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("undone already"), "{refused}");
}

#[tokio::test]
async fn undoing_puts_back_what_nobody_has_changed_since() {
    let (app, key) = desk().await;
    let field = json!({ "key": "amount", "title": "Amount", "kind": { "type": "number" } });
    app.post("/api/v1/fields", Some(&key), field).await.expect(201);
    let bo = app.person("Bo", domain::Role::Admin).await;
    let new = json!({ "tags": ["late"], "fields": { "amount": 3 }, "assignee_id": bo.to_string() });
    let mut before = vec![];
    for _ in 0..3 {
        before.push(open(&app, &key, new.clone()).await);
    }
    let actions = json!([
        { "type": "set_status", "status": "solved" },
        { "type": "set_priority", "priority": "high" },
        { "type": "set_assignee", "assignee": "none" },
        { "type": "add_tags", "tags": ["refund"] },
        { "type": "remove_tags", "tags": ["late"] },
        { "type": "set_field", "key": "amount", "value": 12 },
    ]);
    let path = made(&app, &key, json!({ "filter": "team:sales", "actions": actions })).await;
    run(&app).await;
    let changed = rows(&app, &key, &path, "").await.remove(0)["changed"].clone();
    assert_eq!(changed, json!(["status", "priority", "assignee", "tags", "field.amount"]));
    let since = json!({ "priority": "urgent", "fields": { "amount": 5 }, "tags": ["refund", "mine"] });
    patch(&app, &key, &before[1], since).await;
    patch(&app, &key, &before[2], json!({ "team": "billing" })).await;
    app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.expect(202);
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], undo_counts(&job)), (&json!("undone"), [2, 1, 0]), "{job}");

    let parts = ["status", "priority", "team", "assignee_id", "tags", "fields", "solved_at", "snoozed_until"];
    let untouched = again(&app, &key, &before[0]).await;
    for part in parts {
        assert_eq!(untouched[part], before[0][part], "{part}");
    }
    let touched = again(&app, &key, &before[1]).await;
    assert_eq!((&touched["priority"], &touched["fields"]["amount"]), (&json!("urgent"), &json!(5)));
    assert_eq!((&touched["status"], &touched["tags"]), (&before[1]["status"], &json!(["late", "mine"])));
    let row = rows(&app, &key, &path, "?undo=partly").await.remove(0);
    let since = "it was changed since";
    let kept =
        json!([{ "field": "priority", "reason": since }, { "field": "field.amount", "reason": since }]);
    assert_eq!((&row["number"], &row["kept"]), (&before[1]["number"], &kept));
    let elsewhere = again(&app, &key, &before[2]).await;
    assert_eq!((&elsewhere["team"], &elsewhere["priority"]), (&json!("billing"), &json!("normal")));
}

#[tokio::test]
async fn what_was_said_stays_and_what_is_gone_is_not_put_back() {
    let (app, key) = desk().await;
    let customer = json!({ "email": "cy@example.org" });
    let mut tickets = vec![];
    for team in ["sales", "billing"] {
        tickets.push(open(&app, &key, json!({ "team": team, "customer": customer })).await);
    }
    let support = tickets[0]["status"].clone();
    assert_eq!(support, "new");
    let actions = json!([
        { "type": "set_team", "team": "sales" },
        { "type": "reply", "body": "Dear {{ customer.name }}, we are on it." },
    ]);
    let path = made(&app, &key, json!({ "tickets": [1, 2], "actions": actions })).await;
    run(&app).await;
    app.send(Method::DELETE, "/api/v1/teams/billing", Some(&key), None, &[]).await.expect(204);
    app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.expect(202);
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], undo_counts(&job)), (&json!("undone"), [0, 2, 0]), "{job}");
    let row = rows(&app, &key, &path, "").await.remove(1);
    assert_eq!((&row["n_replies"], &row["undo"]), (&json!(1), &json!("partly")));
    assert_eq!(row["kept"][0]["reason"], "there is no team \"billing\"");
    assert_eq!(row["kept"][1]["field"], "messages");
    let after = again(&app, &key, &tickets[0]).await;
    assert_eq!(after["status"], "open", "somebody who was answered is not new again");
    assert!(after["messages"].to_string().contains("we are on it"), "{after}");
}

#[tokio::test]
async fn a_job_is_its_makers_and_ends_with_their_rights() {
    let (app, master) = desk().await;
    for _ in 0..2 {
        open(&app, &master, json!({})).await;
    }
    let actions = json!([{ "type": "set_priority", "priority": "high" }]);
    let new = json!({ "filter": "team:sales", "actions": actions });
    let key = app.key(&READ_AND_WRITE).await;
    let other = app.key(&READ_AND_WRITE).await;
    let path = made(&app, &key, new.clone()).await;
    for end in ["", "/tickets"] {
        app.get(&format!("{path}{end}"), Some(&other)).await.problem(404);
        app.get(&format!("{path}{end}"), Some(&master)).await.expect(200);
    }
    for end in ["/cancel", "/undo"] {
        app.post(&format!("{path}{end}"), Some(&other), Value::Null).await.problem(404);
    }
    let list = async |key: &str| read(&app, key, "/api/v1/bulk-jobs").await["jobs"].as_array().unwrap().len();
    assert_eq!((list(&key).await, list(&other).await, list(&master).await), (1, 0, 1));
    let limited = app.key_of_teams(&Scope::ALL, Some(&["billing"])).await;
    app.get(&path, Some(&limited)).await.problem(404);

    // Three at once, and no more.
    for _ in 0..2 {
        made(&app, &key, new.clone()).await;
    }
    app.post("/api/v1/bulk-jobs", Some(&key), new.clone()).await.problem(409);
    let page = read(&app, &key, "/api/v1/bulk-jobs?limit=2").await;
    let rest = format!("/api/v1/bulk-jobs?limit=2&after={}", page["next"].as_str().unwrap());
    assert_eq!(read(&app, &key, &rest).await["jobs"][0]["id"], path.rsplit('/').next().unwrap());

    let principal = app.desk().key_principal(&key).await.unwrap().unwrap();
    let domain::Principal::ApiKey { id, .. } = &principal else { panic!("a key") };
    let key_path = format!("/api/v1/keys/{id}");
    let fewer = json!({ "scopes": ["tickets:read"] });
    app.send(Method::PATCH, &key_path, Some(&master), Some(fewer), &[]).await.expect(200);
    run(&app).await;
    let job = read(&app, &key, &path).await;
    assert_eq!((&job["state"], &job["stopped_because"]), (&json!("stopped"), &json!("not_allowed")), "{job}");
    assert_eq!(counts(&job), [2, 0, 0, 0]);
    let refused = app.post(&format!("{path}/undo"), Some(&master), Value::Null).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("changed no ticket"), "{refused}");

    let gone = app.key(&READ_AND_WRITE).await;
    let path = made(&app, &gone, new).await;
    let principal = app.desk().key_principal(&gone).await.unwrap().unwrap();
    let domain::Principal::ApiKey { id, .. } = &principal else { panic!("a key") };
    app.send(Method::DELETE, &format!("/api/v1/keys/{id}"), Some(&master), None, &[]).await.expect(204);
    run(&app).await;
    let job = read(&app, &master, &path).await;
    assert_eq!((&job["state"], &job["stopped_because"]), (&json!("stopped"), &json!("doer_gone")), "{job}");
}

#[tokio::test]
async fn a_preview_says_how_many_and_what_and_writes_nothing() {
    let (app, master) = desk().await;
    let first = open(&app, &master, json!({})).await;
    let closed = open(&app, &master, json!({})).await;
    patch(&app, &master, &closed, json!({ "status": "closed" })).await;
    for _ in 0..12 {
        open(&app, &master, json!({ "team": "billing" })).await;
    }
    let reader = app.key(&[Scope::TicketsRead]).await;
    let actions =
        json!([{ "type": "set_status", "status": "solved" }, { "type": "add_note", "body": "Done." }]);
    let of = json!({ "filter": "team:sales", "actions": actions });
    let preview = "/api/v1/bulk-jobs/preview";
    let shown = app.post(preview, Some(&reader), of.clone()).await.expect(200).json();
    assert_eq!((&shown["n_tickets"], &shown["is_too_many"]), (&json!(2), &json!(false)));
    assert_eq!(shown["sample"][0]["number"], first["number"]);
    assert_eq!(shown["sample"][0]["changes"], json!([{ "field": "status", "from": "new", "to": "solved" }]));
    assert_eq!(shown["sample"][0]["messages"], json!([{ "kind": "note", "body": "Done." }]));
    let refused = shown["sample"][1]["refused"].as_str().unwrap();
    assert!(refused.starts_with("action 1, set_status: a ticket that is closed"), "{refused}");
    assert_eq!(again(&app, &master, &first).await, first);
    let all = json!({ "filter": "created>-1d", "actions": actions });
    let shown = app.post(preview, Some(&reader), all).await.expect(200).json();
    assert_eq!((&shown["n_tickets"], shown["sample"].as_array().unwrap().len()), (&json!(14), 10));
    app.post("/api/v1/bulk-jobs", Some(&reader), of.clone()).await.problem(403);
    assert!(read(&app, &master, "/api/v1/bulk-jobs").await["jobs"].as_array().unwrap().is_empty());
    let limited = app.key_of_teams(&[Scope::TicketsRead], Some(&["billing"])).await;
    let shown = app.post(preview, Some(&limited), of).await.expect(200).json();
    assert_eq!((&shown["n_tickets"], &shown["sample"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn what_is_no_job_is_refused_and_the_same_request_makes_one() {
    let (app, key) = desk().await;
    for _ in 0..12 {
        open(&app, &key, json!({})).await;
    }
    let actions = json!([{ "type": "set_priority", "priority": "high" }]);
    let filter = json!({ "filter": "team:sales", "actions": actions });
    let with = |name: &str, value: Value| {
        let mut new = filter.clone();
        new[name] = value;
        new
    };
    for (new, status) in [
        (with("tickets", json!([1])), 400),
        (json!({ "actions": actions }), 400),
        (with("force", json!(true)), 400),
        (with("filter", json!("team=")), 422),
        (with("filter", json!("status:nonsense")), 422),
        (with("filter", json!("team:billing")), 422),
        (with("actions", json!([])), 422),
        (with("actions", json!([{ "type": "delete" }])), 422),
        (with("actions", json!([{ "type": "set_assignee", "assignee": "me" }])), 422),
        (json!({ "tickets": [], "actions": actions }), 422),
        (json!({ "tickets": [""], "actions": actions }), 422),
        (json!({ "tickets": (0..1_001).collect::<Vec<_>>(), "actions": actions }), 422),
        (with("expected_count", json!(10)), 409),
        (with("expected_count", json!(15)), 409),
    ] {
        app.post("/api/v1/bulk-jobs", Some(&key), new).await.problem(status);
    }
    let path = "/api/v1/bulk-jobs";
    let once = [("idempotency-key", "b1")];
    let new = Some(with("expected_count", json!(11)));
    let job = app.send(Method::POST, path, Some(&key), new.clone(), &once).await.expect(202).json();
    let repeated = app.send(Method::POST, path, Some(&key), new, &once).await.expect(202);
    assert_eq!((repeated.header("idempotency-replayed"), &repeated.json()), ("true", &job));
    assert_eq!(read(&app, &key, path).await["jobs"].as_array().unwrap().len(), 1);
    app.get(&format!("{path}/{}/tickets?state=nothing", job["id"].as_str().unwrap()), Some(&key))
        .await
        .problem(400);
    let webhook = json!({ "url": "https://example.org/hook", "types": ["bulk_job_changed"] });
    app.post("/api/v1/webhooks", Some(&key), webhook).await.problem(422);
}

#[tokio::test]
async fn an_undo_ends_after_a_day_and_a_job_is_forgotten_after_thirty() {
    let (app, key) = desk().await;
    open(&app, &key, json!({})).await;
    let actions = json!([{ "type": "set_priority", "priority": "high" }]);
    let path = made(&app, &key, json!({ "tickets": [1], "actions": actions })).await;
    run(&app).await;
    app.clock.advance(24 * 60 * 60 + 1);
    let refused = app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("24 hours"), "{refused}");
    app.desk().forget_expired().await.unwrap();
    assert_eq!(counts(&read(&app, &key, &path).await), [1, 1, 0, 0]);
    app.clock.advance(30 * 24 * 60 * 60);
    app.desk().forget_expired().await.unwrap();
    app.get(&path, Some(&key)).await.problem(404);
}

#[tokio::test]
async fn what_an_erased_customer_said_is_not_kept_for_an_undo() {
    let (app, key) = desk().await;
    let field = json!({ "key": "wish", "title": "Wish", "kind": { "type": "text" } });
    app.post("/api/v1/fields", Some(&key), field).await.expect(201);
    let customer = json!({ "name": "Cy", "email": "cy@example.org" });
    let ticket = open(&app, &key, json!({ "customer": customer, "fields": { "wish": "A pony" } })).await;
    let actions = json!([{ "type": "set_field", "key": "wish", "value": "None" }]);
    let filter = "customer:cy@example.org";
    let path = made(&app, &key, json!({ "filter": filter, "actions": actions })).await;
    run(&app).await;
    assert_eq!(read(&app, &key, &path).await["filter"], filter);
    let id = ticket["customer"]["id"].as_str().unwrap();
    app.send(Method::DELETE, &format!("/api/v1/customers/{id}"), Some(&key), None, &[]).await.expect(204);
    assert_eq!(read(&app, &key, &path).await["filter"], "", "it names who was erased");
    app.post(&format!("{path}/undo"), Some(&key), Value::Null).await.expect(202);
    run(&app).await;
    let row = rows(&app, &key, &path, "").await.remove(0);
    assert_eq!((&row["undo"], &row["kept"][0]["field"]), (&json!("kept"), &json!("ticket")), "{row}");
    let after = again(&app, &key, &ticket).await;
    assert!(!after.to_string().contains("pony"), "{after}");
}

#[tokio::test]
async fn a_ticket_leaves_the_archive_only_when_it_is_changed() {
    let (app, key) = desk().await;
    let master = app.master_key().await;
    let mut tickets = vec![];
    for tags in [json!(["vip"]), json!([])] {
        let ticket = open(&app, &key, json!({ "body": "It leaks.", "tags": tags })).await;
        patch(&app, &master, &ticket, json!({ "status": "closed" })).await;
        tickets.push(ticket);
    }
    assert_eq!(app.archive().await, 2);
    let ids: Vec<&Value> = tickets.iter().map(|ticket| &ticket["id"]).collect();
    let actions = json!([{ "type": "add_tags", "tags": ["vip"] }]);
    let path = made(&app, &key, json!({ "tickets": ids, "actions": actions })).await;
    run(&app).await;
    assert_eq!(counts(&read(&app, &key, &path).await), [2, 1, 1, 0]);
    assert!(again(&app, &master, &tickets[0]).await["archived_at"].is_string(), "it had the tag");
    assert!(again(&app, &master, &tickets[1]).await["archived_at"].is_null());
}

#[tokio::test]
async fn an_undone_ticket_has_the_clocks_of_one_that_was_changed_back() {
    let (app, key) = desk().await;
    let all = json!({ "first_reply_min": 60, "next_reply_min": 30, "resolution_min": 240 });
    let policy = json!({ "name": "All", "targets": { "normal": all, "urgent": { "resolution_min": 60 } } });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    for actions in [
        json!([{ "type": "set_status", "status": "solved" }]),
        json!([{ "type": "set_status", "status": "pending" }, { "type": "set_priority", "priority": "urgent" }]),
    ] {
        let (one, other) = (open(&app, &key, json!({})).await, open(&app, &key, json!({})).await);
        for ticket in [&one, &other] {
            patch(&app, &key, ticket, json!({ "status": "open" })).await;
        }
        app.clock.advance(30 * 60);
        let before = again(&app, &key, &one).await["sla"].clone();
        let job = made(&app, &key, json!({ "tickets": [one["id"]], "actions": actions })).await;
        run(&app).await;
        let changed: Value = actions
            .as_array()
            .unwrap()
            .iter()
            .map(|action| {
                let what = action["type"].as_str().unwrap().trim_start_matches("set_");
                (what.to_owned(), action[what].clone())
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        patch(&app, &key, &other, changed).await;
        let sla = async |ticket: &Value| again(&app, &key, ticket).await["sla"].clone();
        let stopped = sla(&one).await;
        assert_ne!(stopped, before);
        assert_eq!(stopped, sla(&other).await);
        app.clock.advance(45 * 60);
        app.post(&format!("{job}/undo"), Some(&key), Value::Null).await.expect(202);
        run(&app).await;
        patch(&app, &key, &other, json!({ "status": "open", "priority": "normal" })).await;
        let back = sla(&one).await;
        assert_eq!(again(&app, &key, &one).await["status"], "open");
        assert_ne!(back, stopped);
        assert_eq!(back, sla(&other).await);
        // They go on alike.
        app.clock.advance(4 * 60 * 60);
        while app.desk().tell_due_clocks().await.unwrap() > 0 {}
        assert_eq!(sla(&one).await, sla(&other).await);
        assert!(sla(&one).await.to_string().contains("breached"));
    }
}
