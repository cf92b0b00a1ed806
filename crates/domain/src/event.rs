//! What happened: entries of the change log that indexes follow, and of the outbox that others follow.

use serde::{Deserialize, Serialize};

use crate::{
    ArticleId, BulkJobId, BulkJobState, ConversationId, CustomerId, ImportBatchId, Locale, OrganisationId,
    Scope, SlaMetric, TicketId, Timestamp, UserId, Writer,
};

/// One entry of the change log. Indexes read it in order and apply each entry from the database's present state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Counts from 1 without gaps, in commit order.
    pub seq: i64,
    /// The article whose readable text changed, appeared or went.
    pub article_id: ArticleId,
    /// In which locale.
    pub locale: Locale,
    /// When.
    pub at: Timestamp,
}

/// An event of the outbox, written in the transaction of the change that it tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// A version became readable.
    ArticlePublished {
        /// Which article.
        article_id: ArticleId,
        /// In which locale.
        locale: Locale,
    },
    /// A translation is no longer readable.
    ArticleUnpublished {
        /// Which article.
        article_id: ArticleId,
        /// In which locale.
        locale: Locale,
    },
    /// Somebody said something.
    TurnAdded {
        /// In which conversation.
        conversation_id: ConversationId,
    },
    /// The bot decided to hand over.
    HandoffRequested {
        /// Which conversation.
        conversation_id: ConversationId,
    },
    /// A ticket was opened.
    TicketOpened {
        /// Which one.
        ticket_id: TicketId,
    },
    /// A ticket changed.
    TicketChanged {
        /// Which one.
        ticket_id: TicketId,
    },
    /// A ticket that was snoozed is back in the queues because its time has come.
    TicketWoken {
        /// Which one.
        ticket_id: TicketId,
    },
    /// Tickets were imported, or taken over anew. It is for Askwell's own indexes: what happened elsewhere is told to nobody.
    TicketsImported {
        /// Which batch of which import.
        batch_id: ImportBatchId,
    },
    /// The clocks of a ticket read otherwise, as a policy or its hours changed. It is for Askwell's own indexes: nothing happened to
    /// the ticket.
    TicketClocksSet {
        /// Which one.
        ticket_id: TicketId,
    },
    /// Somebody was named in a note.
    TicketMentioned {
        /// Of which ticket.
        ticket_id: TicketId,
        /// Who.
        user_id: UserId,
    },
    /// The time that a customer is promised is nearly over.
    SlaWarned {
        /// Of which ticket.
        ticket_id: TicketId,
        /// Which promise.
        metric: SlaMetric,
    },
    /// A promise was not kept.
    SlaBreached {
        /// Of which ticket.
        ticket_id: TicketId,
        /// Which promise.
        metric: SlaMetric,
    },
    /// A customer was added by the team, changed, merged or merged no more: what they are called, how they are reached, where they belong.
    CustomerChanged {
        /// Which one.
        customer_id: CustomerId,
    },
    /// A customer was erased, with all that stood of them. It is for Askwell's own indexes, whose files held their words.
    CustomerErased {
        /// Who it was; the id leads to nobody.
        customer_id: CustomerId,
    },
    /// An organisation was made, changed or deleted.
    OrganisationChanged {
        /// Which one.
        organisation_id: OrganisationId,
    },
    /// A bulk job began, went on, or ended. Who made it hears of it, nobody else.
    BulkJobChanged {
        /// Which one.
        job_id: BulkJobId,
        /// Whose it is.
        writer: Writer,
        /// How far it is.
        state: BulkJobState,
    },
}

impl Event {
    /// Every kind of event that is told, as programs name them.
    pub const KINDS: [&str; 13] = [
        "article_published",
        "article_unpublished",
        "turn_added",
        "handoff_requested",
        "ticket_opened",
        "ticket_changed",
        "ticket_woken",
        "ticket_mentioned",
        "sla_warned",
        "sla_breached",
        "customer_changed",
        "organisation_changed",
        "bulk_job_changed",
    ];
    /// The kinds of which one person or key alone hears: they are told by a stream, and to no webhook.
    pub const OWN_KINDS: [&str; 1] = ["bulk_job_changed"];

