//! Files of messages: known by their content, read with their message, and gone when they are of no use.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Answer, Browser, TestApp, settings};

/// Two by two pixels.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x08\x06\x00\
    \x00\x00r\xb6\x0d$\x00\x00\x00\x11IDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x84\x19`\x0c\x00G\xca\x07\
    \xf9gYn\xb7\x00\x00\x00\x00IEND\xaeB`\x82";

async fn upload(app: &TestApp, key: &str, name: &str, content: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/attachments?name={name}"))
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "text/html");
    app.raw(request.body(content.into()).unwrap()).await
}

async fn uploaded(app: &TestApp, key: &str, name: &str, content: &'static [u8]) -> Value {
    upload(app, key, name, content).await.expect(201).json()
}

fn url(file: &Value) -> &str {
    file["url"].as_str().unwrap()
}

async fn write(app: &TestApp, key: &str, ticket: &Value, kind: &str, files: &[&Value]) -> Value {
    let ids: Vec<&Value> = files.iter().map(|file| &file["id"]).collect();
    let message = json!({ "kind": kind, "body": "See the file.", "attachment_ids": ids });
    let path = format!("/api/v1/tickets/{}/messages", ticket["id"].as_str().unwrap());
    app.post(&path, Some(key), message).await.expect(201).json()
}

/// Blobs on disk.
fn n_blobs(app: &TestApp) -> usize {
    let folder = app.data().join("attachments");
    let shards = std::fs::read_dir(folder).unwrap();
    shards.map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_file_is_what_its_content_says() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (name, content, media_type, disposition) in [
        ("a.png", PNG, "image/png", "inline"),
        ("a.html", b"<html><script>alert(1)</script>".as_slice(), "application/octet-stream", "attachment"),
        (
            "a.svg",
            b"<svg onload=\"x()\" xmlns=\"http://www.w3.org/2000/svg\"/>",
            "application/octet-stream",
            "attachment",
        ),
        ("a.xml", b"<?xml version=\"1.0\"?><a/>", "application/octet-stream", "attachment"),
        ("a.png.pdf", b"%PDF-1.7 x", "application/pdf", "attachment"),
        ("a.txt", b"words", "application/octet-stream", "attachment"),
    ] {
        let file = uploaded(&app, &key, name, content).await;
        assert_eq!(
            (&file["media_type"], &file["n_bytes"]),
            (&json!(media_type), &json!(content.len())),
            "{name}"
        );
        let read = app.get(url(&file), Some(&key)).await.expect(200);
        assert_eq!(read.header("content-type"), media_type, "{name}");
        assert!(
            read.header("content-disposition").starts_with(&format!("{disposition}; filename=\"{name}\""))
        );
        assert!(read.header("content-security-policy").contains("sandbox"), "{name}");
        assert_eq!(read.header("x-content-type-options"), "nosniff");
        assert_eq!(read.header("cache-control"), "no-store");
        assert_eq!(read.text, String::from_utf8_lossy(content), "{name}");
    }
    let named = uploaded(&app, &key, "..%2F..%2Fetc%2Finv%E2%80%AEfdp.exe", b"MZ").await;
    assert_eq!(named["name"], "invfdp.exe");
    let reader = app.key(&[Scope::TicketsRead]).await;
    upload(&app, &reader, "x", PNG).await.problem(403);
    upload(&app, "nobody", "x", PNG).await.problem(401);
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let mut wide = PNG.to_vec();
    wide[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let refused = upload(&app, &key, "x.png", wide).await.problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("30000 x 30000"), "{refused}");
    upload(&app, &key, "x", Body::empty()).await.problem(422);
    upload(&app, &key, "x", vec![0; (25 << 20) + 1]).await.problem(413);
    // Without a length that is announced, too.
    let pieces = (0..26).map(|_| Ok::<_, std::io::Error>(vec![0; 1 << 20]));
    let stream = Body::from_stream(futures_util::stream::iter(pieces));
    upload(&app, &key, "x", stream).await.problem(413);
    let broken = [Ok(vec![1; 10]), Err(std::io::Error::other("gone"))];
    upload(&app, &key, "x", Body::from_stream(futures_util::stream::iter(broken))).await.problem(422);
    assert_eq!(n_blobs(&app), 0);
    upload(&app, &key, "x", vec![1; 25 << 20]).await.expect(201);
}

