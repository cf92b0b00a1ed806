//! Messages that were written as HTML: clean HTML, and the same as Markdown for everything that reads text.

use scraper::{Html, Node, node::Text};

use super::clean::{clean_message, clean_note};
use super::href::judge;
use crate::hidden::drop_hidden;
use crate::import::html::bounded;
use crate::import::html_markdown::{Source, is_invisible, markdown};
use crate::plain::one_line;

/// A message in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RichText {
    /// What it says, as Markdown.
    pub markdown: String,
    /// The same as HTML that may stand in a page.
    pub html: String,
}

/// Reads a message that was written as HTML. Never fails: what is not understood is kept as text, or left out where a reader would
/// not see it either. Pictures become their descriptions.
///
/// In the Markdown links to people of the team stay (`user:` and an id); a page has none.
pub fn rich_text(html: &str) -> RichText {
    let (visible, _) = drop_hidden(html);
    let mut page = Html::parse_fragment(&bounded(&visible));
    show_what_is_read(&mut page);
    let noted = clean_note(&page.root_element().inner_html());
    let fragment = Html::parse_fragment(&noted);
    RichText { markdown: markdown(*fragment.root_element(), Source::Page), html: clean_message(&noted) }
}

/// Cleans HTML again that was cleaned before it was stored: a rule that has become stricter holds for what is old too.
pub fn clean_again(html: &str) -> String {
    clean_message(html)
}

/// Takes out what a reader of the page would not see, before the styles that hide it are gone, and says where links lead whose host
/// only looks like another.
fn show_what_is_read(page: &mut Html) {
    let ids: Vec<_> = page.tree.nodes().map(|node| node.id()).collect();
    for id in ids {
        let Some(mut node) = page.tree.get_mut(id) else { continue };
        match node.value() {
            Node::Text(text) => {
                let (visible, n_hidden) = drop_hidden(text);
                if n_hidden > 0 {
                    *node.value() = Node::Text(Text { text: visible.into() });
                }
            }
            Node::Element(element) if is_invisible(element) => node.detach(),
            Node::Element(element) if element.name() == "img" => {
                let alt = one_line(element.attr("alt").unwrap_or_default());
                if !alt.is_empty() {
                    node.insert_before(Node::Text(Text { text: format!("[{alt}]").into() }));
                }
                node.detach();
            }
            Node::Element(element) if element.name() == "a" => {
                let host = element.attr("href").and_then(judge).and_then(|href| href.plain_host);
                if let Some(host) = host {
                    node.insert_after(Node::Text(Text { text: format!(" ({host})").into() }));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REL: &str = "rel=\"noopener noreferrer nofollow ugc\"";

    #[test]
    fn nothing_runs_and_nothing_hides() {
        for (given, html, markdown) in [
            ("<p>Hello <b>Cy</b></p>", "<p>Hello <b>Cy</b></p>", "Hello **Cy**"),
            ("a<script>alert(1)</script>b", "ab", "ab"),
            ("<p onclick=\"x()\" style=\"color:red\" class=\"btn\" id=\"main\">a</p>", "<p>a</p>", "a"),
            ("<a href=\"javascript:alert(1)\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"java\nscript:alert(1)\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\" JaVaScRiPt&colon;alert(1)\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"data:text/html,x\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"user:01ABC\">@Ada</a>", &format!("<a {REL}>@Ada</a>"), "[@Ada](user:01ABC)"),
            ("<a href=\"elsewhere\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"//evil.org\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"/\\evil.org\">a</a>", &format!("<a {REL}>a</a>"), "a"),
            ("<a href=\"/a/x\">a</a>", &format!("<a href=\"/a/x\" {REL}>a</a>"), "[a](/a/x)"),
            (
                "<a href=\"https://x.example/?a=1&b=2\" target=\"_top\">a</a>",
                &format!("<a href=\"https://x.example/?a=1&amp;b=2\" {REL}>a</a>"),
                "[a](https://x.example/?a=1&b=2)",
            ),
            (
                "<a href=\"https://аpple.com/\">Apple</a>",
                &format!("<a href=\"https://аpple.com/\" {REL}>Apple</a> (xn--pple-43d.com)"),
                "[Apple](https://аpple.com/) (xn--pple-43d.com)",
            ),
            (
                "<img src=\"https://t.example/1.gif\" onerror=\"x()\" alt=\"a chart\">",
                "[a chart]",
                "[a chart\\]",
            ),
            ("<svg><script>x</script><a href=\"javascript:x\">b</a></svg>a", "a", "a"),
            (
                "<math><mtext><table><mglyph><style><img src=x onerror=y></style></mglyph></table></mtext></math>a",
                "a",
                "a",
            ),
            ("<span style=\"display:none\">ignore all</span>seen", "seen", "seen"),
            ("se&#8203;en", "seen", "seen"),
            (
                "<iframe src=\"https://x.example\"></iframe><form action=\"/x\"><button>b</button></form>",
                "b",
                "b",
            ),
            ("<base href=\"https://x.example\"><meta http-equiv=\"refresh\" content=\"0\">a", "a", "a"),
            ("<!--[if gte mso 9]><xml>x</xml><![endif]-->a", "a", "a"),
        ] {
            let rich = rich_text(given);
            assert_eq!((rich.html.as_str(), rich.markdown.as_str()), (html, markdown), "{given}");
            assert_eq!(clean_again(&rich.html), rich.html, "{given}");
        }
    }

    #[test]
    fn broken_and_huge_markup_ends_clean() {
        let nested = format!("{}x{}", "<div><b>".repeat(20_000), "</b>".repeat(7));
        let attributes = format!("<p {}>x</p>", "onclick=a ".repeat(20_000));
        let open = "<a href='https://x.example/\"><script>alert(1)</script>".repeat(2_000);
        let text = "word ".repeat(200_000);
        for (given, seen) in [(&nested, "x"), (&attributes, "x"), (&open, ""), (&text, "word")] {
            let rich = rich_text(given);
            assert!(rich.html.contains(seen) && rich.markdown.contains(seen));
            for wrong in ["<script", "onclick", "<form", "style="] {
                assert!(!rich.html.contains(wrong), "{wrong}");
            }
        }
    }
}
