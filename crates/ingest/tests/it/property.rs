//! What holds for any text: nothing visible is lost, quotes are true, nothing panics.

use std::collections::HashSet;

use domain::{Passage, VersionId};
use ingest::{
    ImportOptions, PassageOptions, RenderOptions, inline_html, message_html, parse_html, parse_markdown,
    passages, plain_text, render_html, toc,
};
use proptest::prelude::*;

/// Markdown soup: marks, blocks, containers, HTML, several scripts, in any order.
fn soup() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "word",
        " ",
        " ",
        "\n",
        "\n\n",
        "# ",
        "## H",
        "- ",
        "* ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "**",
        "*",
        "_",
        "~~",
        "`",
        "```\n",
        "``",
        "[",
        "](",
        "](/u)",
        ")",
        "![",
        "<",
        ">",
        "<b>",
        "</b>",
        "<br>",
        "<div>",
        "</div>",
        "<x y>",
        "<!-- c -->",
        "<!--",
        "<script>",
        "</script>",
        "&amp;",
        "&",
        "&nbsp;",
        "\\",
        "\\*",
        "|",
        "|-|-|\n",
        "| a | b |\n",
        "[^1]",
        "[^1]: note\n",
        "[r]: /x\n",
        "[r]",
        "http://x.example/a.b",
        "me@x.example",
        "- [x] ",
        "> [!NOTE]\n",
        "---\n",
        "===\n",
        "{#id}",
        "漢字。",
        "かな",
        "مرحبا؟",
        "Привет.",
        "e\u{301}",
        "👩\u{200d}💻",
        "\u{200b}",
        "\u{a0}",
        "\r\n",
        "\r",
        "Sentence one. Two!",
        "3.5",
        ":",
        "::",
        ":::note\n",
        ":::\n",
        "<Tab title=\"t\">\n",
        "</Tab>\n",
        "{% raw %}",
        "{{ page.x }}",
        "{: .c}",
        "\u{feff}",
        "<p hidden>",
        "</p>",
        "<table><tr><td>",
        "long ".repeat(40).leak(),
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

fn visible(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn cut(title: &str, body: &str) -> Vec<Passage> {
    passages(&VersionId::new("v"), title, body, &PassageOptions::default())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_visible_character_lands_in_a_passage(body in soup()) {
        let mut left: Vec<char> = visible(&plain_text(&body));
        let mut covered: Vec<char> = Vec::new();
        for passage in cut("", &body) {
            covered.extend(passage.segments.iter().flat_map(|segment| visible(&segment.text)));
        }
        covered.extend(toc("", &body).iter().flat_map(|entry| visible(&entry.text)));
        let headings: HashSet<String> = cut("", &body).into_iter().flat_map(|passage| passage.headings).collect();
        let bare = cut("", &body).into_iter().flat_map(|passage| passage.segments).map(|segment| segment.text);
        let shown: HashSet<String> = headings.into_iter().chain(bare).collect();
        for entry in toc("", &body) {
            prop_assert!(shown.iter().any(|text| text.contains(&entry.text)), "heading lost: {}", entry.text);
        }
        left.sort_unstable();
        covered.sort_unstable();
        let mut covered = covered.into_iter().peekable();
        for c in left {
            while covered.next_if(|other| *other < c).is_some() {}
            prop_assert_eq!(covered.next(), Some(c));
        }
    }

    #[test]
    fn every_segment_is_a_true_quote(body in soup()) {
        let passages = cut("", &body);
        let mut anchors = HashSet::new();
        let mut at = 0;
        for (ordinal, passage) in passages.iter().enumerate() {
            prop_assert_eq!(passage.ordinal as usize, ordinal);
            prop_assert!(anchors.insert(passage.anchor.clone()), "anchor twice: {}", passage.anchor);
            prop_assert!(passage.start >= at && passage.end <= body.len());
            at = passage.start;
            for segment in &passage.segments {
                prop_assert!(segment.start >= at && segment.start < segment.end, "{:?} at {}", segment, at);
                at = segment.end;
                let source = body.get(segment.start..segment.end);
                prop_assert!(source.is_some());
                let mut source = source.unwrap_or_default().chars();
                for c in visible(&segment.text) {
                    prop_assert!(source.any(|other| other == c), "{:?} of {:?}", segment, body);
                }
            }
            prop_assert_eq!(passage.end, at);
        }
    }

    #[test]
    fn pages_carry_every_anchor(body in soup()) {
        let passages = cut("", &body);
        let html = render_html(&body, &RenderOptions { passages: &passages, ..RenderOptions::default() });
        for passage in &passages {
            for anchor in passage.segments.iter().map(|segment| &segment.anchor).chain([&passage.anchor]) {
                let found = html.matches(&format!("id=\"{anchor}\"")).count();
                prop_assert!(anchor == "top" || found == 1, "{} found {} times in {}", anchor, found, html);
            }
        }
    }

    #[test]
    fn imports_of_anything_end_and_agree_with_themselves(text in soup()) {
        let options = ImportOptions::default();
        for article in [parse_markdown("a/b.mdx", &text, &options), parse_html("a/b.html", &text, &options)] {
            prop_assert!(!article.title.is_empty() && !article.slug.is_empty());
            render_html(&article.body, &RenderOptions::default());
        }
        inline_html(&text);
        message_html(&text);
    }

    #[test]
    fn text_of_a_web_page_survives_as_markdown(text in "[ -~äß漢]{0,60}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let article = parse_html("a.html", &format!("<h1>T</h1><p>{escaped}</p>"), &ImportOptions::default());
        prop_assert_eq!(visible(&plain_text(&article.body)), visible(&text), "{:?}", article.body);
    }

    #[test]
    fn citing_anything_is_harmless(body in soup(), start in 0_usize..200, length in 0_usize..100) {
        let cited = start..start + length;
        render_html(&body, &RenderOptions { cited: std::slice::from_ref(&cited), ..RenderOptions::default() });
    }
}
