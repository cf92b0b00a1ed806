//! Reading the audit log, checking that nothing in it was changed, and deleting what is too old.

use domain::{AuditAction, AuditEntry, Principal, Scope, Timestamp};
use serde_json::json;
pub use store::AuditOrder;
use store::{AuditFilter, StoreError};

use super::record::hash_of;
use crate::{Desk, DeskError};

/// Entries on one page, at most.
pub const AUDIT_PER_PAGE_MAX: usize = 1_000;
/// Entries that are deleted in one transaction, so that nobody waits long for the next.
const TRIMMED_PER_ROUND: i64 = 5_000;

/// Which entries to read. What is absent is not asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// By whom: the id of a person, key, customer or conversation.
    pub actor: Option<String>,
    /// An action, or how its name begins: `ticket.` for all that is done to tickets.
    pub action: Option<String>,
    /// To what: `ticket:ID`, or the id or key alone.
    pub subject: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Beyond this entry: `next` of the page before.
    pub after: Option<i64>,
    /// In which order.
    pub order: AuditOrder,
    /// How many; at most [`AUDIT_PER_PAGE_MAX`].
    pub limit: usize,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// `after` of the next page, unless this is the last one.
    pub next: Option<i64>,
}

/// What checking the log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Entries that were checked and are as they were written.
    pub n_checked: u64,
    /// The sequence of the last of them.
    pub last_seq: i64,
    /// Its hash. Who noted it elsewhere sees that nothing before it was written anew.
    pub last_hash: String,
    /// The first entry that is not as it was written, if any.
    pub broken: Option<BrokenEntry>,
}

/// Where the chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenEntry {
    /// The sequence of the entry.
    pub seq: i64,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Desk {
    /// A part of the audit log.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets; [`DeskError::Invalid`]
    /// when no action begins so.
    pub async fn list_audit(&self, principal: &Principal, query: AuditQuery) -> Result<AuditPage, DeskError> {
        Self::require_audit(principal)?;
        let limit = query.limit.clamp(1, AUDIT_PER_PAGE_MAX);
        let mut actions = match query.action.as_deref() {
            None => vec![],
            Some(name) => match AuditAction::parse(name) {
                Some(action) => vec![action],
                None => AuditAction::beginning_with(name),
            },
        };
        if query.action.is_some() && actions.is_empty() {
            return Err(DeskError::invalid("action", "no action is called so or begins so"));
        }
        let mut subject_id = query.subject;
        if let Some((kind, id)) = subject_id.as_deref().and_then(|subject| subject.split_once(':')) {
            let of_kind = AuditAction::beginning_with(&format!("{kind}."));
            actions = match actions.is_empty() {
                true => of_kind,
                false => actions.into_iter().filter(|action| of_kind.contains(action)).collect(),
            };
            if actions.is_empty() {
                return Err(DeskError::invalid("subject", "a kind and an id, such as ticket:ID"));
            }
            subject_id = Some(id.to_owned());
        }
        let filter = AuditFilter {
            actor_id: query.actor,
            actions,
            subject_id,
            from: query.from,
            to: query.to,
            after: query.after,
            order: query.order,
            limit: limit + 1,
        };
        let mut entries = self.0.store.list_audit(&filter).await?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_more).map(|entry| entry.seq);
        Ok(AuditPage { entries, next })
    }

    /// Walks the whole log and compares each entry with its hash and with the one before it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets; those of the database.
    pub async fn verify_audit(&self, principal: &Principal) -> Result<AuditVerdict, DeskError> {
        Self::require_audit(principal)?;
        // What is written meanwhile comes after it.
        let end = self.0.store.last_audit_seq().await?;
        let anchor = self.0.store.audit_anchor().await?;
        let mut verdict =
            AuditVerdict { n_checked: 0, last_seq: anchor.seq, last_hash: anchor.hash, broken: None };
        loop {
            self.walk_audit(&mut verdict, end).await?;
            if verdict.broken.is_none() {
                return Ok(verdict);
            }
            let anchor = self.0.store.audit_anchor().await?;
            if anchor.seq <= verdict.last_seq {
                return Ok(verdict);
            }
            // What was to come next was too old and is gone since: the chain begins later by now.
            (verdict.last_seq, verdict.last_hash, verdict.broken) = (anchor.seq, anchor.hash, None);
        }
    }

    /// Walks on from where a verdict stands, to the end or to the first entry that is not as it was written.
    async fn walk_audit(&self, verdict: &mut AuditVerdict, end: i64) -> Result<(), DeskError> {
        let mut limit = AUDIT_PER_PAGE_MAX;
        while verdict.last_seq < end {
            let after = Some(verdict.last_seq);
            let filter =
                AuditFilter { after, order: AuditOrder::OldestFirst, limit, ..AuditFilter::default() };
            let entries = match self.0.store.list_audit(&filter).await {
                Ok(entries) => entries,
                // One by one, to find the entry that cannot be read.
                Err(StoreError::Database(_)) if limit > 1 => {
                    limit = 1;
                    continue;
                }
                Err(StoreError::Database(_)) => {
                    verdict.broken =
                        Some(BrokenEntry { seq: verdict.last_seq + 1, why: "it cannot be read" });
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            if entries.is_empty() {
                verdict.broken = Some(BrokenEntry { seq: verdict.last_seq + 1, why: "it is missing" });
                return Ok(());
            }
            for entry in entries {
                if let Some(broken) = broken(verdict, &entry) {
                    verdict.broken = Some(broken);
                    return Ok(());
                }
                verdict.n_checked += 1;
                verdict.last_seq = entry.seq;
                verdict.last_hash = entry.hash;
            }
        }
        Ok(())
    }

    /// Deletes entries that are older than the site keeps them. The chain then begins after them.
    pub(crate) async fn trim_audit(&self) -> Result<(), DeskError> {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        let Some(days) = self.0.config.retention.audit_days else { return Ok(()) };
        let before = Timestamp(self.now().0 - i64::from(days) * DAY_MS);
        loop {
            let mut tx = self.begin(&Principal::System).await?;
            let Some(n) = tx.trim_audit(before, TRIMMED_PER_ROUND).await? else { return tx.rollback().await };
            tx.record_alone(AuditAction::AuditTrimmed, json!({ "n": n }));
            tx.commit().await?;
        }
    }

    /// The log tells of all tickets, so that who sees only some sees none of it.
    fn require_audit(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::Admin)
    }
}

fn broken(verdict: &AuditVerdict, entry: &AuditEntry) -> Option<BrokenEntry> {
    let next = verdict.last_seq + 1;
    if entry.seq != next {
        return Some(BrokenEntry { seq: next, why: "it is missing" });
    }
    if entry.prev_hash != verdict.last_hash {
        return Some(BrokenEntry { seq: next, why: "it does not follow the entry before it" });
    }
    (hash_of(entry) != entry.hash).then_some(BrokenEntry { seq: next, why: "it was changed" })
}
