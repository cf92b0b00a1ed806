//! What happened, as the event stream tells it.

use desk::OutboxEntry;
use domain::Event;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// Something that happened. What it is about is read where it stands: an event only names it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventJson {
    /// Counts from 1 without gaps.
    pub(crate) seq: i64,
    at: String,
    /// `article_published`, `article_unpublished`, `turn_added`, `handoff_requested`, `ticket_opened`, `ticket_changed`,
    /// `ticket_woken`, `ticket_mentioned`, `sla_warned`, `sla_breached`, `customer_changed`, `organisation_changed` or
    /// `bulk_job_changed`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<String>,
    /// Who was mentioned.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Of which promise: `first_reply`, `next_reply` or `resolution`.
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'static str>,
    /// Which bulk job.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    /// How far the bulk job is, as in the job itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

impl EventJson {
    pub(crate) fn new(entry: &OutboxEntry) -> Self {
        let event = Self {
            seq: entry.seq,
            at: iso(entry.at),
            kind: entry.event.kind(),
            article_id: None,
            locale: None,
            conversation_id: None,
            ticket_id: None,
            customer_id: None,
            organisation_id: None,
            user_id: None,
            metric: None,
            job_id: None,
            state: None,
        };
        match &entry.event {
            // Never told.
            Event::TicketsImported { .. } | Event::TicketClocksSet { .. } | Event::CustomerErased { .. } => {
                event
            }
            Event::ArticlePublished { article_id, locale }
            | Event::ArticleUnpublished { article_id, locale } => {
                Self { article_id: Some(article_id.to_string()), locale: Some(locale.to_string()), ..event }
            }
            Event::TurnAdded { conversation_id } | Event::HandoffRequested { conversation_id } => {
                Self { conversation_id: Some(conversation_id.to_string()), ..event }
            }
            Event::TicketOpened { ticket_id }
            | Event::TicketChanged { ticket_id }
            | Event::TicketWoken { ticket_id } => Self { ticket_id: Some(ticket_id.to_string()), ..event },
            Event::CustomerChanged { customer_id } => {
                Self { customer_id: Some(customer_id.to_string()), ..event }
            }
            Event::OrganisationChanged { organisation_id } => {
                Self { organisation_id: Some(organisation_id.to_string()), ..event }
            }
            Event::BulkJobChanged { job_id, state, .. } => {
                Self { job_id: Some(job_id.to_string()), state: Some(state.as_str()), ..event }
            }
            Event::TicketMentioned { ticket_id, user_id } => {
                Self { ticket_id: Some(ticket_id.to_string()), user_id: Some(user_id.to_string()), ..event }
            }
            Event::SlaWarned { ticket_id, metric } | Event::SlaBreached { ticket_id, metric } => {
                Self { ticket_id: Some(ticket_id.to_string()), metric: Some(metric.as_str()), ..event }
            }
        }
    }
}
