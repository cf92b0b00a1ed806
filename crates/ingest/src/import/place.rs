//! Where the article of a file will be found. Links between files need to know that of every file before the first one
//! is read in full, so it is told from the path and the front matter or the head alone.

use super::front_matter::FrontMatter;
use super::path::{self, PathParts};
use super::{Format, ImportOptions, html, markdown};

/// Where the article of a file will be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path without its locale: the translations of one article share it.
    pub external_id: String,
    /// The address it asks for.
    pub slug: String,
    /// The address with its folders in front, for when `slug` is taken by another article.
    pub slug_long: String,
    /// Slugs that it had before.
    pub redirects: Vec<String>,
    /// Every address it is known by: its path, its permalink, its old addresses.
    pub addresses: Vec<String>,
}

/// Tells where the article of a Markdown or HTML file will be found: what [`super::parse_markdown`] or
/// [`super::parse_html`] will say, without reading its text.
pub fn place(format: Format, path: &str, text: &str) -> Place {
    let front = match format {
        Format::Html => html::front(text),
        Format::Markdown | Format::Jsonl => markdown::front(text),
    };
    of(path::read(path), path, &front, || {
        let options = ImportOptions::default();
        match format {
            Format::Html => html::parse_html(path, text, &options).slug,
            Format::Markdown | Format::Jsonl => markdown::parse_markdown(path, text, &options).slug,
        }
    })
}

/// The place that path and front matter name. `of_title` makes a slug where neither does.
pub(super) fn of(
    path: PathParts,
    source_path: &str,
    front: &FrontMatter,
    of_title: impl FnOnce() -> String,
) -> Place {
    let permalink = permalink(front);
    let asked = front.text(&["slug"]).or(permalink).and_then(path::slug_of_address);
    let named = asked.or(Some(path.slug).filter(|slug| !slug.is_empty()));
    let slug = named.or_else(|| Some(of_title()).filter(|slug| !slug.is_empty()));
    let slug = slug.unwrap_or_else(|| "article".to_owned());
    let (redirects, addresses) = addresses(front, permalink, source_path, &slug);
    let slug_long = if path.slug_long.is_empty() { slug.clone() } else { path.slug_long };
    Place { external_id: path.key, slug, slug_long, redirects, addresses }
}

/// The address that a page names as its own.
pub(super) fn permalink(front: &FrontMatter) -> Option<&str> {
    front.text(&["permalink", "url", "canonical"])
}

/// Old slugs, and every address that links may use.
fn addresses(
    front: &FrontMatter,
    permalink: Option<&str>,
    source_path: &str,
    slug: &str,
) -> (Vec<String>, Vec<String>) {
    let mut old = front.list(&["redirect_from", "redirects", "redirect_froms", "old_slugs"]);
    old.extend(front.list(&["aliases"]).into_iter().filter(|alias| alias.contains('/')));
    let mut redirects: Vec<String> = Vec::new();
    for redirect in old.iter().filter_map(|address| path::slug_of_address(address)) {
        if redirect != slug && !redirects.contains(&redirect) {
            redirects.push(redirect);
        }
    }
    let mut addresses = vec![source_path.replace('\\', "/")];
    for address in permalink.map(str::to_owned).into_iter().chain(old) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    (redirects, addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_the_whole_file_says() {
        for (format, path, text) in [
            (Format::Markdown, "guide/01-install.md", "# Install\n\nText.\n"),
            (Format::Markdown, "fr/guide/page.md", "\u{feff}---\r\nslug: /help/set-up/\r\n---\r\nText.\r\n"),
            (
                Format::Markdown,
                "a.md",
                "---\npermalink: /help/a-page/\nredirect_from: [/old/b, c]\n---\nText",
            ),
            (Format::Markdown, "a.md", "---\nslug: x\nnever closed"),
            (Format::Markdown, "—.md", "# Only a title\n\nText.\n"),
            (Format::Markdown, "—.md", ""),
            (
                Format::Html,
                "p.html",
                "<html><head><link rel=canonical href='/help/q/'></head><body><h1>Q</h1>",
            ),
            (
                Format::Html,
                "p.html",
                "<HTML><title>P</title></HEAD><body><link rel=\"canonical\" href=\"/r\">x",
            ),
            (Format::Html, "—.html", "<h1>Only a title</h1><p>Text"),
            (Format::Html, "p.html", ""),
        ] {
            let options = ImportOptions::default();
            let whole = match format {
                Format::Html => html::parse_html(path, text, &options),
                Format::Markdown | Format::Jsonl => markdown::parse_markdown(path, text, &options),
            };
            let expected = Place {
                external_id: whole.external_id,
                slug: whole.slug,
                slug_long: whole.slug_long,
                redirects: whole.redirects,
                addresses: whole.addresses,
            };
            assert_eq!(place(format, path, text), expected, "{path}: {text:?}");
        }
    }
}
