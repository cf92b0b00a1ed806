//! Records of Zendesk: what its JSON export, its incremental export and its API write, to ours.
//!
//! <https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/>, read in November 2026. Only what is named here is
//! read; of what is not taken over, records say how much there was.

use std::collections::BTreeMap;

use domain::{MessageKind, Priority, TicketStatus, Timestamp};
use serde_json::{Map, Value};

use super::{
    DESCRIPTION, DateReader, ParsedMessage, ParsedPerson, ParsedTicket, ParsedValue, PersonRef, PersonRole,
    Record, SUBJECT_BYTES_MAX, TICKET_MESSAGES_MAX, clean, zendesk_field,
};
use crate::import::message_markdown;

/// Names of files that are attached to one message, which are kept; the files are not in the export.
const ATTACHMENTS_MAX: usize = 50;
/// Zendesk's own id for what it says itself.
const NOBODY: &str = "-1";

type Fields = Map<String, Value>;

/// Reads a record. `list` is the list in which it stood, `file` the name of its file without folders, both for records that do
/// not say what they are; a file that is called by a number holds the comments of that ticket.
///
/// # Errors
/// Why it cannot be taken.
pub fn zendesk_record(value: &Value, list: Option<&str>, file: &str) -> Result<Record, String> {
    let fields = value.as_object().ok_or("not an object")?;
    match kind_of(fields, list, file) {
        Some("ticket") => ticket(fields),
        Some("user") => person(fields),
        Some("comment") => {
            let of = text(fields, "ticket_id")
                .or_else(|| number_of(file))
                .ok_or("it does not say of which ticket it is")?;
            let mut ignored = Remarks::default();
            Ok(Record::Message(Box::new(message(fields, &clean::external_id(&of)?, &mut ignored)?)))
        }
        Some("group") => Ok(Record::Group {
            external_id: id(fields)?,
            name: text(fields, "name").and_then(|name| clean::name(&name)).ok_or("a group without a name")?,
        }),
        Some("ticket_field") => zendesk_field::field(fields, id(fields)?),
        Some("organization") => Ok(Record::LeftOut("organisations")),
        _ => {
            Err("it is neither a ticket, a user, a group, a field, an organisation nor a comment".to_owned())
        }
    }
}

/// What a record is, as in `ticket`, without reading it; nothing for what is none of ours. As [`zendesk_record`] sees it.
pub fn zendesk_kind(value: &Value, list: Option<&str>, file: &str) -> Option<&'static str> {
    kind_of(value.as_object()?, list, file)
}

/// What a record that cannot be read probably is: by its list and the name of its file.
pub fn zendesk_kind_of_broken(list: Option<&str>, file: &str) -> Option<&'static str> {
    kind_of(&Fields::new(), list, file)
}

/// What a record is: by its list, its address, its parts, and at last the name of its file.
fn kind_of(fields: &Fields, list: Option<&str>, file: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 6] = [
        ("tickets", "ticket"),
        ("users", "user"),
        ("organizations", "organization"),
        ("groups", "group"),
        ("comments", "comment"),
        ("ticket_fields", "ticket_field"),
    ];
    let named =
        |name: &str| KINDS.iter().find(|(list, one)| *list == name || *one == name).map(|(_, one)| *one);
    if let Some(kind) = list.and_then(named) {
        return Some(kind);
    }
    if let Some(kind) = text(fields, "result_type").and_then(|kind| named(&kind)) {
        return Some(kind);
    }
    if let Some(url) = text(fields, "url")
        && let Some((_, path)) = url.split_once("/api/v2/")
        && let Some(kind) = path.split('/').next().and_then(named)
    {
        return Some(kind);
    }
    let has = |name: &str| fields.contains_key(name);
    if has("requester_id") || has("requester") || (has("subject") && has("status")) {
        return Some("ticket");
    }
    if has("author_id") && has("body") {
        return Some("comment");
    }
    if has("role") && (has("email") || has("name")) {
        return Some("user");
    }
    if has("domain_names") {
        return Some("organization");
    }
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem: String = stem.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '_').collect();
    named(stem.trim_end_matches('_'))
}

/// What is found on the way.
#[derive(Default)]
struct Remarks {
    left_out: BTreeMap<&'static str, u64>,
    warnings: Vec<String>,
}

impl Remarks {
    fn leave(&mut self, what: &'static str, n: u64) {
        if n > 0 {
            *self.left_out.entry(what).or_default() += n;
        }
    }
}

