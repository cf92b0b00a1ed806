//! Brings a database to the schema this program knows, one file in one transaction at a time.

use sqlx::AnyPool;

use crate::{StoreError, backup, dialect::Dialect, row, tx};

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
    Migration { version: 3, sql: include_str!("../../../migrations/0003_learning.sql") },
    Migration { version: 4, sql: include_str!("../../../migrations/0004_proposed_questions.sql") },
    Migration { version: 5, sql: include_str!("../../../migrations/0005_ticket_history.sql") },
    Migration { version: 6, sql: include_str!("../../../migrations/0006_tags.sql") },
    Migration { version: 7, sql: include_str!("../../../migrations/0007_teams.sql") },
    Migration { version: 8, sql: include_str!("../../../migrations/0008_ticket_lists.sql") },
    Migration { version: 9, sql: include_str!("../../../migrations/0009_views.sql") },
    Migration { version: 10, sql: include_str!("../../../migrations/0010_webhooks.sql") },
    Migration { version: 11, sql: include_str!("../../../migrations/0011_schedules.sql") },
    Migration { version: 12, sql: include_str!("../../../migrations/0012_sla.sql") },
    Migration { version: 13, sql: include_str!("../../../migrations/0013_assignment.sql") },
    Migration { version: 14, sql: include_str!("../../../migrations/0014_fields.sql") },
    Migration { version: 15, sql: include_str!("../../../migrations/0015_sessions_and_people.sql") },
    Migration { version: 16, sql: include_str!("../../../migrations/0016_invites.sql") },
    Migration { version: 17, sql: include_str!("../../../migrations/0017_attempts.sql") },
    Migration { version: 18, sql: include_str!("../../../migrations/0018_roles.sql") },
    Migration { version: 19, sql: include_str!("../../../migrations/0019_key_rotation.sql") },
    Migration { version: 20, sql: include_str!("../../../migrations/0020_second_factor.sql") },
    Migration { version: 21, sql: include_str!("../../../migrations/0021_identities.sql") },
    Migration { version: 22, sql: include_str!("../../../migrations/0022_audit.sql") },
    Migration { version: 23, sql: include_str!("../../../migrations/0023_erasure.sql") },
    Migration { version: 24, sql: include_str!("../../../migrations/0024_handling.sql") },
    Migration { version: 25, sql: include_str!("../../../migrations/0025_channel.sql") },
    Migration { version: 26, sql: include_str!("../../../migrations/0026_reports.sql") },
    Migration { version: 27, sql: include_str!("../../../migrations/0027_customers.sql") },
    Migration { version: 28, sql: include_str!("../../../migrations/0028_imports.sql") },
    Migration { version: 29, sql: include_str!("../../../migrations/0029_messages.sql") },
    Migration { version: 30, sql: include_str!("../../../migrations/0030_saved_actions.sql") },
    Migration { version: 31, sql: include_str!("../../../migrations/0031_rules.sql") },
    Migration { version: 32, sql: include_str!("../../../migrations/0032_archive.sql") },
    Migration { version: 33, sql: include_str!("../../../migrations/0033_bulk_jobs.sql") },
    Migration { version: 34, sql: include_str!("../../../migrations/0034_sla_standing.sql") },
    Migration { version: 35, sql: include_str!("../../../migrations/0035_unsolved_tags.sql") },
];

/// Applies what is missing. Several processes may do so at once; each step happens once.
///
/// A SQLite database with data is copied first: see [`backup::copy_beside`]. Without room for that nothing changes.
pub(crate) async fn migrate(
    writer: &AnyPool,
    url: &str,
    dialect: Dialect,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    let mut is_copied = false;
    let mut first_found = None;
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
        let from = *first_found.get_or_insert(found);
        let Some(next) = migrations.iter().find(|migration| migration.version == found + 1) else {
            tx.commit().await?;
            if found > from {
                tracing::info!(from, to = found, "migrated the database");
            }
            return Ok(());
        };
        if found > 0 && dialect == Dialect::Sqlite && !is_copied {
            // Within the transaction: whoever else wants to migrate waits, and what is copied is the old schema.
            backup::copy_beside(url, known).await?;
        }
        // A new database has nothing to copy, not even once its first step is done.
        is_copied = true;
        for statement in statements(next.sql) {
            let statement = sqlx::AssertSqlSafe(dialect.ddl(&statement));
            sqlx::query(statement).persistent(false).execute(&mut *tx).await?;
        }
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(next.version)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        tracing::debug!(schema = next.version, "migrated one step");
    }
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
        let url = format!("{}?mode=rwc", crate::sqlite_url(&file));
        sqlx::any::install_default_drivers();
        let options = sqlx::any::AnyPoolOptions::new().max_connections(1);
        let pool = options.connect(&url).await.unwrap();
        migrate(&pool, &url, Dialect::Sqlite, &MIGRATIONS[..1]).await.unwrap();
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
        let new = dir.path().join("new.db");
        crate::Store::open(&crate::sqlite_url(&new)).await.unwrap().close().await;
        assert!(!dir.path().join(format!("new.db.before-{}", MIGRATIONS.len())).exists());
    }

    #[test]
    fn migrations_count_from_one_without_gaps() {
        for (at, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version).unwrap(), at + 1);
        }
    }
}
