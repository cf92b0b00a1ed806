//! Custom fields: what a site wants to know of its tickets, customers and organisations, defined while it runs.

mod kind;
#[cfg(test)]
mod tests;
mod value;

pub use kind::{Choice, FieldKind, KindError, Pattern};
pub use value::{Decimal, FieldValue, ValueError};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{CustomerFacts, CustomerFilter, Facts, Filter, FilterContext};

/// Longest key of a field or of one of its choices, in bytes.
pub const FIELD_KEY_BYTES_MAX: usize = 64;
/// Most fields of one kind of thing: each is a line in a form that somebody fills in.
pub const FIELDS_MAX: usize = 100;

/// The values of fields, by key. What is absent has no value.
pub type FieldValues = BTreeMap<String, FieldValue>;

/// A field that a site has defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What has it.
    pub of: FieldOf,
    /// What filters and programs name it by; see [`Field::is_key`]. It never changes.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// What it holds. Its type never changes; its limits and choices may.
    pub kind: FieldKind,
    /// Which of them show it; all when absent.
    pub show_when: Option<ShowWhen>,
    /// When it must have a value.
    pub required: Required,
    /// Its place in forms; ties go by key.
    pub position: i64,
    /// Whether it is asked for. One that is not keeps its values.
    pub state: FieldState,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// What a field is a field of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOf {
    /// Tickets.
    Ticket,
    /// Customers.
    Customer,
    /// Organisations.
    Organisation,
}

impl FieldOf {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Customer => "customer",
            Self::Organisation => "organisation",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ticket, Self::Customer, Self::Organisation].into_iter().find(|of| of.as_str() == text)
    }
}

/// A condition under which a field is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShowWhen {
    /// On these tickets.
    Ticket(Filter),
    /// On these customers.
    Customer(CustomerFilter),
}

impl ShowWhen {
    /// Parses the text of a filter; organisations have none.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(of: FieldOf, text: &str) -> Result<Self, String> {
        match of {
            FieldOf::Ticket => text.parse().map(Self::Ticket).map_err(|error| error.to_string()),
            FieldOf::Customer => text.parse().map(Self::Customer).map_err(|error| error.to_string()),
            FieldOf::Organisation => Err("fields of organisations have no condition".to_owned()),
        }
    }

    /// The custom fields that it asks for, by key.
    pub fn fields(&self) -> BTreeSet<&str> {
        match self {
            Self::Ticket(filter) => filter.fields(),
            Self::Customer(filter) => filter.fields(),
        }
    }
}

impl std::fmt::Display for ShowWhen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ticket(filter) => filter.fmt(f),
            Self::Customer(filter) => filter.fmt(f),
        }
    }
}

/// When a field must have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Never.
    Never,
    /// When the ticket is solved or closed, where it is shown.
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

    /// A key made of what people call something: `Order number` becomes `order_number`, what begins with no letter gets an `f_`
    /// before it, and what has no letters or digits of ASCII is told apart by a number that follows from it.
    pub fn key_of(title: &str) -> String {
        let mut key = String::new();
        for c in title.chars() {
            match c.to_ascii_lowercase() {
                c if c.is_ascii_alphanumeric() => key.push(c),
                _ if key.ends_with('_') || key.is_empty() => {}
                _ => key.push('_'),
            }
        }
        let key = key.trim_end_matches('_');
        let key = if key.starts_with(|c: char| c.is_ascii_lowercase()) {
            key.to_owned()
        } else {
            format!("f_{key}")
        };
        let is_told = title.chars().filter(|c| c.is_alphanumeric()).all(|c| c.is_ascii());
        if is_told && key.len() > "f_".len() && key.len() <= FIELD_KEY_BYTES_MAX {
            return key;
        }
        // FNV-1a: the same title must give the same key in every version.
        let hash = title.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let head: String = key.trim_end_matches('_').chars().take(FIELD_KEY_BYTES_MAX - 10).collect();
        format!("{head}_{:08x}", hash >> 32)
    }

    /// Whether a ticket shows it.
    pub fn is_shown(&self, facts: Facts<'_>, ctx: &FilterContext) -> bool {
        self.is_asked_for(FieldOf::Ticket)
            && match &self.show_when {
                None => true,
                Some(ShowWhen::Ticket(filter)) => filter.matches(facts, ctx),
                Some(ShowWhen::Customer(_)) => false,
            }
    }

    /// Whether a customer shows it.
    pub fn is_shown_of_customer(&self, facts: CustomerFacts<'_>, ctx: &FilterContext) -> bool {
        self.is_asked_for(FieldOf::Customer)
            && match &self.show_when {
                None => true,
                Some(ShowWhen::Customer(filter)) => filter.matches(facts, ctx),
                Some(ShowWhen::Ticket(_)) => false,
            }
    }

    /// Whether such things are asked for it.
    pub fn is_asked_for(&self, of: FieldOf) -> bool {
        self.of == of && self.state == FieldState::Active
    }
}

/// The fields that a ticket must have a value in before it is solved or closed, and has none.
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
