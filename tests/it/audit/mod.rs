//! The audit log: every change has an entry, nobody can change one unnoticed, and no personal text is in it.

mod every_operation;

use std::task::Poll;

use axum::http::{Method, header};
use domain::{Principal, Role, Scope};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tests::{PASSWORD, TestApp, settings};

/// The entries that a query admits, newest first.
pub(crate) async fn entries(app: &TestApp, key: &str, query: &str) -> Vec<Value> {
    let page = app.get(&format!("/api/v1/audit{query}"), Some(key)).await.expect(200).json();
    page["entries"].as_array().expect("entries").clone()
}

/// Runs one statement on the database behind Askwell's back.
pub(crate) async fn behind_its_back(app: &TestApp, statement: &str) {
    let url = format!("sqlite://{}", app.data().join("askwell.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("opened");
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("done");
    connection.close().await.expect("closed");
}

async fn ticket(app: &TestApp, key: &str) -> Value {
    let new = json!({
        "subject": "Wombat delivery", "body": "The wombat arrived broken.",
        "customer": { "name": "Cy Quokka", "email": "cy.quokka@example.org" },
    });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

#[tokio::test]
async fn an_entry_says_who_what_when_and_from_where_and_no_more() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = ticket(&app, &key).await;
    let id = ticket["id"].as_str().unwrap();
    let path = format!("/api/v1/tickets/{id}");
    let change = Some(json!({ "status": "open", "priority": "high" }));
    app.send(Method::PATCH, &path, Some(&key), change, &[]).await.expect(200);
    app.write(&key, &ticket, "reply", "We send another wombat.").await;

    let listed = entries(&app, &key, &format!("?subject=ticket:{id}")).await;
    let actions: Vec<&str> = listed.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["ticket.changed", "ticket.replied", "ticket.changed", "ticket.opened"]);
    let changed = &listed[2];
    assert_eq!(changed["details"], json!({ "priority": ["normal", "high"], "status": ["new", "open"] }));
    assert_eq!(changed["actor"]["kind"], "key");
    assert_eq!(changed["actor"]["name"], "test");
    assert_eq!((&changed["door"], &changed["network"]), (&json!("api"), &json!("127.0.0.0/24")));
    assert_eq!(changed["at"], "2026-01-01T00:00:00Z");
    assert_eq!(changed["subject"], json!({ "kind": "ticket", "id": id }));

    let all = app.get("/api/v1/audit/export", Some(&key)).await.expect(200).text;
    for personal in ["Quokka", "quokka", "wombat", "Wombat"] {
        assert!(!all.contains(personal), "{personal} in {all}");
    }
    // The same in a list and in a file.
    let line = all.lines().find(|line| line.contains(changed["hash"].as_str().unwrap()));
    assert_eq!(serde_json::from_str::<Value>(line.unwrap()).unwrap(), *changed);
}

#[tokio::test]
async fn doors_and_people_are_told_apart() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ada = app
        .desk()
        .create_user(&Principal::System, "Ada", "ada@askwell.example", Role::Agent, None)
        .await
        .unwrap();
    let last = async || entries(&app, &key, "?limit=1").await.remove(0);
    assert_eq!(
        (&last().await["door"], &last().await["actor"]["kind"]),
        (&json!("command_line"), &json!("system"))
    );

    let link = app.desk().create_sign_in_link(&Principal::System, "ada@askwell.example").await.unwrap();
    let path = format!("/app/sign-in?token={link}");
    app.get(&path, None).await.expect(303);
    let entry = last().await;
    assert_eq!((&entry["action"], &entry["door"]), (&json!("user.signed_in"), &json!("staff")));
    assert_eq!(entry["actor"], json!({ "kind": "person", "id": ada.id, "name": "Ada" }));
    app.get(&path, None).await.expect(403);
    assert_eq!(last().await["action"], "user.sign_in_refused");

    let conversation = app.conversation().await;
    app.hand_off(&conversation, json!({ "name": "Cy", "message": "Call me." })).await;
    let entry = &entries(&app, &key, &format!("?subject=conversation:{}", conversation.0)).await[0];
    assert_eq!(entry["action"], "conversation.handed_off");
    assert_eq!(entry["actor"], json!({ "kind": "visitor", "id": conversation.0, "name": null }));
}

