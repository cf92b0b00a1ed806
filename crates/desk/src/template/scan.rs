//! What may stand between the braces of a template: a closed set of statements and of filters, and no operator that makes texts
//! longer.

use super::FILTERS;

/// The statements.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Refuses a template with anything else in it.
///
/// # Errors
/// What is wrong and would be right, with the line.
pub(super) fn check(template: &str) -> Result<(), String> {
    let mut rest = template;
    walk(&mut rest).map_err(|what| {
        let line = 1 + template[..template.len() - rest.len()].matches('\n').count();
        format!("line {line}: {what}")
    })
}

/// Goes on behind what is right.
fn walk(rest: &mut &str) -> Result<(), String> {
    while let Some(at) = rest.find('{') {
        *rest = &rest[at + 1..];
        let (inside, end) = match rest.chars().next() {
            Some('%') => (Inside::Statement, "%}"),
            Some('{') => (Inside::Expression, "}}"),
            Some('#') => (Inside::Comment, "#}"),
            _ => continue,
        };
        *rest = rest[1..].trim_start_matches(['-', '+']);
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
        *rest = &rest[length..];
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
            (None, '|') => known_filter(&text[at + 1..])?,
            (None, _) => {}
        }
    }
    // The parser says what is missing.
    Ok(text.len())
}

/// Refuses a filter that is not there, which the engine would do only once somebody is to get the text.
fn known_filter(text: &str) -> Result<(), String> {
    let text = text.trim_start();
    let name = &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())];
    // Where no name stands, the parser says so.
    if name.is_empty() || FILTERS.contains(&name) {
        return Ok(());
    }
    Err(format!("the filters are {}", FILTERS.join(", ")))
}
