//! What solved tickets teach, and whether it helps: training, validation in time, the report.
//!
//! Pure but for the searches it asks the engine for. Everything follows from the tickets it is given: the same tickets,
//! the same numbers. How it is done and what was measured: `evals/learning.md`.

mod act;
mod calibrate;
pub mod metrics;
mod propose;
mod report;
mod slices;
mod solved;
mod train;
mod validate;

pub use act::Act;
pub use calibrate::{Bin, Calibration};
pub use propose::{Proposal, Signal, propose};
pub use report::{NowFound, Quality, Report, Risen, SinceCurrent, Slice, Verdict};
pub use solved::Solved;
pub use train::{Trained, train};
