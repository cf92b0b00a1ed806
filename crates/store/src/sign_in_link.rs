//! Links with which a person signs in once, by the hash of their secret.

use domain::{Timestamp, User, UserId};

use crate::{StoreError, WriteTx, placeholders::sql, row, tx::inserted, user};

impl WriteTx {
    /// Stores a link with which a person signs in once: in any browser, or in the one with this hash.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the token is taken, [`StoreError::NotFound`] without the person.
    pub async fn insert_sign_in_link(
        &mut self,
        token_hash: &str,
        user_id: &UserId,
        browser_hash: Option<&str>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO sign_in_links (token_hash, user_id, browser_hash, expires_at_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(token_hash)
        .bind(user_id.as_str())
        .bind(browser_hash)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this link is already there")
    }

    /// Uses up a sign-in link. Returns who it was for, if it was still good and they may sign in. A link of another browser
    /// stays as it is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_sign_in_link(
        &mut self,
        token_hash: &str,
        browser_hash: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {}, l.expires_at_ms AS expires_at_ms FROM sign_in_links l JOIN users u ON u.id = l.user_id \
             WHERE l.token_hash = $1 AND (l.browser_hash IS NULL OR l.browser_hash = $2)",
            user::COLUMNS
        );
        let found = sqlx::query(sql(text)).bind(token_hash).bind(browser_hash);
        let found = found.fetch_optional(self.connection()).await?;
        let Some(found) = found else { return Ok(None) };
        sqlx::query("DELETE FROM sign_in_links WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await?;
        let is_good = row::time(&found, "expires_at_ms")? > now;
        let user = user::user(&found)?;
        Ok((is_good && user.is_active()).then_some(user))
    }

    /// Ends every sign-in link of a person. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_sign_in_links_of(&mut self, user_id: &UserId) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sign_in_links WHERE user_id = $1")
            .bind(user_id.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}
