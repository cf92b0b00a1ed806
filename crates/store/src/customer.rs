//! Customers.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Customer, CustomerId, FieldValues, Identity, IdentityId, IdentityKind, OrganisationBy, OrganisationId,
    Timestamp,
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    row,
    tx::{inserted, updated},
};

/// The columns of [`customer`].
pub(crate) const COLUMNS: &str = "c.id AS id, c.name AS name, c.email AS email, c.locale AS locale, \
     c.organisation_id AS organisation_id, c.organisation_by AS organisation_by, c.tags_json AS tags_json, \
     c.fields_json AS fields_json, c.created_at_ms AS created_at_ms, c.seen_at_ms AS seen_at_ms, \
     c.merged_into AS merged_into, c.revision AS revision";

/// Who may be taken for the customer with an address: it is theirs as far as anybody knows, not merely said to be.
const BY_EMAIL: &str = "c.id = (SELECT i.customer_id FROM customer_identities i WHERE i.kind = 'email' \
     AND i.value = $1) AND (c.email = $1 OR EXISTS (SELECT 1 FROM customer_identities i \
     WHERE i.kind = 'email' AND i.value = $1 AND i.verified_at_ms IS NOT NULL))";

impl Store {
    /// A customer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        find(&mut *self.reader().await?, "c.id = $1", id.as_str()).await
    }

    /// The customer who gets answers at this mail address, or whose it is for certain; to the letter.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_customer_by_email(&self, email: &str) -> Result<Option<Customer>, StoreError> {
        find(&mut *self.reader().await?, BY_EMAIL, email).await
    }

    /// Customers after an id, by id, those who were merged too; not those who are being erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_customers(
        &self,
        after: Option<&CustomerId>,
        limit: i64,
    ) -> Result<Vec<Customer>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM customers c WHERE c.id > $1 AND c.erasing_json IS NULL ORDER BY c.id LIMIT $2"
        );
        let query = sqlx::query(sql(text)).bind(after.map_or("", CustomerId::as_str)).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(customer).collect()
    }

    /// These customers, in no order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customers_of(&self, ids: &BTreeSet<CustomerId>) -> Result<Vec<Customer>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let text = format!("SELECT {COLUMNS} FROM customers c WHERE c.id IN ({list})");
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.push(customer(&row)?);
            }
        }
        Ok(found)
    }

    /// The ids of the customers who have these mail addresses, verified or not, to the letter, by address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customer_ids_of(
        &self,
        emails: &BTreeSet<String>,
    ) -> Result<HashMap<String, CustomerId>, StoreError> {
        let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
        let mut found = HashMap::new();
        for emails in emails.chunks(placeholders::LIST_MAX) {
            let emails = placeholders::padded(emails);
            let list = placeholders::list(1, emails.len());
            let text = format!(
                "SELECT customer_id, value FROM customer_identities WHERE kind = 'email' AND value IN ({list})"
            );
            let query = emails.iter().fold(sqlx::query(sql(text)), |query, email| query.bind(*email));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.insert(row::text(&row, "value")?, CustomerId::new(row::text(&row, "customer_id")?));
            }
        }
        Ok(found)
    }
}

