//! How the operations on tickets are done, and what is made for them before.

use axum::http::Method;
use domain::Principal;
use serde_json::json;
use tests::PASSWORD;

use super::{Call, World, unknown};

impl World {
    pub(super) async fn about_tickets(&self, operation: &str) -> Call {
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

    pub(super) async fn about_handling(&self, operation: &str, ticket: &str) -> Call {
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
}
