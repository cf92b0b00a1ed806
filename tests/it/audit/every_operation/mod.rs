//! Walks every operation of the API that changes something: each leaves an entry, and who adds an operation says here how it is
//! done, or why it leaves none.

mod automation;
mod own;
mod people;
mod site;
mod tickets;

use axum::http::Method;
use domain::Principal;
use serde_json::{Value, json};
use tests::{Receiver, Reply, TestApp, settings};

use super::entries;

/// Operations that leave no entry, and why.
const UNRECORDED: [(&str, &str); 13] = [
    ("put /me/mentions/read-mark", "what somebody has read concerns them alone"),
    ("put /me/mentions/{id}/read-mark", "likewise"),
    ("delete /me/mentions/{id}/read-mark", "likewise"),
    ("post /conversations", "nothing of the site changes until somebody speaks"),
    ("post /conversations/{id}/turns", "the turns are the record; what follows for a ticket has its entry"),
    ("put /conversations/{id}/turns/{turn_id}/feedback", "an opinion; kept with the turn"),
    ("post /sign-in/link", "the same for everybody, known or not; signing in with the link has its entry"),
    ("post /traces/{id}/replay", "writes nothing"),
    ("post /canned-replies/{id}/render", "only counts; the message that is made of it has its entry"),
    ("post /macros/{id}/preview", "writes nothing"),
    ("post /bulk-jobs/preview", "writes nothing"),
    ("post /rules/dry-run", "writes nothing"),
    ("post /rules/{id}/dry-run", "writes nothing"),
];

struct World {
    app: TestApp,
    key: String,
    receiver: Receiver,
}

/// What is sent, with everything that it needs made before.
struct Call {
    path: String,
    body: Option<Value>,
    bearer: Option<String>,
}

impl Call {
    fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), body: None, bearer: None }
    }

    fn with(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::to(path) }
    }
}

#[tokio::test]
async fn every_operation_that_changes_something_leaves_an_entry() {
    let config = settings(json!({ "webhooks": { "allow": ["127.0.0.1"], "timeout_ms": 500 } }));
    let app = TestApp::start_with(config).await;
    let key = app.master_key().await;
    let world = World { app, key, receiver: Receiver::start(Reply::Status(200)).await };
    let described = world.app.get("/api/openapi.json", None).await.expect(200).json();
    let mut n_walked = 0;
    for (path, operations) in described["paths"].as_object().expect("paths") {
        for method in ["post", "put", "patch", "delete"] {
            if !operations[method].is_object() {
                continue;
            }
            let operation = format!("{method} {}", path.trim_start_matches("/api/v1"));
            if UNRECORDED.iter().any(|(unrecorded, _)| *unrecorded == operation) {
                continue;
            }
            if operation.contains(" /me/") || operation == "delete /users/{id}/totp" {
                own::as_dee(&operation, method).await;
            } else {
                world.walk(&operation, method).await;
            }
            n_walked += 1;
        }
    }
    assert!(n_walked >= 40, "{n_walked}");
    let verdict = world.app.desk().verify_audit(&Principal::System).await.expect("checked");
    assert_eq!(verdict.broken, None);
}

impl World {
    async fn walk(&self, operation: &str, method: &str) {
        let call = self.call(operation).await;
        let last = entries(&self.app, &self.key, "?limit=1").await[0]["seq"].as_i64().expect("a number");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let bearer = call.bearer.as_ref().unwrap_or(&self.key);
        let path = format!("/api/v1{}", call.path);
        let answer = self.app.send(method, &path, Some(bearer), call.body, &[]).await;
        assert!(answer.status.is_success(), "{operation}: {}", answer.text);
        let new = entries(&self.app, &self.key, "?limit=1").await.remove(0);
        assert!(new["seq"].as_i64() > Some(last), "{operation} left no entry in the audit log");
        assert_eq!(new["door"], "api", "{operation}: {new}");
        if operation == "delete /customers/{id}" {
            // Askwell itself ends what the key began.
            return;
        }
        let actor = if call.bearer.is_some() { "visitor" } else { "key" };
        assert_eq!(new["actor"]["kind"], actor, "{operation}: {new}");
    }

    /// How an operation is done.
    async fn call(&self, operation: &str) -> Call {
        match operation.split('/').nth(1).unwrap_or_default() {
            "tickets" | "suggestions" | "conversations" => self.about_tickets(operation).await,
            "articles" | "learning" => self.about_articles(operation).await,
            "webhooks" => self.about_webhooks(operation).await,
            "users" => self.about_people(operation).await,
            "customers" | "organisations" | "segments" => self.about_customers(operation).await,
            "schedules" | "sla-policies" => self.about_hours(operation).await,
            "bulk-jobs" => self.about_bulk_jobs(operation).await,
            "canned-replies" | "macros" | "rules" => self.about_automation(operation).await,
            _ => self.about_the_site(operation).await,
        }
    }

    /// Adds a person, another one for each operation.
    async fn person(&self, operation: &str) -> String {
        let name = operation.replace(|c: char| !c.is_ascii_lowercase(), "_");
        let (email, role) = (format!("{name}@askwell.example"), domain::Role::Agent);
        self.app
            .desk()
            .create_user(&Principal::System, "Ada", &email, role, None)
            .await
            .expect("added")
            .id
            .to_string()
    }

    /// Makes something; gives its id.
    async fn made(&self, path: &str, new: Value) -> String {
        let answer = self.app.post(&format!("/api/v1{path}"), Some(&self.key), new).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
}

fn unknown(operation: &str) -> ! {
    panic!("{operation}: say here how it is done, or in UNRECORDED why it leaves no entry in the audit log")
}
