//! The values of fields: from what a program or a form sends, checked by the field's type.

use std::{collections::BTreeSet, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, FieldKind};
use crate::{CustomerId, OrganisationId};

/// Longest line, in characters.
const LINE_CHARS_MAX: usize = 500;
/// Longest text of several lines, in characters.
const TEXT_CHARS_MAX: usize = 20_000;
/// Most characters of a text that filters compare: an index of Postgres takes 2,700 bytes.
const COMPARED_CHARS_MAX: usize = 200;
/// Longest address, in bytes.
const URL_BYTES_MAX: usize = 2_000;
/// Longest id, in bytes.
const ID_BYTES_MAX: usize = 64;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum FieldValue {
    /// One line, several lines, or an address.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Decimal(Decimal),
    /// A day.
    Date(Date),
    /// Yes or no.
    Checkbox(bool),
    /// A choice, by key.
    Choice(String),
    /// Choices, by key.
    Choices(BTreeSet<String>),
    /// A customer.
    Customer(CustomerId),
    /// An organisation.
    Organisation(OrganisationId),
}

/// A number with six places, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(i64);

/// Why something is no value of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(String);

fn refused(message: impl Into<String>) -> ValueError {
    ValueError(message.into())
}

impl FieldValue {
    /// Whether it is as good as none: an empty text, a box that is not checked, no choice.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Checkbox(is_checked) => !is_checked,
            Self::Choices(keys) => keys.is_empty(),
            _ => false,
        }
    }

    /// As programs read it: the JSON that [`FieldKind::value`] takes.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Choice(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Decimal(decimal) => Value::from(decimal.to_string()),
            Self::Date(date) => Value::from(date.to_string()),
            Self::Checkbox(is_checked) => Value::from(*is_checked),
            Self::Choices(keys) => keys.iter().map(String::as_str).collect(),
            Self::Customer(id) => Value::from(id.as_str()),
            Self::Organisation(id) => Value::from(id.as_str()),
        }
    }

    /// As people read it, whole: with commas between several choices.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            value => value.texts().join(", "),
        }
    }

    /// What filters compare as text: one for each choice, one otherwise. Of a longer text the first 200 characters.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Choices(keys) => keys.iter().cloned().collect(),
            Self::Text(text) => vec![text.chars().take(COMPARED_CHARS_MAX).collect()],
            other => match other.to_json() {
                Value::String(text) => vec![text],
                json => vec![json.to_string()],
            },
        }
    }

    /// What filters compare as a number, where it is one: millionths of a number, days since 1970 of a day in millionths too.
    pub fn millionths(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.checked_mul(Decimal::ONE),
            Self::Decimal(decimal) => Some(decimal.0),
            Self::Date(date) => {
                let days = (*date - jiff::civil::date(1970, 1, 1)).get_days();
                Some(i64::from(days) * Decimal::ONE)
            }
            _ => None,
        }
    }
}

impl FieldKind {
    /// The value that a program sends, or none for null and an empty text.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn value(&self, json: &Value) -> Result<Option<FieldValue>, ValueError> {
        let json = match json {
            Value::Null => return Ok(None),
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            json => json,
        };
        let value = match self {
            Self::Text => FieldValue::Text(line(json)?),
            Self::LongText => FieldValue::Text(long_text(json)?),
            Self::Number { min, max } => {
                let number = json.as_i64().ok_or_else(|| refused("send a whole number"))?;
                within(&number, min.as_ref(), max.as_ref())?;
                FieldValue::Number(number)
            }
            Self::Decimal { min, max } => {
                let decimal = match json {
                    Value::String(text) => text.trim().parse()?,
                    Value::Number(number) => number.to_string().parse()?,
                    _ => return Err(refused("send a number, such as \"12.50\"")),
                };
                within(&decimal, min.as_ref(), max.as_ref())?;
                FieldValue::Decimal(decimal)
            }
            Self::Date => {
                let date = json.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
                FieldValue::Date(date.ok_or_else(|| refused("send a day, such as \"2026-11-21\""))?)
            }
            Self::Checkbox => {
                FieldValue::Checkbox(json.as_bool().ok_or_else(|| refused("send true or false"))?)
            }
            Self::Select { choices } => FieldValue::Choice(choice(choices, json)?),
            Self::MultiSelect { choices } => {
                let keys = json.as_array().ok_or_else(|| refused("send a list of choices"))?;
                let keys: BTreeSet<String> =
                    keys.iter().map(|key| choice(choices, key)).collect::<Result<_, _>>()?;
                if keys.is_empty() {
                    return Ok(None);
                }
                FieldValue::Choices(keys)
            }
            Self::Regex { pattern } => {
                let line = line(json)?;
                if !pattern.admits(&line) {
                    return Err(refused(format!("send what {} admits", pattern.as_str())));
                }
                FieldValue::Text(line)
            }
            Self::Url => FieldValue::Text(url(json)?),
            Self::Customer => FieldValue::Customer(CustomerId::new(id(json)?)),
            Self::Organisation => FieldValue::Organisation(OrganisationId::new(id(json)?)),
        };
        Ok(Some(value))
    }
}

