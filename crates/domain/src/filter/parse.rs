//! Text to filter. Every refusal says where, and what would be right.

use std::{collections::BTreeSet, str::FromStr as _};

use jiff::civil::Date;

use super::{
    AgentRef, CONDITIONS_MAX, Comparison, Condition, CustomerRef, DEPTH_MAX, FILTER_BYTES_MAX, FieldTest,
    Filter, Moment, Period, TeamRef, TimeField, VALUES_MAX,
};
use crate::{Channel, CustomerId, Field, Locale, Priority, Tag, Team, TicketStatus, UserId};

/// The names of the fields, as a refusal lists them.
const FIELDS: &str = "number, status, priority, team, assignee, follower, customer, tag, channel, locale, created, updated, solved, snoozed, field.KEY";
/// Units of relative times with their milliseconds, longest first.
pub(super) const UNITS: [(&str, i64); 4] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)];
/// Longest relative time, in milliseconds: a hundred years.
const AGO_MS_MAX: i64 = 100 * 366 * 86_400_000;

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {at}")]
pub struct FilterError {
    /// Where it went wrong, in characters from 1.
    pub at: usize,
    /// What went wrong, and what would be right.
    pub message: String,
}

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(FilterError { at: 1, message: format!("longer than {FILTER_BYTES_MAX} bytes") });
    }
    let mut parser = Parser { text, at: 0, n_conditions: 0 };
    let filter = parser.any(0)?;
    if parser.peek().is_some() {
        return Err(parser.error("a closing parenthesis without an opening one"));
    }
    Ok(filter)
}

/// Whether a value needs no quotes.
pub(super) fn is_bare(value: &str) -> bool {
    !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "(),\"".contains(c))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    n_conditions: usize,
}

