//! Agents and admins who keep a server busy, and write down what it acknowledged.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::{
    caller::Caller,
    program::Server,
    serve::{get, pages},
};

/// Where something is made, and what the n-th looks like.
type Making = (&'static str, fn(usize) -> Value);

/// Things that admins make.
const MADE: [Making; 7] = [
    ("/api/v1/teams", |n| json!({ "key": format!("team-{n}"), "name": format!("Team {n}") })),
    ("/api/v1/roles", |n| json!({ "key": format!("role-{n}"), "name": "Role", "scopes": ["tickets:read"] })),
    ("/api/v1/users", |n| json!({ "name": "Ada", "email": format!("ada{n}@example.org"), "role": "agent" })),
    ("/api/v1/keys", |_| json!({ "name": "Program", "scopes": ["tickets:read"] })),
    (
        "/api/v1/fields",
        |n| json!({ "key": format!("field_{n}"), "title": "Field", "kind": { "type": "text" } }),
    ),
    (
        "/api/v1/views",
        |n| json!({ "name": format!("View {n}"), "filter": "status:open", "sharing": "everyone" }),
    ),
    ("/api/v1/articles", |n| json!({ "title": format!("Article {n}"), "locale": "en", "body": "Text." })),
];

/// So many are of all kinds, of some of which a site can have a hundred; the others are articles.
const MIXED: usize = 200;

/// What the server has acknowledged.
#[derive(Debug, Default, Clone)]
pub(crate) struct Acknowledged {
    /// Of each ticket the ids of its messages, and its revision, which counts its changes.
    pub(crate) tickets: BTreeMap<String, (Vec<String>, i64)>,
    /// Where something was made, and its id or key.
    pub(crate) made: Vec<(&'static str, String)>,
}

pub(crate) type Known = Arc<Mutex<Acknowledged>>;

impl Acknowledged {
    /// Checks that all of it is there.
    pub(crate) async fn check(&self, server: &Server, key: &str) {
        for (id, (messages, revision)) in &self.tickets {
            let ticket = get(server, &format!("/api/v1/tickets/{id}"), Some(key)).await;
            assert!(ticket["revision"].as_i64() >= Some(*revision), "{revision} of {ticket}");
            let said = ticket["messages"].to_string();
            assert!(messages.iter().all(|message| said.contains(message)), "{messages:?} in {ticket}");
        }
        for (path, _) in MADE {
            let listed = Value::from(pages(server, path, key).await).to_string();
            for (_, id) in self.made.iter().filter(|(place, _)| *place == path) {
                assert!(listed.contains(&format!("\"{id}\"")), "{id} is not among {path}: {listed}");
            }
        }
    }
}

/// Opens tickets, answers, notes and changes them until the server is gone. `None` is how that ends.
pub(crate) async fn work_tickets(agent: Caller, known: Known) -> Option<()> {
    loop {
        let customer = json!({ "email": "cy@example.org" });
        let new = json!({ "body": "My printer is on fire.", "customer": customer });
        let ticket = agent.ask("POST", "/api/v1/tickets", new).await?;
        let id = ticket["id"].as_str()?;
        keep(&known, id, None, ticket["revision"].as_i64()?);
        let path = format!("/api/v1/tickets/{id}");
        for kind in ["reply", "note", "reply"] {
            let message = json!({ "kind": kind, "body": "Pour water on it." });
            let message = agent.ask("POST", &format!("{path}/messages"), message).await?;
            keep(&known, id, message["id"].as_str(), 0);
        }
        for change in
            [json!({ "priority": "urgent" }), json!({ "tags": ["fire"] }), json!({ "status": "solved" })]
        {
            let changed = agent.ask("PATCH", &path, change).await?;
            keep(&known, id, None, changed["revision"].as_i64()?);
        }
    }
}

fn keep(known: &Known, ticket: &str, message: Option<&str>, revision: i64) {
    let mut known = known.lock().expect("nobody panicked");
    let (messages, last) = known.tickets.entry(ticket.to_owned()).or_default();
    messages.extend(message.map(ToOwned::to_owned));
    *last = revision.max(*last);
}

/// Makes one thing after the other, numbered from here on, until the server is gone.
pub(crate) async fn make_things(admin: Caller, first: usize, known: Known) -> Option<()> {
    for n in first.. {
        let (path, body) = if n < first + MIXED { MADE[n % MADE.len()] } else { MADE[MADE.len() - 1] };
        let made = admin.ask("POST", path, body(n)).await?;
        let id = made["id"].as_str().or_else(|| made["key"].as_str()).expect("a name");
        known.lock().expect("nobody panicked").made.push((path, id.to_owned()));
    }
    None
}
