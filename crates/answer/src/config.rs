//! What a site can set about answering.

use std::collections::BTreeMap;

/// Confidence from which the bot answers.
///
/// Source: ANSWER calibration of 2026-11-21 on eight sets in five folds. At .75 clapnq answers 9.3 % of its unanswerable
/// questions with a standard error of 2.5 points, at .80 it answers 7.3 %; the promise is 10 % on questions nobody has
/// seen.
pub const ANSWER_THRESHOLD: f64 = 0.8;
/// Confidence from which the bot shows articles or asks back; below, it hands over. At .35 it keeps 81 % of
/// thunderbird's unanswerable questions out and loses 4 % of the answerable ones (same source).
pub const CLARIFY_THRESHOLD: f64 = 0.35;
/// Probability that the best article is the right one, from which it is answered from that article (same source: above
/// it the best article is right for 63 % of thunderbird's long tickets and 96 to 99 % of short questions, below for 16
/// to 31 %).
pub const BEST_ARTICLE_THRESHOLD: f64 = 0.25;

/// Settings of answering. A pattern is a word, a phrase, or a beginning with `*` at its end (`lawyer*`).
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerConfig {
    /// Confidence from which it answers, 0 to 1.
    pub answer_threshold: f64,
    /// Confidence from which it asks back, 0 to 1.
    pub clarify_threshold: f64,
    /// Probability from which the best article alone is answered from, 0 to 1. With 0 every confident question is
    /// answered.
    pub best_article_threshold: f64,
    /// Topics that humans decide on, with the patterns that name them.
    pub policy: BTreeMap<String, Vec<String>>,
    /// Teams, with the patterns that lead to them.
    pub teams: BTreeMap<String, Vec<String>>,
    /// The team of everything else.
    pub team_default: String,
}

impl Default for AnswerConfig {
    fn default() -> Self {
        Self {
            answer_threshold: ANSWER_THRESHOLD,
            clarify_threshold: CLARIFY_THRESHOLD,
            best_article_threshold: BEST_ARTICLE_THRESHOLD,
            policy: shipped(include_str!("gate/policy.json")),
            teams: shipped(include_str!("summarize/teams.json")),
            team_default: "support".to_owned(),
        }
    }
}

fn shipped(json: &str) -> BTreeMap<String, Vec<String>> {
    serde_json::from_str(json).expect("the shipped lists are valid, see the tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_can_be_read_and_name_the_promised_topics() {
        let config = AnswerConfig::default();
        let topics: Vec<&str> = config.policy.keys().map(String::as_str).collect();
        assert_eq!(topics, ["legal", "refund_dispute", "safety", "security"]);
        assert!(config.teams.contains_key("billing"));
        assert!(
            config.policy.values().chain(config.teams.values()).flatten().all(|pattern| !pattern.is_empty())
        );
    }
}
