//! Fields and values to conditions: what can be asked of a ticket, and what all subjects have in common.

use std::{collections::BTreeSet, str::FromStr as _};

use jiff::civil::Date;

use super::{
    AgentRef, Comparison, Condition, CustomerRef, FieldTest, Filter, Moment, OrganisationRef, Period,
    TeamRef, TimeField,
};
use crate::{Channel, CustomerId, Field, Locale, Priority, SlaStanding, Tag, Team, TicketStatus, UserId};

/// Units of relative times with their milliseconds, longest first.
pub(super) const UNITS: [(&str, i64); 4] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)];
/// Longest relative time, in milliseconds: a hundred years.
const AGO_MS_MAX: i64 = 100 * 366 * 86_400_000;

/// What a filter is about: its conditions.
pub trait FilterCondition: Sized + PartialEq + std::fmt::Display {
    /// The names of its fields, as a refusal lists them.
    const FIELDS: &'static str;

    /// What is asked where a field compares so with these values: mostly one condition.
    ///
    /// # Errors
    /// Why it does not.
    fn of(field: &str, comparison: Comparison, values: &[String]) -> Result<Filter<Self>, Refusal>;

    /// The custom field that it asks for, by key.
    fn field(&self) -> Option<&str>;
}

impl FilterCondition for Condition {
    const FIELDS: &'static str = "number, status, priority, team, assignee, follower, customer, organisation, tag, \
         channel, locale, sla, created, updated, solved, snoozed, due, field.KEY";

    /// Statuses of both kinds are two conditions, of which one suffices.
    fn of(field: &str, comparison: Comparison, values: &[String]) -> Result<Filter, Refusal> {
        let is_built_in = |value: &String| TicketStatus::parse(value).is_some();
        if field != "status" || comparison != Comparison::Is || values.iter().all(is_built_in) {
            return condition(field, comparison, values).map(Filter::Is);
        }
        let (built_in, own): (Vec<String>, Vec<String>) = values.iter().cloned().partition(is_built_in);
        let own = condition("custom status", comparison, &own).map(Filter::Is)?;
        Ok(if built_in.is_empty() {
            own
        } else {
            Filter::Any(vec![condition(field, comparison, &built_in).map(Filter::Is)?, own])
        })
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Field(key, _) => Some(key),
            _ => None,
        }
    }
}

/// Why a field does not take a comparison or a value.
#[derive(Debug)]
pub struct Refusal {
    pub(super) is_of_field: bool,
    pub(super) message: String,
}

pub(super) fn of_field(message: impl Into<String>) -> Refusal {
    Refusal { is_of_field: true, message: message.into() }
}

pub(super) fn of_value(message: impl Into<String>) -> Refusal {
    Refusal { is_of_field: false, message: message.into() }
}