#[tokio::test]
async fn a_refused_sign_in_is_recorded_without_the_address_that_was_tried() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let password = Some("correct horse battery");
    let bo = app
        .desk()
        .create_user(&Principal::System, "Bo", "bo@askwell.example", Role::Admin, password)
        .await
        .unwrap();
    for (email, subject) in
        [("bo@askwell.example", json!(bo.id)), ("my-secret-password@typo.example", Value::Null)]
    {
        let request = axum::http::Request::post("/app/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("email={email}&password=wrong").into())
            .unwrap();
        app.raw(request).await.expect(403);
        let entry = entries(&app, &key, "?limit=1").await.remove(0);
        assert_eq!(entry["action"], "user.sign_in_refused");
        assert_eq!((&entry["subject"]["id"], &entry["actor"]["kind"]), (&subject, &json!("visitor")));
        assert!(!entry.to_string().contains('@'), "{entry}");
    }
}

#[tokio::test]
async fn the_first_entry_that_was_tampered_with_is_named() {
    for (statement, seq, why) in [
        ("UPDATE audit SET details_json = '{}' WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit SET details_json = 'no json' WHERE seq = 3", 3, "it cannot be read"),
        ("UPDATE audit SET actor_id = 'x' WHERE seq = 4", 4, "it was changed"),
        ("UPDATE audit SET hash = prev_hash WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit SET prev_hash = 'x' WHERE seq = 3", 3, "it does not follow the entry before it"),
        ("DELETE FROM audit WHERE seq = 3", 3, "it is missing"),
        ("DELETE FROM audit WHERE seq = 1", 1, "it is missing"),
        ("DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)", 5, "it is missing"),
    ] {
        let app = TestApp::start().await;
        let key = app.master_key().await;
        let ticket = ticket(&app, &key).await;
        app.write(&key, &ticket, "note", "Look at this.").await;
        app.key(&[Scope::KbRead]).await;
        let verdict = app.desk().verify_audit(&Principal::System).await.unwrap();
        assert_eq!((verdict.n_checked, verdict.last_seq, verdict.broken), (5, 5, None));
        behind_its_back(&app, statement).await;
        let broken = app.desk().verify_audit(&Principal::System).await.unwrap().broken;
        assert_eq!(broken.map(|broken| (broken.seq, broken.why)), Some((seq, why)), "{statement}");
    }
}

#[tokio::test]
async fn what_is_too_old_goes_and_the_rest_can_still_be_checked() {
    const DAY_S: i64 = 86_400;
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    app.restart_with(settings(json!({ "retention": { "audit_days": 30 } }))).await;
    app.clock.advance(29 * DAY_S);
    ticket(&app, &key).await;
    app.desk().forget_expired().await.unwrap();
    assert_eq!(entries(&app, &key, "").await.len(), 3, "nothing is that old yet");
    app.clock.advance(2 * DAY_S);
    app.desk().forget_expired().await.unwrap();
    let listed = entries(&app, &key, "").await;
    let actions: Vec<&str> = listed.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit.trimmed", "ticket.opened", "customer.created"]);
    let verdict = app.desk().verify_audit(&Principal::System).await.unwrap();
    assert_eq!((verdict.n_checked, verdict.last_seq, verdict.broken), (3, 4, None));
    app.clock.advance(100 * DAY_S);
    app.desk().forget_expired().await.unwrap();
    let verdict = app.desk().verify_audit(&Principal::System).await.unwrap();
    assert_eq!((verdict.n_checked, verdict.last_seq, verdict.broken), (1, 5, None));
}

