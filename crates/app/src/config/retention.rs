//! How long things are kept.

use anyhow::{Context as _, bail};
use desk::{DeletionRule, RetentionConfig};
use domain::{Filter, Tag};
use serde::Deserialize;

/// Longest age that can be set, in days: a hundred years. More is for ever.
const DAYS_MAX: u32 = 36_500;
/// Most rules by which tickets are deleted, and most tags that keep them: each is asked of many tickets.
const RULES_MAX: usize = 20;

/// How long things are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days for which entries of the audit log are kept; for ever when absent.
    pub audit_days: Option<u32>,
    /// Days after which a solved ticket is closed; never by itself when absent.
    pub close_solved_after_days: Option<u32>,
    /// Days after which a closed ticket that nobody touched goes to the archive; never by itself when absent.
    pub archive_closed_after_days: Option<u32>,
    /// Days after which a closed ticket that nobody touched is deleted; never when absent.
    pub delete_closed_after_days: Option<u32>,
    /// The same for tickets that a filter admits.
    pub delete: Vec<Deletion>,
    /// Tickets with any of these tags are never deleted.
    pub keep_tags: Vec<String>,
}

/// Which closed tickets are deleted, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// Which of them, as a filter such as `tag:spam`.
    pub filter: String,
    /// Days since the last change after which they are.
    pub after_days: u32,
}

impl Retention {
    /// The settings as the desk takes them.
    ///
    /// # Errors
    /// No days or too many, a text that is no filter or no tag, too many of either; the message says which and what would be
    /// right.
    pub(crate) fn settings(&self) -> anyhow::Result<RetentionConfig> {
        for (key, days) in [
            ("audit_days", self.audit_days),
            ("close_solved_after_days", self.close_solved_after_days),
            ("archive_closed_after_days", self.archive_closed_after_days),
            ("delete_closed_after_days", self.delete_closed_after_days),
        ] {
            days.map_or(Ok(()), |days| check_days(key, days))?;
        }
        if self.delete.len() > RULES_MAX || self.keep_tags.len() > RULES_MAX {
            bail!("retention.delete and retention.keep_tags have at most {RULES_MAX} entries each");
        }
        let everything = self
            .delete_closed_after_days
            .map(|after_days| DeletionRule { filter: Filter::everything(), after_days });
        let mut deletions: Vec<DeletionRule> = everything.into_iter().collect();
        for rule in &self.delete {
            check_days("delete.after_days", rule.after_days)?;
            let filter = rule.filter.parse::<Filter>();
            let filter = filter.with_context(|| format!("retention.delete.filter: {}", rule.filter))?;
            if filter == Filter::everything() {
                bail!("retention.delete.filter admits every ticket; use retention.delete_closed_after_days");
            }
            if filter.depends_on_reader() {
                bail!("retention.delete.filter is {}; name a person or a team, for nobody asks", rule.filter);
            }
            deletions.push(DeletionRule { filter, after_days: rule.after_days });
        }
        let keep_tags = self.keep_tags.iter().map(|text| {
            Tag::parse(text).with_context(|| format!("retention.keep_tags: {text:?} is not a tag"))
        });
        Ok(RetentionConfig {
            audit_days: self.audit_days,
            close_solved_after_days: self.close_solved_after_days,
            archive_closed_after_days: self.archive_closed_after_days,
            deletions,
            keep_tags: keep_tags.collect::<Result<_, _>>()?,
        })
    }
}

fn check_days(key: &str, days: u32) -> anyhow::Result<()> {
    if !(1..=DAYS_MAX).contains(&days) {
        bail!("retention.{key} is {days}; use 1 to {DAYS_MAX}, or leave it out");
    }
    Ok(())
}
