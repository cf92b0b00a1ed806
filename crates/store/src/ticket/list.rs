//! Lists of tickets: filtered, sorted, in pages, counted.

use std::collections::BTreeSet;

use domain::{
    Condition, Direction, Filter, FilterContext, Principal, Tag, Ticket, TicketGroup, TicketId, TicketSort,
    TicketSortBy, TicketStatus,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    columns as ticket_columns,
    condition::{Order, Sql},
    tickets,
};
use crate::{
    Store, StoreError, Within, archive, dialect::Dialect, placeholders::sql, reader::TicketReader, row,
};

/// Where counting stops: nobody reads that far, and a list that long is counted in the time of this many.
pub const COUNT_MAX: usize = 10_000;

/// Which tickets, in which order, from where on, and how many.
#[derive(Debug, Clone)]
pub struct TicketQuery {
    /// Where they are.
    pub within: Within,
    /// Which.
    pub filter: Filter,
    /// Who asks, and when.
    pub ctx: FilterContext,
    /// In which order.
    pub sort: TicketSort,
    /// What they are grouped by, before that order.
    pub group_by: Option<TicketGroup>,
    /// After the last ticket of the page before.
    pub after: Option<TicketPlace>,
    /// How many.
    pub limit: usize,
}

/// A place in a list: that of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPlace {
    keys: Vec<Key>,
    id: TicketId,
}

/// What a ticket is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Int(i64),
    Text(String),
}

impl TicketPlace {
    /// The place of a ticket.
    pub fn of(order: (Option<TicketGroup>, TicketSort), ticket: &Ticket) -> Self {
        let columns = columns(order.0, order.1);
        Self { keys: columns.iter().map(|column| (column.key)(ticket)).collect(), id: ticket.id.clone() }
    }

    /// Parses what [`std::fmt::Display`] writes; nothing for another order's place or any other text.
    pub fn parse(order: (Option<TicketGroup>, TicketSort), text: &str) -> Option<Self> {
        let (keys, id) = text.rsplit_once('.')?;
        let keys: Vec<Key> = keys
            .split('.')
            .map(|key| match key.strip_prefix('~') {
                Some(text) => Some(Key::Text(text.to_owned())),
                None => key.parse().ok().map(Key::Int),
            })
            .collect::<Option<_>>()?;
        let columns = columns(order.0, order.1);
        let is_of_order = keys.len() == columns.len()
            && keys.iter().zip(&columns).all(|(key, column)| matches!(key, Key::Text(_)) == column.is_text);
        (is_of_order && !id.is_empty()).then(|| Self { keys, id: TicketId::new(id) })
    }
}

impl std::fmt::Display for TicketPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for key in &self.keys {
            match key {
                Key::Int(int) => write!(f, "{int}.")?,
                // Keys of teams and ids have no full stop.
                Key::Text(text) => write!(f, "~{text}.")?,
            }
        }
        self.id.fmt(f)
    }
}

/// What a list is sorted by: an expression on `tickets t`, and its value for a ticket at hand.
struct Column {
    expression: &'static str,
    is_text: bool,
    key: fn(&Ticket) -> Key,
}

const CREATED: Column =
    Column { expression: "t.created_at_ms", is_text: false, key: |ticket| Key::Int(ticket.created_at.0) };
const URGENCY: Column = Column {
    expression: "t.urgency",
    is_text: false,
    key: |ticket| Key::Int(super::urgency(ticket.priority)),
};

