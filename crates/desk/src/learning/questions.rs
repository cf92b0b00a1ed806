//! Alternative questions in customers' own words: proposed by what people did, accepted by editors, or by themselves where
//! they are sure.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ArticleId, Audience, AuditAction, Locale, Principal, ProposalId, ProposalState, ProposedQuestion, Scope,
};
use learn::{Proposal, Signal};
use search::{Learned, VectorText};
use serde_json::json;

use crate::{Desk, DeskError, audit::Unrecorded};

/// Proposed questions that are listed.
const LISTED_MAX: i64 = 200;
/// Decided questions that are looked at, so that they are not proposed again.
const DECIDED_MAX: i64 = 100_000;

impl Desk {
    /// The questions proposed for an article, or for all: what waits first, then the surest; at most 200.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`.
    pub async fn proposed_questions(
        &self,
        principal: &Principal,
        article_id: Option<&ArticleId>,
    ) -> Result<Vec<ProposedQuestion>, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        Ok(self.0.store.list_proposed_questions(principal, article_id, LISTED_MAX).await?)
    }

    /// Makes a proposed question an alternative question of its article, or none, or takes either back. The next search follows.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, [`DeskError::NotFound`].
    pub async fn decide_proposed_question(
        &self,
        principal: &Principal,
        id: &ProposalId,
        state: ProposalState,
    ) -> Result<ProposedQuestion, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let mut tx = self.begin(principal).await?;
        let before = tx.proposed_question(id).await?.ok_or(DeskError::NotFound)?;
        if before.state != state {
            tx.decide_proposed_question(id, state, self.now()).await?;
            if [before.state, state].contains(&ProposalState::Accepted) {
                tx.touch_published(&before.article_id, self.now()).await?;
            }
        }
        // Deciding again what was decided so is no change, but an act.
        let details = json!({ "article_id": before.article_id, "state": [before.state, state] });
        tx.record(AuditAction::QuestionDecided, id, details);
        tx.commit().await?;
        self.catch_up().await?;
        Ok(ProposedQuestion { state, ..before })
    }

    /// Proposes what follows from all that was done, in place of what was proposed before. Returns how many questions wait and
    /// how many were accepted by themselves.
    pub(super) async fn propose_questions(&self, learned: &Learned) -> Result<(usize, usize), DeskError> {
        let mut signals = self.signals().await?;
        let known = self.known_questions(&signals).await?;
        signals.retain(|signal| known.contains_key(&signal.article_id));
        let is_fit = |text: &str| {
            // What was found in it stands there in brackets.
            !text.contains('[') && !answer::is_personal(text) && !self.0.engine.holds_rare_name(learned, text)
        };
        let proposals = learn::propose(&signals, &known, &is_fit);
        let questions: Vec<ProposedQuestion> =
            proposals.into_iter().map(|proposal| self.proposed(proposal)).collect();
        let accepted: BTreeSet<&ArticleId> = (questions.iter())
            .filter(|question| question.state == ProposalState::Accepted)
            .map(|question| &question.article_id)
            .collect();
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
        tx.replace_proposed_questions(&questions, self.now()).await?;
        for article in accepted {
            tx.touch_published(article, self.now()).await?;
        }
        for question in questions.iter().filter(|question| question.state == ProposalState::Accepted) {
            let details = json!({ "article_id": question.article_id, "state": [null, question.state] });
            tx.record(AuditAction::QuestionDecided, &question.id, details);
        }
        tx.commit().await?;
        let n_accepted =
            questions.iter().filter(|question| question.state == ProposalState::Accepted).count();
        Ok((questions.len() - n_accepted, n_accepted))
    }

    fn proposed(&self, proposal: Proposal) -> ProposedQuestion {
        let is_sure = proposal.confidence >= self.0.config.learning.accept_questions_from;
        ProposedQuestion {
            id: ProposalId::new(self.id()),
            article_id: proposal.article_id,
            locale: proposal.locale,
            question: proposal.question,
            n_askers: proposal.n_askers,
            confidence: proposal.confidence,
            customer_id: proposal.customer_id,
            state: if is_sure { ProposalState::Accepted } else { ProposalState::Proposed },
        }
    }

    /// The articles that everybody may read, each with the vectors of what it says already and of what was decided on.
    async fn known_questions(
        &self,
        signals: &[Signal],
    ) -> Result<BTreeMap<ArticleId, Vec<Vec<f32>>>, DeskError> {
        let mut texts: BTreeMap<ArticleId, Vec<String>> = BTreeMap::new();
        let wanted: BTreeSet<(&ArticleId, &Locale)> =
            signals.iter().map(|signal| (&signal.article_id, &signal.locale)).collect();
        for (article, locale) in wanted {
            let published = self.0.store.published(article, locale).await?;
            if let Some(published) = published.filter(|text| text.article.audience == Audience::Public) {
                let known = texts.entry(article.clone()).or_default();
                known.push(published.version.title);
                known.extend(published.version.questions);
            }
        }
        let decided = self.0.store.list_proposed_questions(&Principal::System, None, DECIDED_MAX).await?;
        for question in decided.into_iter().filter(|question| question.state != ProposalState::Proposed) {
            if let Some(known) = texts.get_mut(&question.article_id) {
                known.push(question.question);
            }
        }
        let all = texts.values().flatten().map(|text| VectorText::of(text)).collect();
        let vectors = self.vectors_of(all, &mut |_| {}).await?;
        let vector = |text: &String| vectors.get(&VectorText::of(text).hash).cloned();
        let known =
            texts.into_iter().map(|(article, texts)| (article, texts.iter().filter_map(vector).collect()));
        Ok(known.collect())
    }
}
