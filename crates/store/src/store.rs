//! The database as a whole: opening, one writer and several readers, backup.

use std::{path::Path, sync::Once, time::Duration};

use sqlx::{Any, AnyPool, Connection as _, any::AnyPoolOptions, pool::PoolConnection};

use crate::{
    StoreError, WriteTx, backup,
    dialect::{Dialect, Lane},
    migrate::{MIGRATIONS, migrate},
};

/// Connections that read at the same time. A read takes a millisecond; more readers than cores only wait.
const READERS: u32 = 8;
/// How long a caller waits for a connection before it hears [`StoreError::Busy`]: as long as a writer waits for the
/// lock of another process.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    readers: AnyPool,
    writer: AnyPool,
    url: String,
    dialect: Dialect,
}

impl Store {
    /// Opens `sqlite:///path` (see [`crate::sqlite_url`]) or `postgres://…` and brings its schema up to date. A
    /// SQLite file is created when it is not there, and copied when its schema is about to change.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] when a newer program has written it; then nothing is changed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let dialect = Dialect::of_url(url)?;
        let url = dialect.connect_url(url);
        if dialect == Dialect::Sqlite {
            try_file(&url).await?;
        }
        let writer = pool(&url, dialect, Lane::Write).await?;
        migrate(&writer, &url, dialect, MIGRATIONS).await?;
        let readers = pool(&url, dialect, Lane::Read).await?;
        Ok(Self { readers, writer, url, dialect })
    }

    /// Begins the one write transaction; waits while another runs, here or in another process.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when that takes longer than half a minute.
    pub async fn begin(&self) -> Result<WriteTx, StoreError> {
        WriteTx::begin(&self.writer, self.dialect).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_one(&mut *self.reader().await?).await?;
        Ok(())
    }

    /// Copies a SQLite database into a new file while it is in use. The copy is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] on Postgres, which has its own tools; an error when the file is already there.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        if self.dialect != Dialect::Sqlite {
            return Err(StoreError::Unsupported("back up a Postgres database with pg_dump"));
        }
        if path.exists() {
            return Err(StoreError::Conflict("the backup file is already there"));
        }
        backup::copy(&self.url, path).await
    }

    /// Moves what SQLite has written to its log into the file and empties the log, as far as nobody reads from it.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        if self.dialect == Dialect::Sqlite {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&self.writer).await?;
        }
        Ok(())
    }

    /// Closes every connection once its work is done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// A connection to read with.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        Ok(self.readers.acquire().await?)
    }
}

/// Opens a SQLite file once, as a writer will. A pool tries a connection that cannot be set up again and again, until it
/// can only say that it waited too long; this says at once that the file is no database or may not be written.
async fn try_file(url: &str) -> Result<(), StoreError> {
    let mut connection = sqlx::AnyConnection::connect(url).await?;
    let set = sqlx::raw_sql(Dialect::Sqlite.settings(Lane::Write)).execute(&mut connection).await;
    connection.close().await?;
    match set.map_err(StoreError::from) {
        // Another process sets it up in this moment. The pool tries again, and then waiting is right.
        Ok(_) | Err(StoreError::Busy) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn pool(url: &str, dialect: Dialect, lane: Lane) -> Result<AnyPool, StoreError> {
    let mut options = AnyPoolOptions::new()
        .max_connections(match lane {
            Lane::Read => READERS,
            Lane::Write => 1,
        })
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(dialect.settings(lane)).execute(connection).await?;
                Ok(())
            })
        })
        // A full disk makes SQLite roll back by itself, which sqlx 0.9 does not notice: it would count the next
        // transaction as a nested one, for ever. Such a connection is closed and a new one takes its place.
        .after_release(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
    if dialect == Dialect::Sqlite {
        // A file does not hang up: nothing to check, and reopening would only cost.
        options = options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    }
    Ok(options.connect(url).await?)
}
