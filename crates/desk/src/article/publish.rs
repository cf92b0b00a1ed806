//! Publishing and withdrawing: true for the next question, not after a crawl.

use domain::{
    ArticleId, AuditAction, Locale, Passage, Principal, PublicationState, Scope, Translation, Version,
    VersionId,
};
use serde_json::json;

use ingest::PassageOptions;

use crate::{ArticleView, Desk, DeskError, input};

impl Desk {
    /// Makes the working text what readers see, and waits until search and bot know it.
    ///
    /// Publishing a text that is published already changes nothing.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, [`DeskError::NotFound`]; [`DeskError::Stale`] when `expected_revision` is not
    /// the text's revision.
    pub async fn publish_article(
        &self,
        principal: &Principal,
        id: &ArticleId,
        locale: Option<&Locale>,
        expected_revision: Option<i64>,
    ) -> Result<ArticleView, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let view = self.article_view(&Principal::System, id, locale).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let translation = tx.translation(id, &view.translation.locale).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, translation.revision)?;
        let latest = tx.latest_version(id, &translation.locale).await?;
        if translation.state == PublicationState::Published
            && latest.as_ref().is_some_and(|v| says(v, &translation))
        {
            tx.rollback().await?;
            return Ok(view);
        }
        let version = self.next_version(&translation, latest.map_or(0, |version| version.number));
        let passages = split(&version);
        tx.publish(&version, &passages, now).await?;
        let details = json!({ "locale": version.locale, "version": version.number });
        tx.record(AuditAction::ArticlePublished, id, details);
        tx.commit().await?;
        self.catch_up().await?;
        self.article_view(&Principal::System, id, Some(&version.locale)).await
    }

    /// Withdraws what readers see. The working text and every version stay.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, [`DeskError::NotFound`]; [`DeskError::Stale`] when `expected_revision` is not
    /// the text's revision.
    pub async fn unpublish_article(
        &self,
        principal: &Principal,
        id: &ArticleId,
        locale: Option<&Locale>,
        expected_revision: Option<i64>,
    ) -> Result<ArticleView, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        // Whoever may write an article may read its draft.
        let view = self.article_view(&Principal::System, id, locale).await?;
        let mut tx = self.begin(principal).await?;
        let translation = tx.translation(id, &view.translation.locale).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, translation.revision)?;
        if translation.state != PublicationState::Published {
            tx.rollback().await?;
            return Ok(view);
        }
        tx.unpublish(id, &translation.locale, self.now()).await?;
        tx.record(AuditAction::ArticleUnpublished, id, json!({ "locale": translation.locale }));
        tx.commit().await?;
        self.catch_up().await?;
        self.article_view(&Principal::System, id, Some(&translation.locale)).await
    }

    /// The version that publishing this working text would make.
    pub(crate) fn next_version(&self, translation: &Translation, n_versions: i64) -> Version {
        Version {
            id: VersionId::new(self.id()),
            article_id: translation.article_id.clone(),
            locale: translation.locale.clone(),
            number: n_versions + 1,
            title: translation.title.clone(),
            body: translation.body.clone(),
            questions: translation.questions.clone(),
            created_at: self.now(),
        }
    }
}

/// Whether a version says what the working text says.
pub(crate) fn says(version: &Version, translation: &Translation) -> bool {
    (&version.title, &version.body, &version.questions)
        == (&translation.title, &translation.body, &translation.questions)
}

/// A version's passages.
pub(crate) fn split(version: &Version) -> Vec<Passage> {
    ingest::passages(&version.id, &version.title, &version.body, &PassageOptions::default())
}
