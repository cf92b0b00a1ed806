//! What was acknowledged stays, and the index finds its way back to the database by itself.

use std::{fs, path::Path, sync::Arc};

use proptest::prelude::*;
use serde_json::json;
use tests::{CONTACTS, INVOICES, PASSWORD, TestApp, WatchedModel, bold};

#[tokio::test]
async fn a_restart_keeps_everything_and_embeds_nothing_again() {
    let model = Arc::new(WatchedModel::default());
    let mut app = TestApp::start_with_model(bold(), Arc::clone(&model) as _).await;
    let key = app.master_key().await;
    for text in [PASSWORD, CONTACTS, INVOICES] {
        app.publish(&key, text).await;
    }
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password?").await;
    let number = app.hand_off(&conversation, json!({ "message": "It is urgent." })).await;
    let before = (app.read(&conversation).await, app.ticket(&key, number).await);

    let n_texts = model.n_texts();
    assert!(n_texts > 0);
    app.restart().await;
    assert_eq!(model.n_texts(), n_texts, "the vectors are stored");
    assert_eq!((app.read(&conversation).await, app.ticket(&key, number).await), before);
    app.get("/readyz", None).await.expect(200);
    assert_eq!(app.search("reset password", None).await.first().map(String::as_str), Some(PASSWORD.slug));
    let said = app.ask(&app.conversation().await, "How do I reset my password now?").await;
    assert_eq!(said["kind"], "answer", "{said}");
    assert!(app.desk().verify_index().await.expect("compared").is_clean());
}

#[tokio::test]
async fn an_unchanged_text_is_never_embedded_twice() {
    let model = Arc::new(WatchedModel::default());
    let app = TestApp::start_with_model(bold(), Arc::clone(&model) as _).await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    let n_texts = model.n_texts();
    app.unpublish(&key, &id).await;
    app.change(&key, &id, json!({ "audience": "agents" })).await;
    app.send(axum::http::Method::PUT, &format!("/api/v1/articles/{id}/publication"), Some(&key), None, &[])
        .await
        .expect(200);
    assert_eq!(model.n_texts(), n_texts);
}

/// Damages the index folder.
type Damage = fn(&Path);

#[tokio::test]
async fn a_damaged_index_is_put_aside_and_built_again() {
    let damages: [(&str, Damage); 6] = [
        ("deleted", |index| fs::remove_dir_all(index).expect("deleted")),
        ("emptied", |index| each_file(index, |file| fs::remove_file(file).expect("deleted"))),
        ("truncated", |index| each_file(index, |file| truncate(file, 0))),
        ("cut in half", |index| each_file(index, |file| truncate(file, 2))),
        ("overwritten", |index| each_file(index, |file| fs::write(file, b"not an index").expect("written"))),
        ("foreign", |index| {
            each_file(index, |file| fs::remove_file(file).expect("deleted"));
            fs::write(index.join("meta.json"), br#"{"from":"another program"}"#).expect("written");
            fs::write(index.join("holiday.jpg"), b"not ours").expect("written");
        }),
    ];
    for (name, damage) in damages {
        let model = Arc::new(WatchedModel::default());
        let mut app = TestApp::start_with_model(bold(), Arc::clone(&model) as _).await;
        let key = app.master_key().await;
        for text in [PASSWORD, CONTACTS, INVOICES] {
            app.publish(&key, text).await;
        }
        let index = app.stop().join("index");
        assert!(index.is_dir());
        damage(&index);
        let n_texts = model.n_texts();
        app.start_again().await;
        assert_eq!(
            app.search("reset password", None).await.first().map(String::as_str),
            Some(PASSWORD.slug),
            "{name}"
        );
        let report = app.desk().verify_index().await.expect("compared");
        assert!(report.is_clean(), "{name}: {report}");
        assert_eq!(model.n_texts(), n_texts + 1, "{name}: only the query is embedded");
        if name == "foreign" {
            assert!(files_below(app.data()).iter().any(|file| file.ends_with("holiday.jpg")), "it is kept");
        }
    }
}

#[tokio::test]
async fn another_model_means_another_index() {
    let mut app = TestApp::start_with_model(bold(), Arc::new(WatchedModel::named("one"))).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    app.stop();
    let two = Arc::new(WatchedModel::named("two"));
    app.use_model(Arc::clone(&two) as _);
    app.start_again().await;
    assert!(two.n_texts() > 0, "the new model has its own vectors");
    assert!(app.desk().verify_index().await.expect("compared").is_clean());
    assert_eq!(app.search("reset password", None).await, [PASSWORD.slug]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn index_and_database_agree_after_anything(steps in prop::collection::vec((0..3_usize, 0..5_u8), 1..16)) {
        tokio::runtime::Runtime::new().expect("threads").block_on(check_agreement(steps));
    }
}

async fn check_agreement(steps: Vec<(usize, u8)>) {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let mut ids = Vec::new();
    for text in [PASSWORD, CONTACTS, INVOICES] {
        ids.push(app.publish(&key, text).await);
    }
    for (n, (at, step)) in steps.into_iter().enumerate() {
        let id = &ids[at];
        let publication = format!("/api/v1/articles/{id}/publication");
        match step {
            0 => app.unpublish(&key, id).await,
            1 => {
                app.send(axum::http::Method::PUT, &publication, Some(&key), None, &[]).await.expect(200);
            }
            2 => app.change(&key, id, json!({ "body": format!("Text number {n}.") })).await,
            3 => {
                let audience = if n % 2 == 0 { "agents" } else { "public" };
                app.change(&key, id, json!({ "audience": audience })).await;
            }
            _ => app.restart().await,
        }
    }
    let report = app.desk().verify_index().await.expect("compared");
    assert!(report.is_clean(), "{report}");
}

fn each_file(folder: &Path, act: impl Fn(&Path)) {
    for file in files_below(folder) {
        act(Path::new(&file));
    }
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    files
}

/// Keeps the first n-th part of a file; nothing for 0.
fn truncate(file: &Path, part: u64) {
    let bytes = fs::metadata(file).expect("a file").len().checked_div(part).unwrap_or(0);
    fs::File::options().write(true).open(file).and_then(|file| file.set_len(bytes)).expect("truncated");
}
