//! How a ticket is handled: checklist, links, what was merged into it, who follows it.

use desk::{Attachments, LinkRow, MergedThread};
use domain::{Checklist, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::TurnJson;
use crate::dates::iso;

/// What is to be done about a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChecklistJson {
    /// `never`, or `on_solve`: the ticket is not solved or closed before all items are done.
    required: &'static str,
    /// In the order in which they are to be done.
    items: Vec<ChecklistItemJson>,
}

/// One thing to be done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChecklistItemJson {
    id: String,
    text: String,
    done: bool,
    /// When it was done.
    done_at: Option<String>,
    /// Who did it, by name.
    done_by: Option<String>,
}

impl ChecklistJson {
    pub(crate) fn new(checklist: &Checklist) -> Self {
        let items = checklist.items.iter().map(|item| ChecklistItemJson {
            id: item.id.clone(),
            text: item.text.clone(),
            done: item.done.is_some(),
            done_at: item.done.as_ref().map(|done| iso(done.at)),
            done_by: item.done.as_ref().map(|done| done.by.clone()),
        });
        Self { required: checklist.required.as_str(), items: items.collect() }
    }
}

/// A ticket that another one is linked with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkJson {
    id: String,
    /// What the ticket named here is to the one at hand: its `parent`, a `child`, `related`, what it is a `duplicate_of`, or a
    /// `duplicate` of it.
    kind: &'static str,
    ticket_id: String,
    number: i64,
    subject: String,
    /// Its category, as of a ticket.
    status: &'static str,
    created_at: String,
}

impl LinkJson {
    pub(crate) fn new(row: &LinkRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.end.as_str(),
            ticket_id: row.ticket.id.to_string(),
            number: row.ticket.number,
            subject: row.ticket.subject.clone(),
            status: row.ticket.status.as_str(),
            created_at: iso(row.at),
        }
    }
}

/// A ticket that was merged into another one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergedJson {
    ticket_id: String,
    number: i64,
    subject: String,
    /// Who reads in the one what was said in the other: `shared`, the customer of both; `internal`, the team alone.
    sight: &'static str,
    merged_at: Option<String>,
    /// What was said in its conversation, oldest first.
    transcript: Vec<TurnJson>,
}

impl MergedJson {
    pub(crate) fn new(thread: &MergedThread, files: &Attachments) -> Self {
        Self {
            ticket_id: thread.ticket.id.to_string(),
            number: thread.ticket.number,
            subject: thread.ticket.subject.clone(),
            sight: thread.sight.as_str(),
            merged_at: thread.ticket.handling.merged.as_ref().map(|merged| iso(merged.at)),
            transcript: thread.turns.iter().map(|turn| TurnJson::new(turn, files)).collect(),
        }
    }
}

/// A person who follows a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowerJson {
    id: String,
    name: String,
}

impl FollowerJson {
    pub(crate) fn new(user: &User) -> Self {
        Self { id: user.id.to_string(), name: user.name.clone() }
    }
}
