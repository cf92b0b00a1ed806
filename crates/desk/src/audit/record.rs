//! Transactions that leave entries in the audit log: the only ones in which the desk writes.
//!
//! What was recorded is written when the transaction commits. One in which nothing was recorded is refused, unless it was begun
//! with a reason why nothing is.

use std::ops::{Deref, DerefMut};

use domain::{Actor, ActorKind, AuditAction, AuditEntry, Principal, Ticket, TicketId, Timestamp, UserId};
use serde_json::{Value, json};
use store::{StoreError, WriteTx};

use super::origin::{note_change, origin};
use crate::{Desk, DeskError};

/// A write transaction that records what it does.
pub(crate) struct RecordedTx {
    tx: WriteTx,
    actor: Actor,
    now: Timestamp,
    recorded: Vec<Recorded>,
    unrecorded: Option<Unrecorded>,
}

/// Why a transaction may leave no entry. It still writes those that it records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unrecorded {
    /// What visitors say to the bot and what it answers: turns are kept with their times and never changed.
    Turn,
    /// What readers think of an answer or an article, what they search and open: nobody is named, nothing of the site changes.
    Reading,
    /// Messages to webhooks, which have a log of their own.
    Delivery,
    /// What is made of other data and made again when it is lost: vectors, memories of solved tickets.
    Derived,
    /// Parts of an import, of which one entry tells at its beginning.
    Imported,
    /// Claims of requests, and what ends by itself at a time that was set when it began.
    Bookkeeping,
}

impl Unrecorded {
    /// Whether who asked for it would have it twice if it were done twice.
    fn is_change(self) -> bool {
        match self {
            Self::Turn | Self::Reading | Self::Delivery | Self::Imported => true,
            Self::Derived | Self::Bookkeeping => false,
        }
    }
}

struct Recorded {
    action: AuditAction,
    subject_id: Option<String>,
    details: Value,
}

impl Desk {
    /// Begins a transaction in which this principal changes something.
    pub(crate) async fn begin(&self, principal: &Principal) -> Result<RecordedTx, DeskError> {
        self.begin_with(principal, None).await
    }

    /// Begins a transaction that need not leave an entry, for this reason.
    pub(crate) async fn begin_unrecorded(
        &self,
        principal: &Principal,
        why: Unrecorded,
    ) -> Result<RecordedTx, DeskError> {
        self.begin_with(principal, Some(why)).await
    }

    async fn begin_with(
        &self,
        principal: &Principal,
        unrecorded: Option<Unrecorded>,
    ) -> Result<RecordedTx, DeskError> {
        let tx = self.0.store.begin().await?;
        Ok(RecordedTx { tx, actor: Actor::of(principal), now: self.now(), recorded: vec![], unrecorded })
    }
}

impl RecordedTx {
    /// Says who it was, once that is known: who signs in was nobody before.
    pub(crate) fn act_as(&mut self, id: &UserId) {
        self.actor = Actor { kind: ActorKind::Person, id: Some(id.to_string()), name: None };
    }

    /// Says for whom it is done what the worker does.
    pub(crate) fn act_for(&mut self, principal: &Principal) {
        self.actor = Actor::of(principal);
    }

    /// Records that something was done to what has this id or key. Details hold ids, keys and names of fields only.
    pub(crate) fn record(&mut self, action: AuditAction, subject_id: impl ToString, details: Value) {
        self.recorded.push(Recorded { action, subject_id: Some(subject_id.to_string()), details });
    }

    /// Records that something was done to nothing in particular.
    pub(crate) fn record_alone(&mut self, action: AuditAction, details: Value) {
        self.recorded.push(Recorded { action, subject_id: None, details });
    }

    /// Whether nothing was recorded so far.
    pub(crate) fn is_unrecorded(&self) -> bool {
        self.recorded.is_empty()
    }

