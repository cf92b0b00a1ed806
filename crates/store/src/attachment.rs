//! Files of messages: their rows. Where the files themselves are is not known here.
//!
//! A row is there before its file and goes after it: whoever deletes marks the row, takes the file away and then the row.

use std::collections::HashMap;

use domain::{Attachment, AttachmentId, MessageId, Principal, TicketId, Timestamp, Writer};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "a.id AS id, a.capability AS capability, a.uploader AS uploader, a.uploader_id AS uploader_id, \
     a.message_id AS message_id, a.name AS name, a.media_type AS media_type, a.n_bytes AS n_bytes, \
     a.sha256 AS sha256, a.created_at_ms AS created_at_ms";

impl Store {
    /// A file that the principal may read: of a message that they may read, of a reply that waits for who is of the team, or of
    /// their own that belongs to nothing yet.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_attachment(
        &self,
        principal: &Principal,
        id: &AttachmentId,
    ) -> Result<Option<Attachment>, StoreError> {
        let reader = TicketReader::of(principal);
        let ticket = reader.ticket(4);
        let (kinds, waiting) = if reader.is_team() {
            let waiting = archive::either(&format!(
                "EXISTS (SELECT 1 FROM waiting_replies w JOIN tickets t ON t.id = w.ticket_id \
                 WHERE w.id = a.message_id AND {ticket})"
            ));
            ("", format!("{waiting} OR "))
        } else {
            ("m.kind = 'reply' AND ", String::new())
        };
        let sent = archive::either(&format!(
            "EXISTS (SELECT 1 FROM messages m JOIN tickets t ON t.id = m.ticket_id \
             WHERE m.id = a.message_id AND {kinds}{ticket})"
        ));
        let text = format!(
            "SELECT {COLUMNS} FROM attachments a WHERE a.id = $1 AND a.state = 'ready' AND ({sent} OR {waiting}\
             (a.message_id IS NULL AND a.uploader = $2 AND a.uploader_id = $3))"
        );
        let writer = Writer::of(principal);
        let query = sqlx::query(sql(text))
            .bind(id.as_str())
            .bind(writer.as_ref().map_or("", Writer::kind))
            .bind(writer.as_ref().map_or("", Writer::id).to_owned());
        let found = reader.bind(query).fetch_optional(&mut *self.reader().await?).await?;
        found.as_ref().map(attachment).transpose()
    }

    /// The files of a ticket's messages, as far as the principal may read them, by message, in the order of their upload; for
    /// who is of the team those of replies that wait too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_attachments(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
    ) -> Result<HashMap<MessageId, Vec<Attachment>>, StoreError> {
        let reader = TicketReader::of(principal);
        let ticket = reader.ticket(2);
        let (kinds, waiting) = if reader.is_team() {
            let waiting = format!(
                " UNION ALL SELECT w.id AS id FROM waiting_replies w JOIN tickets t ON t.id = w.ticket_id \
                 WHERE w.ticket_id = $1 AND {ticket}"
            );
            ("", waiting)
        } else {
            ("m.kind = 'reply' AND ", String::new())
        };
        let messages = archive::everywhere(&format!(
            "SELECT m.id AS id FROM messages m JOIN tickets t ON t.id = m.ticket_id \
             WHERE m.ticket_id = $1 AND {kinds}{ticket}{waiting}"
        ));
        let text = format!(
            "SELECT {COLUMNS} FROM attachments a WHERE a.state = 'ready' AND a.message_id IN ({messages}) ORDER BY a.id"
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(ticket_id.as_str()));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        let mut by_message: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
        for found in &rows {
            let found = attachment(found)?;
            if let Some(message_id) = &found.message_id {
                by_message.entry(message_id.clone()).or_default().push(found);
            }
        }
        Ok(by_message)
    }

    /// Files that are there, whoever may read them, by id, after one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attachments_after(
        &self,
        after: Option<&AttachmentId>,
        limit: i64,
    ) -> Result<Vec<Attachment>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM attachments a WHERE a.state = 'ready' AND a.id > $1 ORDER BY a.id LIMIT $2"
        );
        let query = sqlx::query(sql(text)).bind(after.map_or("", AttachmentId::as_str)).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(attachment).collect()
    }

    /// How many files somebody has uploaded, or begun to, that belong to nothing yet.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_free_attachments(&self, uploader: &Writer) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT COUNT(*) AS n FROM attachments WHERE uploader_id = $1 AND uploader = $2 \
             AND message_id IS NULL AND state <> 'deleted'",
        )
        .bind(uploader.id())
        .bind(uploader.kind())
        .fetch_one(&mut *self.reader().await?)
        .await?;
        row::int(&found, "n")
    }

    /// Files to take away: those that were deleted, and those that have belonged to nothing since before a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_attachments_to_remove(
        &self,
        free_since: Timestamp,
        limit: i64,
    ) -> Result<Vec<AttachmentId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM attachments WHERE message_id IS NULL AND (state = 'deleted' OR free_since_ms < $1) \
             ORDER BY free_since_ms, id LIMIT $2",
        )
        .bind(free_since.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| row::text(found, "id").map(AttachmentId::new)).collect()
    }
}

