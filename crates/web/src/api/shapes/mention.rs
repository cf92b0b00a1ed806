//! Mentions.

use domain::Mention;
use serde::Serialize;
use utoipa::ToSchema;

use super::MessageJson;
use crate::dates::iso;

/// Somebody named you in a note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MentionJson {
    id: String,
    ticket_id: String,
    ticket_number: i64,
    ticket_subject: String,
    /// The note, without its files.
    message: MessageJson,
    /// When you marked it as read.
    read_at: Option<String>,
}

/// A page of mentions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MentionsJson {
    /// The newest first.
    pub(crate) mentions: Vec<MentionJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

impl MentionJson {
    pub(crate) fn new(mention: &Mention) -> Self {
        Self {
            id: mention.id.to_string(),
            ticket_id: mention.ticket_id().to_string(),
            ticket_number: mention.ticket_number,
            ticket_subject: mention.ticket_subject.clone(),
            message: MessageJson::new(&mention.message, None, &[]),
            read_at: mention.read_at.map(iso),
        }
    }
}
