//! What is indexed of a ticket.

use std::collections::BTreeMap;

use domain::{Customer, FieldValue, FieldValues, Ticket};
use tantivy::{TantivyDocument, schema::OwnedValue};

use super::schema::{Fields, key, value_key};

/// Most text of one ticket that is indexed, in bytes: some eighty thousand words. Callers keep the newest.
pub const TICKET_TEXT_BYTES_MAX: usize = 512 << 10;

/// A ticket as the index needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketText {
    /// The ticket.
    pub ticket: Ticket,
    /// Who asked, if known.
    pub customer: Option<Customer>,
    /// What the customer may read: replies, and the conversation it came from.
    pub public: Vec<String>,
    /// What only the team reads.
    pub notes: Vec<String>,
}

pub(super) fn document(fields: &Fields, text: &TicketText) -> TantivyDocument {
    let TicketText { ticket, customer, public, notes } = text;
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, ticket.id.as_str());
    document.add_i64(fields.number, ticket.number);
    document.add_i64(fields.revision, ticket.revision);
    document.add_text(fields.subject, &ticket.subject);
    let email = customer.as_ref().and_then(|customer| customer.email.as_deref());
    let people = customer.iter().map(|customer| customer.name.as_str()).chain(email);
    let readable =
        std::iter::once(ticket.subject.as_str()).chain(people).chain(public.iter().map(String::as_str));
    for part in readable {
        document.add_text(fields.public, part);
        document.add_text(fields.everything, part);
    }
    for part in notes.iter().map(String::as_str).chain(ticket.tags.iter().map(domain::Tag::as_str)) {
        document.add_text(fields.everything, part);
    }
    add_values(&mut document, fields, &ticket.fields);
    if let Some(email) = email {
        document.add_text(fields.email, key(Some(&email.to_lowercase())));
    }
    document.add_text(fields.status, ticket.status.as_str());
    if let Some(status) = &ticket.handling.custom_status {
        document.add_text(fields.custom_status, status);
    }
    document.add_text(fields.priority, ticket.priority.as_str());
    document.add_text(fields.team, &ticket.team);
    document.add_text(fields.assignee, key(ticket.assignee_id.as_ref().map(domain::UserId::as_str)));
    for follower in &ticket.handling.followers {
        document.add_text(fields.follower, key(Some(follower.as_str())));
    }
    if ticket.handling.followers.is_empty() {
        document.add_text(fields.follower, key(None));
    }
    document.add_text(fields.customer, key(ticket.customer_id.as_ref().map(domain::CustomerId::as_str)));
    document.add_text(
        fields.organisation,
        key(ticket.organisation_id.as_ref().map(domain::OrganisationId::as_str)),
    );
    document.add_text(
        fields.conversation,
        key(ticket.conversation_id.as_ref().map(domain::ConversationId::as_str)),
    );
    for tag in &ticket.tags {
        document.add_text(fields.tag, key(Some(tag.as_str())));
    }
    if ticket.tags.is_empty() {
        document.add_text(fields.tag, key(None));
    }
    document.add_text(fields.channel, ticket.channel.as_str());
    document.add_text(fields.locale, ticket.locale.as_str());
    document.add_i64(fields.created, ticket.created_at.0);
    document.add_i64(fields.updated, ticket.updated_at.0);
    if let Some(at) = ticket.solved_at {
        document.add_i64(fields.solved, at.0);
    }
    if let Some(at) = ticket.handling.snoozed_until {
        document.add_i64(fields.snoozed, at.0);
    }
    document.add_text(fields.sla, ticket.handling.sla.standing.as_str());
    if let Some(at) = ticket.handling.sla.due_at {
        document.add_i64(fields.due, at.0);
    }
    document
}

/// The custom fields: as words that the team finds the ticket by, and as what filters compare.
fn add_values(document: &mut TantivyDocument, fields: &Fields, values: &FieldValues) {
    let mut amounts = BTreeMap::new();
    for (field, value) in values {
        match value {
            FieldValue::Text(text) => document.add_text(fields.everything, text),
            // Yes and ids are no words that somebody looks for.
            FieldValue::Checkbox(_) | FieldValue::Customer(_) | FieldValue::Organisation(_) => {}
            value => value.texts().iter().for_each(|text| document.add_text(fields.everything, text)),
        }
        document.add_text(fields.value, value_key(field, None));
        for text in value.texts() {
            document.add_text(fields.value, value_key(field, Some(&text)));
        }
        if let Some(millionths) = value.millionths() {
            amounts.insert(field.clone(), OwnedValue::I64(millionths));
        }
    }
    if !amounts.is_empty() {
        document.add_object(fields.amount, amounts);
    }
}
