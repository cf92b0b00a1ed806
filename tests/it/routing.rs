//! Who gets a ticket, why, and what happens when they do not touch it.

use axum::http::Method;
use domain::{Principal, Role, Scope, UserId};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

const MINUTE: i64 = 60;

/// An agent in these teams.
async fn agent(app: &TestApp, key: &str, name: &str, teams: &[&str]) -> UserId {
    let address = format!("{}@askwell.example", name.to_lowercase());
    let user = app
        .desk()
        .create_user(&Principal::System, name, &address, Role::Agent, None)
        .await
        .expect("somebody new");
    for team in teams {
        let path = format!("/api/v1/teams/{team}/members/{}", user.id);
        app.send(Method::PUT, &path, Some(key), None, &[]).await.expect(204);
    }
    user.id
}

async fn put(app: &TestApp, key: &str, path: &str, body: Value) -> Value {
    app.send(Method::PUT, &format!("/api/v1{path}"), Some(key), Some(body), &[]).await.expect(200).json()
}

/// Teams `support` and `night`; tickets of `support` are given to people, and to those of `night` when nobody else can.
async fn teams(app: &TestApp, key: &str, routing: Value) {
    for team in ["support", "night"] {
        app.post("/api/v1/teams", Some(key), json!({ "key": team, "name": team })).await.expect(201);
    }
    put(app, key, "/teams/support/routing", routing).await;
}

async fn ticket(app: &TestApp, key: &str) -> Value {
    let conversation = app.conversation().await;
    let form = json!({ "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    app.ticket(key, number).await
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

/// What was decided, the newest first.
async fn decisions(app: &TestApp, key: &str, ticket: &Value) -> Vec<Value> {
    let path = format!("/api/v1/tickets/{}/assignments", ticket["id"].as_str().unwrap());
    let found = app.get(&path, Some(key)).await.expect(200).json();
    found["assignments"].as_array().expect("decisions").clone()
}

fn explained(decision: &Value) -> Vec<&str> {
    let considered = decision["considered"].as_array().expect("people");
    considered.iter().map(|of| of["explanation"].as_str().expect("words")).collect()
}

async fn sweep(app: &TestApp) -> usize {
    app.desk().route_waiting().await.expect("a sweep")
}

#[tokio::test]
async fn nothing_is_given_to_anybody_until_a_team_wants_it() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let opened = ticket(&app, &key).await;
    agent(&app, &key, "Ada", &["support"]).await;
    assert_eq!(opened["assignee"], Value::Null);
    assert!(decisions(&app, &key, &opened).await.is_empty());
    let settings = app.get("/api/v1/teams/support/routing", Some(&key)).await.expect(200).json();
    let usual = json!({ "assignment": "manual", "schedule_id": null, "fallback_teams": [], "accept_within_min": null });
    assert_eq!(settings, usual);
    put(&app, &key, "/teams/support/routing", json!({ "assignment": "automatic" })).await;
    assert_eq!(sweep(&app).await, 0);
    assert_eq!(again(&app, &key, &opened).await["assignee"], Value::Null);
}

#[tokio::test]
async fn a_ticket_goes_to_who_can_take_it_and_says_why() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic" })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let bo = agent(&app, &key, "Bo", &["support"]).await;
    let cleo = agent(&app, &key, "Cleo", &["support"]).await;
    agent(&app, &key, "Dan", &["night"]).await;
    put(&app, &key, &format!("/users/{cleo}/availability"), json!({ "availability": "away" })).await;
    put(&app, &key, &format!("/users/{bo}/capacity"), json!({ "capacity": { "chat": 1 } })).await;
    let mut given = vec![];
    let mut last = Value::Null;
    for _ in 0..4 {
        last = ticket(&app, &key).await;
        given.push(last["assignee"]["name"].as_str().expect("somebody").to_owned());
        app.clock.advance(1);
    }
    assert_eq!(given, ["Ada", "Bo", "Ada", "Ada"]);
    let decided = decisions(&app, &key, &last).await;
    assert_eq!(decided.len(), 1);
    assert_eq!((&decided[0]["assignee_id"], &decided[0]["team"]), (&json!(ada.as_str()), &json!("support")));
    assert_eq!(
        explained(&decided[0]),
        [
            "Ada takes it: has 2 of at most 20 tickets",
            "Bo has 1 tickets of chat and takes at most 1",
            "Cleo is away",
        ]
    );
    assert_eq!(decided[0]["considered"][2]["reasons"], json!(["away"]));
    let history = last["history"].as_array().unwrap();
    assert_eq!((&history[0]["field"], &history[0]["author"]), (&json!("assignee"), &json!("system")));
}

#[tokio::test]
async fn capacity_is_counted_for_each_channel() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic" })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    put(&app, &key, &format!("/users/{ada}/capacity"), json!({ "capacity": { "chat": 1, "api": 2 } })).await;
    let new = json!({ "team": "support", "subject": "Fire", "body": "The printer.", "customer": { "email": "cy@example.org" } });
    let mut given = vec![];
    for channel in ["chat", "chat", "api", "api", "api"] {
        let opened = match channel {
            "chat" => ticket(&app, &key).await,
            _ => app.post("/api/v1/tickets", Some(&key), new.clone()).await.expect(201).json(),
        };
        assert_eq!(opened["channel"], channel);
        given.push(opened["assignee"]["name"] == "Ada");
    }
    assert_eq!(given, [true, false, true, true, false]);
    let ada = Principal::staff(ada, Role::Agent);
    let told = desk::NewTicket { body: "By phone.".to_owned(), ..desk::NewTicket::default() };
    let opened = app.desk().create_ticket(&ada, told).await.expect("a ticket");
    assert_eq!(opened.ticket.channel, domain::Channel::agent());
}

