//! Tickets on which a rule that is tried as time passes has not acted yet.

use domain::{FilterContext, Rule, TicketId, TicketStatus, Timestamp};

use super::condition::{Order, Sql};
use crate::{
    Store, StoreError,
    dialect::Dialect,
    placeholders::{Bound, sql},
    row,
};

impl Store {
    /// Tickets that the rule's condition admits and that it has not marked, those first that have not changed for longest. Tickets
    /// that changed last before `since` are not looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets_for_rule(
        &self,
        rule: &Rule,
        ctx: &FilterContext,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<TicketId>, StoreError> {
        let mut connection = self.reader().await?;
        let mut ids = vec![];
        for status in rule.swept_statuses() {
            let left = limit.saturating_sub(ids.len());
            let (text, part) = due(self.dialect(), rule, status, ctx, (since, left));
            for row in part.bind(sqlx::query(sql(text))).fetch_all(&mut *connection).await? {
                ids.push(TicketId::new(row::text(&row, "id")?));
            }
        }
        Ok(ids)
    }

    /// When the ticket last changed that has not changed for longest among those that the rule has not marked, whether its
    /// condition admits them or not; nothing where it has marked all. Tickets that changed last before `since` are not looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn first_without_mark(
        &self,
        rule: &Rule,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut connection = self.reader().await?;
        let mut first: Option<Timestamp> = None;
        for status in rule.swept_statuses() {
            let query = sqlx::query(FIRST_WITHOUT_MARK);
            let query = query.bind(status.as_str()).bind(since.0).bind(rule.id.as_str());
            let found = query.fetch_optional(&mut *connection).await?;
            let at = found.as_ref().map(|row| row::time(row, "updated_at_ms")).transpose()?;
            first = first.into_iter().chain(at).min();
        }
        Ok(first)
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
        let mut steps = vec![];
        for status in rule.swept_statuses() {
            let (text, part) = due(self.dialect(), rule, status, ctx, (Timestamp(1), 100));
            steps.extend(self.explain(&text, |statement| part.bind(statement)).await?);
            let first = |statement: Bound<'static>| {
                statement.bind(status.as_str()).bind(1_i64).bind(rule.id.to_string())
            };
            steps.extend(self.explain(FIRST_WITHOUT_MARK, first).await?);
        }
        Ok(steps)
    }
}

/// The statement of the time of the first ticket of a status without a mark, at or after a time.
const FIRST_WITHOUT_MARK: &str = "SELECT t.updated_at_ms AS updated_at_ms FROM tickets t \
     WHERE t.status = $1 AND t.updated_at_ms >= $2 \
     AND NOT EXISTS (SELECT 1 FROM rule_marks m WHERE m.ticket_id = t.id AND m.rule_id = $3) \
     ORDER BY t.updated_at_ms, t.id LIMIT 1";

/// One statement for each status: then an index has them in this order.
fn due(
    dialect: Dialect,
    rule: &Rule,
    status: TicketStatus,
    ctx: &FilterContext,
    (since, limit): (Timestamp, usize),
) -> (String, Sql) {
    let mut part = Sql::new(dialect);
    part.push("SELECT t.id AS id FROM tickets t WHERE t.status = ");
    part.bind_text(status.as_str());
    part.push(" AND t.updated_at_ms >= ");
    part.bind_int(since.0);
    part.push(" AND ");
    part.filter(&rule.condition, ctx, Order::Update);
    part.push(" AND NOT EXISTS (SELECT 1 FROM rule_marks m WHERE m.ticket_id = t.id AND m.rule_id = ");
    part.bind_text(rule.id.as_str());
    part.push(") ORDER BY t.updated_at_ms, t.id LIMIT ");
    part.bind_int(row::to_int(limit));
    (part.text.clone(), part)
}
