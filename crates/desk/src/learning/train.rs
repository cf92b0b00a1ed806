//! One run of learning: remember what was solved, train, validate, and use the result where it is better.

use std::sync::Arc;

use answer::TopThree;
use domain::{AuditAction, LearnedVersion, Principal, SolvedTicket, Timestamp};
use learn::{Report, Solved, Verdict};
use search::{Learned, Remembered, VectorText};
use serde_json::json;

use super::versions::{VERSIONS_MAX, with_report};
use crate::{Desk, DeskError};

/// Remembered tickets that are read at a time.
const TICKETS_PER_PAGE: i64 = 1_000;
/// Most tickets that are kept in memory, the newest: some 70 MB.
pub(super) const TICKETS_MAX: usize = 100_000;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnProgress {
    /// So many newly solved tickets are remembered.
    Remembered(usize),
    /// All tickets are remembered; the training runs.
    Training,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct LearnOutcome {
    /// The version that was made.
    pub version: LearnedVersion,
    /// How good it is.
    pub report: Report,
    /// Tickets that were solved since the last run.
    pub n_new: usize,
    /// Alternative questions that wait for an editor.
    pub n_proposed: usize,
    /// Alternative questions that were accepted by themselves.
    pub n_accepted: usize,
}

impl Desk {
    /// Learns from every solved ticket. The new version is used when it finds more than the search without it, and no less
    /// than the one in use; otherwise it is kept and says why. Who went back to an older version, or turned all off, keeps
    /// that choice until they choose the newest good version again.
    ///
    /// A run that is stopped has lost nothing: what it remembered stays, and the next one goes on from there.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`]; those of the database, the model and the index.
    pub async fn learn(
        &self,
        principal: &Principal,
        progress: &mut (dyn FnMut(LearnProgress) + Send),
    ) -> Result<LearnOutcome, DeskError> {
        Self::require_settings(principal)?;
        let _one_at_a_time = self.0.learning.change.lock().await;
        self.forget_old().await?;
        let n_new = self.remember(&mut |n| progress(LearnProgress::Remembered(n))).await?;
        progress(LearnProgress::Training);
        let solved = self.solved_tickets(i64::MAX).await?;
        let last_seq = solved.last().map_or(0, |(seq, _)| *seq);
        let in_use = self.0.store.learned_version_in_use().await?;
        let current = in_use.as_ref().zip(self.0.engine.learned()).map(|(version, learned)| {
            (learned, solved.iter().take_while(|(seq, _)| *seq <= version.last_seq).count())
        });
        let solved: Vec<Solved> = solved.into_iter().map(|(_, solved)| solved).collect();
        let dims = self.0.embedder.dims();
        let current = current.as_ref().map(|(learned, n_known)| (learned, *n_known));
        let trained = learn::train(&self.0.engine, dims, &solved, current).await;
        let trained = trained.map_err(|error| DeskError::failed("cannot learn", error))?;
        let report_json = serde_json::to_string(&trained.report)
            .map_err(|error| DeskError::failed("cannot write the report", error))?;
        let is_used =
            trained.report.verdict == Verdict::Good && self.follows_the_newest(in_use.as_ref()).await?;
        let mut tx = self.begin(principal).await?;
        let number = tx.insert_learned_version(last_seq, &report_json, self.now()).await?;
        if is_used {
            tx.use_learned_version(Some(number)).await?;
        }
        tx.record(AuditAction::LearningTrained, number, json!({ "in_use": is_used }));
        tx.commit().await?;
        let learned = Arc::new(trained.learned.numbered(is_used.then_some(number)));
        if is_used || in_use.is_none() {
            // Without a version in use the memory serves suggested replies only.
            self.0.engine.set_learned(Some(Arc::clone(&learned)));
        }
        if is_used {
            self.0.learning.set_top_three(trained.report.confidence.model);
        }
        let (n_proposed, n_accepted) = self.propose_questions(&learned).await?;
        let version = self.0.store.find_learned_version(number).await?.ok_or(DeskError::NotFound)?;
        Ok(LearnOutcome { version, report: trained.report, n_new, n_proposed, n_accepted })
    }

    /// Whether the newest good version is in use, or there is none yet: then nobody has chosen otherwise.
    async fn follows_the_newest(&self, in_use: Option<&LearnedVersion>) -> Result<bool, DeskError> {
        let versions = self.0.store.list_learned_versions(VERSIONS_MAX).await?;
        for version in versions {
            let (version, report) = with_report(version)?;
            if report.verdict == Verdict::Good {
                return Ok(in_use.is_some_and(|in_use| in_use.number >= version.number));
            }
        }
        Ok(true)
    }

    /// Forgets what is too old; remembers what was solved, and learns when it is the hour for it and anything was.
    pub(crate) async fn learn_when_due(&self) -> Result<(), DeskError> {
        const HOUR_MS: i64 = 60 * 60 * 1_000;
        let one_at_a_time = self.0.learning.change.lock().await;
        self.forget_old().await?;
        let Some(hour) = self.0.config.learning.hour else { return Ok(()) };
        self.remember(&mut |_| {}).await?;
        drop(one_at_a_time);
        let now = self.now();
        if now.0.div_euclid(HOUR_MS).rem_euclid(24) != i64::from(hour) {
            return Ok(());
        }
        let last = self.0.store.list_learned_versions(1).await?.pop();
        // Once in the hour is enough.
        if last.as_ref().is_some_and(|last| now.0 - last.created_at.0 < HOUR_MS) {
            return Ok(());
        }
        let n_known = match &last {
            Some(last) => self.0.store.count_solved_tickets(last.last_seq).await?,
            None => 0,
        };
        if self.0.store.count_solved_tickets(i64::MAX).await? <= n_known {
            return Ok(());
        }
        let outcome = self.learn(&Principal::System, &mut |_| {}).await?;
        tracing::info!(
            version = outcome.version.number,
            n_new = outcome.n_new,
            "learned from solved tickets"
        );
        Ok(())
    }

    /// Loads what is in use, at start and after another process has changed it.
    ///
    /// # Errors
    /// Those of the database and the model.
    pub async fn load_learned(&self) -> Result<(), DeskError> {
        let version = self.0.store.learned_version_in_use().await?;
        let last_seq = version.as_ref().map_or(i64::MAX, |version| version.last_seq);
        let solved = self.solved_tickets(last_seq).await?;
        let remembered: Vec<Remembered> = solved.into_iter().map(|(_, solved)| solved.remembered).collect();
        let dims = self.0.embedder.dims();
        let learned = tokio::task::spawn_blocking(move || Learned::new(dims, &remembered))
            .await
            .map_err(|error| DeskError::failed("cannot load what was learned", error))?;
        let number = version.as_ref().map(|version| version.number);
        let report = version.map(with_report).transpose()?;
        self.0
            .learning
            .set_top_three(report.map_or_else(TopThree::default, |(_, report)| report.confidence.model));
        self.0.engine.set_learned(Some(Arc::new(learned.numbered(number))));
        Ok(())
    }

    /// The remembered tickets up to a place, oldest first, with their vectors; the newest, if there are too many.
    async fn solved_tickets(&self, last_seq: i64) -> Result<Vec<(i64, Solved)>, DeskError> {
        let mut all = std::collections::VecDeque::new();
        let mut after = 0;
        loop {
            let page = self.0.store.list_solved_tickets(after, last_seq, TICKETS_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            let texts = page.iter().map(|ticket| VectorText::of(&ticket.question)).collect();
            let vectors = self.vectors_of(texts, &mut |_| {}).await?;
            all.extend(page.into_iter().map(|ticket| {
                // Several tickets may ask the same.
                let vector = vectors.get(&VectorText::of(&ticket.question).hash).cloned();
                (ticket.seq, to_solved(ticket, vector.unwrap_or_default()))
            }));
            let n_more = all.len().saturating_sub(TICKETS_MAX);
            all.drain(..n_more);
        }
        Ok(all.into())
    }
}

fn to_solved(ticket: SolvedTicket, vector: Vec<f32>) -> Solved {
    let has_reply = !ticket.reply.is_empty();
    Solved {
        remembered: Remembered {
            ticket_id: ticket.ticket_id,
            customer_id: ticket.customer_id,
            question: ticket.question,
            vector,
            audiences: ticket.audiences,
            links: (ticket.links.into_iter())
                .filter(|link| link.weight > 0.0)
                .map(|link| (link.article_id, link.weight))
                .collect(),
            has_reply,
        },
        solved_at: Timestamp(ticket.solved_at.0),
        locale: ticket.locale,
    }
}