#[tokio::test]
async fn a_ticket_that_a_program_opens_goes_the_same_way_unless_it_names_somebody() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic" })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let dan = agent(&app, &key, "Dan", &["night"]).await;
    let targets = json!({ "normal": { "first_reply_min": 60 } });
    app.post("/api/v1/sla-policies", Some(&key), json!({ "name": "All", "targets": targets }))
        .await
        .expect(201);
    let new = json!({ "team": "support", "subject": "Fire", "body": "The printer.", "customer": { "email": "cy@example.org" } });
    let opened = app.post("/api/v1/tickets", Some(&key), new.clone()).await.expect(201).json();
    assert_eq!(opened["assignee"]["id"], ada.as_str());
    assert_eq!(opened["sla"][0]["due_at"], "2026-01-01T01:00:00Z");
    assert_eq!(decisions(&app, &key, &opened).await.len(), 1);
    let mut named = new;
    named["assignee_id"] = json!(dan.as_str());
    let opened = app.post("/api/v1/tickets", Some(&key), named).await.expect(201).json();
    assert_eq!(opened["assignee"]["id"], dan.as_str());
    assert!(decisions(&app, &key, &opened).await.is_empty());
}

#[tokio::test]
async fn nobody_gets_a_ticket_off_shift_and_it_waits_until_the_next_one_begins() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    let office =
        json!({ "name": "Office", "zone": "Europe/Berlin", "hours": { "thursday": day, "friday": day } });
    let office = app.post("/api/v1/schedules", Some(&key), office).await.expect(201).json();
    teams(&app, &key, json!({ "assignment": "automatic", "schedule_id": office["id"] })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let leave = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T20:00:00Z" });
    app.post(&format!("/api/v1/users/{ada}/absences"), Some(&key), leave).await.expect(201);
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["assignee"], Value::Null);
    let decided = decisions(&app, &key, &opened).await;
    assert_eq!(decided[0]["reason"], "nobody_on_shift");
    assert_eq!(decided[0]["explanation"], "nobody with the skills is on shift");
    assert_eq!(decided[0]["look_again_at"], "2026-01-01T06:00:00Z", "somebody may join before");
    assert_eq!(
        explained(&decided[0]),
        ["Ada is off shift until 2026-01-01 08:00 UTC, is absent until 2026-01-01 20:00 UTC"]
    );
    for _ in 0..40 {
        app.clock.advance(50 * MINUTE);
        sweep(&app).await;
    }
    // It is 09:20 on Friday in Berlin; it was looked at again and again, and nothing new was decided.
    let assigned = again(&app, &key, &opened).await;
    assert_eq!(assigned["assignee"]["id"], ada.as_str());
    let decided = decisions(&app, &key, &opened).await;
    assert_eq!(decided.len(), 2);
    assert!(decided[0]["at"].as_str().unwrap() >= "2026-01-02T08:00:00Z", "{}", decided[0]["at"]);
}

