//! The filter language: which tickets or which customers, written as people write it.
//!
//! `status:open,pending priority>=high (team:mine or assignee:me) -tag:spam created>-7d`
//!
//! One parser serves views, lists, rules, exports and segments; fields and operators are a closed set for each of the two.
//! What depends on who asks and when (`me`, `mine`, `-7d`, `today`) stays as it is written until it is used.

mod condition;
mod customer;
mod matches;
mod moment;
mod parse;
mod people;
mod show;
#[cfg(test)]
mod tests;

pub use condition::FilterCondition;
pub use customer::{CustomerCondition, CustomerFacts, CustomerFilter, CustomerTime};
pub use matches::{Facts, TicketPeople};
pub use moment::{Moment, Period};
pub use parse::FilterError;
pub use people::{FilterNames, FilterPeople};

use std::collections::BTreeSet;

pub use jiff::tz::TimeZone;

use crate::{
    Channel, CustomerId, Decimal, Locale, OrganisationId, Priority, SlaStanding, Tag, TicketStatus,
    Timestamp, UserId,
};

/// Longest text of a filter, in bytes: some fifty conditions.
pub const FILTER_BYTES_MAX: usize = 4_000;
/// Most conditions of a filter: each is a part of a query.
pub const CONDITIONS_MAX: usize = 50;
/// Most values of one condition.
pub const VALUES_MAX: usize = 100;
/// Deepest nesting of parentheses and negations.
pub const DEPTH_MAX: usize = 8;

/// Which tickets, or which of what else has conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter<C = Condition> {
    /// Those that every part admits; all where there is none.
    All(Vec<Self>),
    /// Those that at least one part admits; none where there is none.
    Any(Vec<Self>),
    /// Those that the part does not admit.
    Not(Box<Self>),
    /// Those of which this is true.
    Is(C),
}

/// Something that is true of a ticket or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Its number compares so.
    Number(Comparison, i64),
    /// It stands at one of these.
    Status(BTreeSet<TicketStatus>),
    /// Its status is one of these of the site's own, by key.
    CustomStatus(BTreeSet<String>),
    /// It is this urgent.
    Priority(BTreeSet<Priority>),
    /// It is with one of these teams.
    Team(Vec<TeamRef>),
    /// It is one of these agents'.
    Assignee(Vec<AgentRef>),
    /// One of these follows it; `None` is that nobody does. An address names nobody here.
    Follower(Vec<AgentRef>),
    /// One of these asked.
    Customer(Vec<CustomerRef>),
    /// The customer belonged to one of these when it was opened.
    Organisation(Vec<OrganisationRef>),
    /// It has one of these tags; `None` is to have no tag at all.
    Tag(Vec<Option<Tag>>),
    /// It came by one of these ways.
    Channel(Vec<Channel>),
    /// The customer's language is one of these.
    Locale(Vec<Locale>),
    /// It stands so to what its customer is promised.
    Sla(BTreeSet<SlaStanding>),
    /// Something happened to it, or is to happen, at such a time.
    Time(TimeField, Comparison, Moment),
    /// Something never happened to it.
    Never(TimeField),
    /// One of its own fields, by key, is so.
    Field(String, FieldTest),
}

/// What is asked of a custom field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldTest {
    /// It has one of these values, as text; `None` is to have no value.
    OneOf(Vec<Option<String>>),
    /// It is a number that compares so.
    Number(Comparison, Decimal),
    /// It is a day that compares so.
    Day(Comparison, Period),
}

/// How a value compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// Is, or lies within.
    Is,
    /// Is less or before.
    Less,
    /// Is less or before, or is.
    AtMost,
    /// Is more or after.
    More,
    /// Is more or after, or is.
    AtLeast,
}

/// A team in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamRef {
    /// A team that who asks is in.
    Mine,
    /// This one, by key.
    Key(String),
}

/// An agent in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentRef {
    /// Who asks.
    Me,
    /// Nobody.
    None,
    /// This one.
    Id(UserId),
    /// The one who signs in with this address, in lower case.
    Email(String),
}

/// A customer in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerRef {
    /// Nobody who is known.
    None,
    /// This one.
    Id(CustomerId),
    /// The one with this address, in lower case.
    Email(String),
}

/// An organisation in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganisationRef {
    /// None that is known.
    None,
    /// The one with this id.
    Id(OrganisationId),
    /// The one with this id, or with this name to the letter.
    Named(String),
}

