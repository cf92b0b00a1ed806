//! Importing tickets and customers of another system: in batches, each a transaction, so that an import that was stopped goes on
//! where it was, and one that runs again makes nothing twice (docs/decisions/0030).

mod author;
mod change;
mod customer;
mod id;
mod message;
mod resolve;
mod ticket;
mod value;

use std::collections::BTreeMap;

use domain::{
    AuditAction, Field, FieldKind, FieldOf, FieldState, Locale, Principal, Required, Scope, Team, Timestamp,
};
use serde_json::json;

use crate::{Desk, DeskError, ImportRun, input};

/// The custom field that keeps the id that a ticket had elsewhere.
pub const IMPORTED_ID: &str = "imported_id";
/// The team of tickets that name none, where nobody names another.
pub const IMPORT_TEAM: &str = "support";
/// Longest name of a source, in bytes.
const SOURCE_BYTES_MAX: usize = 64;
/// How far in the future a time may lie: clocks differ, and exports write local time.
const AHEAD_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// How tickets and customers are imported.
#[derive(Debug, Clone)]
pub struct TicketImport {
    /// What the other system is called; ids are told apart by it.
    pub source: String,
    /// The team, by key, of tickets whose team is not there.
    pub team: String,
    /// What becomes of teams that are not there.
    pub teams: Missing,
    /// What becomes of custom fields that are not there.
    pub fields: Missing,
    /// The language of tickets.
    pub locale: Locale,
    /// Whether anything is written.
    pub run: ImportRun,
}

/// What becomes of what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is made.
    Create,
    /// It is left out, and told of.
    LeaveOut,
}

/// What became of a batch of tickets, customers or messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketImportReport {
    /// Those that are new.
    pub n_new: usize,
    /// Those that were there and changed in the other system since.
    pub n_changed: usize,
    /// Those that are as they were.
    pub n_unchanged: usize,
    /// Those that changed there, but here too, or whose customer was erased here: they stay.
    pub n_kept: usize,
    /// Messages that are new.
    pub n_messages: usize,
    /// Customers whom tickets made.
    pub n_customers: usize,
    /// What could not be taken, by its place in the batch, and why.
    pub refused: Vec<(usize, String)>,
    /// What was strange about those that were taken.
    pub notes: Vec<(usize, String)>,
    /// Teams, custom fields and agents that are not there, by how many tickets name them.
    pub missing: BTreeMap<String, u64>,
}

impl TicketImportReport {
    fn refuse(&mut self, place: usize, why: impl Into<String>) {
        self.refused.push((place, why.into()));
    }

    fn note(&mut self, place: usize, what: impl Into<String>) {
        self.notes.push((place, what.into()));
    }

    fn miss(&mut self, what: String) {
        *self.missing.entry(what).or_default() += 1;
    }
}

impl Desk {
    /// Begins an import: what it needs is there afterwards, and the audit log tells of it, once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets; [`DeskError::Invalid`]
    /// for a source or team that cannot be.
    pub async fn begin_ticket_import(
        &self,
        principal: &Principal,
        import: &TicketImport,
    ) -> Result<(), DeskError> {
        Self::require_import(principal)?;
        let source = input::text("source", &import.source, SOURCE_BYTES_MAX)?;
        if !Team::is_key(source) {
            return Err(DeskError::invalid("source", "1 to 64 of a-z 0-9 _ -"));
        }
        if !Team::is_key(&import.team) {
            return Err(DeskError::invalid("team", "1 to 64 of a-z 0-9 _ -"));
        }
        let mut tx = self.begin(principal).await?;
        let is_there = import.team == IMPORT_TEAM || tx.team(&import.team).await?.is_some();
        if !is_there && import.teams == Missing::LeaveOut {
            let message =
                format!("there is no team {:?}; make it first, or let the import make teams", import.team);
            return Err(DeskError::invalid("team", message));
        }
        if tx.fields(FieldOf::Ticket).await?.iter().all(|field| field.key != IMPORTED_ID) {
            tx.insert_field(&imported_id_field()).await?;
            tx.record(AuditAction::FieldCreated, IMPORTED_ID, json!({ "kind": FieldKind::Text }));
        }
        tx.record_alone(AuditAction::SiteImported, json!({ "source": import.source }));
        match import.run {
            ImportRun::Write => tx.commit().await,
            ImportRun::DryRun => tx.rollback().await,
        }
    }

    fn require_import(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::Admin)
    }

    /// Whether a time lies so far ahead that it is wrong.
    fn is_ahead(&self, at: Timestamp) -> bool {
        at.0 > self.now().0.saturating_add(AHEAD_MS_MAX)
    }
}

fn imported_id_field() -> Field {
    Field {
        of: FieldOf::Ticket,
        key: IMPORTED_ID.to_owned(),
        title: "Number before the import".to_owned(),
        kind: FieldKind::Text,
        show_when: None,
        required: Required::Never,
        position: 1_000,
        state: FieldState::Active,
        revision: 1,
    }
}
