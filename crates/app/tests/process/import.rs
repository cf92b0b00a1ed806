//! `askwell import`: counts, a second run, a dry run, and what cannot be imported.

use serde_json::{Value, json};

use crate::program::{Folder, names_in};

const PASSWORD: &str =
    "---\ntitle: Reset your password\n---\n\nOpen the sign-in page and choose **Forgot password**.\n";
const CONTACTS: &str = "# Export your contacts\n\nOpen **Settings** and choose **Export**.\n";

fn counts(summary: &Value) -> [i64; 4] {
    ["n_new", "n_changed", "n_unchanged", "n_refused"]
        .map(|name| summary[name].as_i64().unwrap_or_else(|| panic!("no {name} in {summary}")))
}

fn slugs(folder: &Folder, query: &str) -> Vec<String> {
    let found = folder.json(&["search", query]);
    let hits = found["hits"].as_array().expect("hits");
    hits.iter().filter_map(|hit| hit["slug"].as_str()).map(str::to_owned).collect()
}

#[test]
fn a_second_import_changes_nothing_and_a_changed_file_is_taken() {
    let folder = Folder::new();
    folder.write("kb/password.md", PASSWORD);
    folder.write("kb/data/contacts.md", CONTACTS);
    let kb = folder.path("kb");
    assert_eq!(counts(&folder.json(&["import", &kb])), [2, 0, 0, 0]);
    assert_eq!(counts(&folder.json(&["import", &kb])), [0, 0, 2, 0]);
    folder.write("kb/password.md", PASSWORD.replace("sign-in page", "welcome page"));
    assert_eq!(counts(&folder.json(&["import", &kb])), [0, 1, 1, 0]);
    let found = folder.json(&["search", "reset password"]);
    assert!(found.to_string().contains("welcome page"), "{found}");
    folder.succeed(&["reindex", "--verify"]);
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let folder = Folder::new();
    folder.write("kb/password.md", PASSWORD);
    let kb = folder.path("kb");
    assert_eq!(counts(&folder.json(&["import", &kb, "--dry-run"])), [1, 0, 0, 0]);
    assert!(slugs(&folder, "reset password").is_empty());
    assert_eq!(counts(&folder.json(&["import", &kb])), [1, 0, 0, 0]);
    assert_eq!(counts(&folder.json(&["import", &kb, "--dry-run"])), [0, 0, 1, 0]);
}

#[test]
fn drafts_are_not_found() {
    let folder = Folder::new();
    let path = folder.write("kb/password.md", PASSWORD);
    folder.succeed(&["import", &path, "--draft"]);
    assert!(slugs(&folder, "reset password").is_empty());
}

#[test]
fn broken_files_are_reported_and_the_others_are_taken() {
    let folder = Folder::new();
    folder.write("kb/password.md", PASSWORD);
    folder
        .write("kb/unclosed.md", "---\ntitle: [never closed\n---\n\nThe lighthouse keeper sleeps at noon.\n");
    folder.write("kb/endless.md", "---\ntitle: No end of front matter\n\nThe harbour opens at dawn.\n");
    folder.write("kb/picture.md", [0x89, b'P', b'N', b'G', 0, 0, 0, 13, 0, 0xff, 0xfe]);
    folder.write("kb/empty.md", "");
    folder.write("kb/page.html", "<html><title>Ferry times</title><body><p>The ferry leaves hourly.");
    folder.write("kb/notes.txt", "not for import");
    let summary = folder.json(&["import", &folder.path("kb")]);
    let warnings = summary["warnings"].to_string();
    for file in ["unclosed.md", "picture.md"] {
        assert!(warnings.contains(file), "{file} in {warnings}");
    }
    assert!(!warnings.contains("password.md"), "{warnings}");
    for (query, slug) in [("reset password", "password"), ("ferry leaves", "page")] {
        assert_eq!(slugs(&folder, query).first().map(String::as_str), Some(slug), "{query}");
    }
    for query in ["lighthouse keeper", "harbour dawn"] {
        assert!(
            !slugs(&folder, query).is_empty(),
            "the text of a file with broken front matter is kept: {query}"
        );
    }
}

#[test]
fn corpus_lines_that_are_none_are_reported_by_number() {
    let folder = Folder::new();
    let mut lines: Vec<Vec<u8>> = [
        r#"{"_id": "doc-1", "title": "Reset your password", "text": "Choose Forgot password."}"#,
        r#"{"_id": "doc-2", "title": "broken"#,
        "",
        r#"["no", "object"]"#,
        r#"{"title": "no id", "text": "x"}"#,
        r#"{"_id": "doc-6", "title": "", "text": "Contacts can be exported from the settings page."}"#,
    ]
    .map(|line| line.as_bytes().to_vec())
    .to_vec();
    lines.push(b"{\"_id\": \"doc-7\", \"text\": \"\xff\xfe\"}".to_vec());
    let corpus = folder.write("corpus.jsonl", lines.join(&b'\n'));
    let summary = folder.json(&["import", &corpus, "--format", "jsonl"]);
    let [n_new, _, _, n_refused] = counts(&summary);
    assert_eq!(n_new + n_refused, 6, "{summary}");
    let warnings = summary["warnings"].to_string();
    for line in [2, 4, 7] {
        assert!(warnings.contains(&format!("corpus.jsonl:{line}\"")), "line {line} in {warnings}");
    }
    let found = folder.json(&["search", "forgot password"]);
    assert_eq!(found["hits"][0]["external_id"], "doc-1", "{found}");
    let found = folder.json(&["search", "exported contacts"]);
    assert_eq!(found["hits"][0]["external_id"], "doc-6", "{found}");
}

