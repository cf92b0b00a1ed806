//! The sentences of an answer as paragraphs, lists, code and tables, each with the chip that leads to its source.

use domain::{AnswerSentence, Citation, Locale, SentenceLayout};

use super::{
    Html, escape, inline, quote,
    table::{self, Row},
};
use crate::address;

/// The sentences of an answer, each with the chip that leads to its source.
pub(crate) fn answer(sentences: &[AnswerSentence], citations: &[Citation], default_locale: &Locale) -> Html {
    let sources = Sources { citations, default_locale };
    let mut html = String::new();
    let mut open = None;
    let mut rest = sentences;
    while let Some((sentence, after)) = rest.split_first() {
        rest = after;
        let wanted = Block::of(sentence.layout);
        let starts_paragraph = sentence.layout == SentenceLayout::Paragraph;
        if open != Some(wanted) || starts_paragraph {
            html.push_str(open.map_or("", Block::close));
            html.push_str(wanted.open());
            open = Some(wanted);
        } else if wanted == Block::Paragraph {
            html.push(' ');
        }
        let chip = sources.chip(sentence);
        match wanted {
            Block::Paragraph => html.push_str(&format!("{}{chip}", inline(&sentence.text))),
            Block::Bullets | Block::Steps => {
                html.push_str(&format!("<li>{}{chip}</li>", inline(&sentence.text)));
            }
            Block::Code => html.push_str(&code(&sentence.text, &chip)),
            Block::Table => {
                let n_more = rest.iter().take_while(|other| sources.is_row_after(sentence, other)).count();
                let (rows, after) = rest.split_at(n_more);
                rest = after;
                html.push_str(&sources.table(sentence, rows));
            }
        }
    }
    html.push_str(open.map_or("", Block::close));
    Html(html)
}

/// Where the sentences of an answer come from.
struct Sources<'a> {
    citations: &'a [Citation],
    default_locale: &'a Locale,
}

impl Sources<'_> {
    fn citation(&self, sentence: &AnswerSentence) -> Option<&Citation> {
        self.citations.iter().find(|citation| citation.n == sentence.citation)
    }

    fn chip(&self, sentence: &AnswerSentence) -> String {
        self.citation(sentence).map(|citation| chip(citation, self.default_locale)).unwrap_or_default()
    }

    /// Whether this is another row of the table that `first` begins: one of the same block of the same version.
    fn is_row_after(&self, first: &AnswerSentence, other: &AnswerSentence) -> bool {
        let place = |sentence| self.citation(sentence).map(|c| (&c.version_id, &c.anchor));
        other.layout == SentenceLayout::Row && place(first) == place(other)
    }

    /// Quoted rows with their head; the head's chip is left out where a row below it leads to the same quote.
    fn table(&self, head: &AnswerSentence, rows: &[AnswerSentence]) -> String {
        let is_repeated = rows.iter().any(|row| row.citation == head.citation);
        let head_chip = if is_repeated { String::new() } else { self.chip(head) };
        let rows: Vec<Row> = std::iter::once((head, head_chip))
            .chain(rows.iter().map(|row| (row, self.chip(row))))
            .map(|(row, chip)| Row { source: &row.text, chip })
            .collect();
        table::html(&rows)
    }
}

/// Code as it was written, its chip beside it.
fn code(source: &str, chip: &str) -> String {
    format!("<div class=\"kept\"><pre tabindex=\"0\"><code>{}</code></pre>{chip}</div>", escape(source))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Paragraph,
    Bullets,
    Steps,
    Code,
    Table,
}

impl Block {
    fn of(layout: SentenceLayout) -> Self {
        match layout {
            SentenceLayout::Inline | SentenceLayout::Paragraph => Self::Paragraph,
            SentenceLayout::Bullet => Self::Bullets,
            SentenceLayout::Step => Self::Steps,
            SentenceLayout::Block => Self::Code,
            SentenceLayout::Row => Self::Table,
        }
    }

    fn open(self) -> &'static str {
        match self {
            Self::Paragraph => "<p>",
            Self::Bullets => "<ul>",
            Self::Steps => "<ol>",
            Self::Code | Self::Table => "",
        }
    }

    fn close(self) -> &'static str {
        match self {
            Self::Paragraph => "</p>",
            Self::Bullets => "</ul>",
            Self::Steps => "</ol>",
            Self::Code | Self::Table => "",
        }
    }
}

