//! `askwell import-tickets`: counts, a second run, a run that was killed, and what cannot be imported.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use serde_json::{Value, json};

use crate::program::{Folder, Server};

/// Two batches of a killed import and many more.
const N_ROWS: usize = 3_000;

fn counts(summary: &Value, of: &str) -> [i64; 5] {
    ["n_new", "n_changed", "n_unchanged", "n_kept", "n_refused"]
        .map(|name| summary[of][name].as_i64().unwrap_or_else(|| panic!("no {of}.{name} in {summary}")))
}

/// What `askwell export` writes of tickets.
fn exported(folder: &Folder, name: &str) -> Vec<Value> {
    let to = folder.path(name);
    folder.succeed(&["export", &to]);
    let lines = std::fs::read_to_string(format!("{to}/tickets.jsonl")).expect("tickets");
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// An export of Zendesk as its parts come: a page, lines, a list, and lines with a broken one.
fn zendesk(folder: &Folder) -> String {
    let users = json!({ "users": [
        { "id": 900, "name": "Cy", "email": "cy@example.org", "role": "end-user", "created_at": "2020-01-01T00:00:00Z" },
        { "id": 700, "name": "Ada", "email": "ada@askwell.example", "role": "agent" }
    ], "count": 2, "next_page": null });
    folder.write("export/users.json", serde_json::to_string_pretty(&users).expect("JSON"));
    folder.write("export/groups.json", r#"{"groups":[{"id":5,"name":"Level 2"}]}"#);
    let field = json!([{ "id": 27, "type": "text", "title": "Order number" }, { "id": 1, "type": "subject", "title": "Subject" }]);
    folder.write("export/ticket_fields.json", field.to_string());
    folder.write("export/organizations.json", r#"[{"id":1,"name":"Acme","domain_names":[]}]"#);
    folder.write("export/logo.png", [1, 2, 3]);
    let ticket = |id: i64, status: &str| {
        json!({
            "id": id, "subject": format!("Order {id}"), "status": status, "requester_id": 900, "assignee_id": 700,
            "group_id": 5, "created_at": "2024-03-01T10:00:00Z", "updated_at": "2024-03-02T10:00:00Z",
            "custom_fields": [{ "id": 27, "value": format!("N{id}") }],
            "comments": [{ "id": id * 10, "author_id": 900, "body": format!("Words of {id}"), "created_at": "2024-03-01T10:00:00Z" }]
        })
        .to_string()
    };
    let lines = [
        ticket(1, "solved"),
        "{\"id\": 2, \"subject\": \"cut o".to_owned(),
        ticket(3, "deleted"),
        ticket(4, "open"),
        ticket(5, "asleep"),
    ];
    folder.write("export/tickets.ndjson", lines.join("\n"));
    folder.path("export")
}

#[test]
fn an_export_of_zendesk_is_taken_over_once() {
    let folder = Folder::new();
    folder.succeed(&["user", "add", "--email", "ada@askwell.example", "--name", "Ada", "--role", "agent"]);
    let export = zendesk(&folder);
    let rejects = folder.path("rejects.jsonl");
    let words = ["import-tickets", "--from", "zendesk", &export, "--create-teams", "--create-fields"];
    let dry = folder.json(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(counts(&dry, "tickets"), [2, 0, 0, 0, 2], "{dry}");
    assert!(exported(&folder, "before").is_empty(), "a dry run writes nothing");

    let summary = folder.json(&[&words[..], &["--rejects", &rejects]].concat());
    assert_eq!(counts(&summary, "customers"), [1, 0, 0, 0, 0], "{summary}");
    assert_eq!(counts(&summary, "tickets"), [2, 0, 0, 0, 2], "{summary}");
    let left_out = &summary["left_out"];
    for what in
        ["deleted tickets", "organisations", "files that end with .png", "fields that every ticket has"]
    {
        assert_eq!(left_out[what], 1, "{what} in {left_out}");
    }
    let refused: Vec<Value> = std::fs::read_to_string(&rejects)
        .expect("rejects")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let lines: Vec<_> = refused.iter().map(|one| (one["file"].as_str(), one["line"].as_u64())).collect();
    assert_eq!(lines, [(Some("tickets.ndjson"), Some(2)), (Some("tickets.ndjson"), Some(5))], "{refused:?}");
    assert!(refused[1]["id"] == "5" && refused[1]["why"].to_string().contains("asleep"), "{refused:?}");
    let over = folder.run(&[&words[..], &["--rejects", &rejects]].concat());
    assert!(over.code == Some(1) && over.err.contains("rejects.jsonl"), "{}", over.err);

    let again = folder.json(&words);
    assert_eq!(counts(&again, "tickets"), [0, 0, 2, 0, 2], "{again}");
    assert_eq!(counts(&again, "customers"), [0, 0, 1, 0, 0], "{again}");
    let tickets = exported(&folder, "after");
    assert_eq!(tickets.len(), 2);
    let first = &tickets[0];
    assert_eq!((&first["team"], &first["status"]), (&json!("level-2"), &json!("solved")), "{first}");
    assert!(first["assignee_id"].is_string() && first["created_at"] == "2024-03-01T10:00:00Z", "{first}");
    assert_eq!(first["fields"]["order_number"]["value"], "N1", "{first}");
    assert_eq!(first["messages"].as_array().map(Vec::len), Some(1), "{first}");
    let audit = folder.succeed(&["audit", "list", "--action", "site.imported", "--json"]).out;
    assert_eq!(audit.lines().count(), 2, "one for each run that could write: {audit}");
}

fn csv(n: usize) -> String {
    let mut text = "id,subject,description,status,requester email,created\n".to_owned();
    for n in 0..n {
        let status = if n % 10 == 0 { "open" } else { "closed" };
        text.push_str(&format!(
            "{n},Subject {n},\"Words, of {n}\",{status},cy{}@example.org,2024-03-01 10:00\n",
            n % 50
        ));
    }
    text
}

#[test]
fn an_import_that_was_killed_goes_on_without_doubles() {
    let folder = Folder::new();
    let tickets = folder.write("tickets.csv", csv(N_ROWS));
    let words = ["import-tickets", "--from", "csv", &tickets];
    for after_ms in [100, 250, 400, 700] {
        let mut import =
            folder.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(after_ms));
        import.kill().expect("it is killed");
        import.wait().expect("it ends");
    }
    let summary = folder.json(&words);
    let [n_new, n_changed, n_unchanged, n_kept, n_refused] = counts(&summary, "tickets");
    assert_eq!((n_new + n_unchanged, n_changed, n_kept, n_refused), (N_ROWS as i64, 0, 0, 0), "{summary}");
    let tickets = exported(&folder, "after");
    assert_eq!(tickets.len(), N_ROWS);
    let numbers: BTreeSet<i64> = tickets.iter().filter_map(|ticket| ticket["number"].as_i64()).collect();
    let ids: BTreeSet<&str> =
        tickets.iter().filter_map(|ticket| ticket["fields"]["imported_id"]["value"].as_str()).collect();
    assert_eq!((numbers.len(), ids.len()), (N_ROWS, N_ROWS));
    assert!(tickets.iter().all(|ticket| ticket["messages"].as_array().map(Vec::len) == Some(1)));
    let customers = std::fs::read_to_string(folder.path("after/customers.jsonl")).expect("customers");
    assert_eq!(customers.lines().count(), 50);
    folder.succeed(&["reindex"]);
    folder.succeed(&["reindex", "--verify"]);
}

#[test]
fn what_is_imported_beside_a_running_server_is_found_there() {
    let folder = Folder::new();
    let key = folder.key("tickets:read");
    let server = Server::start(&folder);
    let tickets = folder.write("tickets.csv", csv(30));
    let summary = folder.json(&["import-tickets", "--from", "csv", &tickets]);
    assert_eq!(counts(&summary, "tickets"), [30, 0, 0, 0, 0], "{summary}");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let found = || runtime.block_on(crate::serve::get(&server, "/api/v1/tickets/search?q=29", Some(&key)));
    for round in 0.. {
        if found()["hits"].as_array().is_some_and(|hits| !hits.is_empty()) {
            break;
        }
        assert!(round < 100, "it is never found: {}", found());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(server.terminate().success());
}

#[test]
fn columns_words_and_encodings_of_other_systems_are_understood() {
    let folder = Folder::new();
    let customers =
        folder.write("kunden.csv", b"E-Mail;Name;Telefon\ncy@example.org;J\xf6rg \x80;+1\nno address;X;1\n");
    let tickets = folder.write(
        "tickets.csv",
        b"Nummer;Betreff;Status;Kunde;Am\n7;Gr\xfc\xdfe;In Arbeit;cy@example.org;01.03.2024 11:00\n8;Zwei;In Arbeit;;1.3.24\n",
    );
    let map = folder.write(
        "map.toml",
        "dates = \"%d.%m.%Y %H:%M\"\nzone = \"Europe/Berlin\"\n[tickets]\nid = \"Nummer\"\nsubject = \"Betreff\"\n\
         requester_email = \"Kunde\"\ncreated = \"Am\"\n[status]\n\"In Arbeit\" = \"open\"\n[customers]\nemail = \"E-Mail\"\n",
    );
    let words = ["import-tickets", "--from", "csv", &tickets, "--customers", &customers, "--map", &map];
    let summary = folder.json(&words);
    assert_eq!(counts(&summary, "customers"), [1, 0, 0, 0, 1], "{summary}");
    assert_eq!(counts(&summary, "tickets"), [1, 0, 0, 0, 1], "{summary}");
    assert_eq!(summary["columns_left_out"], json!(["kunden.csv: Telefon"]), "{summary}");
    let ticket = &exported(&folder, "after")[0];
    assert_eq!(
        (&ticket["subject"], &ticket["created_at"]),
        (&json!("Grüße"), &json!("2024-03-01T10:00:00Z"))
    );
    let people = std::fs::read_to_string(folder.path("after/customers.jsonl")).expect("customers");
    assert!(people.lines().count() == 1 && people.contains("Jörg €"), "{people}");
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("id,status,created\n1,open,2024-03-01\n".encode_utf16().flat_map(u16::to_le_bytes));
    let utf16 = folder.write("utf16.csv", utf16);
    let summary = folder.json(&["import-tickets", "--from", "csv", &utf16, "--source", "other"]);
    assert_eq!(counts(&summary, "tickets"), [1, 0, 0, 0, 0], "{summary}");
    let people_only =
        folder.json(&["import-tickets", "--from", "csv", "--customers", &customers, "--map", &map]);
    assert_eq!(counts(&people_only, "customers"), [0, 0, 1, 0, 1], "{people_only}");
}

#[test]
fn what_cannot_be_imported_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let zip = folder.write("export.zip", b"PK\x03\x04rest");
    let no_status = folder.write("no_status.csv", "id,created\n1,2024-03-01\n");
    let good = folder.write("good.csv", "id,status,created\n1,open,2024-03-01\n");
    let twice = folder
        .write("twice.csv", "id,status,created\n1,open,2024-03-01\n1,closed,2024-03-01\n1,open,2024-03-01\n");
    let bad_map = folder.write("bad.toml", "[ticket]\nid = \"x\"\n");
    let wrong = folder.write("wrong.csv", "id,status,created\n1,open,tomorrow\n");
    folder.write("empty/readme.md", "x");
    let empty = folder.path("empty");
    let nowhere = folder.path("nowhere");
    for (words, reason) in [
        (&["--from", "csv", &zip][..], "unpack it first"),
        (&["--from", "zendesk", &zip], "unpack it first"),
        (&["--from", "zendesk", &empty], "no JSON file"),
        (&["--from", "csv", &nowhere], "there is no"),
        (&["--from", "csv", &no_status], "where a ticket stands"),
        (&["--from", "csv", &good, "--map", &bad_map], "bad.toml"),
        (&["--from", "csv", &good, "--team", "suport"], "there is no team"),
        (&["--from", "csv", &good, "--source", "A B"], "source"),
        (&["--from", "zendesk", &empty, "--map", &bad_map], "--from csv"),
        (&["--from", "csv", &wrong], "tomorrow"),
    ] {
        let ended = folder.run(&[&["import-tickets"], words].concat());
        assert_eq!(ended.code, Some(1), "{words:?}: {} {}", ended.out, ended.err);
        assert!(ended.err.contains(reason), "{words:?}: {}", ended.err);
    }
    assert_eq!(folder.run(&["import-tickets", "--from", "csv"]).code, Some(2));
    assert!(exported(&folder, "after").is_empty());
    let summary = folder.json(&["import-tickets", "--from", "csv", &twice]);
    assert_eq!(summary["n_refused"], 1, "{summary}");
    assert!(summary["problems"][0]["why"].to_string().contains("before"), "{summary}");
    assert_eq!(exported(&folder, "twice").len(), 1);
}
