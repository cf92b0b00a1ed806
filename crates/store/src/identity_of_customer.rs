//! What customers are known by: addresses, numbers, ids. Each is one customer's.

use std::collections::{BTreeSet, HashMap};

use domain::{CustomerId, Identity, IdentityId, IdentityKind};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, customer_id, kind, value, verified_at_ms, created_at_ms";

impl Store {
    /// What these customers are known by, by kind and from the oldest on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identities_of(
        &self,
        ids: &BTreeSet<CustomerId>,
    ) -> Result<HashMap<CustomerId, Vec<Identity>>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
        let mut found: HashMap<CustomerId, Vec<Identity>> = HashMap::new();
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let text = format!(
                "SELECT {COLUMNS} FROM customer_identities WHERE customer_id IN ({list}) ORDER BY customer_id, kind, id"
            );
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                let identity = identity(&row)?;
                found.entry(identity.customer_id.clone()).or_default().push(identity);
            }
        }
        Ok(found)
    }
}

impl WriteTx {
    /// What a customer is known by, by kind and from the oldest on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identities(&mut self, id: &CustomerId) -> Result<Vec<Identity>, StoreError> {
        let text =
            format!("SELECT {COLUMNS} FROM customer_identities WHERE customer_id = $1 ORDER BY kind, id");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_all(self.connection()).await?.iter().map(identity).collect()
    }

    /// An identity by what it is; the value in the form in which it is stored.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity_by_value(
        &mut self,
        kind: IdentityKind,
        value: &str,
    ) -> Result<Option<Identity>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM customer_identities WHERE kind = $1 AND value = $2");
        let query = sqlx::query(sql(text)).bind(kind.as_str()).bind(value);
        query.fetch_optional(self.connection()).await?.as_ref().map(identity).transpose()
    }

    /// Adds an identity.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a customer has it.
    pub async fn insert_customer_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO customer_identities (id, customer_id, kind, value, domain, likeness, verified_at_ms, \
             created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(identity.id.as_str())
        .bind(identity.customer_id.as_str())
        .bind(identity.kind.as_str())
        .bind(identity.value.as_str())
        .bind(identity.domain())
        .bind(identity.kind.likeness(&identity.value))
        .bind(identity.verified_at.map(|at| at.0))
        .bind(identity.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "a customer has this identity already")
    }

    /// Stores whose an identity is and since when that is known. What it is stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE customer_identities SET customer_id = $2, verified_at_ms = $3, likeness = $4 WHERE id = $1",
        )
        .bind(identity.id.as_str())
        .bind(identity.customer_id.as_str())
        .bind(identity.verified_at.map(|at| at.0))
        .bind(identity.kind.likeness(&identity.value))
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "identity")
    }

    /// Deletes an identity.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_identity(&mut self, id: &IdentityId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM customer_identities WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "identity")
    }

    /// Deletes all that a customer is known by.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_identities(&mut self, id: &CustomerId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM customer_identities WHERE customer_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn identity(row: &AnyRow) -> Result<Identity, StoreError> {
    Ok(Identity {
        id: IdentityId::new(row::text(row, "id")?),
        customer_id: CustomerId::new(row::text(row, "customer_id")?),
        kind: row::parsed(row, "kind", IdentityKind::parse)?,
        value: row::text(row, "value")?,
        verified_at: row::optional_time(row, "verified_at_ms")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
