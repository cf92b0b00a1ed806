//! Tickets on which a rule that is tried as time passes has not acted yet.

use domain::{FilterContext, Rule, TicketId, TicketStatus};

use super::condition::{Order, Sql};
use crate::{Store, StoreError, dialect::Dialect, placeholders::sql, row};

impl Store {
    /// Tickets that the rule's condition admits and that it has not marked, those first that have not changed for longest.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets_for_rule(
        &self,
        rule: &Rule,
        ctx: &FilterContext,
        limit: usize,
    ) -> Result<Vec<TicketId>, StoreError> {
        let mut connection = self.reader().await?;
        let mut ids = vec![];
        for status in rule.swept_statuses() {
            let left = limit.saturating_sub(ids.len());
            let (text, part) = due(self.dialect(), rule, status, ctx, left);
            for row in part.bind(sqlx::query(sql(text))).fetch_all(&mut *connection).await? {
                ids.push(TicketId::new(row::text(&row, "id")?));
            }
        }
        Ok(ids)
    }

    /// How the database finds them where tables are large, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_tickets_for_rule(
        &self,
        rule: &Rule,
        ctx: &FilterContext,
    ) -> Result<Vec<String>, StoreError> {
        let mut connection = self.reader().await?;
        for setting in self.dialect().explain_settings() {
            sqlx::query(*setting).execute(&mut *connection).await?;
        }
        let mut steps = vec![];
        for status in rule.swept_statuses() {
            let (text, part) = due(self.dialect(), rule, status, ctx, 100);
            let query = part.bind(sqlx::query(sql(format!("{} {text}", self.dialect().explain()))));
            for row in query.fetch_all(&mut *connection).await? {
                steps.push(self.dialect().explained(&row)?);
            }
        }
        // It is set up for this alone.
        connection.close().await?;
        Ok(steps)
    }
}

/// One statement for each status: then an index has them in this order.
fn due(
    dialect: Dialect,
    rule: &Rule,
    status: TicketStatus,
    ctx: &FilterContext,
    limit: usize,
) -> (String, Sql) {
    let mut part = Sql::new(dialect);
    part.push("SELECT t.id AS id FROM tickets t WHERE t.status = ");
    part.bind_text(status.as_str());
    part.push(" AND ");
    part.filter(&rule.condition, ctx, Order::Update);
    part.push(" AND NOT EXISTS (SELECT 1 FROM rule_marks m WHERE m.ticket_id = t.id AND m.rule_id = ");
    part.bind_text(rule.id.as_str());
    part.push(") ORDER BY t.updated_at_ms, t.id LIMIT ");
    part.bind_int(row::to_int(limit));
    (part.text.clone(), part)
}
