//! Exporting: everything that people would take with them, readable without Askwell, and countable.

use axum::http::Method;
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp};

fn lines(folder: &std::path::Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn everything_is_written_and_counted_and_nothing_secret() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let new = json!({ "name": "Dee", "email": "dee@askwell.example", "role": "editor", "password": "seven grey geese fly" });
    app.post("/api/v1/users", Some(&key), new).await.expect(201);
    // More tickets than one page has.
    for n in 0..105 {
        let new = json!({
            "subject": format!("Ticket {n}"), "body": format!("Words {n}"),
            "customer": { "name": "Cy", "email": format!("cy{n}@example.org") },
        });
        app.post("/api/v1/tickets", Some(&key), new).await.expect(201);
    }
    let first = app.ticket(&key, 1).await;
    app.write(&key, &first, "reply", "An answer.").await;
    let path = format!("/api/v1/tickets/{}", first["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "priority": "high" })), &[]).await.expect(200);

    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("export");
    let manifest = app::export_to(app.desk(), &folder).await.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&std::fs::read_to_string(folder.join("manifest.json")).unwrap())
            .unwrap(),
        manifest
    );
    for file in manifest["files"].as_array().unwrap() {
        let name = file["name"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(file["bytes"].as_u64(), Some(bytes.len() as u64), "{name}");
        let hash = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["sha256"], json!(hash), "{name}");
        assert_eq!(file["n"].as_u64(), Some(lines(&folder, name).len() as u64), "{name}");
    }

    let tickets = lines(&folder, "tickets.jsonl");
    let numbers: std::collections::BTreeSet<i64> =
        tickets.iter().map(|ticket| ticket["number"].as_i64().unwrap()).collect();
    assert_eq!((tickets.len(), numbers), (105, (1..=105).collect()));
    let ticket = tickets.iter().find(|ticket| ticket["number"] == 1).unwrap();
    let bodies: Vec<&str> = ticket["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, ["Words 0", "An answer."]);
    let changes = lines(&folder, "ticket-history.jsonl");
    let raised = changes.iter().find(|change| change["field"] == "priority").unwrap();
    assert_eq!(
        (&raised["ticket_id"], &raised["from"], &raised["to"]),
        (&ticket["id"], &json!("normal"), &json!("high"))
    );
    let customers = lines(&folder, "customers.jsonl");
    assert_eq!(customers.len(), 105);
    assert!(customers.iter().any(|customer| customer["id"] == ticket["customer_id"]));
    let articles = lines(&folder, "articles.jsonl");
    assert_eq!(
        (&articles[0]["slug"], &articles[0]["texts"][0]["state"]),
        (&json!(PASSWORD.slug), &json!("published"))
    );
    let people = std::fs::read_to_string(folder.join("people.jsonl")).unwrap();
    assert!(people.contains("dee@askwell.example") && !people.contains("argon2"), "{people}");

    let log = app.get("/api/v1/audit?action=site.exported", Some(&key)).await.expect(200).json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    assert!(app::export_to(app.desk(), &folder).await.is_err(), "a folder that is there is left alone");
}
