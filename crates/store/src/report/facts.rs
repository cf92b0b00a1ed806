//! What is known of each ticket and conversation, as it was counted.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::AnyConnection;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    row,
};

/// Facts that one statement stores.
const ROWS: usize = 100;

/// Of what facts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactsKind {
    /// Of tickets.
    Ticket,
    /// Of conversations.
    Conversation,
}

impl FactsKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Conversation => "conversation",
        }
    }
}

/// What is known of a ticket or conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts<F> {
    /// In which generation it was counted.
    pub generation: i64,
    /// What is known.
    pub facts: F,
}

impl Store {
    /// What is known of these tickets or conversations, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_facts<F: DeserializeOwned>(
        &self,
        kind: FactsKind,
        ids: &[&str],
    ) -> Result<HashMap<String, StoredFacts<F>>, StoreError> {
        find(&mut *self.reader().await?, kind, ids).await
    }

    /// Of how many tickets and conversations something is known.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_report_facts(&self) -> Result<i64, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS n FROM report_facts")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&found, "n")
    }
}

impl WriteTx {
    /// What is known of these tickets or conversations, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_facts<F: DeserializeOwned>(
        &mut self,
        kind: FactsKind,
        ids: &[&str],
    ) -> Result<HashMap<String, StoredFacts<F>>, StoreError> {
        find(self.connection(), kind, ids).await
    }

    /// Stores what is known of tickets or conversations, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn save_report_facts<F: Serialize>(
        &mut self,
        kind: FactsKind,
        generation: i64,
        facts: &[(&str, &F)],
    ) -> Result<(), StoreError> {
        for facts in facts.chunks(ROWS) {
            let text = format!(
                "INSERT INTO report_facts (kind, subject_id, generation, facts_json) VALUES {} \
                 ON CONFLICT (kind, subject_id) DO UPDATE SET generation = excluded.generation, \
                 facts_json = excluded.facts_json",
                placeholders::rows(facts.len(), 4)
            );
            let mut query = sqlx::query(sql(text));
            for (id, facts) in facts {
                query = query.bind(kind.as_str()).bind(*id).bind(generation).bind(row::to_json(facts)?);
            }
            query.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Deletes some of what was known in other generations. Returns how much.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_old_report_facts(&mut self, generation: i64, limit: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM report_facts WHERE (kind, subject_id) IN \
             (SELECT kind, subject_id FROM report_facts WHERE generation <> $1 LIMIT $2)",
        )
        .bind(generation)
        .bind(limit)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

async fn find<F: DeserializeOwned>(
    connection: &mut AnyConnection,
    kind: FactsKind,
    ids: &[&str],
) -> Result<HashMap<String, StoredFacts<F>>, StoreError> {
    let mut known = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(placeholders::LIST_MAX) {
        let ids = placeholders::padded(ids);
        let text = format!(
            "SELECT subject_id, generation, facts_json FROM report_facts WHERE kind = $1 AND subject_id IN ({})",
            placeholders::list(2, ids.len())
        );
        let query = ids.iter().fold(sqlx::query(sql(text)).bind(kind.as_str()), |query, id| query.bind(*id));
        for found in query.fetch_all(&mut *connection).await? {
            let stored = StoredFacts {
                generation: row::int(&found, "generation")?,
                facts: row::json(&found, "facts_json")?,
            };
            known.insert(row::text(&found, "subject_id")?, stored);
        }
    }
    Ok(known)
}
