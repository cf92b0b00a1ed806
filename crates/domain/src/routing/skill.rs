//! What agents can do and tickets need, and the channels that tickets come by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Longest key of a skill or channel, in bytes.
pub const ROUTING_KEY_BYTES_MAX: usize = 40;
/// Most skills of an agent, and most that a ticket needs.
pub const SKILLS_MAX: usize = 50;

/// Why something is no part of routing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRouting {
    /// Not a key.
    #[error("not a key: {0:?}; 1 to {ROUTING_KEY_BYTES_MAX} of a-z, 0-9, _ and -")]
    Key(String),
    /// Not a level.
    #[error("not a level: {0}; 1 to 5")]
    Level(u8),
    /// Too many skills.
    #[error("at most {SKILLS_MAX} skills")]
    TooManySkills,
}

macro_rules! keys {
    // A macro because both keys are written alike and must not be mixed up.
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a key: 1 to 40 of `a-z 0-9 _ -`.
            ///
            /// # Errors
            /// [`InvalidRouting::Key`] for any other text.
            pub fn parse(key: &str) -> Result<Self, InvalidRouting> {
                let is_good = (1..=ROUTING_KEY_BYTES_MAX).contains(&key.len())
                    && key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
                if is_good { Ok(Self(key.to_owned())) } else { Err(InvalidRouting::Key(key.to_owned())) }
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidRouting;
            fn try_from(key: String) -> Result<Self, InvalidRouting> {
                Self::parse(&key)
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

keys! {
    /// Something that agents can do, by key: `french`, `refunds`.
    Skill;
    /// The way by which a ticket comes: `mail`, `chat`, `api`.
    Channel;
}

impl Channel {
    /// The help center's conversations.
    pub fn chat() -> Self {
        Self("chat".to_owned())
    }

    /// Programs with an API key.
    pub fn api() -> Self {
        Self("api".to_owned())
    }

    /// Agents, who write down what somebody told them.
    pub fn agent() -> Self {
        Self("agent".to_owned())
    }

    /// Another system that was left.
    pub fn import() -> Self {
        Self("import".to_owned())
    }
}

/// How well somebody can do something, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SkillLevel(u8);

impl SkillLevel {
    /// A level of 1 to 5.
    ///
    /// # Errors
    /// [`InvalidRouting::Level`] for any other.
    pub fn new(level: u8) -> Result<Self, InvalidRouting> {
        if (1..=5).contains(&level) { Ok(Self(level)) } else { Err(InvalidRouting::Level(level)) }
    }

    /// The level as a number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for SkillLevel {
    type Error = InvalidRouting;
    fn try_from(level: u8) -> Result<Self, InvalidRouting> {
        Self::new(level)
    }
}

impl From<SkillLevel> for u8 {
    fn from(level: SkillLevel) -> Self {
        level.0
    }
}

impl std::fmt::Display for SkillLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Skills with their levels: what an agent has, or at least what a ticket needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Skill, SkillLevel>", into = "BTreeMap<Skill, SkillLevel>")]
pub struct Skills(BTreeMap<Skill, SkillLevel>);

impl Skills {
    /// These skills.
    ///
    /// # Errors
    /// [`InvalidRouting::TooManySkills`].
    pub fn new(levels: BTreeMap<Skill, SkillLevel>) -> Result<Self, InvalidRouting> {
        if levels.len() > SKILLS_MAX { Err(InvalidRouting::TooManySkills) } else { Ok(Self(levels)) }
    }

    /// The skills and their levels, by key.
    pub fn levels(&self) -> &BTreeMap<Skill, SkillLevel> {
        &self.0
    }
}

impl TryFrom<BTreeMap<Skill, SkillLevel>> for Skills {
    type Error = InvalidRouting;
    fn try_from(levels: BTreeMap<Skill, SkillLevel>) -> Result<Self, InvalidRouting> {
        Self::new(levels)
    }
}

impl From<Skills> for BTreeMap<Skill, SkillLevel> {
    fn from(skills: Skills) -> Self {
        skills.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_levels_are_checked_wherever_they_come_from() {
        for (json, expected) in [
            (r#"{"french":5,"refunds_eu-1":1}"#, None),
            (r#"{"French":5}"#, Some("not a key: \"French\"")),
            (r#"{"":5}"#, Some("not a key")),
            (r#"{"french":0}"#, Some("not a level: 0; 1 to 5")),
            (r#"{"french":6}"#, Some("not a level: 6")),
        ] {
            let error = serde_json::from_str::<Skills>(json).err().map(|error| error.to_string());
            match expected {
                None => assert_eq!(error, None),
                Some(part) => {
                    assert!(error.as_deref().is_some_and(|error| error.contains(part)), "{error:?}");
                }
            }
        }
        let many = (0..=SKILLS_MAX).map(|n| (Skill(format!("s{n}")), SkillLevel(1))).collect();
        assert_eq!(Skills::new(many), Err(InvalidRouting::TooManySkills));
        assert!(Channel::parse(&"x".repeat(41)).is_err());
        assert_eq!(Channel::parse("chat"), Ok(Channel::chat()));
    }
}
