//! What somebody may set who sees the tickets of some teams only: how these teams work, and nothing that holds for others.

use axum::http::Method;
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Operation, TestApp, operations};

/// An Askwell with two teams, and a key of the first that may set everything.
async fn desk() -> (TestApp, String, String) {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    for team in ["sales", "billing"] {
        app.post("/api/v1/teams", Some(&master), json!({ "key": team, "name": team })).await.expect(201);
    }
    let scopes =
        [Scope::AdminSettings, Scope::AdminRules, Scope::AdminUsers, Scope::TicketsRead, Scope::TicketsWrite];
    let limited = app.key_of_teams(&scopes, Some(&["sales"])).await;
    (app, master, limited)
}

fn office() -> Value {
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    json!({ "name": "Office", "zone": "Europe/Berlin", "hours": { "monday": day }, "holidays": [] })
}

async fn schedule(app: &TestApp, key: &str) -> String {
    let made = app.post("/api/v1/schedules", Some(key), office()).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

async fn put(app: &TestApp, key: &str, path: &str, body: Value) -> tests::Answer {
    app.send(Method::PUT, &format!("/api/v1{path}"), Some(key), Some(body), &[]).await
}

/// A body that a request with the right to it could have.
fn body(operation: &Operation) -> Option<Value> {
    let example = operation.example.clone()?;
    Some(match operation.path.rsplit("/v1").next().unwrap_or_default() {
        "/schedules" | "/schedules/{id}" => office(),
        "/teams/{key}/routing" => json!({ "assignment": "automatic" }),
        "/fields" => json!({ "key": "x", "title": "X", "kind": { "type": "text" } }),
        "/statuses" => json!({ "key": "x", "name": "X", "category": "open" }),
        _ => example,
    })
}

#[tokio::test]
async fn nothing_that_holds_for_all_is_set_by_who_sees_some_teams_only() {
    let (app, master, limited) = desk().await;
    let of_billing = schedule(&app, &master).await;
    let routing = json!({ "assignment": "manual", "schedule_id": of_billing });
    put(&app, &master, "/teams/billing/routing", routing).await.expect(200);
    let mut n_refused = 0;
    for operation in operations(&app).await {
        if operation.scopes.len() != 1 || !operation.scopes.contains("admin:settings") {
            continue;
        }
        let (name, is_reading) = (operation.name(), operation.method == Method::GET);
        let first = if operation.path.contains("/teams/{") { "billing" } else { of_billing.as_str() };
        let method = operation.method.clone();
        let answer = app.send(method, &operation.at(first), Some(&limited), body(&operation), &[]).await;
        let shown = format!("{name}: {} {}", answer.status, answer.text);
        if operation.path.contains("/teams/{") {
            // A team that one does not see is not there.
            assert_eq!(answer.status, 404, "{shown}");
        } else if is_reading || operation.path.ends_with("/schedules") {
            assert!(answer.status.is_success(), "{shown}");
        } else {
            let problem = answer.problem(403);
            assert!(problem["type"].as_str().unwrap().ends_with("limited-to-teams"), "{shown}");
            n_refused += 1;
        }
    }
    assert!(n_refused >= 14, "{n_refused}");
    let rule = json!({
        "name": "All", "trigger": { "type": "time" }, "condition": "status:open",
        "actions": [{ "type": "add_note", "body": "x" }],
    });
    app.post("/api/v1/rules", Some(&limited), rule).await.problem(403);
    let view = json!({ "name": "All", "filter": "status:open", "sharing": "everyone" });
    app.post("/api/v1/views", Some(&limited), view.clone()).await.problem(403);
    let reply = json!({ "title": "All", "body": "Hello", "sharing": "everyone" });
    app.post("/api/v1/canned-replies", Some(&limited), reply).await.problem(403);
    let of_all = app.post("/api/v1/views", Some(&master), view).await.expect(201).json();
    let path = format!("/api/v1/views/{}", of_all["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&limited), None, &[]).await.problem(403);
}

#[tokio::test]
async fn who_sees_a_team_sets_how_it_works() {
    let (app, master, limited) = desk().await;
    let own = schedule(&app, &limited).await;
    let path = format!("/schedules/{own}");
    put(&app, &limited, &path, office()).await.expect(200);
    let routing = |fallbacks: Value| json!({ "assignment": "automatic", "schedule_id": own, "fallback_teams": fallbacks });
    put(&app, &limited, "/teams/sales/routing", routing(json!([]))).await.expect(200);
    put(&app, &limited, &path, office()).await.expect(200);
    // It sends its tickets to no team that it does not see, and takes none of those away that others have set.
    put(&app, &limited, "/teams/sales/routing", routing(json!(["billing"]))).await.problem(422);
    put(&app, &master, "/teams/sales/routing", routing(json!(["billing"]))).await.expect(200);
    let fallbacks = async |key: &str| {
        let read = app.get("/api/v1/teams/sales/routing", Some(key)).await.expect(200).json();
        read["fallback_teams"].clone()
    };
    let told = put(&app, &limited, "/teams/sales/routing", routing(json!([]))).await.expect(200).json();
    assert_eq!((&told["fallback_teams"], fallbacks(&limited).await), (&json!([]), json!([])));
    assert_eq!(fallbacks(&master).await, json!(["billing"]));
    // Once another team works by it too, it is no longer theirs alone.
    put(&app, &master, "/teams/billing/routing", routing(json!([]))).await.expect(200);
    put(&app, &limited, &path, office()).await.problem(403);
    put(&app, &master, &path, office()).await.expect(200);
}

#[tokio::test]
async fn how_people_work_is_set_by_who_sees_all_their_teams() {
    let (app, master, limited) = desk().await;
    let ada = app.person("Ada", Role::Agent).await;
    let (capacity, absences) = (format!("/users/{ada}/capacity"), format!("/users/{ada}/absences"));
    let of = async |team: &str| put(&app, &master, &format!("/teams/{team}/members/{ada}"), json!({})).await;
    let set = async || put(&app, &limited, &capacity, json!({ "capacity": { "chat": 3 } })).await;
    let away = json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z" });
    set().await.problem(403);
    assert!(of("sales").await.status.is_success());
    set().await.expect(200);
    app.post(&format!("/api/v1{absences}"), Some(&limited), away.clone()).await.expect(201);
    assert!(of("billing").await.status.is_success());
    set().await.problem(403);
    app.post(&format!("/api/v1{absences}"), Some(&limited), away.clone()).await.problem(403);
    put(&app, &limited, &format!("/users/{ada}/schedule"), json!({ "schedule_id": null })).await.problem(403);
    app.post(&format!("/api/v1{absences}"), Some(&master), away).await.expect(201);
}
