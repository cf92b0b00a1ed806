//! How far the counting for reports is.

use domain::Zone;
use sqlx::AnyConnection;

use crate::{Store, StoreError, WriteTx, row};

/// The name of the one row.
const NAME: &str = "reports";

/// What the counting is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportPhase {
    /// The sums of before are being deleted.
    Clearing,
    /// All tickets are being counted, by id.
    Tickets,
    /// All conversations are being counted, by id.
    Conversations,
    /// What is known of what is no longer there is being deleted.
    Leftovers,
    /// Everything is counted, and events are followed.
    Ready,
}

impl ReportPhase {
    const ALL: [Self; 5] = [Self::Clearing, Self::Tickets, Self::Conversations, Self::Leftovers, Self::Ready];

    fn as_str(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::Tickets => "tickets",
            Self::Conversations => "conversations",
            Self::Leftovers => "leftovers",
            Self::Ready => "ready",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }
}

/// How far the counting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportState {
    /// By whose days it is counted.
    pub zone: Zone,
    /// Counts how often it began from nothing, from 1. Facts of another generation are not in the sums.
    pub generation: i64,
    /// What it is at.
    pub phase: ReportPhase,
    /// The id up to which it has come; empty before the first.
    pub after_id: String,
    /// The event up to which it has come, or from which on it goes on once everything is counted.
    pub event_seq: i64,
}

impl Store {
    /// How far the counting is; nothing before it has begun.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_state(&self) -> Result<Option<ReportState>, StoreError> {
        find(&mut *self.reader().await?).await
    }
}

impl WriteTx {
    /// How far the counting is; nothing before it has begun.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_state(&mut self) -> Result<Option<ReportState>, StoreError> {
        find(self.connection()).await
    }

    /// Stores how far the counting is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn save_report_state(&mut self, state: &ReportState) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO report_state (name, zone, generation, phase, after_id, event_seq) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET zone = excluded.zone, \
             generation = excluded.generation, phase = excluded.phase, after_id = excluded.after_id, \
             event_seq = excluded.event_seq",
        )
        .bind(NAME)
        .bind(state.zone.as_str())
        .bind(state.generation)
        .bind(state.phase.as_str())
        .bind(state.after_id.as_str())
        .bind(state.event_seq)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn find(connection: &mut AnyConnection) -> Result<Option<ReportState>, StoreError> {
    let row =
        sqlx::query("SELECT zone, generation, phase, after_id, event_seq FROM report_state WHERE name = $1")
            .bind(NAME)
            .fetch_optional(connection)
            .await?;
    row.map(|row| {
        Ok(ReportState {
            zone: row::parsed(&row, "zone", |name| Zone::parse(name).ok())?,
            generation: row::int(&row, "generation")?,
            phase: row::parsed(&row, "phase", ReportPhase::parse)?,
            after_id: row::text(&row, "after_id")?,
            event_seq: row::int(&row, "event_seq")?,
        })
    })
    .transpose()
}
