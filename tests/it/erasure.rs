//! Erasing a customer: nothing of them is left in any file, and what is not theirs stays.

use std::path::{Path, PathBuf};

use axum::http::Method;
use domain::{Principal, Scope};
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, bold};

const NAME: &str = "Zebedee Quokkamole";
const EMAIL: &str = "zebedee@quokkamole.example";
/// Words that only this customer says.
const WORDS: [&str; 7] = [
    "flumphbucket",
    "grommelwhisk",
    "snorkelvane",
    "wibblecrank",
    "spronkfile",
    "dribblename",
    "quaffletext",
];

/// The files of a data directory, those of the index too.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The files in which a text stands, whatever the case of its letters.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut all = vec![];
    files(folder, &mut all);
    let text = text.to_lowercase();
    all.retain(|path| {
        let bytes = std::fs::read(path).unwrap().to_ascii_lowercase();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    });
    all.iter().map(|path| path.display().to_string()).collect()
}

fn personal() -> Vec<&'static str> {
    let mut texts = vec!["Zebedee", "Quokkamole", EMAIL];
    texts.extend(WORDS);
    texts
}

fn id(json: &Value) -> &str {
    json["id"].as_str().unwrap()
}

/// Fills every place that knows of a customer; gives their id and a ticket of somebody else.
async fn everywhere(app: &TestApp, key: &str) -> (String, Value) {
    app.publish(key, PASSWORD).await;
    // A conversation with turns and traces, whose ticket is solved, remembered and drafted for.
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password on the flumphbucket?").await;
    let form = json!({ "name": NAME, "email": EMAIL, "message": "My flumphbucket needs a new password." });
    let number = app.hand_off(&conversation, form).await;
    app.ask(&conversation, "The grommelwhisk is broken too.").await;
    let ticket = app.ticket(key, number).await;
    app.write(key, &ticket, "note", &format!("{NAME} called from {EMAIL}.")).await;
    app.write(
        key,
        &ticket,
        "reply",
        "Dear Zebedee Quokkamole, press the red lever. [Read](/a/reset-your-password)",
    )
    .await;
    let path = format!("/api/v1/tickets/{}", id(&ticket));
    app.post(&format!("{path}/suggestions"), Some(key), json!({})).await.expect(200);
    app.send(Method::PATCH, &path, Some(key), Some(json!({ "status": "solved" })), &[]).await.expect(200);
    app.learn().await;

    // A ticket through the API, whose response is kept for a request that is sent again.
    let new = json!({
        "subject": "Snorkelvane", "body": "The snorkelvane leaks.", "customer": { "name": NAME, "email": EMAIL },
    });
    let once = [("Idempotency-Key", "kept")];
    let opened =
        app.send(Method::POST, "/api/v1/tickets", Some(key), Some(new), &once).await.expect(201).json();
    // Files of theirs, words in HTML, and a reply that waits.
    let file = browserless_upload(app, key).await;
    let message = json!({ "kind": "note", "format": "html", "attachment_ids": [file],
        "body": "<p>Zebedee <b>Quokkamole</b> sent this.</p>" });
    let messages = format!("/api/v1/tickets/{}/messages", id(&opened));
    app.post(&messages, Some(key), message).await.expect(201);
    let waits =
        json!({ "kind": "reply", "send_at": "2026-02-01T00:00:00Z", "body": "Your quaffletext, Zebedee." });
    let once = [("Idempotency-Key", "waits")];
    app.send(Method::POST, &messages, Some(key), Some(waits), &once).await.expect(202);
    // A conversation without a ticket of its own words.
    let second = app.conversation().await;
    let form = json!({ "name": NAME, "email": EMAIL, "message": "What about the wibblecrank?" });
    app.hand_off(&second, form).await;

    // Somebody else with the same question, for whom the first ticket may be a source.
    let other = json!({
        "subject": "Password", "body": "How do I reset my password?",
        "customer": { "name": "Ann Other", "email": "ann@other.example" },
    });
    let other = app.post("/api/v1/tickets", Some(key), other).await.expect(201).json();
    app.post(&format!("/api/v1/tickets/{}/suggestions", id(&other)), Some(key), json!({})).await.expect(200);
    // A checklist that names them, and their address in copy of somebody else's ticket, once put there and once left.
    let list = Some(json!({ "items": [{ "text": "Call Zebedee Quokkamole" }] }));
    app.send(Method::PUT, &format!("{path}/checklist"), Some(key), list, &[]).await.expect(200);
    let at = format!("/api/v1/tickets/{}", id(&other));
    for cc in [json!([EMAIL]), json!([]), json!([EMAIL, "third@example.org"])] {
        app.send(Method::PATCH, &at, Some(key), Some(json!({ "cc": cc })), &[]).await.expect(200);
    }
    (opened["customer"]["id"].as_str().unwrap().to_owned(), other)
}

