//! Webhooks of a process that is killed, and of a site that lost its secret key.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    caller::Caller,
    program::{Folder, Server},
    serve::pages,
};

/// Looks taken, 100 ms apart, until everything is told: what was on its way when a process was killed comes 16 s later.
const LOOKS_MAX: usize = 600;

/// What a receiver was told: `data` of each message, in order.
type Told = Arc<Mutex<Vec<Value>>>;

/// A receiver on a free port; gives its address.
async fn receiver(told: &Told) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("its address"));
    let told = Arc::clone(told);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(receive(stream, Arc::clone(&told)));
        }
    });
    url
}

async fn receive(mut stream: TcpStream, told: Told) {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    // A message is one JSON object at the end of a request.
    let body = loop {
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => read.extend_from_slice(&piece[..n]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&read);
        let body = text.split_once("\r\n\r\n").map(|(_, body)| serde_json::from_str::<Value>(body));
        if let Some(Ok(body)) = body {
            break body;
        }
    };
    told.lock().expect("whole").push(body["data"].clone());
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
}

/// Opens tickets and changes each twice until the server is gone. `None` is how that ends.
async fn work(agent: Caller) -> Option<()> {
    loop {
        let opened = agent.with("").ask("POST", "/api/v1/conversations", json!({ "locale": "en" })).await?;
        let path = format!("/api/v1/conversations/{}/handoff", opened["id"].as_str()?);
        let visitor = agent.with(opened["token"].as_str()?);
        let handed = visitor.ask("POST", &path, json!({ "message": "Call me." })).await?;
        let path = format!("/api/v1/tickets/{}", handed["ticket_number"].as_i64()?);
        let ticket = agent.ask("GET", &path, Value::Null).await?;
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str()?);
        for priority in ["high", "urgent"] {
            agent.ask("PATCH", &path, json!({ "priority": priority })).await?;
        }
    }
}

#[tokio::test]
async fn a_server_that_was_killed_tells_everything_in_order() {
    let folder = Folder::new();
    folder.write(
        "data/askwell.toml",
        "[server]\nrequests_per_minute = 1000000\n[webhooks]\nallow = [\"127.0.0.1\"]\ntimeout_ms = 1000\n",
    );
    let key = folder.key("admin");
    let told = Told::default();
    let url = receiver(&told).await;
    let mut webhook = String::new();
    for after_ms in [300, 700, 1_100] {
        let server = Server::start(&folder);
        if webhook.is_empty() {
            let new = json!({ "url": url, "types": ["ticket_opened", "ticket_changed"] });
            let made =
                Caller::new(&server, &key).ask("POST", "/api/v1/webhooks", new).await.expect("an answer");
            webhook = format!("/api/v1/webhooks/{}", made["id"].as_str().expect("an id"));
        }
        let mut working = tokio::task::JoinSet::new();
        for _ in 0..3 {
            working.spawn(work(Caller::new(&server, &key)));
        }
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        server.kill();
        working.join_all().await;
    }
    let server = Server::start(&folder);
    let revisions = revisions(&server, &key).await;
    assert!(revisions.len() > 5, "only {} tickets", revisions.len());
    let mut n_looks = 0;
    // A ticket's opening and each revision after the first is an event.
    while let Some((ticket, revision)) = revisions.iter().find(|(ticket, revision)| {
        let seqs: BTreeSet<i64> = seqs_of(&told, ticket).into_iter().collect();
        i64::try_from(seqs.len()).expect("few") < **revision
    }) {
        n_looks += 1;
        assert!(n_looks < LOOKS_MAX, "{ticket} has {revision}: {:?}", seqs_of(&told, ticket));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for ticket in revisions.keys() {
        let seqs = seqs_of(&told, ticket);
        assert!(seqs.windows(2).all(|pair| pair[0] <= pair[1]), "in order: {seqs:?}");
    }
    assert!(server.terminate().success());
}

/// The revision of every ticket.
async fn revisions(server: &Server, key: &str) -> BTreeMap<String, i64> {
    let pages = pages(server, "/api/v1/tickets", key).await;
    let tickets = pages.iter().flat_map(|page| page["tickets"].as_array().expect("tickets"));
    tickets
        .map(|ticket| {
            let id = ticket["id"].as_str().expect("an id").to_owned();
            (id, ticket["revision"].as_i64().expect("a number"))
        })
        .collect()
}

/// The numbers of the events of a ticket that were told, in the order in which they were.
fn seqs_of(told: &Told, ticket: &str) -> Vec<i64> {
    let told = told.lock().expect("whole");
    told.iter().filter(|data| data["ticket_id"] == ticket).filter_map(|data| data["seq"].as_i64()).collect()
}

#[tokio::test]
async fn a_restored_site_says_that_its_secret_key_is_missing() {
    let folder = Folder::new();
    let key = folder.key("admin");
    let server = Server::start(&folder);
    let new = json!({ "url": "https://example.org/hook" });
    Caller::new(&server, &key).ask("POST", "/api/v1/webhooks", new).await.expect("an answer");
    let backup = folder.path("backup.db");
    folder.succeed(&["backup", &backup]);
    assert!(server.terminate().success());
    let kept = std::fs::read_to_string(folder.data().join("secret.key")).expect("it was made");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.data().join("secret.key")).expect("it is there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);

    let again = Folder::new();
    let restored = again.succeed(&["restore", &backup]);
    assert!(restored.err.contains("warning") && restored.err.contains(".attachments"), "{}", restored.err);
    let server = Server::start(&again);
    assert!(server.terminate().success(), "everything else works");
    assert!(!again.data().join("secret.key").exists(), "no new key is made where one is missed");
    let findings = again.run(&["doctor"]);
    assert_eq!(findings.code, Some(1), "{}", findings.out);
    assert!(findings.out.contains("another key") && findings.out.contains("secret.key"), "{}", findings.out);
    again.write("data/secret.key", &kept);
    assert!(again.run(&["doctor"]).out.contains("other accounts"), "what others can read is named");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(again.data().join("secret.key"), private).expect("set");
    again.succeed(&["doctor"]);
    assert!(!findings.out.contains(kept.trim()), "the key is never shown");
}