impl WriteTx {
    /// Adds a file that is being uploaded.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there.
    pub async fn insert_attachment(&mut self, new: &Attachment) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO attachments (id, capability, state, uploader, uploader_id, name, media_type, n_bytes, \
             sha256, created_at_ms, free_since_ms) VALUES ($1, $2, 'uploading', $3, $4, $5, $6, $7, $8, $9, $9) \
             ON CONFLICT DO NOTHING",
        )
        .bind(new.id.as_str())
        .bind(new.capability.as_str())
        .bind(new.uploader.kind())
        .bind(new.uploader.id())
        .bind(new.name.as_str())
        .bind(new.media_type.as_str())
        .bind(i64::try_from(new.n_bytes).unwrap_or(i64::MAX))
        .bind(new.sha256.as_str())
        .bind(new.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this file is already there")
    }

    /// Says what a file is, now that all of it is there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not being uploaded.
    pub async fn finish_attachment(&mut self, done: &Attachment) -> Result<(), StoreError> {
        let changed = sqlx::query(
            "UPDATE attachments SET state = 'ready', media_type = $2, n_bytes = $3, sha256 = $4 \
             WHERE id = $1 AND state = 'uploading'",
        )
        .bind(done.id.as_str())
        .bind(done.media_type.as_str())
        .bind(i64::try_from(done.n_bytes).unwrap_or(i64::MAX))
        .bind(done.sha256.as_str())
        .execute(self.connection())
        .await?;
        updated(changed.rows_affected(), "file")
    }

    /// Makes a file part of a message. Returns whether it is there, the uploader's own, and part of nothing else.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bind_attachment(
        &mut self,
        id: &AttachmentId,
        uploader: &Writer,
        message_id: &MessageId,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE attachments SET message_id = $4 WHERE id = $1 AND uploader = $2 AND uploader_id = $3 \
             AND message_id IS NULL AND state = 'ready'",
        )
        .bind(id.as_str())
        .bind(uploader.kind())
        .bind(uploader.id())
        .bind(message_id.as_str())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes the files out of a message: they belong to nothing again, from now on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn free_attachments(
        &mut self,
        message_id: &MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE attachments SET message_id = NULL, free_since_ms = $2 WHERE message_id = $1")
            .bind(message_id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Marks all files of a ticket as deleted, without their names; returns their ids. Nobody reads them from now on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_attachments_of(
        &mut self,
        ticket_id: &TicketId,
    ) -> Result<Vec<AttachmentId>, StoreError> {
        let messages = archive::everywhere(
            "SELECT id FROM messages WHERE ticket_id = $1 \
             UNION ALL SELECT id FROM waiting_replies WHERE ticket_id = $1",
        );
        let rows = sqlx::query(sql(format!(
            "UPDATE attachments SET state = 'deleted', message_id = NULL, name = '', sha256 = '' \
             WHERE message_id IN ({messages}) RETURNING id"
        )))
        .bind(ticket_id.as_str())
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(|found| row::text(found, "id").map(AttachmentId::new)).collect()
    }

    /// Marks a file as deleted that belongs to nothing. Returns whether it is so now: one that became part of a message meanwhile
    /// stays.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_free_attachment(&mut self, id: &AttachmentId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE attachments SET state = 'deleted', name = '', sha256 = '' WHERE id = $1 AND message_id IS NULL",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes the row of a deleted file away, once the file is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remove_attachment(&mut self, id: &AttachmentId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM attachments WHERE id = $1 AND state = 'deleted'")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn attachment(found: &AnyRow) -> Result<Attachment, StoreError> {
    let uploader_id = row::text(found, "uploader_id")?;
    Ok(Attachment {
        id: AttachmentId::new(row::text(found, "id")?),
        capability: row::text(found, "capability")?,
        uploader: row::parsed(found, "uploader", |kind| Writer::parse(kind, &uploader_id))?,
        message_id: row::optional_text(found, "message_id")?.map(MessageId::new),
        name: row::text(found, "name")?,
        media_type: row::text(found, "media_type")?,
        n_bytes: row::number(found, "n_bytes")?,
        sha256: row::text(found, "sha256")?,
        created_at: row::time(found, "created_at_ms")?,
    })
}
