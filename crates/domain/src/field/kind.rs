//! What a field can hold, within which limits.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Decimal, Field};

/// Most choices of a field.
const CHOICES_MAX: usize = 500;
/// Longest title of a choice, in characters.
const CHOICE_CHARS_MAX: usize = 200;
/// Longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 500;

/// The type of a field, with its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A whole number.
    Number {
        /// The least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// A number with a fraction, exact to six places.
    Decimal {
        /// The least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<Decimal>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Decimal>,
    },
    /// A day.
    Date,
    /// Yes or no.
    Checkbox,
    /// One of these.
    Select {
        /// The choices, in order.
        choices: Vec<Choice>,
    },
    /// Some of these.
    MultiSelect {
        /// The choices, in order.
        choices: Vec<Choice>,
    },
    /// One line that a pattern admits as a whole.
    Regex {
        /// The pattern.
        pattern: Pattern,
    },
    /// An address that begins with `https://` or `http://`.
    Url,
    /// A customer, by id.
    Customer,
    /// An organisation, by id.
    Organisation,
}

/// One of the choices of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored; as the key of a field.
    pub key: String,
    /// What people read.
    pub title: String,
}

/// A regular expression, which takes time in proportion to what it reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    whole: regex_lite::Regex,
}

/// Why a type of a field cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// No number is at least the one and at most the other.
    #[error("min is greater than max")]
    EmptyRange,
    /// It has no choices, or too many.
    #[error("choices: 1 to {CHOICES_MAX}")]
    Choices,
    /// A choice that cannot be.
    #[error(
        "choice {0:?}: a key is a small letter, then small letters, digits and _, and a title has 1 to {CHOICE_CHARS_MAX} characters"
    )]
    Choice(String),
    /// Two choices have this key.
    #[error("two choices have the key {0:?}")]
    SameKey(String),
    /// No regular expression.
    #[error("pattern: {0}")]
    Pattern(String),
}

impl FieldKind {
    /// Checks what serde cannot.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), KindError> {
        match self {
            Self::Number { min: Some(min), max: Some(max) } if min > max => Err(KindError::EmptyRange),
            Self::Decimal { min: Some(min), max: Some(max) } if min > max => Err(KindError::EmptyRange),
            Self::Select { choices } | Self::MultiSelect { choices } => {
                if choices.is_empty() || choices.len() > CHOICES_MAX {
                    return Err(KindError::Choices);
                }
                let mut keys = BTreeSet::new();
                for choice in choices {
                    let title = choice.title.trim();
                    if !Field::is_key(&choice.key)
                        || title.is_empty()
                        || title.chars().count() > CHOICE_CHARS_MAX
                    {
                        return Err(KindError::Choice(choice.key.clone()));
                    }
                    if !keys.insert(&choice.key) {
                        return Err(KindError::SameKey(choice.key.clone()));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether values of this type stay values of another.
    pub fn is_type_of(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Pattern {
    /// Reads a pattern, which shall admit a value as a whole.
    ///
    /// # Errors
    /// [`KindError::Pattern`] for what is none, or is too long.
    pub fn new(text: &str) -> Result<Self, KindError> {
        if text.is_empty() || text.len() > PATTERN_BYTES_MAX {
            return Err(KindError::Pattern(format!("1 to {PATTERN_BYTES_MAX} bytes")));
        }
        // Each on its own, so that no parenthesis of the text can end ours.
        let alone = regex_lite::Regex::new(text).map_err(|error| KindError::Pattern(error.to_string()));
        alone?;
        let whole = regex_lite::Regex::new(&format!(r"\A(?:{text})\z"));
        let whole = whole.map_err(|error| KindError::Pattern(error.to_string()))?;
        Ok(Self { text: text.to_owned(), whole })
    }

    /// Whether it admits a value as a whole.
    pub fn admits(&self, value: &str) -> bool {
        self.whole.is_match(value)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TryFrom<String> for Pattern {
    type Error = KindError;

    fn try_from(text: String) -> Result<Self, KindError> {
        Self::new(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}
