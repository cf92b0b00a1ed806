//! Finding tickets by their words.

use axum::{Json, extract::State};
use desk::{DeskError, TicketSearch};
use domain::Scope;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{body::Params, shapes::FoundTicketsJson, ticket_list::Which};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Hits where nothing else is asked for.
const HITS_DEFAULT: usize = 20;
/// Seconds after which trying again makes sense while the index is being built.
const BUILDING_RETRY_S: u32 = 10;

/// What they must say.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Words {
    /// Words that must all match, `"phrases"` that must match to the letter, `#123` for a ticket's number, or a customer's mail
    /// address.
    q: String,
    /// Whether the last word may be unfinished.
    #[serde(default)]
    as_you_type: bool,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 50; 20 when absent.
    limit: Option<usize>,
}

/// Search tickets
///
/// Looks into subjects, replies, notes, transcripts, tags, custom fields, and customers' names and addresses. The best come first, then the
/// newest. What somebody writes is found within two seconds.
#[utoipa::path(
    get, path = "/tickets/search", tag = "Tickets", params(Words, Which),
    responses(
        (status = 200, description = "A page of hits", body = FoundTicketsJson),
        (status = 404, description = "No such view", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 4 KiB of words", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No words, or no filter and where it goes wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The index is being built; try again after `Retry-After`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn search_tickets(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(words): Params<Words>,
    Params(which): Params<Which>,
) -> Result<Json<FoundTicketsJson>, Failure> {
    // Customers have a search of their own at the desk; what this one tells of a ticket is the team's.
    if !principal.may(Scope::TicketsRead) {
        return Err(DeskError::Forbidden.into());
    }
    let search = TicketSearch {
        words: words.q,
        filter: which.asked(&web, &principal).await?.filter,
        as_you_type: words.as_you_type,
        after: words.after,
        limit: words.limit.unwrap_or(HITS_DEFAULT),
    };
    let found = web.desk.search_tickets(&principal, search).await.map_err(not_yet)?;
    Ok(Json(FoundTicketsJson::new(&found)))
}

/// Why a search did not happen. "Nothing found" would be untrue while the index is being built.
pub(crate) fn not_yet(error: DeskError) -> Failure {
    match error {
        DeskError::Busy => Failure {
            detail: "the index of tickets is being built; try again in a moment".to_owned(),
            retry_after_s: Some(BUILDING_RETRY_S),
            ..Failure::busy()
        },
        error => error.into(),
    }
}
