//! Views and counts.

use desk::{COUNT_MAX, TicketCount};
use domain::{TicketColumn, TicketGroup, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::automation::shared;
use crate::dates::iso;

/// How many tickets there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountJson {
    /// This many, or 10,000 where there are more.
    n: usize,
    /// Whether there are no more.
    is_exact: bool,
}

impl CountJson {
    pub(crate) fn new(count: TicketCount) -> Self {
        debug_assert!(count.n <= COUNT_MAX);
        Self { n: count.n, is_exact: count.is_exact }
    }
}

/// With whom a view is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SharingJson {
    /// With nobody.
    Private,
    /// With the members of a team.
    Team,
    /// With everybody who may read tickets.
    Everyone,
}

/// A saved list of tickets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViewJson {
    id: String,
    name: String,
    /// In the filter language.
    filter: String,
    /// `created`, `updated` or `priority`, with `-` before it for the newest or most urgent first.
    sort: &'static str,
    /// `status`, `priority`, `team` or `assignee`.
    group_by: Option<&'static str>,
    /// What is shown of each ticket, in order.
    #[schema(value_type = Vec<String>)]
    columns: Vec<TicketColumn>,
    sharing: SharingJson,
    /// The team's key, where it is shared with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    position: i64,
    created_at: String,
    updated_at: String,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
    /// The tickets in it now, where that was asked for; of the first 100 views.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<CountJson>,
}

/// The views.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViewsJson {
    pub(crate) views: Vec<ViewJson>,
}

impl ViewJson {
    pub(crate) fn new(view: &View) -> Self {
        let (sharing, team) = shared(&view.sharing);
        Self {
            id: view.id.to_string(),
            name: view.name.clone(),
            filter: view.filter.to_string(),
            sort: view.sort.as_str(),
            group_by: view.group_by.map(TicketGroup::as_str),
            columns: view.columns.clone(),
            sharing,
            team,
            position: view.position,
            created_at: iso(view.created_at),
            updated_at: iso(view.updated_at),
            revision: view.revision,
            count: None,
        }
    }

    pub(crate) fn counted(view: &View, count: Option<TicketCount>) -> Self {
        Self { count: count.map(CountJson::new), ..Self::new(view) }
    }
}
