//! Whether the index holds the tickets of the database, each as it stands there.

use domain::TicketId;
use serde::Serialize;
use tantivy::{DocSet as _, TERMINATED, Term, schema::IndexRecordOption};

use super::{Reached, TicketIndex};
use crate::SearchError;

/// Most differences that are named; the counts are always complete.
const NAMED_MAX: usize = 20;

/// How index and database differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TicketDifferences {
    /// Tickets that were compared.
    pub n_tickets: u64,
    /// Tickets that the index lacks.
    pub n_missing: u64,
    /// Tickets of the index that are not in the database.
    pub n_stale: u64,
    /// Tickets that the index has in another state.
    pub n_different: u64,
    /// Whether the index is being built.
    pub is_incomplete: bool,
    /// The numbers of the first tickets that are missing or differ.
    pub named: Vec<i64>,
}

impl TicketDifferences {
    /// Whether there is no difference.
    pub fn is_clean(&self) -> bool {
        self.n_missing + self.n_stale + self.n_different == 0 && !self.is_incomplete
    }
}

impl std::fmt::Display for TicketDifferences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_clean() {
            return write!(f, "{} tickets, 0 differences", self.n_tickets);
        }
        write!(
            f,
            "{} tickets: {} missing in the index, {} stale, {} different",
            self.n_tickets, self.n_missing, self.n_stale, self.n_different
        )?;
        if self.is_incomplete {
            write!(f, "; the index is being built")?;
        }
        if self.named.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = self.named.iter().map(|number| format!("#{number}")).collect();
        write!(f, " ({})", named.join(", "))
    }
}

impl TicketIndex {
    /// Compares the index with every ticket of the database: id, number and revision, a batch after the other.
    ///
    /// # Errors
    /// Those of the index.
    pub async fn compare(
        &self,
        tickets: Vec<(TicketId, i64, i64)>,
        mut so_far: TicketDifferences,
    ) -> Result<TicketDifferences, SearchError> {
        let index = self.clone();
        let compare = move || {
            for (id, number, revision) in tickets {
                so_far.n_tickets += 1;
                match index.stored(&id)? {
                    None => so_far.n_missing += 1,
                    Some(found) if found != (number, revision) => so_far.n_different += 1,
                    Some(_) => continue,
                }
                if so_far.named.len() < NAMED_MAX {
                    so_far.named.push(number);
                }
            }
            Ok(so_far)
        };
        tokio::task::spawn_blocking(compare).await.map_err(|_| SearchError::Stopped)?
    }

    /// The last step of a comparison: what the index holds beyond the tickets that were compared.
    pub fn compared(&self, mut differences: TicketDifferences) -> TicketDifferences {
        let n_known = differences.n_tickets - differences.n_missing;
        differences.n_stale = self.n_tickets().saturating_sub(n_known);
        differences.is_incomplete = !matches!(self.reached(), Reached::Event(_));
        differences
    }

    /// The number and the revision under which a ticket is indexed.
    fn stored(&self, id: &TicketId) -> Result<Option<(i64, i64)>, SearchError> {
        let term = Term::from_field_text(self.0.fields.id, id.as_str());
        let state = self.state();
        for segment in state.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.0.fields.id)?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if !segment.is_deleted(doc) {
                    let columns = segment.fast_fields();
                    let first = |name| columns.i64(name).map(|column| column.first(doc).unwrap_or_default());
                    return Ok(Some((first("number")?, first("revision")?)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }
}
