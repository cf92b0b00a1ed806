//! Text as HTML. Everything here is clean: Markdown went through `ingest`'s sanitiser, the rest is escaped.

mod answer;
mod table;

use std::{fmt, ops::Range};

use domain::{Author, Message, Passage, Snippet};

pub(crate) use answer::answer;

/// Deeper headings make a table of contents longer than the screen.
const TOC_LEVEL_MAX: u8 = 2;

/// HTML that may stand in a page as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// An entry of an article's table of contents.
#[derive(Debug, Clone)]
pub(crate) struct TocEntry {
    pub(crate) anchor: String,
    pub(crate) title: String,
}

/// An article's body with anchors on its blocks, and the cited characters marked.
pub(crate) fn article(title: &str, body: &str, passages: &[Passage], cited: Option<Range<usize>>) -> Html {
    let cited: Vec<Range<usize>> = cited.into_iter().collect();
    let options = ingest::RenderOptions { title, passages, cited: &cited, ..Default::default() };
    Html(ingest::render_html(body, &options))
}

/// The headings that a reader of the page may want to jump to.
pub(crate) fn toc(title: &str, body: &str) -> Vec<TocEntry> {
    ingest::toc(title, body)
        .into_iter()
        .filter(|entry| entry.level <= TOC_LEVEL_MAX)
        .map(|entry| TocEntry { anchor: entry.anchor, title: entry.text })
        .collect()
}

/// Markdown of several blocks, as agents and the bot write it.
pub(crate) fn message(markdown: &str) -> Html {
    Html(ingest::message_html(markdown))
}

/// What somebody wrote in Markdown, or in HTML besides: cleaned when it came in, and again before it is shown.
pub(crate) fn formatted(markdown: &str, html: Option<&str>) -> Html {
    match html {
        Some(html) => Html(ingest::clean_again(html)),
        None => message(markdown),
    }
}

/// A message of a ticket: what customers typed is plain text.
pub(crate) fn of_message(of: &Message) -> Html {
    match (&of.html, &of.author) {
        (None, Author::Customer) => plain(&of.body),
        (html, _) => formatted(&of.body, html.as_deref()),
    }
}

/// Markdown of one line.
fn inline(markdown: &str) -> String {
    ingest::inline_html(markdown)
}

/// One line of Markdown as HTML.
pub(crate) fn line(markdown: &str) -> Html {
    Html(inline(markdown))
}

/// Quoted words as a reader of the page sees them: without marks of Markdown, in one line.
pub(crate) fn quote(markdown: &str) -> String {
    ingest::plain_text(markdown).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plain text with its line breaks.
pub(crate) fn plain(text: &str) -> Html {
    Html(escape(text.trim()).replace("\r\n", "\n").replace('\n', "<br>"))
}

/// An excerpt with its matched words marked.
pub(crate) fn snippet(snippet: &Snippet) -> Html {
    marked(&snippet.text, &snippet.marks)
}

/// A title in which the words of the query are marked, wherever a word starts with one of them.
pub(crate) fn title(title: &str, query: &str) -> Html {
    let wanted: Vec<String> = query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    let mut marks = Vec::new();
    let mut start = None;
    for (at, c) in title.char_indices().chain([(title.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = title[from..at].to_lowercase();
                if wanted.iter().any(|wanted| word.starts_with(wanted.as_str())) {
                    marks.push((from, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    marked(title, &marks)
}

fn marked(text: &str, marks: &[(usize, usize)]) -> Html {
    let mut html = String::new();
    let mut at = 0;
    for &(start, end) in marks {
        let (Some(before), Some(word)) = (text.get(at..start), text.get(start..end)) else { continue };
        html.push_str(&format!("{}<mark>{}</mark>", escape(before), escape(word)));
        at = end;
    }
    html.push_str(&escape(text.get(at..).unwrap_or_default()));
    Html(html)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_never_break_or_let_markup_through() {
        let snippet_of = |text: &str, marks: &[(usize, usize)]| {
            snippet(&Snippet { text: text.into(), anchor: String::new(), marks: marks.to_vec() }).to_string()
        };
        assert_eq!(snippet_of("read <b>mail</b>", &[(8, 12)]), "read &lt;b&gt;<mark>mail</mark>&lt;/b&gt;");
        assert_eq!(snippet_of("é", &[(1, 2), (0, 9)]), "é");
        assert_eq!(
            title("Connect a mailbox", "connect mail a").to_string(),
            "<mark>Connect</mark> a <mark>mailbox</mark>"
        );
    }
}