fn chip(citation: &Citation, default_locale: &Locale) -> String {
    // The word joiner keeps the number on the line of its sentence.
    format!(
        "\u{2060}<a class=\"cite\" href=\"{}\" title=\"{}\" aria-label=\"Source {}: {}\">{}</a>",
        escape(&address::quote(citation, default_locale)),
        escape(&quote(&citation.quote)),
        citation.n,
        escape(&citation.title),
        citation.n
    )
}

#[cfg(test)]
mod tests {
    use domain::{ArticleId, VersionId};

    use super::*;

    fn sentence(text: &str, citation: u32, layout: SentenceLayout) -> AnswerSentence {
        AnswerSentence { text: text.into(), citation, layout }
    }

    fn citation(n: u32, anchor: &str) -> Citation {
        Citation {
            n,
            article_id: ArticleId::new("a"),
            version_id: VersionId::new("v"),
            external_id: None,
            slug: "keys".into(),
            locale: Locale::english(),
            title: "Keys".into(),
            anchor: anchor.into(),
            start: 0,
            end: 1,
            quote: "q".into(),
        }
    }

    /// The answer with each chip as its number in brackets.
    fn shown(sentences: &[AnswerSentence], citations: &[Citation]) -> String {
        let html = answer(sentences, citations, &Locale::english()).to_string();
        let mut out = String::new();
        for (i, part) in html.split("\u{2060}<a class=\"cite\"").enumerate() {
            let Some((attributes, after)) = part.split_once("</a>").filter(|_| i > 0) else {
                out.push_str(part);
                continue;
            };
            let n = attributes.rsplit_once('>').map_or("", |(_, n)| n);
            out.push_str(&format!("[{n}]{after}"));
        }
        out
    }

    #[test]
    fn an_answer_keeps_its_steps_in_one_list() {
        let html = shown(
            &[
                sentence("Do this:", 9, SentenceLayout::Paragraph),
                sentence("Open.", 9, SentenceLayout::Step),
                sentence("Close.", 9, SentenceLayout::Step),
                sentence("Done.", 9, SentenceLayout::Paragraph),
                sentence("Really.", 9, SentenceLayout::Inline),
            ],
            &[],
        );
        assert_eq!(html, "<p>Do this:</p><ol><li>Open.</li><li>Close.</li></ol><p>Done. Really.</p>");
    }

    #[test]
    fn quoted_rows_are_a_table_and_code_is_code() {
        let citations = [citation(1, "code"), citation(2, "table"), citation(3, "table")];
        let code = |text: &str| sentence(text, 1, SentenceLayout::Block);
        let row = |text: &str, n| sentence(text, n, SentenceLayout::Row);
        for (sentences, html) in [
            (
                vec![code("ls | grep <b>\n# *done*")],
                "<div class=\"kept\"><pre tabindex=\"0\"><code>ls | grep &lt;b&gt;\n# *done*</code></pre>[1]</div>",
            ),
            (
                vec![row("scope | allows", 2), row("`admin` | **all** of \\| it", 3), code("ls | wc")],
                "<div class=\"table-scroll\" tabindex=\"0\"><table>\
                 <thead><tr><th scope=\"col\">scope</th><th scope=\"col\">allows[2]</th></tr></thead><tbody>\
                 <tr><td><code>admin</code></td><td><strong>all</strong> of | it[3]</td></tr></tbody></table></div>\
                 <div class=\"kept\"><pre tabindex=\"0\"><code>ls | wc</code></pre>[1]</div>",
            ),
            (
                vec![row("a | b", 2), row("c", 2), row("x | <svg>", 2)],
                "<div class=\"table-scroll\" tabindex=\"0\"><table>\
                 <thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody>\
                 <tr><td>c</td><td>[2]</td></tr><tr><td>x</td><td>&lt;svg&gt;[2]</td></tr></tbody></table></div>",
            ),
        ] {
            assert_eq!(shown(&sentences, &citations), html);
        }
    }
}
