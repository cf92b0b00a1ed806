//! A filter as text: one spelling of each, which parses to the same filter.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::{
    AgentRef, Comparison, Condition, CustomerRef, FieldTest, Filter, Moment, OrganisationRef, Period,
    TeamRef, TimeField, parse::is_bare,
};

impl<C: Display> Display for Filter<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::All(parts) => joined(f, parts, " ", |part| matches!(part, Self::All(_) | Self::Any(_))),
            // What stands side by side binds stronger than "or".
            Self::Any(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Any(_))),
            Self::Not(part) => match part.as_ref() {
                Self::All(_) | Self::Any(_) => write!(f, "-({part})"),
                Self::Not(_) | Self::Is(_) => write!(f, "-{part}"),
            },
            Self::Is(condition) => condition.fmt(f),
        }
    }
}

fn joined<C: Display>(
    f: &mut Formatter<'_>,
    parts: &[Filter<C>],
    between: &str,
    is_nested: impl Fn(&Filter<C>) -> bool,
) -> Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        if is_nested(part) {
            write!(f, "({part})")?;
        } else {
            part.fmt(f)?;
        }
    }
    Ok(())
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Number(comparison, number) => write!(f, "number{comparison}{number}"),
            Self::Status(set) => values(f, "status", set.iter().map(|status| status.as_str().to_owned())),
            Self::CustomStatus(keys) => values(f, "status", keys.iter().cloned()),
            Self::Priority(set) => {
                values(f, "priority", set.iter().map(|priority| priority.as_str().to_owned()))
            }
            Self::Team(teams) => values(f, "team", teams.iter().map(ToString::to_string)),
            Self::Assignee(agents) => values(f, "assignee", agents.iter().map(ToString::to_string)),
            Self::Follower(agents) => values(f, "follower", agents.iter().map(ToString::to_string)),
            Self::Customer(customers) => values(f, "customer", customers.iter().map(ToString::to_string)),
            Self::Organisation(wanted) => values(f, "organisation", wanted.iter().map(ToString::to_string)),
            Self::Tag(tags) => optional(f, "tag", tags),
            Self::Channel(channels) => values(f, "channel", channels.iter().map(ToString::to_string)),
            Self::Locale(locales) => values(f, "locale", locales.iter().map(ToString::to_string)),
            Self::Sla(set) => values(f, "sla", set.iter().map(|standing| standing.as_str().to_owned())),
            Self::Time(field, comparison, moment) => write!(f, "{field}{comparison}{moment}"),
            Self::Never(field) => write!(f, "{field}:none"),
            Self::Field(key, test) => field(f, key, test),
        }
    }
}

pub(super) fn field(f: &mut Formatter<'_>, key: &str, test: &FieldTest) -> Result {
    match test {
        FieldTest::OneOf(wanted) => optional(f, &format!("field.{key}"), wanted),
        FieldTest::Number(comparison, number) => write!(f, "field.{key}{comparison}{number}"),
        FieldTest::Day(comparison, period) => write!(f, "field.{key}{comparison}{period}"),
    }
}

/// Values of which one may be none.
pub(super) fn optional<T: Display>(f: &mut Formatter<'_>, name: &str, wanted: &[Option<T>]) -> Result {
    let text = |value: &Option<T>| value.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    values(f, name, wanted.iter().map(text))
}

pub(super) fn values(f: &mut Formatter<'_>, name: &str, values: impl Iterator<Item = String>) -> Result {
    write!(f, "{name}:")?;
    for (n, value) in values.enumerate() {
        if n > 0 {
            f.write_char(',')?;
        }
        if is_bare(&value) {
            f.write_str(&value)?;
        } else {
            write!(f, "\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
        }
    }
    Ok(())
}

impl Display for TeamRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Mine => f.write_str("mine"),
            Self::Key(key) => f.write_str(key),
        }
    }
}

impl Display for AgentRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::None => f.write_str("none"),
            Self::Id(id) => id.fmt(f),
            Self::Email(email) => f.write_str(email),
        }
    }
}

impl Display for CustomerRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Id(id) => id.fmt(f),
            Self::Email(email) => f.write_str(email),
        }
    }
}

impl Display for OrganisationRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Id(id) => id.fmt(f),
            Self::Named(text) => f.write_str(text),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Is => ":",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl Display for TimeField {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Solved => "solved",
            Self::Snoozed => "snoozed",
            Self::Due => "due",
        })
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Ago(0) => f.write_str("now"),
            Self::Ago(ms) | Self::Ahead(ms) => {
                let (n, unit) = super::condition::UNITS
                    .into_iter()
                    .find(|(_, unit_ms)| ms % unit_ms == 0)
                    .map_or((ms / 60_000, "min"), |(unit, unit_ms)| (ms / unit_ms, unit));
                let sign = if matches!(self, Self::Ago(_)) { '-' } else { '+' };
                write!(f, "{sign}{n}{unit}")
            }
            Self::During(period) => period.fmt(f),
        }
    }
}

impl Display for Period {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Month(first) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            named => {
                let name = Self::NAMED.into_iter().find(|(_, period)| period == named);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}
