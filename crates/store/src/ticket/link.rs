//! Links between tickets, and what was done to two tickets at once.

use domain::{Link, LinkId, LinkKind, Operation, OperationId, Principal, TicketId, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive, author,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{inserted, updated},
};

const LINK: &str = "l.id AS id, l.kind AS kind, l.ticket_id AS ticket_id, l.other_id AS other_id, \
     l.author AS author, l.author_id AS author_id, l.author_name AS author_name, l.at_ms AS at_ms";
const OPERATION: &str = "o.id AS id, o.ticket_id AS ticket_id, o.other_id AS other_id, o.deed_json AS deed_json, \
     o.author AS author, o.author_id AS author_id, o.author_name AS author_name, o.at_ms AS at_ms, \
     o.undone_at_ms AS undone_at_ms";

impl Store {
    /// The links of a ticket that the principal may read as one of the team, oldest first. What is at their other ends may
    /// be nothing for this principal.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_ticket_links(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Vec<Link>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let text = format!(
            "SELECT {LINK} FROM ticket_links l WHERE (l.ticket_id = $1 OR l.other_id = $1) \
             AND {} ORDER BY l.id",
            seen(&reader, 2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(link).collect()
    }

    /// What was done to a ticket and another one, newest first, on the same terms.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_operations(
        &self,
        principal: &Principal,
        id: &TicketId,
        limit: i64,
    ) -> Result<Vec<Operation>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let text = format!(
            "SELECT {OPERATION} FROM ticket_operations o WHERE (o.ticket_id = $1 OR o.other_id = $1) \
             AND {} ORDER BY o.id DESC LIMIT $2",
            seen(&reader, 3)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()).bind(limit));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(operation).collect()
    }
}

impl WriteTx {
    /// The links of a ticket, oldest first, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn links(&mut self, id: &TicketId) -> Result<Vec<Link>, StoreError> {
        let text = format!(
            "SELECT {LINK} FROM ticket_links l WHERE l.ticket_id = $1 OR l.other_id = $1 ORDER BY l.id"
        );
        sqlx::query(sql(text))
            .bind(id.as_str())
            .fetch_all(self.connection())
            .await?
            .iter()
            .map(link)
            .collect()
    }

    /// Links two tickets.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they are linked this way round already; [`StoreError::NotFound`] without the tickets.
    pub async fn insert_link(&mut self, link: &Link) -> Result<(), StoreError> {
        self.require_ticket(&link.ticket_id).await?;
        self.require_ticket(&link.other_id).await?;
        let (author, author_id, author_name) = author::columns(&link.by);
        let done = sqlx::query(
            "INSERT INTO ticket_links (id, kind, ticket_id, other_id, author, author_id, author_name, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(link.id.as_str())
        .bind(link.kind.as_str())
        .bind(link.ticket_id.as_str())
        .bind(link.other_id.as_str())
        .bind(author)
        .bind(author_id)
        .bind(author_name)
        .bind(link.at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "these tickets are linked already")
    }

    /// Refuses a ticket that is in neither place. No foreign key does, so that either end of a link may go to the archive.
    async fn require_ticket(&mut self, id: &TicketId) -> Result<(), StoreError> {
        let text = archive::everywhere("SELECT id FROM tickets WHERE id = $1");
        let found = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        found.map(|_| ()).ok_or(StoreError::NotFound("ticket"))
    }

    /// Takes a link away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_link(&mut self, id: &LinkId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM ticket_links WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "link")
    }

    /// Keeps what was done to two tickets.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without the tickets.
    pub async fn insert_operation(&mut self, operation: &Operation) -> Result<(), StoreError> {
        self.require_ticket(&operation.ticket_id).await?;
        self.require_ticket(&operation.other_id).await?;
        let (author, author_id, author_name) = author::columns(&operation.by);
        let done = sqlx::query(
            "INSERT INTO ticket_operations (id, ticket_id, other_id, deed_json, author, author_id, author_name, \
             at_ms, undone_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(operation.id.as_str())
        .bind(operation.ticket_id.as_str())
        .bind(operation.other_id.as_str())
        .bind(row::to_json(&operation.deed)?)
        .bind(author)
        .bind(author_id)
        .bind(author_name)
        .bind(operation.at.0)
        .bind(operation.undone_at.map(|at| at.0))
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this is already there")
    }

    /// What was done to two tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn operation(&mut self, id: &OperationId) -> Result<Option<Operation>, StoreError> {
        let text = format!("SELECT {OPERATION} FROM ticket_operations o WHERE o.id = $1");
        let found = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        found.as_ref().map(operation).transpose()
    }

    /// Marks something as undone.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there or undone already.
    pub async fn mark_undone(&mut self, id: &OperationId, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE ticket_operations SET undone_at_ms = $2 WHERE id = $1 AND undone_at_ms IS NULL",
        )
        .bind(id.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "operation")
    }
}

/// Whether the ticket `$1` is the reader's to see, wherever it is.
fn seen(reader: &TicketReader, first: usize) -> String {
    archive::either(&format!("EXISTS (SELECT 1 FROM tickets t WHERE t.id = $1 AND {})", reader.ticket(first)))
}

fn link(row: &AnyRow) -> Result<Link, StoreError> {
    Ok(Link {
        id: LinkId::new(row::text(row, "id")?),
        kind: row::parsed(row, "kind", LinkKind::parse)?,
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        other_id: TicketId::new(row::text(row, "other_id")?),
        by: author::of(row)?,
        at: row::time(row, "at_ms")?,
    })
}

fn operation(row: &AnyRow) -> Result<Operation, StoreError> {
    Ok(Operation {
        id: OperationId::new(row::text(row, "id")?),
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        other_id: TicketId::new(row::text(row, "other_id")?),
        deed: row::json(row, "deed_json")?,
        by: author::of(row)?,
        at: row::time(row, "at_ms")?,
        undone_at: row::optional_time(row, "undone_at_ms")?,
    })
}
