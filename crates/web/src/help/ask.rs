//! The ask panel's routes. With scripts they give parts of the page and a stream; without, they redirect to `/ask`.
//!
//! The visitor's token lives in a cookie that scripts cannot read. No conversation exists before something is said.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use desk::{ConversationView, HandoffForm};
use domain::{AttachmentId, ConversationId, Feedback, Locale, Principal, TurnId};
use serde::Deserialize;

use super::{
    log::{AskPanel, FormState, Log, Panel, Tail},
    stream,
};
use crate::{
    caller::Client,
    cookies::Cookie,
    failure::Failure,
    file,
    limits::Spend,
    page::{Shell, pages},
    state::Web,
};

#[derive(Template)]
#[template(path = "help/ask.html")]
pub(crate) struct AskPage {
    shell: Shell,
    panel: AskPanel,
}

pages!(AskPage);

/// The visitor who holds a conversation's token.
pub(crate) struct Visitor {
    pub(crate) principal: Principal,
    pub(crate) id: ConversationId,
    /// Set when the conversation was opened by this request.
    pub(crate) new_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AskQuery {
    #[serde(default)]
    q: String,
    /// Present when "talk to a human" was pressed.
    human: Option<String>,
    /// The number of turns that the page already shows.
    after: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AskForm {
    #[serde(alias = "q")]
    text: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FeedbackForm {
    turn: String,
    feedback: Feedback,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct HumanForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    message: String,
}

/// `GET /ask`
pub(crate) async fn ask_page(
    State(web): State<Web>,
    headers: HeaderMap,
    Query(query): Query<AskQuery>,
) -> Result<AskPage, Failure> {
    let log = current_log(&web, &headers, query.human.is_some()).await?;
    let panel = AskPanel { place: Panel::Page, log, question: query.q };
    Ok(AskPage { shell: Shell::new(&web, "Ask"), panel })
}

/// `GET /ask/log`: the conversation so far, or 204 when the page already shows all of it.
pub(crate) async fn ask_log(
    State(web): State<Web>,
    headers: HeaderMap,
    Query(query): Query<AskQuery>,
) -> Result<Response, Failure> {
    let log = current_log(&web, &headers, query.human.is_some()).await?;
    if query.after == Some(log.n_turns) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(no_store(log))
}

/// `GET /ask/attachments/{id}/{capability}`: a file of a reply in the visitor's own conversation.
pub(crate) async fn attachment(
    State(web): State<Web>,
    headers: HeaderMap,
    Path((id, capability)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let visitor = Visitor::found(&web, &headers).await?.ok_or_else(Failure::not_found)?;
    let found = web.desk.attachment(&visitor.principal, &AttachmentId::new(id), &capability).await?;
    Ok(file::response(found))
}

/// `POST /ask`: as a stream when the page asks for one, else answered on the page that follows.
pub(crate) async fn ask(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<AskForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::Ask)?;
    if form.text.trim().is_empty() {
        return Ok(Redirect::to("/ask").into_response());
    }
    let visitor = Visitor::found_or_new(&web, &headers, None).await?;
    let cookie = visitor.cookie(&web);
    let wants_stream = accepts(&headers, "text/event-stream");
    if wants_stream {
        let answer = stream::answer(web, visitor, form.text)?;
        return Ok((cookie, answer).into_response());
    }
    web.desk.ask(&visitor.principal, &visitor.id, &form.text, None).await?;
    Ok((cookie, Redirect::to("/ask#last")).into_response())
}

/// `POST /ask/feedback`
pub(crate) async fn feedback(
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<FeedbackForm>,
) -> Result<Response, Failure> {
    let visitor = Visitor::found(&web, &headers).await?.ok_or_else(Failure::not_found)?;
    let turn_id = TurnId::new(form.turn);
    let view = web.desk.give_feedback(&visitor.principal, &visitor.id, &turn_id, form.feedback).await?;
    Ok(part_or_page(&web, &headers, &view))
}

/// `POST /ask/handoff`
pub(crate) async fn handoff(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<HumanForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::Ask)?;
    let visitor = Visitor::found_or_new(&web, &headers, None).await?;
    let cookie = visitor.cookie(&web);
    let given = HandoffForm {
        name: Some(form.name.clone()),
        email: Some(form.email.clone()),
        message: Some(form.message.clone()),
    };
    let outcome = web.desk.hand_off(&visitor.principal, &visitor.id, given).await;
    let view = web.desk.conversation(&visitor.principal, &visitor.id).await?;
    match outcome.map_err(Failure::from) {
        Ok(_) => Ok((cookie, part_or_page(&web, &headers, &view)).into_response()),
        Err(failure) if failure.field.is_some() => {
            let mut log = Log::new(&view, true, &web.desk.site().default_locale);
            let HumanForm { name, email, message } = form;
            log.tail.form = FormState { name, email, message, error: Some(failure.detail) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, cookie, part_or(&web, &headers, log)).into_response())
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /ask/new`: forgets the conversation on this device; the desk keeps it.
pub(crate) async fn start_over(State(web): State<Web>, headers: HeaderMap) -> Response {
    let forget = AppendHeaders([(header::SET_COOKIE, Cookie::Conversation.forget(&web))]);
    if wants_part(&headers) {
        return (forget, no_store(Log::empty())).into_response();
    }
    (forget, Redirect::to("/ask")).into_response()
}

impl Visitor {
    pub(crate) async fn found(web: &Web, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let Some(token) = Cookie::Conversation.read(web, headers) else { return Ok(None) };
        Ok(match web.desk.conversation_principal(&token).await? {
            Some(Principal::Visitor { conversation: Some(id) }) => {
                let principal = Principal::Visitor { conversation: Some(id.clone()) };
                Some(Self { principal, id, new_token: None })
            }
            _ => None,
        })
    }

    async fn found_or_new(web: &Web, headers: &HeaderMap, locale: Option<Locale>) -> Result<Self, Failure> {
        if let Some(visitor) = Self::found(web, headers).await? {
            return Ok(visitor);
        }
        let opened = web.desk.start_conversation(locale).await?;
        let id = opened.conversation.id;
        let principal = Principal::Visitor { conversation: Some(id.clone()) };
        Ok(Self { principal, id, new_token: Some(opened.token) })
    }

    fn cookie(&self, web: &Web) -> AppendHeaders<Vec<(header::HeaderName, header::HeaderValue)>> {
        let kept = self.new_token.as_deref().map(|token| Cookie::Conversation.keep(web, token));
        AppendHeaders(kept.map(|value| (header::SET_COOKIE, value)).into_iter().collect())
    }
}

async fn current_log(web: &Web, headers: &HeaderMap, wants_human: bool) -> Result<Log, Failure> {
    match Visitor::found(web, headers).await? {
        Some(visitor) => {
            let view = web.desk.conversation(&visitor.principal, &visitor.id).await?;
            Ok(Log::new(&view, wants_human, &web.desk.site().default_locale))
        }
        None if wants_human => Ok(Log { tail: Tail::offer(), ..Log::empty() }),
        None => Ok(Log::empty()),
    }
}

/// The log for scripts; for everybody else the page that shows it.
fn part_or_page(web: &Web, headers: &HeaderMap, view: &ConversationView) -> Response {
    if wants_part(headers) {
        no_store(Log::new(view, false, &web.desk.site().default_locale))
    } else {
        Redirect::to("/ask#last").into_response()
    }
}

fn part_or(web: &Web, headers: &HeaderMap, log: Log) -> Response {
    if wants_part(headers) {
        return no_store(log);
    }
    let panel = AskPanel { place: Panel::Page, log, question: String::new() };
    AskPage { shell: Shell::new(web, "Ask"), panel }.into_response()
}

fn no_store(log: Log) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], log).into_response()
}

/// Scripts ask for a part of the page with this header, which no form can send.
fn wants_part(headers: &HeaderMap) -> bool {
    headers.get("x-part").is_some_and(|part| part == "log")
}

fn accepts(headers: &HeaderMap, content_type: &str) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains(content_type))
}
