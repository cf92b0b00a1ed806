//! Lines of a corpus: `{"_id", "title", "text", …}`.

use domain::{BODY_BYTES_MAX, slugify};
use serde_json::{Map, Value};

use super::assemble::limited_title;
use super::{ImportError, ImportOptions, ParsedArticle, Warning, path, quoted};
use crate::plain::plain_text;

/// Longest line: a body of the largest size with every byte escaped as `\u00xx`, and room for the rest.
pub const LINE_BYTES_MAX: usize = 6 * BODY_BYTES_MAX + (1 << 20);

/// Reads one line. The text becomes the body to the letter, and `_id` the external id. A blank line is `None`.
///
/// # Errors
/// [`ImportError`] when the line is no JSON object, lacks `_id` or `text`, or is too large.
pub fn parse_jsonl_line(
    line_number: usize,
    line: &str,
    options: &ImportOptions<'_>,
) -> Result<Option<ParsedArticle>, ImportError> {
    let error = |message: String| ImportError { line: Some(line_number), message };
    let line = line.trim_start_matches('\u{feff}');
    if line.trim().is_empty() {
        return Ok(None);
    }
    if line.len() > LINE_BYTES_MAX {
        return Err(error(format!(
            "{} bytes are more than the {LINE_BYTES_MAX} that a line may have",
            line.len()
        )));
    }
    let fields = match serde_json::from_str(line) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => {
            return Err(error("not an object: write {\"_id\": …, \"title\": …, \"text\": …}".to_owned()));
        }
        Err(cause) => return Err(error(format!("not JSON: {cause}"))),
    };
    let external_id = match text_of(&fields, &["_id", "id"]) {
        Some(id) if !id.trim().is_empty() => id,
        _ => return Err(error("no _id".to_owned())),
    };
    let Some(Value::String(text)) = fields.get("text") else {
        return Err(error(format!("{}: no text", quoted(&external_id))));
    };
    if text.len() > BODY_BYTES_MAX {
        let size = text.len();
        return Err(error(format!(
            "{}: {size} bytes of text are more than {BODY_BYTES_MAX}",
            quoted(&external_id)
        )));
    }
    Ok(Some(article(external_id, text, &fields, line_number, options)))
}

fn article(
    external_id: String,
    text: &str,
    fields: &Map<String, Value>,
    line_number: usize,
    options: &ImportOptions<'_>,
) -> ParsedArticle {
    let mut warnings = Vec::new();
    let given = text_of(fields, &["title"]).filter(|title| !title.trim().is_empty());
    let title = given.unwrap_or_else(|| opening(text).unwrap_or_else(|| external_id.clone()));
    let title = crate::plain::one_line(&title);
    let title = if title.chars().count() > domain::TITLE_CHARS_MAX {
        limited_title(&title, &mut warnings)
    } else {
        title
    };
    let mut body = text.to_owned();
    if body.trim().is_empty() {
        warnings.push(Warning::new("the text is empty: the title stands for it"));
        body = title.clone();
    }
    if body.contains('\0') {
        warnings.push(Warning::new("null characters were left out"));
        body = body.replace('\0', "");
    }
    let shelf = text_of(fields, &["collection", "category", "entity"]);
    let locale = text_of(fields, &["locale", "lang", "language"]).and_then(|tag| path::locale(&tag));
    let slug = [&external_id, &title].into_iter().map(|name| slugify(name)).find(|slug| !slug.is_empty());
    let slug = slug.unwrap_or_else(|| "article".to_owned());
    for warning in &mut warnings {
        warning.line = Some(line_number);
    }
    ParsedArticle {
        addresses: vec![external_id.clone()],
        slug_long: slugify(&format!("{slug} {}", &crate::content_hash(&external_id)[..8])),
        slug,
        title,
        description: None,
        locale: options.locale.clone().or(locale),
        collection: options.collection.as_deref().or(shelf.as_deref()).and_then(path::collection),
        audience: None,
        tags: Vec::new(),
        questions: Vec::new(),
        redirects: Vec::new(),
        position: 0,
        draft: options.draft,
        body,
        warnings,
        external_id,
    }
}

/// A string or number under one of these keys.
fn text_of(fields: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match fields.get(*key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The first line of a text, for a title.
fn opening(text: &str) -> Option<String> {
    let mut head = text;
    if let Some((end, _)) = text.char_indices().nth(2000) {
        head = &text[..end];
    }
    let line = plain_text(head).lines().find(|line| !line.trim().is_empty())?.to_owned();
    let short: String = line.chars().take(80).collect();
    Some(if short.len() < line.len() { format!("{}…", short.trim_end()) } else { short })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<ParsedArticle>, String> {
        parse_jsonl_line(7, line, &ImportOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_keeps_its_text_to_the_letter() {
        let line = r#"{"_id":"p1","title":"A","text":"a < b & <your-domain>\n\n* x","entity":"A AND B GUEST HOUSE"}"#;
        let article = parse(line).unwrap().unwrap();
        assert_eq!(article.body, "a < b & <your-domain>\n\n* x");
        assert_eq!((article.external_id.as_str(), article.slug.as_str()), ("p1", "p1"));
        assert_eq!(article.collection.unwrap().title, "A AND B GUEST HOUSE");
        assert_eq!(plain_text(&article.body), "a < b & <your-domain>\nx\n");
    }

    #[test]
    fn a_title_is_found_when_none_is_given() {
        for (line, expected) in [
            (r#"{"_id":1,"text":"First line.\nSecond"}"#, "First line. Second"),
            (r##"{"_id":"a/b","text":"# Heading\n\nText"}"##, "Heading"),
            (r#"{"_id":"only-id","title":" ","text":""}"#, "only-id"),
        ] {
            assert_eq!(parse(line).unwrap().unwrap().title, expected);
        }
    }

    #[test]
    fn a_broken_line_says_what_is_wrong_and_where() {
        assert_eq!(parse("  "), Ok(None));
        for (line, expected) in [
            ("{\"_id\": \"a\"", "line 7: not JSON: EOF while parsing an object at line 1 column 11"),
            ("[1]", "line 7: not an object: write {\"_id\": …, \"title\": …, \"text\": …}"),
            ("{\"text\":\"x\"}", "line 7: no _id"),
            ("{\"_id\":\"a\",\"text\":5}", "line 7: \"a\": no text"),
        ] {
            assert_eq!(parse(line).map(|_| ()), Err(expected.to_owned()));
        }
    }
}
