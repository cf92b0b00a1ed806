//! Learning from solved tickets: what is remembered of them, the versions of what they teach, and which one is in use.

use std::sync::{PoisonError, RwLock};

use answer::TopThree;

mod links;
mod questions;
mod remember;
mod signals;
mod train;
mod versions;

pub use answer::TOP_THREE_FEATURES;
pub use learn::{Bin, Calibration, NowFound, Quality, Report, Risen, SinceCurrent, Slice, Verdict};
pub use train::{LearnOutcome, LearnProgress};
pub use versions::Learnings;

/// What is in use of what was learned, beside what the engine has.
#[derive(Debug, Default)]
pub struct Learning {
    /// Held while what was learned changes.
    pub(crate) change: tokio::sync::Mutex<()>,
    top_three: RwLock<TopThree>,
}

impl Learning {
    /// How sure the bot may be that one of the first three articles is right.
    pub(crate) fn top_three(&self) -> TopThree {
        *self.top_three.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_top_three(&self, model: TopThree) {
        *self.top_three.write().unwrap_or_else(PoisonError::into_inner) = model;
    }
}
