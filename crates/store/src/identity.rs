//! Who signs in at a provider as whom.

use domain::{Timestamp, User, UserId};

use crate::{StoreError, WriteTx, placeholders::sql, tx::inserted, user};

impl WriteTx {
    /// The person whom a provider's subject means, those who may no longer sign in too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn user_of_identity(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<User>, StoreError> {
        let text = format!(
            "SELECT {} FROM identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = $1 AND i.subject = $2",
            user::COLUMNS
        );
        let query = sqlx::query(sql(text)).bind(issuer).bind(subject);
        let row = query.fetch_optional(self.connection()).await?;
        row.as_ref().map(user::user).transpose()
    }

    /// The person who signs in with this address, as nobody changes them until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn user_by_email(&mut self, email: &str) -> Result<Option<User>, StoreError> {
        let text = format!("SELECT {} FROM users u WHERE u.email = $1", user::COLUMNS);
        let row = sqlx::query(sql(text)).bind(email).fetch_optional(self.connection()).await?;
        row.as_ref().map(user::user).transpose()
    }

    /// Remembers whom a provider's subject means.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the subject means somebody, or the person is another subject of this provider;
    /// [`StoreError::NotFound`] without the person.
    pub async fn insert_identity(
        &mut self,
        issuer: &str,
        subject: &str,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO identities (issuer, subject, user_id, created_at_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(issuer)
        .bind(subject)
        .bind(user_id.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this person is known to the provider as somebody else")
    }
}
