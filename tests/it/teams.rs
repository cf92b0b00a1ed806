//! Who is limited to some teams learns nothing of the others' tickets: not that they are there, not through what is derived from
//! them.

use axum::http::Method;
use domain::{Principal, Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, PASSWORD, TestApp};

const ALL: [Scope; 4] = [Scope::KbRead, Scope::KbWrite, Scope::TicketsRead, Scope::TicketsWrite];

/// Two tickets, one with sales and one with billing; gives them in this order.
async fn two_tickets(app: &TestApp, key: &str) -> (Value, Value) {
    for (team, name) in [("sales", "Sales"), ("billing", "Billing")] {
        app.post("/api/v1/teams", Some(key), json!({ "key": team, "name": name })).await.expect(201);
    }
    let mut tickets = vec![];
    for team in ["sales", "billing"] {
        let conversation = app.conversation().await;
        app.ask(&conversation, "How do I reset my password? Let me talk to a human.").await;
        let form = json!({ "email": format!("{team}@example.org"), "message": "Somebody call me." });
        let number = app.hand_off(&conversation, form).await;
        let id = app.ticket(key, number).await["id"].as_str().unwrap().to_owned();
        let change = Some(json!({ "team": team }));
        app.send(Method::PATCH, &format!("/api/v1/tickets/{id}"), Some(key), change, &[]).await.expect(200);
        tickets.push(app.ticket(key, number).await);
    }
    let billing = tickets.pop().unwrap();
    (tickets.pop().unwrap(), billing)
}

#[tokio::test]
async fn a_key_of_one_team_sees_and_changes_only_its_tickets() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    app.publish(&master, PASSWORD).await;
    let (sales, billing) = two_tickets(&app, &master).await;
    let key = app.key_of_teams(&ALL, Some(&["sales"])).await;
    let (own, other) = (sales["id"].as_str().unwrap(), billing["id"].as_str().unwrap());

    let listed = app.tickets(&key).await;
    assert_eq!(listed.iter().map(|ticket| ticket["id"].as_str().unwrap()).collect::<Vec<_>>(), [own]);
    let teams = app.get("/api/v1/teams", Some(&key)).await.expect(200).json();
    assert_eq!(teams["teams"].as_array().unwrap().len(), 1);

    let missing = |path: String, other: &str| path.replace("{}", other);
    for (method, path, body) in [
        (Method::GET, "/api/v1/tickets/{}", None),
        (Method::PATCH, "/api/v1/tickets/{}", Some(json!({ "priority": "urgent" }))),
        (Method::POST, "/api/v1/tickets/{}/messages", Some(json!({ "kind": "note", "body": "hm" }))),
        (Method::POST, "/api/v1/tickets/{}/messages", Some(json!({ "kind": "reply", "body": "hm" }))),
        (Method::POST, "/api/v1/tickets/{}/suggestions", None),
    ] {
        let there =
            app.send(method.clone(), &missing(path.into(), other), Some(&key), body.clone(), &[]).await;
        let nowhere =
            app.send(method.clone(), &missing(path.into(), "nowhere"), Some(&key), body.clone(), &[]).await;
        assert_eq!(there.problem(404)["detail"], nowhere.problem(404)["detail"], "{method} {path}");
        let is_ok = app.send(method.clone(), &missing(path.into(), own), Some(&key), body, &[]).await;
        assert!(is_ok.status.is_success(), "{method} {path}: {}", is_ok.text);
    }
    let number = billing["number"].as_i64().unwrap();
    app.get(&format!("/api/v1/tickets/{number}"), Some(&key)).await.problem(404);
    let after = app.ticket(&master, number).await;
    assert_eq!(after["revision"], billing["revision"], "nothing changed");

    // Its conversation and what the bot thought in it.
    let conversation = billing["conversation_id"].as_str().unwrap();
    app.get(&format!("/api/v1/conversations/{conversation}"), Some(&key)).await.problem(404);
    let bot = |ticket: &Value| {
        let turns = ticket["transcript"].as_array().unwrap().clone();
        turns.iter().find_map(|turn| turn["trace_id"].as_str().map(str::to_owned)).unwrap()
    };
    app.get(&format!("/api/v1/traces/{}", bot(&billing)), Some(&key)).await.problem(404);
    app.get(&format!("/api/v1/traces/{}", bot(&sales)), Some(&key)).await.expect(200);
}

