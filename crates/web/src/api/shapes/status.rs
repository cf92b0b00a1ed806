//! The statuses that tickets can have.

use domain::{Status, StatusState};
use serde::Serialize;
use utoipa::ToSchema;

/// The statuses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusesJson {
    pub(crate) statuses: Vec<StatusJson>,
}

/// A status that tickets can have.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusJson {
    /// What filters and programs name it by.
    key: String,
    /// What agents read.
    name: String,
    /// What customers read.
    customer_name: String,
    /// What it counts as: `new`, `open`, `pending`, `on_hold`, `solved` or `closed`.
    category: &'static str,
    position: i64,
    /// `active`, or `retired`: tickets are not given it any more.
    #[schema(value_type = String)]
    state: StatusState,
    /// Whether its category always has it.
    built_in: bool,
    /// The keys that agents may move a ticket to from here; null for all that the categories allow.
    next: Option<Vec<String>>,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

impl StatusJson {
    pub(crate) fn new(status: &Status) -> Self {
        Self {
            key: status.key.clone(),
            name: status.name.clone(),
            customer_name: status.customer_name.clone(),
            category: status.category.as_str(),
            position: status.position,
            state: status.state,
            built_in: status.is_built_in(),
            next: status.next.as_ref().map(|keys| keys.iter().cloned().collect()),
            revision: status.revision,
        }
    }
}
