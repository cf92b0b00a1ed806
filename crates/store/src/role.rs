//! Roles that the site has made.

use domain::{CustomRole, Role};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, row,
    tx::{inserted, updated},
};

impl Store {
    /// Every role that the site has made, by key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_roles(&self) -> Result<Vec<CustomRole>, StoreError> {
        let query = sqlx::query(
            "SELECT role_key, name, scopes_json, revision, created_at_ms FROM roles ORDER BY role_key",
        );
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(role).collect()
    }

    /// A role that the site has made.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_role(&self, key: &str) -> Result<Option<CustomRole>, StoreError> {
        let query = sqlx::query(
            "SELECT role_key, name, scopes_json, revision, created_at_ms FROM roles WHERE role_key = $1",
        );
        let row = query.bind(key).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(role).transpose()
    }
}

impl WriteTx {
    /// A role, as nobody changes it until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn role(&mut self, key: &str) -> Result<Option<CustomRole>, StoreError> {
        let query = sqlx::query(
            "SELECT role_key, name, scopes_json, revision, created_at_ms FROM roles WHERE role_key = $1",
        );
        let row = query.bind(key).fetch_optional(self.connection()).await?;
        row.as_ref().map(role).transpose()
    }

    /// Makes a role.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key is taken.
    pub async fn insert_role(&mut self, role: &CustomRole) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO roles (role_key, name, scopes_json, revision, created_at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(role.key.as_str())
        .bind(role.name.as_str())
        .bind(row::to_json(&role.scopes)?)
        .bind(role.revision)
        .bind(role.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is a role with this key")
    }

    /// Stores a role's name, scopes and revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_role(&mut self, role: &CustomRole) -> Result<(), StoreError> {
        let done =
            sqlx::query("UPDATE roles SET name = $2, scopes_json = $3, revision = $4 WHERE role_key = $1")
                .bind(role.key.as_str())
                .bind(role.name.as_str())
                .bind(row::to_json(&role.scopes)?)
                .bind(role.revision)
                .execute(self.connection())
                .await?;
        updated(done.rows_affected(), "role")
    }

    /// Deletes a role that nobody has.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] while somebody has it, who is deactivated too.
    pub async fn delete_role(&mut self, key: &str) -> Result<(), StoreError> {
        let had = sqlx::query("SELECT COUNT(*) AS n FROM users WHERE role = $1").bind(key);
        if row::int(&had.fetch_one(self.connection()).await?, "n")? > 0 {
            return Err(StoreError::Conflict("somebody has this role"));
        }
        let done =
            sqlx::query("DELETE FROM roles WHERE role_key = $1").bind(key).execute(self.connection()).await?;
        updated(done.rows_affected(), "role")
    }

    /// How many people with this role may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_active_users(&mut self, role: &Role) -> Result<i64, StoreError> {
        let row =
            sqlx::query("SELECT COUNT(*) AS n FROM users WHERE role = $1 AND deactivated_at_ms IS NULL")
                .bind(role.as_str())
                .fetch_one(self.connection())
                .await?;
        row::int(&row, "n")
    }
}

fn role(row: &AnyRow) -> Result<CustomRole, StoreError> {
    Ok(CustomRole {
        key: row::text(row, "role_key")?,
        name: row::text(row, "name")?,
        scopes: row::json(row, "scopes_json")?,
        revision: row::int(row, "revision")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
