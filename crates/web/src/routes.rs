//! The route table, grouped by who calls it.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn, from_fn_with_state},
    routing::{get, post},
};
use desk::Desk;
use domain::Door;
use tokio::sync::watch;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::RequestBodyTimeoutLayer,
};

use crate::{
    UndescribedAccess, WebConfig, api, assets, caller::Client, dress, failure::Failure, guard, help, mcp,
    origin, staff, state::Web,
};

/// Largest form of a visitor: a question or a message, whose bytes a form may write as three.
const VISITOR_FORM_BYTES: usize = 3 * domain::MESSAGE_BYTES_MAX;
/// Largest form of the staff area: an article. It is read only once its sender is known.
const STAFF_FORM_BYTES: usize = 3 * domain::BODY_BYTES_MAX;

/// How long a body that has begun may pause before its request is refused; also the longest that half a request holds
/// up the end of the process.
const BODY_PAUSE: Duration = Duration::from_secs(10);

/// Every route of Askwell.
///
/// [`crate::serve()`] serves it: limits are counted by the address that it hands in. Once `stopped` is true, `/readyz`
/// says so and no new answer streams.
///
/// # Errors
/// [`UndescribedAccess`] for an operation of the API that does not say who may do it.
pub fn router(
    desk: Desk,
    config: &WebConfig,
    stopped: watch::Receiver<bool>,
) -> Result<Router, UndescribedAccess> {
    let web = Web::new(desk, config, stopped);
    let through = |door: Door| {
        let told =
            move |client: Client, request: Request, next: Next| origin::through(door, client, request, next);
        from_fn_with_state(web.clone(), told)
    };
    let api = api::router(&web)?;
    let work = Router::new()
        .merge(help_center().layer(through(Door::HelpCenter)))
        .nest("/app", staff_area().layer(through(Door::Staff)))
        .merge(api)
        .merge(models().layer(through(Door::Api)))
        .layer(from_fn(guard::same_site))
        .layer(from_fn(guard::no_nul))
        .layer(from_fn_with_state(web.clone(), guard::bounded))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE));
    let machines = Router::new()
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .route("/assets/{version}/{*name}", get(assets::serve));
    Ok(work
        .merge(machines)
        .fallback(async || Failure::not_found())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(web.clone(), dress::dress))
        .layer(from_fn_with_state(web.clone(), guard::secure))
        .layer(CompressionLayer::new())
        .with_state(web))
}

/// Visitors with a browser.
fn help_center() -> Router<Web> {
    Router::new()
        .route("/", get(help::home))
        .route("/search", get(help::results))
        .route("/c/{collection}", get(help::collection))
        .route("/articles", get(help::others))
        .route("/a/{slug}", get(help::article))
        .route("/a/{slug}/related", get(help::related))
        .route("/a/{slug}/votes", post(help::vote))
        .route("/ask", get(help::ask_page).post(help::ask))
        .route("/ask/log", get(help::ask_log))
        .route("/ask/attachments/{id}/{capability}", get(help::attachment))
        .route("/ask/feedback", post(help::feedback))
        .route("/ask/handoff", post(help::handoff))
        .route("/ask/new", post(help::start_over))
        .route("/robots.txt", get(help::robots))
        .route("/sitemap.xml", get(help::sitemap))
        .route("/llms.txt", get(help::llms))
        .route("/favicon.ico", get(help::favicon))
        .layer(DefaultBodyLimit::max(VISITOR_FORM_BYTES))
}

/// Language models, with a key.
fn models() -> Router<Web> {
    Router::new().route("/mcp", post(mcp::answer))
}

/// The team, signed in.
fn staff_area() -> Router<Web> {
    Router::new()
        .route("/", get(staff::entrance))
        .route("/sign-in", get(staff::sign_in_page).post(staff::sign_in))
        .route("/sign-in/code", get(staff::second_step_page).post(staff::second_step))
        .route("/sign-in/provider", get(staff::provider_sign_in))
        .route("/sign-in/provider/return", get(staff::provider_return))
        .route("/sign-in/link", post(staff::ask_for_link))
        .route("/sign-out", post(staff::sign_out))
        .route("/invite", get(staff::invite_page).post(staff::accept_invite))
        .route("/account", get(staff::account))
        .route("/account/password", post(staff::change_password))
        .route("/account/second-factor", post(staff::begin_second_factor))
        .route("/account/second-factor/confirmation", post(staff::confirm_second_factor))
        .route("/account/second-factor/removal", post(staff::remove_second_factor))
        .route("/account/sessions", post(staff::end_other_sessions))
        .route("/account/sessions/{id}", post(staff::end_session))
        .route("/tickets", get(staff::tickets))
        .route("/tickets/{number}", get(staff::ticket).post(staff::change_ticket))
        .route("/tickets/{number}/messages", post(staff::add_message))
        .route("/tickets/{number}/waiting-replies/{id}/cancellation", post(staff::cancel_reply))
        .route("/tickets/{number}/suggestions", post(staff::suggest))
        .route("/tickets/{number}/suggestions/{id}/dismissal", post(staff::dismiss))
        .route("/reports", get(staff::reports))
        .route("/learning", get(staff::learning).post(staff::learn))
        .route("/learning/choice", post(staff::choose_learned))
        .route("/learning/questions/{id}", post(staff::decide_question))
        .route("/learning/{number}", get(staff::learned))
        .route("/articles", get(staff::articles).post(staff::create_article))
        .route("/articles/new", get(staff::new_article))
        .route("/articles/preview", post(staff::preview))
        .route("/articles/{id}", get(staff::edit_article).post(staff::change_article))
        .route("/articles/{id}/publication", post(staff::change_publication))
        .layer(DefaultBodyLimit::max(STAFF_FORM_BYTES))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over by value")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(message, "a handler panicked");
    axum::response::IntoResponse::into_response(Failure::internal())
}