fn condition(field: &str, comparison: Comparison, values: &[String]) -> Result<Condition, Refusal> {
    const FIELDS: &str = <Condition as FilterCondition>::FIELDS;
    let time = match field {
        "created" => Some(TimeField::Created),
        "updated" => Some(TimeField::Updated),
        "solved" => Some(TimeField::Solved),
        "snoozed" => Some(TimeField::Snoozed),
        "due" => Some(TimeField::Due),
        _ => None,
    };
    if let Some(time) = time {
        return Ok(match at_a_time(field, comparison, single(values)?)? {
            None => Condition::Never(time),
            Some(moment) => Condition::Time(time, comparison, moment),
        });
    }
    if let Some(key) = field.strip_prefix("field.") {
        return Ok(Condition::Field(key.to_owned(), custom(key, comparison, values)?));
    }
    match field {
        "number" => {
            let number = single(values)?.parse().map_err(|_| of_value("a number is a whole number"))?;
            return Ok(Condition::Number(comparison, number));
        }
        "priority" => return priorities(comparison, values),
        "status" | "custom status" | "team" | "assignee" | "follower" | "customer" | "organisation"
        | "tag" | "channel" | "locale" | "sla" => {}
        other => return Err(of_field(format!("there is no field {other:?}; the fields are {FIELDS}"))),
    }
    equality(field, comparison)?;
    Ok(match field {
        "status" => Condition::Status(each(values, |value| {
            let known = TicketStatus::ALL.map(TicketStatus::as_str).join(", ");
            TicketStatus::parse(value).ok_or_else(|| format!("a status is one of {known}"))
        })?),
        // Which there are is not known here; whoever uses the filter asks.
        "custom status" => Condition::CustomStatus(each(values, |value| {
            let known = TicketStatus::ALL.map(TicketStatus::as_str).join(", ");
            let key = Field::is_key(value).then(|| value.to_owned());
            key.ok_or_else(|| format!("a status is one of {known}, or the key of the site's own"))
        })?),
        "follower" => Condition::Follower(each(values, |value| match value {
            "me" => Ok(AgentRef::Me),
            "none" => Ok(AgentRef::None),
            id if is_id(id) => Ok(AgentRef::Id(UserId::new(id))),
            _ => Err("a follower is me, none or an id".to_owned()),
        })?),
        "team" => Condition::Team(each(values, |value| match value {
            "mine" => Ok(TeamRef::Mine),
            key if Team::is_key(key) => Ok(TeamRef::Key(key.to_owned())),
            _ => Err("a team is mine, or the key of a team".to_owned()),
        })?),
        "assignee" => Condition::Assignee(each(values, |value| match value {
            "me" => Ok(AgentRef::Me),
            "none" => Ok(AgentRef::None),
            email if email.contains('@') => Ok(AgentRef::Email(email.to_lowercase())),
            id if is_id(id) => Ok(AgentRef::Id(UserId::new(id))),
            _ => Err("an assignee is me, none, an address or an id".to_owned()),
        })?),
        "customer" => Condition::Customer(each(values, |value| match value {
            "none" => Ok(CustomerRef::None),
            email if email.contains('@') => Ok(CustomerRef::Email(email.to_lowercase())),
            id if is_id(id) => Ok(CustomerRef::Id(CustomerId::new(id))),
            _ => Err("a customer is none, an address or an id".to_owned()),
        })?),
        "organisation" => Condition::Organisation(organisations(values)),
        "tag" => Condition::Tag(tags(values)?),
        "sla" => Condition::Sla(each(values, |value| {
            let known = SlaStanding::ALL.map(SlaStanding::as_str).join(", ");
            SlaStanding::parse(value).ok_or_else(|| format!("what is promised is one of {known}"))
        })?),
        "channel" => Condition::Channel(each(values, |value| {
            Channel::parse(value).map_err(|_| "a channel is a key such as chat, api or agent".to_owned())
        })?),
        _ => Condition::Locale(each(values, |value| {
            Locale::parse(value).map_err(|_| "a locale is written as en or pt-BR".to_owned())
        })?),
    })
}

/// Refuses to compare what is equal or not.
pub(super) fn equality(field: &str, comparison: Comparison) -> Result<(), Refusal> {
    if comparison == Comparison::Is {
        return Ok(());
    }
    Err(of_field(format!("{field} is equal or not: write {field}:value or -{field}:value")))
}

pub(super) fn organisations(values: &[String]) -> Vec<OrganisationRef> {
    let named = |value: &String| match value.as_str() {
        "none" => OrganisationRef::None,
        _ => OrganisationRef::Named(value.clone()),
    };
    values.iter().map(named).collect()
}

pub(super) fn tags(values: &[String]) -> Result<Vec<Option<Tag>>, Refusal> {
    each(values, |value| match value {
        "none" => Ok(None),
        tag => Tag::parse(tag).map(Some).ok_or_else(|| format!("{tag:?} is no tag")),
    })
}

