//! Organisations.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{NewOrganisation, OrganisationChange, OrganisationLookup};
use domain::OrganisationId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    query::Part,
    revision::{Tagged, etag, if_match},
    shapes::{OrganisationJson, OrganisationsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// What to look one up by; one of these at most.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichOrganisations {
    /// Its name, to the letter.
    name: Option<String>,
    /// One of its domains.
    domain: Option<String>,
    /// Its id in another system.
    external_id: Option<String>,
}

/// An organisation to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisationJson {
    /// No two have the same.
    name: String,
    /// Who has an address there belongs to it, if it is verified or their only one. A domain where anybody can have an address,
    /// such as gmail.com, is refused.
    #[serde(default)]
    domains: Vec<String>,
    /// Its id in another system.
    external_id: Option<String>,
    /// At most 20, as of tickets.
    #[serde(default)]
    tags: Vec<String>,
    /// Values of custom fields, by key.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationChangeJson {
    name: Option<String>,
    /// In place of the old ones.
    domains: Option<Vec<String>>,
    /// Its id in another system, or null.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    external_id: Option<Option<String>>,
    /// In place of the old ones.
    tags: Option<Vec<String>>,
    /// New values of custom fields, by key; null takes one away, what is not named stays.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

impl WhichOrganisations {
    fn lookup(self) -> Result<OrganisationLookup, Failure> {
        match (self.name, self.domain, self.external_id) {
            (None, None, None) => Ok(OrganisationLookup::Any),
            (Some(name), None, None) => Ok(OrganisationLookup::Name(name)),
            (None, Some(domain), None) => Ok(OrganisationLookup::Domain(domain.to_lowercase())),
            (None, None, Some(id)) => Ok(OrganisationLookup::ExternalId(id)),
            _ => Err(Failure::bad_request("one of name, domain and external_id")),
        }
    }
}

/// List organisations
///
/// In the order of their ids. The customers of one are `GET /customers?filter=organisation:ID`.
#[utoipa::path(
    get, path = "/organisations", tag = "Organisations", params(WhichOrganisations, Part),
    responses(
        (status = 200, description = "A page of organisations", body = OrganisationsJson),
        (status = 422, description = "A place that is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_organisations(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<WhichOrganisations>,
    Params(part): Params<Part>,
) -> Result<Json<OrganisationsJson>, Failure> {
    let limit = part.limit();
    let page = web.desk.list_organisations(&principal, &which.lookup()?, part.after, limit).await?;
    let organisations = page.organisations.iter().map(OrganisationJson::new).collect();
    Ok(Json(OrganisationsJson { organisations, next: page.next }))
}

/// Make an organisation
///
/// Customers whose addresses have its domains belong to it from now on, unless somebody has said otherwise.
#[utoipa::path(
    post, path = "/organisations", tag = "Organisations", request_body = NewOrganisationJson,
    responses(
        (status = 201, description = "The organisation", body = OrganisationJson),
        (status = 409, description = "Another has its name, its external id or a domain", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An organisation that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn create_organisation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewOrganisationJson>,
) -> Result<(StatusCode, Tagged<OrganisationJson>), Failure> {
    let new = NewOrganisation {
        name: new.name,
        domains: new.domains,
        external_id: new.external_id,
        tags: new.tags,
        fields: new.fields,
    };
    let organisation = web.desk.create_organisation(&principal, new).await?;
    let json = OrganisationJson::new(&organisation);
    Ok((StatusCode::CREATED, ([etag(organisation.revision)], Json(json))))
}

/// Read an organisation
#[utoipa::path(
    get, path = "/organisations/{id}", tag = "Organisations", params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 200, description = "The organisation", body = OrganisationJson),
        (status = 404, description = "No such organisation", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn get_organisation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<OrganisationJson>, Failure> {
    let organisation = web.desk.organisation(&principal, &OrganisationId::new(id)).await?;
    Ok(([etag(organisation.revision)], Json(OrganisationJson::new(&organisation))))
}

/// Change an organisation
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/organisations/{id}", tag = "Organisations", request_body = OrganisationChangeJson,
    params(("id" = String, Path, description = "The organisation"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The organisation after it", body = OrganisationJson),
        (status = 404, description = "No such organisation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Another has its name, its external id or a domain", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An organisation that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn change_organisation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<OrganisationChangeJson>,
) -> Result<Tagged<OrganisationJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = OrganisationChange {
        name: change.name,
        domains: change.domains,
        external_id: change.external_id,
        tags: change.tags,
        fields: change.fields,
    };
    let id = OrganisationId::new(id);
    let organisation = web.desk.change_organisation(&principal, &id, change, expected_revision).await?;
    Ok(([etag(organisation.revision)], Json(OrganisationJson::new(&organisation))))
}

/// Delete an organisation
///
/// Only one that has no tickets. Its customers belong nowhere then; the notes on it go.
#[utoipa::path(
    delete, path = "/organisations/{id}", tag = "Organisations", params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such organisation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has tickets", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn delete_organisation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_organisation(&principal, &OrganisationId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
