//! Takes the mail that was answered out of a reply.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;

/// Introduces a quotation: `On Monday, Cy wrote:`, in the languages with phrases of their own.
static INTRODUCTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^.{0,160}\b(?:wrote|said|schrieb|escribió|escreveu|écrit|scritto|schreef|yazdı|",
        r"написал|написала|пишет|كتب)(?: .{0,60})?\s?:\s*$"
    ))
});
/// The line above a mail that is passed on.
static PASSED_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\s*(?:-{2,}\s?.{0,30}\b(?:message|nachricht|mensaje|mensagem|messaggio|bericht)\b.*",
        r"|begin forwarded message:?)\s*$"
    ))
});
/// The first line of a mail's head, and the ones that may follow.
static HEAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\W*(?:from|von|de|da|van|от)\W*: .+"));
static HEAD_GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\W*(?:to|cc|sent|date|subject|an|gesendet|datum|betreff|para|enviado|fecha|asunto|à|",
        r"envoyé|objet|a|inviato|oggetto|aan|verzonden|onderwerp|assunto|data|кому|отправлено|тема)\W*:"
    ))
});
/// A line that names the subject it answers.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s*(?:re|aw|sv)\s*:"));

/// The lines that the writer wrote for this reply.
pub(super) fn without_quoted(reply: &str) -> String {
    let lines: Vec<&str> = reply.lines().map(str::trim_end).collect();
    let mut kept: Vec<&str> = vec![];
    for (at, line) in lines.iter().enumerate() {
        let next = lines[at + 1..].iter().find(|line| !line.is_empty());
        let introduces = INTRODUCTION.is_match(line);
        let is_head = HEAD.is_match(line) && next.is_some_and(|next| HEAD_GOES_ON.is_match(next));
        // What follows is the mail that was answered, or a signature.
        let has_date = line.contains(|c: char| c.is_ascii_digit());
        if is_head
            || PASSED_ON.is_match(line)
            || *line == "--"
            || (introduces && has_date && !is_quoted(next))
        {
            break;
        }
        if introduces || is_quoted(Some(line)) || SUBJECT.is_match(line) {
            continue;
        }
        kept.push(line);
    }
    kept.join("\n")
}

/// Whether a quote sign begins the line. A row of a table is no quotation.
fn is_quoted(line: Option<&&str>) -> bool {
    let line = line.map_or("", |line| line.trim());
    line.starts_with('>') || (line.starts_with('|') && !(line.len() > 1 && line.ends_with('|')))
}
