//! Custom fields: defining them, and the values that tickets, customers and organisations are given.

use std::collections::BTreeMap;

use domain::{
    AuditAction, FIELDS_MAX, Field, FieldKind, FieldOf, FieldState, FieldValue, FieldValues, Principal,
    Required, Scope, ShowWhen, Ticket, missing_on_solve,
};
use serde_json::{Value, json};
use store::WriteTx;

use crate::{
    Desk, DeskError,
    filter::{check_kept_filter, customer_filter, filter, known_fields},
    input,
};

/// Longest title of a field, in bytes.
const TITLE_BYTES_MAX: usize = 200;

/// A field to be defined.
#[derive(Debug, Clone)]
pub struct NewField {
    /// What has it.
    pub of: FieldOf,
    /// What filters and programs name it by.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// The text of a filter for the tickets or customers that show it; all when absent.
    pub show_when: Option<String>,
    /// When it must have a value.
    pub required: Required,
    /// Its place in forms.
    pub position: i64,
}

/// What to change of a field; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct FieldChange {
    /// The new title.
    pub title: Option<String>,
    /// The same type with other limits or choices.
    pub kind: Option<FieldKind>,
    /// The text of the new filter, or none.
    pub show_when: Option<Option<String>>,
    /// When it must have a value from now on.
    pub required: Option<Required>,
    /// Its new place.
    pub position: Option<i64>,
    /// Whether it is asked for from now on.
    pub state: Option<FieldState>,
}

