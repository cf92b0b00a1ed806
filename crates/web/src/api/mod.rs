//! REST under `/api/v1`, described by OpenAPI at `/api/openapi.json`. Outsiders script against it.

mod access;
mod agent;
mod answers;
mod archive;
mod article;
mod assignment;
mod attachment;
mod audit;
mod body;
mod bulk_job;
mod canned_reply;
mod checklist;
mod collection;
mod conversation;
mod customer;
mod customer_history;
mod customer_merge;
mod delivery;
mod events;
mod field;
mod follower;
pub(crate) mod health;
pub(crate) mod idempotency;
mod identity;
mod key;
mod learning;
mod link;
mod me;
mod mention;
mod merge;
mod note;
mod operation;
mod organisation;
mod query;
mod reference;
pub(crate) mod report;
mod revision;
mod role;
mod rule;
mod schedule;
mod search;
mod second_factor;
mod segment;
mod shapes;
mod sign_in;
mod sla_policy;
mod split;
mod status;
mod stream;
mod suggestion;
mod team;
mod team_routing;
mod ticket;
mod ticket_history;
mod ticket_list;
mod ticket_macro;
pub(crate) mod ticket_search;
mod trace;
mod turn;
mod user;
mod view;
mod waiting_reply;
mod webhook;

pub use access::UndescribedAccess;
pub(crate) use sign_in::asking_browser;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    routing::get,
};
use domain::Door;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::access::Accesses;
use crate::{caller::Client, dress::Problem, failure::Failure, origin, state::Web};

/// Largest body where nothing else is said: a question with room to spare.
const BODY_BYTES: usize = 64 << 10;
/// Largest body of an article: JSON may write each of its bytes as two.
const ARTICLE_BODY_BYTES: usize = 2 * domain::BODY_BYTES_MAX + BODY_BYTES;
/// Largest body of a macro or a rule: its few templates, each of whose bytes JSON may write as two.
const AUTOMATION_BODY_BYTES: usize =
    2 * (domain::ACTION_NOTES_MAX + 1) * domain::TEMPLATE_BYTES_MAX + BODY_BYTES;
/// Largest body of a ticket message.
const MESSAGE_BODY_BYTES: usize = 2 * domain::MESSAGE_BYTES_MAX + BODY_BYTES;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Askwell",
        version = "1",
        description = "A help desk around a knowledge base that answers.\n\nStaff operations take an API key or a person's session, visitors their conversation's token: `Authorization: Bearer`, or the session's cookie from a page of this site. Errors are `application/problem+json` (RFC 9457). Times are RFC 3339 in UTC."
    ),
    components(schemas(Problem)),
    modifiers(&Schemes),
)]
struct Description;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key (askwell key create)."))
            .build();
        let conversation = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The token that opening a conversation gave, for everything about that conversation.",
            ))
            .build();
        if let Some(components) = openapi.components.as_mut() {
            components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
            components.add_security_scheme("conversation", SecurityScheme::Http(conversation));
            let cookie = ApiKeyValue::with_description(
                "askwell_session",
                "The cookie of who has signed in under /app; `__Host-askwell_session` over https. What changes something must come \
                 from a page of this site, as the browser says by Sec-Fetch-Site or Origin.",
            );
            components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        }
    }
}

/// The description of the API, as served at `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    parts().1
}

/// The routes of the API and of its description.
///
/// # Errors
/// [`UndescribedAccess`] for an operation that does not say who may do it.
pub(crate) fn router(web: &Web) -> Result<Router<Web>, UndescribedAccess> {
    let (routes, description) = parts();
    let accesses = Accesses::of(&description)?;
    let reference = reference::Reference::new(&description);
    // The door is innermost: a request with an idempotency key is done in a task of its own. Who may not do it is refused first.
    let through =
        move |client: Client, request: Request, next: Next| origin::through(Door::Api, client, request, next);
    let admit = move |web: State<Web>, path: MatchedPath, client: Client, request: Request, next: Next| {
        access::admit(accesses.clone(), web, path, client, request, next)
    };
    let operations = routes
        .layer(from_fn_with_state(web.clone(), through))
        .layer(from_fn_with_state(web.clone(), idempotency::once))
        .layer(from_fn_with_state(web.clone(), admit));
    Ok(operations
        .route("/api/openapi.json", get(async move || Json(description.clone())))
        .route("/api", get(reference::page))
        .layer(axum::Extension(reference))
        .route("/api/{*rest}", axum::routing::any(async || Failure::not_found())))
}

fn parts() -> (Router<Web>, utoipa::openapi::OpenApi) {
    let (routes, mut description) = described().split_for_parts();
    idempotency::describe(&mut description);
    admit_sessions(&mut description);
    answers::describe(&mut description);
    (routes, description)
}

