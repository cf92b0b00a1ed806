//! Columns to values: the few types the schema has, and domain types that are stored as text.

use domain::{Locale, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row as _, any::AnyRow};

use crate::StoreError;

/// A column that holds text.
pub(crate) fn text(row: &AnyRow, column: &str) -> Result<String, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that may hold text.
pub(crate) fn optional_text(row: &AnyRow, column: &str) -> Result<Option<String>, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that holds a number.
pub(crate) fn int(row: &AnyRow, column: &str) -> Result<i64, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that may hold a number.
pub(crate) fn optional_int(row: &AnyRow, column: &str) -> Result<Option<i64>, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that holds a number which fits a smaller type.
pub(crate) fn number<T: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let value = int(row, column)?;
    T::try_from(value).map_err(|_| damaged(column, &value.to_string()))
}

/// A column that holds a number with a fraction.
pub(crate) fn real(row: &AnyRow, column: &str) -> Result<f64, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that holds bytes.
pub(crate) fn bytes<'r>(row: &'r AnyRow, column: &str) -> Result<&'r [u8], StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that holds a time.
pub(crate) fn time(row: &AnyRow, column: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp(int(row, column)?))
}

/// A column that may hold a time.
pub(crate) fn optional_time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
    let ms: Option<i64> = row.try_get(column)?;
    Ok(ms.map(Timestamp))
}

/// A column that holds JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| damaged(column, &error.to_string()))
}

/// A column that may hold JSON.
pub(crate) fn optional_json<T: DeserializeOwned>(
    row: &AnyRow,
    column: &str,
) -> Result<Option<T>, StoreError> {
    if optional_text(row, column)?.is_some() { json(row, column).map(Some) } else { Ok(None) }
}

/// A column whose text a function parses.
pub(crate) fn parsed<T>(
    row: &AnyRow,
    column: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| damaged(column, text))
}

/// A column that holds a locale.
pub(crate) fn locale(row: &AnyRow, column: &str) -> Result<Locale, StoreError> {
    parsed(row, column, |text| Locale::parse(text).ok())
}

/// A value as the JSON that is stored.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Database(error.into()))
}

/// A count or offset as it is stored.
pub(crate) fn to_int(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Something that this program would not have written.
fn damaged(column: &str, found: &str) -> StoreError {
    StoreError::Database(format!("column {column} holds {found:?}").into())
}
