//! Why the database did not do what was asked, as far as callers tell the reasons apart.

use std::error::Error;

use sqlx::error::DatabaseError;

/// Why a read or write did not happen. After an error a transaction that is not committed leaves nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with the same address, id or key is already there. The transaction can go on.
    #[error("{0}")]
    Conflict(&'static str),
    /// What was to be changed, or what it refers to, is not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A newer program has written this database.
    #[error("the database has schema {found}, this program knows up to {known}; use the newer program")]
    NewerSchema {
        /// The database's schema version.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// No space is left. What was committed is safe and reading goes on.
    #[error("storage is full")]
    StorageFull,
    /// Others kept the database locked, or all connections taken, for too long; worth another try.
    #[error("the database is busy")]
    Busy,
    /// Not available on this kind of database.
    #[error("{0}")]
    Unsupported(&'static str),
    /// Anything else; the source is for the log.
    #[error("cannot read or write the database")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default();
        match kind_of(&code) {
            Some(Kind::Full) => Self::StorageFull,
            Some(Kind::Busy) => Self::Busy,
            Some(Kind::Taken) => Self::Conflict("it is already there"),
            Some(Kind::Dangling) => Self::NotFound("thing to refer to"),
            Some(Kind::Unstorable) => Self::NotFound("text, because texts have no NUL"),
            None if matches!(error, sqlx::Error::PoolTimedOut) => Self::Busy,
            None => Self::Database(error.into()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Full,
    Busy,
    Taken,
    Dangling,
    Unstorable,
}

/// What a database's error code means: Postgres has five characters (its manual, appendix A), SQLite a number whose
/// lower byte is the primary code (sqlite.org/rescode.html).
fn kind_of(code: &str) -> Option<Kind> {
    match code {
        "53100" => return Some(Kind::Full),
        // Serialization failure, deadlock, lock timeout, too many connections, starting up.
        "40001" | "40P01" | "55P03" | "53300" | "57P03" => return Some(Kind::Busy),
        "23505" => return Some(Kind::Taken),
        "23503" => return Some(Kind::Dangling),
        // A NUL, which no text of Postgres has: there is nothing of that name.
        "22021" => return Some(Kind::Unstorable),
        _ if code.len() >= 5 => return None,
        _ => {}
    }
    let extended: u32 = code.parse().ok()?;
    match (extended, extended & 0xff) {
        (1555 | 2067, _) => Some(Kind::Taken),
        (787, _) => Some(Kind::Dangling),
        (_, 13) => Some(Kind::Full),
        (_, 5 | 6) => Some(Kind::Busy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_mean_the_same() {
        for (codes, kind) in [
            (vec!["13", "53100"], Some(Kind::Full)),
            (vec!["5", "517", "6", "55P03", "40P01"], Some(Kind::Busy)),
            (vec!["2067", "1555", "23505"], Some(Kind::Taken)),
            (vec!["787", "23503"], Some(Kind::Dangling)),
            (vec!["22021"], Some(Kind::Unstorable)),
            (vec!["", "1", "11", "42601", "00013"], None),
        ] {
            for code in codes {
                assert_eq!(kind_of(code), kind, "{code}");
            }
        }
    }
}
