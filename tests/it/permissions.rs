//! Who may do what: every operation that the API describes, with every role, each scope by itself, and every kind of credential
//! that is none. An operation that is added is walked from then on.

use axum::{
    body::Body,
    http::{Request, header},
};
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Answer, Browser, Operation, TestApp, operations};

/// What must come of a request.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// Whatever the operation says, but neither 401 nor 403.
    Allowed,
    /// 401.
    Unknown,
    /// 403, with the scopes of the operation where it needs one.
    Refused,
}

/// Who asks.
enum Asker<'a> {
    Nobody,
    /// A bearer that is no longer valid, or never was.
    Dead(&'a str),
    Key {
        secret: &'a str,
        scope: Scope,
    },
    /// Whoever opened a conversation.
    Visitor(&'a str),
    Person {
        browser: &'a Browser<'a>,
        role: Role,
    },
}

impl Asker<'_> {
    fn name(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::Dead(secret) => format!("the dead {}", &secret[..secret.len().min(12)]),
            Self::Key { scope, .. } => format!("a key with {}", scope.as_str()),
            Self::Visitor(_) => "a visitor".to_owned(),
            Self::Person { role, .. } => format!("{role:?}"),
        }
    }

    /// What the description promises.
    fn expects(&self, operation: &Operation) -> Expected {
        let holds = |scopes: &[Scope]| {
            scopes.contains(&Scope::Admin)
                || scopes.iter().any(|scope| operation.scopes.contains(scope.as_str()))
        };
        let takes = |scheme: &str| operation.takes.contains(scheme);
        let is_allowed = match self {
            Self::Dead(_) => return Expected::Unknown,
            _ if operation.takes.is_empty() => true,
            Self::Nobody => return Expected::Unknown,
            Self::Visitor(_) => takes("conversation"),
            Self::Key { scope, .. } => takes("bearer") && (operation.scopes.is_empty() || holds(&[*scope])),
            Self::Person { role, .. } => {
                takes("session") && (operation.scopes.is_empty() || holds(role.scopes()))
            }
        };
        if is_allowed { Expected::Allowed } else { Expected::Refused }
    }

    async fn ask(&self, app: &TestApp, operation: &Operation, body: Option<String>) -> Answer {
        let mut request = Request::builder().method(operation.method.clone()).uri(operation.at("nothing"));
        match self {
            Self::Nobody | Self::Person { .. } => {}
            Self::Dead(secret) | Self::Key { secret, .. } | Self::Visitor(secret) => {
                request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
            }
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Self::Person { browser, .. } = self {
            let token = browser.cookie("askwell_session").expect("signed in");
            request = request.header("sec-fetch-site", "same-origin");
            request = request.header(header::COOKIE, format!("askwell_session={token}"));
        }
        app.begun(request.body(body.map_or_else(Body::empty, Body::from)).expect("a request")).await
    }
}

