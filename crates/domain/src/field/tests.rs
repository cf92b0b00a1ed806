//! What fields take, refuse and need.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn kind(json: Value) -> FieldKind {
    let kind: FieldKind = serde_json::from_value(json).unwrap();
    kind.check().unwrap();
    kind
}

#[test]
fn a_value_is_what_its_type_says() {
    let plan = json!([{ "key": "pro", "title": "Pro" }, { "key": "free", "title": "Free" }]);
    let select = kind(json!({ "type": "select", "choices": plan }));
    let multi = kind(json!({ "type": "multi_select", "choices": plan }));
    let number = kind(json!({ "type": "number", "min": 1, "max": 10 }));
    let decimal = kind(json!({ "type": "decimal", "min": "-0.5" }));
    let order = kind(json!({ "type": "regex", "pattern": "[A-Z]{2}-\\d+|none" }));
    let of = |name: &str| kind(json!({ "type": name }));
    for (kind, sent, expected) in [
        (of("text"), json!(" a line "), Ok(Some(json!("a line")))),
        (of("text"), json!("  "), Ok(None)),
        (of("text"), Value::Null, Ok(None)),
        (of("text"), json!("two\nlines"), Err("send one line")),
        (of("text"), json!(7), Err("send a text")),
        (of("text"), json!("x".repeat(501)), Err("at most 500")),
        (of("long_text"), json!("two\nlines"), Ok(Some(json!("two\nlines")))),
        (of("long_text"), json!("\u{0}"), Err("send text")),
        (number.clone(), json!(10), Ok(Some(json!(10)))),
        (number.clone(), json!(0), Err("at least 1")),
        (number.clone(), json!(11), Err("at most 10")),
        (number.clone(), json!(1.5), Err("send a whole number")),
        (number.clone(), json!("7"), Err("send a whole number")),
        (number, json!(u64::MAX), Err("send a whole number")),
        (decimal.clone(), json!("12.50"), Ok(Some(json!("12.5")))),
        (decimal.clone(), json!(-0.25), Ok(Some(json!("-0.25")))),
        (decimal.clone(), json!("-0.6"), Err("at least -0.5")),
        (decimal.clone(), json!("1.1234567"), Err("send a number with")),
        (decimal.clone(), json!("9223372036854.775808"), Err("send a number with")),
        (decimal.clone(), json!("1e9"), Err("send a number with")),
        (decimal, json!("1,5"), Err("send a number with")),
        (of("date"), json!("2028-02-29"), Ok(Some(json!("2028-02-29")))),
        (of("date"), json!("2026-02-29"), Err("send a day")),
        (of("date"), json!("2026-02-01T00:00:00Z"), Err("send a day")),
        (of("checkbox"), json!(true), Ok(Some(json!(true)))),
        (of("checkbox"), json!("yes"), Err("send true or false")),
        (select.clone(), json!("pro"), Ok(Some(json!("pro")))),
        (select.clone(), json!("Pro"), Err("send one of pro, free")),
        (select, json!(["pro"]), Err("send one of pro, free")),
        (multi.clone(), json!(["pro", "free", "pro"]), Ok(Some(json!(["free", "pro"])))),
        (multi.clone(), json!([]), Ok(None)),
        (multi, json!(["gold"]), Err("send one of")),
        (order.clone(), json!("AB-17"), Ok(Some(json!("AB-17")))),
        (order.clone(), json!("none"), Ok(Some(json!("none")))),
        (order.clone(), json!("xAB-17"), Err("send what")),
        (order, json!("AB-17 or none"), Err("send what")),
        (of("url"), json!("HTTPS://example.org/a?b#c"), Ok(Some(json!("HTTPS://example.org/a?b#c")))),
        (of("url"), json!("javascript:alert(1)"), Err("send an address")),
        (of("url"), json!("https://"), Err("send an address")),
        (of("url"), json!("https://exam ple.org"), Err("send an address")),
        (of("url"), json!("https://example.org/\"onclick="), Err("send an address")),
        (of("customer"), json!("01ABC"), Ok(Some(json!("01ABC")))),
        (of("customer"), json!("'; --"), Err("send an id")),
        (of("customer"), json!({ "id": "x" }), Err("send an id")),
    ] {
        let value = kind.value(&sent);
        match (&value, expected) {
            (Ok(value), Ok(expected)) => {
                assert_eq!(value.as_ref().map(FieldValue::to_json), expected, "{kind:?} {sent}");
            }
            (Err(error), Err(message)) => {
                assert!(error.to_string().starts_with(message), "{kind:?} {sent}: {error}");
            }
            _ => panic!("{kind:?} {sent}: {value:?}"),
        }
        if let Ok(Some(value)) = value {
            assert_eq!(kind.value(&value.to_json()), Ok(Some(value.clone())), "what is read can be sent");
            let stored = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<FieldValue>(&stored).unwrap(), value);
        }
    }
}

