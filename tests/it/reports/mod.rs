//! What reports tell, to whom, and that nothing is counted twice or forgotten.

mod property;

use axum::http::Method;
use domain::{Measure, Principal, Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, PASSWORD, TestApp, bold, settings};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Lets the counting follow what happened, as the worker does every second.
pub(crate) async fn count(app: &TestApp) {
    app.desk().follow_reports(&mut |_| {}).await.expect("counted");
}

/// A report.
async fn read(app: &TestApp, key: &str, path: &str) -> Value {
    app.get(&format!("/api/v1/reports/{path}"), Some(key)).await.expect(200).json()
}

/// What a report comes to, for the columns in this order.
async fn total(app: &TestApp, key: &str, path: &str, columns: &[&str]) -> Vec<Value> {
    let report = read(app, key, path).await;
    columns.iter().map(|column| report["total"][column].clone()).collect()
}

/// The rows of a report as `[period, key, first number …]`.
async fn rows(app: &TestApp, key: &str, path: &str) -> Value {
    let report = read(app, key, path).await;
    let columns: Vec<&str> =
        report["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    let row = |row: &Value| {
        let mut cells = vec![row["period"].clone()];
        if !row["key"].is_null() {
            cells.push(row["key"].clone());
        }
        cells.extend(columns.iter().map(|column| row["values"][column].clone()));
        Value::from(cells)
    };
    report["rows"].as_array().unwrap().iter().map(row).collect()
}

async fn opened(app: &TestApp, key: &str, team: &str, tags: &[&str]) -> Value {
    let new = json!({
        "subject": "Fire", "body": "The printer.", "team": team, "tags": tags,
        "customer": { "email": "cy@example.org" },
    });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
}

async fn teams(app: &TestApp, key: &str) {
    for (team, name) in [("support", "Support"), ("billing", "Billing")] {
        app.post("/api/v1/teams", Some(key), json!({ "key": team, "name": name })).await.expect(201);
    }
}

