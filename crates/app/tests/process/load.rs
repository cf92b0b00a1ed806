//! Fifty agents at once, none of whom waits for the others: nothing fails, every event reaches every stream, memory stays
//! flat.
//!
//! Optimised, it is the full load of a minute, and it prints how long requests took from when they were due:
//! `cargo nextest run --release -p app --no-capture -E 'test(fifty_agents)'`.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    caller::Caller,
    program::{Folder, Server},
};

/// Who works, each with a key and a stream of events.
const AGENTS: usize = 50;
/// Requests of a second, of which each sixth writes.
const PER_SECOND: u32 = if cfg!(debug_assertions) { 24 } else { 120 };
const READS_PER_WRITE: usize = 5;
const SECONDS: u32 = if cfg!(debug_assertions) { 6 } else { 60 };
/// Tickets that are there before.
const TICKETS: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };
/// Looks, 100 ms apart, until the server is ready or the last event has come.
const LOOKS_MAX: usize = 1_200;
/// What memory may grow by while the load stays the same: index segments and caches come and go.
const GROWTH_MAX_MB: u64 = 64;

/// Ticket ids, and the place of the newest event.
type Heard = Arc<Mutex<(BTreeSet<String>, i64)>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_agents_at_once_meet_no_error() {
    let folder = Folder::new();
    let tickets = TICKETS.to_string();
    folder.write("data/askwell.toml", "[server]\nrequests_per_minute = 1000000\n");
    folder.succeed(&["bench", "seed", "--tickets", &tickets]);
    let admin = folder.key("admin,tickets:read,tickets:write");
    let server = Server::start(&folder);
    let admin = Caller::new(&server, &admin);
    wait_until_ready(&admin).await;
    let agents = agents(&admin).await;
    let heard: Vec<Heard> = agents.iter().map(|_| Heard::default()).collect();
    let mut streams = JoinSet::new();
    for (agent, heard) in agents.iter().zip(&heard) {
        let stream = agent.open("GET", "/api/v1/events", &Value::Null).await.expect("an answer");
        assert_eq!(stream.status(), 200);
        streams.spawn(follow(stream, Arc::clone(heard)));
    }
    let open = admin.ask("GET", "/api/v1/tickets?filter=status:open&limit=100", Value::Null).await;
    let open = open.expect("tickets");
    let ids = open["tickets"].as_array().expect("tickets").iter().filter_map(|ticket| ticket["id"].as_str());
    let ids: Arc<Vec<String>> = Arc::new(ids.map(ToOwned::to_owned).collect());

    let (mut requests, mut memory) = (JoinSet::new(), vec![]);
    let started = Instant::now();
    for n in 0..(PER_SECOND * SECONDS) as usize {
        let due = started + Duration::from_secs(1) / PER_SECOND * u32::try_from(n).expect("few");
        tokio::time::sleep_until(due).await;
        if n % PER_SECOND as usize == 0 {
            memory.push(resident_mb(&server));
        }
        let (agent, ids) = (agents[n % AGENTS].clone(), Arc::clone(&ids));
        requests.spawn(async move {
            let opened = request(&agent, n, &ids).await;
            (due.elapsed(), n % (READS_PER_WRITE + 1) == 0, opened)
        });
    }
    let done = requests.join_all().await;
    memory.push(resident_mb(&server));
    let opened: BTreeSet<String> = done.iter().filter_map(|(_, _, opened)| opened.clone()).collect();
    assert!(!opened.is_empty());
    for heard in &heard {
        let mut n_looks = 0;
        while !opened.is_subset(&heard.lock().expect("whole").0) {
            n_looks += 1;
            assert!(n_looks < LOOKS_MAX, "an event is missing");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    // The first seconds fill caches.
    let (early, late) = memory.split_at(memory.len() / 2);
    let (early, late) = (early.iter().max().expect("a look"), late.iter().max().expect("a look"));
    assert!(*late <= early + GROWTH_MAX_MB, "memory grows: {memory:?} MB");
    for (kind, is_write) in [("reads", false), ("writes", true)] {
        let mut times: Vec<Duration> =
            done.iter().filter(|(_, writes, _)| *writes == is_write).map(|(time, ..)| *time).collect();
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!("{} {kind}: p50 {:.1?}, p95 {:.1?}, p99 {:.1?}", times.len(), at(50), at(95), at(99));
    }
    println!("{} tickets opened, memory {memory:?} MB", opened.len());
    let said = server.said();
    // A machine with other work makes requests wait, which is told as a warning.
    let failed = |line: &String| line.contains("ERROR") || line.contains("locked") || line.contains("busy");
    assert!(!said.iter().any(failed), "{said:#?}");
    assert!(streams.try_join_next().is_none(), "each stream goes on");
    streams.shutdown().await;
    assert!(server.terminate().success());
    folder.succeed(&["audit", "verify"]);
}

async fn wait_until_ready(admin: &Caller) {
    for _ in 0..LOOKS_MAX {
        let found = admin.send("GET", "/api/v1/tickets/search?q=printer", &Value::Null).await;
        if found.expect("an answer").0 == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the index of tickets is never whole");
}

async fn agents(admin: &Caller) -> Vec<Caller> {
    let mut agents = vec![];
    for n in 0..AGENTS {
        let new = json!({ "name": format!("Agent {n}"), "scopes": ["tickets:read", "tickets:write"] });
        let made = admin.ask("POST", "/api/v1/keys", new).await.expect("an answer");
        agents.push(admin.with(made["secret"].as_str().expect("a secret")));
    }
    agents
}

/// The n-th request. Gives the id of the ticket that it opened.
async fn request(agent: &Caller, n: usize, ids: &[String]) -> Option<String> {
    let turn = n / (READS_PER_WRITE + 1);
    let one = format!("/api/v1/tickets/{}", ids[(n * 31) % ids.len()]);
    let (method, path, body) = match (n % (READS_PER_WRITE + 1), turn % 4) {
        (0, 0) => {
            let customer = json!({ "email": format!("customer{n}@example.org") });
            ("POST", "/api/v1/tickets".to_owned(), json!({ "body": "It burns again.", "customer": customer }))
        }
        (0, 1) => ("PATCH", one, json!({ "tags": [format!("t{n}")] })),
        (0, 2) => ("POST", format!("{one}/messages"), json!({ "kind": "note", "body": "Called them." })),
        (0, _) => ("POST", format!("{one}/messages"), json!({ "kind": "reply", "body": "We are on it." })),
        (1, _) => ("GET", "/api/v1/tickets?filter=status:new,open&sort=-updated".to_owned(), Value::Null),
        (2, _) => ("GET", format!("/api/v1/tickets/{}", 1 + n * 131 % TICKETS), Value::Null),
        (3, _) => {
            ("GET", "/api/v1/tickets/count?filter=team:support status:new,open".to_owned(), Value::Null)
        }
        (4, _) => ("GET", format!("/api/v1/tickets/search?q=topic+{turn}"), Value::Null),
        _ => ("GET", "/api/v1/tickets?filter=team:billing priority>=high&limit=50".to_owned(), Value::Null),
    };
    let is_opening = path == "/api/v1/tickets" && method == "POST";
    let answer = agent.ask(method, &path, body).await.expect("the server lives");
    is_opening.then(|| answer["id"].as_str().expect("an id").to_owned())
}

/// Hears every event, each after the one before.
async fn follow(mut stream: reqwest::Response, heard: Heard) {
    let mut text = String::new();
    while let Ok(Some(piece)) = stream.chunk().await {
        text.push_str(std::str::from_utf8(&piece).expect("text"));
        while let Some((event, rest)) = text.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data:"));
            if let Some(data) = data {
                let event: Value = serde_json::from_str(data).expect("JSON");
                let (ids, seq) = &mut *heard.lock().expect("whole");
                let next = event["seq"].as_i64().expect("a number");
                assert!(next > *seq, "{next} after {seq}");
                *seq = next;
                if event["type"] == "ticket_opened" {
                    ids.insert(event["ticket_id"].as_str().expect("an id").to_owned());
                }
            }
            text = rest.to_owned();
        }
    }
}

/// Memory of the server in megabytes; zero where the system does not say.
fn resident_mb(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}
