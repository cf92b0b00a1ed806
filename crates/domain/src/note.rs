//! Notes: what the team writes down about a customer or an organisation. Customers never read them.

use crate::{Author, CustomerId, NoteId, OrganisationId, Timestamp};

/// Longest note, in bytes: a few pages.
pub const NOTE_BYTES_MAX: usize = 20 << 10;
/// Most notes on one customer or organisation: they are read as a whole.
pub const NOTES_MAX: usize = 500;

/// What a note is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteAbout {
    /// This customer.
    Customer(CustomerId),
    /// This organisation.
    Organisation(OrganisationId),
}

/// A note on a customer or an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// What it is about.
    pub about: NoteAbout,
    /// Who wrote it.
    pub author: Author,
    /// Markdown.
    pub body: String,
    /// When.
    pub created_at: Timestamp,
}
