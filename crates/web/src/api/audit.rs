//! The audit log: read in pages, or whole as a file.

use std::convert::Infallible;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use desk::{AUDIT_CSV_HEAD, AUDIT_PER_PAGE_MAX, AuditOrder, AuditPage, AuditQuery};
use domain::{AuditEntry, Timestamp};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use super::{
    body::Params,
    query::known,
    shapes::{AuditEntryJson, AuditJson},
};
use crate::{
    caller::{Bearer, Credential},
    dress::Problem,
    failure::Failure,
    state::Web,
};

/// Entries on one page where nothing else is asked for.
const ENTRIES_DEFAULT: usize = 50;
/// Entries on one page, at most.
const ENTRIES_MAX: usize = 100;
/// Pages that wait for a slow reader.
const PAGES_WAITING: usize = 2;

/// Which entries. All that is given must be true of an entry.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditWhich {
    /// By whom: the id of a person, key, customer or conversation.
    actor: Option<String>,
    /// An action such as `ticket.changed`, or how it begins: `ticket.` for all that is done to tickets.
    action: Option<String>,
    /// To what: `ticket:ID`, or an id or key alone.
    subject: Option<String>,
    /// From this time on, in RFC 3339 or as a date.
    from: Option<String>,
    /// Before this time.
    to: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditPart {
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditFile {
    /// `jsonl` or `csv`; `jsonl` when absent.
    format: Option<String>,
}

/// Read the audit log
///
/// Who changed what, newest first. The key must see every team's tickets.
#[utoipa::path(
    get, path = "/audit", tag = "Audit log", params(AuditWhich, AuditPart),
    responses(
        (status = 200, description = "A page of entries", body = AuditJson),
        (status = 400, description = "No such time, or no such place", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such action", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn list_audit(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(which): Params<AuditWhich>,
    Params(part): Params<AuditPart>,
) -> Result<Json<AuditJson>, Failure> {
    let seq = |text: &str| text.parse::<i64>().ok().filter(|seq| *seq > 0);
    let after = known("after", part.after.as_deref(), "next of the page before", seq)?;
    let limit = part.limit.unwrap_or(ENTRIES_DEFAULT).clamp(1, ENTRIES_MAX);
    let query = AuditQuery { after, limit, ..which.query()? };
    let page = web.desk.list_audit(&principal, query).await?;
    Ok(Json(AuditJson {
        entries: page.entries.iter().map(AuditEntryJson::new).collect(),
        next: page.next.map(|seq| seq.to_string()),
    }))
}

/// Export the audit log
///
/// Oldest first, as lines of JSON or as CSV, however many there are. A cell of CSV that a spreadsheet would take for a formula has
/// an apostrophe in front. The file ends early when the key or the session does.
#[utoipa::path(
    get, path = "/audit/export", tag = "Audit log", params(AuditWhich, AuditFile),
    responses(
        (status = 200, description = "The entries, one a line; CSV with a line of names before", content(
            (AuditEntryJson = "application/jsonl"), (String = "text/csv")
        )),
        (status = 400, description = "No such time or format", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such action", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn export_audit(
    State(web): State<Web>,
    headers: HeaderMap,
    Params(which): Params<AuditWhich>,
    Params(file): Params<AuditFile>,
) -> Result<Response, Failure> {
    let (head, line, kind, name): (&str, fn(&AuditEntry) -> String, _, _) = match file.format.as_deref() {
        None | Some("jsonl") => ("", json_line, "application/jsonl", "audit.jsonl"),
        Some("csv") => {
            (AUDIT_CSV_HEAD, desk::audit_csv_line, "text/csv; charset=utf-8; header=present", "audit.csv")
        }
        Some(_) => return Err(Failure::unreadable("format", "one of jsonl, csv")),
    };
    let query = AuditQuery { order: AuditOrder::OldestFirst, limit: AUDIT_PER_PAGE_MAX, ..which.query()? };
    let credential = Credential::of(&web, &Method::GET, &headers)?.ok_or_else(Failure::unauthorized)?;
    let principal = credential.principal(&web).await?;
    let permit = web.stream_permit()?;
    // The first page is read before anything is answered: what is wrong with the request has a status.
    let first = web.desk.list_audit(&principal, query.clone()).await?;
    let (out, pages) = mpsc::channel::<Result<Bytes, Infallible>>(PAGES_WAITING);
    tokio::spawn(async move {
        let _permit = permit;
        if out.send(Ok(Bytes::from_static(head.as_bytes()))).await.is_ok() {
            send_pages(&web, &credential, query, first, line, &out).await;
        }
    });
    let attachment = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, attachment)];
    Ok((headers, Body::from_stream(ReceiverStream::new(pages))).into_response())
}

async fn send_pages(
    web: &Web,
    credential: &Credential,
    query: AuditQuery,
    first: AuditPage,
    line: fn(&AuditEntry) -> String,
    out: &mpsc::Sender<Result<Bytes, Infallible>>,
) {
    let mut page = first;
    loop {
        let text: String = page.entries.iter().map(line).collect();
        if out.send(Ok(Bytes::from(text))).await.is_err() || web.is_stopping() {
            return;
        }
        let Some(after) = page.next else { return };
        // A key that was revoked or has expired, or a session that has ended, is told nothing more.
        let Ok(principal) = credential.principal(web).await else { return };
        let query = AuditQuery { after: Some(after), ..query.clone() };
        page = match web.desk.list_audit(&principal, query).await {
            Ok(page) => page,
            Err(error) => {
                // The file ends early, which its last sequence shows.
                tracing::error!(error = &error as &dyn std::error::Error, "cannot export the audit log");
                return;
            }
        };
    }
}

fn json_line(entry: &AuditEntry) -> String {
    format!("{}\n", desk::audit_json(entry))
}

impl AuditWhich {
    fn query(self) -> Result<AuditQuery, Failure> {
        let time = |name: &'static str, text: Option<String>| {
            known(name, text.as_deref(), "a time such as 2026-01-31T12:00:00Z, or a date", Timestamp::parse)
        };
        Ok(AuditQuery {
            from: time("from", self.from)?,
            to: time("to", self.to)?,
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            ..AuditQuery::default()
        })
    }
}
