//! Text as Markdown: only what would be read as a mark is escaped, so that quotes stay clean.

/// Escapes the marks that may stand anywhere in a line.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let escape = match c {
            '\\' => after.is_ascii_punctuation() || after == ' ',
            '`' => true,
            '*' => !(before.is_whitespace() && after.is_whitespace()),
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '~' => before == '~' || after == '~' || !after.is_whitespace(),
            '[' => matches!(after, '^' | ' ' | 'x' | 'X' | '!'),
            ']' => matches!(after, '(' | '[' | ':' | ' ') && (after != ' ' || chars.clone().nth(1).is_none()),
            '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?'),
            '&' => after.is_ascii_alphanumeric() || after == '#',
            '!' => after == '[',
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Escapes what would start a block at the beginning of a line.
pub(super) fn line_start(line: &str) -> String {
    let mut chars = line.chars();
    let marks = match chars.next() {
        Some('#') => {
            let rest = line.trim_start_matches('#');
            rest.is_empty() || rest.starts_with(' ')
        }
        Some('+' | '-') => matches!(chars.next(), None | Some(' ' | '-')),
        Some('>' | '=' | '|' | ':') => true,
        Some(c) if c.is_ascii_digit() => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let rest = &line[digits..];
            if rest.starts_with(['.', ')']) && matches!(rest.as_bytes().get(1), None | Some(b' ')) {
                return format!("{}\\{rest}", &line[..digits]);
            }
            false
        }
        _ => false,
    };
    if marks { format!("\\{line}") } else { line.to_owned() }
}
