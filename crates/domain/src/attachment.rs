//! Files that belong to messages: what they are called, how large they may be, and how they are served.

use crate::{AttachmentId, MessageId, Timestamp, Writer};

/// Largest file, in bytes: what common mail servers still take.
pub const ATTACHMENT_BYTES_MAX: usize = 25 << 20;
/// Files of one message.
pub const ATTACHMENTS_MAX: usize = 10;
/// Files of one person or key that belong to no message yet: what they can fill a disk with.
pub const ATTACHMENTS_FREE_MAX: i64 = 100;
/// How long a file may belong to no message before it is deleted, in milliseconds: a day.
pub const ATTACHMENT_FREE_MS: i64 = 86_400_000;
/// Longest name of a file, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 120;
/// The type of what is not shown.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Random text that its address has besides: 256 bits.
    pub capability: String,
    /// Who uploaded it.
    pub uploader: Writer,
    /// The message it belongs to, or the reply that waits; absent while it belongs to nothing.
    pub message_id: Option<MessageId>,
    /// What it is called: clean.
    pub name: String,
    /// What it is, by its content: one of few types, or [`OCTET_STREAM`].
    pub media_type: String,
    /// How large it is.
    pub n_bytes: u64,
    /// The SHA-256 of its content, as 64 hexadecimal digits.
    pub sha256: String,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl Attachment {
    /// Whether a browser may show it instead of saving it: pictures that cannot run anything.
    pub fn is_shown(&self) -> bool {
        is_shown(&self.media_type)
    }
}

fn is_shown(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// A file's name without what is no name: folders, control characters, marks that turn the direction of writing, and all beyond
/// [`FILE_NAME_CHARS_MAX`]. The ending stays. `file` where nothing is left.
pub fn clean_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|c| !is_unfit(*c)).collect();
    let trimmed = visible.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if trimmed.is_empty() {
        return "file".to_owned();
    }
    let n_chars = trimmed.chars().count();
    if n_chars <= FILE_NAME_CHARS_MAX {
        return trimmed.to_owned();
    }
    let ending = trimmed.rsplit_once('.').map_or("", |(_, ending)| ending);
    // What is longer is no ending.
    let ending =
        if (1..=10).contains(&ending.chars().count()) { format!(".{ending}") } else { String::new() };
    let keep = FILE_NAME_CHARS_MAX - ending.chars().count();
    let kept: String = trimmed.chars().take(keep).collect();
    format!("{}{ending}", kept.trim_end())
}

/// Characters that have no place in a name: they hide what a file is, or mean something to a file system or a header.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '"' | '<' | '>' | '|' | '*' | '?' | ':'
            | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffd}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_clean() {
        for (name, expected) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\cy\\a b.txt", "a b.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\r\nSet-Cookie: x\0.png", "aSet-Cookie x.png"),
            ("..", "file"),
            ("", "file"),
            ("folder/", "file"),
            (".htaccess", "htaccess"),
            ("  вложение.docx  ", "вложение.docx"),
            ("a\u{200b}b.png", "ab.png"),
            ("\"quoted\".gif", "quoted.gif"),
        ] {
            assert_eq!(clean_file_name(name), expected, "{name:?}");
        }
        let long = clean_file_name(&format!("{}.pdf", "é".repeat(500)));
        assert_eq!(long.chars().count(), FILE_NAME_CHARS_MAX);
        assert!(long.ends_with("é.pdf"));
        assert_eq!(clean_file_name(&"a.".repeat(300)).chars().count(), FILE_NAME_CHARS_MAX);
    }
}
