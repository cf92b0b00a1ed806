//! Who wrote a message or changed a ticket, as columns.

use domain::Author;
use sqlx::any::AnyRow;

use crate::{StoreError, row};

/// The columns `author`, `author_id` and `author_name`.
pub(crate) fn columns(author: &Author) -> (&'static str, Option<&str>, Option<&str>) {
    match author {
        Author::Customer => ("customer", None, None),
        Author::Bot => ("bot", None, None),
        Author::Agent { id, name } => ("agent", Some(id), Some(name)),
        Author::System => ("system", None, None),
        Author::Rule { id, name } => ("system", Some(id), Some(name)),
    }
}

/// The author of a row with these columns.
pub(crate) fn of(row: &AnyRow) -> Result<Author, StoreError> {
    Ok(match row::text(row, "author")?.as_str() {
        "customer" => Author::Customer,
        "bot" => Author::Bot,
        "agent" => Author::Agent {
            id: row::optional_text(row, "author_id")?.unwrap_or_default(),
            name: row::optional_text(row, "author_name")?.unwrap_or_default(),
        },
        _ => match row::optional_text(row, "author_id")? {
            Some(id) => {
                Author::Rule { id, name: row::optional_text(row, "author_name")?.unwrap_or_default() }
            }
            None => Author::System,
        },
    })
}