/// Holds an answer to what is promised.
#[track_caller]
fn check(operation: &Operation, asker: &Asker<'_>, answer: &Answer) {
    let shown = format!("{} as {}: {} {}", operation.name(), asker.name(), answer.status, answer.text);
    match asker.expects(operation) {
        Expected::Allowed => {
            assert!(![401, 403, 405].contains(&answer.status.as_u16()), "{shown}");
            assert!(!answer.status.is_server_error(), "{shown}");
        }
        Expected::Unknown => {
            assert_eq!(answer.status, 401, "{shown}");
            answer.problem(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{shown}");
        }
        Expected::Refused => {
            assert_eq!(answer.status, 403, "{shown}");
            let problem = answer.problem(403);
            let named = problem["required_scopes"].as_array().cloned().unwrap_or_default();
            let is_about_scopes = matches!(asker, Asker::Key { .. } | Asker::Person { .. });
            if is_about_scopes && !operation.scopes.is_empty() {
                assert!(
                    named.iter().all(|name| operation.scopes.contains(name.as_str().unwrap())),
                    "{shown}"
                );
                assert_eq!(named.len(), operation.scopes.len(), "{shown}");
                let detail = problem["detail"].as_str().unwrap();
                assert!(operation.scopes.iter().all(|scope| detail.contains(scope.as_str())), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn every_operation_admits_exactly_whom_its_description_says() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let mut keys = vec![];
    for scope in Scope::ALL {
        keys.push((scope, app.key(&[scope]).await));
    }
    let mut browsers = vec![];
    for (name, role) in [("Bo", Role::Admin), ("Ada", Role::Agent), ("Dee", Role::Editor)] {
        app.person(name, role.clone()).await;
        let email = format!("{}@askwell.example", name.to_lowercase());
        browsers.push((role, Browser::signed_in(&app, &email).await));
    }
    let all: Vec<&str> = Scope::ALL.into_iter().map(Scope::as_str).collect();
    let new = async |days: Option<u32>| {
        let body = json!({ "name": "x", "scopes": all, "expires_in_days": days });
        app.post("/api/v1/keys", Some(&master), body).await.expect(201).json()
    };
    let (expired, revoked) = (new(Some(1)).await, new(None).await);
    let path = format!("/api/v1/keys/{}", revoked["id"].as_str().unwrap());
    app.send(axum::http::Method::DELETE, &path, Some(&master), None, &[]).await.expect(204);
    app.clock.advance(24 * 60 * 60);
    let secret = |key: &Value| key["secret"].as_str().unwrap().to_owned();
    let (expired, revoked) = (secret(&expired), secret(&revoked));
    let visitor = app.conversation().await.1;

    let mut askers =
        vec![Asker::Nobody, Asker::Dead(&expired), Asker::Dead(&revoked), Asker::Dead("nonsense")];
    askers.push(Asker::Visitor(&visitor));
    askers.extend(keys.iter().map(|(scope, secret)| Asker::Key { secret, scope: *scope }));
    askers.extend(browsers.iter().map(|(role, browser)| Asker::Person { browser, role: role.clone() }));
    let (operations, mut n_asked) = (operations(&app).await, 0);
    for operation in &operations {
        for asker in &askers {
            // No JSON at all: who may not do it hears that first.
            let body = operation.example.as_ref().map(|_| "{".to_owned());
            let answer = asker.ask(&app, operation, body).await;
            check(operation, asker, &answer);
            n_asked += 1;
        }
        // With a body that can be read the desk is asked too, and asks for no more than was described.
        for asker in askers.iter().filter(|asker| asker.expects(operation) == Expected::Allowed) {
            let Some(example) = &operation.example else { break };
            check(operation, asker, &asker.ask(&app, operation, Some(example.to_string())).await);
            n_asked += 1;
        }
    }
    assert!(
        operations.len() > 80 && n_asked > 18 * 80,
        "{} operations, {n_asked} requests",
        operations.len()
    );
}

/// The paths under which tickets, or what belongs to one, are found by an id of theirs.
const OF_TICKETS: [&str; 4] = ["/tickets/{", "/conversations/{", "/traces/{", "/suggestions/{"];

#[tokio::test]
async fn what_one_may_not_see_is_answered_like_what_does_not_exist() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    app.publish(&master, tests::PASSWORD).await;
    for team in ["sales", "billing"] {
        app.post("/api/v1/teams", Some(&master), json!({ "key": team, "name": team })).await.expect(201);
    }
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    let number = app.hand_off(&conversation, json!({ "email": "cy@example.org" })).await;
    let id = app.ticket(&master, number).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/tickets/{id}");
    let change = Some(json!({ "team": "billing" }));
    app.send(axum::http::Method::PATCH, &path, Some(&master), change, &[]).await.expect(200);
    let drafts = app.post(&format!("{path}/suggestions"), Some(&master), json!({})).await.expect(200).json();
    let draft = drafts["suggestions"][0]["id"].as_str().map(str::to_owned);
    let before = app.ticket(&master, number).await;

    let limited = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    let other = app.conversation().await;
    let mut n_hidden = 0;
    for operation in operations(&app).await {
        let Some(of) = OF_TICKETS.iter().find(|of| operation.path.contains(*of)) else { continue };
        let hidden = match *of {
            "/tickets/{" => vec![id.clone(), number.to_string()],
            "/conversations/{" => vec![conversation.0.clone()],
            "/traces/{" => vec![said["trace_id"].as_str().unwrap().to_owned()],
            _ => draft.iter().cloned().collect(),
        };
        for bearer in [&limited, &other.1] {
            let ask = async |id: &str| {
                let (path, body) = (operation.at(id), operation.example.clone());
                app.send(operation.method.clone(), &path, Some(bearer), body, &[]).await
            };
            for id in &hidden {
                let (there, nowhere) = (ask(id).await, ask("999999999").await);
                let name = operation.name();
                assert!(there.status.is_client_error(), "{name}: {} {}", there.status, there.text);
                let without_place = |answer: &Answer| {
                    let mut problem = answer.problem(answer.status.as_u16());
                    problem["instance"] = Value::Null;
                    problem
                };
                assert_eq!(without_place(&there), without_place(&nowhere), "{name}");
                n_hidden += usize::from(there.status == 404);
            }
        }
    }
    assert!(n_hidden >= 12, "{n_hidden}");
    assert_eq!(app.ticket(&master, number).await["revision"], before["revision"], "nothing changed");
}

#[tokio::test]
async fn two_ids_in_one_path_belong_together() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let (one, other) = (app.conversation().await, app.conversation().await);
    let turn = app.ask(&one, "How do I reset my password?").await["turn_id"].as_str().unwrap().to_owned();
    let (ada, dee) = (app.person("Ada", Role::Agent).await, app.person("Dee", Role::Editor).await);
    let absence = json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z" });
    let path = format!("/api/v1/users/{ada}/absences");
    let absence = app.post(&path, Some(&master), absence).await.expect(201).json();
    let absence = absence["id"].as_str().unwrap();
    let (put, delete) = (axum::http::Method::PUT, axum::http::Method::DELETE);
    let feedback = Some(json!({ "feedback": "helpful" }));
    let at = |conversation: &str| format!("/api/v1/conversations/{conversation}/turns/{turn}/feedback");
    app.send(put.clone(), &at(&other.0), Some(&master), feedback.clone(), &[]).await.problem(404);
    app.send(put.clone(), &at(&other.0), Some(&other.1), feedback.clone(), &[]).await.problem(404);
    app.send(put, &at(&one.0), Some(&one.1), feedback, &[]).await.expect(200);
    let at = |user: &domain::UserId| format!("/api/v1/users/{user}/absences/{absence}");
    app.send(delete.clone(), &at(&dee), Some(&master), None, &[]).await.problem(404);
    app.send(delete, &at(&ada), Some(&master), None, &[]).await.expect(204);
}