/// Ids are letters and digits, with hyphens at most.
fn is_id(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

pub(super) fn single(values: &[String]) -> Result<&str, Refusal> {
    match values {
        [value] => Ok(value),
        _ => Err(of_value("write one value here; combine several with or")),
    }
}

pub(super) fn each<T, C: FromIterator<T>>(
    values: &[String],
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<C, Refusal> {
    values.iter().map(|value| parse(value).map_err(of_value)).collect()
}

/// Comparisons are written out: `priority>=high` is `priority:high,urgent`.
fn priorities(comparison: Comparison, values: &[String]) -> Result<Condition, Refusal> {
    let known = Priority::ALL.map(Priority::as_str).join(", ");
    let values: BTreeSet<Priority> =
        each(values, |value| Priority::parse(value).ok_or_else(|| format!("a priority is one of {known}")))?;
    let (Some(first), Some(last)) = (values.first().copied(), values.last().copied()) else {
        return Err(of_value("a value is missing"));
    };
    if comparison != Comparison::Is && first != last {
        return Err(of_value("compare with one priority"));
    }
    let is = |priority: &Priority| match comparison {
        Comparison::Is => values.contains(priority),
        Comparison::Less => *priority < first,
        Comparison::AtMost => *priority <= first,
        Comparison::More => *priority > first,
        Comparison::AtLeast => *priority >= first,
    };
    let set: BTreeSet<Priority> = Priority::ALL.into_iter().filter(is).collect();
    if set.is_empty() {
        Err(of_value("no priority is that high or low"))
    } else {
        Ok(Condition::Priority(set))
    }
}

/// A custom field. Which there are is not known here: a text is compared with the text of the value.
pub(super) fn custom(key: &str, comparison: Comparison, values: &[String]) -> Result<FieldTest, Refusal> {
    if !Field::is_key(key) {
        return Err(of_field("write field. and the key of a custom field, as in field.plan:pro"));
    }
    Ok(if comparison == Comparison::Is {
        FieldTest::OneOf(values.iter().map(|value| (value != "none").then(|| value.clone())).collect())
    } else {
        let value = single(values)?;
        match (value.parse(), moment(value)) {
            (Ok(number), _) => FieldTest::Number(comparison, number),
            (_, Some(Moment::During(period))) => FieldTest::Day(comparison, period),
            _ => return Err(of_value("compare with a number or a day, such as 12.50, 2026-11-21 or today")),
        }
    })
}

/// The moment that a time compares with; nothing where there shall be none.
pub(super) fn at_a_time(field: &str, comparison: Comparison, value: &str) -> Result<Option<Moment>, Refusal> {
    if value == "none" && comparison == Comparison::Is {
        return Ok(None);
    }
    let moment = moment(value).ok_or_else(|| {
        of_value("a time is -7d or +2h (also min, w), now, 2026-11-21, 2026-11, today, yesterday, this_week, last_week, this_month, last_month or none")
    })?;
    if comparison == Comparison::Is && matches!(moment, Moment::Ago(_) | Moment::Ahead(_)) {
        return Err(of_value(format!(
            "compare with a relative time: write {field}>{value} or {field}<{value}"
        )));
    }
    Ok(Some(moment))
}

fn moment(value: &str) -> Option<Moment> {
    if let Some((_, period)) = Period::NAMED.into_iter().find(|(name, _)| *name == value) {
        return Some(Moment::During(period));
    }
    if value == "now" {
        return Some(Moment::Ago(0));
    }
    if let Some(ago) = value.strip_prefix('-') {
        return span_ms(ago).map(Moment::Ago);
    }
    if let Some(ahead) = value.strip_prefix('+') {
        // What is in no time is now, which has one spelling.
        return span_ms(ahead).map(|ms| if ms == 0 { Moment::Ago(0) } else { Moment::Ahead(ms) });
    }
    let is_written = |len: usize| {
        value.len() == len && value.bytes().enumerate().all(|(n, b)| (b == b'-') == (n == 4 || n == 7))
    };
    if is_written(10) {
        return Date::from_str(value).ok().map(|day| Moment::During(Period::Day(day)));
    }
    if is_written(7) {
        return Date::from_str(&format!("{value}-01")).ok().map(|first| Moment::During(Period::Month(first)));
    }
    None
}

/// A number with its unit, such as `90min`, in milliseconds.
fn span_ms(text: &str) -> Option<i64> {
    let (unit, unit_ms) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let digits = text.strip_suffix(unit)?;
    let n: i64 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
    n.checked_mul(unit_ms).filter(|ms| (0..=AGO_MS_MAX).contains(ms))
}
