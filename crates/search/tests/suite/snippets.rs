//! The excerpt of a hit and its marks.

use crate::library::{article, library, words_only};
use domain::Hits;
use search::SearchRequest;

/// The excerpt of the first hit with its marks in brackets.
fn marked(hits: &Hits) -> String {
    let snippet = &hits.hits[0].snippet;
    let mut text = snippet.text.clone();
    for &(start, end) in snippet.marks.iter().rev() {
        text.insert(end, ']');
        text.insert(start, '[');
    }
    format!("{} #{}", text, snippet.anchor)
}

#[tokio::test]
async fn matching_words_are_marked_as_they_are_written() {
    let engine = library(vec![
        article("a", "Mail", "Something else.\n\nConnecting a Mailbox takes a minute; mailboxes are safe."),
        article("zh", "密码", "打开登录页面，然后选择忘记密码。"),
    ])
    .await;
    for (request, expected) in [
        (words_only("connect mailbox"), "[Connecting] a [Mailbox] takes a minute; [mailboxes] are safe. #p1"),
        (words_only("忘记密码"), "打开登录页面，然后选择[忘记密码]。 #p0"),
        (words_only("conecting"), "[Connecting] a Mailbox takes a minute; mailboxes are safe. #p1"),
        (
            SearchRequest { as_you_type: true, ..words_only("mailb") },
            "Connecting a [Mailbox] takes a minute; [mailboxes] are safe. #p1",
        ),
    ] {
        let hits = engine.search(&request).await.unwrap();
        assert_eq!(marked(&hits), expected, "{}", request.query);
    }
}

#[tokio::test]
async fn a_passage_comes_with_its_words_in_the_body() {
    let body = "Schöne Grüße.\n\nDie Datei 🗎 öffnen.";
    let engine = library(vec![article("a", "Datei", body)]).await;
    let hits = engine.search(&words_only("datei öffnen")).await.unwrap();
    for passage in &hits.hits[0].passages {
        let n = passage.source.chars().count();
        let there: String = body.chars().skip(passage.source_start_chars).take(n).collect();
        assert_eq!(passage.source, there);
    }
}
