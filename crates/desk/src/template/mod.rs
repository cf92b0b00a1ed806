//! Templates of what is written to customers and into notes: Markdown with variables, conditions and loops.
//!
//! Small on purpose: no inclusion, no assignment, nothing that makes a text longer but what is written down, and a bound on
//! steps and length. What a variable holds is escaped, because customers write names and subjects.

mod escape;
mod scan;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use domain::{
    Channel, Customer, CustomerId, Field, FieldValue, Locale, MESSAGE_BYTES_MAX, Tag, Ticket, TicketId,
    TimeZone, Timestamp,
};
use minijinja::{
    Environment, Error, ErrorKind, UndefinedBehavior, filters,
    value::{Value, ValueKind},
};

/// Steps that a template may take: a thousand times what an ordinary one does.
const FUEL: u64 = 50_000;
/// How deep expressions may be nested.
const DEPTH_MAX: usize = 50;

/// The variables that every template has, beside `ticket.fields.` and the key of each custom field.
pub(crate) const VARIABLES: [&str; 12] = [
    "ticket.number",
    "ticket.subject",
    "ticket.status",
    "ticket.priority",
    "ticket.team",
    "ticket.tags",
    "customer.name",
    "customer.first_name",
    "customer.email",
    "agent.name",
    "site.name",
    "site.url",
];
/// What stands before the key of a custom field.
const FIELD: &str = "ticket.fields.";
/// The filters that every template has.
const FILTERS: [&str; 10] =
    ["capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim", "upper"];

/// What the variables of a template hold.
#[derive(Debug, Clone)]
pub(crate) struct TemplateValues(Value);

impl TemplateValues {
    /// The values for a ticket. What is not known is empty, so that a template can ask for it.
    pub(crate) fn of(
        ticket: &Ticket,
        customer: Option<&Customer>,
        agent: &str,
        site: &crate::SiteConfig,
        fields: &[Field],
    ) -> Self {
        let text = |key: &String| ticket.fields.get(key).map(FieldValue::shown).unwrap_or_default();
        let fields = fields.iter().map(|field| (field.key.clone(), Value::from(text(&field.key))));
        let name = customer.map(|customer| customer.name.as_str()).unwrap_or_default();
        let email = customer.and_then(|customer| customer.email.as_deref()).unwrap_or_default();
        let url = site.base_url.as_deref().unwrap_or_default();
        let tags: Vec<String> = ticket.tags.iter().map(Tag::to_string).collect();
        let ticket = Value::from_pairs([
            ("number", Value::from(ticket.number)),
            ("subject", Value::from(ticket.subject.as_str())),
            ("status", Value::from(ticket.status_key())),
            ("priority", Value::from(ticket.priority.as_str())),
            ("team", Value::from(ticket.team.as_str())),
            ("tags", Value::from(tags)),
            ("fields", Value::from_pairs(fields)),
        ]);
        let customer = Value::from_pairs([
            ("name", Value::from(name)),
            ("first_name", Value::from(name.split_whitespace().next().unwrap_or_default())),
            ("email", Value::from(email)),
        ]);
        let site = [("name", Value::from(site.name.as_str())), ("url", Value::from(url))];
        Self(Value::from_pairs([
            ("ticket", ticket),
            ("customer", customer),
            ("agent", Value::from_pairs([("name", Value::from(agent))])),
            ("site", Value::from_pairs(site)),
        ]))
    }

    /// The values for a ticket that is made up, with this wherever a text can be.
    fn made_up(text: &str, fields: &[Field]) -> Self {
        let value = |field: &Field| (field.key.clone(), FieldValue::Text(text.to_owned()));
        let (channel, locale, at) = (Channel::agent(), Locale::english(), Timestamp(0));
        let ticket = Ticket {
            number: 1_234,
            subject: text.to_owned(),
            tags: Tag::parse(text).into_iter().collect(),
            fields: fields.iter().map(value).collect(),
            ..Ticket::new(TicketId::new(text), text.to_owned(), channel, locale.clone(), at)
        };
        let email = Some(text.to_owned());
        let customer = Customer::new(CustomerId::new(text), text.to_owned(), email, at);
        let site = crate::SiteConfig {
            name: text.to_owned(),
            default_locale: locale,
            time_zone: TimeZone::UTC,
            base_url: Some(text.to_owned()),
        };
        Self::of(&ticket, Some(&customer), text, &site, fields)
    }
}

