//! Text from outside never runs in anybody's browser.

use serde_json::json;
use tests::{TestApp, bold};

/// Tricks, each with the word `Harmless` beside it, which readers do see.
const TRICKS: [&str; 14] = [
    "Harmless <script>steal()</script>",
    "Harmless <img src=x onerror=steal()>",
    "Harmless <svg onload=steal()><script>steal()</script></svg>",
    "Harmless <a href=\"javascript:steal()\">x</a>",
    "Harmless [x](javascript:steal())",
    "Harmless [x](JaVaScRiPt:steal())",
    "Harmless ![x](data:text/html;base64,PHNjcmlwdD4=)",
    "Harmless <iframe src=\"https://evil.example\"></iframe>",
    "Harmless <math><mtext><style><img src onerror=steal()></style></mtext></math>",
    "Harmless <form action=\"https://evil.example\"><input name=password></form>",
    "Harmless <base href=\"https://evil.example/\">",
    "Harmless <meta http-equiv=refresh content=\"0;url=https://evil.example\">",
    "Harmless <div style=\"position:fixed;inset:0\">x</div>",
    "Harmless `</code><script>steal()</script>`\n\n```html\n</pre><script>steal()</script>\n```",
];

#[tokio::test]
async fn hostile_articles_are_shown_without_what_would_run() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    for (n, trick) in TRICKS.iter().enumerate() {
        let slug = format!("trick-{n}");
        let article =
            json!({ "title": format!("Trick {n} {trick}"), "locale": "en", "body": trick, "slug": slug });
        app.publish_json(&key, article).await;
        let page = app.get(&format!("/a/{slug}"), None).await.expect(200);
        assert!(page.text.contains("Harmless"), "{}", page.text);
        check_page(&page.text, trick);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    }
    for path in [
        "/",
        "/search?q=harmless+trick",
        "/search?q=%3Cscript%3Esteal()%3C/script%3E",
        "/ask?q=%22%3E%3Cscript%3Esteal()",
    ] {
        check_page(&app.get(path, None).await.expect(200).text, path);
    }
}

#[tokio::test]
async fn hostile_questions_and_names_are_shown_as_they_were_typed() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    for trick in TRICKS {
        let conversation = app.conversation().await;
        app.ask(&conversation, trick).await;
        let form = json!({ "name": "<script>steal()</script>", "message": trick });
        let number = app.hand_off(&conversation, form).await;
        // The API gives text; it is no HTML and says so.
        let ticket = app.get(&format!("/api/v1/tickets/{number}"), Some(&key)).await.expect(200);
        assert_eq!(ticket.header("content-type"), "application/json");
        assert_eq!(ticket.header("x-content-type-options"), "nosniff");
        assert_eq!(ticket.json()["customer"]["name"], "<script>steal()</script>");
    }
}

/// The page without its own scripts and forms holds nothing that would run or lead away.
#[track_caller]
fn check_page(page: &str, of: &str) {
    let page = page.to_lowercase();
    for tag in tags(&page) {
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_own_script = tag.starts_with("script src=\"/assets/")
            || tag.starts_with("script type=\"module\" src=\"/assets/");
        let is_own_form = !tag.contains("action=") || tag.contains("action=\"/");
        match name.as_str() {
            "script" => assert!(is_own_script, "<{tag}> in {of}"),
            "form" => assert!(is_own_form, "<{tag}> in {of}"),
            "iframe" | "object" | "embed" | "base" | "math" | "style" => panic!("<{tag}> in {of}"),
            "meta" => assert!(!tag.contains("http-equiv"), "<{tag}> in {of}"),
            _ => {}
        }
        for (attribute, value) in attributes(tag) {
            assert!(!attribute.starts_with("on"), "<{tag}> in {of}");
            assert!(attribute != "style", "<{tag}> in {of}");
            let is_link = ["href", "src", "action", "formaction", "xlink:href"].contains(&attribute);
            let runs =
                value.trim_start().starts_with("javascript:") || value.trim_start().starts_with("data:text");
            assert!(!(is_link && runs), "<{tag}> in {of}");
            assert!(!(is_link && value.contains("evil.example")), "<{tag}> in {of}");
        }
    }
}

/// The opening tags, without their brackets.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())).map(|rest| {
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// Names and values of a tag's attributes; the server writes values in double quotes.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        found.extend(name.split_whitespace().map(|bare| (bare, "")));
        if let Some(last) = found.last_mut() {
            last.1 = value;
        }
        rest = after;
    }
    found.extend(rest.split_whitespace().map(|bare| (bare.split('=').next().unwrap_or(bare), bare)));
    found
}