fn columns(group_by: Option<TicketGroup>, sort: TicketSort) -> Vec<Column> {
    let mut columns = vec![];
    // A group goes the way of the list: what is negated goes the other.
    columns.extend(group_by.map(|group| match (group, sort.direction) {
        (TicketGroup::Status, Direction::Ascending) => Column {
            expression: "CASE t.status WHEN 'new' THEN 0 WHEN 'open' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END",
            is_text: false,
            key: |ticket| Key::Int(stage(ticket)),
        },
        (TicketGroup::Status, Direction::Descending) => Column {
            expression: "CASE t.status WHEN 'new' THEN 0 WHEN 'open' THEN -1 WHEN 'pending' THEN -2 ELSE -3 END",
            is_text: false,
            key: |ticket| Key::Int(-stage(ticket)),
        },
        (TicketGroup::Priority, Direction::Ascending) => Column {
            expression: "-t.urgency",
            is_text: false,
            key: |ticket| Key::Int(-super::urgency(ticket.priority)),
        },
        (TicketGroup::Priority, Direction::Descending) => URGENCY,
        (TicketGroup::Team, _) => {
            Column { expression: "t.team", is_text: true, key: |ticket| Key::Text(ticket.team.clone()) }
        }
        (TicketGroup::Assignee, _) => Column {
            expression: "COALESCE(t.assignee_id, '')",
            is_text: true,
            key: |ticket| Key::Text(ticket.assignee_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        },
    }));
    match sort.by {
        TicketSortBy::Created => columns.push(CREATED),
        TicketSortBy::Updated => columns.push(Column {
            expression: "t.updated_at_ms",
            is_text: false,
            key: |ticket| Key::Int(ticket.updated_at.0),
        }),
        TicketSortBy::Priority => columns.extend([URGENCY, CREATED]),
        TicketSortBy::Due => columns.push(Column {
            expression: "t.due_at_ms",
            is_text: false,
            key: |ticket| Key::Int(super::due_at_ms(&ticket.handling.sla)),
        }),
    }
    columns
}

/// How far an unsolved ticket has come.
fn stage(ticket: &Ticket) -> i64 {
    match ticket.status {
        TicketStatus::New => 0,
        TicketStatus::Open => 1,
        TicketStatus::Pending => 2,
        TicketStatus::OnHold | TicketStatus::Solved | TicketStatus::Closed => 3,
    }
}

/// How many tickets there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketCount {
    /// This many, or [`COUNT_MAX`].
    pub n: usize,
    /// Whether there are no more.
    pub is_exact: bool,
}

impl Store {
    /// Tickets that the principal may read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets(
        &self,
        principal: &Principal,
        query: &TicketQuery,
    ) -> Result<Vec<Ticket>, StoreError> {
        let (text, part) = list(self.dialect(), principal, query);
        let mut connection = self.reader().await?;
        let rows = run(&mut connection, principal, text, &part).await?;
        tickets(&mut connection, &rows).await
    }

    /// How many tickets the principal may read; counting stops at [`COUNT_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_tickets(
        &self,
        principal: &Principal,
        filter: &Filter,
        ctx: &FilterContext,
    ) -> Result<TicketCount, StoreError> {
        let (text, part) = count(self.dialect(), principal, filter, ctx);
        let rows = run(&mut *self.reader().await?, principal, text, &part).await?;
        let n: usize = rows.first().map_or(Ok(0), |row| row::number(row, "n"))?;
        Ok(TicketCount { n: n.min(COUNT_MAX), is_exact: n <= COUNT_MAX })
    }

    /// How the database goes about a list and its count where tables are large, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_tickets(
        &self,
        principal: &Principal,
        query: &TicketQuery,
    ) -> Result<[Vec<String>; 2], StoreError> {
        let reader = TicketReader::of(principal);
        let (text, part) = list(self.dialect(), principal, query);
        let listed = self.explain(&text, |statement| reader.bind(part.bind(statement))).await?;
        let (text, part) = count(self.dialect(), principal, &query.filter, &query.ctx);
        let counted = self.explain(&text, |statement| reader.bind(part.bind(statement))).await?;
        Ok([listed, counted])
    }
}

async fn run(
    connection: &mut AnyConnection,
    principal: &Principal,
    text: String,
    part: &Sql,
) -> Result<Vec<AnyRow>, StoreError> {
    let query = part.bind(sqlx::query(sql(text)));
    Ok(TicketReader::of(principal).bind(query).fetch_all(connection).await?)
}

