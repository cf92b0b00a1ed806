//! Collections and the articles in them.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::Params,
    search::locale,
    shapes::{CollectionShelfJson, CollectionsJson},
};
use crate::{caller::Caller, failure::Failure, state::Web};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CollectionParams {
    /// The locale of the titles.
    locale: Option<String>,
}

/// List collections
///
/// Gives the collections that have something to read, with their articles in order.
#[utoipa::path(
    get, path = "/collections", tag = "Search", params(CollectionParams),
    responses((status = 200, description = "The collections", body = CollectionsJson)),
    extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn list_collections(
    State(web): State<Web>,
    Caller(principal): Caller,
    Params(params): Params<CollectionParams>,
) -> Result<Json<CollectionsJson>, Failure> {
    let locale = locale(params.locale.as_deref())?;
    let shelves = web.desk.collections(&principal, locale.as_ref()).await?;
    Ok(Json(CollectionsJson { collections: shelves.into_iter().map(CollectionShelfJson::from).collect() }))
}
