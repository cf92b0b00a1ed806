//! What was said in tickets, many at a time: for the index that finds them by their words.

use std::collections::{BTreeSet, HashMap};

use domain::{ConversationId, CustomerId, MessageKind, Principal, Ticket, TicketId, TurnContent};
use futures_util::TryStreamExt as _;
use sqlx::AnyConnection;

use super::{columns, tickets};
use crate::{
    Store, StoreError, archive,
    placeholders::{self, sql},
    reader::TicketReader,
    row,
};

/// What was said in a ticket, as far as somebody may read it; each list from the oldest to the newest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TicketSaid {
    /// Replies, of the customer too.
    pub replies: Vec<String>,
    /// Notes; none for who is not of the team.
    pub notes: Vec<String>,
    /// What the customer and the bot said in the conversation it came from. What agents said there stands in the replies.
    pub turns: Vec<TurnContent>,
    n_bytes: usize,
}

impl Store {
    /// Tickets that the principal may read, those of the archive too, in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_after(
        &self,
        principal: &Principal,
        after: Option<&TicketId>,
        limit: i64,
    ) -> Result<Vec<Ticket>, StoreError> {
        let reader = TicketReader::of(principal);
        let text = after_text(&reader.ticket(3));
        let query = sqlx::query(sql(text)).bind(after.map_or("", TicketId::as_str)).bind(limit);
        let mut connection = self.reader().await?;
        let rows = reader.bind(query).fetch_all(&mut *connection).await?;
        tickets(&mut connection, &rows).await
    }

    /// Those of these tickets that the principal may read, in the archive too, in no order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_of(
        &self,
        principal: &Principal,
        ids: &[TicketId],
    ) -> Result<Vec<Ticket>, StoreError> {
        let reader = TicketReader::of(principal);
        let mut found = Vec::with_capacity(ids.len());
        let mut connection = self.reader().await?;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            let select = format!(
                "SELECT {} FROM tickets t WHERE t.id IN ({}) AND {}",
                columns(),
                placeholders::list(1, ids.len()),
                reader.ticket(ids.len() + 1)
            );
            let text = archive::everywhere(&select);
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            let rows = reader.bind(query).fetch_all(&mut *connection).await?;
            found.extend(tickets(&mut connection, &rows).await?);
        }
        Ok(found)
    }

    /// The ids of a customer's tickets after one of them, in the order of their ids, whoever may read them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_ids_of_customer(
        &self,
        id: &CustomerId,
        after: Option<&TicketId>,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let select = "SELECT id FROM tickets WHERE customer_id = $1 AND id > $2";
        let text = archive::first(select, "id", "$3");
        let query =
            sqlx::query(sql(text)).bind(id.as_str()).bind(after.map_or("", TicketId::as_str)).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// The tickets of these conversations, whoever may read them; those that have none yet are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_of_conversations(
        &self,
        conversations: &BTreeSet<ConversationId>,
    ) -> Result<Vec<TicketId>, StoreError> {
        let all: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let mut found = vec![];
        let mut connection = self.reader().await?;
        for ids in all.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let select = format!("SELECT t.id AS id FROM tickets t WHERE t.conversation_id IN ({list})");
            let text = archive::everywhere(&select);
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *connection).await? {
                found.push(TicketId::new(row::text(&row, "id")?));
            }
        }
        Ok(found)
    }

    /// What was said in these tickets, as far as the principal may read it: of each the newest, up to so many bytes. A message
    /// that does not fit is left out with all before it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn said_in(
        &self,
        principal: &Principal,
        ids: &[TicketId],
        bytes_max: usize,
    ) -> Result<HashMap<TicketId, TicketSaid>, StoreError> {
        let reader = TicketReader::of(principal);
        let mut said = HashMap::with_capacity(ids.len());
        let mut connection = self.reader().await?;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            add_messages(&mut connection, &reader, &ids, bytes_max, &mut said).await?;
            add_turns(&mut connection, &reader, &ids, bytes_max, &mut said).await?;
        }
        for said in said.values_mut() {
            said.replies.reverse();
            said.notes.reverse();
            said.turns.reverse();
        }
        Ok(said)
    }

    /// The number of the newest ticket; 0 before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_ticket_number(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'ticket'")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&row, "value")
    }
}

/// The statement of the tickets after one of them that somebody may read, wherever they are.
pub(crate) fn after_text(reader: &str) -> String {
    let select = format!("SELECT {} FROM tickets t WHERE t.id > $1 AND {reader}", columns());
    archive::first(&select, "id", "$2")
}

impl TicketSaid {
    /// Makes room for a text, newest first. Where there is none, there is none for what came before it either.
    fn takes(&mut self, n_bytes: usize, bytes_max: usize) -> bool {
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        self.n_bytes <= bytes_max
    }
}

/// The rows come one by one: a ticket may have more than memory should hold.
async fn add_messages(
    connection: &mut AnyConnection,
    reader: &TicketReader,
    ids: &[&str],
    bytes_max: usize,
    said: &mut HashMap<TicketId, TicketSaid>,
) -> Result<(), StoreError> {
    let kinds = if reader.is_team() { "m.kind IN ('reply', 'note')" } else { "m.kind = 'reply'" };
    let select = format!(
        "SELECT m.ticket_id AS ticket_id, m.kind AS kind, m.body AS body, m.created_at_ms AS created_at_ms, \
         m.id AS id FROM messages m WHERE m.ticket_id IN ({}) AND {kinds} \
         AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = m.ticket_id AND {})",
        placeholders::list(1, ids.len()),
        reader.ticket(ids.len() + 1)
    );
    let text =
        format!("{} ORDER BY ticket_id DESC, created_at_ms DESC, id DESC", archive::everywhere(&select));
    let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
    let mut rows = reader.bind(query).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let said = said.entry(TicketId::new(row::text(&row, "ticket_id")?)).or_default();
        let body = row::text(&row, "body")?;
        if !said.takes(body.len(), bytes_max) {
            continue;
        }
        match row::parsed(&row, "kind", MessageKind::parse)? {
            MessageKind::Note => said.notes.push(body),
            MessageKind::Reply | MessageKind::Event => said.replies.push(body),
        }
    }
    Ok(())
}

async fn add_turns(
    connection: &mut AnyConnection,
    reader: &TicketReader,
    ids: &[&str],
    bytes_max: usize,
    said: &mut HashMap<TicketId, TicketSaid>,
) -> Result<(), StoreError> {
    let select = format!(
        "SELECT t.id AS ticket_id, n.content_json AS content_json, n.ordinal AS ordinal FROM tickets t \
         JOIN turns n ON n.conversation_id = t.conversation_id \
         WHERE t.id IN ({}) AND n.speaker <> 'agent' AND {}",
        placeholders::list(1, ids.len()),
        reader.ticket(ids.len() + 1)
    );
    let text = format!("{} ORDER BY ticket_id DESC, ordinal DESC", archive::everywhere(&select));
    let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
    let mut rows = reader.bind(query).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let said = said.entry(TicketId::new(row::text(&row, "ticket_id")?)).or_default();
        if said.takes(row::text(&row, "content_json")?.len(), bytes_max) {
            said.turns.push(row::json(&row, "content_json")?);
        }
    }
    Ok(())
}
