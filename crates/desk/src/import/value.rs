//! Values of custom fields from another system: to which field they belong, and as what that field can hold.

use domain::{Choice, Field, FieldKind, FieldState, FieldValue};
use serde_json::{Value, json};

use crate::input;

/// Longest line that a field holds, in characters; a longer one is cut.
const LINE_CHARS_MAX: usize = 500;

/// The field of this key or title, where it is asked for.
pub(super) fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    let key = Field::key_of(name);
    let is_it =
        |field: &&Field| field.key == name || field.title.eq_ignore_ascii_case(name) || field.key == key;
    fields.iter().filter(|field| field.state == FieldState::Active).find(is_it)
}

/// What a field holds of a value; nothing for a blank one.
///
/// # Errors
/// Why it cannot hold it.
pub(super) fn held(kind: &FieldKind, value: &Value) -> Result<Option<FieldValue>, String> {
    if matches!(kind, FieldKind::Customer) {
        return Err("customers have other ids here".to_owned());
    }
    kind.value(&adapted(kind, value)).map_err(|error| error.to_string())
}

/// The value as the field's type wants it, where it can be turned into that without a doubt.
fn adapted(kind: &FieldKind, value: &Value) -> Value {
    match (kind, value) {
        (FieldKind::Number { .. }, Value::String(text)) => {
            text.trim().parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        (FieldKind::Checkbox, Value::String(text)) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" => json!(true),
            "false" | "no" | "0" => json!(false),
            _ => value.clone(),
        },
        (FieldKind::Date, Value::String(text)) => json!(text.trim().get(..10).unwrap_or(text)),
        (FieldKind::Select { choices }, Value::String(text)) => choice(choices, text),
        (FieldKind::MultiSelect { choices }, Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.clone(), |text| choice(choices, text)))
            .collect(),
        (FieldKind::MultiSelect { choices }, Value::String(text)) => {
            let parts = text.split([',', ';', '|']).filter(|part| !part.trim().is_empty());
            parts.map(|part| choice(choices, part)).collect()
        }
        (FieldKind::Text | FieldKind::Regex { .. } | FieldKind::Url, value) => json!(line(&text(value))),
        (FieldKind::LongText, value) => json!(text(value)),
        (_, value) => value.clone(),
    }
}

fn choice(choices: &[Choice], text: &str) -> Value {
    let text = text.trim();
    let key = Field::key_of(text);
    let is_it =
        |choice: &&Choice| choice.key == text || choice.title.eq_ignore_ascii_case(text) || choice.key == key;
    json!(choices.iter().find(is_it).map_or(text, |choice| choice.key.as_str()))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn line(text: &str) -> String {
    input::one_line(text).chars().take(LINE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_what_its_field_holds_or_says_why_not() {
        let kind = |json: Value| serde_json::from_value::<FieldKind>(json).unwrap();
        let choices =
            json!([{ "key": "f_745", "title": "Printer 745" }, { "key": "other", "title": "Other" }]);
        let select = kind(json!({ "type": "select", "choices": choices }));
        let multi = kind(json!({ "type": "multi_select", "choices": choices }));
        let number = kind(json!({ "type": "number" }));
        for (kind, value, expected) in [
            (&number, json!(" 12 "), Some(json!(12))),
            (&number, json!("twelve"), None),
            (&select, json!("745"), Some(json!("f_745"))),
            (&select, json!("printer 745"), Some(json!("f_745"))),
            (&select, json!("746"), None),
            (&multi, json!("Other; 745"), Some(json!(["f_745", "other"]))),
            (&multi, json!(["745"]), Some(json!(["f_745"]))),
            (&FieldKind::Checkbox, json!("Yes"), Some(json!(true))),
            (&FieldKind::Checkbox, json!("maybe"), None),
            (&FieldKind::Date, json!("2026-01-31T10:00:00Z"), Some(json!("2026-01-31"))),
            (&FieldKind::Text, json!("a\r\nb\u{0}"), Some(json!("a b"))),
            (&FieldKind::Text, json!(4711), Some(json!("4711"))),
            (&FieldKind::LongText, json!(["a", 1]), Some(json!("a, 1"))),
            (&FieldKind::Url, json!("javascript:alert(1)"), None),
            (&FieldKind::Customer, json!("c1"), None),
        ] {
            let held = held(kind, &value).ok().flatten().map(|held| held.to_json());
            assert_eq!(held, expected, "{kind:?} {value}");
        }
        assert_eq!(super::held(&FieldKind::Text, &json!(" ")), Ok(None));
    }
}
