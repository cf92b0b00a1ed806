//! Searching articles.

use axum::{Json, extract::State};
use desk::{Recording, SearchQuery};
use domain::{Locale, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{body::Params, shapes::SearchJson};
use crate::{
    caller::{Caller, Client},
    dress::Problem,
    failure::Failure,
    limits::Spend,
    state::Web,
};

/// Hits where nothing else is asked for.
const HITS_DEFAULT: usize = 10;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// What to search for.
    #[serde(alias = "query")]
    q: String,
    /// The asker's locale, such as `en` or `pt-BR`; found out from the query when absent.
    locale: Option<String>,
    /// At most this many hits, up to 50.
    limit: Option<usize>,
    /// Only articles of this collection, by slug.
    collection: Option<String>,
    /// Whether the last word may be unfinished.
    #[serde(default)]
    as_you_type: bool,
}

/// Search articles
///
/// Gives the articles that the caller may read, best first, each at most once. Without a key these are the public ones.
/// A key with `tickets:read` sees what led to each hit, the solved tickets among it.
#[utoipa::path(
    get, path = "/search", tag = "Search", params(SearchParams),
    responses(
        (status = 200, description = "The hits", body = SearchJson),
        (status = 422, description = "An empty query", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many searches from this address", body = Problem, content_type = "application/problem+json"),
    ),
    extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn search(
    State(web): State<Web>,
    client: Client,
    Caller(principal): Caller,
    Params(params): Params<SearchParams>,
) -> Result<Json<SearchJson>, Failure> {
    client.spend(&web, &principal, Spend::Search)?;
    let query = SearchQuery {
        query: params.q,
        locale: locale(params.locale.as_deref())?,
        limit: params.limit.unwrap_or(HITS_DEFAULT),
        as_you_type: params.as_you_type,
        collection: params.collection,
        recording: Recording::Skip,
    };
    let found = web.desk.search(&principal, query).await?;
    let explains = principal.may(Scope::TicketsRead);
    Ok(Json(if explains { SearchJson::explained(&found) } else { SearchJson::new(&found) }))
}

/// A locale from outside.
pub(crate) fn locale(tag: Option<&str>) -> Result<Option<Locale>, Failure> {
    tag.map(|tag| Locale::parse(tag).map_err(|error| Failure::bad_request(error.to_string()))).transpose()
}
