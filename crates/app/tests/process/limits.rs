//! Floods and a full disk: a clear refusal, and everything else goes on.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    program::{Folder, Server},
    serve::client,
};

/// Bytes of the small disk: room for an empty database, its index and a few articles.
const DISK_BYTES: usize = 16 << 20;
/// Set aside at first, to be freed when the disk is full.
const BALLAST_BYTES: usize = 8 << 20;
/// Articles tried before the test gives up filling the disk.
const ARTICLES_MAX: usize = 200;

#[tokio::test]
async fn an_address_that_floods_is_told_when_to_come_back() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 5\n");
    let server = Server::start(&folder);
    let client = client();
    let mut refused = None;
    for _ in 0..100 {
        let answer =
            client.get(format!("{}/api/v1/search?q=x", server.base)).send().await.expect("an answer");
        if answer.status() != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let wait_s: u32 =
        refused.headers()["retry-after"].to_str().ok().and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    for path in ["/healthz", "/readyz"] {
        let healthy = client.get(format!("{}{path}", server.base)).send().await.expect("an answer");
        assert_eq!(healthy.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_keeps_what_was_promised_and_recovers() {
    let folder = Folder::new();
    let Some(_disk) = Disk::mount(&folder) else {
        println!("skipped: a small disk can only be mounted by root");
        return;
    };
    let ballast = folder.write("data/ballast", vec![0; BALLAST_BYTES]);
    let key = folder.key("kb:read,kb:write");
    let server = Server::start(&folder);
    let mut kept = Vec::new();
    let mut refused = None;
    for n in 0..ARTICLES_MAX {
        let (status, answer) = publish(&server, &key, n).await;
        if status.is_success() {
            kept.push(n);
        } else {
            refused = Some((status, answer));
            break;
        }
    }
    let (status, answer) = refused.expect("the disk is full at last");
    assert!(status == 507 || status == 503, "{status}: {answer}");
    assert!(!kept.is_empty(), "something fitted");
    check_kept(&server, &kept).await;

    std::fs::remove_file(ballast).expect("removed");
    let (status, answer) = publish(&server, &key, ARTICLES_MAX).await;
    assert!(status.is_success(), "there is room again: {status}: {answer}");
    kept.push(ARTICLES_MAX);
    check_kept(&server, &kept).await;
    assert!(server.terminate().success());
    folder.succeed(&["reindex", "--verify"]);
}

async fn publish(server: &Server, key: &str, n: usize) -> (StatusCode, Value) {
    let body = format!("Word{n} is on every line of this.\n\n").repeat(2_000);
    let article =
        json!({ "title": format!("Word{n}"), "slug": format!("word{n}"), "locale": "en", "body": body });
    let written = client().post(format!("{}/api/v1/articles", server.base)).bearer_auth(key).json(&article);
    let written = written.send().await.expect("an answer");
    let (status, answer) = (written.status(), written.json::<Value>().await.expect("JSON"));
    let Some(id) = answer["id"].as_str() else { return (status, answer) };
    let published =
        client().put(format!("{}/api/v1/articles/{id}/publication", server.base)).bearer_auth(key);
    let published = published.send().await.expect("an answer");
    (published.status(), published.json().await.expect("JSON"))
}

async fn check_kept(server: &Server, kept: &[usize]) {
    for path in
        ["/healthz".to_owned(), "/".to_owned()].into_iter().chain(kept.iter().map(|n| format!("/a/word{n}")))
    {
        let page = client().get(format!("{}{path}", server.base)).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::OK, "{path}");
    }
}

/// A small disk under the data directory, until it is dropped.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(folder: &Folder) -> Option<Self> {
        std::fs::create_dir_all(folder.data()).expect("made");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={DISK_BYTES}"), "tmpfs"]).arg(folder.data());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder.data()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
