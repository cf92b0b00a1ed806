//! Numbered placeholders for lists and for many rows, the only parts of SQL text that are not constants.

use std::fmt::Write as _;

use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

/// A statement with the values that are bound to it.
pub(crate) type Bound<'q> = Query<'q, Any, AnyArguments>;

/// Values in one `IN` list: few enough for both databases, many enough that a round trip is worth it.
pub(crate) const LIST_MAX: usize = 256;
/// Rows that one `INSERT` writes when there are that many; the rest goes one by one, so that two statements are
/// prepared and not one per count.
pub(crate) const ROWS_PER_INSERT: usize = 8;

/// Values of one `INSERT` of many rows. SQLite looks each placeholder up among all before it, when it reads the statement and when
/// a value is bound: what they cost grows with their square, and from some thousands on is nearly all that a statement costs.
const INSERTED_MAX: usize = 512;

/// Rows of so many columns that one `INSERT` writes.
pub(crate) fn rows_per_insert(columns: usize) -> usize {
    (INSERTED_MAX / columns.max(1)).max(1)
}

/// `$first, $first+1, …`: `n` of them.
pub(crate) fn list(first: usize, n: usize) -> String {
    let mut out = String::new();
    for i in first..first + n {
        let _ = write!(out, "{}${i}", if i == first { "" } else { ", " });
    }
    out
}

/// `($1, …, $columns), (…)`: `rows` of them.
pub(crate) fn rows(rows: usize, columns: usize) -> String {
    let groups: Vec<String> =
        (0..rows).map(|row| format!("({})", list(row * columns + 1, columns))).collect();
    groups.join(", ")
}

/// Repeats the last value until the length is a power of two, so that few different statements are prepared.
pub(crate) fn padded<'a>(values: &[&'a str]) -> Vec<&'a str> {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(values.len().next_power_of_two(), last);
    }
    padded
}

/// Marks SQL that was put together from constants and placeholders. Nothing that a caller passes may be in it.
pub(crate) fn sql(text: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(list(3, 2), "$3, $4");
        assert_eq!(rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(padded(&["a", "b", "c"]), ["a", "b", "c", "c"]);
        assert!(padded(&[]).is_empty());
    }
}
