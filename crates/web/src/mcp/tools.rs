//! What a model can do: search the articles, read one, open a ticket. Each is a use case of the desk, with the key's permissions.

use axum::http::HeaderMap;
use desk::{ArticleLookup, DeskError, NewTicket, Recording, SearchQuery};
use domain::{Locale, Principal, Priority, Scope};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::message::Refusal;
use crate::{address, dress, failure::Failure, page::base_url, state::Web};

/// Hits where nothing else is asked for; a model reads all of them.
const HITS_DEFAULT: usize = 5;
/// Most hits of one call.
const HITS_MAX: usize = 20;
/// Most characters of an article in one answer: a model's context is paid for, and most articles are far shorter.
const READ_CHARS_MAX: usize = 40_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    limit: Option<usize>,
    collection: Option<String>,
    locale: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    slug: String,
    locale: Option<String>,
    #[serde(default)]
    offset: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    body: String,
    subject: Option<String>,
    customer_name: Option<String>,
    customer_email: Option<String>,
    priority: Option<Priority>,
    team: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

/// Why a tool gave no result.
enum Unmade {
    /// The model can read this and do better.
    Told(String),
    /// The protocol's own error.
    Refused(Refusal),
}

/// The tools that a key may use.
pub(super) fn list(by: &Principal) -> Vec<Value> {
    let mut tools = vec![search_articles(), read_article()];
    if by.may(Scope::TicketsWrite) {
        tools.push(open_ticket());
    }
    tools
}

fn search_articles() -> Value {
    json!({
        "name": "search_articles", "title": "Search articles",
        "description": "Finds help articles for a question, best first, with the passage that fits and its address. Read the \
                        article before relying on it.",
        "inputSchema": { "type": "object", "additionalProperties": false, "required": ["query"], "properties": {
            "query": { "type": "string", "description": "The question, in the person's own words and language" },
            "limit": { "type": "integer", "minimum": 1, "maximum": HITS_MAX, "default": HITS_DEFAULT },
            "collection": { "type": "string", "description": "Only this collection, by slug" },
            "locale": { "type": "string", "description": "Such as en or pt-BR; found out from the query when absent" },
        } },
        "outputSchema": { "type": "object", "required": ["hits"], "properties": { "hits": { "type": "array", "items": {
            "type": "object", "required": ["slug", "title", "url", "snippet", "locale"], "properties": {
                "slug": { "type": "string" }, "title": { "type": "string" }, "url": { "type": "string" },
                "snippet": { "type": "string" }, "locale": { "type": "string" },
            },
        } } } },
        "annotations": { "readOnlyHint": true, "openWorldHint": false },
    })
}

fn read_article() -> Value {
    json!({
        "name": "read_article", "title": "Read an article",
        "description": "Gives a help article as Markdown. A long one comes in parts: ask again with next_offset as offset.",
        "inputSchema": { "type": "object", "additionalProperties": false, "required": ["slug"], "properties": {
            "slug": { "type": "string", "description": "The article's slug, as search_articles gives it" },
            "locale": { "type": "string", "description": "Such as en or pt-BR; the site's own when absent" },
            "offset": { "type": "integer", "minimum": 0, "default": 0, "description": "Characters to leave out" },
        } },
        "outputSchema": { "type": "object", "required": ["slug", "title", "url", "locale", "markdown"], "properties": {
            "slug": { "type": "string" }, "title": { "type": "string" }, "url": { "type": "string" },
            "locale": { "type": "string" }, "markdown": { "type": "string" }, "next_offset": { "type": "integer" },
        } },
        "annotations": { "readOnlyHint": true, "openWorldHint": false },
    })
}

fn open_ticket() -> Value {
    json!({
        "name": "open_ticket", "title": "Open a ticket",
        "description": "Asks the support team for help. With a customer's address or name the body is what the customer says and \
                        the team answers them; without, it is a note to the team. Ask the person before opening one.",
        "inputSchema": { "type": "object", "additionalProperties": false, "required": ["body"], "properties": {
            "body": { "type": "string", "description": "What it is about, in Markdown" },
            "subject": { "type": "string", "description": "One line; taken from the body when absent" },
            "customer_name": { "type": "string" },
            "customer_email": { "type": "string" },
            "priority": { "type": "string", "enum": ["low", "normal", "high", "urgent"] },
            "team": { "type": "string", "description": "The team, by key" },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 20 },
        } },
        "outputSchema": { "type": "object", "required": ["id", "number", "subject"], "properties": {
            "id": { "type": "string" }, "number": { "type": "integer" }, "subject": { "type": "string" },
        } },
        "annotations": { "readOnlyHint": false, "destructiveHint": false, "idempotentHint": false, "openWorldHint": false },
    })
}

