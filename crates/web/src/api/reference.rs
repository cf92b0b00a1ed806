//! `/api`: the operations on one page, made from the same description as `/api/openapi.json`.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, extract::State};
use serde_json::Value;

use crate::{
    markup::{self, Html},
    page::{Shell, pages},
    state::Web,
};

#[derive(Template)]
#[template(path = "api/reference.html")]
pub(crate) struct ReferencePage {
    shell: Shell,
    reference: Reference,
}

pages!(ReferencePage);

/// The operations, grouped as they are described.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    groups: Arc<Vec<Group>>,
}

#[derive(Debug)]
struct Group {
    name: String,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    /// The name of its anchor.
    id: String,
    method: String,
    path: String,
    summary: String,
    description: Html,
    scope: Option<String>,
    needs_bearer: bool,
    parameters: Vec<Field>,
    body: Vec<Field>,
    answer: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    place: String,
    description: Html,
    is_required: bool,
}

/// The kinds of problems, and what to do about each.
const PROBLEMS: &[(&str, &str)] = &[
    (
        "bad-request",
        "400. The request cannot be read: no JSON, an unknown field or parameter, a value of the wrong type.",
    ),
    ("unauthorized", "401. No bearer and no session, or one that was revoked or has run out."),
    (
        "forbidden",
        "403. The key, role or token may not do the operation; required_scopes names the scopes that would do.",
    ),
    (
        "limited-to-teams",
        "403. The key or person sees the tickets of some teams only, and this holds for others too.",
    ),
    ("cross-site", "403. The request came from another site's page."),
    ("not-found", "404. It does not exist, or not for this caller; the two are never told apart."),
    ("method-not-allowed", "405. See the Allow header."),
    ("gone", "410. It was there and is forgotten."),
    ("conflict", "409. The present state does not allow it."),
    ("stale", "412. Somebody changed it meanwhile; read it again. current_revision is the revision now."),
    ("too-large", "413. Over the limit; nothing was cut or kept."),
    ("unsupported-media-type", "415. Send JSON with its content type."),
    ("invalid", "422. A field's value is refused; field names it."),
    ("rate-limited", "429. Wait for the seconds in Retry-After; RateLimit says which limit is used up."),
    ("internal", "500. Our fault; it has been logged."),
    ("busy", "503. Too much at once; Retry-After says when to come back."),
    ("storage-full", "507. Nothing can be written; reading goes on."),
];

/// `GET /api`
pub(crate) async fn page(
    State(web): State<Web>,
    Extension(reference): Extension<Reference>,
) -> ReferencePage {
    ReferencePage {
        shell: Shell::new(&web, "API").indexed("REST with JSON: search, conversations, articles, tickets."),
        reference,
    }
}

impl ReferencePage {
    fn problems(&self) -> &'static [(&'static str, &'static str)] {
        PROBLEMS
    }
}

impl Reference {
    pub(crate) fn new(description: &utoipa::openapi::OpenApi) -> Self {
        let document = serde_json::to_value(description).unwrap_or_default();
        let mut groups: Vec<Group> = Vec::new();
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        for (path, item) in &paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["responses"].is_null() {
                    continue;
                }
                let name = text(&operation["tags"][0]);
                let described = Operation::new(&document, path, method, operation);
                match groups.iter_mut().find(|group| group.name == name) {
                    Some(group) => group.operations.push(described),
                    None => groups.push(Group { name, operations: vec![described] }),
                }
            }
        }
        let order = ["Search", "Conversations", "Articles", "Tickets", "Traces", "Keys"];
        groups.sort_by_key(|group| order.iter().position(|name| *name == group.name).unwrap_or(order.len()));
        Self { groups: Arc::new(groups) }
    }
}

impl Operation {
    fn new(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| Field {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            description: markup::line(&text(&parameter["description"])),
            is_required: parameter["required"].as_bool().unwrap_or(false),
        });
        let ok = operation["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .find(|(status, _)| status.starts_with('2'))
            .map(|(_, response)| &response["content"]["application/json"]["schema"]);
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: paragraphs(&text(&operation["description"])),
            scope: scope(&operation["x-required-scope"]),
            needs_bearer: operation["security"].is_array(),
            parameters: parameters.collect(),
            body: fields(document, &operation["requestBody"]["content"]["application/json"]["schema"]),
            answer: ok.map(|schema| fields(document, schema)).unwrap_or_default(),
        }
    }
}

/// A description as it reads: a line ends where its source was wrapped, a paragraph where it has an empty one.
fn paragraphs(description: &str) -> Html {
    let all: Vec<String> = description.split("\n\n").map(|lines| lines.replace('\n', " ")).collect();
    markup::message(&all.join("\n\n"))
}

/// The fields of a schema, those of its flattened parts first.
fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolve(document, schema);
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut found: Vec<Field> = parts.flat_map(|part| fields(document, part)).collect();
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    found.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, property)| Field {
        name: name.clone(),
        place: kind(property),
        description: markup::line(&text(&property["description"])),
        is_required: required.contains(&name.as_str()),
    }));
    found
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The scope that an operation needs, or those any of which will do.
fn scope(required: &Value) -> Option<String> {
    let names: Vec<&str> = match required {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    Some(names.join(" or ")).filter(|name| !name.is_empty() && name != "none")
}

/// A property's type in a word.
fn kind(property: &Value) -> String {
    if let Some(name) = property["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return name.trim_end_matches("Json").to_owned();
    }
    if let Some(options) = property["oneOf"].as_array() {
        let named: Vec<String> = options.iter().filter(|option| option["type"] != "null").map(kind).collect();
        return format!("{} or null", named.join(" or "));
    }
    match &property["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&property["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
