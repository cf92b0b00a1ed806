//! Tickets as staff sees them.

use std::collections::BTreeMap;

use desk::{HistoryRow, TicketHistory, TicketRow, TicketSla, TicketView};
use domain::{Attachment, Author, Customer, HandoffReason, Message, Ticket};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AttachmentJson, ChecklistJson, CitationJson, FollowerJson, LinkJson, MergedJson, OrganisationNameJson,
    SuggestionJson, TicketSlaJson, TurnJson, WaitingReplyJson,
};
use crate::{dates::iso, markup};

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketJson {
    id: String,
    /// What people call it.
    number: i64,
    subject: String,
    /// The category: `new`, `open`, `pending`, `on_hold`, `solved` or `closed`.
    status: &'static str,
    /// The status itself, by key; that of the category where it is the built-in one.
    custom_status: String,
    /// `low`, `normal`, `high` or `urgent`.
    priority: &'static str,
    team: String,
    /// In order.
    tags: Vec<String>,
    /// The values of custom fields, by key.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, serde_json::Value>,
    assignee: Option<PersonJson>,
    customer: Option<CustomerJson>,
    /// Where the customer belonged when it was opened, unless somebody changed it since.
    organisation: Option<OrganisationNameJson>,
    conversation_id: Option<String>,
    /// Why the bot handed over: `asked`, `unhelpful`, `abstained`, `policy` or `failure`.
    handoff_reason: Option<&'static str>,
    /// The policy topic, if that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    handoff_topic: Option<String>,
    /// The way by which it came: `chat`, `api`, `agent`, `import`.
    channel: String,
    locale: String,
    /// A few sentences for the agent who opens it.
    summary: String,
    created_at: String,
    updated_at: String,
    solved_at: Option<String>,
    /// When it was closed; null while it is not.
    closed_at: Option<String>,
    /// When an agent first replied.
    first_replied_at: Option<String>,
    /// Until when it is out of the queues; null while it is in them.
    snoozed_until: Option<String>,
    /// The ticket into which it was merged, by id.
    merged_into_id: Option<String>,
    /// The ticket of which it was a part, by id.
    split_from_id: Option<String>,
    /// Who follows it, by id.
    follower_ids: Vec<String>,
    /// Addresses of further people whom it concerns, each put there by an agent.
    cc: Vec<String>,
    /// What is to be done about it.
    checklist: ChecklistJson,
    /// When it went to the archive; null while it is not there.
    archived_at: Option<String>,
    /// How it stands to what customers are promised; empty where no SLA policy holds.
    sla: Vec<TicketSlaJson>,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// A page of tickets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketsJson {
    pub(crate) tickets: Vec<TicketJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// A ticket with everything in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketViewJson {
    #[serde(flatten)]
    ticket: TicketJson,
    /// What was said before and after the hand-over, oldest first.
    transcript: Vec<TurnJson>,
    /// What the bot cited or tried.
    tried: Vec<CitationJson>,
    /// Replies, notes and events, oldest first; those of tickets that were merged into it among them.
    messages: Vec<MessageJson>,
    /// The tickets that were merged into it, those merged first before the others.
    merged: Vec<MergedJson>,
    /// The tickets it is linked with, as far as you see them.
    links: Vec<LinkJson>,
    /// Who follows it, by name.
    followers: Vec<FollowerJson>,
    /// Replies that wait to be sent, the next one first, and those that could not be sent.
    waiting_replies: Vec<WaitingReplyJson>,
    /// What was last changed of it, oldest first: up to 100 changes.
    history: Vec<HistoryJson>,
    /// `after` of `GET /tickets/{id}/history` for what was changed before; null where that is all.
    history_next: Option<String>,
    /// The drafts made so far.
    suggestions: Vec<SuggestionJson>,
}

/// A person of the team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonJson {
    id: String,
    name: String,
}

