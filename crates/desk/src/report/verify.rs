//! Comparing what reports have counted with the tickets and conversations.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Cell, CellKey, Cells, ConversationFacts, Count, Grain, Principal, ReportDay, Span, TicketFacts, TicketId,
};
use serde::de::DeserializeOwned;
use store::{FactsKind, ReportPhase, StoredFacts};

use super::follow::facts_of;
use crate::{Desk, DeskError};

/// Tickets, conversations or sums that are read at a time.
const PER_PAGE: i64 = 1_000;

/// What the comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ReportDifferences {
    /// Tickets and conversations that were compared.
    pub n_compared: u64,
    /// Those that were counted otherwise than they are.
    pub n_different: u64,
    /// Tickets and conversations that were deleted since they were counted.
    pub n_deleted: u64,
    /// Facts of conversations that do not count any more.
    pub n_leftover: i64,
    /// The months, by their first days, whose sums are not those of the facts.
    pub months: BTreeSet<String>,
}

impl ReportDifferences {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.n_different == 0 && self.n_leftover == 0 && self.months.is_empty()
    }
}

impl std::fmt::Display for ReportDifferences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_clean() {
            return write!(
                f,
                "reports: {} tickets and conversations are counted as they are",
                self.n_compared
            );
        }
        let months: Vec<&str> = self.months.iter().map(String::as_str).collect();
        write!(
            f,
            "reports: of {} tickets and conversations {} are counted otherwise, {} must not be, months that differ: {}",
            self.n_compared,
            self.n_different,
            self.n_leftover,
            if months.is_empty() { "none".to_owned() } else { months.join(", ") }
        )
    }
}

impl Desk {
    /// Compares all that was counted with the tickets and conversations. What happens meanwhile may show as a difference.
    ///
    /// # Errors
    /// Those of the database; [`DeskError::Busy`] while everything is being counted.
    pub async fn verify_reports(&self) -> Result<ReportDifferences, DeskError> {
        let state = self.0.store.report_state().await?.ok_or(DeskError::Busy)?;
        if state.phase != ReportPhase::Ready {
            return Err(DeskError::Busy);
        }
        let mut found = ReportDifferences::default();
        let (mut expected, mut counted) = (Prints::default(), Prints::default());
        let zone = state.zone.time_zone();
        let schedules = self.0.store.team_schedules().await?;
        let mut after: Option<TicketId> = None;
        loop {
            let page = self.0.store.tickets_after(&Principal::System, after.as_ref(), PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let mut cells = Cells::new(zone.clone());
            let lives = self.0.store.ticket_lives(page).await?;
            let ids: Vec<&str> = lives.iter().map(|life| life.ticket.id.as_str()).collect();
            let known = self.0.store.report_facts::<TicketFacts>(FactsKind::Ticket, &ids).await?;
            for life in &lives {
                let known = known.get(life.ticket.id.as_str());
                let facts = facts_of(life, known.map(|known| &known.facts), &schedules);
                found.compare(known, &facts, state.generation);
                cells.count_ticket(&facts, 1);
            }
            expected.add(cells.into_cells());
        }
        let mut after = String::new();
        loop {
            let ids = self.0.store.conversation_ids_after(&after, PER_PAGE).await?;
            let Some(last) = ids.last() else { break };
            after.clone_from(last);
            let mut cells = Cells::new(zone.clone());
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let known = self.0.store.report_facts::<ConversationFacts>(FactsKind::Conversation, &ids).await?;
            for (id, facts) in self.0.store.conversation_facts(&ids).await? {
                found.compare(known.get(&id), &facts, state.generation);
                cells.count_conversation(&facts, 1);
            }
            expected.add(cells.into_cells());
        }
        // Of what was deleted there is nothing to compare with: it stays counted.
        let cells = || Cells::new(zone.clone());
        found.n_deleted +=
            self.count_deleted_of(FactsKind::Ticket, cells, Cells::count_ticket, &mut expected).await?;
        found.n_deleted += self
            .count_deleted_of(FactsKind::Conversation, cells, Cells::count_conversation, &mut expected)
            .await?;
        let n_known = self.0.store.count_report_facts().await?;
        let n_expected = i64::try_from(found.n_compared + found.n_deleted).unwrap_or(i64::MAX);
        found.n_leftover = (n_known - n_expected).max(0);
        let mut after: Option<CellKey> = None;
        loop {
            let page = self.0.store.report_cells_after(after.as_ref(), PER_PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            counted.add(page.into_iter().collect());
        }
        found.months = expected.months_other_than(&counted);
        Ok(found)
    }

    /// Adds what was counted of what is deleted. Gives how much there is.
    async fn count_deleted_of<F: DeserializeOwned>(
        &self,
        kind: FactsKind,
        cells: impl Fn() -> Cells,
        count: impl Fn(&mut Cells, &F, i64),
        expected: &mut Prints,
    ) -> Result<u64, DeskError> {
        let (mut n_deleted, mut after) = (0, String::new());
        loop {
            let page: Vec<(String, F)> = self.0.store.report_facts_of_deleted(kind, &after, PER_PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(n_deleted) };
            after.clone_from(last);
            n_deleted += page.len() as u64;
            let mut cells = cells();
            page.iter().for_each(|(_, facts)| count(&mut cells, facts, 1));
            expected.add(cells.into_cells());
        }
    }
}

impl ReportDifferences {
    fn compare<F: PartialEq>(&mut self, known: Option<&StoredFacts<F>>, facts: &F, generation: i64) {
        self.n_compared += 1;
        let is_same = known.is_some_and(|known| known.generation == generation && known.facts == *facts);
        self.n_different += u64::from(!is_same);
    }
}

/// A fingerprint of the sums of each month. It is linear: that of sums is the sum of those of their parts, so that a million sums
/// need not be held at once to be compared.
#[derive(Debug, Default)]
struct Prints(BTreeMap<(Grain, ReportDay), u64>);

impl Prints {
    fn add(&mut self, cells: BTreeMap<CellKey, Cell>) {
        for (key, cell) in cells {
            let print = self.0.entry((key.grain, key.day.first_of_month())).or_default();
            let of_key = hash_of(&key);
            let mut add = |part: u64, n: i64| {
                *print = print.wrapping_add(mixed(of_key ^ mixed(part)).wrapping_mul(n as u64));
            };
            for (part, count) in (1..).zip(Count::ALL) {
                add(part, cell.count(count));
            }
            for (part, span) in (100..).zip(Span::ALL) {
                let histogram = cell.span(span);
                add(part, histogram.sum_s());
                for (size, n) in histogram.sizes() {
                    add(part * 1_000 + u64::from(*size), *n);
                }
            }
        }
    }

    fn months_other_than(&self, other: &Self) -> BTreeSet<String> {
        let of = |prints: &Self, key| prints.0.get(key).copied().unwrap_or_default();
        let keys: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        let different = keys.into_iter().filter(|key| of(self, key) != of(other, key));
        different.map(|(_, month)| month.to_string()).collect()
    }
}

/// A number for a key (FNV-1a), in which each part counts.
fn hash_of(key: &CellKey) -> u64 {
    let text = format!(
        "{}\n{}\n{}\n{}\n{}",
        key.grain.as_str(),
        key.dimension.as_str(),
        key.day.days(),
        key.team,
        key.key
    );
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Spreads a number over all bits (SplitMix64, Steele et al. 2014).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