#[tokio::test]
async fn a_ticket_that_is_not_touched_in_time_goes_to_somebody_else_until_somebody_does() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic", "accept_within_min": 15 })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let bo = agent(&app, &key, "Bo", &["support"]).await;
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["assignee"]["id"], ada.as_str());
    // The team's key is not Ada.
    app.write(&key, &opened, "note", "Ada, please.").await;
    app.clock.advance(14 * MINUTE);
    assert_eq!(sweep(&app).await, 0);
    app.clock.advance(MINUTE);
    let (one, two) = tokio::join!(app.desk().route_waiting(), app.desk().route_waiting());
    assert!(one.expect("a sweep") + two.expect("a sweep") >= 1);
    assert_eq!(again(&app, &key, &opened).await["assignee"]["id"], bo.as_str());
    let decided = decisions(&app, &key, &opened).await;
    assert_eq!(decided.len(), 2);
    assert_eq!(explained(&decided[0])[1], "Ada had it and left it untouched");
    // Bo writes a note, and may take as long as he likes from now on.
    let id = domain::TicketId::new(opened["id"].as_str().unwrap());
    let bo = Principal::staff(bo, Role::Agent);
    app.desk().note(&bo, &id, "I am on it.").await.expect("a note");
    app.clock.advance(600 * MINUTE);
    assert_eq!(sweep(&app).await, 0);

    // Nobody touches this one: it stays with the last when nobody is left, and is not moved for ever.
    let second = ticket(&app, &key).await;
    let mut n_looks = 0;
    for _ in 0..100 {
        app.clock.advance(15 * MINUTE);
        n_looks += sweep(&app).await;
    }
    assert!((2..=7).contains(&n_looks), "{n_looks}");
    assert_ne!(again(&app, &key, &second).await["assignee"], Value::Null);
    let decided = decisions(&app, &key, &second).await;
    assert_eq!(decided[0]["reason"], "nobody_left");
}

#[tokio::test]
async fn another_team_takes_what_the_own_one_cannot_and_sees_what_it_needs() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic", "fallback_teams": ["night"] })).await;
    agent(&app, &key, "Ada", &["support"]).await;
    let dan = agent(&app, &key, "Dan", &["night"]).await;
    put(&app, &key, &format!("/users/{dan}/skills"), json!({ "skills": { "french": 4 } })).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "desk", "name": "Desk" })).await.expect(201);
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["assignee"]["name"], "Ada");
    let path = format!("/tickets/{}/skills", opened["id"].as_str().unwrap());
    let needed = json!({ "skills": { "french": 3 } });
    assert_eq!(put(&app, &key, &path, needed.clone()).await, needed);
    assert_eq!(app.get(&format!("/api/v1{path}"), Some(&key)).await.expect(200).json(), needed);
    // Away and back again: now French is needed.
    let change = |body: Value| {
        let (app, key) = (&app, &key);
        let path = format!("/api/v1/tickets/{}", opened["id"].as_str().unwrap());
        async move { app.send(Method::PATCH, &path, Some(key), Some(body), &[]).await.expect(200).json() }
    };
    change(json!({ "team": "desk" })).await;
    let moved = change(json!({ "team": "support" })).await;
    assert_eq!((&moved["team"], &moved["assignee"]["name"]), (&json!("night"), &json!("Dan")));
    let decided = decisions(&app, &key, &moved).await;
    assert_eq!(explained(&decided[0]), ["Dan takes it: has 0 of at most 20 tickets", "Ada lacks french"]);

    // Who sees only this team's tickets learns nothing of the other's people.
    let of_night = app.key_of_teams(&[Scope::TicketsRead], Some(&["night"])).await;
    let told = decisions(&app, &of_night, &moved).await;
    assert_eq!(explained(&told[0]), ["Dan takes it: has 0 of at most 20 tickets"]);
    assert_eq!(told[0]["n_more"], 1);
    let of_support = app.key_of_teams(&[Scope::TicketsRead], Some(&["support"])).await;
    for path in ["assignments", "skills"] {
        let path = format!("/api/v1/tickets/{}/{path}", opened["id"].as_str().unwrap());
        app.get(&path, Some(&of_support)).await.problem(404);
        app.get(&path, Some(&app.key(&[Scope::KbRead]).await)).await.problem(403);
    }

    // Whoever moves a ticket and says to whom is obeyed.
    let told = change(json!({ "team": "support", "assignee_id": null })).await;
    assert_eq!((&told["team"], &told["assignee"]), (&json!("support"), &Value::Null));
    // To whom it went in the other team is not for who sees this one only.
    let seen = decisions(&app, &of_support, &moved).await;
    assert!(!seen.is_empty() && seen.iter().all(|decision| decision["team"] == "support"), "{seen:?}");
    assert!(!json!(seen).to_string().contains(dan.as_str()), "{seen:?}");
}

