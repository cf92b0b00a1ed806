//! All that happened between a customer and the team, in one time line: conversations, tickets, messages. Each only for who
//! may read it.

use domain::{
    ConversationId, CustomerId, Message, MessageKind, Principal, TicketId, TicketStatus, Timestamp,
};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, archive, author, placeholders::sql, reader::TicketReader, row};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryItem {
    /// When.
    pub at: Timestamp,
    /// Of which ticket, if of one.
    pub ticket: Option<(TicketId, i64)>,
    /// What.
    pub what: HistoryWhat,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryWhat {
    /// A conversation with the bot began.
    Conversation {
        /// Which.
        id: ConversationId,
        /// What was said in it so far, by turns.
        n_turns: u32,
    },
    /// A ticket was opened.
    Ticket {
        /// Which.
        id: TicketId,
        /// What it is about.
        subject: String,
        /// Where it stands now.
        status: TicketStatus,
    },
    /// Somebody wrote a reply or a note.
    Message(Message),
}

/// A place in the time line: after this item, which is older than all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPlace {
    at: Timestamp,
    id: String,
}

impl HistoryItem {
    /// The id of what happened; no two items have the same.
    pub fn id(&self) -> &str {
        match &self.what {
            HistoryWhat::Conversation { id, .. } => id.as_str(),
            HistoryWhat::Ticket { id, .. } => id.as_str(),
            HistoryWhat::Message(message) => message.id.as_str(),
        }
    }

    /// Its place.
    pub fn place(&self) -> HistoryPlace {
        HistoryPlace { at: self.at, id: self.id().to_owned() }
    }
}

impl HistoryPlace {
    /// Parses what [`std::fmt::Display`] writes; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let at = Timestamp(at.parse().ok()?);
        (!id.is_empty()).then(|| Self { at, id: id.to_owned() })
    }
}

impl std::fmt::Display for HistoryPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

impl Store {
    /// What happened with a customer, the newest first, as far as the principal may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customer_history(
        &self,
        principal: &Principal,
        id: &CustomerId,
        after: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        let mut items = self.conversations_in_history(principal, id, after, limit).await?;
        items.extend(self.tickets_in_history(principal, id, after, limit).await?);
        items.extend(self.messages_in_history(principal, id, after, limit).await?);
        items.sort_by(|a, b| (b.at, b.id()).cmp(&(a.at, a.id())));
        items.truncate(limit);
        Ok(items)
    }

    /// Runs a statement whose first four values are the customer, the place and the limit.
    async fn page(
        &self,
        reader: &TicketReader,
        text: String,
        id: &CustomerId,
        after: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (at, item) = after.map_or((i64::MAX, ""), |place| (place.at.0, place.id.as_str()));
        let query = sqlx::query(sql(text)).bind(id.as_str()).bind(at).bind(item).bind(row::to_int(limit));
        Ok(reader.bind(query).fetch_all(&mut *self.reader().await?).await?)
    }

    async fn conversations_in_history(
        &self,
        principal: &Principal,
        id: &CustomerId,
        after: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        let reader = TicketReader::of(principal);
        let text = format!(
            "SELECT c.id AS id, c.n_turns AS n_turns, c.created_at_ms AS created_at_ms FROM conversations c \
             WHERE c.customer_id = $1 AND (c.created_at_ms, c.id) < ($2, $3) AND {} \
             ORDER BY c.created_at_ms DESC, c.id DESC LIMIT $4",
            reader.conversation(5)
        );
        let rows = self.page(&reader, text, id, after, limit).await?;
        rows.iter()
            .map(|found| {
                Ok(HistoryItem {
                    at: row::time(found, "created_at_ms")?,
                    ticket: None,
                    what: HistoryWhat::Conversation {
                        id: ConversationId::new(row::text(found, "id")?),
                        n_turns: row::number(found, "n_turns")?,
                    },
                })
            })
            .collect()
    }

    async fn tickets_in_history(
        &self,
        principal: &Principal,
        id: &CustomerId,
        after: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        let reader = TicketReader::of(principal);
        let select = format!(
            "SELECT t.id AS id, t.number AS number, t.subject AS subject, t.status AS status, \
             t.created_at_ms AS created_at_ms FROM tickets t \
             WHERE t.customer_id = $1 AND (t.created_at_ms, t.id) < ($2, $3) AND {}",
            reader.ticket(5)
        );
        let rows = self.page(&reader, newest(&select), id, after, limit).await?;
        rows.iter()
            .map(|found| {
                let id = TicketId::new(row::text(found, "id")?);
                Ok(HistoryItem {
                    at: row::time(found, "created_at_ms")?,
                    ticket: Some((id.clone(), row::int(found, "number")?)),
                    what: HistoryWhat::Ticket {
                        id,
                        subject: row::text(found, "subject")?,
                        status: row::parsed(found, "status", TicketStatus::parse)?,
                    },
                })
            })
            .collect()
    }

    async fn messages_in_history(
        &self,
        principal: &Principal,
        id: &CustomerId,
        after: Option<&HistoryPlace>,
        limit: usize,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        let reader = TicketReader::of(principal);
        let kinds = if reader.is_team() { "('reply', 'note')" } else { "('reply')" };
        let select = format!(
            "SELECT m.id AS id, m.ticket_id AS ticket_id, t.number AS number, m.author AS author, \
             m.author_id AS author_id, m.author_name AS author_name, m.kind AS kind, m.body AS body, m.html AS html, \
             m.created_at_ms AS created_at_ms FROM tickets t JOIN messages m ON m.ticket_id = t.id \
             WHERE t.customer_id = $1 AND (m.created_at_ms, m.id) < ($2, $3) AND m.kind IN {kinds} AND {}",
            reader.ticket(5)
        );
        let rows = self.page(&reader, newest(&select), id, after, limit).await?;
        rows.iter()
            .map(|found| {
                let ticket_id = TicketId::new(row::text(found, "ticket_id")?);
                let message = Message {
                    id: domain::MessageId::new(row::text(found, "id")?),
                    ticket_id: ticket_id.clone(),
                    author: author::of(found)?,
                    kind: row::parsed(found, "kind", MessageKind::parse)?,
                    body: row::text(found, "body")?,
                    html: row::optional_text(found, "html")?,
                    created_at: row::time(found, "created_at_ms")?,
                };
                Ok(HistoryItem {
                    at: message.created_at,
                    ticket: Some((ticket_id, row::int(found, "number")?)),
                    what: HistoryWhat::Message(message),
                })
            })
            .collect()
    }
}

/// The newest of both places.
fn newest(select: &str) -> String {
    archive::first(select, "created_at_ms DESC, id DESC", "$4")
}