#[tokio::test]
async fn a_ticket_goes_to_a_team_that_is_there() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let (sales, _) = two_tickets(&app, &master).await;
    let path = format!("/api/v1/tickets/{}", sales["id"].as_str().unwrap());
    let change = Some(json!({ "team": "nobody" }));
    let refused = app.send(Method::PATCH, &path, Some(&master), change, &[]).await.problem(422);
    assert_eq!(refused["field"], "team");
    app.send(Method::DELETE, "/api/v1/teams/sales", Some(&master), None, &[]).await.problem(409);
    for (body, status) in [
        (json!({ "key": "sales", "name": "Again" }), 409),
        (json!({ "key": "No Key", "name": "x" }), 422),
        (json!({ "key": "ok", "name": " " }), 422),
        (json!({ "key": "ok", "name": "x", "role": "admin" }), 400),
    ] {
        app.post("/api/v1/teams", Some(&master), body).await.problem(status);
    }
    let nobody = "/api/v1/teams/sales/members/nobody";
    app.send(Method::PUT, nobody, Some(&master), None, &[]).await.problem(404);
    let limited = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    let new = json!({ "name": "x", "scopes": ["tickets:read"] });
    let made = app.post("/api/v1/keys", Some(&limited), new).await.expect(201).json();
    assert_eq!(made["teams"], json!(["sales"]), "nobody makes a key that sees more than theirs");
    let more = json!({ "name": "x", "scopes": ["tickets:read"], "teams": ["sales", "billing"] });
    app.post("/api/v1/keys", Some(&limited), more).await.problem(422);
    let wrong = json!({ "name": "x", "scopes": ["tickets:read"], "teams": ["nowhere"] });
    assert_eq!(app.post("/api/v1/keys", Some(&master), wrong).await.problem(422)["field"], "teams");
}

#[tokio::test]
async fn a_person_who_sees_own_teams_only_hears_only_of_those() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let ada = app
        .desk()
        .create_user(&Principal::System, "Ada", "ada@askwell.example", Role::Agent, None)
        .await
        .unwrap();
    let (sales, billing) = two_tickets(&app, &master).await;
    let member = format!("/api/v1/teams/sales/members/{}", ada.id);
    app.send(Method::PUT, &member, Some(&master), None, &[]).await.expect(204);
    let narrow = Some(json!({ "sees": "own_teams" }));
    let path = format!("/api/v1/users/{}", ada.id);
    app.send(Method::PATCH, &path, Some(&master), narrow, &[]).await.expect(200);
    let link = app.desk().create_sign_in_link(&Principal::System, "ada@askwell.example").await.unwrap();
    let signed_in = app.desk().sign_in_with_link(&link, None, &desk::Origin::default()).await.unwrap();
    let desk::SignIn::Done(session) = signed_in else { panic!("no second factor") };
    let principal = app.desk().session(&session.token).await.unwrap().unwrap().principal;

    let before = app.desk().follow_from(&principal, None).await.unwrap();
    for ticket in [&sales, &billing] {
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        let change = Some(json!({ "priority": "urgent" }));
        app.send(Method::PATCH, &path, Some(&master), change, &[]).await.expect(200);
    }
    let happened = app.desk().happened_after(&principal, before).await.unwrap();
    assert_eq!(happened.entries.len(), 1);
    assert_eq!(happened.seq, before + 2, "what is not told is passed over");
    let told = serde_json::to_value(&happened.entries[0].event).unwrap();
    assert_eq!(told["ticket_id"], sales["id"]);

    app.send(Method::DELETE, &member, Some(&master), None, &[]).await.expect(204);
    let principal = app.desk().session(&session.token).await.unwrap().unwrap().principal;
    assert!(app.desk().happened_after(&principal, before).await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn who_sees_own_teams_only_moves_nobody_and_no_team() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    two_tickets(&app, &master).await;
    let lead = json!({ "key": "lead", "name": "Lead", "scopes": ["admin:users", "tickets:read"] });
    app.post("/api/v1/roles", Some(&master), lead).await.expect(201);
    let dee = app.person("Dee", Role::Custom("lead".to_owned())).await;
    let member = |team: &str| format!("/api/v1/teams/{team}/members/{dee}");
    app.send(Method::PUT, &member("sales"), Some(&master), None, &[]).await.expect(204);
    let narrow = Some(json!({ "sees": "own_teams" }));
    app.send(Method::PATCH, &format!("/api/v1/users/{dee}"), Some(&master), narrow, &[]).await.expect(200);
    let browser = Browser::signed_in(&app, "dee@askwell.example").await;
    let limited = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    let before = app.get("/api/v1/teams", Some(&master)).await.expect(200).json();
    let new = json!({ "key": "more", "name": "More" });
    for (method, path, body) in [
        (Method::POST, "/api/v1/teams".to_owned(), Some(new)),
        (Method::PATCH, "/api/v1/teams/billing".to_owned(), Some(json!({ "name": "x" }))),
        (Method::DELETE, "/api/v1/teams/billing".to_owned(), None),
        (Method::PUT, member("billing"), None),
        (Method::DELETE, member("sales"), None),
        (Method::PUT, member("sales"), None),
    ] {
        let asked = browser.send(method.clone(), &path, body.clone(), &[]).await;
        assert_eq!(asked.status, 403, "{method} {path}: {}", asked.text);
        app.send(method, &path, Some(&limited), body, &[]).await.problem(403);
    }
    assert_eq!(app.get("/api/v1/teams", Some(&master)).await.expect(200).json(), before);
    let seen = browser.get("/api/v1/tickets").await.expect(200).json();
    assert_eq!(seen["tickets"].as_array().map(Vec::len), Some(1), "{seen}");
}