#[tokio::test]
async fn what_happened_to_tickets_is_counted_on_its_day_for_its_team_and_agent() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    let ada = app.person("Ada", Role::Agent).await.to_string();
    let first = opened(&app, &key, "support", &["vip", "=cmd"]).await;
    opened(&app, &key, "billing", &[]).await;
    app.clock.advance(HOUR);
    change(&app, &key, &first, json!({ "assignee_id": ada, "priority": "high" })).await;
    app.write(&key, &first, "reply", "Press the lever.").await;
    app.clock.advance(HOUR);
    change(&app, &key, &first, json!({ "status": "solved" })).await;
    app.clock.advance(DAY);
    change(&app, &key, &first, json!({ "status": "open" })).await;
    app.clock.advance(DAY);
    change(&app, &key, &first, json!({ "status": "solved" })).await;
    count(&app).await;

    let days = "from=2026-01-01&to=2026-01-04&period=day";
    let of = async |name: &str, rest: &str| rows(&app, &key, &format!("{name}?{days}{rest}")).await;
    assert_eq!(
        of("created", "").await,
        json!([["2026-01-01", 2], ["2026-01-02", 0], ["2026-01-03", 0], ["2026-01-04", 0]])
    );
    assert_eq!(
        of("created", "&by=team").await,
        json!([["2026-01-01", "billing", 1], ["2026-01-01", "support", 1]])
    );
    assert_eq!(of("created", "&by=agent&team=support").await, json!([["2026-01-01", ada, 1]]));
    assert_eq!(
        of("created", "&by=tag").await,
        json!([["2026-01-01", "", 1], ["2026-01-01", "=cmd", 1], ["2026-01-01", "vip", 1]])
    );
    assert_eq!(total(&app, &key, &format!("created?{days}&by=tag"), &["n"]).await, [json!(2)]);
    assert_eq!(of("created", "&by=channel").await, json!([["2026-01-01", "api", 2]]));
    assert_eq!(of("solved", "&by=hour").await, json!([["2026-01-01", "02", 1], ["2026-01-03", "02", 1]]));
    assert_eq!(
        of("backlog", "").await,
        json!([["2026-01-01", 1], ["2026-01-02", 2], ["2026-01-03", 1], ["2026-01-04", 1]])
    );
    assert_eq!(
        of("backlog", "&by=agent&team=support").await,
        json!([["2026-01-02", ada, 1]]),
        "what nobody has left is no row"
    );
    assert_eq!(
        rows(&app, &key, "backlog?from=2026-01-02&to=2026-01-02").await,
        json!([["2026-01-02", 2]]),
        "what was there before counts"
    );
    let columns = ["reopened", "solved", "share"];
    assert_eq!(
        total(&app, &key, &format!("reopens?{days}"), &columns).await,
        [json!(1), json!(2), json!(0.5)]
    );
    let columns = ["solved", "replies", "mean"];
    let replies = total(&app, &key, &format!("replies_per_solved?{days}"), &columns).await;
    assert_eq!(replies, [json!(1), json!(1), json!(1.0)]);
    let columns = ["solved", "one_touch", "share"];
    let touched = total(&app, &key, &format!("one_touch?{days}"), &columns).await;
    assert_eq!(touched, [json!(1), json!(0), json!(0.0)], "it was opened again");
    let columns = ["n", "mean_s"];
    let replied = total(&app, &key, &format!("first_reply_time?{days}"), &columns).await;
    assert_eq!(replied, [json!(1), json!(HOUR)]);
    let median = read(&app, &key, &format!("first_reply_time?{days}")).await["total"]["median_s"].clone();
    assert!((median.as_i64().unwrap() - HOUR).abs() <= HOUR / 10, "{median}");
    let solved = total(&app, &key, &format!("resolution_time?{days}&priority=high"), &columns).await;
    assert_eq!(solved, [json!(1), json!(2 * HOUR + 2 * DAY)]);
    assert_eq!(
        total(&app, &key, &format!("resolution_time?{days}&priority=low"), &columns).await[0],
        json!(0)
    );

    let file =
        app.get(&format!("/api/v1/reports/created?{days}&by=tag&format=csv"), Some(&key)).await.expect(200);
    assert!(file.header("content-type").starts_with("text/csv"));
    assert!(file.header("content-disposition").contains("created-2026-01-01-2026-01-04.csv"));
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "period,tag,label,n",
            "2026-01-01,,No tag,1",
            "2026-01-01,'=cmd,'=cmd,1",
            "2026-01-01,vip,vip,1",
            ""
        ]
    );
    let verdict = app.desk().verify_reports().await.unwrap();
    assert!(verdict.is_clean() && verdict.n_compared == 2, "{verdict}");
}

#[tokio::test]
async fn weeks_and_months_are_the_days_in_them() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    // From New Year, a Thursday, to the end of March: one more ticket on each first of a month.
    for day in 0..90 {
        let n = if [0, 31, 59].contains(&day) { 2 } else { 1 };
        for _ in 0..n {
            opened(&app, &key, "support", &[]).await;
        }
        app.clock.advance(DAY);
    }
    count(&app).await;
    let range = "from=2026-01-01&to=2026-03-31";
    assert_eq!(total(&app, &key, &format!("created?{range}"), &["n"]).await, [json!(93)]);
    assert_eq!(
        rows(&app, &key, &format!("created?{range}&period=month")).await,
        json!([["2026-01-01", 32], ["2026-02-01", 29], ["2026-03-01", 32]])
    );
    let months = rows(&app, &key, "created?from=2026-01-30&to=2026-03-02&period=month&by=team").await;
    let expected =
        json!([["2026-01-30", "support", 2], ["2026-02-01", "support", 29], ["2026-03-01", "support", 3]]);
    assert_eq!(months, expected);
    let weeks = async |start: &str| {
        rows(&app, &key, &format!("created?from=2026-01-01&to=2026-01-14&period=week{start}")).await
    };
    assert_eq!(weeks("").await, json!([["2026-01-01", 5], ["2026-01-05", 7], ["2026-01-12", 3]]));
    assert_eq!(
        weeks("&week_start=sunday").await,
        json!([["2026-01-01", 4], ["2026-01-04", 7], ["2026-01-11", 4]])
    );
    assert_eq!(rows(&app, &key, "backlog?from=2026-02-10&to=2026-02-10").await, json!([["2026-02-10", 43]]));
}