/// Says of every operation that takes a key for its scope that it takes a person's session too.
fn admit_sessions(description: &mut utoipa::openapi::OpenApi) {
    let session = SecurityRequirement::new("session", Vec::<String>::new());
    for item in description.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete] {
            let Some(operation) = operation else { continue };
            let has_scope =
                operation.extensions.as_ref().is_some_and(|all| all.contains_key(access::REQUIRED_SCOPE));
            if let Some(security) = operation.security.as_mut().filter(|_| has_scope)
                && !security.contains(&session)
            {
                security.push(session.clone());
            }
        }
    }
}

fn described() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", visitors()).nest("/api/v1", staff())
}

/// Visitors: reading, searching, conversations.
fn visitors() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(search::search))
        .routes(routes!(collection::list_collections))
        .routes(routes!(conversation::create_conversation))
        .routes(routes!(conversation::get_conversation))
        .routes(routes!(turn::create_turn))
        .routes(routes!(turn::put_feedback))
        .routes(routes!(conversation::create_handoff))
        .routes(routes!(sign_in::ask_for_link))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// Staff: articles, tickets, traces, keys.
fn staff() -> OpenApiRouter<Web> {
    let articles = OpenApiRouter::new()
        .routes(routes!(article::list_articles, article::create_article))
        .routes(routes!(article::get_article, article::change_article))
        .routes(routes!(article::publish_article, article::unpublish_article))
        .layer(DefaultBodyLimit::max(ARTICLE_BODY_BYTES));
    let tickets = OpenApiRouter::new()
        .routes(routes!(ticket_list::list_tickets, ticket::create_ticket))
        .routes(routes!(ticket_list::count_tickets))
        .routes(routes!(ticket_search::search_tickets))
        .routes(routes!(ticket::get_ticket, ticket::change_ticket))
        .routes(routes!(ticket_history::list_ticket_history))
        .routes(routes!(ticket::create_message))
        .routes(routes!(merge::merge_ticket))
        .routes(routes!(split::split_ticket))
        .routes(routes!(link::create_link))
        .routes(routes!(link::delete_link))
        .routes(routes!(operation::list_operations))
        .routes(routes!(operation::undo_operation))
        .routes(routes!(follower::add_follower, follower::remove_follower))
        .routes(routes!(checklist::set_checklist))
        .routes(routes!(checklist::change_item))
        .routes(routes!(waiting_reply::list_waiting_replies))
        .routes(routes!(waiting_reply::change_waiting_reply, waiting_reply::cancel_waiting_reply))
        .routes(routes!(attachment::create_attachment))
        .routes(routes!(attachment::get_attachment))
        .routes(routes!(archive::unarchive_ticket))
        .routes(routes!(assignment::list_assignments))
        .routes(routes!(assignment::get_ticket_skills, assignment::set_ticket_skills))
        .routes(routes!(suggestion::create_suggestions))
        .routes(routes!(suggestion::put_outcome))
        .layer(DefaultBodyLimit::max(MESSAGE_BODY_BYTES));
    let rest = OpenApiRouter::new()
        .merge(automation())
        .routes(routes!(events::follow_events))
        .merge(customers())
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::export_audit))
        .routes(routes!(report::list_reports))
        .routes(routes!(report::get_report))
        .routes(routes!(report::get_own_report))
        .routes(routes!(trace::get_trace))
        .routes(routes!(trace::create_replay))
        .routes(routes!(learning::list_versions, learning::create_version))
        .routes(routes!(learning::choose_version))
        .routes(routes!(learning::list_questions))
        .routes(routes!(learning::decide_question))
        .routes(routes!(field::list_fields, field::create_field))
        .routes(routes!(field::change_field))
        .routes(routes!(status::list_statuses, status::create_status))
        .routes(routes!(status::change_status))
        .routes(routes!(view::list_views, view::create_view))
        .routes(routes!(view::get_view, view::change_view, view::delete_view))
        .routes(routes!(team::list_teams, team::create_team))
        .routes(routes!(team::change_team, team::delete_team))
        .routes(routes!(team::add_member, team::remove_member))
        .routes(routes!(team_routing::get_team_routing, team_routing::set_team_routing))
        .routes(routes!(schedule::list_schedules, schedule::create_schedule))
        .routes(routes!(schedule::get_schedule, schedule::change_schedule, schedule::delete_schedule))
        .routes(routes!(agent::get_agent_routing))
        .routes(routes!(agent::set_availability))
        .routes(routes!(agent::set_skills))
        .routes(routes!(agent::set_capacity))
        .routes(routes!(agent::set_agent_schedule))
        .routes(routes!(agent::list_absences, agent::create_absence))
        .routes(routes!(agent::delete_absence))
        .routes(routes!(sla_policy::list_policies, sla_policy::create_policy))
        .routes(routes!(sla_policy::order_policies))
        .routes(routes!(sla_policy::change_policy, sla_policy::delete_policy))
        .routes(routes!(key::list_keys, key::create_key))
        .routes(routes!(webhook::list_webhooks, webhook::create_webhook))
        .routes(routes!(webhook::get_webhook, webhook::change_webhook, webhook::delete_webhook))
        .routes(routes!(webhook::replace_secret))
        .routes(routes!(delivery::test_webhook))
        .routes(routes!(delivery::list_deliveries))
        .routes(routes!(delivery::replay_delivery))
        .routes(routes!(key::get_key, key::change_key, key::revoke_key))
        .routes(routes!(key::rotate_key))
        .merge(people())
        .layer(DefaultBodyLimit::max(BODY_BYTES));
    articles.merge(tickets).merge(rest)
}

