//! Notes on customers and organisations: what the team writes down, for itself.

use domain::{
    AuditAction, CustomerId, NOTE_BYTES_MAX, NOTES_MAX, Note, NoteAbout, NoteId, OrganisationId, Principal,
    Scope,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// What notes are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteSubject {
    /// A customer; who was merged is who goes on.
    Customer(CustomerId),
    /// An organisation.
    Organisation(OrganisationId),
}

impl Desk {
    /// The notes on a customer or an organisation, the newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::NotFound`].
    pub async fn list_notes(
        &self,
        principal: &Principal,
        subject: &NoteSubject,
    ) -> Result<Vec<Note>, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        let about = match subject {
            NoteSubject::Customer(id) => NoteAbout::Customer(self.customer_now(id).await?.id),
            NoteSubject::Organisation(id) => {
                self.0.store.find_organisation(id).await?.ok_or(DeskError::NotFound)?;
                NoteAbout::Organisation(id.clone())
            }
        };
        Ok(self.0.store.list_notes(&about).await?)
    }

    /// Writes a note on a customer or an organisation.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`], [`DeskError::Invalid`],
    /// [`DeskError::TooLarge`]; [`DeskError::Conflict`] when there are [`NOTES_MAX`].
    pub async fn add_note_about(
        &self,
        principal: &Principal,
        subject: &NoteSubject,
        body: &str,
    ) -> Result<Note, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let body = input::text("body", body, NOTE_BYTES_MAX)?;
        let author = self.author_of(principal).await?;
        let mut tx = self.begin(principal).await?;
        let about = about(&mut tx, subject).await?;
        if tx.note_ids(&about).await?.len() >= NOTES_MAX {
            return Err(DeskError::Conflict(format!("there are {NOTES_MAX} notes; delete some first")));
        }
        let note =
            Note { id: NoteId::new(self.id()), about, author, body: body.to_owned(), created_at: self.now() };
        tx.insert_note(&note).await?;
        record(&mut tx, &note.about, &note.id, [AuditAction::CustomerNoted, AuditAction::OrganisationNoted]);
        tx.commit().await?;
        Ok(note)
    }

    /// Deletes a note.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`].
    pub async fn delete_note(
        &self,
        principal: &Principal,
        subject: &NoteSubject,
        id: &NoteId,
    ) -> Result<(), DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let mut tx = self.begin(principal).await?;
        let about = about(&mut tx, subject).await?;
        tx.delete_note(&about, id).await?;
        let actions = [AuditAction::CustomerNoteDeleted, AuditAction::OrganisationNoteDeleted];
        record(&mut tx, &about, id, actions);
        tx.commit().await
    }
}

async fn about(tx: &mut RecordedTx, subject: &NoteSubject) -> Result<NoteAbout, DeskError> {
    Ok(match subject {
        NoteSubject::Customer(id) => NoteAbout::Customer(Desk::customer_to_change(tx, id).await?.id),
        NoteSubject::Organisation(id) => {
            tx.organisation(id).await?.ok_or(DeskError::NotFound)?;
            NoteAbout::Organisation(id.clone())
        }
    })
}

/// Records what was done to a note: the first action on a customer, the second on an organisation.
fn record(tx: &mut RecordedTx, about: &NoteAbout, id: &NoteId, actions: [AuditAction; 2]) {
    let details = json!({ "note_id": id });
    match about {
        NoteAbout::Customer(id) => tx.record(actions[0], id, details),
        NoteAbout::Organisation(id) => tx.record(actions[1], id, details),
    }
}
