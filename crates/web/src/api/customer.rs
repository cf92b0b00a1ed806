//! Customers: reading, adding, changing, erasing.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use desk::{CustomerChange, Erasure, NewCustomer};
use domain::{CustomerFilter, CustomerId, Locale, OrganisationBy, OrganisationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    identity::NewIdentityJson,
    query::Part,
    revision::{Tagged, etag, if_match},
    shapes::{CountJson, CustomerAloneJson, CustomerViewJson, CustomersJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Which customers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCustomers {
    /// A filter, such as `organisation:"Acme Inc" verified:yes -tag:vip seen>-30d`, or `email:cy@example.org` for one of them.
    filter: Option<String>,
}

/// A customer to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomerViewJson {
    name: Option<String>,
    /// What they are known by; the first address is the one that answers go to.
    #[serde(default)]
    identities: Vec<NewIdentityJson>,
    /// Their language.
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
    /// Where they belong; where their addresses say when absent.
    organisation_id: Option<String>,
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
pub(crate) struct CustomerChangeJson {
    /// Empty for none.
    name: Option<String>,
    /// Their language, or null.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    locale: Option<Option<Locale>>,
    /// Where they belong from now on, or null for nowhere, whatever their addresses say.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    organisation_id: Option<Option<String>>,
    /// `domain`: their addresses say again where they belong. With an `organisation_id` that they do not say it is refused.
    #[schema(value_type = Option<String>)]
    organisation_by: Option<OrganisationBy>,
    /// In place of the old ones.
    tags: Option<Vec<String>>,
    /// New values of custom fields, by key; null takes one away, what is not named stays.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

impl WhichCustomers {
    fn parsed(&self) -> Result<CustomerFilter, Failure> {
        Ok(desk::customer_filter("filter", self.filter.as_deref().unwrap_or_default())?)
    }
}

/// List customers
///
/// In the order of their ids. Who was merged is not listed.
#[utoipa::path(
    get, path = "/customers", tag = "Customers", params(WhichCustomers, Part),
    responses(
        (status = 200, description = "A page of customers", body = CustomersJson),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_customers(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<WhichCustomers>,
    Params(part): Params<Part>,
) -> Result<Json<CustomersJson>, Failure> {
    let limit = part.limit();
    let page = web.desk.list_customers(&principal, which.parsed()?, part.after, limit).await?;
    let customers = page.customers.iter().map(CustomerViewJson::new).collect();
    Ok(Json(CustomersJson { customers, next: page.next }))
}

/// Count customers
///
/// Counting stops at 10,000; then `is_exact` is false.
#[utoipa::path(
    get, path = "/customers/count", tag = "Customers", params(WhichCustomers),
    responses(
        (status = 200, description = "How many there are", body = CountJson),
        (status = 422, description = "No filter, and where it goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn count_customers(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<WhichCustomers>,
) -> Result<Json<CountJson>, Failure> {
    Ok(Json(CountJson::new(web.desk.count_customers(&principal, &which.parsed()?).await?)))
}

/// Add a customer
#[utoipa::path(
    post, path = "/customers", tag = "Customers", request_body = NewCustomerViewJson,
    responses(
        (status = 201, description = "The customer", body = CustomerAloneJson),
        (status = 409, description = "Another customer has one of the identities", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A customer that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn create_customer(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewCustomerViewJson>,
) -> Result<(StatusCode, Tagged<CustomerAloneJson>), Failure> {
    let new = NewCustomer {
        name: new.name,
        identities: new.identities.into_iter().map(Into::into).collect(),
        locale: new.locale,
        organisation: new.organisation_id.map(OrganisationId::new),
        tags: new.tags,
        fields: new.fields,
    };
    let view = web.desk.create_customer(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view)))))
}

/// Read a customer
///
/// The id of who was merged gives who goes on. `ETag` is the revision.
#[utoipa::path(
    get, path = "/customers/{id}", tag = "Customers", params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 200, description = "The customer", body = CustomerAloneJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn get_customer(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<CustomerAloneJson>, Failure> {
    let view = web.desk.read_customer(&principal, &CustomerId::new(id)).await?;
    Ok(([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view))))
}

/// Change a customer
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first. Tickets are found by a new name
/// within seconds.
#[utoipa::path(
    patch, path = "/customers/{id}", tag = "Customers", request_body = CustomerChangeJson,
    params(("id" = String, Path, description = "The customer"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The customer after it", body = CustomerAloneJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "They were changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn change_customer(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<CustomerChangeJson>,
) -> Result<Tagged<CustomerAloneJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    if change.organisation_by == Some(OrganisationBy::Hand) && change.organisation_id.is_none() {
        return Err(Failure::bad_request("organisation_by: only domain; by hand is to send organisation_id"));
    }
    let change = CustomerChange {
        name: change.name,
        locale: change.locale,
        organisation: change.organisation_id.map(|id| id.map(OrganisationId::new)),
        organisation_by: change.organisation_by,
        tags: change.tags,
        fields: change.fields,
    };
    let view = web.desk.change_customer(&principal, &CustomerId::new(id), change, expected_revision).await?;
    Ok(([etag(view.customer.revision)], Json(CustomerAloneJson::new(&view))))
}

/// An erasure that goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureJson {
    /// Tickets and conversations that are still theirs.
    n_left: i64,
}

/// Erase a customer
///
/// Name, identities, notes and words go, everywhere and for ever, those of who was merged into them too; tickets stay with their numbers and times. What takes long goes on by itself:
/// asked again, the same request says how much is left, and 404 when all is done. The key must see every team's tickets.
#[utoipa::path(
    delete, path = "/customers/{id}", tag = "Customers", params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 202, description = "It goes on", body = ErasureJson),
        (status = 204, description = "Nothing is left of them"),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn erase_customer(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(match web.desk.erase_customer(&principal, &CustomerId::new(id)).await? {
        Erasure::Done => StatusCode::NO_CONTENT.into_response(),
        Erasure::GoesOn { n_left } => (StatusCode::ACCEPTED, Json(ErasureJson { n_left })).into_response(),
    })
}
