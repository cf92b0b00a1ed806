//! Brings a database to the schema this program knows, one file in one transaction at a time.

use sqlx::{AnyConnection, AnyPool};

use crate::{StoreError, dialect::Dialect, row, tx};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// Counts from 1 without gaps.
    pub(crate) version: i64,
    /// Statements in the subset of migrations/README.md.
    pub(crate) sql: &'static str,
}

/// Every step, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../../migrations/0001_initial.sql") },
    Migration { version: 2, sql: include_str!("../../../migrations/0002_search_clicks.sql") },
];

/// Applies what is missing. Several processes may do so at once; each step happens once.
pub(crate) async fn migrate(
    writer: &AnyPool,
    dialect: Dialect,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    loop {
        let mut tx = tx::begin(writer, dialect).await?;
        let create = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
        sqlx::query(create).execute(&mut *tx).await?;
        let found = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version")
            .fetch_one(&mut *tx)
            .await?;
        let found = row::int(&found, "version")?;
        if found > known {
            return Err(StoreError::NewerSchema { found, known });
        }
        let Some(next) = migrations.iter().find(|migration| migration.version == found + 1) else {
            tx.commit().await?;
            return Ok(());
        };
        for statement in statements(next.sql) {
            let statement = sqlx::AssertSqlSafe(dialect.ddl(&statement));
            sqlx::query(statement).persistent(false).execute(&mut *tx).await?;
        }
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(next.version)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        tracing::info!(schema = next.version, "migrated the database");
    }
}

/// Copies a SQLite database that an older program wrote before its schema is changed: `askwell.db` to
/// `askwell.db.before-2` beside it. A copy that is there already is the older one, and stays.
///
/// # Errors
/// When there is no room for the copy; then the database is as it was.
pub(crate) async fn copy_before_migrating(
    connection: &mut AnyConnection,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    let is_new = "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'schema_version'";
    if row::int(&sqlx::query(is_new).fetch_one(&mut *connection).await?, "n")? == 0 {
        return Ok(());
    }
    let found = "SELECT COALESCE(MAX(version), 0) AS version FROM schema_version";
    let found = row::int(&sqlx::query(found).fetch_one(&mut *connection).await?, "version")?;
    let known = migrations.last().map_or(0, |migration| migration.version);
    if found == 0 || found >= known {
        return Ok(());
    }
    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let file = row::text(&sqlx::query(file).fetch_one(&mut *connection).await?, "file")?;
    let copy = format!("{file}.before-{known}");
    if std::path::Path::new(&copy).exists() {
        return Ok(());
    }
    // What a crash leaves half written must not pass for a copy.
    let part = format!("{copy}.part");
    let failed = |error: std::io::Error| StoreError::Database(error.into());
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    sqlx::query("VACUUM INTO $1").bind(part.as_str()).execute(&mut *connection).await?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&part, &copy).map_err(failed)?;
    tracing::info!(copy, "copied the database before changing its schema");
    Ok(())
}

/// Splits a file at its semicolons, outside of quotes and comments. Comments are dropped.
fn statements(sql: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut statement = String::new();
    let mut quote = None;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '-' && chars.peek() == Some(&'-') => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                continue;
            }
            None if c == ';' => {
                all.push(std::mem::take(&mut statement));
                continue;
            }
            None => {}
        }
        statement.push(c);
    }
    all.push(statement);
    all.iter()
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_split_at_semicolons_that_end_statements() {
        let sql =
            "-- a; comment\nCREATE TABLE t (a TEXT); -- more;\nINSERT INTO t VALUES ('x;--y', 'it''s');\n;\n";
        assert_eq!(
            statements(sql),
            ["CREATE TABLE t (a TEXT)".to_owned(), "INSERT INTO t VALUES ('x;--y', 'it''s')".to_owned()]
        );
    }

    #[tokio::test]
    async fn an_older_database_is_copied_before_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("askwell.db");
        let url = crate::sqlite_url(&file);
        sqlx::any::install_default_drivers();
        let options = sqlx::any::AnyPoolOptions::new().max_connections(1);
        let pool = options.connect(&format!("{url}?mode=rwc")).await.unwrap();
        migrate(&pool, Dialect::Sqlite, &MIGRATIONS[..1]).await.unwrap();
        let insert =
            "INSERT INTO searches (id, query, locale, n_hits, created_at_ms) VALUES ('s', 'q', 'en', 1, 1)";
        sqlx::query(insert).execute(&pool).await.unwrap();
        pool.close().await;

        let store = crate::Store::open(&url).await.unwrap();
        store.close().await;
        let copy = dir.path().join(format!("askwell.db.before-{}", MIGRATIONS.len()));
        let pool = sqlx::AnyPool::connect(&crate::sqlite_url(&copy)).await.unwrap();
        let old = sqlx::query("SELECT MAX(version) AS version FROM schema_version");
        assert_eq!(row::int(&old.fetch_one(&pool).await.unwrap(), "version").unwrap(), 1);
        let kept = sqlx::query("SELECT COUNT(*) AS n FROM searches");
        assert_eq!(row::int(&kept.fetch_one(&pool).await.unwrap(), "n").unwrap(), 1);
        pool.close().await;

        // A database that is up to date, or new, needs no copy.
        std::fs::remove_file(&copy).unwrap();
        crate::Store::open(&url).await.unwrap().close().await;
        assert!(!copy.exists());
    }

    #[test]
    fn migrations_count_from_one_without_gaps() {
        for (at, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version).unwrap(), at + 1);
        }
    }
}
