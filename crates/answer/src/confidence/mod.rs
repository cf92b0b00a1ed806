//! How likely it is that the help center answers a question, and that the best article is the one that does.
//!
//! Source of every coefficient here: the ANSWER calibration of 2026-11-21, made on thunderbird, clapnq, stackfaq, xquad
//! and clinc150 in five folds (AUROC .959 thunderbird, .914 clapnq; ECE .039 and .060).

mod best;
mod features;
mod model;
mod top_three;

pub(crate) use best::{Margins, margins};
pub(crate) use features::features;
pub(crate) use model::{assess, sigmoid};
pub use top_three::{TOP_THREE_FEATURES, TopThree, top_three_features};
