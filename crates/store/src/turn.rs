//! Turns of conversations, and what customers said about them.

use domain::{ArticleId, ConversationId, Feedback, Principal, Turn, TurnContent, TurnId};
use sqlx::{Any, AnyConnection, any::AnyArguments, any::AnyRow, query::Query};

use crate::{Store, StoreError, WriteTx, placeholders::sql, reader::TicketReader, row, tx::inserted};

const COLUMNS: &str = "n.id AS id, n.conversation_id AS conversation_id, n.ordinal AS ordinal, \
     n.content_json AS content_json, n.feedback AS feedback, n.opened_article_id AS opened_article_id, n.created_at_ms AS created_at_ms";

impl Store {
    /// The turns of a conversation, in order; none when it is not the principal's to read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_turns(
        &self,
        principal: &Principal,
        id: &ConversationId,
    ) -> Result<Vec<Turn>, StoreError> {
        let reader = TicketReader::of_conversations(principal);
        let text = format!(
            "SELECT {COLUMNS} FROM turns n JOIN conversations c ON c.id = n.conversation_id \
             WHERE c.id = $1 AND {} ORDER BY n.ordinal",
            reader.conversation(2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        list(&mut *self.reader().await?, query).await
    }
}

impl WriteTx {
    /// The turns of a conversation, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn turns(&mut self, id: &ConversationId) -> Result<Vec<Turn>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM turns n WHERE n.conversation_id = $1 ORDER BY n.ordinal");
        list(self.connection(), sqlx::query(sql(text)).bind(id.as_str())).await
    }

    /// Adds a turn.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the conversation already has a turn at its place.
    pub async fn insert_turn(&mut self, turn: &Turn) -> Result<(), StoreError> {
        let speaker = match &turn.content {
            TurnContent::Customer { .. } => "customer",
            TurnContent::Bot { .. } => "bot",
            TurnContent::Agent { .. } => "agent",
        };
        let done = sqlx::query(
            "INSERT INTO turns (id, conversation_id, ordinal, speaker, feedback, created_at_ms, content_json) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(turn.id.as_str())
        .bind(turn.conversation_id.as_str())
        .bind(i64::from(turn.ordinal))
        .bind(speaker)
        .bind(turn.feedback.map(feedback_key))
        .bind(turn.created_at.0)
        .bind(row::to_json(&turn.content)?)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "the conversation already has a turn at this place")
    }

    /// Stores what the customer says about a turn. Returns whether that is news: saying it again is not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_feedback(&mut self, id: &TurnId, feedback: Feedback) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE turns SET feedback = $2 WHERE id = $1 AND (feedback IS NULL OR feedback <> $2)",
        )
        .bind(id.as_str())
        .bind(feedback_key(feedback))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Stores which cited article the customer opened first after the last turn of the bot.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the article.
    pub async fn set_opened(
        &mut self,
        id: &ConversationId,
        article_id: &ArticleId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE turns SET opened_article_id = $2 WHERE opened_article_id IS NULL AND id = \
             (SELECT n.id FROM turns n WHERE n.conversation_id = $1 AND n.speaker = 'bot' \
             ORDER BY n.ordinal DESC LIMIT 1)",
        )
        .bind(id.as_str())
        .bind(article_id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Feedback as it is stored.
pub(crate) fn feedback_key(feedback: Feedback) -> &'static str {
    match feedback {
        Feedback::Helpful => "helpful",
        Feedback::Unhelpful => "unhelpful",
    }
}

async fn list(
    connection: &mut AnyConnection,
    query: Query<'_, Any, AnyArguments>,
) -> Result<Vec<Turn>, StoreError> {
    query.fetch_all(connection).await?.iter().map(turn).collect()
}

fn turn(row: &AnyRow) -> Result<Turn, StoreError> {
    let feedback = match row::optional_text(row, "feedback")?.as_deref() {
        None => None,
        Some("helpful") => Some(Feedback::Helpful),
        Some(_) => Some(Feedback::Unhelpful),
    };
    Ok(Turn {
        id: TurnId::new(row::text(row, "id")?),
        conversation_id: ConversationId::new(row::text(row, "conversation_id")?),
        ordinal: row::number(row, "ordinal")?,
        content: row::json(row, "content_json")?,
        feedback,
        opened_article_id: row::optional_text(row, "opened_article_id")?.map(ArticleId::new),
        created_at: row::time(row, "created_at_ms")?,
    })
}
