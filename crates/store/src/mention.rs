//! Mentions: who was named in which note, and whether they have read it.

use domain::{Mention, MentionId, MessageId, Principal, Timestamp, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, Within, WriteTx, archive, message, placeholders::sql, reader::TicketReader, row,
    tx::inserted,
};

impl Store {
    /// A person's mentions, newest first, in tickets that they see now, from before one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_mentions(
        &self,
        principal: &Principal,
        user_id: &UserId,
        only_unread: OnlyUnread,
        before: Option<&MentionId>,
        limit: i64,
    ) -> Result<Vec<Mention>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let unread = match only_unread {
            OnlyUnread::Yes => "n.read_at_ms IS NULL AND ",
            OnlyUnread::No => "",
        };
        let select = format!(
            "SELECT n.id AS mention_id, n.read_at_ms AS read_at_ms, t.number AS number, t.subject AS subject, \
             {} FROM mentions n JOIN messages m ON m.id = n.message_id JOIN tickets t ON t.id = m.ticket_id \
             WHERE n.user_id = $1 AND n.id < $2 AND {unread}{}",
            message::COLUMNS,
            reader.ticket(4)
        );
        let text = archive::first(&select, "mention_id DESC", "$3");
        // Ids are of letters and digits, all of which come before this.
        let query = sqlx::query(sql(text)).bind(user_id.as_str()).bind(before.map_or("~", MentionId::as_str));
        let query = reader.bind(query.bind(limit));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(mention).collect()
    }
}

/// Whether only mentions are listed that were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlyUnread {
    /// Only those.
    Yes,
    /// All.
    No,
}

impl WriteTx {
    /// Adds a mention.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the person is mentioned in this note already, [`StoreError::NotFound`] without the note or
    /// the person.
    pub async fn insert_mention(
        &mut self,
        id: &MentionId,
        message_id: &MessageId,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO mentions (id, message_id, user_id, created_at_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .bind(message_id.as_str())
        .bind(user_id.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "they are mentioned in this note already")
    }

    /// Marks a person's mention as read, or as not read without a time. Returns whether it is theirs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_mention(
        &mut self,
        user_id: &UserId,
        id: &MentionId,
        read_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let n = self
            .mark("UPDATE mentions SET read_at_ms = $3 WHERE user_id = $1 AND id = $2", user_id, id, read_at)
            .await?;
        Ok(n > 0)
    }

    /// Marks all of a person's mentions as read, up to one of them. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_mentions_up_to(
        &mut self,
        user_id: &UserId,
        id: &MentionId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let text =
            "UPDATE mentions SET read_at_ms = $3 WHERE user_id = $1 AND id <= $2 AND read_at_ms IS NULL";
        self.mark(text, user_id, id, Some(now)).await
    }

    /// Marks mentions in both places.
    async fn mark(
        &mut self,
        text: &'static str,
        user_id: &UserId,
        id: &MentionId,
        read_at: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let mut n = 0;
        for within in Within::ALL {
            let query = sqlx::query(sql(within.of(text))).bind(user_id.as_str()).bind(id.as_str());
            let done = query.bind(read_at.map(|at| at.0)).execute(self.connection()).await?;
            n += done.rows_affected();
        }
        Ok(n)
    }
}

fn mention(found: &AnyRow) -> Result<Mention, StoreError> {
    Ok(Mention {
        id: MentionId::new(row::text(found, "mention_id")?),
        message: message::message(found)?,
        ticket_number: row::int(found, "number")?,
        ticket_subject: row::text(found, "subject")?,
        read_at: row::optional_time(found, "read_at_ms")?,
    })
}
