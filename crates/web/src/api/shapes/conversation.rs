//! Conversations.

use desk::ConversationView;
use domain::ConversationState;
use serde::Serialize;
use utoipa::ToSchema;

use super::TurnJson;
use crate::dates::iso;

/// A conversation that was just opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenedJson {
    pub(crate) id: String,
    /// The visitor's `Authorization: Bearer`; shown once.
    pub(crate) token: String,
    pub(crate) locale: String,
}

/// A conversation as its visitor sees it. Internal notes are no part of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationJson {
    id: String,
    locale: String,
    /// `bot`, `handing_off`, `ticketed` or `resolved`.
    state: &'static str,
    /// Whether a person has spoken; from then on the bot is silent.
    human_spoke: bool,
    /// When the ticket is opened without the visitor doing anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_at: Option<String>,
    ticket_number: Option<i64>,
    /// Oldest first.
    turns: Vec<TurnJson>,
    created_at: String,
    updated_at: String,
}

/// A hand-over that has become a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandedOffJson {
    pub(crate) ticket_id: String,
    /// What people call the ticket.
    pub(crate) ticket_number: i64,
    pub(crate) conversation: ConversationJson,
}

impl ConversationJson {
    pub(crate) fn new(view: &ConversationView) -> Self {
        let conversation = &view.conversation;
        let (state, human_spoke, deadline_at) = match &conversation.state {
            ConversationState::Bot { .. } => ("bot", false, None),
            ConversationState::HandingOff { handoff } => {
                ("handing_off", false, Some(iso(handoff.deadline_at)))
            }
            ConversationState::Ticketed { human_spoke, .. } => ("ticketed", *human_spoke, None),
            ConversationState::Resolved => ("resolved", false, None),
        };
        Self {
            id: conversation.id.to_string(),
            locale: conversation.locale.to_string(),
            state,
            human_spoke,
            deadline_at,
            ticket_number: view.ticket_number,
            turns: view.turns.iter().map(|turn| TurnJson::new(turn, &view.attachments)).collect(),
            created_at: iso(conversation.created_at),
            updated_at: iso(conversation.updated_at),
        }
    }
}
