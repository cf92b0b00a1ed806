//! How the operations of bulk jobs, canned replies, macros and rules are done.

use serde_json::{Value, json};

use super::{Call, World, unknown};

impl World {
    pub(super) async fn about_bulk_jobs(&self, operation: &str) -> Call {
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

    pub(super) async fn about_automation(&self, operation: &str) -> Call {
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
}
