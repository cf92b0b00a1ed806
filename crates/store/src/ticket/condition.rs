//! Filters as conditions of SQL. The text is made of constants and placeholders alone: what a filter says is bound.

use std::fmt::Write as _;

use domain::{
    AgentRef, Comparison, Condition, CustomerRef, FieldTest, Filter, FilterContext, OrganisationRef, Tag,
    TimeField,
};

use super::handling::NEVER_MS;
use crate::{
    dialect::Dialect,
    placeholders::{self, Bound},
};

/// Where the values of a ticket's fields stand.
const TICKET_VALUES: &str = "ticket_field_values v WHERE v.ticket_id = t.id";

/// A value to bind.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Int(i64),
}

/// A part of a statement: its text, with placeholders from `$1` on, and their values.
///
/// A column that is compared with several values, or with a range that is not the order of the list, is kept from SQLite's
/// indexes: it would sort all that match, while the index of the order stops at the page. Postgres knows better by itself.
#[derive(Debug)]
pub(crate) struct Sql {
    pub(crate) text: String,
    values: Vec<Value>,
    unindexed: &'static str,
}

/// The column that the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Creation,
    Update,
    Due,
    Other,
}

impl Sql {
    /// Nothing yet.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { text: String::new(), values: vec![], unindexed: dialect.unindexed() }
    }

    /// Adds text that holds no value.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a placeholder for a text.
    pub(crate) fn bind_text(&mut self, value: &str) {
        self.values.push(Value::Text(value.to_owned()));
        let _ = write!(self.text, "${}", self.values.len());
    }

    /// Adds a placeholder for a number.
    pub(crate) fn bind_int(&mut self, value: i64) {
        let placeholder = self.later_int(value);
        self.text.push_str(&placeholder);
    }

    /// A placeholder for a number, to be written further on.
    pub(crate) fn later_int(&mut self, value: i64) -> String {
        self.values.push(Value::Int(value));
        format!("${}", self.values.len())
    }

    /// How many values there are.
    pub(crate) fn n_values(&self) -> usize {
        self.values.len()
    }

    /// Binds the values, in order.
    pub(crate) fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text.clone()),
            Value::Int(int) => query.bind(*int),
        })
    }

    /// Adds the condition that a filter puts on `tickets t`.
    pub(crate) fn filter(&mut self, filter: &Filter, ctx: &FilterContext, order: Order) {
        self.tree(filter, &|sql, condition| sql.condition(condition, ctx, order));
    }

    /// Adds what a filter says, with each condition as it is written.
    pub(crate) fn tree<C>(&mut self, filter: &Filter<C>, write: &impl Fn(&mut Self, &C)) {
        match filter {
            Filter::All(parts) => self.joined(parts, " AND ", "1 = 1", write),
            Filter::Any(parts) => self.joined(parts, " OR ", "1 = 0", write),
            Filter::Not(part) => {
                // What is absent compares as neither true nor false.
                self.push("NOT COALESCE(");
                self.tree(part, write);
                self.push(", 1 = 0)");
            }
            Filter::Is(condition) => write(self, condition),
        }
    }

    fn joined<C>(&mut self, parts: &[Filter<C>], between: &str, none: &str, write: &impl Fn(&mut Self, &C)) {
        if parts.is_empty() {
            return self.push(none);
        }
        self.push("(");
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                self.push(between);
            }
            self.tree(part, write);
        }
        self.push(")");
    }

    /// Adds that one of these organisations, by a column, is meant.
    pub(crate) fn organisation(&mut self, column: &str, wanted: &[OrganisationRef]) {
        self.either(wanted, |sql, wanted| {
            sql.push(column);
            match wanted {
                OrganisationRef::None => sql.push(" IS NULL"),
                OrganisationRef::Id(id) => {
                    sql.push(" = ");
                    sql.bind_text(id.as_str());
                }
                OrganisationRef::Named(text) => {
                    // One value, so that an index that begins with the column gives its order too.
                    sql.push(" = (SELECT o.id FROM organisations o WHERE o.id = ");
                    sql.bind_text(text);
                    sql.push(" OR o.name = ");
                    sql.bind_text(text);
                    sql.push(" ORDER BY o.id LIMIT 1)");
                }
            }
        });
    }

    fn condition(&mut self, condition: &Condition, ctx: &FilterContext, order: Order) {
        match condition {
            Condition::Number(comparison, number) => {
                self.push(match comparison {
                    Comparison::Is => "t.number = ",
                    Comparison::Less => "t.number < ",
                    Comparison::AtMost => "t.number <= ",
                    Comparison::More => "t.number > ",
                    Comparison::AtLeast => "t.number >= ",
                });
                self.bind_int(*number);
            }
            Condition::Status(set) => self.one_of("t.status", set.iter().map(|status| status.as_str())),
            Condition::CustomStatus(keys) => self.one_of("t.custom_status", keys.iter().map(String::as_str)),
            Condition::Priority(set) => {
                self.one_of("t.priority", set.iter().map(|priority| priority.as_str()));
            }
            Condition::Team(teams) => self.one_of("t.team", ctx.teams(teams).into_iter()),
            Condition::Assignee(agents) => self.either(agents, |sql, agent| match agent {
                AgentRef::Me => match &ctx.me {
                    Some(me) => sql.equals("t.assignee_id", me.as_str()),
                    None => sql.push("1 = 0"),
                },
                AgentRef::None => sql.push("t.assignee_id IS NULL"),
                AgentRef::Id(id) => sql.equals("t.assignee_id", id.as_str()),
                AgentRef::Email(email) => {
                    sql.push("t.assignee_id = (SELECT u.id FROM users u WHERE u.email = ");
                    sql.bind_text(email);
                    sql.push(")");
                }
            }),
            Condition::Follower(agents) => self.either(agents, |sql, agent| {
                // Looked up by the person: nobody follows many.
                let mut of = |id: &str| {
                    sql.push("t.id IN (SELECT w.ticket_id FROM ticket_followers w WHERE w.user_id = ");
                    sql.bind_text(id);
                    sql.push(")");
                };
                match agent {
                    AgentRef::Me => match &ctx.me {
                        Some(me) => of(me.as_str()),
                        None => sql.push("1 = 0"),
                    },
                    AgentRef::None => {
                        sql.push("NOT EXISTS (SELECT 1 FROM ticket_followers w WHERE w.ticket_id = t.id)");
                    }
                    AgentRef::Id(id) => of(id.as_str()),
                    AgentRef::Email(_) => sql.push("1 = 0"),
                }
            }),
            Condition::Customer(customers) => self.either(customers, |sql, customer| match customer {
                CustomerRef::None => sql.push("t.customer_id IS NULL"),
                CustomerRef::Id(id) => sql.equals("t.customer_id", id.as_str()),
                CustomerRef::Email(email) => {
                    sql.push(
                        "t.customer_id = (SELECT i.customer_id FROM customer_identities i \
                         WHERE i.kind = 'email' AND i.value = ",
                    );
                    sql.bind_text(email);
                    sql.push(")");
                }
            }),
            Condition::Organisation(wanted) => self.organisation("t.organisation_id", wanted),
            Condition::Tag(tags) => self.tags(tags),
            Condition::Channel(channels) => {
                self.one_of("t.channel", channels.iter().map(domain::Channel::as_str));
            }
            Condition::Locale(locales) => {
                self.one_of("t.locale", locales.iter().map(domain::Locale::as_str));
            }
            Condition::Time(field, comparison, moment) => match ctx.bounds(*comparison, *moment) {
                None => self.push("1 = 0"),
                Some((from, to)) => {
                    let column = column(*field);
                    let is_order = matches!(
                        (field, order),
                        (TimeField::Created, Order::Creation)
                            | (TimeField::Updated, Order::Update)
                            | (TimeField::Due, Order::Due)
                    );
                    let unindexed = if is_order { "" } else { self.unindexed };
                    self.push("(1 = 1");
                    for (limit, sign) in [(from, " >= "), (to, " < ")] {
                        if let Some(limit) = limit {
                            self.push(" AND ");
                            self.push(unindexed);
                            self.push(column);
                            self.push(sign);
                            self.bind_int(limit.0);
                        }
                    }
                    if matches!(field, TimeField::Solved | TimeField::Snoozed) {
                        self.push(" AND ");
                        self.push(column);
                        self.push(" IS NOT NULL");
                    }
                    if *field == TimeField::Due {
                        self.push(" AND ");
                        self.push(unindexed);
                        self.push(column);
                        self.push(" < ");
                        self.bind_int(NEVER_MS);
                    }
                    self.push(")");
                }
            },
            Condition::Field(key, test) => self.field(TICKET_VALUES, key, test, ctx),
            Condition::Never(field @ (TimeField::Solved | TimeField::Snoozed)) => {
                self.push(column(*field));
                self.push(" IS NULL");
            }
            Condition::Never(TimeField::Created | TimeField::Updated) => self.push("1 = 0"),
            Condition::Never(field @ TimeField::Due) => {
                // Most have none: an index would give nearly all of them.
                self.push(self.unindexed);
                self.push(column(*field));
                self.push(" = ");
                self.bind_int(NEVER_MS);
            }
            Condition::Sla(set) => self.one_of("t.sla", set.iter().map(|standing| standing.as_str())),
        }
    }

    pub(crate) fn equals(&mut self, column: &str, value: &str) {
        self.push(column);
        self.push(" = ");
        self.bind_text(value);
    }

    pub(crate) fn one_of<'v>(&mut self, column: &str, values: impl Iterator<Item = &'v str>) {
        let values: Vec<&str> = values.collect();
        match values.as_slice() {
            [] => self.push("1 = 0"),
            [value] => self.equals(column, value),
            values => {
                let values = placeholders::padded(values);
                self.push(self.unindexed);
                self.push(column);
                self.push(" IN (");
                for (n, value) in values.into_iter().enumerate() {
                    self.push(if n > 0 { ", " } else { "" });
                    self.bind_text(value);
                }
                self.push(")");
            }
        }
    }

    pub(crate) fn either<T>(&mut self, parts: &[T], write: impl Fn(&mut Self, &T)) {
        self.push("(");
        for (n, part) in parts.iter().enumerate() {
            self.push(if n > 0 { " OR " } else { "" });
            write(self, part);
        }
        self.push(")");
    }

    /// Adds what is asked of a custom field, whose values stand in a table of their own.
    pub(crate) fn field(&mut self, values: &str, key: &str, test: &FieldTest, ctx: &FilterContext) {
        let value_of = |sql: &mut Self| {
            sql.push("EXISTS (SELECT 1 FROM ");
            sql.push(values);
            sql.push(" AND v.field_key = ");
            sql.bind_text(key);
        };
        match test {
            FieldTest::OneOf(wanted) => self.either(wanted, |sql, wanted| match wanted {
                None => {
                    sql.push("NOT ");
                    value_of(sql);
                    sql.push(")");
                }
                Some(text) => {
                    value_of(sql);
                    sql.push(" AND v.text_value = ");
                    sql.bind_text(text);
                    sql.push(")");
                }
            }),
            FieldTest::Number(..) | FieldTest::Day(..) => {
                let Some((from, to)) = test.millionths(ctx) else { return self.push("1 = 0") };
                value_of(self);
                for (limit, sign) in [(from, " >= "), (to, " < ")] {
                    if let Some(limit) = limit {
                        self.push(" AND v.millionths");
                        self.push(sign);
                        self.bind_int(limit);
                    }
                }
                self.push(")");
            }
        }
    }

    fn tags(&mut self, tags: &[Option<Tag>]) {
        self.either(tags, |sql, tag| {
            sql.push(if tag.is_some() { "EXISTS" } else { "NOT EXISTS" });
            sql.push(" (SELECT 1 FROM ticket_tags g WHERE g.ticket_id = t.id");
            if let Some(tag) = tag {
                sql.push(" AND g.tag = ");
                sql.bind_text(tag.as_str());
            }
            sql.push(")");
        });
    }
}

fn column(field: TimeField) -> &'static str {
    match field {
        TimeField::Created => "t.created_at_ms",
        TimeField::Updated => "t.updated_at_ms",
        TimeField::Solved => "t.solved_at_ms",
        TimeField::Snoozed => "t.snoozed_until_ms",
        TimeField::Due => "t.due_at_ms",
    }
}
