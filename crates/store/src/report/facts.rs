//! What is known of each ticket and conversation, as it was counted.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    row,
};

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

    /// What is known of tickets or conversations that are deleted, by id, in order, after one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_facts_of_deleted<F: DeserializeOwned>(
        &self,
        kind: FactsKind,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, F)>, StoreError> {
        let is_there = match kind {
            FactsKind::Ticket => {
                archive::either("EXISTS (SELECT 1 FROM tickets t WHERE t.id = f.subject_id)")
            }
            FactsKind::Conversation => {
                "EXISTS (SELECT 1 FROM conversations c WHERE c.id = f.subject_id)".to_owned()
            }
        };
        let text = format!(
            "SELECT f.subject_id AS subject_id, f.facts_json AS facts_json FROM report_facts f \
             WHERE f.kind = $1 AND f.subject_id > $2 AND NOT {is_there} ORDER BY f.subject_id LIMIT $3"
        );
        let query = sqlx::query(sql(text)).bind(kind.as_str()).bind(after).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(known).collect()
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
        for facts in facts.chunks(placeholders::rows_per_insert(4)) {
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

    /// Some of what is known in other generations only, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn old_report_facts<F: DeserializeOwned>(
        &mut self,
        kind: FactsKind,
        generation: i64,
        limit: i64,
    ) -> Result<Vec<(String, F)>, StoreError> {
        let rows = sqlx::query(
            "SELECT subject_id, facts_json FROM report_facts WHERE kind = $1 AND generation <> $2 LIMIT $3",
        )
        .bind(kind.as_str())
        .bind(generation)
        .bind(limit)
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(known).collect()
    }
}

fn known<F: DeserializeOwned>(found: &AnyRow) -> Result<(String, F), StoreError> {
    Ok((row::text(found, "subject_id")?, row::json(found, "facts_json")?))
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
