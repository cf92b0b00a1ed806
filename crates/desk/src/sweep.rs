//! Sweeps over what is due, the longest first and some at a time. What fails stays due and comes first the next time: a sweep goes
//! on behind it, so that it does not keep everything else waiting.

use std::collections::BTreeSet;

use crate::DeskError;

/// Rounds of one sweep. When each of them meets something that fails, thousands do, and somebody must look why.
const ROUNDS_MAX: u32 = 20;

/// A sweep on its way.
pub(crate) struct Sweep<Id> {
    per_round: i64,
    n_rounds: u32,
    tried: BTreeSet<Id>,
    n_failed: i64,
    n_failed_before: i64,
    n_done: usize,
    failed: Option<DeskError>,
}

impl<Id: Ord> Sweep<Id> {
    /// A sweep that looks at `per_round` things, and at as many more as long as some of them fail.
    pub(crate) fn new(per_round: i64) -> Self {
        Self {
            per_round,
            n_rounds: 0,
            tried: BTreeSet::new(),
            n_failed: 0,
            n_failed_before: 0,
            n_done: 0,
            failed: None,
        }
    }

    /// How many due things to list for the next round, those that failed among them; nothing when there is none.
    pub(crate) fn next_round(&mut self) -> Option<i64> {
        let has_failed = self.n_failed > self.n_failed_before;
        if self.n_rounds > 0 && !has_failed || self.n_rounds == ROUNDS_MAX {
            return None;
        }
        self.n_rounds += 1;
        self.n_failed_before = self.n_failed;
        Some(self.per_round + self.n_failed)
    }

    /// Those that were not tried yet.
    pub(crate) fn untried(&self, due: Vec<Id>) -> Vec<Id> {
        due.into_iter().filter(|id| !self.tried.contains(id)).collect()
    }

    /// Notes what became of one: whether there was something to do, or why it failed.
    pub(crate) fn note(&mut self, id: Id, done: Result<bool, DeskError>) {
        self.tried.insert(id);
        match done {
            Ok(is_done) => self.n_done += usize::from(is_done),
            Err(error) => {
                self.n_failed += 1;
                self.failed.get_or_insert(error);
            }
        }
    }

    /// With how many there was something to do.
    ///
    /// # Errors
    /// The first one.
    pub(crate) fn outcome(self) -> Result<usize, DeskError> {
        self.failed.map_or(Ok(self.n_done), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sweeps over numbers that stay due when they are among these. Gives what was tried, in order, and the outcome.
    fn swept(due: u32, failing: &[u32]) -> (Vec<u32>, Result<usize, DeskError>) {
        let mut left: Vec<u32> = (0..due).collect();
        let mut sweep = Sweep::new(3);
        let mut tried = vec![];
        while let Some(limit) = sweep.next_round() {
            let listed = left.iter().copied().take(usize::try_from(limit).unwrap()).collect();
            for id in sweep.untried(listed) {
                tried.push(id);
                let done = if failing.contains(&id) { Err(DeskError::Busy) } else { Ok(true) };
                left.retain(|other| *other != id || done.is_err());
                sweep.note(id, done);
            }
        }
        (tried, sweep.outcome())
    }

    #[test]
    fn what_fails_keeps_nothing_else_waiting() {
        for (due, failing, n_tried) in [
            (0, vec![], 0),
            (9, vec![], 3),
            (9, vec![8], 3),
            (9, vec![1], 6),
            (9, vec![0, 1, 2], 6),
            (4, vec![0, 1, 2], 4),
            (200, (0..200).collect(), 60),
        ] {
            let (tried, outcome) = swept(due, &failing);
            let n_failed = tried.iter().filter(|id| failing.contains(id)).count();
            assert_eq!(tried, (0..n_tried).collect::<Vec<_>>(), "{due} {failing:?}");
            assert_eq!(outcome.is_err(), n_failed > 0);
            assert!(outcome.is_err() || outcome.unwrap() == tried.len());
        }
    }
}
