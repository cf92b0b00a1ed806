//! When a session was last used: noted in memory, written now and then beside the requests, so that no request writes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{SessionId, Timestamp};

use crate::{Desk, DeskError};

/// A session is noted again after this long: people read "5 min ago", and nothing is decided by it.
const SESSION_EVERY_MS: i64 = 5 * 60_000;
/// Notes that wait to be written. Beyond that, new ones are dropped: they come again with the next request.
const NOTES_MAX: usize = 10_000;

/// What was used since it was last written.
#[derive(Debug, Default)]
pub struct Seen {
    sessions: Mutex<HashMap<SessionId, Timestamp>>,
}

impl Seen {
    /// Notes that a session is used now, when what is known of it is some minutes old.
    pub(crate) fn session(&self, id: &SessionId, known: Timestamp, now: Timestamp) {
        if now.0 - known.0 < SESSION_EVERY_MS {
            return;
        }
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() < NOTES_MAX || sessions.contains_key(id) {
            sessions.insert(id.clone(), now);
        }
    }
}

impl Desk {
    /// Writes down what was used since the last time.
    ///
    /// # Errors
    /// Those of the database; what was noted is lost then, and noted again with the next use.
    pub async fn write_seen(&self) -> Result<(), DeskError> {
        let sessions =
            std::mem::take(&mut *self.0.seen.sessions.lock().unwrap_or_else(PoisonError::into_inner));
        if sessions.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.store.begin().await?;
        for (id, at) in &sessions {
            tx.mark_session_seen(id, *at).await?;
        }
        Ok(tx.commit().await?)
    }
}
