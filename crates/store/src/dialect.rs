//! What differs between SQLite and Postgres: addresses, settings of a connection, how a write begins, types in DDL.

use std::path::Path;

use sqlx::any::AnyRow;

use crate::{StoreError, row};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A file, shared with other processes of the same machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Reads; the database refuses its writes.
    Read,
    /// Writes, one transaction at a time.
    Write,
}

impl Dialect {
    /// The database that an address names.
    pub(crate) fn of_url(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres)
        } else {
            Err(StoreError::Unsupported("a database address starts with sqlite:// or postgres://"))
        }
    }

    /// The address to connect to: a SQLite file is created when it is not there.
    pub(crate) fn connect_url(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        }
    }

    /// How a write transaction begins. On SQLite it takes the lock at once: a read that becomes a write later would
    /// fail without waiting (sqlite.org/lang_transaction.html).
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// What makes Postgres admit one writer at a time, as SQLite does by itself: see docs/decisions on one writer.
    /// The number is arbitrary and only has to be the same in every process.
    pub(crate) fn write_lock(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(4710801)"),
        }
    }

    /// Settings of a new connection, in order.
    ///
    /// Waiting for a lock ends after 30 s: an import batch of another process holds it for about one.
    /// A commit is acknowledged once it is on disk. What is deleted is overwritten: the erasure of a customer reaches the file.
    pub(crate) fn settings(self, lane: Lane) -> &'static str {
        match (self, lane) {
            (Self::Sqlite, Lane::Write) => {
                "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;"
            }
            (Self::Sqlite, Lane::Read) => "PRAGMA busy_timeout = 30000; PRAGMA query_only = ON;",
            (Self::Postgres, Lane::Write) => {
                "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'; \
                 SET synchronous_commit = on;"
            }
            (Self::Postgres, Lane::Read) => "SET default_transaction_read_only = on;",
        }
    }

    /// What makes SQLite, which knows nothing of how many rows match, read this index. Postgres counts and chooses.
    pub(crate) fn indexed_by(self, index: &str) -> String {
        match self {
            Self::Sqlite => format!(" INDEXED BY {index}"),
            Self::Postgres => String::new(),
        }
    }

    /// What stands before a column that must not be looked up in an index (sqlite.org/optoverview.html, unary plus).
    pub(crate) fn unindexed(self) -> &'static str {
        match self {
            Self::Sqlite => "+",
            Self::Postgres => "",
        }
    }

    /// What makes the database explain a statement instead of running it.
    pub(crate) fn explain(self) -> &'static str {
        match self {
            Self::Sqlite => "EXPLAIN QUERY PLAN",
            Self::Postgres => "EXPLAIN (COSTS OFF)",
        }
    }

    /// What makes a connection plan for large tables: Postgres reads a small one from end to end.
    pub(crate) fn explain_settings(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &["SET enable_seqscan = off"],
        }
    }

    /// One step of an explanation.
    pub(crate) fn explained(self, step: &AnyRow) -> Result<String, StoreError> {
        match self {
            Self::Sqlite => row::text(step, "detail"),
            Self::Postgres => row::text(step, "QUERY PLAN"),
        }
    }

    /// A statement of a migration in this database's words: on Postgres bytes are `BYTEA`, and text compares by bytes
    /// as it does on SQLite.
    pub(crate) fn ddl(self, statement: &str) -> String {
        match self {
            Self::Sqlite => statement.to_owned(),
            Self::Postgres => replace_words(statement, |word| match word {
                "BLOB" => Some("BYTEA"),
                "TEXT" => Some("TEXT COLLATE \"C\""),
                _ => None,
            }),
        }
    }
}

/// The address of a SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    use std::fmt::Write as _;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut url = "sqlite://".to_owned();
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => url.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => url.push(char::from(*byte)),
            byte => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

/// Replaces whole words outside of quotes.
pub(crate) fn replace_words(text: &str, replacement: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut quote = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word_len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let len = if word_len == 0 { first.len_utf8() } else { word_len };
        let (token, after) = rest.split_at(len);
        match quote {
            Some(open) if token.starts_with(open) => quote = None,
            None if first == '\'' || first == '"' => quote = Some(first),
            _ => {}
        }
        out.push_str(if quote.is_none() { replacement(token).unwrap_or(token) } else { token });
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_rewritten_as_whole_words_outside_quotes() {
        let ddl = "CREATE TABLE t (a TEXT NOT NULL DEFAULT 'TEXT', text_hash TEXT, v BLOB, BLOBS BIGINT)";
        assert_eq!(Dialect::Sqlite.ddl(ddl), ddl);
        assert_eq!(
            Dialect::Postgres.ddl(ddl),
            "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL DEFAULT 'TEXT', text_hash TEXT COLLATE \"C\", \
             v BYTEA, BLOBS BIGINT)"
        );
    }

    #[test]
    fn a_path_with_odd_characters_makes_an_address() {
        assert_eq!(sqlite_url(Path::new("/d/a b%?#é.db")), "sqlite:///d/a%20b%25%3F%23%C3%A9.db");
    }

    #[test]
    fn an_address_names_its_database() {
        assert_eq!(Dialect::of_url("sqlite:///a").unwrap(), Dialect::Sqlite);
        assert_eq!(Dialect::of_url("postgres://h/d").unwrap(), Dialect::Postgres);
        assert!(Dialect::of_url("mysql://h/d").is_err());
    }
}