impl OrganisationRef {
    /// Whether it is this one, whose name may be known.
    pub fn is(&self, id: Option<&OrganisationId>, name: Option<&str>) -> bool {
        match self {
            Self::None => id.is_none(),
            Self::Id(wanted) => id == Some(wanted),
            Self::Named(text) => {
                id.is_some_and(|id| id.as_str() == text) || (id.is_some() && name == Some(text))
            }
        }
    }
}

/// A time of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeField {
    /// When it was opened.
    Created,
    /// When anything of it last changed.
    Updated,
    /// When it was last solved.
    Solved,
    /// Until when it is snoozed.
    Snoozed,
    /// When the next of what its customer is promised is due.
    Due,
}

/// Who uses a filter, and when: what `me`, `mine` and `today` mean.
#[derive(Debug, Clone)]
pub struct FilterContext {
    /// The time.
    pub now: Timestamp,
    /// Where days begin and end.
    pub time_zone: TimeZone,
    /// Who asks, if a person does.
    pub me: Option<UserId>,
    /// The teams they are in, by key.
    pub my_teams: BTreeSet<String>,
}

impl FilterContext {
    /// Nobody, at this time, in UTC: `me` is no one and `mine` no team.
    pub fn nobody(now: Timestamp) -> Self {
        Self { now, time_zone: TimeZone::UTC, me: None, my_teams: BTreeSet::new() }
    }

    /// The keys of the teams that are meant.
    pub fn teams<'a>(&'a self, teams: &'a [TeamRef]) -> BTreeSet<&'a str> {
        let keys = teams.iter().flat_map(|team| match team {
            TeamRef::Mine => self.my_teams.iter().map(String::as_str).collect(),
            TeamRef::Key(key) => vec![key.as_str()],
        });
        keys.collect()
    }
}

impl<C: FilterCondition> Filter<C> {
    /// All there are.
    pub fn everything() -> Self {
        Self::All(vec![])
    }

    /// The custom fields that it asks for, by key.
    pub fn fields(&self) -> BTreeSet<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
            Self::Not(part) => part.fields(),
            Self::Is(condition) => condition.field().into_iter().collect(),
        }
    }

    /// Whether it admits something of which a condition is true or not.
    pub fn admits(&self, is_true: &impl Fn(&C) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.admits(is_true)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(is_true)),
            Self::Not(part) => !part.admits(is_true),
            Self::Is(condition) => is_true(condition),
        }
    }

    /// Both this and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut parts = match self {
            Self::All(parts) => parts,
            part => vec![part],
        };
        match other {
            Self::All(others) => parts.extend(others),
            other => parts.push(other),
        }
        Self::All(parts)
    }
}

impl Filter {
    /// Whether it means something else for somebody else: it has `me` or `mine`.
    pub fn depends_on_reader(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::depends_on_reader),
            Self::Not(part) => part.depends_on_reader(),
            Self::Is(Condition::Team(teams)) => teams.contains(&TeamRef::Mine),
            Self::Is(Condition::Assignee(agents) | Condition::Follower(agents)) => {
                agents.contains(&AgentRef::Me)
            }
            Self::Is(_) => false,
        }
    }

    /// The statuses of the site's own that it asks for, by key.
    pub fn custom_statuses(&self) -> BTreeSet<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::custom_statuses).collect(),
            Self::Not(part) => part.custom_statuses(),
            Self::Is(Condition::CustomStatus(keys)) => keys.iter().map(String::as_str).collect(),
            Self::Is(_) => BTreeSet::new(),
        }
    }

    /// Whether it asks how a ticket stands to what its customer is promised.
    pub fn asks_for_sla(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_for_sla),
            Self::Not(part) => part.asks_for_sla(),
            Self::Is(condition) => matches!(
                condition,
                Condition::Sla(_) | Condition::Time(TimeField::Due, ..) | Condition::Never(TimeField::Due)
            ),
        }
    }

    /// Whether it admits unsolved tickets only, as far as its outermost conditions say so.
    pub fn is_unsolved_only(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::is_unsolved_only),
            Self::Is(Condition::Status(set)) => set.iter().all(|status| !status.is_done()),
            // What is done is not snoozed, and nothing of it is owed.
            Self::Is(Condition::Time(TimeField::Snoozed | TimeField::Due, ..)) => true,
            Self::Is(Condition::Sla(set)) => {
                set.iter().all(|standing| matches!(standing, SlaStanding::Running | SlaStanding::Warned))
            }
            Self::Not(part) => {
                matches!(part.as_ref(), Self::Is(Condition::Never(TimeField::Snoozed | TimeField::Due)))
            }
            _ => false,
        }
    }
}

impl<C: FilterCondition> std::str::FromStr for Filter<C> {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }
}
