//! Second factors, their recovery codes, and sign-ins that wait for one.

use domain::{Timestamp, User, UserId};

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::updated, user};

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret that it shares with the person's device, sealed.
    pub sealed_secret: String,
    /// The time step of the last code that was accepted.
    pub last_step: i64,
    /// Since when it is asked for; absent while it is being set up.
    pub confirmed_at: Option<Timestamp>,
}

impl Store {
    /// How many of a person's recovery codes are unused.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_recovery_codes(&self, user_id: &UserId) -> Result<i64, StoreError> {
        let query =
            sqlx::query("SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = $1 AND used_at_ms IS NULL");
        row::int(&query.bind(user_id.as_str()).fetch_one(&mut *self.reader().await?).await?, "n")
    }

    /// Who has to give a code next, by the hash of the waiting sign-in's secret, while it waits and they may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_second_step(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {} FROM second_steps s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at_ms > $2 AND u.deactivated_at_ms IS NULL",
            user::COLUMNS
        );
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(user::user).transpose()
    }
}

impl WriteTx {
    /// A person's second factor, set up or being so.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn second_factor(&mut self, user_id: &UserId) -> Result<Option<SecondFactor>, StoreError> {
        let query = sqlx::query(
            "SELECT sealed_secret, last_step, confirmed_at_ms FROM second_factors WHERE user_id = $1",
        );
        let row = query.bind(user_id.as_str()).fetch_optional(self.connection()).await?;
        row.map(|row| {
            Ok(SecondFactor {
                sealed_secret: row::text(&row, "sealed_secret")?,
                last_step: row::int(&row, "last_step")?,
                confirmed_at: row::optional_time(&row, "confirmed_at_ms")?,
            })
        })
        .transpose()
    }

    /// Begins to set up a person's second factor, in place of one that was never confirmed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the person.
    pub async fn begin_second_factor(
        &mut self,
        user_id: &UserId,
        sealed_secret: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO second_factors (user_id, sealed_secret, last_step, created_at_ms) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = 0, \
             created_at_ms = excluded.created_at_ms, confirmed_at_ms = NULL",
        )
        .bind(user_id.as_str())
        .bind(sealed_secret)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says that a person's second factor is asked for from now on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn confirm_second_factor(
        &mut self,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE second_factors SET confirmed_at_ms = $2 WHERE user_id = $1")
            .bind(user_id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "second factor")
    }

    /// Uses up the code of a time step. Returns whether it was later than every one before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_step(&mut self, user_id: &UserId, step: i64) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
                .bind(user_id.as_str())
                .bind(step)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Stores recovery codes by their hashes, in place of earlier ones.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the person.
    pub async fn set_recovery_codes(
        &mut self,
        user_id: &UserId,
        hashes: &[String],
    ) -> Result<(), StoreError> {
        self.delete_of("DELETE FROM recovery_codes WHERE user_id = $1", user_id).await?;
        for hash in hashes {
            sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
                .bind(user_id.as_str())
                .bind(hash.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Uses up a recovery code. Returns whether there was an unused one with this hash.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_recovery_code(
        &mut self,
        user_id: &UserId,
        hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE recovery_codes SET used_at_ms = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at_ms IS NULL",
        )
        .bind(user_id.as_str())
        .bind(hash)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Removes a person's second factor with its recovery codes and what waits for it. Returns whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_second_factor(&mut self, user_id: &UserId) -> Result<bool, StoreError> {
        self.delete_of("DELETE FROM recovery_codes WHERE user_id = $1", user_id).await?;
        self.delete_second_steps_of(user_id).await?;
        Ok(self.delete_of("DELETE FROM second_factors WHERE user_id = $1", user_id).await? > 0)
    }

    /// Lets a sign-in wait for a code.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the person.
    pub async fn insert_second_step(
        &mut self,
        token_hash: &str,
        user_id: &UserId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO second_steps (token_hash, user_id, expires_at_ms) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(user_id.as_str())
            .bind(expires_at.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a waiting sign-in. Returns who it was for, if it still waited and they may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_second_step(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {} FROM second_steps s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at_ms > $2 AND u.deactivated_at_ms IS NULL",
            user::COLUMNS
        );
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let Some(row) = query.fetch_optional(self.connection()).await? else { return Ok(None) };
        sqlx::query("DELETE FROM second_steps WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await?;
        user::user(&row).map(Some)
    }

    /// Ends every waiting sign-in of a person. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_second_steps_of(&mut self, user_id: &UserId) -> Result<u64, StoreError> {
        self.delete_of("DELETE FROM second_steps WHERE user_id = $1", user_id).await
    }

    async fn delete_of(&mut self, statement: &'static str, user_id: &UserId) -> Result<u64, StoreError> {
        Ok(sqlx::query(statement).bind(user_id.as_str()).execute(self.connection()).await?.rows_affected())
    }
}
