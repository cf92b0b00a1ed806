//! `askwell serve`: starting, ending, and working beside other commands.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::program::{Folder, Server};

const PASSWORD: &str = "# Reset your password\n\nOpen the sign-in page and choose **Forgot password**.\n";

/// Looks taken, 100 ms apart, at what the server should notice by itself: 30 s is the promise.
const LOOKS_MAX: usize = 300;

pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

pub(crate) async fn get(server: &Server, path: &str, key: Option<&str>) -> Value {
    let mut request = client().get(format!("{}{path}", server.base));
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    request.send().await.expect("an answer").json().await.expect("JSON")
}

/// All pages of a list.
pub(crate) async fn pages(server: &Server, path: &str, key: &str) -> Vec<Value> {
    let mut pages = vec![];
    let mut after = String::new();
    loop {
        let page = get(server, &format!("{path}{after}"), Some(key)).await;
        let next = page["next"].as_str().map(|next| format!("?after={next}"));
        pages.push(page);
        match next {
            Some(next) => after = next,
            None => return pages,
        }
    }
}

#[tokio::test]
async fn sigterm_ends_it_with_connections_open_and_gives_the_data_back() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    let server = Server::start(&folder);
    let client = client();
    for path in ["/healthz", "/readyz", "/", "/a/password"] {
        assert_eq!(
            client.get(format!("{}{path}", server.base)).send().await.expect("an answer").status(),
            200,
            "{path}"
        );
    }
    // Requests that never go on: without a byte, with half a head, without their body.
    let halves = [
        "",
        "GET / HTTP/1.1\r\nhost:",
        "POST /api/v1/conversations HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n",
    ]
    .map(|half| {
        let address = server.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connected");
        stream.write_all(half.as_bytes()).expect("sent");
        stream
    });
    let status = server.terminate();
    assert_eq!(status.code(), Some(0), "{status}");
    drop(halves);
    folder.succeed(&["reindex", "--verify"]);
    assert!(Server::start(&folder).terminate().success());
}

#[tokio::test]
async fn who_never_ends_a_request_is_hung_up_on() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let mut slow = TcpStream::connect(server.base.trim_start_matches("http://")).expect("connected");
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").expect("sent");
    let mut answer = Vec::new();
    // Returns when the server closes the connection, which is the point.
    slow.read_to_end(&mut answer).expect("the end");
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(
        client().get(format!("{}/healthz", server.base)).send().await.expect("an answer").status(),
        200
    );
}

#[tokio::test]
async fn an_import_beside_a_running_server_is_found_by_it() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    folder.import("password.md", PASSWORD);
    for _ in 0..LOOKS_MAX {
        let found = get(&server, "/api/v1/search?q=reset+password", None).await;
        if found["hits"][0]["slug"] == "password" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server never finds it");
}

#[tokio::test]
async fn the_watchdog_runs_by_itself() {
    let folder = Folder::new();
    folder.write("data/askwell.toml", "[handoff]\noffer_deadline_s = 1\n");
    let server = Server::start(&folder);
    let (id, token) = open(&server).await;
    let turns = format!("{}/api/v1/conversations/{id}/turns", server.base);
    let question = json!({ "text": "How do I reset my password?" });
    let said = client().post(turns).bearer_auth(&token).json(&question).send().await.expect("an answer");
    let said: Value = said.json().await.expect("JSON");
    assert_eq!(said["handoff"]["reason"], "abstained", "{said}");
    for _ in 0..LOOKS_MAX {
        let read = get(&server, &format!("/api/v1/conversations/{id}"), Some(&token)).await;
        if read["state"] == "ticketed" {
            assert_eq!(read["ticket_number"], 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the offer is never opened");
}

#[tokio::test]
async fn the_first_admin_signs_in_once_by_the_printed_link() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let line = server.says("sign in once");
    let link = &line[line.find("http").expect("a link")..];
    let path = link.trim_start_matches(&server.base);
    assert!(path.starts_with("/app/sign-in?token="), "{line}");
}

pub(crate) async fn open(server: &Server) -> (String, String) {
    let body = json!({ "locale": "en" });
    let opened = client().post(format!("{}/api/v1/conversations", server.base)).json(&body).send().await;
    let opened: Value = opened.expect("an answer").json().await.expect("JSON");
    let part = |name: &str| opened[name].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    (part("id"), part("token"))
}

#[tokio::test]
async fn the_demo_fills_an_empty_folder_once() {
    let folder = Folder::new();
    let key = folder.key("kb:read,tickets:read");
    let mut before = None;
    for _ in 0..2 {
        let server = Server::start_with(&folder, &["--demo"]);
        let counted = get(&server, "/api/v1/tickets/count", Some(&key)).await;
        assert!(counted["n"].as_u64() >= Some(200), "{counted}");
        let unsolved =
            get(&server, "/api/v1/tickets?filter=status:new,open,pending,on_hold", Some(&key)).await;
        assert!(unsolved["tickets"].as_array().map(Vec::len) > Some(10), "a queue to work on: {unsolved}");
        let teams = get(&server, "/api/v1/teams", Some(&key)).await;
        assert_eq!(teams["teams"].as_array().map(Vec::len), Some(3), "{teams}");
        let ruled = get(&server, "/api/v1/tickets?filter=tag:enterprise", Some(&key)).await;
        assert!(ruled["tickets"].as_array().map(Vec::len) > Some(10), "a rule has acted: {ruled}");
        let shelves = get(&server, "/api/v1/collections", None).await;
        let n_articles: u64 = shelves["collections"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|shelf| shelf["n_articles"].as_u64())
            .sum();
        assert!(n_articles >= 30, "{shelves}");
        let found = get(&server, "/api/v1/search?q=import+markdown", None).await;
        assert!(found["hits"].to_string().contains("\"import-markdown\""), "{found}");
        assert!(server.terminate().success());
        let made = (n_articles, counted["n"].as_u64());
        assert!(before.is_none_or(|before| before == made), "a second start adds nothing");
        before = Some(made);
    }
}

#[tokio::test]
async fn the_demo_leaves_a_folder_with_articles_alone() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    let key = folder.key("kb:read,tickets:read");
    let server = Server::start_with(&folder, &["--demo"]);
    let articles = get(&server, "/api/v1/articles", Some(&key)).await;
    assert_eq!(articles["articles"].as_array().map(Vec::len), Some(1));
    let tickets = get(&server, "/api/v1/tickets", Some(&key)).await;
    assert_eq!(tickets["tickets"].as_array().map(Vec::len), Some(0));
}