#[test]
fn a_type_that_cannot_be_is_refused() {
    let choice = |key: &str| json!({ "key": key, "title": "T" });
    for (json, message) in [
        (json!({ "type": "number", "min": 2, "max": 1 }), "min is greater"),
        (json!({ "type": "decimal", "min": "2", "max": "1.5" }), "min is greater"),
        (json!({ "type": "select", "choices": [] }), "choices: 1 to"),
        (json!({ "type": "select", "choices": [choice("a b")] }), "choice \"a b\""),
        (json!({ "type": "select", "choices": [{ "key": "a", "title": " " }] }), "choice \"a\""),
        (json!({ "type": "multi_select", "choices": [choice("a"), choice("a")] }), "two choices"),
    ] {
        let error = serde_json::from_value::<FieldKind>(json.clone()).unwrap().check().unwrap_err();
        assert!(error.to_string().starts_with(message), "{json}: {error}");
    }
    for json in [
        json!({ "type": "regex", "pattern": "(" }),
        json!({ "type": "regex", "pattern": ")|(" }),
        json!({ "type": "regex", "pattern": "" }),
        json!({ "type": "regex", "pattern": "x".repeat(600) }),
        json!({ "type": "money" }),
        json!({ "type": "number", "step": 2 }),
    ] {
        assert!(serde_json::from_value::<FieldKind>(json.clone()).is_err(), "{json}");
    }
    for (key, is_key) in
        [("plan", true), ("plan_2", true), ("2plan", false), ("Plan", false), ("", false), ("a-b", false)]
    {
        assert_eq!(Field::is_key(key), is_key, "{key}");
    }
}

#[test]
fn numbers_and_days_compare() {
    let day = kind(json!({ "type": "date" }));
    let millionths = |kind: &FieldKind, json: Value| kind.value(&json).unwrap().unwrap().millionths();
    assert_eq!(millionths(&day, json!("1970-01-02")), Some(1_000_000));
    assert_eq!(millionths(&day, json!("1969-12-31")), Some(-1_000_000));
    assert_eq!(millionths(&kind(json!({ "type": "decimal" })), json!("-1.5")), Some(-1_500_000));
    assert_eq!(millionths(&kind(json!({ "type": "text" })), json!("7")), None);
}

proptest! {
    #[test]
    fn a_decimal_is_written_as_it_is_read(millionths in i64::MIN + 1..i64::MAX) {
        let decimal = Decimal::from_millionths(millionths);
        prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
    }
}

#[test]
fn a_key_is_made_of_what_people_call_a_field() {
    for (title, expected) in [
        ("Order number", "order_number"),
        ("  Über-Nr. ", "ber_nr_"),
        ("745", "f_745"),
        ("order_no", "order_no"),
        ("Größe", "gr_e_"),
    ] {
        let key = Field::key_of(title);
        assert!(key.starts_with(expected) && Field::is_key(&key), "{title}: {key}");
    }
    assert_ne!(Field::key_of("退款"), Field::key_of("退货"));
}