    /// A ticket that is about to change, whoever may read it. One in the archive comes back from there, so that nothing that is
    /// done to tickets has to know where they are.
    pub(crate) async fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>, DeskError> {
        if let Some(ticket) = self.tx.ticket(id).await? {
            return Ok(Some(ticket));
        }
        if self.tx.unarchive_tickets(std::slice::from_ref(id)).await? == 0 {
            return Ok(None);
        }
        self.record(AuditAction::TicketUnarchived, id, json!({}));
        Ok(self.tx.ticket(id).await?)
    }

    /// Makes everything true at once, with its entries.
    ///
    /// # Errors
    /// Those of the database; when nothing was recorded and no reason was given, nothing is written.
    pub(crate) async fn commit(mut self) -> Result<(), DeskError> {
        let is_change = !self.recorded.is_empty() || self.unrecorded.is_none_or(Unrecorded::is_change);
        if self.recorded.is_empty() {
            if self.unrecorded.is_none() {
                return Err(DeskError::failed(
                    "cannot change anything without an audit entry",
                    "none was recorded",
                ));
            }
        } else {
            self.write_entries().await?;
        }
        let committed = self.tx.commit().await;
        // Where the connection broke meanwhile, it may have been done.
        if is_change && matches!(committed, Ok(()) | Err(StoreError::Database(_))) {
            note_change();
        }
        Ok(committed?)
    }

    /// Leaves everything as it was.
    pub(crate) async fn rollback(self) -> Result<(), DeskError> {
        Ok(self.tx.rollback().await?)
    }

    async fn write_entries(&mut self) -> Result<(), DeskError> {
        let name = self.tx.actor_name(&self.actor).await?;
        let actor = Actor { name, ..self.actor.clone() };
        let end = self.tx.next_audit(self.recorded.len()).await?;
        // A clock that was set back must not mix up the order of times.
        let at = self.now.max(end.prev_at);
        let mut prev_hash = end.prev_hash;
        let mut entries = Vec::with_capacity(self.recorded.len());
        for (seq, recorded) in (end.seq..).zip(std::mem::take(&mut self.recorded)) {
            let entry = AuditEntry {
                seq,
                at,
                actor: actor.clone(),
                origin: origin(),
                action: recorded.action,
                subject_id: recorded.subject_id,
                details: recorded.details,
                prev_hash,
                hash: String::new(),
            };
            let hash = hash_of(&entry);
            prev_hash = hash.clone();
            entries.push(AuditEntry { hash, ..entry });
        }
        Ok(self.tx.insert_audit(&entries).await?)
    }
}

impl Deref for RecordedTx {
    type Target = WriteTx;

    fn deref(&self) -> &WriteTx {
        &self.tx
    }
}

impl DerefMut for RecordedTx {
    fn deref_mut(&mut self) -> &mut WriteTx {
        &mut self.tx
    }
}

/// The hash that an entry must have.
pub(super) fn hash_of(entry: &AuditEntry) -> String {
    ingest::content_hash(&entry.canonical())
}

/// The names of the parts that differ, as the log tells them.
pub(crate) fn changed_of<const N: usize>(parts: [(&'static str, bool); N]) -> Vec<&'static str> {
    parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }

    #[test]
    fn every_transaction_of_the_desk_is_one_that_records() {
        let mut found = vec![];
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        // In two parts, so that this line is none.
        let begins = format!("store{}", ".begin(");
        for (path, text) in found {
            let n = text.split_whitespace().collect::<String>().matches(&begins).count();
            let expected = usize::from(path.ends_with("audit/record.rs"));
            assert_eq!(
                n, expected,
                "{path}: begin with Desk::begin, which records, or Desk::begin_unrecorded"
            );
        }
    }

    #[test]
    fn only_old_age_takes_entries_away() {
        let mut found = vec![];
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/src"), &mut found);
        let mut n_deleting = 0;
        for (path, text) in found {
            for word in ["UPDATE audit ", "DELETE FROM audit ", "REPLACE INTO audit "] {
                n_deleting += text.matches(word).count();
                assert!(!text.contains(word) || path.ends_with("src/audit.rs"), "{path}: {word}");
            }
        }
        assert_eq!(n_deleting, 1, "the one that deletes what is too old");
    }
}