#[test]
fn what_holds_nothing_to_import_is_refused() {
    let folder = Folder::new();
    folder.write("empty/notes.txt", "x");
    let picture = folder.write("only/picture.md", [0, 159, 146, 150, 0, 0]);
    for (path, reason) in [
        (folder.path("nowhere"), "there is no"),
        (folder.path("empty"), "no Markdown, HTML or JSONL"),
        (folder.path("empty/notes.txt"), "--format"),
        (picture, "picture.md"),
    ] {
        let ended = folder.run(&["import", &path]);
        assert_eq!(ended.code, Some(1), "{path}: {} {}", ended.out, ended.err);
        assert!(ended.err.contains(reason), "{path}: {}", ended.err);
    }
}

#[test]
fn the_words_of_the_command_hold_for_files_that_say_nothing_else() {
    let folder = Folder::new();
    folder.write("kb/contacts.md", CONTACTS);
    folder.write(
        "kb/haus.md",
        "---\ntitle: Das Passwort zurücksetzen\nlocale: de\n---\n\nWähle Passwort vergessen.\n",
    );
    folder.succeed(&["import", &folder.path("kb"), "--collection", "accounts", "--locale", "fr"]);
    let key = folder.key("kb:read");
    assert!(key.starts_with("askwell_"), "{key}");
    let server = crate::program::Server::start(&folder);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let listed = runtime.block_on(crate::serve::get(&server, "/api/v1/articles", Some(&key)));
    let mut seen: Vec<Value> = listed["articles"]
        .as_array()
        .expect("articles")
        .iter()
        .map(|article| json!([article["slug"], article["locale"], article["collection"]["slug"]]))
        .collect();
    seen.sort_by_key(Value::to_string);
    assert_eq!(seen, [json!(["contacts", "fr", "accounts"]), json!(["haus", "de", "accounts"])]);
    assert!(!names_in(&folder.data()).is_empty());
}

#[test]
fn translations_are_one_article_and_no_page_of_the_list_loses_any() {
    let folder = Folder::new();
    for (file, text) in [
        ("en/contacts.md", "# Export your contacts\n\nChoose **Export**.\n"),
        ("fr/contacts.md", "# Exporter vos contacts\n\nChoisissez **Exporter**.\n"),
        ("en/password.md", "# Reset your password\n\nChoose **Forgot password**.\n"),
        ("fr/password.md", "# Changer de mot de passe\n\nChoisissez **Oublié**.\n"),
    ] {
        folder.write(&format!("kb/{file}"), text);
    }
    folder.succeed(&["import", &folder.path("kb")]);
    let key = folder.key("kb:read");
    let server = crate::program::Server::start(&folder);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/articles?limit=1{after}");
        let page = runtime.block_on(crate::serve::get(&server, &path, Some(&key)));
        for article in page["articles"].as_array().expect("articles") {
            seen.push(json!([article["slug"], article["locale"]]).to_string());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(
        seen,
        [r#"["contacts","en"]"#, r#"["contacts","fr"]"#, r#"["password","en"]"#, r#"["password","fr"]"#,]
    );
}

#[test]
fn links_lead_to_the_file_they_name_also_when_two_files_want_one_address() {
    let folder = Folder::new();
    folder.write("kb/linux/install.md", "# Install on Linux\n\nThe penguin waddles.\n");
    folder.write("kb/mac/install.md", "# Install on a Mac\n\nThe orchard blossoms.\n");
    folder.write("kb/start.md", "# Start\n\nRead [about Macs](mac/install.md) at first.\n");
    let kb = folder.path("kb");
    assert_eq!(counts(&folder.json(&["import", &kb])), [3, 0, 0, 0]);
    assert_eq!(slugs(&folder, "orchard blossoms").first().map(String::as_str), Some("mac-install"));
    let key = folder.key("kb:read");
    let server = crate::program::Server::start(&folder);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let listed = runtime.block_on(crate::serve::get(&server, "/api/v1/articles", Some(&key)));
    assert!(listed.to_string().contains("[about Macs](/a/mac-install)"), "{listed}");
    assert!(server.terminate().success());
    assert_eq!(counts(&folder.json(&["import", &kb])), [0, 0, 3, 0], "a second import changes nothing");
}

#[test]
fn a_line_without_end_is_refused_and_the_next_one_is_read() {
    let folder = Folder::new();
    let mut corpus = vec![b'x'; 30 << 20];
    corpus.extend(
        b"\n{\"_id\": \"doc-2\", \"title\": \"Reset your password\", \"text\": \"Choose Forgot password.\"}",
    );
    let corpus = folder.write("corpus.jsonl", corpus);
    let summary = folder.json(&["import", &corpus]);
    assert_eq!(counts(&summary), [1, 0, 0, 1], "{summary}");
    assert!(summary["warnings"].to_string().contains("corpus.jsonl:1\""), "{}", summary["warnings"]);
}
