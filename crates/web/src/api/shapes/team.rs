//! Teams.

use desk::TeamRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// The teams.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamsJson {
    pub(crate) teams: Vec<TeamJson>,
}

/// A group of agents who share a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamJson {
    /// What tickets name it by.
    key: String,
    /// What people call it.
    name: String,
    /// The ids of the people in it.
    member_ids: Vec<String>,
    created_at: String,
}

impl TeamJson {
    pub(crate) fn new(row: &TeamRow) -> Self {
        Self {
            key: row.team.key.clone(),
            name: row.team.name.clone(),
            member_ids: row.members.iter().map(ToString::to_string).collect(),
            created_at: iso(row.team.created_at),
        }
    }
}