/// Uploads a file; gives its id.
async fn browserless_upload(app: &TestApp, key: &str) -> Value {
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/api/v1/attachments?name=dribblename.txt")
        .header("authorization", format!("Bearer {key}"));
    let answer = app.raw(request.body("The spronkfile of a customer.".into()).unwrap()).await;
    answer.expect(201).json()["id"].clone()
}

/// Closes every ticket and puts it into the archive. Gives how many there were.
async fn archive_all(app: &TestApp, key: &str) -> u64 {
    for ticket in app.tickets(key).await {
        let path = format!("/api/v1/tickets/{}", id(&ticket));
        app.send(Method::PATCH, &path, Some(key), Some(json!({ "status": "closed" })), &[]).await.expect(200);
    }
    // A reply that is still to be sent would keep its ticket; it is stopped when its time comes.
    app.clock.advance(60 * 24 * 60 * 60);
    app.desk().send_due_replies().await.unwrap();
    app.archive().await
}

#[tokio::test]
async fn nothing_is_left_of_an_erased_customer_whose_tickets_are_in_the_archive() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let (customer, other) = everywhere(&app, &key).await;
    assert_eq!(archive_all(&app, &key).await, 4);
    let path = format!("/api/v1/customers/{customer}");
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    for text in personal() {
        assert_eq!(holding(app.data(), text), Vec::<String>::new(), "{text}");
    }
    let ticket = app.ticket(&key, 1).await;
    assert_eq!((&ticket["subject"], &ticket["customer"]), (&json!("[erased]"), &Value::Null));
    let other = app.ticket(&key, other["number"].as_i64().unwrap()).await;
    assert_eq!(other["customer"]["name"], "Ann Other");
    let drafts = other["suggestions"].as_array().unwrap();
    let is_of_ticket = |draft: &Value| draft["sources"].to_string().contains("\"type\":\"ticket\"");
    assert!(
        !drafts.iter().any(is_of_ticket),
        "drafts made from their tickets are gone there too: {drafts:?}"
    );
    assert!(app.desk().verify_audit(&Principal::System).await.unwrap().broken.is_none());
}

#[tokio::test]
async fn nothing_is_left_of_an_erased_customer_in_any_file() {
    let mut app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    let (customer, other) = everywhere(&app, &key).await;
    for text in personal() {
        assert!(!holding(app.data(), text).is_empty(), "{text} was there before");
    }
    let path = format!("/api/v1/customers/{customer}");
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.problem(404);
    for text in personal() {
        assert_eq!(holding(app.data(), text), Vec::<String>::new(), "{text}");
    }

    // What they were is a number and a time, and what others wrote.
    let ticket = app.ticket(&key, 1).await;
    assert_eq!((&ticket["subject"], &ticket["customer"]), (&json!("[erased]"), &Value::Null));
    assert_eq!(ticket["status"], "solved");
    let replies = ticket["messages"].as_array().unwrap();
    assert!(replies.iter().any(|reply| reply["body"].as_str().unwrap().contains("press the red lever")));
    assert_eq!(app.ticket(&key, other["number"].as_i64().unwrap()).await["customer"]["name"], "Ann Other");
    assert_eq!(app.ticket(&key, other["number"].as_i64().unwrap()).await["cc"], json!(["third@example.org"]));
    let log = app.get("/api/v1/audit?action=customer.", Some(&key)).await.expect(200).json();
    let actions: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[0], "customer.erased");
    assert!(actions.contains(&"customer.erasure_begun"));
    assert!(app.desk().verify_audit(&Principal::System).await.unwrap().broken.is_none());

    // Nothing is learned from them again, and who writes from that address is somebody new.
    assert_eq!(app.learn().await.n_new, 0);
    app.restart().await;
    let new = json!({ "body": "Me again.", "customer": { "email": EMAIL } });
    let again = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    assert_ne!(again["customer"]["id"], json!(customer));
}

