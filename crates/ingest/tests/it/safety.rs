//! What comes from outside never runs in anyone's browser.

use ingest::{
    ImportOptions, RenderOptions, inline_html, message_html, parse_html, parse_markdown, render_html,
};
use scraper::Html;

/// Own examples of the known ways in; the large collections are run by hand against the same check.
const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/a.js></sCrIpT>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<svg onload=alert(1)><animate onbegin=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" java\tscript:alert(1)\">x</a>",
    "<a href=\"&#106;avascript&colon;alert(1)\">x</a>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button></form>",
    "<base href=//x.example/><meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<div style=\"position:fixed;background:url(javascript:alert(1))\" onclick=alert(1)>x</div>",
    "<details open ontoggle=alert(1)>x</details>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "[x](javascript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x\" onerror=\"alert(1)](y.png)",
    "[x](https://x.example \"\\\" onmouseover=\\\"alert(1)\")",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "# x {#\" onclick=alert(1)}",
    "```\" onclick=alert(1)\nx\n```",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "`</code><script>alert(1)</script>`",
    "<style>@import 'javascript:alert(1)'</style>",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "<a href=\"vbscript:x\" target=_blank>y</a><embed src=//x.example>",
];

#[test]
fn no_payload_survives_any_way_in() {
    for payload in PAYLOADS {
        let options = ImportOptions::default();
        let imported = [
            parse_markdown("a.md", payload, &options).body,
            parse_markdown("a.mdx", &format!("text {payload} more"), &options).body,
            parse_html("a.html", payload, &options).body,
            parse_html("a.html", &format!("<main><p>a {payload} b</p></main>"), &options).body,
        ];
        let cited = 0..payload.chars().count();
        let render = RenderOptions { cited: std::slice::from_ref(&cited), ..RenderOptions::default() };
        let mut pages = vec![render_html(payload, &render), inline_html(payload), message_html(payload)];
        pages.extend(imported.iter().map(|body| render_html(body, &RenderOptions::default())));
        for page in pages {
            assert_harmless(&page, payload);
        }
    }
}

/// Parses the page as a browser would: only known elements, no handlers, no styles, no address that runs.
fn assert_harmless(page: &str, payload: &str) {
    const ELEMENTS: &str = " a blockquote body br code del div em h1 h2 h3 h4 h5 h6 head hr html img kbd li mark ol p pre span \
                            strong sub sup table tbody td th thead tr u ul ";
    for node in Html::parse_fragment(page).tree.nodes() {
        let Some(element) = node.value().as_element() else { continue };
        let name = element.name();
        assert!(ELEMENTS.contains(&format!(" {name} ")), "{name} in {page} from {payload}");
        for (attribute, value) in element.attrs() {
            let known =
                ["href", "src", "alt", "title", "rel", "id", "class", "role", "tabindex", "start", "scope"];
            let known = known.contains(&attribute) || ["loading", "decoding"].contains(&attribute);
            assert!(known, "{attribute} in {page} from {payload}");
            if matches!(attribute, "href" | "src") {
                let bare: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
                let scheme = bare.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
                let safe = scheme.is_none_or(|scheme| {
                    scheme.contains(['/', '?', '#'])
                        || ["http", "https", "mailto", "tel"].contains(&scheme.as_str())
                });
                assert!(safe, "{value} in {page} from {payload}");
            }
        }
    }
}
