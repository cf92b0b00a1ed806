//! Invites, by the hash of their secret: at most one for a person.

use domain::{Timestamp, User, UserId};

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, user};

const FOUND: &str = "FROM invites i JOIN users u ON u.id = i.user_id \
    WHERE i.token_hash = $1 AND i.expires_at_ms > $2 AND u.deactivated_at_ms IS NULL";

impl Store {
    /// Who the invite with this hash is for, while it is good and they may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_invite(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        let text = format!("SELECT {} {FOUND}", user::COLUMNS);
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(user::user).transpose()
    }

    /// Until when a person's invite is good, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_invite_expiry(&self, user_id: &UserId) -> Result<Option<Timestamp>, StoreError> {
        let query =
            sqlx::query("SELECT expires_at_ms FROM invites WHERE user_id = $1").bind(user_id.as_str());
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| row::time(&row, "expires_at_ms")).transpose()
    }
}

impl WriteTx {
    /// Stores a person's invite in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the person.
    pub async fn set_invite(
        &mut self,
        user_id: &UserId,
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invites (user_id, token_hash, expires_at_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at_ms = excluded.expires_at_ms",
        )
        .bind(user_id.as_str())
        .bind(token_hash)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Uses up an invite. Returns who it was for, if it was good and they may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_invite(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let text = format!("SELECT {} {FOUND}", user::COLUMNS);
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let Some(row) = query.fetch_optional(self.connection()).await? else { return Ok(None) };
        let user = user::user(&row)?;
        self.delete_invite_of(&user.id).await?;
        Ok(Some(user))
    }

    /// Ends a person's invite, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_invite_of(&mut self, user_id: &UserId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM invites WHERE user_id = $1")
            .bind(user_id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
