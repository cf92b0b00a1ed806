//! Sessions and sign-in links, by the hash of their secret.

use domain::{SessionId, Timestamp, User, UserId};

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::inserted, user};

impl Store {
    /// Who holds the session whose token has this hash, while it lives.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_session(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {} FROM sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at_ms > $2",
            user::COLUMNS
        );
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(user::user).transpose()
    }
}

impl WriteTx {
    /// Begins a session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or token is taken, [`StoreError::NotFound`] without the person.
    pub async fn insert_session(
        &mut self,
        id: &SessionId,
        token_hash: &str,
        user_id: &UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO sessions (id, token_hash, user_id, created_at_ms, expires_at_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .bind(token_hash)
        .bind(user_id.as_str())
        .bind(now.0)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this session is already there")
    }

    /// Ends a session; one that is not there has ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_session(&mut self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Stores a link with which a person signs in once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the token is taken, [`StoreError::NotFound`] without the person.
    pub async fn insert_sign_in_link(
        &mut self,
        token_hash: &str,
        user_id: &UserId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO sign_in_links (token_hash, user_id, expires_at_ms) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(token_hash)
        .bind(user_id.as_str())
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this link is already there")
    }

    /// Uses up a sign-in link. Returns who it was for, if it was still good.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_sign_in_link(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {}, l.expires_at_ms AS expires_at_ms FROM sign_in_links l JOIN users u ON u.id = l.user_id \
             WHERE l.token_hash = $1",
            user::COLUMNS
        );
        let found = sqlx::query(sql(text)).bind(token_hash).fetch_optional(self.connection()).await?;
        let Some(found) = found else { return Ok(None) };
        sqlx::query("DELETE FROM sign_in_links WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await?;
        if row::time(&found, "expires_at_ms")? > now { Ok(Some(user::user(&found)?)) } else { Ok(None) }
    }

    /// Deletes sessions and links that have ended. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let mut n_deleted = 0;
        for statement in [
            "DELETE FROM sessions WHERE expires_at_ms <= $1",
            "DELETE FROM sign_in_links WHERE expires_at_ms <= $1",
        ] {
            n_deleted += sqlx::query(statement).bind(now.0).execute(self.connection()).await?.rows_affected();
        }
        Ok(n_deleted)
    }
}