#[tokio::test]
async fn what_a_customer_wakes_is_nobodys_no_longer() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let form = |message: &str| json!({ "email": "cy@example.org", "message": message });
    let number = app.hand_off(&conversation, form("My printer is on fire")).await;
    let opened = app.ticket(&key, number).await;
    app.write(&key, &opened, "reply", "Is it?").await;
    agent(&app, &key, "Ada", &["support"]).await;
    put(&app, &key, "/teams/support/routing", json!({ "assignment": "automatic" })).await;
    app.hand_off(&conversation, form("It is.")).await;
    let woken = again(&app, &key, &opened).await;
    assert_eq!((&woken["status"], &woken["assignee"]["name"]), (&json!("open"), &json!("Ada")));
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "manual" })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let opened = ticket(&app, &key).await;
    let send = |path: String, body: Value| {
        let (app, key) = (&app, &key);
        async move { app.send(Method::PUT, &format!("/api/v1{path}"), Some(key), Some(body), &[]).await }
    };
    let routing = |field: &str, value: Value| {
        let mut body = json!({ "assignment": "automatic" });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("schedule_id", json!("nowhere")),
        ("fallback_teams", json!(["nowhere"])),
        ("fallback_teams", json!(["support"])),
        ("fallback_teams", json!(["night", "night"])),
        ("accept_within_min", json!(0)),
    ] {
        let problem = send("/teams/support/routing".into(), routing(field, value)).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
    }
    send("/teams/support/routing".into(), routing("assignment", json!("clever"))).await.problem(400);
    send("/teams/nowhere/routing".into(), routing("schedule_id", Value::Null)).await.problem(404);
    app.get("/api/v1/teams/nowhere/routing", Some(&key)).await.problem(404);
    for (path, body, field) in [
        ("skills", json!({ "skills": { "French": 3 } }), "skills"),
        ("skills", json!({ "skills": { "french": 6 } }), "skills"),
        ("capacity", json!({ "capacity": { "chat": 1001 } }), "capacity"),
        ("capacity", json!({ "capacity": { "Chat!": 1 } }), "capacity"),
        ("schedule", json!({ "schedule_id": "nowhere" }), "schedule_id"),
    ] {
        let problem = send(format!("/users/{ada}/{path}"), body).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
    }
    send(format!("/users/{ada}/schedule"), json!({})).await.problem(400);
    for (path, body) in [
        ("skills", json!({ "skills": {} })),
        ("capacity", json!({ "capacity": {} })),
        ("schedule", json!({ "schedule_id": null })),
        ("availability", json!({ "availability": "away" })),
    ] {
        send(format!("/users/nobody/{path}"), body.clone()).await.problem(404);
        let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
        let path = format!("/api/v1/users/{ada}/{path}");
        // Whether somebody else is there is not told; the others are for admins alone.
        let expected = if path.ends_with("availability") { 404 } else { 403 };
        app.send(Method::PUT, &path, Some(&agent), Some(body), &[]).await.problem(expected);
    }
    let skills = format!("/tickets/{}/skills", opened["id"].as_str().unwrap());
    send(skills, json!({ "skills": { "french": 0 } })).await.problem(422);
    let profile = app.get(&format!("/api/v1/users/{ada}/routing"), Some(&key)).await.expect(200).json();
    assert_eq!(profile["availability"], "available");
    // People say themselves whether they take tickets.
    let own = Principal::staff(ada.clone(), Role::Agent);
    let away = app.desk().set_availability(&own, &ada, domain::Availability::Away).await.expect("their own");
    assert_eq!(away.availability, domain::Availability::Away);
}

