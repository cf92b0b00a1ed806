//! The versions of what was learned: which one is in use, going back, turning it off, forgetting.

use domain::{ArticleId, AuditAction, LearnedVersion, Principal, Scope};
use learn::Report;
use serde_json::json;

use super::train::TICKETS_MAX;
use crate::{Desk, DeskError, input};

/// Versions that are listed.
pub(super) const VERSIONS_MAX: i64 = 100;

/// Every version with its report.
pub type Learnings = Vec<(LearnedVersion, Report)>;

impl Desk {
    /// The versions, newest first, at most 100.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`: a report names tickets.
    pub async fn learned_versions(&self, principal: &Principal) -> Result<Learnings, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let versions = self.0.store.list_learned_versions(VERSIONS_MAX).await?;
        let mut learnings: Learnings = versions.into_iter().map(with_report).collect::<Result<_, _>>()?;
        for (_, report) in &mut learnings {
            self.keep_seen_questions(principal, report).await?;
        }
        Ok(learnings)
    }

    /// One version with its report.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`].
    pub async fn learned_version(
        &self,
        principal: &Principal,
        number: i64,
    ) -> Result<(LearnedVersion, Report), DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let version = self.0.store.find_learned_version(number).await?.ok_or(DeskError::NotFound)?;
        let (version, mut report) = with_report(version)?;
        self.keep_seen_questions(principal, &mut report).await?;
        Ok((version, report))
    }

    /// Leaves of the tickets that a report names those that this principal sees.
    async fn keep_seen_questions(&self, principal: &Principal, report: &mut Report) -> Result<(), DeskError> {
        let ids = report.now_found.iter().map(|found| found.ticket_id.clone()).collect();
        let seen = self.seen_tickets(principal, ids).await?;
        report.now_found.retain(|found| seen.contains(&found.ticket_id));
        Ok(())
    }

    /// The title of a published article that a report names; its id where it is published no more.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:read`.
    pub fn article_title(&self, principal: &Principal, id: &ArticleId) -> Result<String, DeskError> {
        Self::require(principal, Scope::KbRead)?;
        Ok(self.0.engine.title_of(id).unwrap_or_else(|| id.to_string()))
    }

    /// Chooses the version that searches use, or none: then they find what they find on a new site. A server takes it over
    /// within a minute; [`Desk::refresh_learned`] does so at once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`] when there is no such
    /// version.
    pub async fn choose_learned_version(
        &self,
        principal: &Principal,
        number: Option<i64>,
    ) -> Result<(), DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.use_learned_version(number).await?;
        match number {
            Some(number) => tx.record(AuditAction::LearningChosen, number, json!({})),
            None => tx.record_alone(AuditAction::LearningChosen, json!({})),
        }
        tx.commit().await
    }

    /// Forgets all that was remembered of a customer's tickets, in every version. Returns how many tickets. A server takes
    /// it over within a minute.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`] when no customer has
    /// this address.
    pub async fn forget_customer(&self, principal: &Principal, email: &str) -> Result<usize, DeskError> {
        Self::require_settings(principal)?;
        let email = input::email(email)?;
        let mut tx = self.begin(principal).await?;
        let customer = tx.customer_by_email(&email).await?.ok_or(DeskError::NotFound)?;
        let n_tickets = self.forget_what_was_learned(&mut tx, &customer.id).await?;
        tx.record(AuditAction::CustomerForgotten, &customer.id, json!({ "n_tickets": n_tickets }));
        tx.commit().await?;
        Ok(n_tickets)
    }

    /// Loads what is in use where it is not what searches have: at start, and after another process has changed it.
    ///
    /// # Errors
    /// Those of the database and the model.
    pub async fn refresh_learned(&self) -> Result<(), DeskError> {
        let _one_at_a_time = self.0.learning.change.lock().await;
        let version = self.0.store.learned_version_in_use().await?;
        let last_seq = version.as_ref().map_or(i64::MAX, |version| version.last_seq);
        let n_tickets = self.0.store.count_solved_tickets(last_seq).await?;
        let is_fresh = self.0.engine.learned().is_some_and(|learned| {
            learned.number == version.as_ref().map(|version| version.number)
                && learned.memory.len() == n_tickets.min(TICKETS_MAX)
        });
        if is_fresh { Ok(()) } else { self.load_learned().await }
    }
}

pub(super) fn with_report(version: LearnedVersion) -> Result<(LearnedVersion, Report), DeskError> {
    let report = serde_json::from_str(&version.report_json)
        .map_err(|error| DeskError::failed("cannot read the report of a learned version", error))?;
    Ok((version, report))
}
