//! What may stand between the braces of a template: a closed set of statements, and no operator that makes texts longer.

/// The statements.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Refuses a template with anything else in it.
///
/// # Errors
/// What is wrong and would be right.
pub(super) fn check(template: &str) -> Result<(), String> {
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        let (inside, end) = match rest.chars().next() {
            Some('%') => (Inside::Statement, "%}"),
            Some('{') => (Inside::Expression, "}}"),
            Some('#') => (Inside::Comment, "#}"),
            _ => continue,
        };
        rest = rest[1..].trim_start_matches(['-', '+']);
        let length = match inside {
            Inside::Comment => rest.find(end).map_or(rest.len(), |at| at + end.len()),
            Inside::Statement => {
                let word: String = rest.trim_start().chars().take_while(|c| c.is_alphanumeric()).collect();
                if !STATEMENTS.contains(&word.as_str()) {
                    return Err(format!("the statements are {}", STATEMENTS.join(", ")));
                }
                expression(rest, end)?
            }
            Inside::Expression => expression(rest, end)?,
        };
        rest = &rest[length..];
    }
    Ok(())
}

enum Inside {
    Statement,
    Expression,
    Comment,
}

/// How long an expression is, with its end.
fn expression(text: &str, end: &str) -> Result<usize, String> {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '~' | '*' | '+') if !text[at + 1..].starts_with(end) => {
                return Err(format!(
                    "{c} is not among what templates can do; write the parts one after the other"
                ));
            }
            (None, _) if text[at..].starts_with(end) => return Ok(at + end.len()),
            (None, _) => {}
        }
    }
    // The parser says what is missing.
    Ok(text.len())
}
