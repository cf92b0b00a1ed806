//! What was done to two tickets at once.

use domain::{Author, Deed, Operation};
use serde::Serialize;
use utoipa::ToSchema;

use super::TicketJson;
use crate::dates::iso;

/// Something that was done to two tickets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationJson {
    /// For undoing it.
    id: String,
    /// `merge`, `split`, `link` or `unlink`.
    kind: &'static str,
    /// The ticket at which it was done: the one that was merged, split or linked.
    ticket_id: String,
    /// The other one: what it was merged into, the new one of a split, what it was linked with.
    other_id: String,
    /// The link that was made or taken away; null for a merge or a split.
    link_id: Option<String>,
    /// Who did it, by name.
    by: Option<String>,
    at: String,
    /// Until when it can be undone.
    undo_until: String,
    undone_at: Option<String>,
}

/// What was done, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationsJson {
    pub(crate) operations: Vec<OperationJson>,
}

/// A ticket that was split.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SplitJson {
    pub(crate) operation: OperationJson,
    /// The new ticket.
    pub(crate) ticket: TicketJson,
}

impl OperationJson {
    pub(crate) fn new(operation: &Operation) -> Self {
        Self {
            id: operation.id.to_string(),
            kind: operation.deed.kind(),
            ticket_id: operation.ticket_id.to_string(),
            other_id: operation.other_id.to_string(),
            link_id: match &operation.deed {
                Deed::Link { link } | Deed::Unlink { link } => Some(link.id.to_string()),
                Deed::Merge { .. } | Deed::Split { .. } => None,
            },
            by: match &operation.by {
                Author::Agent { name, .. } => Some(name.clone()),
                Author::Customer | Author::Bot | Author::System | Author::Rule { .. } => None,
            },
            at: iso(operation.at),
            undo_until: iso(operation.undo_until()),
            undone_at: operation.undone_at.map(iso),
        }
    }
}
