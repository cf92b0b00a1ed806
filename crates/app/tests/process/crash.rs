//! `kill -9` at any moment: what was acknowledged is there, nothing is doubled, the index converges.

use std::{
    collections::BTreeSet,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    caller::Caller,
    program::{Folder, Server},
    serve::{client, get, pages},
};

/// Two batches of an import and a bit.
const N_DOCUMENTS: usize = 450;

#[test]
fn an_import_that_was_killed_goes_on_where_it_stopped() {
    let folder = Folder::new();
    let lines: Vec<String> = (0..N_DOCUMENTS)
        .map(|n| json!({ "_id": format!("doc-{n}"), "title": format!("Part {n}"), "text": format!("Part {n} is in drawer {}.", n * 7) }).to_string())
        .collect();
    let corpus = folder.write("corpus.jsonl", lines.join("\n"));
    for after_ms in [150, 400, 800, 1_600] {
        let mut import = folder
            .command(&["import", &corpus])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(after_ms));
        import.kill().expect("it is killed");
        import.wait().expect("it ends");
    }
    let summary = folder.json(&["import", &corpus]);
    let count = |name: &str| summary[name].as_u64().expect("a number") as usize;
    assert_eq!(count("n_new") + count("n_unchanged"), N_DOCUMENTS, "{summary}");
    assert_eq!((count("n_changed"), count("n_refused")), (0, 0), "{summary}");
    let report = folder.json(&["reindex", "--verify"]);
    assert!(report.is_object(), "{report}");
    for n in [0, 199, 200, N_DOCUMENTS - 1] {
        let found = folder.json(&["search", &format!("part {n}")]);
        assert_eq!(found["hits"][0]["external_id"], format!("doc-{n}"), "{found}");
    }
}

/// What the server has acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// Slugs of published articles.
    published: BTreeSet<String>,
    /// Ids of articles that were withdrawn.
    withdrawn: BTreeSet<String>,
    /// Conversation and its ticket's number.
    handed_over: Vec<(String, i64)>,
    /// Conversations and their tokens.
    opened: Vec<(String, String)>,
}

#[tokio::test]
async fn a_server_that_was_killed_has_kept_its_word() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 1000000\n");
    let key = folder.key("kb:read,kb:write,tickets:read,tickets:write");
    let known = Arc::new(Mutex::new(Acknowledged::default()));
    for (round, after_ms) in [250, 500, 900].into_iter().enumerate() {
        let server = Server::start(&folder);
        let mut work = tokio::task::JoinSet::new();
        for worker in 0..2 {
            let visitor = Visitor::new(&server, &key, &known);
            work.spawn(async move { visitor.hand_over().await });
            let editor = Visitor::new(&server, &key, &known);
            work.spawn(async move { editor.publish(&format!("{round}-{worker}")).await });
        }
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        server.kill();
        work.join_all().await;
    }
    let server = Server::start(&folder);
    let known = Arc::into_inner(known).expect("nobody works any more").into_inner().expect("whole");
    assert!(!known.published.is_empty() && !known.handed_over.is_empty(), "something was acknowledged");
    check_articles(&server, &known).await;
    check_tickets(&server, &key, &known).await;
    assert!(server.terminate().success());
    folder.succeed(&["reindex", "--verify"]);
}

async fn check_articles(server: &Server, known: &Acknowledged) {
    for slug in &known.published {
        let page = client().get(format!("{}/a/{slug}", server.base)).send().await.expect("an answer");
        let expected = if known.withdrawn.contains(slug) { 404 } else { 200 };
        assert_eq!(page.status(), expected, "{slug}");
    }
}

async fn check_tickets(server: &Server, key: &str, known: &Acknowledged) {
    // Whoever was cut off asks again; nobody gets a second ticket.
    for (id, token) in &known.opened {
        let url = format!("{}/api/v1/conversations/{id}/handoff", server.base);
        let handed = client().post(url).bearer_auth(token).json(&json!({})).send().await.expect("an answer");
        let handed: Value = handed.json().await.expect("JSON");
        for (_, number) in known.handed_over.iter().filter(|(conversation, _)| conversation == id) {
            assert_eq!(handed["ticket_number"], *number, "{handed}");
        }
    }
    let mut conversations = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    for page in pages(server, "/api/v1/tickets", key).await {
        for ticket in page["tickets"].as_array().expect("tickets") {
            let conversation = ticket["conversation_id"].as_str().expect("an id").to_owned();
            assert!(conversations.insert(conversation), "a second ticket for one conversation: {ticket}");
            assert!(numbers.insert(ticket["number"].as_i64()), "a number twice: {ticket}");
        }
    }
    for (conversation, number) in &known.handed_over {
        let ticket = get(server, &format!("/api/v1/tickets/{number}"), Some(key)).await;
        assert_eq!(ticket["conversation_id"], conversation.as_str(), "{ticket}");
        assert!(ticket["messages"].to_string().contains("Please call me."), "{ticket}");
    }
}

/// Somebody who keeps the server busy until it is gone, and writes down what it promised.
struct Visitor {
    editor: Caller,
    known: Arc<Mutex<Acknowledged>>,
}

impl Visitor {
    fn new(server: &Server, key: &str, known: &Arc<Mutex<Acknowledged>>) -> Self {
        Self { editor: Caller::new(server, key), known: Arc::clone(known) }
    }

    async fn hand_over(&self) -> Option<()> {
        loop {
            let opened =
                self.editor.with("").ask("POST", "/api/v1/conversations", json!({ "locale": "en" })).await?;
            let (id, token) = (opened["id"].as_str()?.to_owned(), opened["token"].as_str()?.to_owned());
            self.known().opened.push((id.clone(), token.clone()));
            let path = format!("/api/v1/conversations/{id}/handoff");
            let message = json!({ "message": "Please call me." });
            let handed = self.editor.with(&token).ask("POST", &path, message).await?;
            let number = handed["ticket_number"].as_i64()?;
            self.known().handed_over.push((id, number));
        }
    }

    async fn publish(&self, name: &str) -> Option<()> {
        for n in 0.. {
            let slug = format!("article-{name}-{n}");
            let article =
                json!({ "title": slug, "slug": slug, "locale": "en", "body": format!("About {slug}.") });
            let written = self.editor.ask("POST", "/api/v1/articles", article).await?;
            let path = format!("/api/v1/articles/{}/publication", written["id"].as_str()?);
            self.editor.ask("PUT", &path, Value::Null).await?;
            self.known().published.insert(slug.clone());
            if n % 3 == 2 {
                // Whether a withdrawal that was cut off happened, nobody was told.
                self.known().published.remove(&slug);
                self.editor.ask("DELETE", &path, Value::Null).await?;
                let mut known = self.known();
                known.published.insert(slug.clone());
                known.withdrawn.insert(slug);
            }
        }
        None
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Acknowledged> {
        self.known.lock().expect("nobody panicked")
    }
}
