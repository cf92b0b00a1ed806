//! Whether the index holds what the database says is readable, and nothing else.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{ArticleText, SearchEngine, SearchError, index};

/// Most differences that are named; the counts are always complete.
const NAMED_MAX: usize = 20;

/// How index and database differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Articles that were compared.
    pub n_articles: usize,
    /// Readable articles that the index lacks.
    pub n_missing: usize,
    /// Articles of the index that are not readable any more.
    pub n_stale: usize,
    /// Articles that the index has in another version, place, audience or with other passages.
    pub n_different: usize,
    /// Vectors that are missing, or too many.
    pub n_vectors_off: usize,
    /// The addresses of the first articles that differ.
    pub named: Vec<String>,
}

impl VerifyReport {
    /// Whether there is no difference.
    pub fn is_clean(&self) -> bool {
        self.n_missing + self.n_stale + self.n_different + self.n_vectors_off == 0
    }
}

impl std::fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_clean() {
            return write!(f, "{} articles, 0 differences", self.n_articles);
        }
        write!(
            f,
            "{} articles: {} missing in the index, {} stale, {} different, {} vectors off",
            self.n_articles, self.n_missing, self.n_stale, self.n_different, self.n_vectors_off
        )?;
        if self.named.is_empty() { Ok(()) } else { write!(f, " ({})", self.named.join(", ")) }
    }
}

impl SearchEngine {
    /// Compares the index with every readable text of the database.
    ///
    /// # Errors
    /// Those of the index and the vector index.
    pub async fn verify(&self, expected: &[ArticleText]) -> Result<VerifyReport, SearchError> {
        let mut report = VerifyReport { n_articles: expected.len(), ..VerifyReport::default() };
        let mut n_vectors = 0;
        {
            let state = self.state();
            let mut stale: BTreeMap<u64, &str> =
                state.catalog.entries().map(|entry| (entry.key, entry.slug.as_str())).collect();
            for text in expected {
                let wanted = index::entry(text, self.language_of(text));
                n_vectors += wanted.vectors.len();
                stale.remove(&wanted.key);
                let found = state.catalog.slot(wanted.key).and_then(|slot| state.catalog.get(slot));
                let differs = match found {
                    None => {
                        report.n_missing += 1;
                        true
                    }
                    Some(found) if *found != wanted => {
                        report.n_different += 1;
                        true
                    }
                    Some(_) => false,
                };
                if differs && report.named.len() < NAMED_MAX {
                    report.named.push(text.slug.clone());
                }
            }
            report.n_stale = stale.len();
            report.named.extend(stale.into_values().take(NAMED_MAX).map(str::to_owned));
            report.named.truncate(NAMED_MAX);
        }
        let n_passages = self.n_passage_documents()?;
        let n_expected: usize = expected.iter().map(|text| text.passages.len()).sum();
        report.n_different += usize::from(n_passages != n_expected);
        report.n_vectors_off = self.count_vectors().await?.abs_diff(n_vectors);
        Ok(report)
    }
}