/// Customers and organisations.
fn customers() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(customer::list_customers, customer::create_customer))
        .routes(routes!(customer::count_customers))
        .routes(routes!(customer_merge::list_duplicates))
        .routes(routes!(customer::get_customer, customer::change_customer, customer::erase_customer))
        .routes(routes!(identity::add_identity))
        .routes(routes!(identity::change_identity, identity::remove_identity))
        .routes(routes!(note::list_customer_notes, note::create_customer_note))
        .routes(routes!(note::delete_customer_note))
        .routes(routes!(customer_history::get_history))
        .routes(routes!(customer_merge::list_merges, customer_merge::create_merge))
        .routes(routes!(customer_merge::undo_merge))
        .routes(routes!(organisation::list_organisations, organisation::create_organisation))
        .routes(routes!(
            organisation::get_organisation,
            organisation::change_organisation,
            organisation::delete_organisation
        ))
        .routes(routes!(note::list_organisation_notes, note::create_organisation_note))
        .routes(routes!(note::delete_organisation_note))
        .routes(routes!(segment::list_segments, segment::create_segment))
        .routes(routes!(segment::get_segment, segment::change_segment, segment::delete_segment))
        .routes(routes!(segment::list_segment_customers))
}

/// What acts on tickets with one click or by itself.
fn automation() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(canned_reply::list_canned_replies, canned_reply::create_canned_reply))
        .routes(routes!(
            canned_reply::get_canned_reply,
            canned_reply::change_canned_reply,
            canned_reply::delete_canned_reply
        ))
        .routes(routes!(canned_reply::render_canned_reply))
        .routes(routes!(ticket_macro::list_macros, ticket_macro::create_macro))
        .routes(routes!(ticket_macro::get_macro, ticket_macro::change_macro, ticket_macro::delete_macro))
        .routes(routes!(ticket_macro::preview_macro))
        .routes(routes!(ticket_macro::run_macro))
        .merge(bulk_jobs())
        .routes(routes!(rule::list_rules, rule::create_rule))
        .routes(routes!(rule::order_rules))
        .routes(routes!(rule::try_rule))
        .routes(routes!(rule::get_rule, rule::change_rule, rule::delete_rule))
        .routes(routes!(rule::try_kept_rule))
        .layer(DefaultBodyLimit::max(AUTOMATION_BODY_BYTES))
}

/// The same actions for many tickets.
fn bulk_jobs() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(bulk_job::list_bulk_jobs, bulk_job::create_bulk_job))
        .routes(routes!(bulk_job::preview_bulk_job))
        .routes(routes!(bulk_job::get_bulk_job))
        .routes(routes!(bulk_job::list_bulk_job_tickets))
        .routes(routes!(bulk_job::cancel_bulk_job))
        .routes(routes!(bulk_job::undo_bulk_job))
}

/// People: oneself, and everybody for admins.
fn people() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(me::get_me))
        .routes(routes!(me::change_password))
        .routes(routes!(second_factor::begin, second_factor::confirm))
        .routes(routes!(second_factor::remove))
        .routes(routes!(second_factor::reset))
        .routes(routes!(mention::list_mentions))
        .routes(routes!(mention::put_read_marks))
        .routes(routes!(mention::put_read_mark, mention::delete_read_mark))
        .routes(routes!(me::list_sessions, me::end_other_sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(role::list_roles, role::create_role))
        .routes(routes!(role::change_role, role::delete_role))
        .routes(routes!(user::list_users, user::create_user))
        .routes(routes!(user::get_user, user::change_user))
        .routes(routes!(user::create_invite))
        .routes(routes!(user::list_sessions, user::end_sessions))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A route that is not described would have nobody who may use it. A router shows its paths only for debugging; that this still
    /// works is checked first.
    #[test]
    fn every_route_is_described() {
        let (routes, description) = parts();
        let shown = format!("{routes:?}");
        let paths: Vec<&str> = shown.split('"').filter(|part| part.starts_with("/api/v1/")).collect();
        assert!(paths.len() >= description.paths.paths.len(), "{} paths are shown", paths.len());
        for path in paths {
            assert!(description.paths.paths.contains_key(path), "{path} is not described");
        }
    }
}