    /// What kind of event it is, as programs name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ArticlePublished { .. } => "article_published",
            Self::ArticleUnpublished { .. } => "article_unpublished",
            Self::TurnAdded { .. } => "turn_added",
            Self::HandoffRequested { .. } => "handoff_requested",
            Self::TicketOpened { .. } => "ticket_opened",
            Self::TicketChanged { .. } => "ticket_changed",
            Self::TicketWoken { .. } => "ticket_woken",
            Self::TicketsImported { .. } => "tickets_imported",
            Self::TicketClocksSet { .. } => "ticket_clocks_set",
            Self::TicketMentioned { .. } => "ticket_mentioned",
            Self::SlaWarned { .. } => "sla_warned",
            Self::SlaBreached { .. } => "sla_breached",
            Self::CustomerChanged { .. } => "customer_changed",
            Self::CustomerErased { .. } => "customer_erased",
            Self::OrganisationChanged { .. } => "organisation_changed",
            Self::BulkJobChanged { .. } => "bulk_job_changed",
        }
    }

    /// Who alone hears of it; nothing for what everybody hears of who may.
    pub fn only_for(&self) -> Option<&Writer> {
        match self {
            Self::BulkJobChanged { writer, .. } => Some(writer),
            _ => None,
        }
    }

    /// Whether anybody outside hears of it, by a stream or a webhook.
    pub fn is_told(&self) -> bool {
        !matches!(
            self,
            Self::TicketsImported { .. } | Self::TicketClocksSet { .. } | Self::CustomerErased { .. }
        )
    }

    /// What it is about. Who hears of several events of one subject hears of them in order.
    pub fn subject(&self) -> String {
        match self {
            Self::ArticlePublished { article_id, .. } | Self::ArticleUnpublished { article_id, .. } => {
                format!("article:{article_id}")
            }
            Self::TurnAdded { conversation_id } | Self::HandoffRequested { conversation_id } => {
                format!("conversation:{conversation_id}")
            }
            Self::TicketOpened { ticket_id }
            | Self::TicketChanged { ticket_id }
            | Self::TicketWoken { ticket_id }
            | Self::TicketClocksSet { ticket_id }
            | Self::TicketMentioned { ticket_id, .. }
            | Self::SlaWarned { ticket_id, .. }
            | Self::SlaBreached { ticket_id, .. } => format!("ticket:{ticket_id}"),
            Self::CustomerChanged { customer_id } | Self::CustomerErased { customer_id } => {
                format!("customer:{customer_id}")
            }
            Self::OrganisationChanged { organisation_id } => format!("organisation:{organisation_id}"),
            Self::TicketsImported { batch_id } => format!("import:{batch_id}"),
            Self::BulkJobChanged { job_id, .. } => format!("bulk_job:{job_id}"),
        }
    }

    /// What somebody must be allowed to hear of it.
    pub fn scope(&self) -> Scope {
        match self {
            Self::ArticlePublished { .. } | Self::ArticleUnpublished { .. } => Scope::KbRead,
            Self::TurnAdded { .. }
            | Self::HandoffRequested { .. }
            | Self::TicketOpened { .. }
            | Self::TicketChanged { .. }
            | Self::TicketWoken { .. }
            | Self::TicketsImported { .. }
            | Self::TicketClocksSet { .. }
            | Self::TicketMentioned { .. }
            | Self::SlaWarned { .. }
            | Self::SlaBreached { .. }
            | Self::BulkJobChanged { .. } => Scope::TicketsRead,
            Self::CustomerChanged { .. } | Self::CustomerErased { .. } | Self::OrganisationChanged { .. } => {
                Scope::CustomersRead
            }
        }
    }
}
