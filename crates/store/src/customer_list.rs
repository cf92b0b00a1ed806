//! Lists of customers: filtered, in pages by id, counted. Customers belong to the whole site; who may read them is asked before.

use domain::{Customer, CustomerFilter, CustomerId, FilterContext};

use crate::{
    COUNT_MAX, Store, StoreError, TicketCount,
    customer::{COLUMNS, customer},
    placeholders::sql,
    row,
    ticket::condition::Sql,
};

/// Who is listed: neither who was found to be somebody else nor who is being erased.
const LISTED: &str = "c.merged_into IS NULL AND c.erasing_json IS NULL";

/// Which customers, from where on, and how many.
#[derive(Debug, Clone)]
pub struct CustomerQuery {
    /// Which.
    pub filter: CustomerFilter,
    /// When it is asked.
    pub ctx: FilterContext,
    /// After this one.
    pub after: Option<CustomerId>,
    /// How many.
    pub limit: usize,
}

impl Store {
    /// Customers, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_customers_of(&self, query: &CustomerQuery) -> Result<Vec<Customer>, StoreError> {
        let (text, part) = self.list(query);
        let rows = part.bind(sqlx::query(sql(text))).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(customer).collect()
    }

    /// How many customers there are; counting stops at [`COUNT_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_customers(
        &self,
        filter: &CustomerFilter,
        ctx: &FilterContext,
    ) -> Result<TicketCount, StoreError> {
        let mut part = Sql::new(self.dialect());
        part.customers(filter, ctx);
        let text = format!(
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM customers c WHERE {LISTED} AND {} LIMIT {}) counted",
            part.text,
            COUNT_MAX + 1
        );
        let found = part.bind(sqlx::query(sql(text))).fetch_one(&mut *self.reader().await?).await?;
        let n: usize = row::number(&found, "n")?;
        Ok(TicketCount { n: n.min(COUNT_MAX), is_exact: n <= COUNT_MAX })
    }

    /// How the database goes about a list where tables are large, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_customers(&self, query: &CustomerQuery) -> Result<Vec<String>, StoreError> {
        let (text, part) = self.list(query);
        self.explain(&text, |statement| part.bind(statement)).await
    }

    fn list(&self, query: &CustomerQuery) -> (String, Sql) {
        let mut part = Sql::new(self.dialect());
        part.push(&format!("SELECT {COLUMNS} FROM customers c WHERE {LISTED} AND "));
        part.customers(&query.filter, &query.ctx);
        if let Some(after) = &query.after {
            part.push(" AND c.id > ");
            part.bind_text(after.as_str());
        }
        part.push(" ORDER BY c.id LIMIT ");
        part.bind_int(row::to_int(query.limit));
        (part.text.clone(), part)
    }
}
