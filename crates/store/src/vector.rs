//! Vectors, by model and by the hash of the text: the same text is embedded once.

use std::collections::{HashMap, HashSet};

use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, ROWS_PER_INSERT, sql},
    row,
};

impl Store {
    /// The stored vectors of these texts, by hash. Texts without one are missing from the result.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn vectors_of(
        &self,
        model_id: &str,
        hashes: &[String],
    ) -> Result<HashMap<String, Vec<f32>>, StoreError> {
        let mut vectors = HashMap::with_capacity(hashes.len());
        let mut connection = self.reader().await?;
        for hashes in hashes.chunks(placeholders::LIST_MAX) {
            let hashes = placeholders::padded(&hashes.iter().map(String::as_str).collect::<Vec<_>>());
            let text = format!(
                "SELECT text_hash, dims, vector FROM vectors WHERE model_id = $1 AND text_hash IN ({})",
                placeholders::list(2, hashes.len())
            );
            let query = sqlx::query(sql(text)).bind(model_id);
            let query = hashes.iter().fold(query, |query, hash| query.bind(*hash));
            for row in query.fetch_all(&mut *connection).await? {
                vectors.extend([vector(&row)?]);
            }
        }
        Ok(vectors)
    }
}

impl WriteTx {
    /// Stores vectors by the hash of their text. One that is already there stays.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_vectors(
        &mut self,
        model_id: &str,
        vectors: &[(String, Vec<f32>)],
    ) -> Result<(), StoreError> {
        let (groups, rest) = vectors.as_chunks::<ROWS_PER_INSERT>();
        for group in groups {
            self.insert_vector_rows(model_id, group).await?;
        }
        for vector in rest {
            self.insert_vector_rows(model_id, std::slice::from_ref(vector)).await?;
        }
        Ok(())
    }

    /// Deletes the vectors of a model whose text is not in use any more. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_unused_vectors(
        &mut self,
        model_id: &str,
        used: &HashSet<String>,
    ) -> Result<u64, StoreError> {
        let rows = sqlx::query("SELECT text_hash FROM vectors WHERE model_id = $1")
            .bind(model_id)
            .fetch_all(self.connection())
            .await?;
        let mut n_deleted = 0;
        for row in rows {
            let hash = row::text(&row, "text_hash")?;
            if !used.contains(&hash) {
                n_deleted += sqlx::query("DELETE FROM vectors WHERE model_id = $1 AND text_hash = $2")
                    .bind(model_id)
                    .bind(hash)
                    .execute(self.connection())
                    .await?
                    .rows_affected();
            }
        }
        Ok(n_deleted)
    }

    /// Deletes the vectors of these texts, by hash, of every model. Whoever needs one again computes it again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_vectors(&mut self, hashes: &[String]) -> Result<(), StoreError> {
        for hash in hashes {
            sqlx::query("DELETE FROM vectors WHERE text_hash = $1")
                .bind(hash.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn insert_vector_rows(
        &mut self,
        model_id: &str,
        vectors: &[(String, Vec<f32>)],
    ) -> Result<(), StoreError> {
        let text = format!(
            "INSERT INTO vectors (model_id, text_hash, dims, vector) VALUES {} ON CONFLICT DO NOTHING",
            placeholders::rows(vectors.len(), 4)
        );
        let mut query = sqlx::query(sql(text));
        for (hash, vector) in vectors {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            query = query.bind(model_id).bind(hash.as_str()).bind(row::to_int(vector.len())).bind(bytes);
        }
        query.execute(self.connection()).await?;
        Ok(())
    }
}

fn vector(row: &AnyRow) -> Result<(String, Vec<f32>), StoreError> {
    let dims: usize = row::number(row, "dims")?;
    let (values, rest) = row::bytes(row, "vector")?.as_chunks::<4>();
    if values.len() != dims || !rest.is_empty() {
        return Err(StoreError::Database(format!("a vector of {dims} dimensions is cut short").into()));
    }
    let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok((row::text(row, "text_hash")?, values))
}