/// Who asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerJson {
    id: String,
    name: String,
    /// Unverified unless they signed in by it.
    email: Option<String>,
}

/// One entry of a ticket's thread.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageJson {
    id: String,
    /// `reply`, `note` or `event`.
    kind: &'static str,
    /// `customer`, `bot`, `agent`, `system` or `rule`.
    author: &'static str,
    /// The name of the agent or the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Markdown from agents and the bot, plain text from customers.
    body: String,
    /// The same as HTML that may stand in a page.
    html: String,
    attachments: Vec<AttachmentJson>,
    created_at: String,
    /// The number of the merged ticket in which it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<i64>,
}

/// A page of what was changed of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketHistoryJson {
    /// The newest first.
    history: Vec<HistoryJson>,
    /// `after` of the next page; null on the last one.
    next: Option<String>,
}

impl TicketHistoryJson {
    pub(crate) fn new(page: TicketHistory) -> Self {
        Self { history: page.rows.iter().map(HistoryJson::new).collect(), next: page.next }
    }
}

/// A change of one field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryJson {
    at: String,
    /// `customer`, `bot`, `agent`, `system` or `rule`.
    author: &'static str,
    /// The name of the agent or the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `status`, `custom_status`, `priority`, `team`, `assignee`, `customer`, `organisation`, `tags`, `snoozed_until`,
    /// `merged_into`, `merged`, `split`, `links`, `followers`, `cc`, `checklist`, `checklist_required`, or `field.` and the key
    /// of a custom one. `macro`: a macro was run, whose name is in `to`. `rule`: a rule could not do all it says, and why.
    field: String,
    /// What it was: a key, the id of a person or ticket, or tags with commas between; null for nobody or none.
    /// `another ticket` stands for one that you do not see.
    from: Option<String>,
    /// What it is.
    to: Option<String>,
}

impl HistoryJson {
    fn new(row: &HistoryRow) -> Self {
        let (author, name) = author(&row.entry.by);
        Self {
            at: iso(row.entry.at),
            author,
            name,
            field: row.entry.field.key().into_owned(),
            from: row.entry.from.clone(),
            to: row.entry.to.clone(),
        }
    }
}

/// Who it is by, and an agent's name.
fn author(author: &Author) -> (&'static str, Option<String>) {
    match author {
        Author::Customer => ("customer", None),
        Author::Bot => ("bot", None),
        Author::Agent { name, .. } => ("agent", Some(name.clone())),
        Author::System => ("system", None),
        Author::Rule { name, .. } => ("rule", Some(name.clone())),
    }
}

/// The people in a ticket, by name.
#[derive(Clone, Copy)]
struct People<'a> {
    customer: Option<&'a Customer>,
    assignee: Option<&'a str>,
    organisation: Option<&'a str>,
}

impl TicketJson {
    pub(crate) fn of(row: &TicketRow) -> Self {
        let people = People {
            customer: row.customer.as_ref(),
            assignee: row.assignee.as_deref(),
            organisation: row.organisation.as_deref(),
        };
        Self::new(&row.ticket, people, &row.sla)
    }