/// The statement of a list; the reader's values come after those of the part.
fn list(dialect: Dialect, principal: &Principal, query: &TicketQuery) -> (String, Sql) {
    let order = match (query.group_by, query.sort.by) {
        (None, TicketSortBy::Created) => Order::Creation,
        (None, TicketSortBy::Updated) => Order::Update,
        (None, TicketSortBy::Due) => Order::Due,
        (Some(_), _) | (None, TicketSortBy::Priority) => Order::Other,
    };
    let lead = Lead::of(&query.filter, order, query.within);
    let mut part = Sql::new(dialect);
    lead.write(dialect, &mut part);
    part.filter(&lead.rest, &query.ctx, order);
    let (sign, direction) = match query.sort.direction {
        Direction::Ascending => (">", ""),
        Direction::Descending => ("<", " DESC"),
    };
    let sorted_by = columns(query.group_by, query.sort);
    let mut columns: Vec<&str> = sorted_by.iter().map(|column| column.expression).collect();
    columns.push("t.id");
    if order == Order::Creation {
        columns = lead.creation().to_vec();
    }
    if let Some(after) = &query.after {
        part.push(&format!(" AND ({}) {sign} (", columns.join(", ")));
        for key in &after.keys {
            match key {
                Key::Int(int) => part.bind_int(*int),
                Key::Text(text) => part.bind_text(text),
            }
            part.push(", ");
        }
        part.bind_text(after.id.as_str());
        part.push(")");
    }
    let reader = TicketReader::of(principal);
    let order_by: Vec<String> = columns.iter().map(|column| format!("{column}{direction}")).collect();
    let limit = part.later_int(row::to_int(query.limit));
    let text = format!(
        "SELECT {} {} AND {} ORDER BY {} LIMIT {limit}",
        ticket_columns(),
        part.text,
        reader.listed(part.n_values() + 1, dialect),
        order_by.join(", ")
    );
    match query.within {
        Within::Desk => (text, part),
        Within::Archive => (archive::archived(&text), part),
    }
}

fn count(dialect: Dialect, principal: &Principal, filter: &Filter, ctx: &FilterContext) -> (String, Sql) {
    let mut part = Sql::new(dialect);
    let reader = TicketReader::of(principal);
    let lead = Lead::of(filter, Order::Creation, Within::Desk);
    lead.write_for_count(dialect, &reader, &mut part);
    part.filter(&lead.rest, ctx, Order::Creation);
    let text = format!(
        "SELECT COUNT(*) AS n FROM (SELECT 1 AS one {} AND {} LIMIT {}) counted",
        part.text,
        reader.listed(part.n_values() + 1, dialect),
        COUNT_MAX + 1
    );
    (text, part)
}

/// What a list begins with, so that it reads no more than it must, and what is left to ask of each ticket.
pub(super) struct Lead<'f> {
    from: Source<'f>,
    pub(super) rest: Filter,
}