impl Parser<'_> {
    /// `all or all …`
    fn any(&mut self, depth: usize) -> Result<Filter, FilterError> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX}")));
        }
        let mut parts = vec![];
        loop {
            let part = self.all(depth)?;
            let is_last = !self.word("or");
            if part == Filter::everything() && !(parts.is_empty() && is_last) {
                return Err(self.error("a condition is missing beside \"or\""));
            }
            match part {
                Filter::Any(inner) => parts.extend(inner),
                part => parts.push(part),
            }
            if is_last {
                break;
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    /// `one and one one …`
    fn all(&mut self, depth: usize) -> Result<Filter, FilterError> {
        let mut parts = vec![];
        loop {
            self.skip_space();
            if matches!(self.peek(), None | Some(')')) || self.is_word("or") {
                break;
            }
            if !parts.is_empty() && self.word("and") && self.ends_here() {
                return Err(self.error("a condition is missing after \"and\""));
            }
            match self.one(depth)? {
                Filter::All(inner) => parts.extend(inner),
                part => parts.push(part),
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    /// `-one`, `not one`, `(any)` or a condition.
    fn one(&mut self, depth: usize) -> Result<Filter, FilterError> {
        self.skip_space();
        if depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX}")));
        }
        if self.take('-') || self.word("not") {
            if self.ends_here() {
                return Err(self.error("a condition is missing after the negation"));
            }
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take('(') {
            let inner = self.any(depth + 1)?;
            self.skip_space();
            if !self.take(')') {
                return Err(self.error("a closing parenthesis is missing"));
            }
            if inner == Filter::everything() {
                return Err(self.error("nothing stands between the parentheses"));
            }
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Filter, FilterError> {
        let start = self.at;
        let mut field = self.while_true(|c| c.is_ascii_lowercase() || c == '_').to_owned();
        if field == "field" && self.take('.') {
            let key = self.while_true(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            field = format!("field.{key}");
        }
        let Some((comparison, is_not)) = self.comparison() else {
            self.at = start;
            return Err(self.error(format!("write field:value; the fields are {FIELDS}")));
        };
        self.n_conditions += 1;
        if self.n_conditions > CONDITIONS_MAX {
            return Err(self.error(format!("more than {CONDITIONS_MAX} conditions")));
        }
        let values_at = self.at;
        let values = self.values()?;
        let is = filter(&field, comparison, &values).map_err(|refusal| {
            self.at = if refusal.is_of_field { start } else { values_at };
            self.error(refusal.message)
        })?;
        Ok(if is_not { Filter::Not(Box::new(is)) } else { is })
    }

    fn comparison(&mut self) -> Option<(Comparison, bool)> {
        const SIGNS: [(&str, Comparison, bool); 7] = [
            ("!=", Comparison::Is, true),
            (">=", Comparison::AtLeast, false),
            ("<=", Comparison::AtMost, false),
            (">", Comparison::More, false),
            ("<", Comparison::Less, false),
            (":", Comparison::Is, false),
            ("=", Comparison::Is, false),
        ];
        let (sign, comparison, is_not) =
            SIGNS.into_iter().find(|(sign, ..)| self.text[self.at..].starts_with(sign))?;
        self.at += sign.len();
        Some((comparison, is_not))
    }

    /// `value,value …`, each bare or in quotes.
    fn values(&mut self) -> Result<Vec<String>, FilterError> {
        let mut values = vec![];
        loop {
            values.push(if self.take('"') { self.quoted()? } else { self.bare()? });
            if values.len() > VALUES_MAX {
                return Err(self.error(format!("more than {VALUES_MAX} values")));
            }
            if !self.take(',') {
                return Ok(values);
            }
        }
    }

    fn bare(&mut self) -> Result<String, FilterError> {
        let value = self.while_true(|c| !c.is_whitespace() && !"(),\"".contains(c)).to_owned();
        if value.is_empty() { Err(self.error("a value is missing")) } else { Ok(value) }
    }

    fn quoted(&mut self) -> Result<String, FilterError> {
        let mut value = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(value),
                Some('\\') => value.extend(self.next()),
                Some(c) => value.push(c),
                None => return Err(self.error("a closing quote is missing")),
            }
        }
    }

    /// Takes a keyword, in small or capital letters.
    fn word(&mut self, word: &str) -> bool {
        self.skip_space();
        let is = self.is_word(word);
        if is {
            self.at += word.len();
        }
        is
    }

    fn is_word(&self, word: &str) -> bool {
        let rest = &self.text[self.at..];
        rest.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
            && rest[word.len()..].chars().next().is_none_or(|c| c.is_whitespace() || c == '(' || c == ')')
    }

    fn ends_here(&mut self) -> bool {
        self.skip_space();
        matches!(self.peek(), None | Some(')')) || self.is_word("or") || self.is_word("and")
    }

    fn skip_space(&mut self) {
        self.while_true(char::is_whitespace);
    }

    fn take(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.at += wanted.len_utf8();
        }
        is
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn while_true(&mut self, is: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        let rest = &self.text[start..];
        self.at += rest.find(|c| !is(c)).unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError { at: self.text[..self.at].chars().count() + 1, message: message.into() }
    }
}

/// Why a field does not take a comparison or a value.
struct Refusal {
    is_of_field: bool,
    message: String,
}

fn of_field(message: impl Into<String>) -> Refusal {
    Refusal { is_of_field: true, message: message.into() }
}

fn of_value(message: impl Into<String>) -> Refusal {
    Refusal { is_of_field: false, message: message.into() }
}

/// A condition. Statuses of both kinds are two, of which one suffices.
fn filter(field: &str, comparison: Comparison, values: &[String]) -> Result<Filter, Refusal> {
    let is_known = values.iter().all(|value| TicketStatus::parse(value).is_some());
    if field != "status" || comparison != Comparison::Is || is_known {
        return condition(field, comparison, values).map(Filter::Is);
    }
    let (built_in, own): (Vec<String>, Vec<String>) =
        values.iter().cloned().partition(|value| TicketStatus::parse(value).is_some());
    let own = condition("custom status", comparison, &own).map(Filter::Is)?;
    Ok(if built_in.is_empty() {
        own
    } else {
        Filter::Any(vec![condition(field, comparison, &built_in).map(Filter::Is)?, own])
    })
}

fn condition(field: &str, comparison: Comparison, values: &[String]) -> Result<Condition, Refusal> {
    let time = match field {
        "created" => Some(TimeField::Created),
        "updated" => Some(TimeField::Updated),
        "solved" => Some(TimeField::Solved),
        "snoozed" => Some(TimeField::Snoozed),
        _ => None,
    };
    if let Some(time) = time {
        return at_a_time(time, comparison, single(values)?);
    }
    if let Some(key) = field.strip_prefix("field.") {
        return custom(key, comparison, values);
    }
    match field {
        "number" => {
            let number = single(values)?.parse().map_err(|_| of_value("a number is a whole number"))?;
            return Ok(Condition::Number(comparison, number));
        }
        "priority" => return priorities(comparison, values),
        "status" | "custom status" | "team" | "assignee" | "follower" | "customer" | "tag" | "channel"
        | "locale" => {}
        other => return Err(of_field(format!("there is no field {other:?}; the fields are {FIELDS}"))),
    }
    if comparison != Comparison::Is {
        return Err(of_field(format!("{field} is equal or not: write {field}:value or -{field}:value")));
    }
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
        "tag" => Condition::Tag(each(values, |value| match value {
            "none" => Ok(None),
            tag => Tag::parse(tag).map(Some).ok_or_else(|| format!("{tag:?} is no tag")),
        })?),
        "channel" => Condition::Channel(each(values, |value| {
            Channel::parse(value).map_err(|_| "a channel is a key such as chat, api or agent".to_owned())
        })?),
        _ => Condition::Locale(each(values, |value| {
            Locale::parse(value).map_err(|_| "a locale is written as en or pt-BR".to_owned())
        })?),
    })
}

/// Ids are letters and digits, with hyphens at most.
fn is_id(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn single(values: &[String]) -> Result<&str, Refusal> {
    match values {
        [value] => Ok(value),
        _ => Err(of_value("write one value here; combine several with or")),
    }
}

fn each<T, C: FromIterator<T>>(
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
fn custom(key: &str, comparison: Comparison, values: &[String]) -> Result<Condition, Refusal> {
    if !Field::is_key(key) {
        return Err(of_field("write field. and the key of a custom field, as in field.plan:pro"));
    }
    let test = if comparison == Comparison::Is {
        FieldTest::OneOf(values.iter().map(|value| (value != "none").then(|| value.clone())).collect())
    } else {
        let value = single(values)?;
        match (value.parse(), moment(value)) {
            (Ok(number), _) => FieldTest::Number(comparison, number),
            (_, Some(Moment::During(period))) => FieldTest::Day(comparison, period),
            _ => return Err(of_value("compare with a number or a day, such as 12.50, 2026-11-21 or today")),
        }
    };
    Ok(Condition::Field(key.to_owned(), test))
}

fn at_a_time(field: TimeField, comparison: Comparison, value: &str) -> Result<Condition, Refusal> {
    if value == "none" && comparison == Comparison::Is {
        return Ok(Condition::Never(field));
    }
    let moment = moment(value).ok_or_else(|| {
        of_value("a time is -7d (also min, h, w), 2026-11-21, 2026-11, today, yesterday, this_week, last_week, this_month, last_month or none")
    })?;
    if comparison == Comparison::Is && matches!(moment, Moment::Ago(_)) {
        return Err(of_value(format!(
            "compare with a relative time: write {field}>{value} or {field}<{value}"
        )));
    }
    Ok(Condition::Time(field, comparison, moment))
}

fn moment(value: &str) -> Option<Moment> {
    if let Some((_, period)) = Period::NAMED.into_iter().find(|(name, _)| *name == value) {
        return Some(Moment::During(period));
    }
    if let Some(ago) = value.strip_prefix('-') {
        let (unit, unit_ms) = UNITS.into_iter().find(|(unit, _)| ago.ends_with(unit))?;
        let digits = ago.strip_suffix(unit)?;
        let n: i64 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
        return n.checked_mul(unit_ms).filter(|ms| (0..=AGO_MS_MAX).contains(ms)).map(Moment::Ago);
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
