//! People who sign in.

use std::collections::{BTreeSet, HashMap};

use domain::{Role, Sees, User, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    row,
    tx::{inserted, updated},
};

/// The columns of `users u`.
pub(crate) const COLUMNS: &str = "u.id AS u_id, u.name AS u_name, u.email AS u_email, u.role AS u_role, \
    u.sees AS u_sees, u.created_at_ms AS u_created_at_ms, u.deactivated_at_ms AS u_deactivated_at_ms, \
    u.revision AS u_revision, \
    (SELECT COUNT(*) FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at_ms IS NOT NULL) AS u_n_factors";

/// The person in a row with [`COLUMNS`].
pub(crate) fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::new(row::text(row, "u_id")?),
        name: row::text(row, "u_name")?,
        email: row::text(row, "u_email")?,
        role: row::parsed(row, "u_role", Role::parse)?,
        sees: row::parsed(row, "u_sees", Sees::parse)?,
        created_at: row::time(row, "u_created_at_ms")?,
        deactivated_at: row::optional_time(row, "u_deactivated_at_ms")?,
        revision: row::int(row, "u_revision")?,
        has_second_factor: row::int(row, "u_n_factors")? > 0,
    })
}

impl Store {
    /// A person.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM users u WHERE u.id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(user).transpose()
    }

    /// The person who signs in with this address, and the hash of their password if they have one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_user_by_email(
        &self,
        email: &str,
    ) -> Result<Option<(User, Option<String>)>, StoreError> {
        let text =
            format!("SELECT {COLUMNS}, u.password_hash AS password_hash FROM users u WHERE u.email = $1");
        let query = sqlx::query(sql(text)).bind(email);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| Ok((user(&row)?, row::optional_text(&row, "password_hash")?))).transpose()
    }

    /// The ids of the people who sign in with these addresses, by address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn user_ids_of(
        &self,
        emails: &BTreeSet<String>,
    ) -> Result<HashMap<String, UserId>, StoreError> {
        let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
        let mut found = HashMap::new();
        for emails in emails.chunks(placeholders::LIST_MAX) {
            let emails = placeholders::padded(emails);
            let list = placeholders::list(1, emails.len());
            let text = format!("SELECT u.id AS id, u.email AS email FROM users u WHERE u.email IN ({list})");
            let query = emails.iter().fold(sqlx::query(sql(text)), |query, email| query.bind(*email));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.insert(row::text(&row, "email")?, UserId::new(row::text(&row, "id")?));
            }
        }
        Ok(found)
    }

    /// These people, in no order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn users_of(&self, ids: &BTreeSet<UserId>) -> Result<Vec<User>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(UserId::as_str).collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let text = format!("SELECT {COLUMNS} FROM users u WHERE u.id IN ({list})");
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.push(user(&row)?);
            }
        }
        Ok(found)
    }

    /// Everybody, by name, those who may no longer sign in too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM users u ORDER BY u.name, u.id");
        sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await?.iter().map(user).collect()
    }
}

impl WriteTx {
    /// Adds a person, with the hash of a password or without one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the address is taken.
    pub async fn insert_user(&mut self, user: &User, password_hash: Option<&str>) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO users (id, name, email, role, sees, password_hash, created_at_ms, deactivated_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(user.id.as_str())
        .bind(user.name.as_str())
        .bind(user.email.as_str())
        .bind(user.role.as_str())
        .bind(user.sees.as_str())
        .bind(password_hash)
        .bind(user.created_at.0)
        .bind(user.deactivated_at.map(|at| at.0))
        .bind(user.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "somebody already signs in with this address")
    }

    /// A person, as nobody changes them until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn user(&mut self, id: &UserId) -> Result<Option<User>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM users u WHERE u.id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(user).transpose()
    }

    /// How many people there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_users(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM users").fetch_one(self.connection()).await?;
        row::int(&row, "n")
    }

    /// Stores a person's name, role, sight, revision and whether they may sign in. The address stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are not there.
    pub async fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE users SET name = $2, role = $3, sees = $4, deactivated_at_ms = $5, revision = $6 WHERE id = $1",
        )
        .bind(user.id.as_str())
        .bind(user.name.as_str())
        .bind(user.role.as_str())
        .bind(user.sees.as_str())
        .bind(user.deactivated_at.map(|at| at.0))
        .bind(user.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "user")
    }

    /// Gives a person a password, by its hash.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are not there.
    pub async fn set_password_hash(&mut self, id: &UserId, password_hash: &str) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(password_hash)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "user")
    }
}
