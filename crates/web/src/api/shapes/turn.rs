//! What is said in a conversation.

use desk::{Asked, Attachments, Reply};
use domain::{
    BotTurn, ClarifyOption, Conversation, ConversationState, Feedback, HandoffReason, Turn, TurnContent,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AttachmentJson, CitationJson};
use crate::{address, dates::iso, markup};

/// What came of a question: the same shape as `askwell ask --json`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskJson {
    #[serde(flatten)]
    said: BotTurnJson,
    /// How it came about; absent when a human is on it and the bot is silent.
    trace_id: Option<String>,
    took_ms: u64,
    /// The bot's turn, for feedback.
    turn_id: Option<String>,
}

/// What the bot says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BotTurnJson {
    /// `answer`, `clarify` or `handoff`.
    kind: &'static str,
    /// Markdown; each sentence of an answer ends with its citation's number in brackets.
    text: String,
    /// What an answer cites, or the articles that were tried before a hand-over.
    citations: Vec<CitationJson>,
    /// Calibrated probability that it helps, 0 to 1: on a site that has learned, that one of the first three articles is right; on
    /// another one, that the help center answers the question at all.
    confidence: f64,
    /// The topics a question back offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionJson>,
    /// Where a hand-over stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    handoff: Option<HandoffJson>,
}

/// A topic to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OptionJson {
    article_id: String,
    slug: String,
    /// What the visitor reads and, when choosing it, says.
    title: String,
    url: String,
}

/// A hand-over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoffJson {
    /// `asked`, `unhelpful`, `abstained`, `policy`, `failure`, or `with_human` when a person is on it already.
    reason: &'static str,
    /// The policy topic, if that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// When the ticket is opened without the visitor doing anything.
    deadline_at: Option<String>,
    /// The ticket, once it is open.
    ticket_number: Option<i64>,
}

/// One utterance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnJson {
    id: String,
    /// Counts from 0.
    ordinal: u32,
    /// `customer`, `bot` or `agent`.
    speaker: &'static str,
    /// Plain text from customers, Markdown from the bot and agents.
    text: String,
    /// What an agent wrote, as HTML that may stand in a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    /// The files of an agent's reply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentJson>,
    /// The agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What the bot said, in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    bot: Option<BotTurnJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// `helpful` or `unhelpful`, once the visitor has said so.
    feedback: Option<&'static str>,
    created_at: String,
}

impl AskJson {
    pub(crate) fn new(asked: &Asked) -> Self {
        let (said, trace_id) = match &asked.reply {
            Reply::Bot { turn, trace_id } => {
                let mut said = BotTurnJson::new(turn);
                said.handoff = HandoffJson::now(said.handoff, &asked.conversation, asked.ticket_number);
                (said, Some(trace_id.to_string()))
            }
            Reply::PassedOn => (BotTurnJson::passed_on(asked.ticket_number), None),
        };
        Self {
            said,
            trace_id,
            took_ms: asked.took_ms,
            turn_id: asked.turn_id.as_ref().map(ToString::to_string),
        }
    }
}

impl BotTurnJson {
    pub(crate) fn new(turn: &BotTurn) -> Self {
        let options = match turn {
            BotTurn::Clarify { options, .. } => options.iter().map(OptionJson::new).collect(),
            BotTurn::Answer { .. } | BotTurn::HandOff { .. } => vec![],
        };
        let handoff = match turn {
            BotTurn::HandOff { reason, .. } => Some(HandoffJson::of(reason)),
            BotTurn::Answer { .. } | BotTurn::Clarify { .. } => None,
        };
        Self {
            kind: turn.kind(),
            text: turn.text(),
            citations: turn.citations().iter().map(CitationJson::new).collect(),
            confidence: turn.confidence(),
            options,
            handoff,
        }
    }

    /// A human is on it: the words went to the ticket.
    fn passed_on(ticket_number: Option<i64>) -> Self {
        Self {
            kind: "handoff",
            text: "Your message was added to your ticket. A person answers here.".to_owned(),
            citations: vec![],
            confidence: 0.0,
            options: vec![],
            handoff: Some(HandoffJson {
                reason: "with_human",
                topic: None,
                deadline_at: None,
                ticket_number,
            }),
        }
    }
}

impl OptionJson {
    fn new(option: &ClarifyOption) -> Self {
        Self {
            article_id: option.article_id.to_string(),
            slug: option.slug.clone(),
            title: option.title.clone(),
            url: address::article(&option.slug),
        }
    }
}

impl HandoffJson {
    /// What the bot decided, and how far that has come.
    fn now(decided: Option<Self>, conversation: &Conversation, ticket_number: Option<i64>) -> Option<Self> {
        match &conversation.state {
            ConversationState::HandingOff { handoff } => Some(Self {
                deadline_at: Some(iso(handoff.deadline_at)),
                ..decided.unwrap_or_else(|| Self::of(&handoff.reason))
            }),
            ConversationState::Ticketed { .. } => decided.map(|decided| Self { ticket_number, ..decided }),
            ConversationState::Bot { .. } | ConversationState::Resolved => decided,
        }
    }

    fn of(reason: &HandoffReason) -> Self {
        let topic = match reason {
            HandoffReason::Policy { topic } => Some(topic.clone()),
            _ => None,
        };
        Self { reason: reason.as_str(), topic, deadline_at: None, ticket_number: None }
    }
}

impl TurnJson {
    pub(crate) fn new(turn: &Turn, attachments: &Attachments) -> Self {
        let mut json = Self {
            id: turn.id.to_string(),
            ordinal: turn.ordinal,
            speaker: "customer",
            text: String::new(),
            html: None,
            attachments: vec![],
            name: None,
            bot: None,
            trace_id: None,
            feedback: turn.feedback.map(|feedback| match feedback {
                Feedback::Helpful => "helpful",
                Feedback::Unhelpful => "unhelpful",
            }),
            created_at: iso(turn.created_at),
        };
        match &turn.content {
            TurnContent::Customer { text } => json.text.clone_from(text),
            TurnContent::Bot { turn: bot, trace_id } => {
                json.speaker = "bot";
                json.text = bot.text();
                json.bot = Some(BotTurnJson::new(bot));
                json.trace_id = Some(trace_id.to_string());
            }
            TurnContent::Agent { name, text, html, message_id, .. } => {
                json.speaker = "agent";
                json.name = Some(name.clone());
                json.html = Some(markup::formatted(text, html.as_deref()).to_string());
                let files = message_id.as_ref().map_or(&[][..], |id| attachments.of(id));
                json.attachments = files.iter().map(AttachmentJson::new).collect();
                json.text.clone_from(text);
            }
        }
        json
    }
}
