//! Which keys the secrets of this database were sealed with.

use std::collections::BTreeMap;

use crate::{Store, StoreError, placeholders::sql, row};

/// Where sealed secrets are: table and column.
const SEALED: [(&str, &str); 2] = [("webhook_secrets", "sealed"), ("second_factors", "sealed_secret")];
/// What every sealed text begins with: `v1.` and the 16 digits of its key's id.
const HEAD_CHARS: usize = 19;

impl Store {
    /// How many secrets were sealed with each key, by the first 19 characters of the sealed texts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_sealed(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let mut counts = BTreeMap::new();
        for (table, column) in SEALED {
            let text = format!(
                "SELECT substr({column}, 1, {HEAD_CHARS}) AS head, COUNT(*) AS n FROM {table} \
                 WHERE {column} IS NOT NULL GROUP BY 1"
            );
            for found in sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await? {
                *counts.entry(row::text(&found, "head")?).or_default() += row::int(&found, "n")?;
            }
        }
        Ok(counts)
    }
}
