//! Which keys the secrets of this database were sealed with.

use std::collections::BTreeMap;

use crate::{Store, StoreError, placeholders::sql, row};

/// Where sealed secrets are that are of use: whose, table, column and condition. A secret of a webhook that was replaced, and a
/// second factor that nobody confirmed, are missed by nobody.
const SEALED: [(&str, &str, &str, &str); 2] = [
    ("webhooks", "webhook_secrets", "sealed", "expires_at_ms IS NULL"),
    ("second factors", "second_factors", "sealed_secret", "confirmed_at_ms IS NOT NULL"),
];
/// What every sealed text begins with: `v1.` and the 16 digits of its key's id.
const HEAD_CHARS: usize = 19;

impl Store {
    /// How many secrets were sealed with each key, by the first 19 characters of the sealed texts and by whose they are:
    /// `webhooks` or `second factors`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_sealed(&self) -> Result<BTreeMap<(String, &'static str), i64>, StoreError> {
        let mut counts = BTreeMap::new();
        for (whose, table, column, is_of_use) in SEALED {
            let text = format!(
                "SELECT substr({column}, 1, {HEAD_CHARS}) AS head, COUNT(*) AS n FROM {table} \
                 WHERE {is_of_use} GROUP BY 1"
            );
            for found in sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await? {
                counts.insert((row::text(&found, "head")?, whose), row::int(&found, "n")?);
            }
        }
        Ok(counts)
    }
}