#[tokio::test]
async fn a_large_erasure_goes_on_after_the_request_and_after_a_death() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let new = || json!({ "body": "The flumphbucket again.", "customer": { "name": NAME, "email": EMAIL } });
    let first = app.post("/api/v1/tickets", Some(&key), new()).await.expect(201).json();
    for _ in 1..125 {
        app.post("/api/v1/tickets", Some(&key), new()).await.expect(201);
    }
    let path = format!("/api/v1/customers/{}", first["customer"]["id"].as_str().unwrap());
    let begun = app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(202).json();
    assert_eq!(begun["n_left"], 25);
    // From now on the address is nobody's.
    let meanwhile = app.post("/api/v1/tickets", Some(&key), new()).await.expect(201).json();
    assert_ne!(meanwhile["customer"]["id"], first["customer"]["id"]);
    app.restart().await;
    assert_eq!(app.desk().go_on_erasing().await.unwrap(), 1);
    assert_eq!(app.desk().go_on_erasing().await.unwrap(), 0);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.problem(404);
    assert_eq!(app.ticket(&key, 126).await["customer"]["name"], NAME, "another customer");
    assert_eq!(app.ticket(&key, 125).await["subject"], "[erased]");
}

#[tokio::test]
async fn only_admins_who_see_all_tickets_erase() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let new = json!({ "body": "Help.", "team": null, "customer": { "email": EMAIL } });
    let ticket = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    let path = format!("/api/v1/customers/{}", ticket["customer"]["id"].as_str().unwrap());
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    for other in [
        app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await,
        app.key_of_teams(&Scope::ALL, Some(&["sales"])).await,
    ] {
        app.send(Method::DELETE, &path, Some(&other), None, &[]).await.problem(403);
    }
    app.send(Method::DELETE, "/api/v1/customers/nobody", Some(&key), None, &[]).await.problem(404);
    assert_eq!(app.ticket(&key, 1).await["customer"]["email"], EMAIL);
}

/// A word that only this customer says, in letters that a term dictionary holds as they are.
const RARE: &str = "жукожмых";

/// The files of an index that hold [`RARE`]. Its term dictionary is a tree that is written from the ends of words to their beginnings,
/// with a byte of its own behind each byte that is not among the usual ones.
fn holding_rare(folder: &Path) -> Vec<PathBuf> {
    let inner: String = RARE.chars().skip(2).take(4).collect();
    let held: Vec<u8> = inner.bytes().rev().flat_map(|byte| [byte, 0xc0]).collect();
    let mut all = vec![];
    files(folder, &mut all);
    all.retain(|path| std::fs::read(path).unwrap().windows(held.len()).any(|window| window == held));
    all
}

#[tokio::test]
async fn erased_words_leave_the_files_of_the_text_indexes() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let new = json!({ "body": format!("The {RARE} leaks."), "customer": { "name": NAME, "email": EMAIL } });
    let first = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    let other = json!({ "body": "The printer is on fire.", "customer": { "email": "ann@other.example" } });
    app.post("/api/v1/tickets", Some(&key), other).await.expect(201);
    app.index_tickets().await;
    while !app.desk().rewrite_indexes().await.expect("a round") {}
    let tickets = app.data().join("tickets");
    assert!(!holding_rare(&tickets).is_empty(), "it was there before");
    assert_eq!(app.search_tickets(RARE, &key).await, [1]);
    let path = format!("/api/v1/customers/{}", first["customer"]["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.index_tickets().await;
    assert!(app.search_tickets(RARE, &key).await.is_empty(), "no search finds it any more");
    assert!(!holding_rare(&tickets).is_empty(), "the files hold it until they are written anew");

    // The process dies before it comes to that; what is to do is remembered.
    app.restart().await;
    assert!(!holding_rare(&tickets).is_empty());
    let mut n_rounds = 0;
    while !app.desk().rewrite_indexes().await.expect("a round") {
        n_rounds += 1;
        assert!(n_rounds < 100, "a round ends it once no search reads the old files");
    }
    assert_eq!(holding_rare(&tickets), Vec::<PathBuf>::new());
    assert_eq!(app.search_tickets("printer", &key).await, [2], "what is not theirs stays");
    assert!(app.desk().verify_tickets().await.unwrap().is_clean(), "the index is true");
    app.restart().await;
    assert!(app.desk().rewrite_indexes().await.expect("a round"), "and there is nothing left to do");
}
