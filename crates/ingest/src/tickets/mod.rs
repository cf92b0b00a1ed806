//! Tickets and customers of another system: from CSV and from Zendesk's JSON to records that are ready to be stored.
//!
//! Readers take what they are handed piece by piece, so that no file fills the memory, and whatever is broken costs its own
//! record only.

mod clean;
mod csv;
mod csv_map;
mod date;
mod directory;
mod encoding;
mod json;
mod json_scan;
mod sheet;
#[cfg(test)]
mod tests;
mod zendesk;
mod zendesk_field;

use std::collections::BTreeMap;

use domain::{FieldKind, MessageKind, Priority, Tag, TicketStatus, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::content_hash;

pub use csv::{CELLS_MAX, CsvRow, CsvRows, ROW_BYTES_MAX};
pub use csv_map::{CustomerColumns, CustomerSheet, InvalidMap, SheetMap, TicketColumns, TicketSheet};
pub use date::{DateReader, InvalidDates};
pub use directory::{AGENTS_MAX, Directory};
pub use encoding::{NotText, text_stream};
pub use json::{JsonRecord, JsonRecords, RECORD_BYTES_MAX};
pub use zendesk::{zendesk_kind, zendesk_kind_of_broken, zendesk_record};

/// Longest id of another system, in bytes.
pub const EXTERNAL_ID_BYTES_MAX: usize = 200;
/// Most messages of a ticket that are taken: no ticket of Zendesk has more.
pub const TICKET_MESSAGES_MAX: usize = 5_000;
/// Longest subject, in bytes.
pub(crate) const SUBJECT_BYTES_MAX: usize = 500;
/// Longest name of a person or team, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 200;

/// What a message is called whose text is a ticket's description.
pub const DESCRIPTION: &str = "description";

/// A record of the other system.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Somebody who asks or answers.
    Person(ParsedPerson),
    /// A group of agents.
    Group {
        /// Its id there.
        external_id: String,
        /// Its name.
        name: String,
    },
    /// A custom field.
    Field(ParsedField),
    /// A ticket.
    Ticket(Box<ParsedTicket>),
    /// A message of a ticket that stands elsewhere.
    Message(Box<ParsedMessage>),
    /// Something that is not taken over, by what people call it.
    LeftOut(&'static str),
}

/// What somebody is in the other system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// They ask.
    Customer,
    /// They answer.
    Agent,
}

/// Somebody, as far as a record names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PersonRef {
    /// Their id there.
    pub external_id: Option<String>,
    /// Their address, in small letters; whether it is one, nobody has checked.
    pub email: Option<String>,
    /// Their name, one line.
    pub name: Option<String>,
    /// What they are, where the record says so.
    pub role: Option<PersonRole>,
}

/// Somebody of the other system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParsedPerson {
    /// Who.
    pub who: PersonRef,
    /// Since when they are known there.
    pub created_at: Option<Timestamp>,
}

/// A custom field of the other system.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedField {
    /// Its id there.
    pub external_id: String,
    /// What people call it.
    pub title: String,
    /// What it holds; nothing for what we have no type for.
    pub kind: Option<FieldKind>,
}

/// A value of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParsedValue {
    /// The field: its key or title here, or its id there until a [`Directory`] has been asked.
    pub field: String,
    /// What the field holds there, where that is known.
    pub kind: Option<FieldKind>,
    /// The value, as it was found.
    pub value: Value,
}

/// A ticket of the other system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParsedTicket {
    /// Its id there.
    pub external_id: String,
    /// One line about what it is; may be empty.
    pub subject: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// In order, each once, no more than a ticket may have.
    pub tags: Vec<Tag>,
    /// Who asked.
    pub requester: Option<PersonRef>,
    /// Who owns it.
    pub assignee: Option<PersonRef>,
    /// The team, by name; by its id there until a [`Directory`] has been asked.
    pub team: Option<String>,
    /// Values of custom fields.
    pub values: Vec<ParsedValue>,
    /// What was said, in the order of the file.
    pub messages: Vec<ParsedMessage>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed, not before it was opened.
    pub updated_at: Timestamp,
    /// When it was solved, for one that is done.
    pub solved_at: Option<Timestamp>,
    /// What of it is not taken over, with how often. Not part of the content.
    #[serde(skip)]
    pub left_out: BTreeMap<&'static str, u64>,
    /// What was strange about it. Not part of the content.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Something that was said in a ticket of the other system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParsedMessage {
    /// Of which ticket, by its id there.
    pub ticket_id: String,
    /// Its id there, or [`DESCRIPTION`].
    pub external_id: String,
    /// Who said it.
    pub author: PersonRef,
    /// Who may read it.
    pub kind: MessageKind,
    /// As plain text.
    pub plain: String,
    /// As Markdown, where it had marks.
    pub rich: Option<String>,
    /// When; nothing where only the ticket knows.
    pub created_at: Option<Timestamp>,
}

impl ParsedTicket {
    /// The hash of all that would be stored: two exports of the same ticket have the same.
    pub fn content_hash(&self) -> String {
        hash_of(self)
    }
}

impl ParsedPerson {
    /// The hash of all that would be stored.
    pub fn content_hash(&self) -> String {
        hash_of(self)
    }
}

impl PersonRef {
    /// Whether nothing is known of them.
    pub fn is_nobody(&self) -> bool {
        self.external_id.is_none() && self.email.is_none() && self.name.is_none()
    }

    /// Whether both are the same person as far as ids and addresses tell.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.external_id, &other.external_id) {
            (Some(a), Some(b)) => a == b,
            _ => self.email.is_some() && self.email == other.email,
        }
    }
}

fn hash_of(record: &impl Serialize) -> String {
    content_hash(&serde_json::to_string(record).expect("strings, numbers and lists can be written as JSON"))
}
