//! Questions proposed for articles. For who may write articles.

use domain::{
    ArticleId, CustomerId, Principal, ProposalId, ProposalState, ProposedQuestion, Scope, Timestamp,
};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::updated};

const COLUMNS: &str = "id, article_id, locale, question, n_askers, confidence, customer_id, state";

impl Store {
    /// The questions proposed for an article, or for all; what waits comes first, then the surest.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_proposed_questions(
        &self,
        principal: &Principal,
        article_id: Option<&ArticleId>,
        limit: i64,
    ) -> Result<Vec<ProposedQuestion>, StoreError> {
        if !principal.may(Scope::KbWrite) {
            return Ok(vec![]);
        }
        let text = format!(
            "SELECT {COLUMNS} FROM proposed_questions WHERE $1 = '' OR article_id = $1 \
             ORDER BY CASE state WHEN 'proposed' THEN 0 WHEN 'accepted' THEN 1 ELSE 2 END, confidence DESC, id LIMIT $2"
        );
        let query =
            sqlx::query(sql(text)).bind(article_id.map(ArticleId::as_str).unwrap_or_default()).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(proposed).collect()
    }
}

impl WriteTx {
    /// A proposed question.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn proposed_question(
        &mut self,
        id: &ProposalId,
    ) -> Result<Option<ProposedQuestion>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM proposed_questions WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(proposed).transpose()
    }

    /// Puts these in place of all that nobody has decided on yet. What was decided stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without one of the articles.
    pub async fn replace_proposed_questions(
        &mut self,
        questions: &[ProposedQuestion],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM proposed_questions WHERE state = 'proposed'")
            .execute(self.connection())
            .await?;
        for question in questions {
            let is_decided = question.state != ProposalState::Proposed;
            sqlx::query(
                "INSERT INTO proposed_questions (id, article_id, locale, question, n_askers, confidence, customer_id, \
                 state, created_at_ms, decided_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(question.id.as_str())
            .bind(question.article_id.as_str())
            .bind(question.locale.as_str())
            .bind(question.question.as_str())
            .bind(row::to_int(question.n_askers))
            .bind(question.confidence)
            .bind(question.customer_id.as_ref().map(CustomerId::as_str))
            .bind(state_key(question.state))
            .bind(now.0)
            .bind(is_decided.then_some(now.0))
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Decides on a proposed question, or takes the decision back. What indexes keep of the article follows with
    /// [`WriteTx::touch_published`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn decide_proposed_question(
        &mut self,
        id: &ProposalId,
        state: ProposalState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_decided = state != ProposalState::Proposed;
        let done = sqlx::query("UPDATE proposed_questions SET state = $2, decided_at_ms = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(state_key(state))
            .bind(is_decided.then_some(now.0))
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "proposed question")
    }

    /// Forgets the questions that are in this customer's words, decided or not. Returns the articles that had one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_proposed_questions_of(
        &mut self,
        customer: &CustomerId,
    ) -> Result<Vec<ArticleId>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT article_id FROM proposed_questions WHERE customer_id = $1 AND state = 'accepted' \
             ORDER BY article_id",
        )
        .bind(customer.as_str())
        .fetch_all(self.connection())
        .await?;
        sqlx::query("DELETE FROM proposed_questions WHERE customer_id = $1")
            .bind(customer.as_str())
            .execute(self.connection())
            .await?;
        rows.iter().map(|row| row::text(row, "article_id").map(ArticleId::new)).collect()
    }
}

fn state_key(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Proposed => "proposed",
        ProposalState::Accepted => "accepted",
        ProposalState::Dismissed => "dismissed",
    }
}

fn proposed(row: &AnyRow) -> Result<ProposedQuestion, StoreError> {
    Ok(ProposedQuestion {
        id: ProposalId::new(row::text(row, "id")?),
        article_id: ArticleId::new(row::text(row, "article_id")?),
        locale: row::locale(row, "locale")?,
        question: row::text(row, "question")?,
        n_askers: row::number(row, "n_askers")?,
        confidence: row::real(row, "confidence")?,
        customer_id: row::optional_text(row, "customer_id")?.map(CustomerId::new),
        state: row::parsed(row, "state", |key| match key {
            "proposed" => Some(ProposalState::Proposed),
            "accepted" => Some(ProposalState::Accepted),
            "dismissed" => Some(ProposalState::Dismissed),
            _ => None,
        })?,
    })
}