#[tokio::test]
async fn times_are_counted_in_the_teams_hours_as_they_were_then() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    let hours = json!({ "name": "Office", "zone": "UTC", "hours": { "thursday": [{ "from": "09:00", "to": "12:00" }], "friday": [{ "from": "09:00", "to": "12:00" }] } });
    let schedule = app.post("/api/v1/schedules", Some(&key), hours).await.expect(201).json();
    let id = schedule["id"].as_str().unwrap();
    let routing = json!({ "assignment": "manual", "schedule_id": id });
    app.send(Method::PUT, "/api/v1/teams/support/routing", Some(&key), Some(routing), &[]).await.expect(200);
    let ticket = opened(&app, &key, "support", &[]).await;
    app.clock.advance(11 * HOUR);
    app.write(&key, &ticket, "reply", "Hello.").await;
    app.clock.advance(DAY);
    change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    count(&app).await;
    let mean = async |name: &str, hours: &str| {
        total(&app, &key, &format!("{name}?from=2026-01-01&to=2026-01-03&hours={hours}"), &["mean_s"]).await
            [0]
        .clone()
    };
    assert_eq!(mean("first_reply_time", "wall").await, json!(11 * HOUR));
    assert_eq!(mean("first_reply_time", "business").await, json!(2 * HOUR));
    assert_eq!(mean("resolution_time", "business").await, json!(5 * HOUR));
    // Another schedule changes nothing that was measured, not even when everything is counted anew.
    let routing = json!({ "assignment": "manual", "schedule_id": null });
    app.send(Method::PUT, "/api/v1/teams/support/routing", Some(&key), Some(routing), &[]).await.expect(200);
    change(&app, &key, &ticket, json!({ "tags": ["late"] })).await;
    count(&app).await;
    app.desk().rebuild_reports(&mut |_| {}).await.unwrap();
    assert_eq!(mean("resolution_time", "business").await, json!(5 * HOUR));
    assert!(app.desk().verify_reports().await.unwrap().is_clean());
}

