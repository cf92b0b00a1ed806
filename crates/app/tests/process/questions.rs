//! `askwell search` and `askwell ask`: the shapes that others script against.

use serde_json::Value;

use crate::program::Folder;

const PASSWORD: &str = "# Reset your password\n\nTo reset your password, open the sign-in page and choose **Forgot password**. We send a link to your mail address.\n";

#[track_caller]
fn check_parts(json: &Value, parts: &[&str]) {
    for part in parts {
        assert!(json.get(part).is_some_and(|part| !part.is_null()), "no {part} in {json}");
    }
}

#[test]
fn search_gives_hits_best_first_one_per_article() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    folder.import("contacts.md", "# Export your contacts\n\nOpen **Settings** and choose **Export**.\n");
    let found = folder.json(&["search", "reset password", "--limit", "5", "--locale", "en"]);
    check_parts(&found, &["hits", "took_ms"]);
    let hits = found["hits"].as_array().expect("hits");
    assert_eq!(hits[0]["slug"], "password", "{found}");
    check_parts(&hits[0], &["article_id", "slug", "title", "url", "anchor", "snippet", "score"]);
    let scores: Vec<f64> = hits.iter().filter_map(|hit| hit["score"].as_f64()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let one = folder.json(&["search", "reset password export contacts", "--limit", "1"]);
    assert_eq!(one["hits"].as_array().map(Vec::len), Some(1));
}

#[test]
fn ask_gives_an_answer_whose_quotes_stand_in_the_article() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    let said = folder.json(&["ask", "How do I reset my password?"]);
    check_parts(&said, &["kind", "text", "citations", "confidence", "trace_id", "took_ms"]);
    assert_eq!(said["kind"], "answer", "{said}");
    let citations = said["citations"].as_array().expect("citations");
    assert!(!citations.is_empty(), "{said}");
    for citation in citations {
        check_parts(citation, &["n", "article_id", "slug", "title", "url", "anchor", "quote"]);
        assert!(PASSWORD.contains(citation["quote"].as_str().expect("a quote")), "{citation}");
    }
}

#[test]
fn ask_hands_over_what_nothing_answers_and_what_humans_decide() {
    let folder = Folder::new();
    folder.key("kb:read");
    for question in ["How do I reset my password?", "I want to talk to a human", "My lawyer will sue you"] {
        let said = folder.json(&["ask", question]);
        assert_eq!(said["kind"], "handoff", "{question}: {said}");
        assert!(said["text"].as_str().is_some_and(|text| !text.is_empty()), "{said}");
    }
}

#[test]
fn what_is_no_question_is_refused() {
    let folder = Folder::new();
    let long = "word ".repeat(20_000);
    for words in [
        ["search", ""],
        ["ask", ""],
        ["ask", "  "],
        ["ask", "\u{1}\u{2}\u{3}\u{4}"],
        ["search", &long],
        ["ask", &long],
    ] {
        let ended = folder.run(&words);
        let shown: String = words[1].chars().take(10).collect();
        assert_eq!(ended.code, Some(1), "{} {shown:?}: {} {}", words[0], ended.out, ended.err);
        assert!(ended.err.starts_with("askwell: "), "{}", ended.err);
        assert!(ended.out.is_empty());
    }
}
