//! `kill -9` while agents and admins work: every acknowledged write is there, and every event is told, in order per ticket.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    caller::Caller,
    program::{Folder, Server},
    serve::get,
    work::{Acknowledged, Known, make_things, work_tickets},
};

#[tokio::test]
async fn what_agents_and_admins_did_is_there_after_a_crash() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 1000000\n");
    let key = folder.key("admin,kb:read,kb:write,tickets:read,tickets:write");
    let known = Known::default();
    for (round, after_ms) in [300, 700, 1_200].into_iter().enumerate() {
        let server = Server::start(&folder);
        let caller = Caller::new(&server, &key);
        let mut work = tokio::task::JoinSet::new();
        for _ in 0..2 {
            work.spawn(work_tickets(caller.clone(), Arc::clone(&known)));
        }
        work.spawn(make_things(caller, round * 1_000, Arc::clone(&known)));
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        server.kill();
        work.join_all().await;
    }
    let server = Server::start(&folder);
    let known = Arc::into_inner(known).expect("nobody works any more").into_inner().expect("whole");
    assert!(known.tickets.len() > 3 && known.made.len() > 8, "something was acknowledged");
    known.check(&server, &key).await;
    check_events(&server, &key, &known).await;
    assert!(server.terminate().success());
    folder.succeed(&["audit", "verify"]);
    folder.succeed(&["reindex", "--verify"]);
}

/// Each ticket's opening and each acknowledged change are told, the opening first.
async fn check_events(server: &Server, key: &str, known: &Acknowledged) {
    let follower = Caller::new(server, key);
    let path = "/api/v1/events?after=0&types=ticket_opened,ticket_changed";
    let mut stream = follower.open("GET", path, &Value::Null).await.expect("a stream");
    let mut text = String::new();
    let mut is_told = false;
    while !is_told {
        let piece = stream.chunk().await.expect("a piece").expect("the stream goes on");
        text.push_str(std::str::from_utf8(&piece).expect("text"));
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for event in text.lines().filter_map(|line| line.strip_prefix("data:")) {
            // A line that is not whole yet comes with the next piece.
            let Ok(event) = serde_json::from_str::<Value>(event) else { continue };
            let of = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            told.entry(of("ticket_id")).or_default().push(of("type"));
        }
        for kinds in told.values() {
            assert_eq!(kinds[0], "ticket_opened", "{kinds:?}");
        }
        is_told = known.tickets.iter().all(|(id, (_, revision))| {
            told.get(id).is_some_and(|kinds| i64::try_from(kinds.len()).expect("few") >= *revision)
        });
    }
}

/// Some rounds of the worker.
const BULK_TICKETS: usize = 120;

#[tokio::test]
async fn a_bulk_job_that_was_killed_changes_each_ticket_once() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 1000000\n");
    let key = folder.key("tickets:read,tickets:write");
    let mut server = Server::start(&folder);
    let caller = Caller::new(&server, &key);
    let mut tickets = vec![];
    for _ in 0..BULK_TICKETS {
        let opened = caller.ask("POST", "/api/v1/tickets", json!({ "body": "It is broken." })).await;
        tickets.push(opened.expect("the server is there")["id"].as_str().expect("an id").to_owned());
    }
    let actions = json!([{ "type": "add_note", "body": "Done." }, { "type": "add_tags", "tags": ["once"] }]);
    let new = json!({ "filter": "status:new,open", "actions": actions });
    let job = caller.ask("POST", "/api/v1/bulk-jobs", new).await.expect("the server is there");
    let path = format!("/api/v1/bulk-jobs/{}", job["id"].as_str().expect("an id"));
    let mut n_done = 0;
    for round in 0..3 {
        // Killed as soon as it has gone on, wherever it is then.
        let job = until(&server, &path, &key, |job| job["n_done"].as_u64() > Some(n_done)).await;
        n_done = job["n_done"].as_u64().expect("a number");
        assert!(round > 0 || job["state"] == "running", "it is killed while it runs: {job}");
        server.kill();
        server = Server::start(&folder);
    }
    let job = until(&server, &path, &key, |job| job["state"] == "finished").await;
    assert_eq!(job["n_done"].as_u64(), Some(BULK_TICKETS as u64), "{job}");
    for id in &tickets {
        let ticket = get(&server, &format!("/api/v1/tickets/{id}"), Some(&key)).await;
        let said = ticket["messages"].as_array().expect("messages").iter();
        assert_eq!(said.filter(|said| said["body"] == "Done.").count(), 1, "{ticket}");
        let history = ticket["history"].as_array().expect("a history").iter();
        assert_eq!(history.filter(|entry| entry["field"] == "bulk_job").count(), 1, "{ticket}");
        assert_eq!(ticket["tags"], json!(["once"]), "{ticket}");
    }
    assert!(server.terminate().success());
    folder.succeed(&["audit", "verify"]);
}

/// A job, once this is true of it.
async fn until(server: &Server, path: &str, key: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    loop {
        let job = get(server, path, Some(key)).await;
        let is_open = ["waiting", "running"].iter().any(|state| job["state"] == *state);
        if is_so(&job) || !is_open {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
