//! Segments: customers of whom something is true, under a name.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{NewSegment, SegmentChange};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{Body, Params},
    query::Part,
    revision::{Tagged, etag, if_match},
    shapes::{CustomerViewJson, SegmentCustomersJson, SegmentJson, SegmentsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A segment to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSegmentJson {
    /// What audiences of articles name it by: 1 to 64 of `a-z 0-9 _ -`. It never changes.
    key: String,
    name: String,
    /// In the filter language for customers, such as `organisation:"Acme Inc" verified:yes`.
    filter: String,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentChangeJson {
    name: Option<String>,
    filter: Option<String>,
}

/// List segments
#[utoipa::path(
    get, path = "/segments", tag = "Segments", responses((status = 200, description = "The segments, by key", body = SegmentsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_segments(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<SegmentsJson>, Failure> {
    let segments = web.desk.list_segments(&principal).await?;
    Ok(Json(SegmentsJson { segments: segments.iter().map(SegmentJson::new).collect() }))
}

/// Make a segment
///
/// Who belongs to it is asked anew each time.
#[utoipa::path(
    post, path = "/segments", tag = "Segments", request_body = NewSegmentJson,
    responses(
        (status = 201, description = "The segment", body = SegmentJson),
        (status = 409, description = "There is one with this key", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_segment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewSegmentJson>,
) -> Result<(StatusCode, Tagged<SegmentJson>), Failure> {
    let new = NewSegment { key: new.key, name: new.name, filter: new.filter };
    let segment = web.desk.create_segment(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(segment.revision)], Json(SegmentJson::new(&segment)))))
}

/// Read a segment
#[utoipa::path(
    get, path = "/segments/{key}", tag = "Segments", params(("key" = String, Path, description = "The segment's key")),
    responses(
        (status = 200, description = "The segment", body = SegmentJson),
        (status = 404, description = "No such segment", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn get_segment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
) -> Result<Tagged<SegmentJson>, Failure> {
    let segment = web.desk.segment(&principal, &key).await?;
    Ok(([etag(segment.revision)], Json(SegmentJson::new(&segment))))
}

/// Change a segment
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/segments/{key}", tag = "Segments", request_body = SegmentChangeJson,
    params(("key" = String, Path, description = "The segment's key"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The segment after it", body = SegmentJson),
        (status = 404, description = "No such segment", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn change_segment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    headers: HeaderMap,
    Body(change): Body<SegmentChangeJson>,
) -> Result<Tagged<SegmentJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = SegmentChange { name: change.name, filter: change.filter };
    let segment = web.desk.change_segment(&principal, &key, change, expected_revision).await?;
    Ok(([etag(segment.revision)], Json(SegmentJson::new(&segment))))
}

/// Delete a segment
///
/// Its customers stay. One that an article is for cannot be deleted.
#[utoipa::path(
    delete, path = "/segments/{key}", tag = "Segments", params(("key" = String, Path, description = "The segment's key")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such segment", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "An article is for it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn delete_segment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_segment(&principal, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the customers of a segment
///
/// As they are now, with how many there are; counting stops at 10,000.
#[utoipa::path(
    get, path = "/segments/{key}/customers", tag = "Segments", params(("key" = String, Path, description = "The segment's key"), Part),
    responses(
        (status = 200, description = "A page of customers", body = SegmentCustomersJson),
        (status = 404, description = "No such segment", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A place that is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_segment_customers(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    Params(part): Params<Part>,
) -> Result<Json<SegmentCustomersJson>, Failure> {
    let limit = part.limit();
    let (page, count) = web.desk.segment_customers(&principal, &key, part.after, limit).await?;
    Ok(Json(SegmentCustomersJson {
        customers: page.customers.iter().map(CustomerViewJson::new).collect(),
        next: page.next,
        n: count.n,
        is_exact: count.is_exact,
    }))
}
