//! When a session or a key was last used: noted in memory, written now and then beside the requests, so that no request writes.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use domain::{ApiKeyId, Principal, SessionId, Timestamp};

use crate::{Desk, DeskError, audit::Unrecorded};

/// A session is noted again after this long: people read "5 min ago", and nothing is decided by it.
const SESSION_EVERY_MS: i64 = 5 * 60_000;
/// A key is noted again after this long: who looks for keys that nobody uses thinks in days.
const KEY_EVERY_MS: i64 = 60_000;
/// Notes of each kind that wait to be written. Beyond that, new ones are dropped: they come again with the next request.
const NOTES_MAX: usize = 10_000;

/// What was used since it was last written.
#[derive(Debug, Default)]
pub struct Seen {
    sessions: Mutex<HashMap<SessionId, Timestamp>>,
    keys: Mutex<HashMap<ApiKeyId, Timestamp>>,
}

impl Seen {
    /// Notes that a session is used now, when what is known of it is some minutes old.
    pub(crate) fn session(&self, id: &SessionId, known: Timestamp, now: Timestamp) {
        if now.0 - known.0 >= SESSION_EVERY_MS {
            note(&self.sessions, id, now);
        }
    }

    /// Notes that a key is used now, when what is known of it is a minute old.
    pub(crate) fn key(&self, id: &ApiKeyId, known: Option<Timestamp>, now: Timestamp) {
        if known.is_none_or(|known| now.0 - known.0 >= KEY_EVERY_MS) {
            note(&self.keys, id, now);
        }
    }
}

fn note<I: Clone + Eq + Hash>(notes: &Mutex<HashMap<I, Timestamp>>, id: &I, now: Timestamp) {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if notes.len() < NOTES_MAX || notes.contains_key(id) {
        notes.insert(id.clone(), now);
    }
}

fn take<I>(notes: &Mutex<HashMap<I, Timestamp>>) -> HashMap<I, Timestamp> {
    std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Desk {
    /// Writes down what was used since the last time.
    ///
    /// # Errors
    /// Those of the database; what was noted is lost then, and noted again with the next use.
    pub async fn write_seen(&self) -> Result<(), DeskError> {
        let (sessions, keys) = (take(&self.0.seen.sessions), take(&self.0.seen.keys));
        if sessions.is_empty() && keys.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        for (id, at) in &sessions {
            tx.mark_session_seen(id, *at).await?;
        }
        for (id, at) in &keys {
            tx.mark_api_key_used(id, *at).await?;
        }
        tx.commit().await
    }
}
