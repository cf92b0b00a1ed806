//! Custom fields of Zendesk: what they hold, in our types.

use std::collections::BTreeSet;

use domain::{Choice, FieldKind};
use serde_json::{Map, Value};

use super::{NAME_BYTES_MAX, ParsedField, Record, clean, zendesk::text};

/// Values of one ticket that are looked at: more fields than Zendesk lets a site have.
pub(super) const VALUES_MAX: usize = 1_000;
/// Choices of a field that are looked at; [`FieldKind::check`] refuses what is too many for us.
const CHOICES_MAX: usize = 5_000;
/// Longest title of a choice, in bytes: within its limit in characters.
const CHOICE_BYTES_MAX: usize = 200;

/// Fields that every ticket of Zendesk has; they are read as parts of the ticket.
const BUILT_IN: [&str; 10] = [
    "subject",
    "description",
    "status",
    "tickettype",
    "priority",
    "group",
    "assignee",
    "custom_status",
    "basic_priority",
    "organization",
];

pub(super) fn field(fields: &Map<String, Value>, external_id: String) -> Result<Record, String> {
    let kind = text(fields, "type").unwrap_or_default();
    if BUILT_IN.contains(&kind.as_str()) {
        return Ok(Record::LeftOut("fields that every ticket has"));
    }
    let title = ["title", "raw_title"].into_iter().find_map(|name| text(fields, name));
    let title = title.map(|title| clean::line(&title, NAME_BYTES_MAX)).filter(|title| !title.is_empty());
    let title = title.ok_or("a field without a title")?;
    Ok(Record::Field(ParsedField { external_id, title, kind: field_kind(&kind, fields) }))
}

fn field_kind(kind: &str, fields: &Map<String, Value>) -> Option<FieldKind> {
    let kind = match kind {
        "text" | "regexp" | "partialcreditcard" => FieldKind::Text,
        "textarea" => FieldKind::LongText,
        "integer" => FieldKind::Number { min: None, max: None },
        "decimal" => FieldKind::Decimal { min: None, max: None },
        "date" => FieldKind::Date,
        "checkbox" => FieldKind::Checkbox,
        "tagger" => FieldKind::Select { choices: choices(fields) },
        "multiselect" => FieldKind::MultiSelect { choices: choices(fields) },
        _ => return None,
    };
    kind.check().is_ok().then_some(kind)
}

fn choices(fields: &Map<String, Value>) -> Vec<Choice> {
    let options = fields.get("custom_field_options").and_then(Value::as_array);
    let mut keys = BTreeSet::new();
    options
        .into_iter()
        .flatten()
        .take(CHOICES_MAX)
        .filter_map(|option| {
            let option = option.as_object()?;
            let key = key(&text(option, "value")?);
            let title = ["name", "raw_name", "value"].into_iter().find_map(|name| text(option, name))?;
            let title = clean::line(&title, CHOICE_BYTES_MAX);
            (!title.is_empty() && keys.insert(key.clone())).then_some(Choice { key, title })
        })
        .collect()
}

/// A word as the key of a field or choice.
pub(super) fn key(word: &str) -> String {
    domain::Field::key_of(word)
}