fn line(json: &Value) -> Result<String, ValueError> {
    let text = json.as_str().ok_or_else(|| refused("send a text"))?.trim();
    if text.chars().count() > LINE_CHARS_MAX {
        return Err(refused(format!("at most {LINE_CHARS_MAX} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(refused("send one line, without control characters"));
    }
    Ok(text.to_owned())
}

fn long_text(json: &Value) -> Result<String, ValueError> {
    let text = json.as_str().ok_or_else(|| refused("send a text"))?.trim();
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(refused(format!("at most {TEXT_CHARS_MAX} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(refused("send text, without control characters"));
    }
    Ok(text.to_owned())
}

/// Whoever reads the ticket may click it, so nothing but the web.
fn url(json: &Value) -> Result<String, ValueError> {
    let text = json.as_str().map(str::trim).unwrap_or_default();
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let is_good = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
        && text.len() <= URL_BYTES_MAX
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c));
    if is_good {
        Ok(text.to_owned())
    } else {
        Err(refused("send an address, such as \"https://example.org/order/7\""))
    }
}

fn id(json: &Value) -> Result<String, ValueError> {
    let text = json.as_str().map(str::trim).unwrap_or_default();
    let is_id = text.len() <= ID_BYTES_MAX
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_id { Ok(text.to_owned()) } else { Err(refused("send an id")) }
}

fn choice(choices: &[Choice], json: &Value) -> Result<String, ValueError> {
    let known = json.as_str().and_then(|key| choices.iter().find(|choice| choice.key == key));
    known.map(|choice| choice.key.clone()).ok_or_else(|| {
        let keys: Vec<&str> = choices.iter().map(|choice| choice.key.as_str()).take(20).collect();
        refused(format!("send one of {}", keys.join(", ")))
    })
}

fn within<T: PartialOrd + std::fmt::Display>(
    value: &T,
    min: Option<&T>,
    max: Option<&T>,
) -> Result<(), ValueError> {
    if let Some(min) = min.filter(|min| value < *min) {
        return Err(refused(format!("at least {min}")));
    }
    if let Some(max) = max.filter(|max| value > *max) {
        return Err(refused(format!("at most {max}")));
    }
    Ok(())
}

impl Decimal {
    /// One, in millionths.
    const ONE: i64 = 1_000_000;
    const PLACES: usize = 6;

    /// The number in millionths.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// The number that is so many millionths.
    pub fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }
}

impl FromStr for Decimal {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || refused("send a number with at most six places, such as \"12.50\"");
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || fraction.len() > Self::PLACES {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| wrong())?;
        let millionths =
            whole.checked_mul(Self::ONE).and_then(|n| n.checked_add(fraction)).ok_or_else(wrong)?;
        Ok(Self(sign * millionths))
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millionths = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (millionths / 1_000_000, millionths % 1_000_000);
        let fraction = format!("{fraction:06}");
        let fraction = fraction.trim_end_matches('0');
        match fraction {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

impl TryFrom<String> for Decimal {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}
