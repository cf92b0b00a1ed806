//! Tickets by their ids alone: all that a filter admits, and those of some numbers.

use std::collections::HashMap;

use domain::{Filter, FilterContext, Principal, TicketId};

use super::{
    condition::{Order, Sql},
    list::Lead,
};
use crate::{
    Store, StoreError, Within, archive,
    dialect::Dialect,
    placeholders::{self, sql},
    reader::TicketReader,
    row,
};

impl Store {
    /// The ids of tickets on the desk that the principal may read and a filter admits, the oldest first, as they are at one moment.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_ticket_ids(
        &self,
        principal: &Principal,
        filter: &Filter,
        ctx: &FilterContext,
        limit: usize,
    ) -> Result<Vec<TicketId>, StoreError> {
        let (text, part) = ids(self.dialect(), principal, filter, ctx, limit);
        let query = TicketReader::of(principal).bind(part.bind(sqlx::query(sql(text))));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// The ids of tickets that the principal may read, in the archive too, by their numbers.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_ids_by_number(
        &self,
        principal: &Principal,
        numbers: &[i64],
    ) -> Result<HashMap<i64, TicketId>, StoreError> {
        let reader = TicketReader::of(principal);
        let mut found = HashMap::with_capacity(numbers.len());
        let mut connection = self.reader().await?;
        for numbers in numbers.chunks(placeholders::LIST_MAX) {
            let select = format!(
                "SELECT t.id AS id, t.number AS number FROM tickets t WHERE t.number IN ({}) AND {}",
                placeholders::list(1, numbers.len()),
                reader.ticket(numbers.len() + 1)
            );
            let text = archive::everywhere(&select);
            let query = numbers.iter().fold(sqlx::query(sql(text)), |query, number| query.bind(*number));
            for one in reader.bind(query).fetch_all(&mut *connection).await? {
                found.insert(row::int(&one, "number")?, TicketId::new(row::text(&one, "id")?));
            }
        }
        Ok(found)
    }

    /// How the database goes about the ids that a filter admits where tables are large, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_ticket_ids(
        &self,
        principal: &Principal,
        filter: &Filter,
        ctx: &FilterContext,
    ) -> Result<Vec<String>, StoreError> {
        let (text, part) = ids(self.dialect(), principal, filter, ctx, 1_000);
        let reader = TicketReader::of(principal);
        self.explain(&text, |statement| reader.bind(part.bind(statement))).await
    }
}

/// The statement; the reader's values come after those of the part.
fn ids(
    dialect: Dialect,
    principal: &Principal,
    filter: &Filter,
    ctx: &FilterContext,
    limit: usize,
) -> (String, Sql) {
    let lead = Lead::of(filter, Order::Creation, Within::Desk);
    let mut part = Sql::new(dialect);
    lead.write(dialect, &mut part);
    part.filter(&lead.rest, ctx, Order::Creation);
    let limit = part.later_int(row::to_int(limit));
    let text = format!(
        "SELECT t.id AS id {} AND {} ORDER BY {} LIMIT {limit}",
        part.text,
        TicketReader::of(principal).listed(part.n_values() + 1, dialect),
        lead.creation().join(", ")
    );
    (text, part)
}