enum Source<'f> {
    /// An index of unsolved tickets, which holds nearly all that a list asks for.
    Unsolved(&'static str),
    /// The unsolved tickets of one tag, in the order of creation.
    UnsolvedTag(&'f Tag),
    /// The tickets of one tag, in the order of creation.
    Tag(&'f Tag),
    /// Whatever the database chooses.
    Any,
}

impl<'f> Lead<'f> {
    pub(super) fn of(filter: &'f Filter, order: Order, within: Within) -> Self {
        // Nothing in the archive is unsolved, so there are no such indexes.
        let is_unsolved = within == Within::Desk && filter.is_unsolved_only();
        let parts = match filter {
            Filter::All(parts) => parts.as_slice(),
            part => std::slice::from_ref(part),
        };
        let tag = parts.iter().enumerate().find_map(|(n, part)| match part {
            Filter::Is(Condition::Tag(tags)) => match tags.as_slice() {
                [Some(tag)] => Some((n, tag)),
                _ => None,
            },
            _ => None,
        });
        let without = |n: usize| {
            let mut rest = parts.to_vec();
            rest.remove(n);
            Filter::All(rest)
        };
        match tag {
            Some((n, tag)) if is_unsolved => {
                Self { from: Source::UnsolvedTag(tag), rest: among_unsolved(&without(n)) }
            }
            Some((n, tag)) if order == Order::Creation => Self { from: Source::Tag(tag), rest: without(n) },
            _ if is_unsolved => {
                let index = match order {
                    Order::Creation => "tickets_unsolved_by_creation",
                    Order::Due => "tickets_unsolved_by_due",
                    Order::Update | Order::Other => "tickets_unsolved",
                };
                Self { from: Source::Unsolved(index), rest: among_unsolved(filter) }
            }
            _ => Self { from: Source::Any, rest: filter.clone() },
        }
    }

    /// Writes it, up to where the conditions follow.
    pub(super) fn write(&self, dialect: Dialect, part: &mut Sql) {
        match self.from {
            Source::Unsolved(index) => {
                let hint = dialect.indexed_by(index);
                part.push(&format!("FROM tickets t{hint} WHERE t.is_unsolved = 1 AND "));
            }
            Source::UnsolvedTag(tag) => {
                // A cross join begins with what is named first (sqlite.org/optoverview.html); to Postgres it is any join.
                let hint = dialect.indexed_by("ticket_tags_unsolved");
                let tagged =
                    "CROSS JOIN tickets t WHERE t.id = g.ticket_id AND g.is_unsolved = 1 AND g.tag = ";
                of_tag(part, &format!("FROM ticket_tags g{hint} {tagged}"), tag);
            }
            Source::Tag(tag) => {
                of_tag(part, "FROM ticket_tags g JOIN tickets t ON t.id = g.ticket_id WHERE g.tag = ", tag);
            }
            Source::Any => part.push("FROM tickets t WHERE "),
        }
    }

    /// What sorts it by creation: when a ticket was opened, and its id.
    pub(super) fn creation(&self) -> [&'static str; 2] {
        match self.from {
            Source::Tag(_) | Source::UnsolvedTag(_) => ["g.created_at_ms", "g.ticket_id"],
            Source::Unsolved(_) | Source::Any => ["t.created_at_ms", "t.id"],
        }
    }

    /// The same for a count, which needs no ticket where nothing is left to ask.
    fn write_for_count(&self, dialect: Dialect, reader: &TicketReader, part: &mut Sql) {
        let is_whole = reader.sees_all() && self.rest == Filter::everything();
        match &self.from {
            Source::Tag(tag) if is_whole => {
                of_tag(part, "FROM ticket_tags g WHERE g.tag = ", tag);
            }
            Source::UnsolvedTag(tag) if is_whole => {
                of_tag(part, "FROM ticket_tags g WHERE g.is_unsolved = 1 AND g.tag = ", tag);
            }
            _ => self.write(dialect, part),
        }
    }
}

fn of_tag(part: &mut Sql, from: &str, tag: &Tag) {
    part.push(from);
    part.bind_text(tag.as_str());
    part.push(" AND ");
}

/// What a filter asks of tickets that are unsolved: a status by the others that they could have.
///
/// Postgres takes being unsolved and having one of these statuses for independent, and would expect a handful of tickets
/// where there are thousands.
fn among_unsolved(filter: &Filter) -> Filter {
    match filter {
        Filter::All(parts) => {
            let parts = parts.iter().map(among_unsolved);
            Filter::All(parts.filter(|part| *part != Filter::everything()).collect())
        }
        Filter::Is(Condition::Status(wanted)) => {
            let others =
                TicketStatus::ALL.into_iter().filter(|status| !status.is_done() && !wanted.contains(status));
            let others: BTreeSet<TicketStatus> = others.collect();
            if others.is_empty() {
                return Filter::everything();
            }
            Filter::Not(Box::new(Filter::Is(Condition::Status(others))))
        }
        other => other.clone(),
    }
}