#[tokio::test]
async fn who_is_deactivated_gets_nothing_and_a_role_of_ones_own_counts() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic" })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let bo = agent(&app, &key, "Bo", &["support"]).await;
    let patch = async |id: &UserId, body: Value| {
        app.send(Method::PATCH, &format!("/api/v1/users/{id}"), Some(&key), Some(body), &[]).await.expect(200)
    };
    for (role, scopes) in
        [("writer", json!(["tickets:read", "tickets:write"])), ("reader", json!(["tickets:read"]))]
    {
        app.post("/api/v1/roles", Some(&key), json!({ "key": role, "name": role, "scopes": scopes }))
            .await
            .expect(201);
    }
    let assignee = async || ticket(&app, &key).await["assignee"]["name"].clone();
    patch(&ada, json!({ "active": false })).await;
    patch(&bo, json!({ "role": "writer" })).await;
    assert_eq!(assignee().await, "Bo");
    patch(&bo, json!({ "role": "reader" })).await;
    assert_eq!(assignee().await, Value::Null);
    patch(&ada, json!({ "active": true })).await;
    assert_eq!(assignee().await, "Ada");
}

#[tokio::test]
async fn people_say_themselves_when_they_are_away() {
    let app = TestApp::start().await;
    let ada = app.person("Ada", Role::Agent).await;
    let bo = app.person("Bo", Role::Admin).await;
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    let at = |who: &UserId, what: &str| format!("/api/v1/users/{who}/{what}");
    let away = || Some(json!({ "availability": "away" }));
    let said = browser.send(Method::PUT, &at(&ada, "availability"), away(), &[]).await.expect(200).json();
    assert_eq!(said["availability"], "away");
    let read = browser.get(&at(&ada, "routing")).await.expect(200).json();
    assert_eq!(read["availability"], "away");
    let week = || json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z" });
    let entered = browser.post(&at(&ada, "absences"), week()).await.expect(201).json();
    let listed = browser.get(&at(&ada, "absences")).await.expect(200).json();
    assert_eq!(listed["absences"], json!([entered]));
    let one = format!("absences/{}", entered["id"].as_str().expect("an id"));
    browser.send(Method::DELETE, &at(&ada, &one), None, &[]).await.expect(204);

    // Of others they learn nothing, not even whether they are there.
    for who in [bo.clone(), UserId::new("nobody")] {
        browser.send(Method::PUT, &at(&who, "availability"), away(), &[]).await.problem(404);
        browser.get(&at(&who, "routing")).await.problem(404);
        browser.get(&at(&who, "absences")).await.problem(404);
        browser.post(&at(&who, "absences"), week()).await.problem(404);
        browser.send(Method::DELETE, &at(&who, &one), None, &[]).await.problem(404);
    }
    // What they can do and how much they are given is said by admins.
    let capacity = Some(json!({ "capacity": {} }));
    browser.send(Method::PUT, &at(&ada, "capacity"), capacity, &[]).await.problem(403);
}

#[tokio::test]
async fn a_ticket_that_nobody_could_take_meanwhile_goes_to_who_can_once_they_are_back() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic", "accept_within_min": 15 })).await;
    let ada = agent(&app, &key, "Ada", &["support"]).await;
    let bo = agent(&app, &key, "Bo", &["support"]).await;
    let leave = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-04T00:00:00Z" });
    app.post(&format!("/api/v1/users/{bo}/absences"), Some(&key), leave).await.expect(201);
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["assignee"]["id"], ada.as_str());
    for _ in 0..71 {
        app.clock.advance(60 * MINUTE);
        sweep(&app).await;
    }
    assert_eq!(again(&app, &key, &opened).await["assignee"]["id"], ada.as_str());
    for _ in 0..7 {
        app.clock.advance(60 * MINUTE);
        sweep(&app).await;
    }
    assert_eq!(again(&app, &key, &opened).await["assignee"]["id"], bo.as_str());
}

#[tokio::test]
async fn saying_again_what_holds_already_gives_nobody_work() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    teams(&app, &key, json!({ "assignment": "automatic" })).await;
    let opened = ticket(&app, &key).await;
    assert_eq!(opened["assignee"], Value::Null);
    let ada = agent(&app, &key, "Ada", &["night"]).await;
    sweep(&app).await;
    let say = async |availability: &str| {
        put(&app, &key, &format!("/users/{ada}/availability"), json!({ "availability": availability })).await
    };
    say("available").await;
    assert_eq!(sweep(&app).await, 0, "nothing changed");
    say("away").await;
    assert_eq!(sweep(&app).await, 1);
}
