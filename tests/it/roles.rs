//! Roles: sets of scopes, and nobody grants what they do not hold.

use axum::http::Method;
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

#[tokio::test]
async fn a_role_is_made_given_changed_and_deleted() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let lead = json!({ "key": "lead", "name": "Team lead", "scopes": ["tickets:read", "admin:users"] });
    let made = bo.post("/api/v1/roles", lead.clone()).await.expect(201).json();
    assert_eq!((&made["built_in"], &made["revision"]), (&json!(false), &json!(1)));
    bo.post("/api/v1/roles", lead).await.problem(409);
    for (body, field) in [
        (json!({ "key": "admin", "name": "x", "scopes": ["kb:read"] }), "key"),
        (json!({ "key": "A B", "name": "x", "scopes": ["kb:read"] }), "key"),
        (json!({ "key": "x", "name": "", "scopes": ["kb:read"] }), "name"),
        (json!({ "key": "x", "name": "x", "scopes": [] }), "scopes"),
        (json!({ "key": "x", "name": "x", "scopes": ["kb:delete"] }), "scopes"),
    ] {
        assert_eq!(bo.post("/api/v1/roles", body).await.problem(422)["field"], field);
    }
    let listed = bo.get("/api/v1/roles").await.expect(200).json();
    let keys: Vec<&Value> =
        listed["roles"].as_array().expect("roles").iter().map(|role| &role["key"]).collect();
    assert_eq!(keys, ["admin", "agent", "editor", "lead"]);

    let dee = json!({
        "name": "Dee", "email": "dee@askwell.example", "role": "lead", "password": "seven grey geese fly",
    });
    let added = bo.post("/api/v1/users", dee).await.expect(201).json();
    let dee = Browser::signed_in(&app, "dee@askwell.example").await;
    let me = dee.get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["role"], &me["scopes"]), (&json!("lead"), &json!(["tickets:read", "admin:users"])));
    dee.get("/api/v1/users").await.expect(200);
    dee.get("/api/v1/keys").await.problem(403);

    // A change holds from the next request on.
    let change = async |body: Value, tag: &str| {
        bo.send(Method::PATCH, "/api/v1/roles/lead", Some(body), &[("if-match", tag)]).await
    };
    let changed = change(json!({ "scopes": ["tickets:read"] }), "\"1\"").await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    dee.get("/api/v1/users").await.problem(403);
    change(json!({ "name": "Lead" }), "\"1\"").await.problem(412);
    let delete = async |key: &str| bo.send(Method::DELETE, &format!("/api/v1/roles/{key}"), None, &[]).await;
    delete("lead").await.problem(409);
    delete("admin").await.problem(409);
    delete("nothing").await.problem(404);
    bo.send(Method::PATCH, "/api/v1/roles/agent", Some(json!({ "name": "x" })), &[]).await.problem(409);
    let path = format!("/api/v1/users/{}", added["id"].as_str().expect("an id"));
    let give = async |role: &str| bo.send(Method::PATCH, &path, Some(json!({ "role": role })), &[]).await;
    assert_eq!(give("nothing").await.problem(422)["field"], "role");
    give("agent").await.expect(200);
    delete("lead").await.expect(204);
    assert_eq!(give("lead").await.problem(422)["field"], "role");
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    let admin = app.person("Max", Role::Admin).await;
    let ada = app.person("Ada", Role::Agent).await;
    let lead = json!({ "key": "lead", "name": "Lead", "scopes": ["kb:read", "tickets:read", "admin:users", "admin:keys"] });
    bo.post("/api/v1/roles", lead).await.expect(201);
    let wide = json!({ "key": "wide", "name": "Wide", "scopes": ["kb:write"] });
    bo.post("/api/v1/roles", wide).await.expect(201);
    let dee = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "lead" });
    bo.post("/api/v1/users", dee).await.expect(201);
    let wider = json!({ "name": "k", "scopes": ["tickets:write"] });
    let wider = bo.post("/api/v1/keys", wider).await.expect(201).json();
    let dee = Browser::signed_in(&app, "dee@askwell.example").await;
    let new = |role: &str| json!({ "name": "X", "email": "x@askwell.example", "role": role });
    let of = |id: &domain::UserId| format!("/api/v1/users/{id}");
    let role = |role: &str| Some(json!({ "role": role }));
    for (method, path, body) in [
        (Method::POST, "/api/v1/users".to_owned(), Some(new("admin"))),
        (Method::POST, "/api/v1/users".to_owned(), Some(new("agent"))),
        (Method::PATCH, of(&ada), role("lead")),
        (Method::PATCH, of(&admin), role("lead")),
        (Method::PATCH, of(&admin), Some(json!({ "active": false }))),
        (Method::POST, format!("{}/invite", of(&admin)), None),
        (Method::DELETE, format!("{}/sessions", of(&admin)), None),
        (
            Method::POST,
            "/api/v1/roles".to_owned(),
            Some(json!({ "key": "x", "name": "X", "scopes": ["admin"] })),
        ),
        (Method::PATCH, "/api/v1/roles/lead".to_owned(), Some(json!({ "scopes": ["kb:read", "kb:write"] }))),
        (Method::PATCH, "/api/v1/roles/wide".to_owned(), Some(json!({ "name": "x" }))),
        (Method::DELETE, "/api/v1/roles/wide".to_owned(), None),
        (Method::POST, "/api/v1/keys".to_owned(), Some(json!({ "name": "k", "scopes": ["tickets:write"] }))),
        (Method::POST, "/api/v1/keys".to_owned(), Some(json!({ "name": "k", "scopes": ["admin"] }))),
        (Method::DELETE, format!("/api/v1/keys/{}", wider["id"].as_str().unwrap()), None),
    ] {
        let answer = dee.send(method.clone(), &path, body.clone(), &[]).await;
        assert_eq!(answer.status, 403, "{method} {path} {body:?}: {}", answer.text);
    }
    // What they hold, they may give.
    dee.post("/api/v1/users", new("lead")).await.expect(201);
    let narrow = json!({ "key": "narrow", "name": "Narrow", "scopes": ["kb:read"] });
    dee.post("/api/v1/roles", narrow).await.expect(201);
    dee.post("/api/v1/keys", json!({ "name": "k", "scopes": ["tickets:read"] })).await.expect(201);
    let max = bo.get(&of(&admin)).await.expect(200).json();
    assert_eq!((&max["role"], &max["active"]), (&json!("admin"), &json!(true)));
}

