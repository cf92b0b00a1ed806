//! The whole way of a question, the same on SQLite and on Postgres.

use std::panic::AssertUnwindSafe;

use axum::http::Method;
use futures_util::FutureExt as _;
use serde_json::json;
use sqlx::Connection as _;
use tests::{CONTACTS, PASSWORD, TestApp, bold, settings};

#[tokio::test]
async fn a_question_goes_all_the_way_on_sqlite() {
    check(TestApp::start_with(bold()).await).await;
}

#[tokio::test]
async fn a_question_goes_all_the_way_on_postgres() {
    on_postgres(async |config| check(TestApp::start_with(config).await).await).await;
}

/// Runs something on a database of its own on a Postgres server, where there is one.
pub(crate) async fn on_postgres(run: impl AsyncFnOnce(app::Config)) {
    let Ok(server) = std::env::var("ASKWELL_TEST_POSTGRES_URL") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs ASKWELL_TEST_POSTGRES_URL");
        eprintln!("skipped: ASKWELL_TEST_POSTGRES_URL names no server");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let random = folder.path().file_name().and_then(|name| name.to_str()).expect("a name");
    let name = format!("askwell_{}", random.trim_start_matches('.').to_lowercase());
    execute(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let at = server.rfind('/').expect("an address");
    let options = server.find('?').map_or("", |at| &server[at..]);
    let url = format!("{}/{name}{options}", &server[..at]);
    let mut config = bold();
    config.database = settings(json!({ "database": { "url": url } })).database;
    // The database goes even when the case fails.
    let outcome = AssertUnwindSafe(run(config)).catch_unwind().await;
    execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

async fn check(mut app: TestApp) {
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    app.publish(&key, CONTACTS).await;
    let conversation = app.conversation().await;
    let said = app.ask(&conversation, "How do I reset my password?").await;
    assert_eq!(said["kind"], "answer", "{said}");
    assert_eq!(said["citations"][0]["slug"], PASSWORD.slug);
    app.feedback(&conversation, &said, "unhelpful").await;
    let said = app.ask(&conversation, "And where do I reset a password?").await;
    let read = app.feedback(&conversation, &said, "unhelpful").await;
    assert_eq!((&read["state"], &read["ticket_number"]), (&json!("ticketed"), &json!(1)));

    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "Nothing helps." });
    assert_eq!(app.hand_off(&conversation, form).await, 1);
    let ticket = app.ticket(&key, 1).await;
    assert_eq!(ticket["customer"]["email"], "cy@example.org");
    assert_eq!(ticket["transcript"].as_array().map(Vec::len), Some(4));
    let drafts = format!("/api/v1/tickets/{}/suggestions", ticket["id"].as_str().expect("an id"));
    app.post(&drafts, Some(&key), json!({})).await.expect(200);
    app.write(&key, &ticket, "reply", "Try it in a private window.").await;
    let said = app.ask(&conversation, "That worked.").await;
    assert_eq!(said["handoff"]["reason"], "with_human", "{said}");

    app.unpublish(&key, &id).await;
    assert!(!app.search("reset password", None).await.contains(&PASSWORD.slug.to_owned()));
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": "solved" })), &[]).await.expect(200);
    let before = app.ticket(&key, 1).await;
    app.restart().await;
    assert_eq!(app.ticket(&key, 1).await, before);
    assert_eq!(app.search("export contacts", None).await, [CONTACTS.slug]);
    assert!(app.desk().verify_index().await.expect("compared").is_clean());
}

/// Runs one statement on the database behind Askwell's back: on Postgres where the configuration names one.
pub(crate) async fn behind_its_back(app: &TestApp, config: &app::Config, statement: &str) {
    if let Some(url) = &config.database.url {
        return execute(url, statement).await;
    }
    let url = format!("sqlite://{}", app.data().join("askwell.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("opened");
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("it is done");
    connection.close().await.expect("closed");
}

/// Runs one statement beside Askwell.
async fn execute(url: &str, statement: &str) {
    let mut connection = sqlx::PgConnection::connect(url).await.expect("the server answers");
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("it is done");
    connection.close().await.expect("closed");
}
