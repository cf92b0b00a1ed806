//! Question, history and hits in; answer, clarifying question or hand-over out.
//!
//! Sees only what it is handed: no index, no model, no clock, no IO.
//! Each sentence of an answer has a citation, or it is not an answer.
//! Retrieved text is data, never instructions.

mod answerer;
mod confidence;
mod config;
mod decide;
mod extract;
mod gate;
mod generate;
mod phrase;
mod question;
mod suggest;
mod summarize;
mod texts;
mod vector;

pub use answerer::Answerer;
pub use confidence::{TOP_THREE_FEATURES, TopThree, top_three_features};
pub use config::{ANSWER_THRESHOLD, AnswerConfig, BEST_ARTICLE_THRESHOLD, CLARIFY_THRESHOLD};
pub use decide::Decision;
pub use generate::{Grounded, Grounder, Prompt};
pub use suggest::{
    ArticleDraft, Asked, Draft, NEAREST_MAX, PastReply, Remembered,
    adapt::{Adapted, adapt, is_personal},
};
pub use summarize::Brief;

#[cfg(test)]
mod testing;
