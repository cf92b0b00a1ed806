//! What solved tickets teach: a third leg beside words and vectors.
//!
//! A question that is like solved ones is answered by the articles that agents linked in them.
//! Three parts, measured in `evals/learning.md`: the votes of the nearest solved tickets, how often an article is linked
//! at all, and a linear map from the question's vector to the articles.
//! Few examples count little: everything is multiplied by n / (n + 200).

mod codes;
mod head;
mod learned;
mod nearest;
mod rare;
mod words;

pub use head::Head;
pub use learned::{Learned, SHRINKAGE};
pub use nearest::{Memory, Neighbor, Question, Remembered};

pub(crate) use learned::{Taught, TaughtArticle};
pub(crate) use nearest::terms;