/// A log that is trimmed while it is checked, after each of the steps in which it is read, is never called broken.
#[tokio::test]
async fn checking_while_the_log_is_trimmed_accuses_nobody() {
    const DAY_S: i64 = 86_400;
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    app.restart_with(settings(json!({ "retention": { "audit_days": 30 } }))).await;
    for n_steps in 1.. {
        ticket(&app, &key).await;
        app.clock.advance(31 * DAY_S);
        ticket(&app, &key).await;
        let desk = app.desk().clone();
        let mut check = Box::pin(async move { desk.verify_audit(&Principal::System).await });
        let mut n_polled = 0;
        let begun = std::future::poll_fn(|cx| match check.as_mut().poll(cx) {
            Poll::Ready(verdict) => Poll::Ready(Some(verdict)),
            Poll::Pending => {
                n_polled += 1;
                if n_polled == n_steps { Poll::Ready(None) } else { Poll::Pending }
            }
        });
        if let Some(verdict) = begun.await {
            assert_eq!(verdict.unwrap().broken, None);
            assert!(n_steps > 1, "it was interrupted before");
            return;
        }
        app.desk().forget_expired().await.unwrap();
        assert_eq!(check.await.unwrap().broken, None, "after {n_steps} steps");
    }
}

#[tokio::test]
async fn the_log_is_read_in_pages_and_by_admins_who_see_all_tickets() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = ticket(&app, &key).await;
    for n in 0..5 {
        app.write(&key, &ticket, "note", &format!("Note {n}")).await;
    }
    let mut seen = vec![];
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/api/v1/audit?limit=3{after}"), Some(&key)).await.expect(200).json();
        seen.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()));
        // Entries that come meanwhile are on no later page.
        app.write(&key, &ticket, "note", "Meanwhile").await;
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [8, 7, 6, 5, 4, 3, 2, 1]);
    let found = entries(&app, &key, "?action=ticket.noted&from=2026-01-01&to=2026-01-02").await;
    assert_eq!(found.len(), 8);
    assert!(entries(&app, &key, "?from=2026-01-02").await.is_empty());
    for (query, status) in [
        ("?after=x", 400),
        ("?after=-1", 400),
        ("?from=yesterday", 400),
        ("?action=nothing.", 422),
        ("?subject=nothing:x", 422),
        ("/export?format=xlsx", 400),
        ("/export?action=nothing", 422),
    ] {
        app.get(&format!("/api/v1/audit{query}"), Some(&key)).await.problem(status);
    }
    let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite, Scope::KbWrite]).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let limited = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    for other in [&agent, &limited] {
        for path in ["/api/v1/audit", "/api/v1/audit/export"] {
            app.get(path, Some(other)).await.problem(403);
        }
    }
}

#[tokio::test]
async fn a_spreadsheet_gets_no_formula() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let new = json!({ "name": "=HYPERLINK(\"http://x\")", "scopes": ["admin"] });
    let made = app.post("/api/v1/keys", Some(&key), new).await.expect(201).json();
    let evil = made["secret"].as_str().unwrap();
    app.publish(evil, PASSWORD).await;
    let file = app.get("/api/v1/audit/export?format=csv", Some(&key)).await.expect(200);
    assert!(file.header("content-type").starts_with("text/csv"), "{}", file.header("content-type"));
    assert!(file.header("content-disposition").contains("audit.csv"));
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    assert!(lines[0].starts_with("seq,at,actor_kind"), "{}", lines[0]);
    assert_eq!(lines.len(), 6, "a head, four entries and nothing: {lines:?}");
    assert!(lines[3].contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{}", lines[3]);
}

#[tokio::test]
async fn an_export_ends_with_its_key() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let new = json!({ "name": "export", "scopes": ["admin"] });
    let made = app.post("/api/v1/keys", Some(&master), new).await.expect(201).json();
    // Far more than what waits for a slow reader.
    let copies = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) \
                  INSERT INTO audit SELECT seq + 100 + i, at_ms, actor, actor_id, actor_name, door, network, action, \
                  subject_id, details_json, prev_hash, hash FROM audit, n WHERE seq = 1";
    behind_its_back(&app, copies).await;
    let all = app.get("/api/v1/audit/export", Some(&master)).await.expect(200).text.lines().count();
    assert!(all > 9000, "{all}");
    let mut stream = app.follow("/api/v1/audit/export", made["secret"].as_str().unwrap(), &[]).await;
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&master), None, &[]).await.expect(204);
    let mut n_lines = 0;
    while let Some(piece) = stream.next().await {
        n_lines += std::str::from_utf8(&piece.unwrap()).unwrap().lines().count();
    }
    assert!(n_lines < 6000, "{n_lines} of {all} lines were told after the key was dead");
}
