//! Pieces of Markdown put together: spans, marks, destinations, prefixed lines.

use crate::plain::one_line;

/// A code span that may hold backticks.
pub(super) fn code_span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Puts marks around text, blanks outside of them.
pub(super) fn marked(line: &mut String, text: &str, mark: &str) {
    let (lead, core, trail) = split_blanks(text);
    line.push_str(lead);
    // Marks within the same marks would end them, and breaks would split them.
    if core.is_empty() || core.contains(mark) || core.contains("\\\n") {
        line.push_str(core);
    } else {
        line.push_str(&format!("{mark}{core}{mark}"));
    }
    line.push_str(trail);
}

/// The blanks before a text, the text, and the blanks after it.
pub(super) fn split_blanks(text: &str) -> (&str, &str, &str) {
    let core = text.trim();
    let start = text.len() - text.trim_start().len();
    (&text[..start], core, &text[start + core.len()..])
}

/// A link's destination, safe between parentheses.
pub(super) fn destination(url: &str) -> String {
    let url: String = url.chars().filter(|c| !c.is_control()).collect();
    if url.contains([' ', '(', ')', '<', '>']) {
        format!("<{}>", url.replace('<', "%3C").replace('>', "%3E"))
    } else {
        url
    }
}

/// A paragraph without needless blanks; `\` before a line end is a break, and none is left at either end.
pub(super) fn tidy(text: &str) -> String {
    let lines = text.split("\\\n").map(one_line).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\\\n")
}

/// Whether a block is a list.
pub(super) fn starts_list(block: &str) -> bool {
    let digits = block.bytes().take_while(u8::is_ascii_digit).count();
    block.starts_with("- ") || (digits > 0 && block[digits..].starts_with(". "))
}

/// The lines of a block behind a prefix; blank ones get it without trailing blanks.
pub(super) fn prefixed(block: &str, first: &str, others: &str) -> String {
    let mut out = String::with_capacity(block.len() + 16);
    for (index, line) in block.split('\n').enumerate() {
        let prefix = if index == 0 { first } else { others };
        if index > 0 {
            out.push('\n');
        }
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}
