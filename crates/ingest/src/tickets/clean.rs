//! Words of another system made fit to be stored: one line or many, bounded, without what nobody sees.

use std::collections::BTreeSet;

use domain::{MESSAGE_BYTES_MAX, Priority, TAGS_MAX, Tag, TicketStatus};

use super::{EXTERNAL_ID_BYTES_MAX, NAME_BYTES_MAX};
use crate::hidden::drop_hidden;

/// What stands at the end of a text that was cut.
const CUT_MARK: &str = "\n\n[cut here by the import]";
/// Longest mail address (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
/// Tags of a record that are looked at; a ticket may have far fewer.
const TAGS_LOOKED_AT: usize = 1_000;

/// One line of at most so many bytes: white space and line ends become one space, invisible characters go.
pub(super) fn line(text: &str, bytes_max: usize) -> String {
    // No word needs more than this to fill the line, so the rest need not be read.
    let head = head(text, bytes_max.saturating_mul(8));
    let (visible, _) = drop_hidden(&head.replace(char::is_control, " "));
    let words: Vec<&str> = visible.split_whitespace().collect();
    head_with_mark(&words.join(" "), bytes_max, "…")
}

/// A name: one line; nothing when it is empty.
pub(super) fn name(text: &str) -> Option<String> {
    Some(line(text, NAME_BYTES_MAX)).filter(|name| !name.is_empty())
}

/// An address in small letters, as it stands; nothing when it is empty. A longer one than there can be is none.
pub(super) fn email(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= EMAIL_BYTES_MAX).then(|| text.to_lowercase())
}

/// An id of the other system.
pub(super) fn external_id(text: &str) -> Result<String, String> {
    let id = text.trim();
    if id.is_empty() {
        return Err("it has no id".to_owned());
    }
    if id.len() > EXTERNAL_ID_BYTES_MAX || id.chars().any(char::is_control) {
        return Err(format!("an id is one line of at most {EXTERNAL_ID_BYTES_MAX} bytes"));
    }
    Ok(id.to_owned())
}

/// A text of many lines, without invisible characters. One that is too long is cut, with a mark that says so.
pub(super) fn body(text: &str) -> (String, Option<String>) {
    let is_long = text.len() > MESSAGE_BYTES_MAX;
    let bounded = if is_long { head(text, MESSAGE_BYTES_MAX) } else { text };
    let (visible, _) = drop_hidden(&bounded.replace("\r\n", "\n").replace('\r', "\n"));
    let visible = visible.trim();
    if !is_long {
        return (visible.to_owned(), None);
    }
    let warning = format!("a text of {} bytes was cut to {MESSAGE_BYTES_MAX}", text.len());
    (head_with_mark(&format!("{visible}{CUT_MARK}"), MESSAGE_BYTES_MAX, CUT_MARK), Some(warning))
}

/// The beginning of a text with a mark at its end, together within a limit; a text that fits stays.
pub(super) fn head_with_mark(text: &str, bytes_max: usize, mark: &str) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    format!("{}{mark}", head(text, bytes_max.saturating_sub(mark.len())).trim_end())
}

/// The longest beginning of at most so many bytes that ends with a character.
fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The tags among these texts, each once, as many as a ticket may have, and what was wrong with the others.
pub(super) fn tags<'a>(texts: impl IntoIterator<Item = &'a str>) -> (Vec<Tag>, Option<String>) {
    let mut tags = BTreeSet::new();
    let mut n_left = 0_u64;
    for (n, text) in texts.into_iter().enumerate() {
        let tag = if n < TAGS_LOOKED_AT { Tag::parse(&line(text, NAME_BYTES_MAX)) } else { None };
        match tag {
            Some(tag) if tags.len() < TAGS_MAX || tags.contains(&tag) => {
                tags.insert(tag);
            }
            _ => n_left += 1,
        }
    }
    let warning = (n_left > 0).then(|| format!("{n_left} tags do not fit and were left out"));
    (tags.into_iter().collect(), warning)
}

/// The status that a word means. Nothing for a word that means none; `Some(None)` for what is not to be taken over.
pub(super) fn status(word: &str) -> Option<Option<TicketStatus>> {
    let status = match squeezed(word).as_str() {
        "new" => TicketStatus::New,
        "open" | "reopened" | "inprogress" => TicketStatus::Open,
        "pending" | "waitingoncustomer" | "awaitingreply" => TicketStatus::Pending,
        "hold" | "onhold" | "waiting" | "waitingonthirdparty" => TicketStatus::OnHold,
        "solved" | "resolved" | "done" => TicketStatus::Solved,
        "closed" => TicketStatus::Closed,
        "deleted" | "spam" | "trash" => return Some(None),
        _ => return None,
    };
    Some(Some(status))
}

/// The priority that a word means.
pub(super) fn priority(word: &str) -> Option<Priority> {
    Some(match squeezed(word).as_str() {
        "low" => Priority::Low,
        "normal" | "medium" => Priority::Normal,
        "high" => Priority::High,
        "urgent" | "critical" => Priority::Urgent,
        _ => return None,
    })
}

/// A word as columns and values are compared: letters and digits only, small.
pub(super) fn squeezed(word: &str) -> String {
    head(word, NAME_BYTES_MAX).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
