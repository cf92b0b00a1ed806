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
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, sql: include_str!("../../../migrations/0001_initial.sql") }];

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
        if found > 0 && dialect == Dialect::Sqlite && !is_copied {
            // Within the transaction: whoever else wants to migrate waits, and what is copied is the old schema.
            if let Some(copy) = backup::copy_beside(url, found).await? {
                tracing::info!(schema = found, copy = %copy.display(), "copied the database");
            }
            is_copied = true;
        }
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
    async fn a_database_with_data_is_copied_before_its_schema_changes() {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url_of = |name: &str| format!("{}?mode=rwc", crate::sqlite_url(&dir.path().join(name)));
        let url = url_of("askwell.db");
        let steps = [
            Migration { version: 1, sql: "CREATE TABLE t (a TEXT); INSERT INTO t (a) VALUES ('kept');" },
            Migration { version: 2, sql: "DELETE FROM t;" },
            Migration { version: 3, sql: "DROP TABLE t;" },
        ];
        let copy = dir.path().join("askwell.db.schema-1");
        let migrate_to = async |known: usize| {
            let pool = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
            migrate(&pool, &url, Dialect::Sqlite, &steps[..known]).await.unwrap();
            pool.close().await;
        };
        migrate_to(1).await;
        migrate_to(1).await;
        assert!(!copy.exists(), "nothing changed");
        // One that broke off is in nobody's way.
        std::fs::write(dir.path().join("askwell.db.schema-1.part"), "half").unwrap();
        migrate_to(3).await;
        let copied = sqlx::any::AnyPoolOptions::new().connect(&url_of("askwell.db.schema-1")).await.unwrap();
        let kept = sqlx::query("SELECT a FROM t").fetch_one(&copied).await.unwrap();
        assert_eq!(row::text(&kept, "a").unwrap(), "kept");
        let names = std::fs::read_dir(dir.path()).unwrap().flatten().map(|entry| entry.file_name());
        let n_copies = names.filter(|name| name.to_string_lossy().ends_with("schema-1")).count();
        assert_eq!(n_copies, 1, "one copy, of the schema it had");
    }

    #[test]
    fn migrations_count_from_one_without_gaps() {
        for (at, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version).unwrap(), at + 1);
        }
    }
}
