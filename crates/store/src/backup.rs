//! Copies of a SQLite database, made while it is in use: by order, and before its schema changes.

use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection as _};

use crate::{StoreError, row};

/// Copies the database into a file that is not there yet. The copy is on disk when this returns.
///
/// On a connection of its own: neither readers nor writers wait for it, and it holds what was committed when it began.
pub(crate) async fn copy(url: &str, to: &Path) -> Result<(), StoreError> {
    let Some(target) = to.to_str() else {
        return Err(StoreError::Unsupported("the path of a backup must be UTF-8"));
    };
    let mut connection = AnyConnection::connect(url).await?;
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await?;
    connection.close().await?;
    let to = to.to_owned();
    on_disk(move || std::fs::File::open(to)?.sync_all()).await
}

/// Copies the database to a file beside it that is named by its schema, in place of an earlier one, and gives its path.
/// Nothing is copied of a database without a file. The caller holds the write lock.
pub(crate) async fn copy_beside(url: &str, schema: i64) -> Result<Option<PathBuf>, StoreError> {
    let mut connection = AnyConnection::connect(url).await?;
    let file = sqlx::query("SELECT CAST(file AS TEXT) AS file FROM pragma_database_list WHERE name = 'main'")
        .fetch_one(&mut connection)
        .await?;
    let file = row::text(&file, "file")?;
    connection.close().await?;
    if file.is_empty() {
        return Ok(None);
    }
    let to = PathBuf::from(format!("{file}.schema-{schema}"));
    // Copied and then renamed, so that a copy that breaks off is never taken for a backup.
    let part = PathBuf::from(format!("{file}.schema-{schema}.part"));
    let left = part.clone();
    on_disk(move || if left.exists() { std::fs::remove_file(left) } else { Ok(()) }).await?;
    copy(url, &part).await?;
    let renamed = to.clone();
    on_disk(move || {
        std::fs::rename(part, &renamed)?;
        renamed.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    })
    .await?;
    Ok(Some(to))
}

/// Works on files away from the async threads.
async fn on_disk(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<(), StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Database(error.into()))?;
    done.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::StorageFull,
        _ => StoreError::Database(error.into()),
    })
}