fn ticket(fields: &Fields) -> Result<Record, String> {
    let external_id = id(fields)?;
    let word = text(fields, "status").ok_or("it has no status")?;
    let status = match clean::status(&word) {
        Some(Some(status)) => status,
        Some(None) => return Ok(Record::LeftOut("deleted tickets")),
        None => return Err(format!("there is no status {:?}", clean::line(&word, 40))),
    };
    let mut remarks = Remarks::default();
    let created_at = time(fields, "created_at")?.ok_or("it does not say when it was opened")?;
    let updated_at = time(fields, "updated_at")?.unwrap_or(created_at).max(created_at);
    let solved_at = solved_at(fields, status, updated_at)?.map(|at| at.max(created_at));
    let requester = person_ref(fields, "requester", "requester_id");
    let subject =
        ["subject", "raw_subject"].into_iter().find_map(|name| text(fields, name)).unwrap_or_default();
    let all_tags = fields.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (tags, warning) = clean::tags(all_tags.iter().filter_map(Value::as_str));
    remarks.warnings.extend(warning);
    let messages = messages(fields, &external_id, requester.as_ref(), &mut remarks)?;
    let rating =
        fields.get("satisfaction_rating").and_then(|rating| rating.get("score")).and_then(Value::as_str);
    remarks.leave("satisfaction ratings", u64::from(rating.is_some_and(|score| score != "unoffered")));
    for (name, what) in [("problem_id", "links to problems"), ("organization_id", "organisations of tickets")]
    {
        remarks.leave(what, u64::from(fields.get(name).is_some_and(|value| !value.is_null())));
    }
    for (name, what) in [("follower_ids", "followers"), ("email_cc_ids", "people in copy")] {
        remarks.leave(what, fields.get(name).and_then(Value::as_array).map_or(0, |all| all.len() as u64));
    }
    Ok(Record::Ticket(Box::new(ParsedTicket {
        subject: clean::line(&subject, SUBJECT_BYTES_MAX),
        status,
        priority: priority(fields, &mut remarks),
        tags,
        requester,
        assignee: person_ref(fields, "assignee", "assignee_id"),
        team: embedded(fields, "group")
            .and_then(|group| text(group, "name"))
            .or_else(|| text(fields, "group_id")),
        values: values(fields),
        messages,
        created_at,
        updated_at,
        solved_at,
        left_out: remarks.left_out,
        warnings: remarks.warnings,
        external_id,
    })))
}

fn solved_at(
    fields: &Fields,
    status: TicketStatus,
    updated_at: Timestamp,
) -> Result<Option<Timestamp>, String> {
    if !status.is_done() {
        return Ok(None);
    }
    let own = time(fields, "solved_at")?;
    let measured = match embedded(fields, "metric_set") {
        Some(metrics) => time(metrics, "solved_at")?,
        None => None,
    };
    Ok(own.or(measured).or(Some(updated_at)))
}

fn priority(fields: &Fields, remarks: &mut Remarks) -> Priority {
    let Some(word) = text(fields, "priority") else { return Priority::Normal };
    clean::priority(&word).unwrap_or_else(|| {
        remarks.warnings.push(format!("there is no priority {:?}; it is normal now", clean::line(&word, 40)));
        Priority::Normal
    })
}

