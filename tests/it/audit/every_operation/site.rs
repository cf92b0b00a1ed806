//! How the operations on articles, webhooks, hours and the settings of the site are done.

use axum::http::Method;
use serde_json::{Value, json};
use tests::TestApp;

use super::{Call, World, unknown};
use crate::audit::behind_its_back;

impl World {
    pub(super) async fn about_articles(&self, operation: &str) -> Call {
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

    pub(super) async fn about_webhooks(&self, operation: &str) -> Call {
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

    pub(super) async fn about_the_site(&self, operation: &str) -> Call {
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

    pub(super) async fn about_hours(&self, operation: &str) -> Call {
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
}

/// A question that waits for an editor.
async fn proposal(app: &TestApp, article: &str) -> String {
    let statement = format!(
        "INSERT INTO proposed_questions (id, article_id, locale, question, n_askers, confidence, state, created_at_ms) \
         VALUES ('TQ', '{article}', 'en', 'how?', 3, 0.5, 'proposed', 0)"
    );
    behind_its_back(app, &statement).await;
    "TQ".to_owned()
}
