//! Custom fields of tickets, customers and organisations.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{FieldChange, NewField};
use domain::{FieldKind, FieldOf, FieldState, Required};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    query::known,
    revision::{Tagged, etag, if_match},
    shapes::{FieldJson, FieldsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Of what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// `ticket`, `customer` or `organisation`; `ticket` when absent.
    of: Option<String>,
}

impl Of {
    fn parsed(self) -> Result<FieldOf, Failure> {
        let of = known("of", self.of.as_deref(), "one of ticket, customer, organisation", FieldOf::parse)?;
        Ok(of.unwrap_or(FieldOf::Ticket))
    }
}

/// A field to define.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFieldJson {
    /// What has it: `ticket`, `customer` or `organisation`; `ticket` when absent.
    #[schema(value_type = Option<String>)]
    of: Option<FieldOf>,
    /// What filters and programs name it by, as in `field.plan:pro`: a small letter, then small letters, digits and `_`. It
    /// never changes.
    key: String,
    title: String,
    /// `{"type": …}` with its limits: `text`, `long_text`, `number` and `decimal` (`min`, `max`), `date`, `checkbox`, `select`
    /// and `multi_select` (`choices` of `key` and `title`), `regex` (`pattern`), `url`, `customer`, `organisation`. The type never changes.
    #[schema(value_type = Object)]
    kind: FieldKind,
    /// A filter for the tickets or customers that show it; all when absent. Fields of organisations have none.
    show_when: Option<String>,
    /// `never`, or `on_solve`: a ticket that shows it is not solved without a value. `never` when absent.
    #[schema(value_type = Option<String>)]
    required: Option<Required>,
    /// Its place in forms, smaller first; 0 when absent.
    #[serde(default)]
    position: i64,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldChangeJson {
    title: Option<String>,
    /// The same type with other limits or choices. Values that no longer fit stay until they are changed.
    #[schema(value_type = Option<Object>)]
    kind: Option<FieldKind>,
    /// A filter for the tickets or customers that show it; null for all.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    show_when: Option<Option<String>>,
    /// `never` or `on_solve`.
    #[schema(value_type = Option<String>)]
    required: Option<Required>,
    position: Option<i64>,
    /// `active`, or `retired`: it is asked for no more and keeps its values.
    #[schema(value_type = Option<String>)]
    state: Option<FieldState>,
}

/// List custom fields
///
/// By position, those that are retired too.
#[utoipa::path(
    get, path = "/fields", tag = "Fields", params(Of), responses((status = 200, description = "The fields", body = FieldsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_fields(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(of): Params<Of>,
) -> Result<Json<FieldsJson>, Failure> {
    let fields = web.desk.list_fields(&principal, of.parsed()?).await?;
    Ok(Json(FieldsJson { fields: fields.iter().map(FieldJson::new).collect() }))
}

/// Define a custom field
///
/// Tickets, customers or organisations have it from the next request on. Each kind of thing has its own keys.
#[utoipa::path(
    post, path = "/fields", tag = "Fields", request_body = NewFieldJson,
    responses(
        (status = 201, description = "The field", body = FieldJson),
        (status = 409, description = "There is one with this key", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_field(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewFieldJson>,
) -> Result<(StatusCode, Tagged<FieldJson>), Failure> {
    let new = NewField {
        of: new.of.unwrap_or(FieldOf::Ticket),
        key: new.key,
        title: new.title,
        kind: new.kind,
        show_when: new.show_when,
        required: new.required.unwrap_or(Required::Never),
        position: new.position,
    };
    let field = web.desk.create_field(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(field.revision)], Json(FieldJson::new(&field)))))
}

/// Change a custom field
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/fields/{key}", tag = "Fields", request_body = FieldChangeJson,
    params(Of, ("key" = String, Path, description = "The field's key"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The field after it", body = FieldJson),
        (status = 404, description = "No such field", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A field keeps its type", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn change_field(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    Params(of): Params<Of>,
    headers: HeaderMap,
    Body(change): Body<FieldChangeJson>,
) -> Result<Tagged<FieldJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = FieldChange {
        title: change.title,
        kind: change.kind,
        show_when: change.show_when,
        required: change.required,
        position: change.position,
        state: change.state,
    };
    let field = web.desk.change_field(&principal, (of.parsed()?, &key), change, expected_revision).await?;
    Ok(([etag(field.revision)], Json(FieldJson::new(&field))))
}
