//! What was imported from other systems, by the ids that it had there.

use std::collections::HashMap;

use domain::{CustomerId, ImportBatchId, TicketId, Timestamp};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    row,
};

/// A ticket as it was last taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedTicket {
    /// Its id in the other system.
    pub external_id: String,
    /// Which ticket it is here.
    pub ticket_id: TicketId,
    /// The hash of the record.
    pub hash: String,
    /// The ticket's revision right after.
    pub revision: i64,
    /// When it last changed there.
    pub changed_at: Timestamp,
}

/// A customer as they were last taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCustomer {
    /// The hash of their id in the other system.
    pub external_hash: String,
    /// Which customer they are here; nothing for one who was erased.
    pub customer_id: Option<CustomerId>,
    /// The hash of the record; empty where only their id is known.
    pub hash: String,
}

impl Store {
    /// The tickets that a batch of an import wrote last, by id, after one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_of_batch(
        &self,
        batch_id: &ImportBatchId,
        after: Option<&TicketId>,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let rows = sqlx::query(
            "SELECT ticket_id FROM imported_tickets WHERE batch_id = $1 AND ticket_id > $2 ORDER BY ticket_id LIMIT $3",
        )
        .bind(batch_id.as_str())
        .bind(after.map_or("", TicketId::as_str))
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| row::text(found, "ticket_id").map(TicketId::new)).collect()
    }
}

