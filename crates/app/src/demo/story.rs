//! What happens in the demo, a line of `stories.jsonl` each: who asks, and what is done about it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::Priority;
use serde::Deserialize;
use serde_json::Value;

/// A customer's question and what becomes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    pub(super) name: String,
    pub(super) email: String,
    /// What they ask the bot, in order; the last is handed over. None for who writes by form.
    #[serde(default)]
    pub(super) says: Vec<String>,
    /// What they write in a form.
    #[serde(default)]
    pub(super) subject: Option<String>,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) priority: Option<Priority>,
    /// The team, where the words would not bring it there.
    #[serde(default)]
    pub(super) team: Option<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Value>,
    /// What is done, in order.
    #[serde(default)]
    pub(super) steps: Vec<Step>,
}

/// Minutes after the step before, what is done, and its words or the team's key.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step(pub(super) u32, pub(super) Act, pub(super) String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    /// The agent replies.
    Reply,
    /// The agent writes a note.
    Note,
    /// The customer writes again; only where they asked the bot.
    Customer,
    Pending,
    Hold,
    Solve,
    /// To another team.
    Team,
}

/// Every story, in the order in which they begin.
pub(super) fn all() -> anyhow::Result<Vec<Story>> {
    let lines = include_str!("stories.jsonl").lines().enumerate();
    lines.map(|(n, line)| serde_json::from_str(line).with_context(|| format!("story {}", n + 1))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_story_can_be_played() {
        let stories = all().unwrap();
        assert!(stories.len() >= 200, "{}", stories.len());
        let mut openings = BTreeSet::new();
        for story in &stories {
            let opening = story.says.last().or(story.body.as_ref()).expect("somebody says something");
            assert!(openings.insert(opening), "twice: {opening}");
            assert_eq!(story.body.is_some(), story.says.is_empty(), "{opening}");
            assert!(story.email.ends_with(".example"), "{}", story.email);
            for Step(_, act, words) in &story.steps {
                let has_words = matches!(act, Act::Reply | Act::Note | Act::Customer | Act::Team);
                assert_eq!(!words.is_empty(), has_words, "{opening}: {act:?} {words}");
                assert!(
                    *act != Act::Customer || !story.says.is_empty(),
                    "{opening}: they cannot write again"
                );
            }
        }
    }
}
