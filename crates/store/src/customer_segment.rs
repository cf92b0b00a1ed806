//! Segments: filters for customers, under a key.

use domain::{Audience, CustomerSegment};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, row,
    tx::{inserted, updated},
};

impl Store {
    /// Every segment, by key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_segments(&self) -> Result<Vec<CustomerSegment>, StoreError> {
        let query = sqlx::query(
            "SELECT segment_key, name, filter, created_at_ms, revision FROM segments ORDER BY segment_key",
        );
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(segment).collect()
    }

    /// A segment.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_segment(&self, key: &str) -> Result<Option<CustomerSegment>, StoreError> {
        let query = sqlx::query(
            "SELECT segment_key, name, filter, created_at_ms, revision FROM segments WHERE segment_key = $1",
        );
        let row = query.bind(key).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(segment).transpose()
    }
}

impl WriteTx {
    /// A segment, as nobody changes it until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn segment(&mut self, key: &str) -> Result<Option<CustomerSegment>, StoreError> {
        let query = sqlx::query(
            "SELECT segment_key, name, filter, created_at_ms, revision FROM segments WHERE segment_key = $1",
        );
        let row = query.bind(key).fetch_optional(self.connection()).await?;
        row.as_ref().map(segment).transpose()
    }

    /// How many segments there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_segments(&mut self) -> Result<usize, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS n FROM segments").fetch_one(self.connection()).await?;
        row::number(&found, "n")
    }

    /// Makes a segment.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key is taken.
    pub async fn insert_segment(&mut self, segment: &CustomerSegment) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO segments (segment_key, name, filter, created_at_ms, revision) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(segment.key.as_str())
        .bind(segment.name.as_str())
        .bind(segment.filter.to_string())
        .bind(segment.created_at.0)
        .bind(segment.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is a segment with this key")
    }

    /// Stores a segment's name, filter and revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_segment(&mut self, segment: &CustomerSegment) -> Result<(), StoreError> {
        let done =
            sqlx::query("UPDATE segments SET name = $2, filter = $3, revision = $4 WHERE segment_key = $1")
                .bind(segment.key.as_str())
                .bind(segment.name.as_str())
                .bind(segment.filter.to_string())
                .bind(segment.revision)
                .execute(self.connection())
                .await?;
        updated(done.rows_affected(), "segment")
    }

    /// Deletes a segment.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] while an article is for it alone.
    pub async fn delete_segment(&mut self, key: &str) -> Result<(), StoreError> {
        let article = sqlx::query("SELECT id FROM articles WHERE audience = $1 LIMIT 1")
            .bind(Audience::Segment(key.to_owned()).key())
            .fetch_optional(self.connection())
            .await?;
        if article.is_some() {
            return Err(StoreError::Conflict(
                "an article is for this segment; give it another audience first",
            ));
        }
        let done = sqlx::query("DELETE FROM segments WHERE segment_key = $1")
            .bind(key)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "segment")
    }
}

fn segment(row: &AnyRow) -> Result<CustomerSegment, StoreError> {
    Ok(CustomerSegment {
        key: row::text(row, "segment_key")?,
        name: row::text(row, "name")?,
        filter: row::parsed(row, "filter", |text| text.parse().ok())?,
        created_at: row::time(row, "created_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}