impl WriteTx {
    /// Those of these tickets of another system that were imported, by their ids there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn imported_tickets(
        &mut self,
        source: &str,
        external_ids: &[&str],
    ) -> Result<HashMap<String, ImportedTicket>, StoreError> {
        let mut found = HashMap::new();
        for ids in external_ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let text = format!(
                "SELECT external_id, ticket_id, hash, revision, changed_at_ms FROM imported_tickets \
                 WHERE source = $1 AND external_id IN ({})",
                placeholders::list(2, ids.len())
            );
            let query = ids.iter().fold(sqlx::query(sql(text)).bind(source), |query, id| query.bind(*id));
            for row in query.fetch_all(self.connection()).await? {
                let ticket = ImportedTicket {
                    external_id: row::text(&row, "external_id")?,
                    ticket_id: TicketId::new(row::text(&row, "ticket_id")?),
                    hash: row::text(&row, "hash")?,
                    revision: row::int(&row, "revision")?,
                    changed_at: row::time(&row, "changed_at_ms")?,
                };
                found.insert(ticket.external_id.clone(), ticket);
            }
        }
        Ok(found)
    }

    /// Those of these customers of another system that were imported, by the hashes of their ids there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn imported_customers(
        &mut self,
        source: &str,
        external_hashes: &[&str],
    ) -> Result<HashMap<String, ImportedCustomer>, StoreError> {
        let mut found = HashMap::new();
        for hashes in external_hashes.chunks(placeholders::LIST_MAX) {
            let hashes = placeholders::padded(hashes);
            let text = format!(
                "SELECT external_hash, customer_id, hash FROM imported_customers \
                 WHERE source = $1 AND external_hash IN ({})",
                placeholders::list(2, hashes.len())
            );
            let query =
                hashes.iter().fold(sqlx::query(sql(text)).bind(source), |query, hash| query.bind(*hash));
            for row in query.fetch_all(self.connection()).await? {
                let customer = ImportedCustomer {
                    external_hash: row::text(&row, "external_hash")?,
                    customer_id: row::optional_text(&row, "customer_id")?.map(CustomerId::new),
                    hash: row::text(&row, "hash")?,
                };
                found.insert(customer.external_hash.clone(), customer);
            }
        }
        Ok(found)
    }

    /// Remembers how tickets were taken over by a batch. Each external id may stand in the list once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn save_imported_tickets(
        &mut self,
        source: &str,
        batch_id: &ImportBatchId,
        tickets: &[ImportedTicket],
    ) -> Result<(), StoreError> {
        let columns =
            "imported_tickets (source, external_id, ticket_id, hash, revision, changed_at_ms, batch_id)";
        let otherwise = "ON CONFLICT (source, external_id) DO UPDATE SET ticket_id = excluded.ticket_id, \
             hash = excluded.hash, revision = excluded.revision, changed_at_ms = excluded.changed_at_ms, \
             batch_id = excluded.batch_id";
        let rows: Vec<_> = tickets.iter().map(|ticket| (source, batch_id, ticket)).collect();
        self.insert_or(columns, 7, otherwise, &rows, |query, (source, batch_id, ticket)| {
            Ok(query
                .bind((*source).to_owned())
                .bind(ticket.external_id.clone())
                .bind(ticket.ticket_id.to_string())
                .bind(ticket.hash.clone())
                .bind(ticket.revision)
                .bind(ticket.changed_at.0)
                .bind(batch_id.to_string()))
        })
        .await
        .map(|_| ())
    }

    /// Remembers how customers were taken over. Each hash may stand in the list once.
    ///
    /// # Errors
    /// A customer who is not there fails the whole.
    pub async fn save_imported_customers(
        &mut self,
        source: &str,
        customers: &[ImportedCustomer],
    ) -> Result<(), StoreError> {
        let columns = "imported_customers (source, external_hash, customer_id, hash)";
        let otherwise = "ON CONFLICT (source, external_hash) DO UPDATE SET customer_id = excluded.customer_id, \
             hash = excluded.hash";
        let rows: Vec<_> = customers.iter().map(|customer| (source, customer)).collect();
        self.insert_or(columns, 4, otherwise, &rows, |query, (source, customer)| {
            Ok(query
                .bind((*source).to_owned())
                .bind(customer.external_hash.clone())
                .bind(customer.customer_id.as_ref().map(ToString::to_string))
                .bind(customer.hash.clone()))
        })
        .await
        .map(|_| ())
    }

    /// Leaves of an imported customer only that there was one: an import that runs again does not make them anew.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn forget_imported_customer(&mut self, id: &CustomerId) -> Result<(), StoreError> {
        sqlx::query("UPDATE imported_customers SET customer_id = NULL, hash = '' WHERE customer_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Those of these tickets whose customer was erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erased_among(&mut self, ids: &[&str]) -> Result<Vec<TicketId>, StoreError> {
        let mut found = vec![];
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let select = format!("SELECT id FROM tickets WHERE erased_at_ms IS NOT NULL AND id IN ({list})");
            let text = archive::everywhere(&select);
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(self.connection()).await? {
                found.push(TicketId::new(row::text(&row, "id")?));
            }
        }
        Ok(found)
    }

    /// The customers with these ids, and those with these mail addresses, to the letter, each with the one they were found by;
    /// not those who are merely said to have it, nor those who are being erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customers_among(
        &mut self,
        ids: &[&str],
        emails: &[&str],
    ) -> Result<Vec<(Option<String>, domain::Customer)>, StoreError> {
        let by_id = "NULL AS address FROM customers c WHERE c.id";
        let by_email = "i.value AS address FROM customer_identities i JOIN customers c ON c.id = i.customer_id \
                        WHERE i.kind = 'email' AND (c.email = i.value OR i.verified_at_ms IS NOT NULL) AND i.value";
        let mut found = vec![];
        for (which, values) in [(by_id, ids), (by_email, emails)] {
            for values in values.chunks(placeholders::LIST_MAX) {
                let values = placeholders::padded(values);
                let text = format!(
                    "SELECT {}, {which} IN ({}) AND c.erasing_json IS NULL",
                    crate::customer::COLUMNS,
                    placeholders::list(1, values.len())
                );
                let query = values.iter().fold(sqlx::query(sql(text)), |query, value| query.bind(*value));
                for row in query.fetch_all(self.connection()).await? {
                    found.push((row::optional_text(&row, "address")?, crate::customer::customer(&row)?));
                }
            }
        }
        Ok(found)
    }
}