/// Refuses a template that cannot be, that asks for what there is not, or that makes a text neither where everything is known nor
/// where nothing is: it would fail on every ticket.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn check(template: &str, fields: &[Field]) -> Result<(), String> {
    scan::check(template)?;
    let engine = engine();
    let compiled = engine.template_from_str(template).map_err(|error| told(&error))?;
    let mut unknown: Vec<String> = compiled
        .undeclared_variables(true)
        .into_iter()
        .filter(|name| {
            let field = name.strip_prefix(FIELD);
            !VARIABLES.contains(&name.as_str())
                && !field.is_some_and(|key| fields.iter().any(|field| field.key == key))
        })
        .collect();
    unknown.sort();
    if let Some(name) = unknown.first() {
        let name: String = name.chars().take(60).collect();
        return Err(format!("there is no {name}; the variables are {}, {FIELD}KEY", VARIABLES.join(", ")));
    }
    let tried = |text: &str| render(template, &TemplateValues::made_up(text, fields)).map(drop);
    tried("example").or_else(|why| tried("").map_err(|_| why))
}

/// The text that a template makes of these values.
///
/// # Errors
/// Why there is none, such as too many steps or a text that is too long.
pub(crate) fn render(template: &str, values: &TemplateValues) -> Result<String, String> {
    scan::check(template)?;
    let engine = engine();
    let compiled = engine.template_from_str(template).map_err(|error| told(&error))?;
    let mut out = Bounded(vec![]);
    compiled
        .render_captured_to(values.0.clone(), &mut out)
        .map(drop)
        .map_err(|error| if out.0.len() >= MESSAGE_BYTES_MAX { too_long() } else { told(&error) })?;
    String::from_utf8(out.0).map_err(|_| too_long())
}

fn too_long() -> String {
    format!("longer than {MESSAGE_BYTES_MAX} bytes")
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(DEPTH_MAX);
    engine.add_filter("capitalize", filters::capitalize);
    engine.add_filter("default", default);
    engine.add_filter("first", first);
    engine.add_filter("join", join);
    engine.add_filter("last", last);
    engine.add_filter("length", length);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("title", filters::title);
    engine.add_filter("trim", filters::trim);
    engine.add_filter("upper", filters::upper);
    engine.set_formatter(|out, _, value| {
        if value.kind() == ValueKind::Seq {
            for (n, part) in value.try_iter()?.enumerate() {
                out.write_str(if n > 0 { ", " } else { "" })?;
                out.write_str(&escape::escaped(&part.to_string()))?;
            }
            return Ok(());
        }
        Ok(out.write_str(&escape::escaped(&value.to_string()))?)
    });
    engine
}

/// What is not known, such as the first of no tags, is empty.
fn known(value: &Value) -> Value {
    if value.is_undefined() { Value::from("") } else { value.clone() }
}

fn first(value: &Value) -> Result<Value, Error> {
    filters::first(&known(value))
}

fn last(value: &Value) -> Result<Value, Error> {
    filters::last(known(value))
}

fn length(value: &Value) -> Result<usize, Error> {
    filters::length(&known(value))
}

/// Something else for what is empty; with `true` behind it, for what is zero or false too.
fn default(value: &Value, other: Option<Value>, lax: Option<bool>) -> Value {
    let value = known(value);
    let is_missing = value.len() == Some(0) || lax == Some(true) && !value.is_true();
    if is_missing { other.unwrap_or_default() } else { value }
}

/// The parts of a list with something between them, as long as a message can be at most: what is put together here is not written
/// yet. A text is no list, though minijinja's own filter takes it for one of its characters.
fn join(value: &Value, between: Option<&str>) -> Result<String, Error> {
    if value.is_undefined() {
        return Ok(String::new());
    }
    if value.kind() != ValueKind::Seq {
        return Err(Error::new(ErrorKind::InvalidOperation, "join takes a list"));
    }
    let mut text = String::new();
    for (n, part) in value.try_iter()?.enumerate() {
        if n > 0 {
            text.push_str(between.unwrap_or_default());
        }
        text.push_str(&part.to_string());
        if text.len() > MESSAGE_BYTES_MAX {
            return Err(Error::new(ErrorKind::InvalidOperation, too_long()));
        }
    }
    Ok(text)
}

/// What is wrong, with the line, and without what stands in the template.
fn told(error: &Error) -> String {
    let what = match error.kind() {
        ErrorKind::OutOfFuel => format!("takes more than {FUEL} steps"),
        kind => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
    };
    error.line().map_or_else(|| what.clone(), |line| format!("line {line}: {what}"))
}

/// A text that does not get longer than a message may be.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MESSAGE_BYTES_MAX {
            self.0.resize(MESSAGE_BYTES_MAX, b' ');
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
