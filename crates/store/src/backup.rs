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

/// Copies a database whose schema is about to become `schema`: `askwell.db` to `askwell.db.before-2` beside it. A copy that
/// is there already is the older one, and stays. Nothing is copied of a database without a file.
///
/// The caller holds the write lock, so that nobody else makes the same copy.
pub(crate) async fn copy_beside(url: &str, schema: i64) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect(url).await?;
    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let file = row::text(&sqlx::query(file).fetch_one(&mut connection).await?, "file")?;
    connection.close().await?;
    let to = PathBuf::from(format!("{file}.before-{schema}"));
    if file.is_empty() || to.exists() {
        return Ok(());
    }
    // What a crash leaves half written must not pass for a copy.
    let part = PathBuf::from(format!("{file}.before-{schema}.part"));
    let left = part.clone();
    on_disk(move || if left.exists() { std::fs::remove_file(left) } else { Ok(()) }).await?;
    copy(url, &part).await?;
    tracing::info!(copy = %to.display(), "copied the database before changing its schema");
    on_disk(move || {
        std::fs::rename(part, &to)?;
        to.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    })
    .await
}

/// Works on files away from the async threads.
async fn on_disk(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<(), StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Database(error.into()))?;
    done.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::StorageFull,
        _ => StoreError::Database(error.into()),
    })
}