fn values(fields: &Fields) -> Vec<ParsedValue> {
    let all = ["custom_fields", "fields"].into_iter().find_map(|name| fields.get(name)?.as_array());
    let mut values: Vec<ParsedValue> = all
        .into_iter()
        .flatten()
        .take(zendesk_field::VALUES_MAX)
        .filter_map(|value| {
            let value = value.as_object()?;
            let found = value.get("value").filter(|found| !is_blank(found))?;
            Some(ParsedValue { field: text(value, "id")?, kind: None, value: found.clone() })
        })
        .collect();
    values.sort_by(|a, b| a.field.cmp(&b.field));
    values
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

fn messages(
    fields: &Fields,
    ticket_id: &str,
    requester: Option<&PersonRef>,
    remarks: &mut Remarks,
) -> Result<Vec<ParsedMessage>, String> {
    let comments = fields.get("comments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut messages = Vec::with_capacity(comments.len().min(TICKET_MESSAGES_MAX));
    for (n, comment) in comments.iter().enumerate() {
        if n >= TICKET_MESSAGES_MAX {
            remarks.leave("comments beyond the 5,000th", (comments.len() - n) as u64);
            break;
        }
        let comment = comment.as_object().ok_or("one of its comments is no object")?;
        let mut message =
            message(comment, ticket_id, remarks).map_err(|why| format!("its comment {}: {why}", n + 1))?;
        if let Some(requester) = requester
            && message.author.is_same(requester)
        {
            message.rich = None;
        }
        messages.push(message);
    }
    if messages.is_empty()
        && let Some(description) = text(fields, "description").filter(|text| !text.trim().is_empty())
    {
        let (plain, warning) = clean::body(&description);
        remarks.warnings.extend(warning);
        messages.push(ParsedMessage {
            ticket_id: ticket_id.to_owned(),
            external_id: DESCRIPTION.to_owned(),
            author: requester.cloned().unwrap_or_default(),
            kind: MessageKind::Reply,
            plain,
            rich: None,
            created_at: None,
        });
    }
    Ok(messages)
}

fn message(fields: &Fields, ticket_id: &str, remarks: &mut Remarks) -> Result<ParsedMessage, String> {
    let html = text(fields, "html_body").filter(|html| html.contains('<'));
    let rich = html.as_deref().and_then(message_markdown);
    let plain = ["plain_body", "body"]
        .into_iter()
        .find_map(|name| text(fields, name).filter(|text| !text.trim().is_empty()))
        .map(|text| text.replace("&nbsp;", " "));
    let (mut plain, warning) = clean::body(&plain.or_else(|| rich.clone()).unwrap_or_default());
    remarks.warnings.extend(warning);
    let mut rich = rich.map(|rich| clean::body(&rich).0).filter(|rich| !rich.is_empty() && *rich != plain);
    let attached = attachments(fields);
    remarks.leave("attachments", attached.len() as u64);
    for name in &attached {
        plain.push_str(&format!("\n[attachment: {name}]"));
        if let Some(rich) = &mut rich {
            rich.push_str(&format!(
                "\n\n\\[attachment: {}\\]",
                name.replace(['[', ']', '<', '*', '_', '`'], " ")
            ));
        }
    }
    let author = person_ref(fields, "author", "author_id").unwrap_or_default();
    Ok(ParsedMessage {
        ticket_id: ticket_id.to_owned(),
        external_id: id(fields)?,
        author,
        kind: if fields.get("public").and_then(Value::as_bool).unwrap_or(true) {
            MessageKind::Reply
        } else {
            MessageKind::Note
        },
        plain: plain.trim().to_owned(),
        rich,
        created_at: Some(time(fields, "created_at")?.ok_or("it does not say when it was written")?),
    })
}

fn attachments(fields: &Fields) -> Vec<String> {
    let all = fields.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .take(ATTACHMENTS_MAX)
        .filter_map(|attached| text(attached.as_object()?, "file_name"))
        .filter_map(|name| clean::name(&name))
        .collect()
}

fn person(fields: &Fields) -> Result<Record, String> {
    let who = who(fields);
    if who.external_id.is_none() {
        return Err("it has no id".to_owned());
    }
    Ok(Record::Person(ParsedPerson { who, created_at: time(fields, "created_at")? }))
}

/// Somebody: the record that is embedded, or the id alone.
fn person_ref(fields: &Fields, name: &str, id_name: &str) -> Option<PersonRef> {
    let by_id = text(fields, id_name).filter(|id| id != NOBODY).and_then(|id| clean::external_id(&id).ok());
    match embedded(fields, name) {
        Some(person) => {
            let who = who(person);
            let external_id = who.external_id.clone().or(by_id);
            Some(PersonRef { external_id, ..who })
        }
        None => by_id.map(|id| PersonRef { external_id: Some(id), ..PersonRef::default() }),
    }
}

fn who(fields: &Fields) -> PersonRef {
    let role = text(fields, "role").map(|role| match role.as_str() {
        "end-user" => PersonRole::Customer,
        _ => PersonRole::Agent,
    });
    PersonRef {
        external_id: text(fields, "id").and_then(|id| clean::external_id(&id).ok()),
        email: text(fields, "email").and_then(|email| clean::email(&email)),
        name: text(fields, "name").and_then(|name| clean::name(&name)),
        role,
    }
}

fn embedded<'a>(fields: &'a Fields, name: &str) -> Option<&'a Fields> {
    fields.get(name).and_then(Value::as_object)
}

fn id(fields: &Fields) -> Result<String, String> {
    clean::external_id(&text(fields, "id").ok_or("it has no id")?)
}

/// A text, or a number as one.
pub(super) fn text(fields: &Fields, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A time; one that is there and cannot be read is refused.
fn time(fields: &Fields, name: &str) -> Result<Option<Timestamp>, String> {
    let Some(written) = text(fields, name).filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let read = DateReader::utc().read(&written);
    read.map(Some).ok_or_else(|| format!("{name}: {:?} is no time", clean::line(&written, 60)))
}

/// The number by which a file is called, as in `4711.json`.
fn number_of(file: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    (!stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit())).then(|| stem.to_owned())
}
