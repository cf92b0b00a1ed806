//! What somebody typed to find tickets, in parts that must all match.

use language::{is_unspaced, neutral};

/// Most parts that are looked for; what comes after them is left out, so that no text is a query without end.
const PARTS_MAX: usize = 24;
/// Most words of one phrase; likewise.
const PHRASE_WORDS_MAX: usize = 24;
/// Most digits of a ticket's number.
const DIGITS_MAX: usize = 18;

/// Words to find tickets by.
///
/// Words must all match, somewhere. Words in double quotes must stand side by side, and so must those of a text without
/// spaces such as `INV-2024-17`. A number, also as `#123`, is a ticket's or a word. A mail address is a customer's or a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketWords {
    pub(super) parts: Vec<Part>,
    /// Whether the last part may be unfinished.
    pub(super) is_unfinished: bool,
}

/// What must match, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A word, with its other endings.
    Word(String),
    /// These words in this order, side by side.
    Phrase(Vec<String>),
    /// A ticket with this number, or the word.
    Number(i64, String),
    /// A customer with this address, or these words in this order.
    Address(String, Vec<String>),
}

impl TicketWords {
    /// Cuts what was typed. Nothing in it is an error.
    pub fn parse(text: &str) -> Self {
        let mut parts = vec![];
        // Everything between the first and the second quote is quoted, and so on; the last one may be left open.
        for (n, piece) in text.split(['"', '“', '”', '„', '‟']).enumerate() {
            if n % 2 == 1 {
                parts.extend(phrase(piece));
            } else {
                piece
                    .split(|c: char| c.is_whitespace() || c == '\0')
                    .for_each(|chunk| add(&mut parts, chunk));
            }
        }
        parts.truncate(PARTS_MAX);
        Self { parts, is_unfinished: false }
    }

    /// The same while it is being typed: the last word may go on, unless something after it says that it does not.
    #[must_use]
    pub fn as_you_type(text: &str) -> Self {
        let is_unfinished = text.ends_with(|c: char| c.is_alphanumeric() || c == '@' || c == '.');
        Self { is_unfinished, ..Self::parse(text) }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Adds the parts of a text without spaces.
fn add(parts: &mut Vec<Part>, chunk: &str) {
    let digits = chunk.strip_prefix('#').unwrap_or(chunk);
    let is_number = (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_number && let Ok(number) = digits.parse() {
        return parts.push(Part::Number(number, digits.to_owned()));
    }
    let words = cut(chunk);
    let address = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    if let Some((local, domain)) = address.split_once('@')
        && !local.is_empty()
        && !domain.is_empty()
        && !words.is_empty()
    {
        return parts.push(Part::Address(address.to_lowercase(), words));
    }
    if words.len() < 2 || words.iter().any(|word| is_unspaced(word)) {
        // Where no spaces are written, a whole sentence is one text; its parts may stand apart.
        return parts.extend(words.into_iter().map(Part::Word));
    }
    parts.push(Part::Phrase(words));
}

fn phrase(text: &str) -> Option<Part> {
    let mut words = cut(text);
    match words.len() {
        0 => None,
        1 => words.pop().map(|word| Part::Phrase(vec![word])),
        _ => Some(Part::Phrase(words)),
    }
}

fn cut(text: &str) -> Vec<String> {
    neutral(text).into_iter().map(|term| term.text).take(PHRASE_WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let shown = |part: &Part| match part {
            Part::Word(word) => word.clone(),
            Part::Phrase(words) => format!("[{}]", words.join(" ")),
            Part::Number(number, _) => format!("#{number}"),
            Part::Address(address, words) => format!("<{address}> [{}]", words.join(" ")),
        };
        let found: Vec<String> = TicketWords::parse(text).parts.iter().map(shown).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_typed_becomes_parts() {
        check("Refund the Invoice", &["refund", "the", "invoice"]);
        check("\"double charge\" refund", &["[double charge]", "refund"]);
        check("“double charge”", &["[double charge]"]);
        check("refund \"left open", &["refund", "[left open]"]);
        check("\"Refund\"", &["[refund]"]);
        check("#12 0045", &["#12", "#45"]);
        check("# 12345678901234567890", &["12345678901234567890"]);
        check("INV-2024-17", &["[inv 2024 17]"]);
        check("<Cy@Example.org>,", &["<cy@example.org> [cy example org]"]);
        check("@ada a@", &["ada", "a"]);
        check("status:open OR (1=1) --", &["[status open]", "or", "[1 1]"]);
        check("如何重置", &["如何", "何重", "重置"]);
        check("café مرحبا", &["cafe", "مرحبا"]);
        check("a\0b", &["a", "b"]);
        check("😀 \"\" \"!\" ' \\", &[]);
        assert_eq!(TicketWords::parse(&"word ".repeat(9_999)).parts.len(), PARTS_MAX);
    }

    #[test]
    fn the_last_word_is_unfinished_until_something_follows() {
        for (text, expected) in
            [("refu", true), ("refund ", false), ("\"a b\"", false), ("\"a b", true), ("", false)]
        {
            assert_eq!(TicketWords::as_you_type(text).is_unfinished, expected, "{text}");
        }
    }
}
