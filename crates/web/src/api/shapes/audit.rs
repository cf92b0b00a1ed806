//! The audit log.

use domain::AuditEntry;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::dates::iso;

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditJson {
    pub(crate) entries: Vec<AuditEntryJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// Who changed what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntryJson {
    /// Counts from 1 without gaps.
    seq: i64,
    at: String,
    /// The same in milliseconds since 1970, as it is hashed.
    at_ms: i64,
    actor: ActorJson,
    /// Through which door: `api`, `staff`, `help_center`, `command_line` or `worker`.
    door: &'static str,
    /// The network it came from, such as `192.0.2.0/24`; never the whole address.
    network: Option<String>,
    /// What was done, such as `ticket.changed`.
    action: &'static str,
    subject: SubjectJson,
    /// What else there is to say, by ids and keys: for a ticket the fields that changed, each from what to what.
    #[schema(value_type = Object)]
    details: Value,
    /// The hash of the entry before it.
    prev_hash: String,
    /// SHA-256 of the entry together with `prev_hash`.
    hash: String,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorJson {
    /// `person`, `key`, `customer`, `visitor` or `system`.
    kind: &'static str,
    /// Who; of a visitor the conversation.
    id: Option<String>,
    /// What the person or key was called then.
    name: Option<String>,
}

/// What it was done to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubjectJson {
    /// Such as `ticket`, `article` or `key`.
    kind: &'static str,
    /// Its id or key.
    id: Option<String>,
}

impl AuditEntryJson {
    pub(crate) fn new(entry: &AuditEntry) -> Self {
        Self {
            seq: entry.seq,
            at: iso(entry.at),
            at_ms: entry.at.0,
            actor: ActorJson {
                kind: entry.actor.kind.as_str(),
                id: entry.actor.id.clone(),
                name: entry.actor.name.clone(),
            },
            door: entry.origin.door.as_str(),
            network: entry.origin.network.clone(),
            action: entry.action.as_str(),
            subject: SubjectJson { kind: entry.action.subject_kind(), id: entry.subject_id.clone() },
            details: entry.details.clone(),
            prev_hash: entry.prev_hash.clone(),
            hash: entry.hash.clone(),
        }
    }
}