    fn new(ticket: &Ticket, people: People<'_>, sla: &[TicketSla]) -> Self {
        let People { customer, assignee, organisation } = people;
        let handling = &ticket.handling;
        let handoff_topic = match &ticket.handoff_reason {
            Some(HandoffReason::Policy { topic }) => Some(topic.clone()),
            _ => None,
        };
        Self {
            id: ticket.id.to_string(),
            number: ticket.number,
            subject: ticket.subject.clone(),
            status: ticket.status.as_str(),
            custom_status: ticket.status_key().to_owned(),
            priority: ticket.priority.as_str(),
            team: ticket.team.clone(),
            tags: ticket.tags.iter().map(ToString::to_string).collect(),
            fields: ticket.fields.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
            assignee: ticket
                .assignee_id
                .as_ref()
                .map(|id| PersonJson { id: id.to_string(), name: assignee.unwrap_or_default().to_owned() }),
            customer: customer.map(|customer| CustomerJson {
                id: customer.id.to_string(),
                name: customer.name.clone(),
                email: customer.email.clone(),
            }),
            organisation: ticket.organisation_id.as_ref().map(|id| OrganisationNameJson {
                id: id.to_string(),
                name: organisation.unwrap_or_default().to_owned(),
            }),
            conversation_id: ticket.conversation_id.as_ref().map(ToString::to_string),
            handoff_reason: ticket.handoff_reason.as_ref().map(HandoffReason::as_str),
            handoff_topic,
            channel: ticket.channel.to_string(),
            locale: ticket.locale.to_string(),
            summary: ticket.summary.clone(),
            created_at: iso(ticket.created_at),
            updated_at: iso(ticket.updated_at),
            solved_at: ticket.solved_at.map(iso),
            closed_at: handling.closed_at.map(iso),
            first_replied_at: handling.first_replied_at.map(iso),
            snoozed_until: handling.snoozed_until.map(iso),
            merged_into_id: handling.merged.as_ref().map(|merged| merged.into.to_string()),
            split_from_id: handling.split_from.as_ref().map(ToString::to_string),
            follower_ids: handling.followers.iter().map(ToString::to_string).collect(),
            cc: handling.cc.iter().cloned().collect(),
            checklist: ChecklistJson::new(&handling.checklist),
            archived_at: ticket.archived_at.map(iso),
            sla: sla.iter().map(TicketSlaJson::new).collect(),
            revision: ticket.revision,
        }
    }
}

impl TicketViewJson {
    pub(crate) fn new(view: &TicketView) -> Self {
        Self {
            ticket: TicketJson::new(
                &view.ticket,
                People {
                    customer: view.customer.as_ref(),
                    assignee: view.assignee.as_deref(),
                    organisation: view.organisation.as_deref(),
                },
                &view.sla,
            ),
            transcript: view.turns.iter().map(|turn| TurnJson::new(turn, &view.attachments)).collect(),
            tried: view.tried.iter().map(CitationJson::new).collect(),
            messages: messages(view),
            merged: view.merged.iter().map(|thread| MergedJson::new(thread, &view.attachments)).collect(),
            links: view.links.iter().map(LinkJson::new).collect(),
            followers: view.followers.iter().map(FollowerJson::new).collect(),
            waiting_replies: view
                .waiting
                .iter()
                .map(|reply| WaitingReplyJson::new(reply, view.attachments.of(&reply.id)))
                .collect(),
            history: view.history.iter().map(HistoryJson::new).collect(),
            history_next: view.history_next.clone(),
            suggestions: view.suggestions.iter().map(SuggestionJson::new).collect(),
        }
    }
}

/// The messages of a ticket and of those that were merged into it, in the order of time.
fn messages(view: &TicketView) -> Vec<MessageJson> {
    let own = view.messages.iter().map(|message| (message, None));
    let merged = view
        .merged
        .iter()
        .flat_map(|thread| thread.messages.iter().map(|message| (message, Some(thread.ticket.number))));
    let mut all: Vec<_> = own.chain(merged).collect();
    all.sort_by_key(|(message, _)| (message.created_at, message.id.clone()));
    all.into_iter()
        .map(|(message, from)| MessageJson::new(message, from, view.attachments.of(&message.id)))
        .collect()
}

impl MessageJson {
    pub(crate) fn new(message: &Message, merged_from: Option<i64>, attachments: &[Attachment]) -> Self {
        let (author, name) = author(&message.author);
        Self {
            id: message.id.to_string(),
            kind: message.kind.as_str(),
            author,
            name,
            body: message.body.clone(),
            html: markup::of_message(message).to_string(),
            attachments: attachments.iter().map(AttachmentJson::new).collect(),
            created_at: iso(message.created_at),
            merged_from,
        }
    }
}
