//! A backup while the server works: whole, and the same again where it is restored.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    caller::Caller,
    program::{Folder, Server},
    work::{Known, make_things, work_tickets},
};

/// Backups taken while the server works.
const BACKUPS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_all_that_was_acknowledged_before_it() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 1000000\n");
    let key = folder.key("admin,kb:read,kb:write,tickets:read,tickets:write");
    let known = Known::default();
    let server = Server::start(&folder);
    let caller = Caller::new(&server, &key);
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..2 {
        work.spawn(work_tickets(caller.clone(), Arc::clone(&known)));
    }
    work.spawn(make_things(caller, 0, Arc::clone(&known)));
    let mut backups = vec![];
    for n in 0..BACKUPS {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = known.lock().expect("nobody panicked").clone();
        let to = folder.path(&format!("backup-{n}"));
        tokio::task::block_in_place(|| folder.succeed(&["backup", &to]));
        backups.push((before, to));
    }
    assert!(work.try_join_next().is_none(), "the work went on");
    work.shutdown().await;
    assert!(server.terminate().success());
    for (before, backup) in backups {
        assert!(before.tickets.len() > 1 && before.made.len() > 1, "something was acknowledged");
        let restored = Folder::new();
        restored.succeed(&["restore", &backup]);
        let server = Server::start(&restored);
        before.check(&server, &key).await;
        assert!(server.terminate().success());
        restored.succeed(&["audit", "verify"]);
        restored.succeed(&["reindex", "--verify"]);
    }

    let last = folder.path("backup-last");
    folder.succeed(&["backup", &last]);
    let restored = Folder::new();
    restored.succeed(&["restore", &last]);
    assert_eq!(counted_and_hashed(&restored), counted_and_hashed(&folder));
}

/// How many records of each kind there are, and their SHA-256.
fn counted_and_hashed(folder: &Folder) -> Value {
    let manifest = folder.json(&["export", &folder.path("export")]);
    let files = manifest["files"].as_array().expect("files");
    assert!(files.iter().any(|file| file["n"].as_u64() > Some(1)), "{manifest}");
    manifest["files"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_messages_are_backed_up_and_restored() {
    let folder = Folder::new();
    let key = folder.key("admin,tickets:read,tickets:write");
    let server = Server::start(&folder);
    let caller = Caller::new(&server, &key);
    let file = caller.ask("POST", "/api/v1/attachments?name=a.json", json!({ "any": "content" })).await;
    let file = file.expect("it runs");
    let new = json!({ "body": "With a file.", "attachment_ids": [file["id"]] });
    caller.ask("POST", "/api/v1/tickets", new).await.expect("it runs");
    let backup = folder.path("backup.db");
    let to = backup.clone();
    let ended = tokio::task::block_in_place(|| folder.succeed(&["backup", &to]));
    assert!(ended.out.contains("1 attachments"), "{}", ended.out);
    assert!(server.terminate().success());
    assert_eq!(folder.run(&["backup", &backup]).code, Some(1), "neither of them is overwritten");

    let restored = Folder::new();
    restored.succeed(&["restore", &backup]);
    let server = Server::start(&restored);
    let path = file["url"].as_str().expect("an address");
    let (status, content) =
        Caller::new(&server, &key).send("GET", path, &Value::Null).await.expect("it runs");
    assert_eq!((status, content), (200, json!({ "any": "content" })));
    assert!(server.terminate().success());
    let findings = restored.json(&["doctor"]);
    let findings = findings.as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["check"] == "attachments").expect("it is checked");
    assert_eq!((&found["ok"], &found["found"]), (&json!(true), &json!("all 1 are there")));
    std::fs::remove_dir_all(restored.data().join("attachments")).expect("removed");
    let ended = restored.run(&["doctor"]);
    assert!(ended.code == Some(1) && ended.out.contains("1 of 1 are missing"), "{}", ended.out);
}