#[tokio::test]
async fn who_sees_only_some_teams_makes_no_way_to_see_more() {
    let app = TestApp::start().await;
    let bo = app.bo().await;
    bo.post("/api/v1/teams", json!({ "key": "billing", "name": "Billing" })).await.expect(201);
    let max = app.person("Max", Role::Admin).await;
    let path = format!("/api/v1/users/{max}");
    bo.send(Method::PATCH, &path, Some(json!({ "sees": "own_teams" })), &[]).await.expect(200);
    let member = format!("/api/v1/teams/billing/members/{max}");
    bo.send(Method::PUT, &member, None, &[]).await.expect(204);
    let max = Browser::signed_in(&app, "max@askwell.example").await;
    max.send(Method::PATCH, &path, Some(json!({ "sees": "all" })), &[]).await.problem(403);
    max.post("/api/v1/users", json!({ "name": "X", "email": "x@askwell.example", "role": "agent" }))
        .await
        .problem(403);
    let key = |teams: Value| json!({ "name": "k", "scopes": ["tickets:read"], "teams": teams });
    let own = max.post("/api/v1/keys", key(Value::Null)).await.expect(201).json();
    assert_eq!(own["teams"], json!(["billing"]), "a key sees what its maker sees");
    max.post("/api/v1/keys", key(json!(["billing"]))).await.expect(201);
}

#[tokio::test]
async fn each_admin_scope_opens_its_own_and_admin_opens_all() {
    let app = TestApp::start().await;
    let routes = [
        (Scope::AdminUsers, "/api/v1/users"),
        (Scope::AdminUsers, "/api/v1/roles"),
        (Scope::AdminKeys, "/api/v1/keys"),
    ];
    let all = app.key(&[Scope::Admin]).await;
    for (scope, path) in routes {
        app.get(path, Some(&app.key(&[scope]).await)).await.expect(200);
        app.get(path, Some(&all)).await.expect(200);
        let others: Vec<Scope> =
            Scope::ALL.into_iter().filter(|&other| other != scope && other != Scope::Admin).collect();
        app.get(path, Some(&app.key(&others).await)).await.problem(403);
    }
}

#[tokio::test]
async fn a_key_speaks_in_conversations_with_the_scope_for_it() {
    let app = TestApp::start().await;
    let conversation = app.conversation().await;
    let path = format!("/api/v1/conversations/{}", conversation.0);
    let ask = async |scopes: &[Scope]| {
        let key = app.key(scopes).await;
        app.post(&format!("{path}/turns"), Some(&key), json!({ "text": "hello?" })).await.status.as_u16()
    };
    assert_eq!(ask(&[Scope::ConversationsWrite]).await, 200);
    assert_eq!(ask(&[Scope::TicketsRead, Scope::TicketsWrite]).await, 403);
    assert_eq!(ask(&[Scope::TicketsWrite]).await, 403);
    let key = app.key(&[Scope::ConversationsWrite]).await;
    let read = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!(read["turns"].as_array().map(Vec::len), Some(2), "{read}");
    app.get("/api/v1/tickets", Some(&key)).await.problem(403);
}
