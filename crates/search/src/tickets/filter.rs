//! Filters as queries of the index: the same answers as in SQL (`store`) and in memory ([`Filter::matches`]).
//!
//! Addresses are no part of the index: a filter comes with ids ([`Filter::with_ids`]), and an address that is left names
//! nobody.

use domain::{
    AgentRef, Comparison, Condition, CustomerRef, FieldTest, Filter, FilterContext, OrganisationRef,
    TimeField,
};
use tantivy::{
    DocId, SegmentReader, Term,
    query::{
        AllQuery, BooleanQuery, EmptyQuery, Occur, Query, TermQuery,
        doc_predicate_query::{DocPredicateQuery, FunctionPredicate},
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    query::{either, keyed},
    schema::{Fields, amount_column, key, value_key},
};

/// The filter as a query; nothing where it admits every ticket.
pub(super) fn compile(fields: &Fields, filter: &Filter, ctx: &FilterContext) -> Option<Box<dyn Query>> {
    match filter {
        Filter::All(parts) if parts.is_empty() => None,
        filter => Some(part(fields, filter, ctx)),
    }
}

fn part(fields: &Fields, filter: &Filter, ctx: &FilterContext) -> Box<dyn Query> {
    match filter {
        Filter::All(parts) => {
            let mut queries: Vec<_> =
                parts.iter().map(|filter| (Occur::Must, part(fields, filter, ctx))).collect();
            match queries.len() {
                0 => Box::new(AllQuery),
                1 => queries.remove(0).1,
                _ => Box::new(BooleanQuery::new(queries)),
            }
        }
        Filter::Any(parts) => either(parts.iter().map(|filter| part(fields, filter, ctx)).collect()),
        Filter::Not(inner) => not(part(fields, inner, ctx)),
        Filter::Is(is) => condition(fields, is, ctx),
    }
}

fn condition(fields: &Fields, condition: &Condition, ctx: &FilterContext) -> Box<dyn Query> {
    match condition {
        Condition::Number(comparison, number) => by_number(fields.number, *comparison, *number),
        Condition::Status(set) => any(set, |status| keyed(fields.status, status.as_str())),
        Condition::CustomStatus(keys) => any(keys, |status| keyed(fields.custom_status, status)),
        Condition::Priority(set) => any(set, |priority| keyed(fields.priority, priority.as_str())),
        Condition::Team(teams) => any(ctx.teams(teams), |team| keyed(fields.team, team)),
        Condition::Assignee(agents) => any(agents, |agent| of_agent(fields.assignee, agent, ctx)),
        Condition::Follower(agents) => any(agents, |agent| of_agent(fields.follower, agent, ctx)),
        Condition::Customer(customers) => any(customers, |customer| {
            let keyed = |id: Option<&str>| keyed(fields.customer, &key(id));
            match customer {
                CustomerRef::None => keyed(None),
                CustomerRef::Id(id) => keyed(Some(id.as_str())),
                CustomerRef::Email(_) => nothing(),
            }
        }),
        Condition::Organisation(wanted) => any(wanted, |wanted| {
            let keyed = |id: Option<&str>| keyed(fields.organisation, &key(id));
            match wanted {
                OrganisationRef::None => keyed(None),
                OrganisationRef::Id(id) => keyed(Some(id.as_str())),
                // A name that was not looked up may be an id.
                OrganisationRef::Named(text) => keyed(Some(text)),
            }
        }),
        Condition::Tag(tags) => {
            any(tags, |tag| keyed(fields.tag, &key(tag.as_ref().map(domain::Tag::as_str))))
        }
        Condition::Channel(channels) => any(channels, |channel| keyed(fields.channel, channel.as_str())),
        Condition::Locale(locales) => any(locales, |locale| keyed(fields.locale, locale.as_str())),
        Condition::Sla(set) => any(set, |standing| keyed(fields.sla, standing.as_str())),
        Condition::Time(field, comparison, moment) => match ctx.bounds(*comparison, *moment) {
            None => nothing(),
            Some((from, to)) => {
                Within { from: from.map(|at| at.0), before: to.map(|at| at.0) }.of(column(*field).to_owned())
            }
        },
        Condition::Never(field @ (TimeField::Solved | TimeField::Snoozed | TimeField::Due)) => {
            valued(column(*field).to_owned(), |value| value.is_none())
        }
        Condition::Never(TimeField::Created | TimeField::Updated) => nothing(),
        Condition::Field(field, test) => by_field(fields, field, test, ctx),
    }
}

fn of_agent(field: Field, agent: &AgentRef, ctx: &FilterContext) -> Box<dyn Query> {
    let keyed = |id: Option<&str>| keyed(field, &key(id));
    match agent {
        AgentRef::Me => ctx.me.as_ref().map_or_else(nothing, |me| keyed(Some(me.as_str()))),
        AgentRef::None => keyed(None),
        AgentRef::Id(id) => keyed(Some(id.as_str())),
        AgentRef::Email(_) => nothing(),
    }
}

fn by_field(fields: &Fields, field: &str, test: &FieldTest, ctx: &FilterContext) -> Box<dyn Query> {
    let keyed = |text: Option<&str>| keyed(fields.value, &value_key(field, text));
    match test {
        FieldTest::OneOf(wanted) => any(wanted, |wanted| match wanted {
            None => not(keyed(None)),
            Some(text) => keyed(Some(text)),
        }),
        FieldTest::Number(..) | FieldTest::Day(..) => match test.millionths(ctx) {
            None => nothing(),
            Some((from, before)) => Within { from, before }.of(amount_column(field)),
        },
    }
}

fn by_number(field: Field, comparison: Comparison, number: i64) -> Box<dyn Query> {
    let within = match comparison {
        Comparison::Is => {
            let term = Term::from_field_i64(field, number);
            return Box::new(TermQuery::new(term, IndexRecordOption::Basic));
        }
        Comparison::Less => Within { from: None, before: Some(number) },
        Comparison::AtMost => Within { from: None, before: number.checked_add(1) },
        // There is nothing beyond the greatest number.
        Comparison::More if number == i64::MAX => return nothing(),
        Comparison::More => Within { from: Some(number + 1), before: None },
        Comparison::AtLeast => Within { from: Some(number), before: None },
    };
    within.of("number".to_owned())
}

/// A stretch of values, open where there is no limit.
#[derive(Debug, Clone, Copy)]
struct Within {
    from: Option<i64>,
    before: Option<i64>,
}

impl Within {
    fn admits(self, value: i64) -> bool {
        self.from.is_none_or(|from| from <= value) && self.before.is_none_or(|before| value < before)
    }

    /// Documents that have a value in this column, and one that lies within.
    fn of(self, column: String) -> Box<dyn Query> {
        valued(column, move |value| value.is_some_and(|value| self.admits(value)))
    }
}

/// Documents whose value in a column, if they have one, is admitted. It is looked at for those that the rest of the query
/// admits; `RangeQuery` reads the whole column, and fails an assertion when it is sought backwards (tantivy 0.27).
fn valued(
    column: String,
    admits: impl Fn(Option<i64>) -> bool + Copy + Send + Sync + 'static,
) -> Box<dyn Query> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let values = segment.fast_fields().column_opt::<i64>(&column)?;
        Ok(move |doc: DocId| admits(values.as_ref().and_then(|values| values.first(doc))))
    });
    Box::new(DocPredicateQuery::from(predicate))
}

fn column(field: TimeField) -> &'static str {
    match field {
        TimeField::Created => "created",
        TimeField::Updated => "updated",
        TimeField::Solved => "solved",
        TimeField::Snoozed => "snoozed",
        TimeField::Due => "due",
    }
}

fn any<T>(values: impl IntoIterator<Item = T>, query: impl Fn(T) -> Box<dyn Query>) -> Box<dyn Query> {
    either(values.into_iter().map(query).collect())
}

fn not(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, query)]))
}

fn nothing() -> Box<dyn Query> {
    Box::new(EmptyQuery)
}
