//! Walks every operation of the API that changes something: each leaves an entry, and who adds an operation says here how it is
//! done, or why it leaves none.

use axum::http::Method;
use domain::Principal;
use serde_json::{Value, json};
use tests::{PASSWORD, Receiver, Reply, TestApp, settings};

use super::entries;
use crate::second_factor::{self, code, enrolled, first_step, with_dee};

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
                as_dee(&operation, method).await;
            } else {
                world.walk(&operation, method).await;
            }
            n_walked += 1;
        }
    }
    assert!(n_walked >= 40, "{n_walked}");
    let verdict = world.app.desk().verify_audit(&domain::Principal::System).await.expect("checked");
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

    async fn about_tickets(&self, operation: &str) -> Call {
        let new = json!({ "subject": "Help", "body": "It is broken." });
        if operation == "post /tickets" {
            return Call::with("/tickets", new);
        }
        let ticket = self.made("/tickets", new).await;
        match operation {
            "patch /tickets/{id}" => {
                Call::with(format!("/tickets/{ticket}"), json!({ "priority": "urgent" }))
            }
            "post /tickets/{id}/messages" => {
                Call::with(format!("/tickets/{ticket}/messages"), json!({ "kind": "note", "body": "Hm." }))
            }
            "patch /tickets/{id}/waiting-replies/{reply_id}"
            | "delete /tickets/{id}/waiting-replies/{reply_id}" => {
                let later = json!({ "kind": "reply", "body": "x", "send_at": "2026-02-01T00:00:00Z" });
                let id = self.made(&format!("/tickets/{ticket}/messages"), later).await;
                let body = operation.starts_with("patch").then(|| json!({ "body": "y" }));
                Call { body, ..Call::to(format!("/tickets/{ticket}/waiting-replies/{id}")) }
            }
            "delete /tickets/{id}/archive" => {
                let path = format!("/api/v1/tickets/{ticket}");
                let closed = Some(json!({ "status": "closed" }));
                self.app.send(Method::PATCH, &path, Some(&self.key), closed, &[]).await.expect(200);
                let before = domain::Timestamp(i64::MAX);
                self.app.desk().archive_some(&Principal::System, before).await.expect("archived");
                Call::to(format!("/tickets/{ticket}/archive"))
            }
            "post /tickets/{id}/suggestions" => Call::to(format!("/tickets/{ticket}/suggestions")),
            "put /tickets/{id}/skills" => {
                Call::with(format!("/tickets/{ticket}/skills"), json!({ "skills": { "german": 2 } }))
            }
            "put /suggestions/{id}/outcome" => {
                self.app.publish(&self.key, PASSWORD).await;
                let question = json!({ "subject": "Password", "body": "How do I reset my password?" });
                let ticket = self.made("/tickets", question).await;
                let path = format!("/api/v1/tickets/{ticket}/suggestions");
                let drafts = self.app.post(&path, Some(&self.key), json!({})).await.expect(200).json();
                let id = drafts["suggestions"][0]["id"].as_str().expect("a draft");
                Call::with(format!("/suggestions/{id}/outcome"), json!({ "outcome": "dismissed" }))
            }
            "post /conversations/{id}/handoff" => {
                let (id, token) = self.app.conversation().await;
                let form = json!({ "message": "Call me." });
                Call { bearer: Some(token), ..Call::with(format!("/conversations/{id}/handoff"), form) }
            }
            _ => self.about_handling(operation, &ticket).await,
        }
    }

    async fn about_handling(&self, operation: &str, ticket: &str) -> Call {
        let path = format!("/tickets/{ticket}");
        let another = self.made("/tickets", json!({ "body": "Broken too." })).await;
        let link = json!({ "kind": "related", "ticket_id": another });
        match operation {
            "post /tickets/{id}/merge" => Call::with(format!("{path}/merge"), json!({ "into_id": another })),
            "post /tickets/{id}/split" => {
                let note = json!({ "kind": "note", "body": "Something else." });
                let message = self.made(&format!("{path}/messages"), note).await;
                Call::with(format!("{path}/split"), json!({ "message_ids": [message] }))
            }
            "post /tickets/{id}/links" => Call::with(format!("{path}/links"), link),
            "delete /tickets/{id}/links/{link_id}" => {
                self.made(&format!("{path}/links"), link).await;
                let view = self.app.get(&format!("/api/v1{path}"), Some(&self.key)).await.expect(200).json();
                Call::to(format!("{path}/links/{}", view["links"][0]["id"].as_str().expect("a link")))
            }
            "post /tickets/{id}/operations/{operation_id}/undo" => {
                let done = self.made(&format!("{path}/links"), link).await;
                Call::to(format!("{path}/operations/{done}/undo"))
            }
            "put /tickets/{id}/followers/{user_id}" => {
                Call::to(format!("{path}/followers/{}", self.person(operation).await))
            }
            "delete /tickets/{id}/followers/{user_id}" => {
                let follower = format!("{path}/followers/{}", self.person(operation).await);
                let at = format!("/api/v1{follower}");
                self.app.send(Method::PUT, &at, Some(&self.key), None, &[]).await.expect(200);
                Call::to(follower)
            }
            "put /tickets/{id}/checklist" => {
                Call::with(format!("{path}/checklist"), json!({ "items": [{ "text": "Call them" }] }))
            }
            "patch /tickets/{id}/checklist/{item_id}" => {
                let list = Some(json!({ "items": [{ "text": "Call them" }] }));
                let at = format!("/api/v1{path}/checklist");
                let set =
                    self.app.send(Method::PUT, &at, Some(&self.key), list, &[]).await.expect(200).json();
                let item = set["checklist"]["items"][0]["id"].as_str().expect("an item").to_owned();
                Call::with(format!("{path}/checklist/{item}"), json!({ "done": true }))
            }
            other => unknown(other),
        }
    }

    async fn about_articles(&self, operation: &str) -> Call {
        let new = json!({ "title": operation, "locale": "en", "body": "Text." });
        if operation == "post /articles" {
            return Call::with("/articles", new);
        }
        let article = self.made("/articles", new).await;
        match operation {
            "patch /articles/{id}" => Call::with(format!("/articles/{article}"), json!({ "body": "Other." })),
            "put /articles/{id}/publication" => Call::to(format!("/articles/{article}/publication")),
            "delete /articles/{id}/publication" => {
                let path = format!("/api/v1/articles/{article}/publication");
                self.app.send(Method::PUT, &path, Some(&self.key), None, &[]).await.expect(200);
                Call::to(format!("/articles/{article}/publication"))
            }
            "post /learning/versions" => Call::to("/learning/versions"),
            "put /learning/choice" => Call::with("/learning/choice", json!({ "number": null })),
            "put /learning/questions/{id}" => {
                let id = proposal(&self.app, &article).await;
                Call::with(format!("/learning/questions/{id}"), json!({ "state": "dismissed" }))
            }
            other => unknown(other),
        }
    }

    async fn about_webhooks(&self, operation: &str) -> Call {
        let new = json!({ "url": self.receiver.url() });
        if operation == "post /webhooks" {
            return Call::with("/webhooks", new);
        }
        let path = format!("/webhooks/{}", self.made("/webhooks", new).await);
        match operation {
            "patch /webhooks/{id}" => Call::with(path, json!({ "description": "ours" })),
            "delete /webhooks/{id}" => Call::to(path),
            "post /webhooks/{id}/secret" => Call::to(format!("{path}/secret")),
            "post /webhooks/{id}/test" => Call::to(format!("{path}/test")),
            "post /webhooks/{id}/deliveries/{delivery_id}/replay" => {
                let delivery = self.made(&format!("{path}/test"), json!({})).await;
                Call::to(format!("{path}/deliveries/{delivery}/replay"))
            }
            other => unknown(other),
        }
    }

    async fn about_the_site(&self, operation: &str) -> Call {
        // A key of its own for each operation.
        let team = operation.replace(|c: char| !c.is_ascii_lowercase(), "_");
        let new_team = json!({ "key": team, "name": "A team" });
        let view = json!({ "name": "All", "filter": "", "sharing": "everyone" });
        match operation {
            "post /teams" => return Call::with("/teams", new_team),
            "post /views" => return Call::with("/views", view),
            "post /fields" => {
                return Call::with(
                    "/fields",
                    json!({ "key": "a", "title": "A", "kind": { "type": "text" } }),
                );
            }
            "patch /fields/{key}" => {
                let field = json!({ "key": "b", "title": "B", "kind": { "type": "text" } });
                self.app.post("/api/v1/fields", Some(&self.key), field).await.expect(201);
                return Call::with("/fields/b", json!({ "title": "Other" }));
            }
            "post /statuses" => {
                return Call::with("/statuses", json!({ "key": "a", "name": "A", "category": "open" }));
            }
            "patch /statuses/{key}" => return Call::with("/statuses/open", json!({ "name": "In work" })),
            "post /attachments" => {
                return Call::with("/attachments?name=a.json", json!({ "any": "content" }));
            }
            "post /keys" => return Call::with("/keys", json!({ "name": "x", "scopes": ["kb:read"] })),
            _ => {}
        }
        if operation.contains("/teams/") {
            self.app.post("/api/v1/teams", Some(&self.key), new_team).await.expect(201);
        }
        match operation {
            "patch /teams/{key}" => Call::with(format!("/teams/{team}"), json!({ "name": "Others" })),
            "put /teams/{key}/routing" => {
                Call::with(format!("/teams/{team}/routing"), json!({ "assignment": "automatic" }))
            }
            "delete /teams/{key}" => Call::to(format!("/teams/{team}")),
            "put /teams/{key}/members/{user_id}" | "delete /teams/{key}/members/{user_id}" => {
                Call::to(format!("/teams/{team}/members/{}", self.person(operation).await))
            }
            "patch /views/{id}" => {
                Call::with(format!("/views/{}", self.made("/views", view).await), json!({ "name": "Other" }))
            }
            "delete /views/{id}" => Call::to(format!("/views/{}", self.made("/views", view).await)),
            "post /roles" => Call::with("/roles", json!({ "key": "a", "name": "A", "scopes": ["kb:read"] })),
            "patch /roles/{key}" | "delete /roles/{key}" => {
                let role = json!({ "key": team, "name": "A", "scopes": ["kb:read"] });
                self.app.post("/api/v1/roles", Some(&self.key), role).await.expect(201);
                let body = operation.starts_with("patch").then(|| json!({ "name": "Other" }));
                Call { body, ..Call::to(format!("/roles/{team}")) }
            }
            "patch /keys/{id}" | "post /keys/{id}/rotation" => {
                let key = json!({ "name": "x", "scopes": ["kb:read"] });
                let path = format!("/keys/{}", self.made("/keys", key).await);
                match operation {
                    "patch /keys/{id}" => Call::with(path, json!({ "name": "y" })),
                    _ => Call::with(format!("{path}/rotation"), json!({})),
                }
            }
            "delete /keys/{id}" => {
                let key = json!({ "name": "x", "scopes": ["kb:read"] });
                Call::to(format!("/keys/{}", self.made("/keys", key).await))
            }
            other => unknown(other),
        }
    }

    async fn about_bulk_jobs(&self, operation: &str) -> Call {
        let ticket = self.made("/tickets", json!({ "body": "It is broken." })).await;
        let actions = json!([{ "type": "set_priority", "priority": "high" }]);
        let new = json!({ "tickets": [ticket], "actions": actions });
        if operation == "post /bulk-jobs" {
            return Call::with("/bulk-jobs", new);
        }
        let accepted = self.app.post("/api/v1/bulk-jobs", Some(&self.key), new).await.expect(202).json();
        let path = format!("/bulk-jobs/{}", accepted["id"].as_str().expect("an id"));
        match operation {
            "post /bulk-jobs/{id}/cancel" => Call::to(format!("{path}/cancel")),
            "post /bulk-jobs/{id}/undo" => {
                while self.app.desk().run_bulk_jobs().await.expect("it goes on") > 0 {}
                Call::to(format!("{path}/undo"))
            }
            other => unknown(other),
        }
    }

    async fn about_automation(&self, operation: &str) -> Call {
        let reply = json!({ "title": "Hello", "body": "Hello.", "sharing": "everyone" });
        let actions = json!([{ "type": "set_priority", "priority": "high" }]);
        let ticket_macro = json!({ "name": "Raise", "actions": actions, "sharing": "everyone" });
        match operation {
            "post /canned-replies" => return Call::with("/canned-replies", reply),
            "post /macros" => return Call::with("/macros", ticket_macro),
            _ => {}
        }
        if operation.contains("/canned-replies/") {
            let path = format!("/canned-replies/{}", self.made("/canned-replies", reply).await);
            return match operation {
                "patch /canned-replies/{id}" => Call::with(path, json!({ "title": "Other" })),
                "delete /canned-replies/{id}" => Call::to(path),
                other => unknown(other),
            };
        }
        let trigger = json!({ "type": "event", "events": ["note_added"] });
        let mut rule = json!({ "name": operation, "trigger": trigger, "actions": actions });
        match operation {
            "post /rules" => return Call::with("/rules", rule),
            "put /rules/order" => {
                self.made("/rules", rule).await;
                let all = self.app.get("/api/v1/rules", Some(&self.key)).await.expect(200).json();
                let rules = all["rules"].as_array().expect("rules");
                let ids: Vec<&Value> = rules.iter().rev().map(|rule| &rule["id"]).collect();
                return Call::with("/rules/order", json!({ "ids": ids }));
            }
            "put /rules/{id}" => {
                let path = format!("/rules/{}", self.made("/rules", rule.clone()).await);
                rule["name"] = json!("Other");
                return Call::with(path, rule);
            }
            "delete /rules/{id}" => return Call::to(format!("/rules/{}", self.made("/rules", rule).await)),
            _ => {}
        }
        let path = format!("/macros/{}", self.made("/macros", ticket_macro).await);
        match operation {
            "patch /macros/{id}" => Call::with(path, json!({ "name": "Other" })),
            "delete /macros/{id}" => Call::to(path),
            "post /macros/{id}/runs" => {
                let ticket = self.made("/tickets", json!({ "body": "It is broken." })).await;
                Call::with(format!("{path}/runs"), json!({ "ticket_id": ticket }))
            }
            other => unknown(other),
        }
    }

    async fn about_people(&self, operation: &str) -> Call {
        if operation == "post /users" {
            let new = json!({ "name": "Eve", "email": "eve@askwell.example", "role": "agent" });
            return Call::with("/users", new);
        }
        let path = format!("/users/{}", self.person(operation).await);
        let absence = json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z" });
        match operation {
            "post /users/{id}/invite" => Call::to(format!("{path}/invite")),
            "patch /users/{id}" => Call::with(path, json!({ "name": "Other" })),
            "delete /users/{id}/sessions" => Call::to(format!("{path}/sessions")),
            "put /users/{id}/availability" => {
                Call::with(format!("{path}/availability"), json!({ "availability": "away" }))
            }
            "put /users/{id}/skills" => {
                Call::with(format!("{path}/skills"), json!({ "skills": { "german": 3 } }))
            }
            "put /users/{id}/capacity" => {
                Call::with(format!("{path}/capacity"), json!({ "capacity": { "chat": 3 } }))
            }
            "put /users/{id}/schedule" => {
                let hours = json!({ "monday": [{ "from": "09:00", "to": "17:00" }] });
                let schedule = json!({ "name": operation, "zone": "Europe/Berlin", "hours": hours });
                let id = self.made("/schedules", schedule).await;
                Call::with(format!("{path}/schedule"), json!({ "schedule_id": id }))
            }
            "post /users/{id}/absences" => Call::with(format!("{path}/absences"), absence),
            "delete /users/{id}/absences/{absence_id}" => {
                let id = self.made(&format!("{path}/absences"), absence).await;
                Call::to(format!("{path}/absences/{id}"))
            }
            other => unknown(other),
        }
    }

    async fn about_customers(&self, operation: &str) -> Call {
        // A name of its own for each operation.
        let word = operation.replace(|c: char| !c.is_ascii_lowercase(), "_");
        let email = format!("{word}@example.org");
        let new = json!({ "name": word, "identities": [{ "kind": "email", "value": email }] });
        let organisation = json!({ "name": word });
        let segment = json!({ "key": word, "name": word, "filter": "tag:vip" });
        let note = json!({ "body": "Likes tea." });
        match operation {
            "post /customers" => return Call::with("/customers", new),
            "post /organisations" => return Call::with("/organisations", organisation),
            "post /segments" => return Call::with("/segments", segment),
            _ => {}
        }
        if operation.contains("/segments/") {
            self.app.post("/api/v1/segments", Some(&self.key), segment).await.expect(201);
            let body = operation.starts_with("patch").then(|| json!({ "name": "Other" }));
            return Call { body, ..Call::to(format!("/segments/{word}")) };
        }
        let path = match operation.contains("/organisations/") {
            true => format!("/organisations/{}", self.made("/organisations", organisation).await),
            false => format!("/customers/{}", self.made("/customers", new).await),
        };
        match operation.split_once("/{id}").expect("of one of them") {
            ("delete /customers" | "delete /organisations", "") => Call::to(path),
            ("patch /customers" | "patch /organisations", "") => Call::with(path, json!({ "name": "Other" })),
            ("post /customers" | "post /organisations", "/notes") => {
                Call::with(format!("{path}/notes"), note)
            }
            ("delete /customers" | "delete /organisations", "/notes/{note_id}") => {
                let id = self.made(&format!("{path}/notes"), note).await;
                Call::to(format!("{path}/notes/{id}"))
            }
            ("post /customers", "/identities") => {
                let phone = json!({ "kind": "phone", "value": "+49 30 901820" });
                Call::with(format!("{path}/identities"), phone)
            }
            (method, "/identities/{identity_id}") => {
                let whole = format!("/api/v1{path}");
                let customer = self.app.get(&whole, Some(&self.key)).await.expect(200).json();
                let id = customer["identities"][0]["id"].as_str().expect("an id");
                let body = method.starts_with("patch").then(|| json!({ "verified": true }));
                Call { body, ..Call::to(format!("{path}/identities/{id}")) }
            }
            (method, merges) => {
                let other = self.made("/customers", json!({ "name": "The same" })).await;
                let merge = json!({ "customer_id": other });
                match (method, merges) {
                    ("post /customers", "/merges") => Call::with(format!("{path}/merges"), merge),
                    ("delete /customers", "/merges/{merge_id}") => {
                        let id = self.made(&format!("{path}/merges"), merge).await;
                        Call::to(format!("{path}/merges/{id}"))
                    }
                    _ => unknown(operation),
                }
            }
        }
    }

    async fn about_hours(&self, operation: &str) -> Call {
        let schedule = json!({
            "name": operation, "zone": "Europe/Berlin",
            "hours": { "monday": [{ "from": "09:00", "to": "17:00" }] },
        });
        let policy = json!({ "name": operation, "targets": { "normal": { "first_reply_min": 60 } } });
        match operation {
            "post /schedules" => Call::with("/schedules", schedule),
            "put /schedules/{id}" => Call::with(
                format!("/schedules/{}", self.made("/schedules", schedule.clone()).await),
                schedule,
            ),
            "delete /schedules/{id}" => {
                Call::to(format!("/schedules/{}", self.made("/schedules", schedule).await))
            }
            "post /sla-policies" => Call::with("/sla-policies", policy),
            "put /sla-policies/{id}" => {
                let path = format!("/sla-policies/{}", self.made("/sla-policies", policy.clone()).await);
                Call::with(path, policy)
            }
            "delete /sla-policies/{id}" => {
                Call::to(format!("/sla-policies/{}", self.made("/sla-policies", policy).await))
            }
            "put /sla-policies/order" => {
                self.made("/sla-policies", policy).await;
                let all = self.app.get("/api/v1/sla-policies", Some(&self.key)).await.expect(200).json();
                let policies = all["policies"].as_array().expect("policies");
                let ids: Vec<&Value> = policies.iter().rev().map(|policy| &policy["id"]).collect();
                Call::with("/sla-policies/order", json!({ "ids": ids }))
            }
            other => unknown(other),
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

/// A question that waits for an editor.
async fn proposal(app: &TestApp, article: &str) -> String {
    let statement = format!(
        "INSERT INTO proposed_questions (id, article_id, locale, question, n_askers, confidence, state, created_at_ms) \
         VALUES ('TQ', '{article}', 'en', 'how?', 3, 0.5, 'proposed', 0)"
    );
    super::behind_its_back(app, &statement).await;
    "TQ".to_owned()
}

/// Does what a person does to themselves, in a browser of theirs.
async fn as_dee(operation: &str, method: &str) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = with_dee(&app).await;
    let none = (String::new(), None);
    let (browser, (at, body)) = match operation {
        "put /me/password" => {
            let new =
                json!({ "current_password": second_factor::PASSWORD, "password": "eight grey geese fly" });
            (first_step(&app).await.0, (String::new(), Some(new)))
        }
        "delete /me/sessions" => (first_step(&app).await.0, none),
        "delete /me/sessions/{id}" => {
            let other = first_step(&app).await.0;
            let sessions = other.get("/api/v1/me/sessions").await.expect(200).json();
            let session = sessions["sessions"][0]["id"].as_str().expect("an id").to_owned();
            (first_step(&app).await.0, (session, None))
        }
        "post /me/totp" => (first_step(&app).await.0, none),
        "put /me/totp" => {
            let browser = first_step(&app).await.0;
            let new = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
            let code = code(&app, new["secret"].as_str().expect("a secret"), 0);
            (browser, (String::new(), Some(json!({ "code": code }))))
        }
        "post /me/totp/removal" => {
            let (browser, secret, _) = enrolled(&app).await;
            (browser, (String::new(), Some(json!({ "code": code(&app, &secret, 0) }))))
        }
        "delete /users/{id}/totp" => (enrolled(&app).await.0, (id, None)),
        other => unknown(other),
    };
    let (_, path) = operation.split_once(' ').expect("a method and a path");
    let path = format!("/api/v1{}", path.replace("{id}", &at));
    let last = entries(&app, &key, "?limit=1").await[0]["seq"].as_i64().expect("a number");
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let is_own = path.contains("/me/");
    let answer = match is_own {
        true => browser.send(method, &path, body, &[]).await,
        false => app.send(method, &path, Some(&key), body, &[]).await,
    };
    assert!(answer.status.is_success(), "{operation}: {}", answer.text);
    let new = entries(&app, &key, "?limit=1").await.remove(0);
    assert!(new["seq"].as_i64() > Some(last), "{operation} left no entry in the audit log");
    let actor = if is_own { "person" } else { "key" };
    assert_eq!((&new["actor"]["kind"], &new["door"]), (&json!(actor), &json!("api")), "{operation}: {new}");
}

fn unknown(operation: &str) -> ! {
    panic!("{operation}: say here how it is done, or in UNRECORDED why it leaves no entry in the audit log")
}
