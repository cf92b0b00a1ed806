//! A fresh database per test, and its end.

use std::{future::Future, pin::Pin, sync::Arc};

use sqlx::Connection as _;
use store::{Store, sqlite_url};

/// A database that nothing else uses.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) dir: tempfile::TempDir,
}

type Case = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) async fn on_sqlite(case: impl FnOnce(Arc<Database>) -> Case) {
    let dir = tempfile::tempdir().unwrap();
    let url = sqlite_url(&dir.path().join("askwell.db"));
    let store = Store::open(&url).await.unwrap();
    case(Arc::new(Database { store, url, dir })).await;
}

pub(crate) async fn on_postgres(case: impl FnOnce(Arc<Database>) -> Case) {
    let Ok(server) = std::env::var("ASKWELL_TEST_POSTGRES_URL") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs ASKWELL_TEST_POSTGRES_URL");
        eprintln!("skipped: ASKWELL_TEST_POSTGRES_URL names no server");
        return;
    };
    // The folder's random name serves the database too.
    let dir = tempfile::tempdir().unwrap();
    let random = dir.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_lowercase();
    let name = format!("askwell_{random}");
    execute(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let at = server.rfind('/').unwrap();
    let url = format!("{}/{name}{}", &server[..at], server.find('?').map_or("", |at| &server[at..]));
    let store = Store::open(&url).await.unwrap();
    let db = Database { store, url, dir };
    // In a task of its own, so that the database goes even when the case fails.
    let outcome = tokio::spawn(case(Arc::new(db))).await;
    execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    outcome.unwrap();
}

/// Runs one statement past the store.
pub(crate) async fn execute(url: &str, statement: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
