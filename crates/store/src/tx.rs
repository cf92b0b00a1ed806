//! The write transaction: one runs at a time, on both databases, across processes.

use sqlx::{Any, AnyConnection, AnyPool, Transaction};

use crate::{StoreError, dialect::Dialect, row};

/// A write transaction. Dropped without [`WriteTx::commit`], it leaves nothing behind.
///
/// What it reads is what it may rely on until it commits: nobody else writes meanwhile.
pub struct WriteTx {
    tx: Transaction<'static, Any>,
}

/// A row of `counters`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counter {
    /// The change log's sequence.
    Change,
    /// The outbox's sequence.
    Event,
    /// Ticket numbers.
    Ticket,
    /// The order in which solved tickets are remembered.
    SolvedTicket,
    /// Numbers of learned versions.
    LearnedVersion,
    /// The audit log's sequence.
    Audit,
    /// Changes of rules.
    Rules,
}

impl WriteTx {
    pub(crate) async fn begin(writer: &AnyPool, dialect: Dialect) -> Result<Self, StoreError> {
        Ok(Self { tx: begin(writer, dialect).await? })
    }

    /// Makes everything of this transaction true at once, and durable.
    ///
    /// # Errors
    /// After an error nothing of it is true.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }

    /// Leaves everything as it was.
    ///
    /// # Errors
    /// Only when the connection is lost; everything is as it was even then.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.tx.rollback().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// The next number of a counter. Numbers follow the order of commits and have no gaps.
    pub(crate) async fn next(&mut self, counter: Counter) -> Result<i64, StoreError> {
        self.next_many(counter, 1).await
    }

    /// The first of the next so many numbers of a counter.
    pub(crate) async fn next_many(&mut self, counter: Counter, n: usize) -> Result<i64, StoreError> {
        let name = match counter {
            Counter::Change => "change",
            Counter::Event => "event",
            Counter::Ticket => "ticket",
            Counter::SolvedTicket => "solved_ticket",
            Counter::LearnedVersion => "learned_version",
            Counter::Audit => "audit",
            Counter::Rules => "rules",
        };
        let next = sqlx::query("UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value")
            .bind(name)
            .bind(row::to_int(n))
            .fetch_one(self.connection())
            .await?;
        Ok(row::int(&next, "value")? - row::to_int(n) + 1)
    }
}

pub(crate) async fn begin(
    writer: &AnyPool,
    dialect: Dialect,
) -> Result<Transaction<'static, Any>, StoreError> {
    let mut tx = writer.begin_with(dialect.begin()).await?;
    if let Some(lock) = dialect.write_lock() {
        sqlx::query(lock).execute(&mut *tx).await?;
    }
    Ok(tx)
}

/// Turns "no row was written" into an error. `ON CONFLICT DO NOTHING` keeps the transaction usable after a conflict,
/// which on Postgres a failed statement would not.
pub(crate) fn inserted(n_rows: u64, conflict: &'static str) -> Result<(), StoreError> {
    if n_rows == 0 { Err(StoreError::Conflict(conflict)) } else { Ok(()) }
}

/// Turns "no row was changed" into an error.
pub(crate) fn updated(n_rows: u64, what: &'static str) -> Result<(), StoreError> {
    if n_rows == 0 { Err(StoreError::NotFound(what)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use domain::{Article, ArticleId, Audience, Locale, Principal, PublicationState, Timestamp, Translation};

    use super::*;
    use crate::{Store, sqlite_url};

    async fn write(store: &Store, id: &str) -> Result<(), StoreError> {
        let now = Timestamp(1);
        let article = Article {
            id: ArticleId::new(id),
            slug: id.to_owned(),
            collection_id: None,
            audience: Audience::Public,
            external_id: None,
            position: 0,
            created_at: now,
            updated_at: now,
        };
        let translation = Translation {
            article_id: article.id.clone(),
            locale: Locale::english(),
            title: id.to_owned(),
            body: "x".repeat(50_000),
            questions: vec![],
            state: PublicationState::Draft,
            published_version: None,
            revision: 1,
            source_hash: None,
            updated_at: now,
        };
        let mut tx = store.begin().await?;
        tx.insert_article(&article).await?;
        tx.insert_translation(&translation).await?;
        tx.commit().await
    }

    /// Says how many pages the file may have, in the one connection that writes.
    async fn limit(store: &Store, n_pages: i64) {
        let mut tx = store.begin().await.unwrap();
        let pragma = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {n_pages}"));
        sqlx::query(pragma).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// How many pages the file has.
    async fn n_pages(store: &Store) -> i64 {
        let mut tx = store.begin().await.unwrap();
        let row = sqlx::query("PRAGMA page_count").fetch_one(tx.connection()).await.unwrap();
        row::int(&row, "page_count").unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_keeps_what_was_committed_and_recovers() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&sqlite_url(&dir.path().join("askwell.db"))).await.unwrap();
        // Room for a few articles beside the empty tables.
        let most = n_pages(&store).await + 60;
        limit(&store, most).await;
        let mut n_written = 0;
        let error = loop {
            match write(&store, &format!("a{n_written}")).await {
                Ok(()) => n_written += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::StorageFull), "{error:?}");
        assert!(n_written > 0);
        for again in 0..3 {
            // The connection that failed was replaced.
            limit(&store, most).await;
            let refused = write(&store, "refused").await;
            assert!(matches!(refused, Err(StoreError::StorageFull)), "{again}: {refused:?}");
        }
        let found = |id: String| {
            let store = store.clone();
            async move { store.find_article(&Principal::System, &ArticleId::new(id)).await.unwrap().is_some() }
        };
        assert!(found(format!("a{}", n_written - 1)).await);
        assert!(!found(format!("a{n_written}")).await);
        limit(&store, 10_000).await;
        write(&store, "refused").await.unwrap();
        assert!(found("refused".to_owned()).await);
    }
}
