//! Identifiers: one newtype per noun, all ULIDs as text, so that they sort by creation.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

macro_rules! ids {
    // A macro because so many identical newtypes would differ in nothing but their name.
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an identifier that was made by an [`IdSource`] or read from the database.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An article, in all its translations.
    ArticleId;
    /// One immutable published text of a translation.
    VersionId;
    /// A passage of a version: the version's id, a colon and the passage's ordinal.
    PassageId;
    /// A collection of articles.
    CollectionId;
    /// A question proposed for an article.
    ProposalId;
    /// A customer.
    CustomerId;
    /// An address or another identity of a customer.
    IdentityId;
    /// An organisation that customers belong to.
    OrganisationId;
    /// A note on a customer or an organisation.
    NoteId;
    /// A merge of two customers.
    MergeId;
    /// A person who signs in: agent, editor or admin.
    UserId;
    /// A signed-in browser session.
    SessionId;
    /// An API key, not tied to a person.
    ApiKeyId;
    /// A conversation.
    ConversationId;
    /// A turn of a conversation.
    TurnId;
    /// The record of how a bot turn came about.
    TraceId;
    /// A ticket. Customers and agents see its number instead.
    TicketId;
    /// An entry of a ticket's history.
    HistoryId;
    /// A link between tickets.
    LinkId;
    /// Something that was done to two tickets.
    OperationId;
    /// A saved list of tickets.
    ViewId;
    /// A message of a ticket.
    MessageId;
    /// A file that belongs to a message.
    AttachmentId;
    /// Somebody named in a note.
    MentionId;
    /// A suggested reply.
    SuggestionId;
    /// A job of the worker.
    JobId;
    /// An address that is told what happens.
    WebhookId;
    /// A message to a webhook.
    DeliveryId;
    /// A schedule: when somebody works.
    ScheduleId;
    /// A time in which an agent is away.
    AbsenceId;
    /// A policy: what customers are promised.
    SlaPolicyId;
    /// A decision about who gets a ticket.
    AssignmentId;
    /// A part of an import that was written at once.
    ImportBatchId;
    /// A text that agents send again and again.
    CannedReplyId;
    /// Named actions that an agent runs.
    MacroId;
    /// What is done to tickets by itself.
    RuleId;
    /// The same actions for many tickets.
    BulkJobId;
}

/// Makes identifiers and secrets; handed in, so that tests can make them predictable.
pub trait IdSource: Send + Sync {
    /// A new ULID, as 26 characters of Crockford base 32, not smaller than earlier ones of the same millisecond.
    fn id(&self, now: Timestamp) -> String;
    /// 256 random bits for tokens and keys.
    fn secret(&self) -> [u8; 32];
}