#[tokio::test]
async fn promises_hand_overs_drafts_and_what_the_bot_did_are_counted() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let all = json!({ "first_reply_min": 60, "next_reply_min": 30, "resolution_min": 240 });
    app.post("/api/v1/sla-policies", Some(&key), json!({ "name": "All", "targets": { "normal": all } }))
        .await
        .expect(201);
    // One is helped, one leaves, one wants a human.
    let helped = app.conversation().await;
    let said = app.ask(&helped, "How do I reset my password?").await;
    app.feedback(&helped, &said, "helpful").await;
    app.ask(&app.conversation().await, "How do I reset my password?").await;
    app.conversation().await;
    let asked = app.conversation().await;
    let said = app.ask(&asked, "How do I reset my password?").await;
    app.feedback(&asked, &said, "unhelpful").await;
    let number = app
        .hand_off(&asked, json!({ "email": "cy@example.org", "message": "How do I reset my password?" }))
        .await;
    let ticket = app.ticket(&key, number).await;
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    let drafts = app.post(&format!("{path}/suggestions"), Some(&key), json!({})).await.expect(200).json();
    let drafts = drafts["suggestions"].as_array().unwrap().clone();
    assert!(!drafts.is_empty());
    app.clock.advance(30 * MINUTE);
    let reply = json!({ "kind": "reply", "body": drafts[0]["body"], "suggestion_id": drafts[0]["id"] });
    app.post(&format!("{path}/messages"), Some(&key), reply).await.expect(201);
    app.ask(&asked, "And the scanner?").await;
    app.clock.advance(40 * MINUTE);
    app.desk().tell_due_clocks().await.unwrap();
    app.write(&key, &ticket, "reply", "It burns too.").await;
    change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    count(&app).await;

    let day = "from=2026-01-01&to=2026-01-01";
    let columns = [
        "first_reply_met",
        "first_reply_missed",
        "next_reply_met",
        "next_reply_missed",
        "resolution_met",
        "resolution_missed",
        "met_share",
    ];
    let kept = total(&app, &key, &format!("sla?{day}"), &columns).await;
    assert_eq!(Value::from(kept), json!([1, 0, 0, 1, 1, 0, 0.6667]));
    let columns = ["conversations", "resolved", "handed_over", "left", "share"];
    let deflected = total(&app, &key, &format!("deflection?{day}"), &columns).await;
    assert_eq!(Value::from(deflected), json!([3, 1, 1, 1, 0.3333]));
    let handed = total(&app, &key, &format!("handoffs?{day}"), &["n", "asked", "unhelpful"]).await;
    assert_eq!(Value::from(handed), json!([1, 1, 0]));
    let used =
        total(&app, &key, &format!("suggestions?{day}"), &["shown", "used", "edited", "dismissed"]).await;
    assert_eq!(Value::from(used), json!([drafts.len(), 1, 0, 0]));
    if let Some(other) = drafts.get(1) {
        let path = format!("/api/v1/suggestions/{}/outcome", other["id"].as_str().unwrap());
        app.send(Method::PUT, &path, Some(&key), Some(json!({ "outcome": "dismissed" })), &[])
            .await
            .expect(200);
        count(&app).await;
        assert_eq!(total(&app, &key, &format!("suggestions?{day}"), &["dismissed"]).await, [json!(1)]);
    }
    let page = app.get("/a/reset-your-password", None).await.expect(200).text;
    assert!(page.contains("Reset"), "{page}");
    let columns =
        ["answers_helpful", "answers_unhelpful", "answers_share", "articles_helpful", "articles_share"];
    let votes = total(&app, &key, &format!("votes?{day}"), &columns).await;
    assert_eq!(Value::from(votes), json!([1, 1, 0.5, 0, null]));
    assert!(app.desk().verify_reports().await.unwrap().is_clean());
    // Opened again, nothing has become of the last promise any more.
    change(&app, &key, &ticket, json!({ "status": "open" })).await;
    count(&app).await;
    assert_eq!(total(&app, &key, &format!("sla?{day}"), &["resolution_met"]).await, [json!(0)]);
}

