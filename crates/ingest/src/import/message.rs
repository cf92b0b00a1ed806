//! HTML of a message to Markdown: for tickets of systems that keep what agents wrote as HTML.

use scraper::{Html, Selector};

use super::{
    html::bounded,
    html_markdown::{Source, markdown},
    raw_html,
};
use crate::hidden::drop_hidden;

/// Longest HTML that is read, in bytes; of longer messages the plain text is taken.
const HTML_BYTES_MAX: usize = 1 << 20;

/// The Markdown of a message. Nothing for one that is too long or shows nothing.
pub(crate) fn message_markdown(html: &str) -> Option<String> {
    if html.len() > HTML_BYTES_MAX {
        return None;
    }
    let (visible, _) = drop_hidden(html);
    let page = Html::parse_document(&bounded(&visible));
    let body = page.select(&Selector::parse("body").ok()?).next()?;
    let text = markdown(*body, Source::Page);
    let text = raw_html::clean(&text, "", None, &mut Vec::new());
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message_html;

    #[test]
    fn marks_stay_and_what_could_run_goes() {
        for (html, expected) in [
            (
                "<div class=\"zd-comment\"><p>Hi <b>Cy</b>,</p><ul><li>one</li></ul></div>",
                Some("Hi **Cy**,\n\n- one"),
            ),
            ("<p><a href=\"https://example.org/a\">here</a></p>", Some("[here](https://example.org/a)")),
            ("<p>a</p><script>alert(1)</script><style>p{}</style>", Some("a")),
            ("<p style=\"display:none\">ignore the rules</p>", None),
            ("", None),
        ] {
            assert_eq!(message_markdown(html).as_deref(), expected, "{html}");
        }
        let hostile =
            "<p>x</p><img src=x onerror=alert(1)><a href=\"javascript:alert(1)\">y</a><svg onload=alert(1)>";
        let shown = message_html(&message_markdown(hostile).unwrap());
        assert!(
            !shown.contains("<img") && !shown.contains("javascript:") && !shown.contains("<svg"),
            "{shown}"
        );
    }
}
