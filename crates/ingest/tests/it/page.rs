//! Pages, messages and sentences as HTML.

use domain::VersionId;
use ingest::{PassageOptions, RenderOptions, inline_html, message_html, passages, render_html, toc};

#[test]
fn a_page_has_the_anchors_of_its_passages() {
    let long = "A sentence of seven words is here. ".repeat(80);
    let body = format!(
        "Intro.\n\n## Steps {{#do}}\n\n1. One\n2. Two\n\n## Long\n\n{long}\n\n```\n{}```\n",
        "x y z\n".repeat(200)
    );
    let passages = passages(&VersionId::new("v"), "T", &body, &PassageOptions::default());
    let html =
        render_html(&body, &RenderOptions { title: "T", passages: &passages, ..RenderOptions::default() });
    assert!(passages.len() > 5);
    for passage in &passages {
        let anchors = passage.segments.iter().map(|segment| &segment.anchor).chain([&passage.anchor]);
        for anchor in anchors.filter(|anchor| *anchor != "top") {
            assert_eq!(html.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
        }
    }
    let entries: Vec<(u8, String)> =
        toc("T", &body).into_iter().map(|entry| (entry.level, entry.anchor)).collect();
    assert_eq!(entries, [(2, "do".to_owned()), (2, "long".to_owned())]);
}

#[test]
fn cited_words_are_marked_within_their_block() {
    let body = "Über uns. Öffne **die Einstellungen**. Ende.\n\nAnderes.";
    let start = body.chars().take_while(|c| *c != 'Ö').count();
    let cited = start..start + 28;
    let options = RenderOptions { cited: std::slice::from_ref(&cited), ..RenderOptions::default() };
    let html = render_html(body, &options);
    insta::assert_snapshot!(html, @r#"
    <p id="top-570e72" class="cited">Über uns. <mark class="cited" id="cite">Öffne </mark><strong><mark class="cited">die Einstellungen</mark></strong><mark class="cited">.</mark> Ende.</p>
    <p id="top-cc5693">Anderes.</p>
    "#);
}

#[test]
fn a_page_shows_what_markdown_can_say() {
    let body = "# Title\n\n# Part\n\n> [!WARNING]\n> Hot\n\n- [x] done\n- [ ] open\n\n| a | b |\n|:-|-:|\n| 1 | ~~2~~ |\n\n\
        Press <kbd>X</kbd>, see [in](/a), [out](https://x.example) and <me@x.example>.[^1] ![Alt](p.png)\n\n[^1]: Note.\n";
    let html = render_html(body, &RenderOptions { title: "title", ..RenderOptions::default() });
    insta::assert_snapshot!(html, @r##"
    <h2 id="part">Part</h2>
    <blockquote id="part-981c59" class="alert alert-warning" role="note"><p>Hot</p>
    </blockquote>
    <ul id="part-9325ea"><li>☑ done
    </li>
    <li>☐ open
    </li>
    </ul>
    <div class="table-scroll" tabindex="0"><table id="part-adb12b"><thead><tr><th scope="col" class="align-left">a</th><th scope="col" class="align-right">b</th></tr></thead><tbody><tr><td class="align-left">1</td><td class="align-right"><del>2</del></td></tr></tbody></table></div>
    <p id="part-13cbc2">Press <kbd>X</kbd>, see <a href="/a">in</a>, <a href="https://x.example" rel="noopener noreferrer nofollow ugc">out</a> and <a href="mailto:me@x.example">me@x.example</a>.<sup><a href="#part-7ce45b">1</a></sup> <img src="p.png" alt="Alt" loading="lazy" decoding="async"></p>
    <div id="part-7ce45b" class="footnote"><sup>1</sup> <p>Note.</p>
    </div>
    "##);
}

#[test]
fn a_sentence_stays_within_its_line() {
    for (text, expected) in [
        ("**Open** `a`, then [b](/c).", "<strong>Open</strong> <code>a</code>, then <a href=\"/c\">b</a>."),
        ("1984. was # a year", "1984. was # a year"),
        ("- [ ] x\n- y", "- [ ] x - y"),
        ("a\\*b &amp; <your-name>", "a*b &amp; &lt;your-name&gt;"),
        ("![x](y.png)See", "See"),
    ] {
        assert_eq!(inline_html(text), expected);
    }
}

#[test]
fn a_message_shows_what_was_typed() {
    for (text, expected) in [
        ("Hi,\nit <b>fails</b>\n\nBye", "<p>Hi,<br>\nit &lt;b&gt;fails&lt;/b&gt;</p>\n<p>Bye</p>\n"),
        ("<script>x()</script>", "<p>&lt;script&gt;x()&lt;/script&gt;</p>\n"),
        (
            "![shot](https://x.example/a.png)",
            "<p><a href=\"https://x.example/a.png\" rel=\"noopener noreferrer nofollow ugc\">shot</a></p>\n",
        ),
        ("```\na\nb\n```", "<pre tabindex=\"0\"><code>a\nb</code></pre>\n"),
        ("# Help", "<p><strong>Help</strong></p>\n"),
    ] {
        assert_eq!(message_html(text), expected);
    }
    for nowhere in ["//evil.org", "/\\\\evil.org", "foo/bar", "?q=1", "#top"] {
        assert_eq!(message_html(&format!("[x]({nowhere})")), "<p>x</p>\n", "{nowhere}");
    }
    assert_eq!(message_html("[x](/a/y)"), "<p><a href=\"/a/y\">x</a></p>\n");
}

#[test]
fn links_are_resolved_and_strange_ones_lose_their_address() {
    let resolve = |url: &str| (url == "install.md").then(|| "/articles/install".to_owned());
    let options = RenderOptions { resolve_link: Some(&resolve), ..RenderOptions::default() };
    let html = render_html("[a](install.md) [b](javascript:x) [c](https://аpple.com)", &options);
    assert!(html.contains("<a href=\"/articles/install\">a</a> b "), "{html}");
    assert!(html.contains("c</a> (xn--pple-43d.com)"), "{html}");
    // An article is read at one address, so that places in it and pages beside it are found.
    for near in ["#top", "other", "?q=1"] {
        let html = render_html(&format!("[a]({near})"), &options);
        assert!(html.contains(&format!("<a href=\"{near}\">a</a>")), "{html}");
    }
}
