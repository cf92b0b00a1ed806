//! Lists of tickets: what a filter or a view admits, in pages, and how many there are.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use desk::{TicketList, Within};
use domain::{
    AgentRef, Condition, Field, Filter, Principal, Priority, Tag, TeamRef, TicketGroup, TicketSort,
    TicketStatus, UserId, ViewId,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::Params,
    query::known,
    shapes::{CountJson, TicketJson, TicketsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Tickets on one page where nothing else is asked for.
const TICKETS_DEFAULT: usize = 50;
/// The assignee of tickets that nobody owns.
const NOBODY: &str = "none";

/// The orders and groups that lists have, as refusals say them.
pub(super) const SORTS: &str = "one of created, updated, priority, due, with - before it for the other way";
pub(super) const GROUPS: &str = "one of status, priority, team, assignee";
const STATUSES: &str = "one of new, open, pending, on_hold, solved, closed, or the key of a status";
const PRIORITIES: &str = "one of low, normal, high, urgent";

/// Which tickets. All that is given must be true of a ticket.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// A filter, such as `status:open,pending priority>=high (team:mine or assignee:me) -tag:spam created>-7d`.
    filter: Option<String>,
    /// A view's id: its filter, and its order and groups where no others are asked for.
    view: Option<String>,
    /// `new`, `open`, `pending`, `on_hold`, `solved`, `closed`, or the key of a status of the site's own; short for
    /// `filter=status:…`.
    status: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// The team's key.
    team: Option<String>,
    /// The assignee's id; `none` for tickets of nobody.
    assignee_id: Option<String>,
    /// A tag.
    tag: Option<String>,
}

/// Which part of them, in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// `created`, `updated`, `priority` or, with a filter for unsolved tickets, `due`, with `-` before it for the newest, most urgent or
    /// last due first; `-created` when absent.
    sort: Option<String>,
    /// `status`, `priority`, `team` or `assignee`: each group's tickets come together. Only with a filter for unsolved tickets.
    group_by: Option<String>,
    /// Whether to list the tickets of the archive instead of the others. They are sorted by `created` or `updated`.
    #[serde(default)]
    archived: bool,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

/// List tickets
///
/// The newest first, unless another order is asked for. Tickets of the archive are listed apart: with `archived=true`.
#[utoipa::path(
    get, path = "/tickets", tag = "Tickets", params(Which, Page),
    responses(
        (status = 200, description = "A page of tickets", body = TicketsJson),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_tickets(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<Which>,
    Params(page): Params<Page>,
) -> Result<Json<TicketsJson>, Failure> {
    let sort = known("sort", page.sort.as_deref(), SORTS, TicketSort::parse)?;
    let group_by = known("group_by", page.group_by.as_deref(), GROUPS, TicketGroup::parse)?;
    let asked = which.asked(&web, &principal).await?;
    let list = TicketList {
        within: if page.archived { Within::Archive } else { Within::Desk },
        filter: asked.filter,
        sort: sort.unwrap_or(asked.sort),
        group_by: group_by.or(asked.group_by),
        after: page.after,
        limit: page.limit.unwrap_or(TICKETS_DEFAULT),
    };
    let page = web.desk.list_tickets(&principal, list).await?;
    let tickets = page.rows.iter().map(TicketJson::of);
    Ok(Json(TicketsJson { tickets: tickets.collect(), next: page.next.clone() }))
}

/// Count tickets
///
/// Counting stops at 10,000; then `is_exact` is false.
#[utoipa::path(
    get, path = "/tickets/count", tag = "Tickets", params(Which),
    responses(
        (status = 200, description = "How many there are", body = CountJson),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn count_tickets(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<Which>,
) -> Result<Json<CountJson>, Failure> {
    let asked = which.asked(&web, &principal).await?;
    Ok(Json(CountJson::new(web.desk.count_tickets(&principal, &asked.filter).await?)))
}

/// What was asked for, with a view's order and groups.
pub(super) struct Asked {
    pub(super) filter: Filter,
    sort: TicketSort,
    group_by: Option<TicketGroup>,
}

impl Which {
    pub(super) async fn asked(self, web: &Web, principal: &Principal) -> Result<Asked, Failure> {
        let mut asked = Asked { filter: self.conditions()?, sort: TicketSort::NEWEST, group_by: None };
        if let Some(text) = &self.filter {
            asked.filter = asked.filter.and(desk::filter("filter", text)?);
        }
        if let Some(id) = self.view {
            let view = web.desk.view(principal, &ViewId::new(id)).await?;
            asked = Asked { filter: asked.filter.and(view.filter), sort: view.sort, group_by: view.group_by };
        }
        Ok(asked)
    }

    /// The short forms, as a filter.
    fn conditions(&self) -> Result<Filter, Failure> {
        let mut parts = vec![];
        parts.extend(known("status", self.status.as_deref(), STATUSES, status)?);
        let priority = known("priority", self.priority.as_deref(), PRIORITIES, Priority::parse)?;
        parts.extend(priority.map(|priority| Condition::Priority(BTreeSet::from([priority]))));
        parts.extend(self.team.clone().map(|team| Condition::Team(vec![TeamRef::Key(team)])));
        parts.extend(self.assignee_id.as_deref().map(|id| {
            Condition::Assignee(vec![if id == NOBODY {
                AgentRef::None
            } else {
                AgentRef::Id(UserId::new(id))
            }])
        }));
        let tag = known("tag", self.tag.as_deref(), "a tag", Tag::parse)?;
        parts.extend(tag.map(|tag| Condition::Tag(vec![Some(tag)])));
        Ok(Filter::All(parts.into_iter().map(Filter::Is).collect()))
    }
}

/// A built-in status, or what can be the key of another; the desk knows which there are.
fn status(text: &str) -> Option<Condition> {
    let built_in = TicketStatus::parse(text).map(|status| Condition::Status(BTreeSet::from([status])));
    built_in
        .or_else(|| Field::is_key(text).then(|| Condition::CustomStatus(BTreeSet::from([text.to_owned()]))))
}