impl WriteTx {
    /// A customer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        find(self.connection(), "c.id = $1", id.as_str()).await
    }

    /// The customer who gets answers at this mail address, or whose it is for certain; to the letter: callers store addresses
    /// in one form.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customer_by_email(&mut self, email: &str) -> Result<Option<Customer>, StoreError> {
        find(self.connection(), BY_EMAIL, email).await
    }

    /// Adds a customer. The address they come with becomes an identity, under their own id.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the mail address is another's.
    pub async fn insert_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO customers (id, name, email, locale, organisation_id, organisation_by, tags_json, fields_json, \
             created_at_ms, seen_at_ms, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT DO NOTHING",
        )
        .bind(customer.id.as_str())
        .bind(customer.name.as_str())
        .bind(customer.email.as_deref())
        .bind(customer.locale.as_ref().map(domain::Locale::as_str))
        .bind(customer.organisation_id.as_ref().map(OrganisationId::as_str))
        .bind(customer.organisation_by.as_str())
        .bind(row::to_json(&customer.tags)?)
        .bind(row::to_json(&customer.fields)?)
        .bind(customer.created_at.0)
        .bind(customer.seen_at.map(|at| at.0))
        .bind(customer.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "a customer with this mail address is already there")?;
        if let Some(identity) = first_identity(customer) {
            self.insert_customer_identity(&identity).await?;
        }
        self.set_customer_values(customer).await
    }

    /// Stores a customer in another state. Their identities stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are not there, [`StoreError::Conflict`] when the mail address is another's.
    pub async fn update_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        if let Some(email) = &customer.email {
            let other = find(self.connection(), "c.email = $1", email).await?;
            if other.is_some_and(|other| other.id != customer.id) {
                return Err(StoreError::Conflict("a customer with this mail address is already there"));
            }
        }
        let done = sqlx::query(
            "UPDATE customers SET name = $2, email = $3, locale = $4, organisation_id = $5, organisation_by = $6, \
             tags_json = $7, fields_json = $8, seen_at_ms = $9, merged_into = $10, revision = $11, created_at_ms = $12 \
             WHERE id = $1",
        )
        .bind(customer.id.as_str())
        .bind(customer.name.as_str())
        .bind(customer.email.as_deref())
        .bind(customer.locale.as_ref().map(domain::Locale::as_str))
        .bind(customer.organisation_id.as_ref().map(OrganisationId::as_str))
        .bind(customer.organisation_by.as_str())
        .bind(row::to_json(&customer.tags)?)
        .bind(row::to_json(&customer.fields)?)
        .bind(customer.seen_at.map(|at| at.0))
        .bind(customer.merged_into.as_ref().map(CustomerId::as_str))
        .bind(customer.revision)
        .bind(customer.created_at.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "customer")?;
        self.set_customer_values(customer).await
    }

    /// Remembers when a customer last wrote, and in which language they did first. That is no change of theirs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn note_customer_wrote(
        &mut self,
        id: &CustomerId,
        locale: &domain::Locale,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE customers SET seen_at_ms = $2, locale = COALESCE(locale, $3) WHERE id = $1")
            .bind(id.as_str())
            .bind(now.0)
            .bind(locale.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whether anything knows of a customer but the conversation that made them and has their id: another
    /// conversation or ticket, an identity that is verified or was not typed there, somebody who was merged into
    /// them, an erasure.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn is_known_elsewhere(&mut self, id: &CustomerId) -> Result<bool, StoreError> {
        let tickets =
            "SELECT COUNT(*) FROM tickets WHERE customer_id = $1 AND COALESCE(conversation_id, '') <> $1";
        let text = format!(
            "SELECT ({tickets}) + ({}) \
             + (SELECT COUNT(*) FROM conversations WHERE customer_id = $1 AND id <> $1) \
             + (SELECT COUNT(*) FROM customer_identities WHERE customer_id = $1 \
                AND (id <> $1 OR verified_at_ms IS NOT NULL)) \
             + (SELECT COUNT(*) FROM customers WHERE merged_into = $1 \
                OR (id = $1 AND erasing_json IS NOT NULL)) AS n",
            archive::archived(tickets)
        );
        let found = sqlx::query(sql(text)).bind(id.as_str()).fetch_one(self.connection()).await?;
        Ok(row::int(&found, "n")? > 0)
    }

    /// The customers who were merged into this one, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customers_merged_into(&mut self, id: &CustomerId) -> Result<Vec<CustomerId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM customers WHERE merged_into = $1 ORDER BY id")
            .bind(id.as_str())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|found| row::text(found, "id").map(CustomerId::new)).collect()
    }

    /// What filters compare of a customer's tags and own fields.
    async fn set_customer_values(&mut self, customer: &Customer) -> Result<(), StoreError> {
        self.delete_customer_values(&customer.id).await?;
        for tag in &customer.tags {
            sqlx::query("INSERT INTO customer_tags (customer_id, tag) VALUES ($1, $2)")
                .bind(customer.id.as_str())
                .bind(tag.as_str())
                .execute(self.connection())
                .await?;
        }
        let statement = "INSERT INTO customer_field_values (customer_id, field_key, text_value, millionths) \
                         VALUES ($1, $2, $3, $4)";
        self.insert_field_values(statement, customer.id.as_str(), &customer.fields).await
    }

    pub(crate) async fn delete_customer_values(&mut self, id: &CustomerId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM customer_tags WHERE customer_id = $1",
            "DELETE FROM customer_field_values WHERE customer_id = $1",
        ] {
            sqlx::query(statement).bind(id.as_str()).execute(self.connection()).await?;
        }
        Ok(())
    }
}

/// The address that a customer comes with.
pub(crate) fn first_identity(customer: &Customer) -> Option<Identity> {
    customer.email.as_ref().map(|email| Identity {
        id: IdentityId::new(customer.id.as_str()),
        customer_id: customer.id.clone(),
        kind: IdentityKind::Email,
        value: email.clone(),
        verified_at: None,
        created_at: customer.created_at,
    })
}

async fn find(
    connection: &mut AnyConnection,
    condition: &'static str,
    value: &str,
) -> Result<Option<Customer>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM customers c WHERE {condition}");
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(connection).await?;
    row.as_ref().map(customer).transpose()
}

pub(crate) fn customer(row: &AnyRow) -> Result<Customer, StoreError> {
    let locale = match row::optional_text(row, "locale")? {
        None => None,
        Some(_) => Some(row::locale(row, "locale")?),
    };
    Ok(Customer {
        id: CustomerId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        email: row::optional_text(row, "email")?,
        locale,
        organisation_id: row::optional_text(row, "organisation_id")?.map(OrganisationId::new),
        organisation_by: row::parsed(row, "organisation_by", OrganisationBy::parse)?,
        tags: row::json(row, "tags_json")?,
        fields: row::json::<FieldValues>(row, "fields_json")?,
        created_at: row::time(row, "created_at_ms")?,
        seen_at: row::optional_time(row, "seen_at_ms")?,
        merged_into: row::optional_text(row, "merged_into")?.map(CustomerId::new),
        revision: row::int(row, "revision")?,
    })
}
