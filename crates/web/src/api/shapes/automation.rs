//! Canned replies and macros.

use desk::{MacroPreview, MacroRun, PlannedMessage};
use domain::{CannedReply, Sharing, TicketField, TicketMacro};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{MessageJson, SharingJson, TicketJson};
use crate::dates::iso;

/// A canned reply, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedReplyRowJson {
    id: String,
    title: String,
    /// Names with `/` between them; empty for none.
    folder: String,
    sharing: SharingJson,
    /// The team's key, where it is shared with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// How many texts were made of it.
    n_used: i64,
    /// When last.
    last_used_at: Option<String>,
    created_at: String,
    updated_at: String,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// A canned reply.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedReplyJson {
    #[serde(flatten)]
    row: CannedReplyRowJson,
    /// A template of Markdown.
    body: String,
}

/// Canned replies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedRepliesJson {
    pub(crate) canned_replies: Vec<CannedReplyRowJson>,
}

/// The text of a canned reply for a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenderedJson {
    /// Markdown, to be sent as it is or changed first.
    pub(crate) body: String,
}

/// A macro.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroJson {
    id: String,
    name: String,
    /// What it does, in this order.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    sharing: SharingJson,
    /// The team's key, where it is shared with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    position: i64,
    /// How often it was run.
    n_used: i64,
    /// When last.
    last_used_at: Option<String>,
    created_at: String,
    updated_at: String,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// Macros.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacrosJson {
    pub(crate) macros: Vec<MacroJson>,
}

/// What actions would do to a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewJson {
    /// The fields that would change.
    changes: Vec<FieldChangeJson>,
    /// What would be written.
    messages: Vec<PlannedMessageJson>,
}

/// A field that would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldChangeJson {
    /// As in a ticket's history.
    field: String,
    from: Option<String>,
    to: Option<String>,
}

/// A message that would be written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlannedMessageJson {
    /// `reply` or `note`.
    kind: &'static str,
    /// Markdown.
    body: String,
}

/// What a macro did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroRunJson {
    /// The ticket after it.
    ticket: TicketJson,
    /// What it wrote.
    messages: Vec<MessageJson>,
}

/// The sharing, and the team's key.
pub(super) fn shared(sharing: &Sharing) -> (SharingJson, Option<String>) {
    match sharing {
        Sharing::Private(_) => (SharingJson::Private, None),
        Sharing::Team(team) => (SharingJson::Team, Some(team.clone())),
        Sharing::Everyone => (SharingJson::Everyone, None),
    }
}

impl CannedReplyRowJson {
    pub(crate) fn new(reply: &CannedReply) -> Self {
        let (sharing, team) = shared(&reply.sharing);
        Self {
            id: reply.id.to_string(),
            title: reply.title.clone(),
            folder: reply.folder.as_str().to_owned(),
            sharing,
            team,
            n_used: reply.usage.n,
            last_used_at: reply.usage.last_at.map(iso),
            created_at: iso(reply.created_at),
            updated_at: iso(reply.updated_at),
            revision: reply.revision,
        }
    }
}

impl CannedReplyJson {
    pub(crate) fn new(reply: &CannedReply) -> Self {
        Self { row: CannedReplyRowJson::new(reply), body: reply.body.clone() }
    }
}

impl MacroJson {
    pub(crate) fn new(of: &TicketMacro) -> Self {
        let (sharing, team) = shared(&of.sharing);
        Self {
            id: of.id.to_string(),
            name: of.name.clone(),
            actions: of.actions.to_json(),
            sharing,
            team,
            position: of.position,
            n_used: of.usage.n,
            last_used_at: of.usage.last_at.map(iso),
            created_at: iso(of.created_at),
            updated_at: iso(of.updated_at),
            revision: of.revision,
        }
    }
}

impl PreviewJson {
    pub(crate) fn of(preview: &MacroPreview) -> Self {
        Self { changes: changes(&preview.changes), messages: messages(&preview.messages) }
    }
}

impl MacroRunJson {
    pub(crate) fn new(run: &MacroRun) -> Self {
        Self {
            ticket: TicketJson::of(&run.ticket),
            messages: run.messages.iter().map(|message| MessageJson::new(message, None, &[])).collect(),
        }
    }
}

/// Fields that would change.
pub(super) fn changes(changes: &[(TicketField, Option<String>, Option<String>)]) -> Vec<FieldChangeJson> {
    let json = changes.iter().map(|(field, from, to)| FieldChangeJson {
        field: field.key().into_owned(),
        from: from.clone(),
        to: to.clone(),
    });
    json.collect()
}

/// Messages that would be written.
pub(super) fn messages(messages: &[PlannedMessage]) -> Vec<PlannedMessageJson> {
    let json = messages
        .iter()
        .map(|message| PlannedMessageJson { kind: message.kind.as_str(), body: message.body.clone() });
    json.collect()
}
