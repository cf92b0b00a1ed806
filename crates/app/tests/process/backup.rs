//! A backup while the server works: whole, and the same again where it is restored.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

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
