//! Customers who may be one person: addresses and numbers that differ in nothing that matters, the same name in the same
//! organisation.

use domain::{CustomerId, IdentityKind};

use crate::{Store, StoreError, row};

/// Customers of one group that are named: more alike ones are a list to be cleaned elsewhere.
const PER_GROUP: i64 = 10;

/// Why customers may be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likeness {
    /// An identity of theirs is nearly the same.
    Identity(IdentityKind),
    /// They have the same name and belong to the same organisation.
    Name,
}

/// Customers who may be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// Why.
    pub likeness: Likeness,
    /// Who, by id; ten at most.
    pub customers: Vec<CustomerId>,
}

impl Store {
    /// Groups of customers who may be one person, at most so many of each likeness.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_duplicates(&self, limit: usize) -> Result<Vec<Duplicates>, StoreError> {
        let mut found = self.alike_identities(limit).await?;
        found.extend(self.alike_names(limit).await?);
        Ok(found)
    }

    async fn alike_identities(&self, limit: usize) -> Result<Vec<Duplicates>, StoreError> {
        let groups = sqlx::query(
            "SELECT kind, likeness FROM customer_identities GROUP BY likeness, kind \
             HAVING MIN(customer_id) <> MAX(customer_id) ORDER BY likeness, kind LIMIT $1",
        )
        .bind(row::to_int(limit))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let mut found = Vec::with_capacity(groups.len());
        for group in &groups {
            let kind = row::parsed(group, "kind", IdentityKind::parse)?;
            let rows = sqlx::query(
                "SELECT DISTINCT customer_id AS id FROM customer_identities WHERE kind = $1 AND likeness = $2 \
                 ORDER BY customer_id LIMIT $3",
            )
            .bind(kind.as_str())
            .bind(row::text(group, "likeness")?)
            .bind(PER_GROUP)
            .fetch_all(&mut *self.reader().await?)
            .await?;
            let customers = rows.iter().map(|found| row::text(found, "id").map(CustomerId::new));
            let customers = customers.collect::<Result<Vec<_>, _>>()?;
            found.push(Duplicates { likeness: Likeness::Identity(kind), customers });
        }
        Ok(found)
    }

    async fn alike_names(&self, limit: usize) -> Result<Vec<Duplicates>, StoreError> {
        let groups = sqlx::query(
            "SELECT organisation_id, name FROM customers \
             WHERE organisation_id IS NOT NULL AND name <> '' AND merged_into IS NULL AND erasing_json IS NULL \
             GROUP BY organisation_id, name HAVING COUNT(*) > 1 ORDER BY organisation_id, name LIMIT $1",
        )
        .bind(row::to_int(limit))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let mut found = Vec::with_capacity(groups.len());
        for group in &groups {
            let rows = sqlx::query(
                "SELECT id FROM customers WHERE organisation_id = $1 AND name = $2 AND merged_into IS NULL \
                 AND erasing_json IS NULL ORDER BY id LIMIT $3",
            )
            .bind(row::text(group, "organisation_id")?)
            .bind(row::text(group, "name")?)
            .bind(PER_GROUP)
            .fetch_all(&mut *self.reader().await?)
            .await?;
            let customers = rows.iter().map(|found| row::text(found, "id").map(CustomerId::new));
            let customers = customers.collect::<Result<Vec<_>, _>>()?;
            found.push(Duplicates { likeness: Likeness::Name, customers });
        }
        Ok(found)
    }
}
