//! Canned replies.

use std::collections::BTreeSet;

use domain::{CannedReply, CannedReplyId, Folder, Timestamp, Usage, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    sharing::{self, Had},
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, title, body, folder, sharing, owner_id, team_key, n_used, last_used_at_ms, \
     created_at_ms, updated_at_ms, revision";

impl Store {
    /// The canned replies that somebody has: everybody's, those of their teams, their own; by folder and title.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_canned_replies(
        &self,
        me: Option<&UserId>,
        teams: &BTreeSet<String>,
        limit: usize,
    ) -> Result<Vec<CannedReply>, StoreError> {
        let had = Had::by(me, teams);
        let condition = had.condition(3);
        let text = format!(
            "SELECT {COLUMNS} FROM canned_replies WHERE {condition} ORDER BY folder, title, id LIMIT $2"
        );
        let query = had.bind_teams(sqlx::query(sql(text)).bind(had.me()).bind(row::to_int(limit)));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(canned_reply).collect()
    }

    /// A canned reply, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_canned_reply(&self, id: &CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM canned_replies WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(&mut *self.reader().await?).await?.as_ref().map(canned_reply).transpose()
    }
}

impl WriteTx {
    /// A canned reply, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn canned_reply(&mut self, id: &CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM canned_replies WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(canned_reply).transpose()
    }

    /// Adds a canned reply.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without its owner or team.
    pub async fn insert_canned_reply(&mut self, reply: &CannedReply) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&reply.sharing);
        let done = sqlx::query(
            "INSERT INTO canned_replies (id, title, body, folder, sharing, owner_id, team_key, n_used, \
             last_used_at_ms, created_at_ms, updated_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        )
        .bind(reply.id.as_str())
        .bind(reply.title.as_str())
        .bind(reply.body.as_str())
        .bind(reply.folder.as_str())
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(reply.usage.n)
        .bind(reply.usage.last_at.map(|at| at.0))
        .bind(reply.created_at.0)
        .bind(reply.updated_at.0)
        .bind(reply.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this canned reply is already there")
    }

    /// Changes a canned reply; how often it was used stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it, its owner or its team is not there.
    pub async fn update_canned_reply(&mut self, reply: &CannedReply) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&reply.sharing);
        let done = sqlx::query(
            "UPDATE canned_replies SET title = $2, body = $3, folder = $4, sharing = $5, owner_id = $6, \
             team_key = $7, updated_at_ms = $8, revision = $9 WHERE id = $1",
        )
        .bind(reply.id.as_str())
        .bind(reply.title.as_str())
        .bind(reply.body.as_str())
        .bind(reply.folder.as_str())
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(reply.updated_at.0)
        .bind(reply.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "canned reply")
    }

    /// Counts that a canned reply was used.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn count_canned_reply(&mut self, id: &CannedReplyId, now: Timestamp) -> Result<(), StoreError> {
        let done =
            sqlx::query("UPDATE canned_replies SET n_used = n_used + 1, last_used_at_ms = $2 WHERE id = $1")
                .bind(id.as_str())
                .bind(now.0)
                .execute(self.connection())
                .await?;
        updated(done.rows_affected(), "canned reply")
    }

    /// Deletes a canned reply.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_canned_reply(&mut self, id: &CannedReplyId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM canned_replies WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "canned reply")
    }
}

fn canned_reply(row: &AnyRow) -> Result<CannedReply, StoreError> {
    Ok(CannedReply {
        id: CannedReplyId::new(row::text(row, "id")?),
        title: row::text(row, "title")?,
        body: row::text(row, "body")?,
        folder: row::parsed(row, "folder", |path| Folder::parse(path).ok())?,
        sharing: sharing::of(row)?,
        usage: usage(row)?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}

/// The columns `n_used` and `last_used_at_ms`.
pub(crate) fn usage(row: &AnyRow) -> Result<Usage, StoreError> {
    Ok(Usage { n: row::int(row, "n_used")?, last_at: row::optional_time(row, "last_used_at_ms")? })
}
