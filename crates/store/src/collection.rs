//! Collections: the shelves of the help center.

use domain::{Collection, CollectionId, Principal};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    reader::ArticleReader,
    row,
    tx::{inserted, updated},
};

/// The columns of `collections c`.
pub(crate) const COLUMNS: &str = "c.id AS c_id, c.slug AS c_slug, c.title AS c_title, c.description AS c_description, c.position AS c_position";

/// The collection in a row with [`COLUMNS`].
pub(crate) fn collection(row: &AnyRow) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: CollectionId::new(row::text(row, "c_id")?),
        slug: row::text(row, "c_slug")?,
        title: row::text(row, "c_title")?,
        description: row::text(row, "c_description")?,
        position: row::int(row, "c_position")?,
    })
}

impl Store {
    /// Every collection by position, then title, with the number of published articles in it that the principal may
    /// read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_collections(
        &self,
        principal: &Principal,
    ) -> Result<Vec<(Collection, i64)>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = format!(
            "SELECT {COLUMNS}, (SELECT COUNT(*) FROM articles a WHERE a.collection_id = c.id AND {} \
             AND EXISTS (SELECT 1 FROM translations t WHERE t.article_id = a.id AND t.state = 'published')) \
             AS n_articles FROM collections c ORDER BY c.position, c.title, c.id",
            reader.condition(1)
        );
        let rows = reader.bind(sqlx::query(sql(text))).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok((collection(row)?, row::int(row, "n_articles")?))).collect()
    }

    /// A collection by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_collection(&self, id: &CollectionId) -> Result<Option<Collection>, StoreError> {
        find(&mut *self.reader().await?, "c.id", id.as_str()).await
    }

    /// A collection by its address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_collection_by_slug(&self, slug: &str) -> Result<Option<Collection>, StoreError> {
        find(&mut *self.reader().await?, "c.slug", slug).await
    }
}

impl WriteTx {
    /// A collection by its address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn collection_by_slug(&mut self, slug: &str) -> Result<Option<Collection>, StoreError> {
        find(self.connection(), "c.slug", slug).await
    }

    /// Adds a collection.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its address is taken.
    pub async fn insert_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO collections (id, slug, title, description, position) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(collection.id.as_str())
        .bind(collection.slug.as_str())
        .bind(collection.title.as_str())
        .bind(collection.description.as_str())
        .bind(collection.position)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "a collection with this address is already there")
    }

    /// Changes what a collection is called and where it stands; its address stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let done =
            sqlx::query("UPDATE collections SET title = $2, description = $3, position = $4 WHERE id = $1")
                .bind(collection.id.as_str())
                .bind(collection.title.as_str())
                .bind(collection.description.as_str())
                .bind(collection.position)
                .execute(self.connection())
                .await?;
        updated(done.rows_affected(), "collection")
    }
}

async fn find(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
) -> Result<Option<Collection>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM collections c WHERE {column} = $1");
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(connection).await?;
    row.as_ref().map(collection).transpose()
}
