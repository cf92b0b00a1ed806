//! Custom fields of tickets, as they are defined.

use domain::{Field, FieldState, Filter, Required};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "field_key, title, kind_json, show_when, required, position, state, revision";

impl Store {
    /// Every field, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_fields(&self) -> Result<Vec<Field>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM ticket_fields ORDER BY position, field_key");
        sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await?.iter().map(field).collect()
    }
}

impl WriteTx {
    /// Every field, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fields(&mut self) -> Result<Vec<Field>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM ticket_fields ORDER BY position, field_key");
        sqlx::query(sql(text)).fetch_all(self.connection()).await?.iter().map(field).collect()
    }

    /// Defines a field.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its key is taken.
    pub async fn insert_field(&mut self, field: &Field) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO ticket_fields (field_key, title, kind_json, show_when, required, position, state, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(field.key.as_str())
        .bind(field.title.as_str())
        .bind(row::to_json(&field.kind)?)
        .bind(field.show_when.as_ref().map(ToString::to_string))
        .bind(field.required.as_str())
        .bind(field.position)
        .bind(field.state.as_str())
        .bind(field.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is a field with this key")
    }

    /// Changes a field; its key stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_field(&mut self, field: &Field) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE ticket_fields SET title = $2, kind_json = $3, show_when = $4, required = $5, position = $6, \
             state = $7, revision = $8 WHERE field_key = $1",
        )
        .bind(field.key.as_str())
        .bind(field.title.as_str())
        .bind(row::to_json(&field.kind)?)
        .bind(field.show_when.as_ref().map(ToString::to_string))
        .bind(field.required.as_str())
        .bind(field.position)
        .bind(field.state.as_str())
        .bind(field.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "field")
    }
}

fn field(row: &AnyRow) -> Result<Field, StoreError> {
    let show_when = match row::optional_text(row, "show_when")? {
        None => None,
        Some(_) => Some(row::parsed(row, "show_when", |text| text.parse::<Filter>().ok())?),
    };
    Ok(Field {
        key: row::text(row, "field_key")?,
        title: row::text(row, "title")?,
        kind: row::json(row, "kind_json")?,
        show_when,
        required: row::parsed(row, "required", Required::parse)?,
        position: row::int(row, "position")?,
        state: row::parsed(row, "state", FieldState::parse)?,
        revision: row::int(row, "revision")?,
    })
}
