//! Custom fields: what a site wants to know of its tickets, defined while it runs.

mod kind;
#[cfg(test)]
mod tests;
mod value;

pub use kind::{Choice, FieldKind, KindError, Pattern};
pub use value::{Decimal, FieldValue, ValueError};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Facts, Filter, FilterContext};

/// Longest key of a field or of one of its choices, in bytes.
pub const FIELD_KEY_BYTES_MAX: usize = 64;
/// Most fields: each is a line in a form that somebody fills in.
pub const FIELDS_MAX: usize = 100;

/// The values of a ticket's fields, by key. What is absent has no value.
pub type FieldValues = BTreeMap<String, FieldValue>;

/// A field that a site has defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What filters and programs name it by; see [`Field::is_key`]. It never changes.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// What it holds. Its type never changes; its limits and choices may.
    pub kind: FieldKind,
    /// Which tickets show it; all when absent.
    pub show_when: Option<Filter>,
    /// When it must have a value.
    pub required: Required,
    /// Its place in forms; ties go by key.
    pub position: i64,
    /// Whether it is asked for. One that is not keeps its values.
    pub state: FieldState,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// When a field must have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Never.
    Never,
    /// When the ticket is solved, where it is shown.
    OnSolve,
}

impl Required {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnSolve => "on_solve",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Never, Self::OnSolve].into_iter().find(|required| required.as_str() == text)
    }
}

/// Whether a field is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldState {
    /// It is.
    Active,
    /// It is not, and its values are kept.
    Retired,
}

impl FieldState {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

impl Field {
    /// Whether a text can be the key of a field or of a choice: a letter, then letters, digits and `_`, all small.
    pub fn is_key(text: &str) -> bool {
        text.len() <= FIELD_KEY_BYTES_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }

    /// Whether a ticket shows it.
    pub fn is_shown(&self, facts: Facts<'_>, ctx: &FilterContext) -> bool {
        self.state == FieldState::Active
            && self.show_when.as_ref().is_none_or(|filter| filter.matches(facts, ctx))
    }
}

/// The fields that a ticket must have a value in before it is solved, and has none.
pub fn missing_on_solve<'f>(
    fields: &'f [Field],
    values: &FieldValues,
    facts: Facts<'_>,
    ctx: &FilterContext,
) -> Vec<&'f Field> {
    let is_missing = |field: &&Field| {
        field.required == Required::OnSolve
            && field.is_shown(facts, ctx)
            && values.get(&field.key).is_none_or(FieldValue::is_blank)
    };
    fields.iter().filter(is_missing).collect()
}