#[tokio::test]
async fn everybody_sees_the_numbers_that_are_theirs_to_see() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    teams(&app, &master).await;
    let ada = app.person("Ada", Role::Agent).await;
    for team in ["support", "support", "billing"] {
        let ticket = opened(&app, &master, team, &[]).await;
        if team == "support" {
            change(&app, &master, &ticket, json!({ "assignee_id": ada.as_str() })).await;
        }
    }
    count(&app).await;
    let key = app.key(&[Scope::ReportsRead]).await;
    assert_eq!(total(&app, &key, "created", &["n"]).await, [json!(3)]);
    assert_eq!(
        app.get("/api/v1/reports", Some(&key)).await.expect(200).json()["reports"].as_array().unwrap().len(),
        13
    );
    let limited = app.key_of_teams(&[Scope::ReportsRead], Some(&["billing"])).await;
    assert_eq!(total(&app, &limited, "created", &["n"]).await, [json!(1)]);
    let by_team = read(&app, &limited, "created?by=team").await["rows"].clone();
    assert_eq!((by_team.as_array().unwrap().len(), &by_team[0]["label"]), (1, &json!("Billing")));
    let of_other = app.get("/api/v1/reports/created?team=support", Some(&limited)).await.problem(422);
    let of_none = app.get("/api/v1/reports/created?team=nothing", Some(&limited)).await.problem(422);
    assert_eq!(
        (&of_other["field"], of_other["detail"].as_str().unwrap().replace("support", "nothing")),
        (&of_none["field"], of_none["detail"].as_str().unwrap().to_owned())
    );
    for name in ["deflection", "votes"] {
        app.get(&format!("/api/v1/reports/{name}"), Some(&limited)).await.problem(403);
    }
    let names = app.get("/api/v1/reports", Some(&limited)).await.expect(200).text;
    assert!(!names.contains("deflection") && names.contains("handoffs"), "{names}");
    let lacking = app.key(&[Scope::TicketsRead, Scope::KbRead]).await;
    for path in [
        "/api/v1/reports",
        "/api/v1/reports/created",
        "/api/v1/reports/nothing",
        "/api/v1/me/reports/created",
    ] {
        app.get(path, Some(&lacking)).await.problem(403);
        app.get(path, None).await.problem(401);
    }
    app.get("/api/v1/reports/nothing", Some(&key)).await.problem(404);

    // An agent sees what they did, and nobody else's.
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    ada.get("/api/v1/reports/created").await.problem(403);
    let own = ada.get("/api/v1/me/reports/created").await.expect(200).json();
    assert_eq!(own["total"]["n"], 2);
    ada.get("/api/v1/me/reports/deflection").await.problem(404);
    ada.get("/api/v1/me/reports/created?team=billing").await.problem(400);
    let page = ada.get("/app/reports").await.expect(200).text;
    assert!(page.contains("Your numbers") && page.contains("<b>2</b> Tickets"), "{page}");
    assert!(page.contains("/api/v1/me/reports/solved?format=csv") && !page.contains("deflection"), "{page}");
    let bo = app.bo().await;
    let page = bo.get("/app/reports?by=team").await.expect(200).text;
    for part in [
        "Tickets opened",
        "Resolved by the bot",
        "<svg",
        "Billing",
        "/api/v1/reports/created?format=csv&amp;",
        "UTC",
    ] {
        assert!(page.contains(part) || page.contains(&part.replace("&amp;", "&#38;")), "{part}: {page}");
    }
    let page = bo.get("/app/reports?from=2026-02-01&to=2026-01-01").await.expect(200).text;
    assert!(page.contains("Nothing to show"), "{page}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::ReportsRead]).await;
    app.get("/api/v1/reports/created", Some(&key)).await.problem(503);
    count(&app).await;
    for (query, status, field) in [
        ("from=yesterday", 400, "from"),
        ("from=2026-1-1", 400, "from"),
        ("to=2026-02-30", 400, "to"),
        ("from=2026-01-02&to=2026-01-01", 422, "from"),
        ("from=2020-01-01", 422, "from"),
        ("from=2025-09-01&by=team&period=day", 422, "from"),
        ("from=2024-09-01&by=team&period=week", 422, "from"),
        ("period=year", 400, "period"),
        ("week_start=friday", 400, "week_start"),
        ("by=customer", 400, "by"),
        ("hours=lunch", 400, "hours"),
        ("format=xlsx", 400, "format"),
        ("tag=a&priority=high", 400, "tag"),
        ("tag=a&by=agent", 422, "by"),
        ("team=nothing", 422, "team"),
    ] {
        let refused = app.get(&format!("/api/v1/reports/created?{query}"), Some(&key)).await.problem(status);
        assert_eq!(refused["field"], field, "{query}: {refused}");
    }
    let refused = app.get("/api/v1/reports/backlog?by=hour", Some(&key)).await.problem(422);
    assert_eq!(refused["field"], "by");
    let refused = app.get("/api/v1/reports/votes?team=support", Some(&key)).await.problem(422);
    assert_eq!(refused["field"], "team");
    app.get("/api/v1/reports/created?colour=red", Some(&key)).await.problem(400);
    for name in Measure::ALL.map(Measure::as_str) {
        let report =
            app.get(&format!("/api/v1/reports/{name}?period=month"), Some(&key)).await.expect(200).json();
        assert!(
            !report["rows"].as_array().unwrap().is_empty(),
            "{name}: without groups there is a row for each period"
        );
    }
}

