//! How the operations on people, customers, organisations and segments are done.

use serde_json::json;

use super::{Call, World, unknown};

impl World {
    pub(super) async fn about_people(&self, operation: &str) -> Call {
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

    pub(super) async fn about_customers(&self, operation: &str) -> Call {
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
}
