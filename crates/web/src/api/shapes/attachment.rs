//! Files of messages.

use domain::Attachment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::address;

/// A file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachmentJson {
    id: String,
    /// What it is called, without folders and characters that show nothing.
    name: String,
    /// What it is by its content; `application/octet-stream` for all that could run somewhere.
    media_type: String,
    n_bytes: u64,
    /// The SHA-256 of its content, in hexadecimal digits.
    sha256: String,
    /// Where it is read, with the permission to read its message.
    url: String,
}

impl AttachmentJson {
    pub(crate) fn new(attachment: &Attachment) -> Self {
        Self {
            id: attachment.id.to_string(),
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            n_bytes: attachment.n_bytes,
            sha256: attachment.sha256.clone(),
            url: address::attachment(attachment),
        }
    }
}
