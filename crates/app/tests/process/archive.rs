//! `askwell archive`: beside a running server, and killed in between.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use serde_json::{Value, json};

use crate::{
    program::{Folder, Server},
    serve::{client, get},
};

/// Enough for several rounds.
const N_TICKETS: usize = 1_200;

/// What an export says of each ticket: its number, and how much is in it.
fn exported(folder: &Folder, name: &str) -> BTreeSet<(i64, usize, bool)> {
    let to = folder.path(name);
    folder.succeed(&["export", &to]);
    let text = std::fs::read_to_string(format!("{to}/tickets.jsonl")).expect("tickets");
    let all: Vec<(i64, usize, bool)> = text
        .lines()
        .map(|line| {
            let ticket: Value = serde_json::from_str(line).expect("JSON");
            let n = ticket["messages"].as_array().expect("messages").len();
            (ticket["number"].as_i64().expect("a number"), n, ticket["archived_at"].is_string())
        })
        .collect();
    let set: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(all.len(), set.len(), "no ticket twice");
    set
}

fn without_place(all: &BTreeSet<(i64, usize, bool)>) -> BTreeSet<(i64, usize)> {
    all.iter().map(|(number, n, _)| (*number, *n)).collect()
}

#[tokio::test]
async fn an_archive_that_was_killed_goes_on_and_a_server_reads_it() {
    let folder = Folder::new();
    folder.succeed(&["bench", "seed", "--tickets", &N_TICKETS.to_string()]);
    let before = exported(&folder, "before");
    assert_eq!(before.len(), N_TICKETS);
    let now = ["--before", "2100-01-01"];
    let n_all = folder.json(&[&["archive", "--dry-run"], &now[..]].concat())["n_to_archive"].as_u64();
    let n_all = n_all.expect("a number");
    assert!(n_all > 500, "{n_all}");
    for after_ms in [60, 120, 240] {
        let mut archive = folder
            .command(&[&["archive"], &now[..]].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(after_ms));
        archive.kill().expect("it is killed");
        archive.wait().expect("it ends");
    }
    let key = folder.key("tickets:read,tickets:write");
    let server = Server::start(&folder);
    folder.succeed(&[&["archive"], &now[..]].concat());
    assert_eq!(folder.json(&[&["archive"], &now[..]].concat()), json!({ "n_archived": 0 }));
    let after = exported(&folder, "after");
    assert_eq!(without_place(&after), without_place(&before), "nothing is lost and nothing doubled");
    let archived: Vec<i64> = after.iter().filter(|ticket| ticket.2).map(|ticket| ticket.0).collect();
    assert_eq!(archived.len() as u64, n_all);

    let number = archived[0].to_string();
    let ticket = get(&server, &format!("/api/v1/tickets/{number}"), Some(&key)).await;
    assert!(
        ticket["archived_at"].is_string() && ticket["messages"].as_array().is_some_and(|all| all.len() == 3)
    );
    folder.succeed(&["archive", "restore", &number]);
    let back = get(&server, &format!("/api/v1/tickets/{number}"), Some(&key)).await;
    assert_eq!((&back["archived_at"], &back["messages"]), (&Value::Null, &ticket["messages"]));
    let note = client()
        .post(format!("{}/api/v1/tickets/{}/messages", server.base, back["id"].as_str().expect("an id")))
        .bearer_auth(&key)
        .json(&json!({ "kind": "note", "body": "Seen." }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(note.status(), 201);
    assert!(server.terminate().success());
    folder.succeed(&["reindex", "--verify"]);
    folder.succeed(&["audit", "verify"]);

    let wrong = folder.run(&["archive"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("--older-than-days"), "{}", wrong.err);
    let nothing = folder.run(&["archive", "restore", "999999"]);
    assert!(nothing.code == Some(1) && nothing.err.contains("no ticket 999999"), "{}", nothing.err);
}