#[tokio::test]
async fn files_are_read_by_who_reads_their_message_and_by_nobody_who_guesses() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({ "message": "It is broken." })).await;
    let ticket = app.ticket(&key, number).await;
    let files = [uploaded(&app, &key, "reply.png", PNG).await, uploaded(&app, &key, "note.png", PNG).await];
    let reply = write(&app, &key, &ticket, "reply", &[&files[0]]).await;
    write(&app, &key, &ticket, "note", &[&files[1]]).await;
    assert_eq!(reply["attachments"][0], files[0]);
    let waits = uploaded(&app, &key, "waits.png", PNG).await;
    let later = json!({ "kind": "reply", "body": "x", "send_at": "2026-01-01T01:00:00Z", "attachment_ids": [waits["id"]] });
    let path = format!("/api/v1/tickets/{}/messages", ticket["id"].as_str().unwrap());
    app.post(&path, Some(&key), later).await.expect(202);

    let read = app.read(&conversation).await;
    assert_eq!(read["turns"].as_array().unwrap().last().unwrap()["attachments"][0], files[0]);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let stranger = app.key_of_teams(&Scope::ALL, Some(&["sales"])).await;
    let other = app.conversation().await;
    for (bearer, reply, rest) in [
        (Some(&key), 200, 200),
        (Some(&conversation.1), 200, 404),
        (Some(&stranger), 404, 404),
        (Some(&other.1), 404, 404),
        (None, 401, 401),
    ] {
        let bearer = bearer.map(String::as_str);
        assert_eq!(app.get(url(&files[0]), bearer).await.status, reply, "{bearer:?}");
        assert_eq!(app.get(url(&files[1]), bearer).await.status, rest, "{bearer:?}");
        assert_eq!(app.get(url(&waits), bearer).await.status, rest, "{bearer:?}");
    }
    app.clock.advance(3_600);
    app.desk().send_due_replies().await.unwrap();
    app.get(url(&waits), Some(&conversation.1)).await.expect(200);

    // Guessing: of the right id every capability but one, and the right capability of another.
    let (id, capability) = url(&files[0]).rsplit_once('/').unwrap();
    assert_eq!(capability.len(), 64);
    let (_, others) = url(&files[1]).rsplit_once('/').unwrap();
    for guess in [others, "", "0", &capability[..63], &"0".repeat(64)] {
        let answer = app.get(&format!("{id}/{guess}"), Some(&key)).await;
        assert_eq!(answer.status, 404, "{guess}");
    }
}

#[tokio::test]
async fn a_visitor_and_an_agent_see_links_to_files() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let browser = app.bo().await;
    let visitor = Browser::new(&app);
    visitor.submit("/ask/handoff", &[("message", "Please call me."), ("name", "Cy")]).await;
    let ticket = app.ticket(&key, 1).await;
    let file = uploaded(&app, &key, "plan.png", PNG).await;
    write(&app, &key, &ticket, "reply", &[&file]).await;
    let page = browser.get("/app/tickets/1").await.expect(200).text;
    assert!(page.contains(&format!("href=\"{}\"", url(&file))) && page.contains("plan.png"), "{page}");
    browser.get(url(&file)).await.expect(200);
    let own = url(&file).replace("/api/v1/", "/ask/");
    let page = visitor.get("/ask").await.expect(200).text;
    assert!(page.contains(&format!("href=\"{own}\"")), "{page}");
    let read = visitor.get(&own).await.expect(200);
    assert_eq!((read.header("content-type"), read.header("cache-control")), ("image/png", "no-store"));
    Browser::new(&app).get(&own).await.expect(404);
}

#[tokio::test]
async fn a_file_is_sent_once_by_who_uploaded_it() {
    let app = TestApp::start().await;
    let (key, other) = (app.master_key().await, app.master_key().await);
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "x" })).await.expect(201).json();
    let file = uploaded(&app, &key, "a.png", PNG).await;
    let path = format!("/api/v1/tickets/{}/messages", ticket["id"].as_str().unwrap());
    let with = |ids: Value| json!({ "kind": "note", "body": "x", "attachment_ids": ids });
    app.get(url(&file), Some(&other)).await.problem(404);
    app.post(&path, Some(&other), with(json!([file["id"]]))).await.problem(422);
    app.post(&path, Some(&key), with(json!(["nothing"]))).await.problem(422);
    app.post(&path, Some(&key), with(json!([file["id"], file["id"]]))).await.problem(422);
    app.post(&path, Some(&key), with(json!(vec!["x"; 11]))).await.problem(422);
    assert_eq!(app.ticket(&key, 1).await["messages"].as_array().unwrap().len(), 1, "nothing was written");
    app.post(&path, Some(&key), with(json!([file["id"]]))).await.expect(201);
    app.post(&path, Some(&key), with(json!([file["id"]]))).await.problem(422);
    app.get(url(&file), Some(&other)).await.expect(200);
    let second = uploaded(&app, &key, "b.png", PNG).await;
    let new =
        json!({ "body": "With a file.", "customer": { "name": "Cy" }, "attachment_ids": [second["id"]] });
    let opened = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
    let view = app.ticket(&key, opened["number"].as_i64().unwrap()).await;
    assert_eq!(view["messages"][0]["attachments"][0]["name"], "b.png");
}

