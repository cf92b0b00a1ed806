//! Canned replies and macros: what agents say and do again and again.

use crate::{Actions, CannedReplyId, MacroId, Sharing, Timestamp};

/// Most canned replies, and most macros, that somebody has and still makes another.
pub const SAVED_MAX: usize = 500;
/// Deepest nesting of folders.
const FOLDER_DEPTH_MAX: usize = 5;
/// Longest name of a folder, in characters.
const FOLDER_CHARS_MAX: usize = 60;

/// A text that agents send again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// What people call it.
    pub title: String,
    /// A template of Markdown.
    pub body: String,
    /// Where people look for it.
    pub folder: Folder,
    /// Who has it.
    pub sharing: Sharing,
    /// How often it was used, and when last.
    pub usage: Usage,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// Named actions.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketMacro {
    /// Its id.
    pub id: MacroId,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub actions: Actions,
    /// Who has it.
    pub sharing: Sharing,
    /// Its place among the macros; ties go by id.
    pub position: i64,
    /// How often it was run, and when last.
    pub usage: Usage,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// How often something was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// So often.
    pub n: i64,
    /// When last, if ever.
    pub last_at: Option<Timestamp>,
}

/// A folder, as a path: `Billing/Refunds`; empty for none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Folder(String);

/// A text that is no folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("up to {FOLDER_DEPTH_MAX} names with / between them, each of 1 to {FOLDER_CHARS_MAX} characters")]
pub struct InvalidFolder;

impl Folder {
    /// Parses a path. Space around its names is dropped.
    ///
    /// # Errors
    /// [`InvalidFolder`].
    pub fn parse(path: &str) -> Result<Self, InvalidFolder> {
        if path.trim().is_empty() {
            return Ok(Self::default());
        }
        let names: Vec<&str> = path.split('/').map(str::trim).collect();
        let is_name = |name: &&str| {
            (1..=FOLDER_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        if names.len() > FOLDER_DEPTH_MAX || !names.iter().all(is_name) {
            return Err(InvalidFolder);
        }
        Ok(Self(names.join("/")))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether something in this folder is in that one, directly or in a folder of it.
    pub fn is_within(&self, other: &Self) -> bool {
        let rest = self.0.strip_prefix(other.as_str());
        other.0.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_paths_of_few_names() {
        for (path, expected) in [
            ("", Some("")),
            ("  ", Some("")),
            ("Billing", Some("Billing")),
            (" Billing / Refunds ", Some("Billing/Refunds")),
            ("a/b/c/d/e", Some("a/b/c/d/e")),
            ("a/b/c/d/e/f", None),
            ("a//b", None),
            ("/a", None),
            ("a\nx/b", None),
        ] {
            let folder = Folder::parse(path).ok();
            assert_eq!(folder.as_ref().map(Folder::as_str), expected, "{path:?}");
        }
        let folder = |path| Folder::parse(path).unwrap();
        for (of, in_, is) in
            [("a/b", "a", true), ("a", "a", true), ("ab", "a", false), ("a", "a/b", false), ("a", "", true)]
        {
            assert_eq!(folder(of).is_within(&folder(in_)), is, "{of} {in_}");
        }
    }
}
