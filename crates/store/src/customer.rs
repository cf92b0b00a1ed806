//! Customers.

use std::collections::{BTreeSet, HashMap};

use domain::{Customer, CustomerId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, email, created_at_ms";

impl Store {
    /// A customer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        find(&mut *self.reader().await?, "id", id.as_str()).await
    }

    /// The customer with this mail address, to the letter.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_customer_by_email(&self, email: &str) -> Result<Option<Customer>, StoreError> {
        find(&mut *self.reader().await?, "email", email).await
    }

    /// Customers after an id, by id; not those who are being erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_customers(
        &self,
        after: Option<&CustomerId>,
        limit: i64,
    ) -> Result<Vec<Customer>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM customers WHERE id > $1 AND erasing_json IS NULL ORDER BY id LIMIT $2"
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
            let text = format!("SELECT {COLUMNS} FROM customers WHERE id IN ({list})");
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.push(customer(&row)?);
            }
        }
        Ok(found)
    }

    /// The ids of the customers with these mail addresses, to the letter, by address.
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
            let text = format!("SELECT id, email FROM customers WHERE email IN ({list})");
            let query = emails.iter().fold(sqlx::query(sql(text)), |query, email| query.bind(*email));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.insert(row::text(&row, "email")?, CustomerId::new(row::text(&row, "id")?));
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
        find(self.connection(), "id", id.as_str()).await
    }

    /// The customer with this mail address, to the letter: callers store addresses in one form.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customer_by_email(&mut self, email: &str) -> Result<Option<Customer>, StoreError> {
        find(self.connection(), "email", email).await
    }

    /// Adds a customer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the mail address is another's.
    pub async fn insert_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO customers (id, name, email, created_at_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(customer.id.as_str())
        .bind(customer.name.as_str())
        .bind(customer.email.as_deref())
        .bind(customer.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "a customer with this mail address is already there")
    }

    /// Changes a customer's name and mail address.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are not there, [`StoreError::Conflict`] when the mail address is another's.
    pub async fn update_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        if let Some(email) = &customer.email
            && self.customer_by_email(email).await?.is_some_and(|other| other.id != customer.id)
        {
            return Err(StoreError::Conflict("a customer with this mail address is already there"));
        }
        let done = sqlx::query("UPDATE customers SET name = $2, email = $3 WHERE id = $1")
            .bind(customer.id.as_str())
            .bind(customer.name.as_str())
            .bind(customer.email.as_deref())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "customer")
    }
}

async fn find(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
) -> Result<Option<Customer>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM customers WHERE {column} = $1");
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(connection).await?;
    row.as_ref().map(customer).transpose()
}

fn customer(row: &AnyRow) -> Result<Customer, StoreError> {
    Ok(Customer {
        id: CustomerId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        email: row::optional_text(row, "email")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
