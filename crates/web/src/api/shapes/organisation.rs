//! Organisations, notes and segments.

use std::collections::BTreeMap;

use domain::{Author, CustomerSegment, Note, Organisation};
use serde::Serialize;
use utoipa::ToSchema;

use super::CustomerViewJson;
use crate::dates::iso;

/// What customers belong to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationJson {
    id: String,
    name: String,
    /// The domains of its addresses, in order.
    domains: Vec<String>,
    /// Its id in another system.
    external_id: Option<String>,
    /// In order.
    tags: Vec<String>,
    /// The values of custom fields, by key.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, serde_json::Value>,
    created_at: String,
    updated_at: String,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// A page of organisations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationsJson {
    pub(crate) organisations: Vec<OrganisationJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// The notes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotesJson {
    /// The newest first.
    pub(crate) notes: Vec<NoteJson>,
}

/// A note that only the team reads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteJson {
    id: String,
    /// The id of the person or key that wrote it.
    author_id: Option<String>,
    /// Their name then.
    author: Option<String>,
    /// Markdown.
    body: String,
    created_at: String,
}

/// The segments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentsJson {
    pub(crate) segments: Vec<SegmentJson>,
}

/// Customers of whom something is true.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentJson {
    /// What audiences of articles name it by, as in `segment:gold`.
    key: String,
    name: String,
    /// In the filter language for customers.
    filter: String,
    created_at: String,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// A page of the customers of a segment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentCustomersJson {
    pub(crate) customers: Vec<CustomerViewJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
    /// How many there are in all; counting stops at 10,000.
    pub(crate) n: usize,
    /// Whether there are no more.
    pub(crate) is_exact: bool,
}

impl OrganisationJson {
    pub(crate) fn new(organisation: &Organisation) -> Self {
        Self {
            id: organisation.id.to_string(),
            name: organisation.name.clone(),
            domains: organisation.domains.iter().cloned().collect(),
            external_id: organisation.external_id.clone(),
            tags: organisation.tags.iter().map(ToString::to_string).collect(),
            fields: organisation.fields.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
            created_at: iso(organisation.created_at),
            updated_at: iso(organisation.updated_at),
            revision: organisation.revision,
        }
    }
}

impl NoteJson {
    pub(crate) fn new(note: &Note) -> Self {
        let (author_id, author) = match &note.author {
            Author::Agent { id, name } => (Some(id.clone()), Some(name.clone())),
            Author::Customer | Author::Bot | Author::System | Author::Rule { .. } => (None, None),
        };
        Self {
            id: note.id.to_string(),
            author_id,
            author,
            body: note.body.clone(),
            created_at: iso(note.created_at),
        }
    }
}

impl SegmentJson {
    pub(crate) fn new(segment: &CustomerSegment) -> Self {
        Self {
            key: segment.key.clone(),
            name: segment.name.clone(),
            filter: segment.filter.to_string(),
            created_at: iso(segment.created_at),
            revision: segment.revision,
        }
    }
}
