//! What the path of a file says: locale, collection, order, address.

use domain::{Locale, slugify};

use super::CollectionName;

/// Language codes (ISO 639-1) that documentation is written in. Others, such as `as` or `io`, are folder names.
const LANGUAGES: &str = "af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it \
ja ka kk km kn ko lt lv mk ml mn mr ms my nb ne nl nn no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi \
zh";

/// Folders that say nothing about what is in them.
const PLAIN_FOLDERS: [&str; 9] =
    ["docs", "doc", "content", "source", "src", "pages", "documents", "documentation", "current"];

/// What a path says.
#[derive(Debug, PartialEq)]
pub(super) struct PathParts {
    /// The path without its locale, with `/` between folders.
    pub(super) key: String,
    pub(super) locale: Option<Locale>,
    /// The last folder that means something.
    pub(super) collection: Option<CollectionName>,
    /// The number in front of the file's name, or its folder's for an index page.
    pub(super) position: Option<i64>,
    /// The file's name in words, for a title.
    pub(super) name: String,
    pub(super) slug: String,
    /// The slug with its folders in front.
    pub(super) slug_long: String,
}

/// Reads a path.
pub(super) fn read(path: &str) -> PathParts {
    let normal = path.replace('\\', "/");
    let mut parts: Vec<&str> = normal.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let file = parts.pop().unwrap_or_default();
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let (stem, suffix_locale) = split_suffix(stem);
    let folder_locale = take_locale(&mut parts);
    let is_index = matches!(stem.to_ascii_lowercase().as_str(), "index" | "readme" | "_index");
    let key_file = if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") };
    let mut key: Vec<&str> = parts.clone();
    key.push(&key_file);

    let own = if is_index { parts.last().copied().unwrap_or(stem) } else { stem };
    let (position, name) = split_order(own);
    let shelves = if is_index && parts.len() > 1 { &parts[..parts.len() - 1] } else { &parts[..] };
    let shelf = if is_index && parts.len() == 1 { parts.last() } else { shelves.last() };
    let slug = slugify(name);
    let above = parts.iter().rev().take(3).rev().filter(|part| !is_index || **part != own);
    let folders: Vec<String> =
        above.map(|part| slugify(split_order(part).1)).filter(|slug| !slug.is_empty()).collect();
    PathParts {
        key: key.join("/"),
        locale: suffix_locale.or(folder_locale),
        collection: shelf.and_then(|folder| collection(folder)),
        position,
        name: words(name),
        slug_long: slugify(&[folders.join("-"), slug.clone()].join("-")),
        slug,
    }
}

/// A collection named by a folder, an entity or front matter.
pub(super) fn collection(name: &str) -> Option<CollectionName> {
    let (_, bare) = split_order(name.trim());
    let slug = slugify(bare);
    if slug.is_empty() || PLAIN_FOLDERS.contains(&slug.as_str()) {
        return None;
    }
    let is_slug = !bare.contains(' ') && !bare.chars().any(char::is_uppercase);
    Some(CollectionName { slug, title: if is_slug { words(bare) } else { bare.trim().to_owned() } })
}

/// The last part of an address: the slug of `/help/a-page/`.
pub(super) fn slug_of_address(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let bare = ["html", "htm", "md", "mdx"]
        .iter()
        .find_map(|ext| last.strip_suffix(&format!(".{ext}")))
        .unwrap_or(last);
    Some(slugify(bare)).filter(|slug| !slug.is_empty())
}

/// A locale that a folder or front matter names: `fr`, `pt-BR`, `pt_BR`.
pub(super) fn locale(tag: &str) -> Option<Locale> {
    let tag = tag.trim().replace('_', "-");
    let language = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let known = LANGUAGES.split(' ').any(|known| known == language);
    if known { Locale::parse(&tag).ok() } else { None }
}

/// Takes the locale off a file's name: `page.fr`, and Jekyll's `page._fr`.
fn split_suffix(stem: &str) -> (&str, Option<Locale>) {
    match stem.rsplit_once('.') {
        Some((rest, suffix)) if !rest.is_empty() => match locale(suffix.trim_start_matches('_')) {
            Some(locale) => (rest, Some(locale)),
            None => (stem, None),
        },
        _ => (stem, None),
    }
}

