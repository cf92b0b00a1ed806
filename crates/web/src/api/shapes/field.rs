//! Custom fields.

use domain::{Field, FieldKind, FieldOf, FieldState, Required};
use serde::Serialize;
use utoipa::ToSchema;

/// The fields.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldsJson {
    pub(crate) fields: Vec<FieldJson>,
}

/// A field that the site has defined.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldJson {
    /// What has it: `ticket`, `customer` or `organisation`.
    #[schema(value_type = String)]
    of: FieldOf,
    /// What filters and programs name it by.
    key: String,
    title: String,
    /// `{"type": …}` with its limits: `text`, `long_text`, `number` and `decimal` (`min`, `max`), `date`, `checkbox`, `select`
    /// and `multi_select` (`choices` of `key` and `title`), `regex` (`pattern`), `url`, `customer`, `organisation`.
    #[schema(value_type = Object)]
    kind: FieldKind,
    /// A filter for the tickets or customers that show it; null for all.
    show_when: Option<String>,
    /// `never` or `on_solve`.
    #[schema(value_type = String)]
    required: Required,
    position: i64,
    /// `active` or `retired`.
    #[schema(value_type = String)]
    state: FieldState,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

impl FieldJson {
    pub(crate) fn new(field: &Field) -> Self {
        Self {
            of: field.of,
            key: field.key.clone(),
            title: field.title.clone(),
            kind: field.kind.clone(),
            show_when: field.show_when.as_ref().map(ToString::to_string),
            required: field.required,
            position: field.position,
            state: field.state,
            revision: field.revision,
        }
    }
}