#[tokio::test]
async fn files_of_nothing_go_after_a_day() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = app.post("/api/v1/tickets", Some(&key), json!({ "body": "x" })).await.expect(201).json();
    let (kept, free) = (uploaded(&app, &key, "a.png", PNG).await, uploaded(&app, &key, "b.png", PNG).await);
    write(&app, &key, &ticket, "note", &[&kept]).await;
    let waits = uploaded(&app, &key, "c.png", PNG).await;
    let later = json!({ "kind": "reply", "body": "x", "send_at": "2026-01-09T00:00:00Z", "attachment_ids": [waits["id"]] });
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    let waiting = app.post(&format!("{path}/messages"), Some(&key), later).await.expect(202).json();
    app.clock.advance(86_401);
    let back = format!("{path}/waiting-replies/{}", waiting["id"].as_str().unwrap());
    app.send(Method::DELETE, &back, Some(&key), None, &[]).await.expect(204);
    assert_eq!(app.desk().remove_free_files().await.unwrap(), 1);
    app.get(url(&free), Some(&key)).await.problem(404);
    app.get(url(&waits), Some(&key)).await.expect(200);
    assert_eq!(n_blobs(&app), 2);
    app.clock.advance(86_401);
    app.restart().await;
    app.desk().forget_expired().await.unwrap();
    assert_eq!(n_blobs(&app), 1);
    app.get(url(&kept), Some(&key)).await.expect(200);
    let whole = app.desk().missing_files().await.unwrap();
    assert_eq!((whole.n_all, whole.n_missing), (1, 0));
    let shard = std::fs::read_dir(app.data().join("attachments")).unwrap();
    for entry in shard.flat_map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap()) {
        std::fs::write(entry.unwrap().path(), b"cut").unwrap();
    }
    assert_eq!(app.desk().missing_files().await.unwrap().n_missing, 1);
}

#[tokio::test]
async fn a_copy_has_the_files_that_its_database_knows() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let dir = tempfile::tempdir().unwrap();
    app.desk().backup_to(&dir.path().join("none.db")).await.unwrap();
    let none = dir.path().join("none");
    let copied = app.desk().copy_files(&dir.path().join("none.db"), &none).await.unwrap();
    assert!(copied.n == 0 && !none.exists());
    let file = uploaded(&app, &key, "a.png", PNG).await;
    let copy = dir.path().join("copy.db");
    app.desk().backup_to(&copy).await.unwrap();
    uploaded(&app, &key, "later.png", PNG).await;
    let to = dir.path().join("files");
    let copied = app.desk().copy_files(&copy, &to).await.unwrap();
    assert_eq!((copied.n, copied.n_missing), (1, 0));
    let id = file["id"].as_str().unwrap();
    let copied = std::fs::read(to.join(id[id.len() - 2..].to_lowercase()).join(id)).unwrap();
    assert_eq!(copied, PNG);
}

#[tokio::test]
async fn a_person_uploads_in_a_browser_and_not_from_another_site() {
    let app = TestApp::start().await;
    app.person("Ada", Role::Agent).await;
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    let file = browser.post("/api/v1/attachments?name=a.json", json!({ "a": 1 })).await.expect(201).json();
    assert_eq!((&file["name"], &file["n_bytes"]), (&json!("a.json"), &json!(7)));
    let foreign = [("sec-fetch-site", "cross-site")];
    let body = Some(json!({}));
    browser.send(Method::POST, "/api/v1/attachments", body, &foreign).await.problem(403);
    browser.get(url(&file)).await.expect(200);
}