#[tokio::test]
async fn days_are_those_of_the_site_until_it_is_counted_anew() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    app.clock.advance(23 * HOUR);
    opened(&app, &key, "support", &[]).await;
    count(&app).await;
    let days = "created?from=2026-01-01&to=2026-01-02&period=day";
    let utc = json!([["2026-01-01", 1], ["2026-01-02", 0]]);
    assert_eq!(rows(&app, &key, days).await, utc);
    app.restart_with(settings(json!({ "site": { "time_zone": "Europe/Berlin" } }))).await;
    count(&app).await;
    assert_eq!(rows(&app, &key, days).await, utc);
    let zone = app.desk().outdated_report_zone().await.unwrap();
    assert_eq!(zone.map(|zone| zone.to_string()), Some("UTC".to_owned()));
    app.desk().rebuild_reports(&mut |_| {}).await.unwrap();
    assert_eq!(rows(&app, &key, days).await, json!([["2026-01-01", 0], ["2026-01-02", 1]]));
    assert_eq!(read(&app, &key, days).await["time_zone"], "Europe/Berlin");
    assert_eq!(app.desk().outdated_report_zone().await.unwrap(), None);
}

#[tokio::test]
async fn the_numbers_of_an_erased_customer_stay() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    let ticket = opened(&app, &key, "support", &["vip"]).await;
    app.write(&key, &ticket, "reply", "Press the lever.").await;
    change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    count(&app).await;
    let files = async || {
        let mut all = String::new();
        for name in Measure::ALL.map(Measure::as_str) {
            let path = format!("/api/v1/reports/{name}?from=2026-01-01&to=2026-01-01&format=csv");
            all.push_str(&app.get(&path, Some(&key)).await.expect(200).text);
        }
        all
    };
    let before = files().await;
    let path = format!("/api/v1/customers/{}", ticket["customer"]["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    count(&app).await;
    assert_eq!(files().await, before);
    app.desk().rebuild_reports(&mut |_| {}).await.unwrap();
    assert_eq!(files().await, before);
    assert!(app.desk().verify_reports().await.unwrap().is_clean());
    app.desk().backup_to(&app.data().join("copy.db")).await.unwrap();
    let copy = std::fs::read(app.data().join("copy.db")).unwrap();
    assert!(!copy.windows(14).any(|window| window == b"cy@example.org"));
    // Whose numbers they were is nobody's business any more.
    assert_eq!(
        app.desk().count_tickets(&Principal::System, &"customer:none".parse().unwrap()).await.unwrap().n,
        1
    );
}

#[tokio::test]
async fn what_was_counted_stays_when_tickets_are_archived_and_deleted() {
    let config = json!({ "retention": { "delete_closed_after_days": 100 } });
    let app = TestApp::start_with(settings(config)).await;
    let key = app.master_key().await;
    teams(&app, &key).await;
    let ticket = opened(&app, &key, "support", &["vip"]).await;
    app.clock.advance(HOUR);
    app.write(&key, &ticket, "reply", "Press the lever.").await;
    change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    change(&app, &key, &ticket, json!({ "status": "closed" })).await;
    count(&app).await;
    let asked = "created?from=2026-01-01&to=2026-01-31&by=team";
    let before = read(&app, &key, asked).await;
    assert_eq!(before["total"]["n"], 1, "{before}");
    assert_eq!(app.archive().await, 1);
    for phase in ["archived", "deleted"] {
        if phase == "deleted" {
            app.clock.advance(101 * DAY);
            assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 1);
        }
        for _ in 0..2 {
            count(&app).await;
            assert_eq!(read(&app, &key, asked).await["rows"], before["rows"], "{phase}");
            let verdict = app.desk().verify_reports().await.unwrap();
            assert!(verdict.is_clean(), "{phase}: {verdict}");
            assert_eq!(verdict.n_deleted, u64::from(phase == "deleted"));
            app.desk().rebuild_reports(&mut |_| {}).await.unwrap();
        }
    }
}
