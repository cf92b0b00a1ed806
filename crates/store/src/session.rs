//! Sessions, by the hash of their secret for who presents it, by their id for who lists and ends them.

use domain::{Device, Session, SessionId, Timestamp, User, UserId};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::inserted, user};

const COLUMNS: &str = "s.id AS s_id, s.user_id AS s_user_id, s.created_at_ms AS s_created_at_ms, \
    s.last_seen_at_ms AS s_last_seen_at_ms, s.expires_at_ms AS s_expires_at_ms, s.browser AS s_browser, \
    s.network AS s_network";

impl Store {
    /// The session whose secret has this hash and who holds it, while it lives and they may sign in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Session, User)>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS}, {} FROM sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at_ms > $2 AND u.deactivated_at_ms IS NULL",
            user::COLUMNS
        );
        let query = sqlx::query(sql(text)).bind(token_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| Ok((session(&row)?, user::user(&row)?))).transpose()
    }

    /// Where a person is signed in, the last used first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_sessions(&self, user_id: &UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM sessions s WHERE s.user_id = $1 AND s.expires_at_ms > $2 \
             ORDER BY s.last_seen_at_ms DESC, s.id DESC"
        );
        let query = sqlx::query(sql(text)).bind(user_id.as_str()).bind(now.0);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(session).collect()
    }
}

impl WriteTx {
    /// Begins a session and ends the person's least used ones over `n_max`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or token is taken, [`StoreError::NotFound`] without the person.
    pub async fn insert_session(
        &mut self,
        session: &Session,
        token_hash: &str,
        n_max: usize,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO sessions (id, token_hash, user_id, created_at_ms, last_seen_at_ms, expires_at_ms, browser, \
             network) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(session.id.as_str())
        .bind(token_hash)
        .bind(session.user_id.as_str())
        .bind(session.created_at.0)
        .bind(session.last_seen_at.0)
        .bind(session.expires_at.0)
        .bind(session.device.browser.as_str())
        .bind(session.device.network.as_str())
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this session is already there")?;
        sqlx::query(
            "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (SELECT id FROM sessions WHERE user_id = $1 \
             ORDER BY last_seen_at_ms DESC, id DESC LIMIT $2)",
        )
        .bind(session.user_id.as_str())
        .bind(row::to_int(n_max))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes when a session was last used; one that has ended stays ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_session_seen(&mut self, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET last_seen_at_ms = $2 WHERE id = $1 AND last_seen_at_ms < $2")
            .bind(id.as_str())
            .bind(at.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a session by the hash of its secret; one that is not there has ended.
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

    /// Ends a session of this person. Returns whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_session_of(&mut self, user_id: &UserId, id: &SessionId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
            .bind(user_id.as_str())
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every session of a person but one. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_sessions_of(
        &mut self,
        user_id: &UserId,
        except: Option<&SessionId>,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user_id.as_str())
            .bind(except.map_or("", SessionId::as_str))
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// Deletes sessions, links, invites and waiting sign-ins that have ended. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let mut n_deleted = 0;
        for statement in [
            "DELETE FROM sessions WHERE expires_at_ms <= $1",
            "DELETE FROM sign_in_links WHERE expires_at_ms <= $1",
            "DELETE FROM invites WHERE expires_at_ms <= $1",
            "DELETE FROM second_steps WHERE expires_at_ms <= $1",
        ] {
            n_deleted += sqlx::query(statement).bind(now.0).execute(self.connection()).await?.rows_affected();
        }
        Ok(n_deleted)
    }
}

fn session(row: &AnyRow) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::new(row::text(row, "s_id")?),
        user_id: UserId::new(row::text(row, "s_user_id")?),
        created_at: row::time(row, "s_created_at_ms")?,
        last_seen_at: row::time(row, "s_last_seen_at_ms")?,
        expires_at: row::time(row, "s_expires_at_ms")?,
        device: Device { browser: row::text(row, "s_browser")?, network: row::text(row, "s_network")? },
    })
}
