//! Views: saved lists of tickets.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{NewView, ShareWith, ViewChange};
use domain::{TicketColumn, TicketGroup, TicketSort, ViewId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    query::known,
    revision::{Tagged, etag, if_match},
    shapes::{SharingJson, ViewJson, ViewsJson},
    ticket_list::{GROUPS, SORTS},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ViewsParams {
    /// `true`: with the number of tickets in each of the first 100 now.
    #[serde(default)]
    counts: bool,
}

/// A view to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewViewJson {
    name: String,
    /// In the filter language.
    filter: String,
    /// `created`, `updated`, `priority` or, with a filter for unsolved tickets, `due`, with `-` before it for the newest, most urgent or
    /// last due first; `-created` when absent.
    sort: Option<String>,
    /// `status`, `priority`, `team` or `assignee`. Only with a filter for unsolved tickets.
    group_by: Option<String>,
    /// `number`, `subject`, `customer`, `status`, `priority`, `team`, `assignee`, `tags`, `locale`, `created`, `updated`,
    /// `solved`; the usual ones when absent.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    columns: Vec<TicketColumn>,
    sharing: SharingJson,
    /// The team's key, to share it with one.
    team: Option<String>,
    /// Its place among the views, smaller first; 0 when absent.
    #[serde(default)]
    position: i64,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewChangeJson {
    name: Option<String>,
    /// In the filter language.
    filter: Option<String>,
    /// `created`, `updated`, `priority` or, with a filter for unsolved tickets, `due`, with `-` before it for the newest, most
    /// urgent or last due first.
    sort: Option<String>,
    /// `status`, `priority`, `team` or `assignee`; null for no groups.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    group_by: Option<Option<String>>,
    /// What is shown of each ticket, in order.
    #[schema(value_type = Option<Vec<String>>)]
    columns: Option<Vec<TicketColumn>>,
    sharing: Option<SharingJson>,
    /// The team's key, to share it with one.
    team: Option<String>,
    position: Option<i64>,
}

/// List views
///
/// Your own, those of your teams, and everybody's, by position.
#[utoipa::path(
    get, path = "/views", tag = "Views", params(ViewsParams),
    responses((status = 200, description = "The views", body = ViewsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_views(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<ViewsParams>,
) -> Result<Json<ViewsJson>, Failure> {
    let views: Vec<ViewJson> = if params.counts {
        let counted = web.desk.count_views(&principal).await?;
        counted.iter().map(|(view, count)| ViewJson::counted(view, *count)).collect()
    } else {
        web.desk.list_views(&principal).await?.iter().map(ViewJson::new).collect()
    };
    Ok(Json(ViewsJson { views }))
}

/// Make a view
///
/// A private one belongs to who is signed in; a key can only share. A team's is made by its members, everybody's by admins.
#[utoipa::path(
    post, path = "/views", tag = "Views", request_body = NewViewJson,
    responses(
        (status = 201, description = "The view", body = ViewJson),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn create_view(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewViewJson>,
) -> Result<(StatusCode, Tagged<ViewJson>), Failure> {
    let new = NewView {
        sort: sort(new.sort.as_deref())?.unwrap_or(TicketSort::NEWEST),
        group_by: group(new.group_by.as_deref())?,
        sharing: share_with(new.sharing, new.team)?,
        name: new.name,
        filter: new.filter,
        columns: new.columns,
        position: new.position,
    };
    let view = web.desk.create_view(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(view.revision)], Json(ViewJson::new(&view)))))
}

/// Read a view
#[utoipa::path(
    get, path = "/views/{id}", tag = "Views", params(("id" = String, Path, description = "The view")),
    responses(
        (status = 200, description = "The view", body = ViewJson),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_view(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<ViewJson>, Failure> {
    let view = web.desk.view(&principal, &ViewId::new(id)).await?;
    Ok(([etag(view.revision)], Json(ViewJson::new(&view))))
}

/// Change a view
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/views/{id}", tag = "Views", request_body = ViewChangeJson,
    params(("id" = String, Path, description = "The view"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The view after it", body = ViewJson),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn change_view(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<ViewChangeJson>,
) -> Result<Tagged<ViewJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let sharing = changed_sharing(change.sharing, change.team)?;
    let change = ViewChange {
        name: change.name,
        filter: change.filter,
        sort: sort(change.sort.as_deref())?,
        group_by: change.group_by.map(|text| group(text.as_deref())).transpose()?,
        columns: change.columns,
        sharing,
        position: change.position,
    };
    let view = web.desk.change_view(&principal, &ViewId::new(id), change, expected_revision).await?;
    Ok(([etag(view.revision)], Json(ViewJson::new(&view))))
}

/// Delete a view
///
/// The tickets in it stay.
#[utoipa::path(
    delete, path = "/views/{id}", tag = "Views", params(("id" = String, Path, description = "The view")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn delete_view(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_view(&principal, &ViewId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn sort(text: Option<&str>) -> Result<Option<TicketSort>, Failure> {
    known("sort", text, SORTS, TicketSort::parse)
}

fn group(text: Option<&str>) -> Result<Option<TicketGroup>, Failure> {
    known("group_by", text, GROUPS, TicketGroup::parse)
}

/// With whom something is shared from now on; nothing where that stays.
pub(super) fn changed_sharing(
    sharing: Option<SharingJson>,
    team: Option<String>,
) -> Result<Option<ShareWith>, Failure> {
    match (sharing, team) {
        (None, None) => Ok(None),
        (sharing, team) => share_with(sharing.unwrap_or(SharingJson::Team), team).map(Some),
    }
}

/// With whom something is shared.
pub(super) fn share_with(sharing: SharingJson, team: Option<String>) -> Result<ShareWith, Failure> {
    match (sharing, team) {
        (SharingJson::Private, None) => Ok(ShareWith::Nobody),
        (SharingJson::Team, Some(team)) => Ok(ShareWith::Team(team)),
        (SharingJson::Everyone, None) => Ok(ShareWith::Everyone),
        (SharingJson::Team, None) => Err(Failure::bad_request("team: name the team to share with")),
        (_, Some(_)) => Err(Failure::bad_request("team: only with sharing: team")),
    }
}
