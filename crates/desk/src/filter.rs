//! Filters that somebody wrote: parsed, and held against the statuses and fields that there are. A filter for what is not there
//! admits nothing, and its negation everything, so that a slip would go unseen.

use domain::{CustomerFilter, Field, FieldOf, Filter, FilterCondition, FilterError, Status};
use store::WriteTx;

use crate::{Desk, DeskError};

/// Parses a filter for tickets that somebody wrote.
///
/// # Errors
/// [`DeskError::Invalid`] with what is wrong and where.
pub fn filter(field: &'static str, text: &str) -> Result<Filter, DeskError> {
    parsed(field, text)
}

/// Parses a filter for customers that somebody wrote.
///
/// # Errors
/// [`DeskError::Invalid`] with what is wrong and where.
pub fn customer_filter(field: &'static str, text: &str) -> Result<CustomerFilter, DeskError> {
    parsed(field, text)
}

impl Desk {
    /// Refuses a filter that asks for a status or a field of tickets which is not there. One that names none costs no query.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with the first one.
    pub(crate) async fn check_filter(&self, field: &'static str, filter: &Filter) -> Result<(), DeskError> {
        if !filter.custom_statuses().is_empty() {
            known_statuses(field, filter, &self.0.store.list_statuses().await?)?;
        }
        if !filter.fields().is_empty() {
            known_fields(field, filter.fields(), &self.0.store.list_fields(FieldOf::Ticket).await?)?;
        }
        Ok(())
    }

    /// Refuses a filter that asks for a field of customers which is not there. One that names none costs no query.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with the first one.
    pub(crate) async fn check_customer_filter(
        &self,
        field: &'static str,
        filter: &CustomerFilter,
    ) -> Result<(), DeskError> {
        if filter.fields().is_empty() {
            return Ok(());
        }
        known_fields(field, filter.fields(), &self.0.store.list_fields(FieldOf::Customer).await?)
    }
}

/// Refuses a filter that is to be kept and asks for a status or a field of tickets which is not there.
///
/// # Errors
/// [`DeskError::Invalid`] with the first one.
pub(crate) async fn check_kept_filter(
    tx: &mut WriteTx,
    field: &'static str,
    filter: &Filter,
) -> Result<(), DeskError> {
    known_statuses(field, filter, &tx.statuses().await?)?;
    known_fields(field, filter.fields(), &tx.fields(FieldOf::Ticket).await?)
}

/// Refuses to ask for a field which is not among these. One that is retired is among them: things keep their values of it.
///
/// # Errors
/// [`DeskError::Invalid`] with the first one.
pub(crate) fn known_fields<'k>(
    field: &'static str,
    asked: impl IntoIterator<Item = &'k str>,
    known: &[Field],
) -> Result<(), DeskError> {
    match asked.into_iter().find(|key| known.iter().all(|known| known.key != *key)) {
        Some(key) => Err(DeskError::invalid(field, format!("there is no field {key:?}"))),
        None => Ok(()),
    }
}

/// Refuses a filter that asks for a status which is not among these.
fn known_statuses(field: &'static str, filter: &Filter, known: &[Status]) -> Result<(), DeskError> {
    let asked = filter.custom_statuses();
    let unknown = asked.into_iter().find(|key| known.iter().all(|status| status.key != *key));
    let Some(unknown) = unknown else { return Ok(()) };
    let keys: Vec<&str> = known.iter().map(|status| status.key.as_str()).collect();
    let message = format!("there is no status {unknown:?}; the statuses are {}", keys.join(", "));
    Err(DeskError::invalid(field, message))
}

fn parsed<C: FilterCondition>(field: &'static str, text: &str) -> Result<Filter<C>, DeskError> {
    let refused = |error: FilterError| DeskError::invalid(field, error.to_string());
    let filter: Filter<C> = text.parse().map_err(refused)?;
    // It is stored as it is shown, which may be longer than it was written.
    filter.to_string().parse().map_err(refused)
}
