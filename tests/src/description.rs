//! The operations of the API as it describes them, for tests that walk all of them: who adds one need not add it there.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::TestApp;

/// How deep an example of a body goes; the schema of a filter contains itself.
const DEPTH_MAX: usize = 6;

/// One operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, with names in braces.
    pub path: String,
    /// The scopes any of which it needs; none where it needs none.
    pub scopes: BTreeSet<String>,
    /// The names of what it takes to say who is asking: `bearer`, `session`, `conversation`.
    pub takes: BTreeSet<String>,
    /// A body with what its schema requires, where it takes one.
    pub example: Option<Value>,
}

impl Operation {
    /// The path with this text for its first name, and something that is not there for the others.
    pub fn at(&self, first: &str) -> String {
        let mut parts = self.path.split('{');
        let mut path = parts.next().unwrap_or_default().to_owned();
        for (n, part) in parts.enumerate() {
            path.push_str(if n == 0 { first } else { "nothing" });
            path.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
        }
        path
    }

    /// Method and path, for messages.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Every operation of the API.
///
/// # Panics
/// When there is no description.
pub async fn operations(app: &TestApp) -> Vec<Operation> {
    let document = app.get("/api/openapi.json", None).await.expect(200).json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if !operation["responses"].is_object() {
                continue;
            }
            let scopes = match &operation["x-required-scope"] {
                Value::Array(names) => names.iter().map(text).collect(),
                name => BTreeSet::from([text(name)]),
            };
            let security = operation["security"].as_array().into_iter().flatten();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            found.push(Operation {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"),
                path: path.clone(),
                scopes: scopes.into_iter().filter(|name| name != "none").collect(),
                takes: security.flat_map(|one| one.as_object().expect("schemes").keys().cloned()).collect(),
                example: schema.is_object().then(|| example(&document, schema, 0)),
            });
        }
    }
    found
}

/// A value that a schema allows, with what it requires and nothing else.
fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return example(document, document.pointer(pointer).expect("a schema"), depth + 1);
    }
    if let Some(value) = ["example", "default", "const"].into_iter().find_map(|name| schema.get(name)) {
        return value.clone();
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return value.clone();
    }
    for choice in ["oneOf", "anyOf"] {
        let options = schema[choice].as_array().into_iter().flatten();
        if let Some(option) = options.into_iter().find(|option| option["type"] != "null") {
            return example(document, option, depth + 1);
        }
    }
    let mut object = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(fields) = example(document, part, depth + 1) {
            object.extend(fields);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").map(text).unwrap_or_default(),
        kind => kind.as_str().unwrap_or("object").to_owned(),
    };
    match kind.as_str() {
        "string" => json!("x"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        "array" => json!([example(document, &schema["items"], depth + 1)]),
        _ => {
            for name in schema["required"].as_array().into_iter().flatten().map(text) {
                let value = example(document, &schema["properties"][&name], depth + 1);
                object.insert(name, value);
            }
            Value::Object(object)
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
