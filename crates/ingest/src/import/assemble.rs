//! Puts an article together from what path, front matter and text say.

use domain::{Audience, QUESTIONS_MAX, TITLE_CHARS_MAX, slugify};

use super::front_matter::FrontMatter;
use super::path::{self, PathParts};
use super::{ImportOptions, ParsedArticle, Warning, place, quoted};
use crate::hidden::drop_hidden;
use crate::plain::{one_line, plain_text};

/// What was found in a file.
pub(super) struct Found<'p> {
    pub(super) path: PathParts,
    pub(super) source_path: &'p str,
    pub(super) front: FrontMatter,
    /// The first heading of the text.
    pub(super) heading: Option<String>,
    pub(super) body: String,
    pub(super) warnings: Vec<Warning>,
}

/// Puts the article together.
pub(super) fn assemble(found: Found<'_>, options: &ImportOptions<'_>) -> ParsedArticle {
    let Found { path, source_path, front, heading, body, mut warnings } = found;
    let named = front.text(&["title", "name", "sidebar_label", "sidebartitle"]).map(str::to_owned);
    let title = named.or(heading).unwrap_or_else(|| path.name.clone());
    let title = limited_title(&title, &mut warnings);
    let locale = options
        .locale
        .clone()
        .or_else(|| front.text(&["locale", "lang", "language"]).and_then(path::locale))
        .or_else(|| path.locale.clone())
        .or_else(|| path::locale(place::permalink(&front)?.trim_start_matches('/').split('/').next()?));
    let category = front.text(&["collection", "category", "categories", "section"]);
    let collection = match (&options.collection, category) {
        (Some(forced), _) => path::collection(forced),
        (None, Some(category)) => path::collection(category),
        (None, None) => path.collection.clone(),
    };
    let position = position(&front).or(path.position).unwrap_or_default();
    let description =
        front.text(&["description", "summary", "excerpt"]).map(|text| one_line(&drop_hidden(text).0));
    let place = place::of(path, source_path, &front, || slugify(&title));
    ParsedArticle {
        external_id: place.external_id,
        slug: place.slug,
        slug_long: place.slug_long,
        title,
        description,
        locale,
        collection,
        audience: audience(&front, &mut warnings),
        tags: front.list(&["tags", "tag", "keywords"]),
        questions: questions(&front, &mut warnings),
        redirects: place.redirects,
        addresses: place.addresses,
        position,
        draft: options.draft || is_draft(&front),
        body,
        warnings,
    }
}

/// A title within its limit, on one line, without marks or hidden characters.
pub(super) fn limited_title(title: &str, warnings: &mut Vec<Warning>) -> String {
    let (visible, _) = drop_hidden(title);
    let mut title = one_line(&visible);
    if title.contains(['*', '`', '[', '_', '<', '&', '\\']) {
        title = one_line(&plain_text(&format!("\u{a0}{title}")));
    }
    if title.chars().count() > TITLE_CHARS_MAX {
        warnings
            .push(Warning::new(format!("the title is longer than {TITLE_CHARS_MAX} characters: it was cut")));
        title = title.chars().take(TITLE_CHARS_MAX - 1).collect::<String>() + "…";
    }
    if title.is_empty() { "Untitled".to_owned() } else { title }
}

fn questions(front: &FrontMatter, warnings: &mut Vec<Warning>) -> Vec<String> {
    let mut all = front.list(&["questions", "alternative_questions", "alternative_titles", "synonyms"]);
    all.extend(front.list(&["aliases"]).into_iter().filter(|alias| !alias.contains('/')));
    let mut questions: Vec<String> = Vec::new();
    for question in all.iter().map(|question| one_line(&drop_hidden(question).0)) {
        if !question.is_empty()
            && question.chars().count() <= TITLE_CHARS_MAX
            && !questions.contains(&question)
        {
            questions.push(question);
        }
    }
    if questions.len() > QUESTIONS_MAX {
        warnings.push(Warning::new(format!("more than {QUESTIONS_MAX} questions: the others were left out")));
        questions.truncate(QUESTIONS_MAX);
    }
    questions
}

/// Who may read it. A word that is not understood must not publish what was meant for few.
fn audience(front: &FrontMatter, warnings: &mut Vec<Warning>) -> Option<Audience> {
    let word =
        front.text(&["audience", "visibility", "access"])?.trim().to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "public" | "everyone" | "everybody" | "all" | "anyone" => Audience::Public,
        "signed_in" | "customers" | "customer" | "users" | "logged_in" | "members" => Audience::SignedIn,
        "agents" | "agent" | "staff" | "internal" | "private" | "team" => Audience::Agents,
        other => Audience::parse(other).unwrap_or_else(|_| {
            warnings
                .push(Warning::new(format!("not an audience: {}; only agents may read it", quoted(other))));
            Audience::Agents
        }),
    })
}

fn position(front: &FrontMatter) -> Option<i64> {
    let text =
        front.text(&["order", "sidebar_position", "position", "weight", "nav_order", "sidebar_order"])?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "places in a list are small numbers; the cast saturates"
    )]
    let position = text.trim().parse::<f64>().ok().map(|number| number.floor() as i64);
    position
}

fn is_draft(front: &FrontMatter) -> bool {
    let says = |key: &str, words: &[&str]| {
        front.text(&[key]).is_some_and(|text| words.contains(&text.trim().to_lowercase().as_str()))
    };
    says("draft", &["true", "yes", "1", "on"])
        || says("published", &["false", "no", "0", "off"])
        || says("status", &["draft", "archived"])
        || says("state", &["draft", "archived"])
}