impl Desk {
    /// Every field of a kind of thing, by position, those that are retired too.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_fields(&self, principal: &Principal, of: FieldOf) -> Result<Vec<Field>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        Ok(self.0.store.list_fields(of).await?)
    }

    /// Defines a field, from the next request on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::Invalid`], [`DeskError::Conflict`]
    /// when the key is taken or there are [`FIELDS_MAX`].
    pub async fn create_field(&self, principal: &Principal, new: NewField) -> Result<Field, DeskError> {
        Self::require_settings(principal)?;
        if !Field::is_key(&new.key) {
            let message = "a small letter, then small letters, digits and _, at most 64";
            return Err(DeskError::invalid("key", message));
        }
        new.kind.check().map_err(|error| DeskError::invalid("kind", error.to_string()))?;
        check_required(new.of, new.required)?;
        let field = Field {
            of: new.of,
            key: new.key,
            title: input::text("title", &new.title, TITLE_BYTES_MAX)?.to_owned(),
            kind: new.kind,
            show_when: new.show_when.map(|text| show_when(new.of, &text)).transpose()?,
            required: new.required,
            position: new.position,
            state: FieldState::Active,
            revision: 1,
        };
        let mut tx = self.begin(principal).await?;
        let known = tx.fields(field.of).await?;
        if known.len() >= FIELDS_MAX {
            return Err(DeskError::Conflict(format!("there are {FIELDS_MAX} fields already")));
        }
        check_shown(&mut tx, &field).await?;
        tx.insert_field(&field).await?;
        tx.record(AuditAction::FieldCreated, &field.key, json!({ "of": field.of, "kind": field.kind }));
        tx.commit().await?;
        Ok(field)
    }

    /// Changes a field. Values that no longer fit stay until they are changed.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`],
    /// [`DeskError::Invalid`], [`DeskError::Conflict`] for another type, [`DeskError::Stale`] when `expected_revision` is not its
    /// revision.
    pub async fn change_field(
        &self,
        principal: &Principal,
        (of, key): (FieldOf, &str),
        change: FieldChange,
        expected_revision: Option<i64>,
    ) -> Result<Field, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let known = tx.fields(of).await?;
        let before = known.iter().find(|field| field.key == key).ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let mut field = before.clone();
        if let Some(title) = &change.title {
            field.title = input::text("title", title, TITLE_BYTES_MAX)?.to_owned();
        }
        if let Some(kind) = change.kind {
            kind.check().map_err(|error| DeskError::invalid("kind", error.to_string()))?;
            if !kind.is_type_of(&field.kind) {
                let message = "a field keeps its type; retire it and define another";
                return Err(DeskError::Conflict(message.to_owned()));
            }
            field.kind = kind;
        }
        if let Some(wanted) = change.show_when {
            field.show_when = wanted.map(|text| show_when(of, &text)).transpose()?;
        }
        field.required = change.required.unwrap_or(field.required);
        check_required(of, field.required)?;
        field.position = change.position.unwrap_or(field.position);
        field.state = change.state.unwrap_or(field.state);
        if field == *before {
            tx.rollback().await?;
            return Ok(field);
        }
        check_shown(&mut tx, &field).await?;
        field.revision += 1;
        tx.update_field(&field).await?;
        tx.record(AuditAction::FieldChanged, key, json!({ "of": of, "state": field.state }));
        tx.commit().await?;
        Ok(field)
    }

    /// The values of something after a change: null takes one away, of a retired field too; what is not named stays.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for a field that is not there or not asked for, and for what is no value of it.
    pub(crate) async fn with_values(
        &self,
        tx: &mut WriteTx,
        of: FieldOf,
        values: FieldValues,
        sent: &BTreeMap<String, Value>,
    ) -> Result<FieldValues, DeskError> {
        if sent.is_empty() {
            return Ok(values);
        }
        let fields = tx.fields(of).await?;
        let mut values = values;
        for (key, json) in sent {
            // What a retired field holds can still be taken away: it may be about somebody.
            let may_have = |field: &&Field| field.key == *key && (json.is_null() || field.is_asked_for(of));
            let field = fields.iter().find(may_have);
            let field =
                field.ok_or_else(|| DeskError::invalid("fields", format!("there is no field {key:?}")))?;
            let refused = |why: String| DeskError::invalid("fields", format!("{key}: {why}"));
            match field.kind.value(json).map_err(|error| refused(error.to_string()))? {
                None => {
                    values.remove(key);
                }
                Some(FieldValue::Customer(id)) if tx.customer(&id).await?.is_none() => {
                    return Err(refused("there is no such customer".to_owned()));
                }
                Some(FieldValue::Organisation(id)) if tx.organisation(&id).await?.is_none() => {
                    return Err(refused("there is no such organisation".to_owned()));
                }
                Some(value) => {
                    values.insert(key.clone(), value);
                }
            }
        }
        Ok(values)
    }

    /// Refuses to solve or close a ticket that lacks a value it must have.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with the titles of the fields.
    pub(crate) async fn require_values(&self, tx: &mut WriteTx, ticket: &Ticket) -> Result<(), DeskError> {
        let fields = tx.fields(FieldOf::Ticket).await?;
        if !fields.iter().any(|field| field.required == Required::OnSolve) {
            return Ok(());
        }
        let people = tx.people_in(ticket).await?;
        let facts = people.facts(ticket);
        let ctx = self.filter_context_of_nobody();
        let missing: Vec<&str> = missing_on_solve(&fields, &ticket.fields, facts, &ctx)
            .into_iter()
            .map(|field| field.key.as_str())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("fill in before it is solved or closed: {}", missing.join(", "));
        Err(DeskError::invalid("fields", message))
    }
}

/// Only tickets are solved.
fn check_required(of: FieldOf, required: Required) -> Result<(), DeskError> {
    if of == FieldOf::Ticket || required == Required::Never {
        return Ok(());
    }
    Err(DeskError::invalid("required", "only fields of tickets are asked for when something is solved"))
}

/// Parses the condition of a field.
fn show_when(of: FieldOf, text: &str) -> Result<ShowWhen, DeskError> {
    Ok(match of {
        FieldOf::Ticket => ShowWhen::Ticket(filter("show_when", text)?),
        FieldOf::Customer => ShowWhen::Customer(customer_filter("show_when", text)?),
        FieldOf::Organisation => {
            let parsed = ShowWhen::parse(of, text);
            parsed.map_err(|error| DeskError::invalid("show_when", error))?
        }
    })
}

/// Refuses a condition on what is not there: the field would never be shown.
async fn check_shown(tx: &mut WriteTx, field: &Field) -> Result<(), DeskError> {
    match &field.show_when {
        None => Ok(()),
        Some(ShowWhen::Ticket(condition)) => check_kept_filter(tx, "show_when", condition).await,
        Some(ShowWhen::Customer(condition)) => {
            known_fields("show_when", condition.fields(), &tx.fields(field.of).await?)
        }
    }
}
