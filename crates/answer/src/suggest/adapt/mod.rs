//! Makes an old reply fit to be sent to somebody else: without greeting, signature and quoted mail, without what was
//! said to one person only, and without anybody's data.
//!
//! The rules were written on replies of a support forum and cost nothing of what the suggestions are worth
//! (`evals/learning.md`, measured 2026-11).

mod clarifying;
mod drop;
mod manners;
mod own;
mod quoted;

use std::sync::LazyLock;

use regex::Regex;

pub(super) use clarifying::is_clarifying;

/// Fewest words of a reply that is offered: fewer say thanks or yes (`evals/learning.md`, measured 2026-11).
const WORDS_MIN: usize = 6;
/// The same of a reply with a link, whose parts are words (same source).
const WORDS_WITH_LINK_MIN: usize = 3;
/// Longest reply that is offered, in characters: longer ones tell one case (same source).
const CHARS_MAX: usize = 1_500;
/// Share of its words that a reply must keep to be offered: of less, the rest makes no sense (same source).
const KEPT_SHARE_MIN: f64 = 0.5;

/// A web address; not its full stop.
pub(super) static URL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:https?://|www\.)\S*[^\s.,;:!?)\]]"));

/// An old reply as somebody else may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapted {
    /// What is left of it; may be empty.
    pub text: String,
    /// Whether it is worth offering. What is not still tells what such questions are answered with.
    pub is_offered: bool,
}

/// Makes a reply fit to be sent to somebody else.
///
/// `names` are those of the requester and of the agent; they do not stay anywhere. Sentences with personal data are
/// dropped, not masked. A second pass with the same names finds nothing more of it.
pub fn adapt(reply: &str, names: &[&str]) -> Adapted {
    let own = quoted::without_quoted(&reply.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n"));
    let said = manners::without_manners(&own);
    let (text, is_clean) = drop::without_personal(&said, names);
    let (n_words, n_before) = (n_words(&text), n_words(&said));
    let words_min = if URL.is_match(&text) { WORDS_WITH_LINK_MIN } else { WORDS_MIN };
    let is_offered = is_clean
        && n_words >= words_min
        && text.chars().count() <= CHARS_MAX
        && n_words as f64 >= KEPT_SHARE_MIN * n_before as f64;
    Adapted { text, is_offered }
}

/// Whether a line has personal data of any [`redact::Kind`].
pub fn is_personal(line: &str) -> bool {
    !redact::find(line, &[]).is_empty()
}

/// Words of a text, those of addresses included; of scripts without spaces, two characters are one.
fn n_words(text: &str) -> usize {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.map(|word| word.chars().filter(|c| is_wide(*c)).count().div_ceil(2).max(1)).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, see the tests")
}

#[cfg(test)]
mod tests;
