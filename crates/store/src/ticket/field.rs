//! Custom fields of tickets, customers and organisations, as they are defined, and what filters compare of their values.

use domain::{Field, FieldOf, FieldState, FieldValues, Required, ShowWhen};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "field_of, field_key, title, kind_json, show_when, required, position, state, revision";

impl Store {
    /// Every field of a kind of thing, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_fields(&self, of: FieldOf) -> Result<Vec<Field>, StoreError> {
        let text =
            format!("SELECT {COLUMNS} FROM custom_fields WHERE field_of = $1 ORDER BY position, field_key");
        let query = sqlx::query(sql(text)).bind(of.as_str());
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(field).collect()
    }
}

impl WriteTx {
    /// Every field of a kind of thing, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fields(&mut self, of: FieldOf) -> Result<Vec<Field>, StoreError> {
        let text =
            format!("SELECT {COLUMNS} FROM custom_fields WHERE field_of = $1 ORDER BY position, field_key");
        let query = sqlx::query(sql(text)).bind(of.as_str());
        query.fetch_all(self.connection()).await?.iter().map(field).collect()
    }

    /// Adds what filters compare of something's values. The statement takes its id, the field's key, a text and the number.
    pub(crate) async fn insert_field_values(
        &mut self,
        statement: &'static str,
        id: &str,
        fields: &FieldValues,
    ) -> Result<(), StoreError> {
        for (key, value) in fields {
            for text in value.texts() {
                sqlx::query(statement)
                    .bind(id)
                    .bind(key.as_str())
                    .bind(text)
                    .bind(value.millionths())
                    .execute(self.connection())
                    .await?;
            }
        }
        Ok(())
    }

    /// Defines a field.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its key is taken among the fields of the same kind of thing.
    pub async fn insert_field(&mut self, field: &Field) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO custom_fields (field_key, title, kind_json, show_when, required, position, state, revision, field_of) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(field.key.as_str())
        .bind(field.title.as_str())
        .bind(row::to_json(&field.kind)?)
        .bind(field.show_when.as_ref().map(ToString::to_string))
        .bind(field.required.as_str())
        .bind(field.position)
        .bind(field.state.as_str())
        .bind(field.revision)
        .bind(field.of.as_str())
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
            "UPDATE custom_fields SET title = $2, kind_json = $3, show_when = $4, required = $5, position = $6, \
             state = $7, revision = $8 WHERE field_key = $1 AND field_of = $9",
        )
        .bind(field.key.as_str())
        .bind(field.title.as_str())
        .bind(row::to_json(&field.kind)?)
        .bind(field.show_when.as_ref().map(ToString::to_string))
        .bind(field.required.as_str())
        .bind(field.position)
        .bind(field.state.as_str())
        .bind(field.revision)
        .bind(field.of.as_str())
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "field")
    }
}

fn field(row: &AnyRow) -> Result<Field, StoreError> {
    let of = row::parsed(row, "field_of", FieldOf::parse)?;
    let show_when = match row::optional_text(row, "show_when")? {
        None => None,
        Some(_) => Some(row::parsed(row, "show_when", |text| ShowWhen::parse(of, text).ok())?),
    };
    Ok(Field {
        of,
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