/// Takes the folder of a locale out of the path: one of the first two, or the one below `i18n` and its like.
fn take_locale(parts: &mut Vec<&str>) -> Option<Locale> {
    let below = parts.iter().position(|part| matches!(*part, "i18n" | "locales" | "translations" | "lang"));
    let candidates: Vec<usize> = match below {
        Some(at) => vec![at + 1],
        None => vec![0, 1],
    };
    for at in candidates {
        if let Some(found) = parts.get(at).and_then(|part| locale(part)) {
            parts.remove(at);
            if let Some(at) = below {
                parts.remove(at);
                // Docusaurus keeps translations of `docs/` in `docusaurus-plugin-content-docs/current/`.
                if parts.get(at..at + 2) == Some(&["docusaurus-plugin-content-docs", "current"]) {
                    parts.splice(at..at + 2, ["docs"]);
                }
            }
            return Some(found);
        }
    }
    None
}

/// Takes a leading number or date off a name: `02_install` is second, `2024-05-01-news` is dated.
/// A number before another number is a version, as in Docusaurus.
fn split_order(name: &str) -> (Option<i64>, &str) {
    let name = name.trim_start_matches('_');
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let rest = name[digits..].trim_start_matches(['-', '_', '.', ' ', ')']);
    let separated = rest.len() < name.len() - digits;
    if digits == 4 && separated && rest.len() > 6 && rest.as_bytes()[2] == b'-' && rest.as_bytes()[5] == b'-'
    {
        let day = [&rest[..2], &rest[3..5]].concat();
        if day.bytes().all(|b| b.is_ascii_digit()) {
            return (None, &rest[6..]);
        }
    }
    let is_version = rest.starts_with(|c: char| c.is_ascii_digit());
    if (1..=4).contains(&digits) && separated && !rest.is_empty() && !is_version {
        (name[..digits].parse().ok(), rest)
    } else {
        (None, name)
    }
}

/// A file's name as words: `first-steps` is `First steps`.
fn words(name: &str) -> String {
    let spaced = name.replace(['-', '_'], " ");
    let spaced = crate::plain::one_line(&spaced);
    let mut chars = spaced.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_locale_collection_order_and_address() {
        let check = |path: &str, expected: (&str, Option<&str>, Option<&str>, Option<i64>, &str, &str)| {
            let parts = read(path);
            let found = (
                parts.key.as_str(),
                parts.locale.as_ref().map(Locale::as_str),
                parts.collection.as_ref().map(|collection| collection.slug.as_str()),
                parts.position,
                parts.slug.as_str(),
                parts.name.as_str(),
            );
            assert_eq!(found, expected, "{path}");
        };
        check(
            "01-first-steps/02_install.md",
            ("01-first-steps/02_install.md", None, Some("first-steps"), Some(2), "install", "Install"),
        );
        check(
            "en/first-steps/install.md",
            ("first-steps/install.md", Some("en"), Some("first-steps"), None, "install", "Install"),
        );
        check(
            "_help/sign-in/overview._fr.md",
            ("_help/sign-in/overview.md", Some("fr"), Some("sign-in"), None, "overview", "Overview"),
        );
        check("guide/page.pt-BR.mdx", ("guide/page.mdx", Some("pt-BR"), Some("guide"), None, "page", "Page"));
        check("docs/setup/README.md", ("docs/setup/README.md", None, None, None, "setup", "Setup"));
        check("setup/index.md", ("setup/index.md", None, Some("setup"), None, "setup", "Setup"));
        check(
            "posts/2024-05-01-new-inbox.md",
            ("posts/2024-05-01-new-inbox.md", None, Some("posts"), None, "new-inbox", "New inbox"),
        );
        check(
            "i18n/fr/docusaurus-plugin-content-docs/current/a.md",
            ("docs/a.md", Some("fr"), None, None, "a", "A"),
        );
        check("releases/8.0.md", ("releases/8.0.md", None, Some("releases"), None, "8-0", "8.0"));
        check("api/io/x.md", ("api/io/x.md", None, Some("io"), None, "x", "X"));
        check("", ("", None, None, None, "", ""));
    }
}
