//! Notes on customers and organisations. For who may read those.

use domain::{CustomerId, Note, NoteAbout, NoteId, OrganisationId};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, author, placeholders::sql, row, tx::updated};

const COLUMNS: &str = "id, customer_id, organisation_id, author, author_id, author_name, body, created_at_ms";

impl Store {
    /// The notes on a customer or an organisation, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_notes(&self, about: &NoteAbout) -> Result<Vec<Note>, StoreError> {
        let (column, id) = column(about);
        let text = format!("SELECT {COLUMNS} FROM notes WHERE {column} = $1 ORDER BY id DESC");
        let query = sqlx::query(sql(text)).bind(id);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(note).collect()
    }
}

impl WriteTx {
    /// Adds a note.
    ///
    /// # Errors
    /// Those of the database; what it is about must be there.
    pub async fn insert_note(&mut self, note: &Note) -> Result<(), StoreError> {
        let (author, author_id, author_name) = author::columns(&note.author);
        let (customer_id, organisation_id) = match &note.about {
            NoteAbout::Customer(id) => (Some(id.as_str()), None),
            NoteAbout::Organisation(id) => (None, Some(id.as_str())),
        };
        sqlx::query(
            "INSERT INTO notes (id, customer_id, organisation_id, author, author_id, author_name, body, created_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(note.id.as_str())
        .bind(customer_id)
        .bind(organisation_id)
        .bind(author)
        .bind(author_id)
        .bind(author_name)
        .bind(note.body.as_str())
        .bind(note.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The ids of the notes on a customer or an organisation, from the oldest on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn note_ids(&mut self, about: &NoteAbout) -> Result<Vec<NoteId>, StoreError> {
        let (column, id) = column(about);
        let text = format!("SELECT id FROM notes WHERE {column} = $1 ORDER BY id");
        let rows = sqlx::query(sql(text)).bind(id).fetch_all(self.connection()).await?;
        rows.iter().map(|found| row::text(found, "id").map(NoteId::new)).collect()
    }

    /// Makes a note one on this customer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn move_note(&mut self, id: &NoteId, to: &CustomerId) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE notes SET customer_id = $2 WHERE id = $1 AND customer_id IS NOT NULL")
            .bind(id.as_str())
            .bind(to.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "note")
    }

    /// Deletes a note on this customer or organisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_note(&mut self, about: &NoteAbout, id: &NoteId) -> Result<(), StoreError> {
        let (column, of) = column(about);
        let text = format!("DELETE FROM notes WHERE id = $1 AND {column} = $2");
        let done = sqlx::query(sql(text)).bind(id.as_str()).bind(of).execute(self.connection()).await?;
        updated(done.rows_affected(), "note")
    }
}

fn column(about: &NoteAbout) -> (&'static str, &str) {
    match about {
        NoteAbout::Customer(id) => ("customer_id", id.as_str()),
        NoteAbout::Organisation(id) => ("organisation_id", id.as_str()),
    }
}

fn note(row: &AnyRow) -> Result<Note, StoreError> {
    let about = match row::optional_text(row, "customer_id")? {
        Some(id) => NoteAbout::Customer(CustomerId::new(id)),
        None => NoteAbout::Organisation(OrganisationId::new(row::text(row, "organisation_id")?)),
    };
    Ok(Note {
        id: NoteId::new(row::text(row, "id")?),
        about,
        author: author::of(row)?,
        body: row::text(row, "body")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
