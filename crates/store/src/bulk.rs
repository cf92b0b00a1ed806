//! Many rows at once, for imports and benches: the same tables, a statement for many rows.

use std::collections::BTreeMap;

use domain::{Customer, Message, Ticket};

use crate::{
    StoreError, WriteTx, author, customer,
    placeholders::{self, Bound, sql},
    ticket,
    tx::Counter,
};

const MESSAGE_COLUMNS: &str =
    "messages (id, ticket_id, author, author_id, author_name, kind, created_at_ms, body, html)";

impl WriteTx {
    /// Adds customers, who have neither tags nor fields, with their addresses.
    ///
    /// # Errors
    /// An id or address that is taken fails the whole.
    pub async fn insert_customers(&mut self, customers: &[Customer]) -> Result<(), StoreError> {
        let columns = "customers (id, name, email, locale, organisation_id, organisation_by, created_at_ms, seen_at_ms)";
        self.insert_all(columns, 8, customers, |query, customer| {
            Ok(query
                .bind(customer.id.as_str())
                .bind(customer.name.as_str())
                .bind(customer.email.as_deref())
                .bind(customer.locale.as_ref().map(domain::Locale::as_str))
                .bind(customer.organisation_id.as_ref().map(domain::OrganisationId::as_str))
                .bind(customer.organisation_by.as_str())
                .bind(customer.created_at.0)
                .bind(customer.seen_at.map(|at| at.0)))
        })
        .await?;
        let identities: Vec<_> = customers.iter().filter_map(customer::first_identity).collect();
        let columns = "customer_identities (id, customer_id, kind, value, domain, likeness, created_at_ms)";
        self.insert_all(columns, 7, &identities, |query, identity| {
            Ok(query
                .bind(identity.id.as_str())
                .bind(identity.customer_id.as_str())
                .bind(identity.kind.as_str())
                .bind(identity.value.as_str())
                .bind(identity.domain())
                .bind(identity.kind.likeness(&identity.value))
                .bind(identity.created_at.0))
        })
        .await
    }

    /// Adds tickets with their tags, under the next numbers, in order. No event tells of them.
    ///
    /// # Errors
    /// An id that is taken fails the whole; so does a customer, agent or conversation that is not there.
    pub async fn insert_tickets(&mut self, tickets: &mut [Ticket]) -> Result<(), StoreError> {
        let first = self.next_many(Counter::Ticket, tickets.len()).await?;
        let mut teams = BTreeMap::new();
        for (number, ticket) in (first..).zip(tickets.iter_mut()) {
            ticket.number = number;
            teams.entry(ticket.team.clone()).or_insert(ticket.created_at);
        }
        for (team, at) in teams {
            self.ensure_team(&team, at).await?;
        }
        let columns = format!("tickets ({})", ticket::INSERTED);
        self.insert_all(&columns, ticket::N_INSERTED, tickets, ticket::bind).await?;
        let tags: Vec<_> =
            tickets.iter().flat_map(|ticket| ticket.tags.iter().map(move |tag| (ticket, tag))).collect();
        let columns = "ticket_tags (ticket_id, tag, created_at_ms, is_unsolved)";
        self.insert_all(columns, 4, &tags, |query, (ticket, tag)| {
            let query = query.bind(ticket.id.as_str()).bind(tag.as_str()).bind(ticket.created_at.0);
            Ok(query.bind(i64::from(!ticket.status.is_done())))
        })
        .await?;
        let followers: Vec<_> = tickets
            .iter()
            .flat_map(|ticket| ticket.handling.followers.iter().map(move |user| (ticket, user)))
            .collect();
        self.insert_all("ticket_followers (ticket_id, user_id)", 2, &followers, |query, (ticket, user)| {
            Ok(query.bind(ticket.id.as_str()).bind(user.as_str()))
        })
        .await?;
        let copies: Vec<_> = tickets
            .iter()
            .flat_map(|ticket| ticket.handling.cc.iter().map(move |address| (ticket, address)))
            .collect();
        self.insert_all("ticket_copies (ticket_id, address)", 2, &copies, |query, (ticket, address)| {
            Ok(query.bind(ticket.id.as_str()).bind(address.as_str()))
        })
        .await?;
        let values: Vec<_> = tickets
            .iter()
            .flat_map(|ticket| ticket.fields.iter().map(move |(key, value)| (ticket, key, value)))
            .flat_map(|(ticket, key, value)| {
                value.texts().into_iter().map(move |text| (ticket, key, text, value))
            })
            .collect();
        let columns = "ticket_field_values (ticket_id, field_key, text_value, millionths)";
        self.insert_all(columns, 4, &values, |query, (ticket, key, text, value)| {
            Ok(query.bind(ticket.id.as_str()).bind(key.as_str()).bind(text.as_str()).bind(value.millionths()))
        })
        .await
    }

    /// Adds messages.
    ///
    /// # Errors
    /// An id that is taken, or a ticket that is not there, fails the whole.
    pub async fn insert_messages(&mut self, messages: &[Message]) -> Result<(), StoreError> {
        self.insert_all(MESSAGE_COLUMNS, 9, messages, message).await
    }

    /// Adds messages that are not there yet. Returns how many were added.
    ///
    /// # Errors
    /// A ticket that is not there fails the whole.
    pub async fn add_messages(&mut self, messages: &[Message]) -> Result<u64, StoreError> {
        self.insert_or(MESSAGE_COLUMNS, 9, "ON CONFLICT DO NOTHING", messages, message).await
    }

    async fn insert_all<'q, T>(
        &mut self,
        columns: &str,
        n_columns: usize,
        rows: &'q [T],
        bind: impl Fn(Bound<'q>, &'q T) -> Result<Bound<'q>, StoreError>,
    ) -> Result<(), StoreError> {
        self.insert_or(columns, n_columns, "", rows, bind).await.map(|_| ())
    }

    /// Inserts rows, and does what the last clause says where one is there already. Returns how many were written.
    pub(crate) async fn insert_or<'q, T>(
        &mut self,
        columns: &str,
        n_columns: usize,
        otherwise: &str,
        rows: &'q [T],
        bind: impl Fn(Bound<'q>, &'q T) -> Result<Bound<'q>, StoreError>,
    ) -> Result<u64, StoreError> {
        let mut n_written = 0;
        for rows in rows.chunks(placeholders::rows_per_insert(n_columns)) {
            let values = placeholders::rows(rows.len(), n_columns);
            let text = format!("INSERT INTO {columns} VALUES {values} {otherwise}");
            let mut query = sqlx::query(sql(text));
            for row in rows {
                query = bind(query, row)?;
            }
            n_written += query.execute(self.connection()).await?.rows_affected();
        }
        Ok(n_written)
    }
}

fn message<'q>(query: Bound<'q>, message: &'q Message) -> Result<Bound<'q>, StoreError> {
    let (author, id, name) = author::columns(&message.author);
    Ok(query
        .bind(message.id.as_str())
        .bind(message.ticket_id.as_str())
        .bind(author)
        .bind(id)
        .bind(name)
        .bind(message.kind.as_str())
        .bind(message.created_at.0)
        .bind(message.body.as_str())
        .bind(message.html.as_deref()))
}