#[tokio::test]
async fn files_of_archived_tickets_are_read_and_go_with_their_tickets() {
    let config = json!({ "retention": { "delete_closed_after_days": 100 } });
    let app = TestApp::start_with(settings(config)).await;
    let key = app.master_key().await;
    let ticket =
        app.post("/api/v1/tickets", Some(&key), json!({ "body": "It leaks." })).await.expect(201).json();
    let file = uploaded(&app, &key, "a.png", PNG).await;
    let note = uploaded(&app, &key, "b.png", PNG).await;
    write(&app, &key, &ticket, "reply", &[&file]).await;
    write(&app, &key, &ticket, "note", &[&note]).await;
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": "closed" })), &[]).await.expect(200);
    let before = app.ticket(&key, 1).await["messages"].clone();
    assert_eq!(app.archive().await, 1);
    assert_eq!(app.ticket(&key, 1).await["messages"], before);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let others = app.key_of_teams(&[Scope::TicketsRead], Some(&["sales"])).await;
    for file in [&file, &note] {
        app.get(url(file), Some(&key)).await.expect(200);
        app.get(url(file), Some(&others)).await.problem(404);
    }
    app.clock.advance(101 * 24 * 60 * 60);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 1);
    app.get(url(&file), Some(&key)).await.problem(404);
    assert_eq!(n_blobs(&app), 0);
}

/// All that stands in the blobs on disk.
fn on_disk(app: &TestApp) -> Vec<u8> {
    let mut bytes = vec![];
    for shard in std::fs::read_dir(app.data().join("attachments")).unwrap() {
        for blob in std::fs::read_dir(shard.unwrap().path()).unwrap() {
            bytes.extend(std::fs::read(blob.unwrap().path()).unwrap());
        }
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A photograph that lies on its side, with the place where it was taken and as many bytes of pixels.
fn photograph(n_pixels: usize) -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    };
    let exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 52.5200N 13.4050E";
    [
        &b"\xff\xd8"[..],
        &segment(0xe1, exif),
        &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>GPS 52.5200N</x>"),
        &segment(0xc0, b"\x08\0\x02\0\x02\x01\x01\x11\0"),
        &segment(0xda, b"\x01\x01\0\0\x3f\0"),
        &vec![7; n_pixels],
        b"\xff\xd9",
    ]
    .concat()
}

#[tokio::test]
async fn where_a_picture_was_taken_is_stored_nowhere() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    // Larger than what is looked at first, and smaller.
    for n_pixels in [1_000, 400_000] {
        let taken = photograph(n_pixels);
        assert!(holds(&taken, b"52.5200N"));
        let file = upload(&app, &key, "a.jpg", taken.clone()).await.expect(201).json();
        assert_eq!(file["media_type"], "image/jpeg");
        let read = app.raw(
            Request::builder()
                .uri(url(&file))
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .body(Body::empty())
                .unwrap(),
        );
        let read = read.await.expect(200);
        assert_eq!(read.header("content-length"), file["n_bytes"].to_string());
        assert!(read.header("content-disposition").starts_with("inline"));
        assert!(file["n_bytes"].as_u64().unwrap() < taken.len() as u64);
    }
    let cut = PNG.len() - 12;
    let text = b"\0\0\0\x13tEXtAuthor\0GPS 52.5200N\0\0\0\0";
    let png = [&PNG[..cut], text, &PNG[cut..]].concat();
    let file = upload(&app, &key, "a.png", png).await.expect(201).json();
    assert_eq!(file["n_bytes"], PNG.len());
    let stored = on_disk(&app);
    assert!(!holds(&stored, b"52.5200N") && !holds(&stored, b"13.4050E"));
    assert!(holds(&stored, b"\x01\x12\0\x03\0\0\0\x01\0\x06"), "which way up it is stays");

    // What is broken off is kept for who wants to see it, and shown to nobody.
    let broken = upload(&app, &key, "b.png", PNG[..PNG.len() - 1].to_vec()).await.expect(201).json();
    assert_eq!(
        (&broken["media_type"], &broken["n_bytes"]),
        (&json!("application/octet-stream"), &json!(PNG.len() - 1))
    );
    let read = app.get(url(&broken), Some(&key)).await.expect(200);
    assert!(read.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn who_may_only_write_is_told_of_the_files_that_they_sent() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let number = app.hand_off(&app.conversation().await, json!({ "message": "It is broken." })).await;
    let ticket = app.ticket(&key, number).await;
    let theirs = uploaded(&app, &key, "theirs.png", PNG).await;
    write(&app, &key, &ticket, "note", &[&theirs]).await;
    let writer = app.key(&[Scope::TicketsWrite]).await;
    let file = uploaded(&app, &writer, "x.png", PNG).await;
    let written = write(&app, &writer, &ticket, "reply", &[&file]).await;
    assert_eq!(written["attachments"], json!([file]));
}