/// Calls a tool.
///
/// # Errors
/// A tool that there is not, and a scope that the key lacks. What the model can do better is a result that says so.
pub(super) async fn call(
    web: &Web,
    headers: &HeaderMap,
    by: &Principal,
    params: &Value,
) -> Result<Value, Refusal> {
    let name = params["name"].as_str().unwrap_or_default();
    let given = match &params["arguments"] {
        Value::Null => json!({}),
        given => given.clone(),
    };
    let base = base_url(web, headers);
    let made = match name {
        "search_articles" => search(web, &base, by, given).await,
        "read_article" => read(web, &base, by, given).await,
        "open_ticket" => open(web, by, given).await,
        _ => return Err(Refusal::invalid(format!("no such tool: {name}"))),
    };
    match made {
        // The text says the same again, for clients that know no structured content.
        Ok(made) => Ok(json!({
            "content": [{ "type": "text", "text": made.to_string() }], "structuredContent": made, "isError": false,
        })),
        Err(Unmade::Told(why)) => {
            Ok(json!({ "content": [{ "type": "text", "text": why }], "isError": true }))
        }
        Err(Unmade::Refused(refusal)) => Err(refusal),
    }
}

async fn search(web: &Web, base: &str, by: &Principal, given: Value) -> Result<Value, Unmade> {
    let given: Search = arguments(given)?;
    let query = SearchQuery {
        query: given.query,
        locale: locale(given.locale.as_deref())?,
        limit: given.limit.unwrap_or(HITS_DEFAULT).clamp(1, HITS_MAX),
        as_you_type: false,
        collection: given.collection,
        recording: Recording::Skip,
    };
    let found = web.desk.search(by, query).await?;
    let hits = found.hits.hits.iter().map(|hit| {
        let url = format!("{base}{}", address::passage(&hit.slug, &hit.snippet.anchor));
        json!({
            "slug": hit.slug, "title": hit.title, "url": url, "snippet": hit.snippet.text,
            "locale": hit.locale.to_string(),
        })
    });
    Ok(json!({ "hits": hits.collect::<Vec<_>>() }))
}

async fn read(web: &Web, base: &str, by: &Principal, given: Value) -> Result<Value, Unmade> {
    let given: Read = arguments(given)?;
    let locale = locale(given.locale.as_deref())?;
    let mut found = web.desk.article_page(by, &given.slug, locale.as_ref()).await?;
    if let ArticleLookup::Moved(to) = found {
        found = web.desk.article_page(by, &to, locale.as_ref()).await?;
    }
    let ArticleLookup::Found(page) = found else { return Err(DeskError::NotFound.into()) };
    let body = &page.version.body;
    let markdown: String = body.chars().skip(given.offset).take(READ_CHARS_MAX).collect();
    let end = given.offset.saturating_add(READ_CHARS_MAX);
    let mut made = json!({
        "slug": page.article.slug, "title": page.version.title, "locale": page.version.locale.to_string(),
        "url": format!("{base}{}", address::article(&page.article.slug)), "markdown": markdown,
    });
    if body.chars().nth(end).is_some() {
        made["next_offset"] = json!(end);
    }
    Ok(made)
}

async fn open(web: &Web, by: &Principal, given: Value) -> Result<Value, Unmade> {
    // Before the arguments: who may not do it hears that first, as everywhere.
    if !by.may(Scope::TicketsWrite) {
        return Err(Failure::lacks_scope(&[Scope::TicketsWrite]).into());
    }
    let given: Open = arguments(given)?;
    let new = NewTicket {
        subject: given.subject,
        body: given.body,
        customer_name: given.customer_name,
        customer_email: given.customer_email,
        priority: given.priority,
        team: given.team,
        tags: given.tags,
        ..NewTicket::default()
    };
    let ticket = web.desk.create_ticket(by, new).await?.ticket;
    Ok(json!({ "id": ticket.id.as_str(), "number": ticket.number, "subject": ticket.subject }))
}

fn arguments<T: DeserializeOwned>(given: Value) -> Result<T, Unmade> {
    serde_json::from_value(given).map_err(|error| Unmade::Told(format!("arguments: {error}")))
}

fn locale(tag: Option<&str>) -> Result<Option<Locale>, Unmade> {
    tag.map(Locale::parse).transpose().map_err(|error| Unmade::Told(error.to_string()))
}

impl From<DeskError> for Unmade {
    fn from(error: DeskError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for Unmade {
    fn from(failure: Failure) -> Self {
        let problem = || dress::problem_of(&failure, "/mcp");
        match failure.status.as_u16() {
            403 => Self::Refused(Refusal::forbidden(problem())),
            429 | 503 | 507 => Self::Refused(Refusal::busy(problem())),
            500.. => Self::Refused(Refusal::internal()),
            _ => Self::Told(failure.detail),
        }
    }
}
