//! Which article comes first, and that it always does.

use search::{SearchMode, SearchRequest};

use crate::library::{article, found, library, put, query, slugs, words_only};

#[tokio::test]
async fn the_article_about_it_comes_first() {
    let engine = library(vec![
        article("reset", "Reset your password", "Open the sign-in page.\n\nChoose Forgot password."),
        article("ship", "Shipping times", "Parcels need three days."),
        article("bill", "Change the invoice address", "Invoices are made on the first day of a month."),
    ])
    .await;
    for (text, first) in [
        ("how do I reset my password", "reset"),
        ("when does my parcel arrive", "ship"),
        ("invoice address", "bill"),
        ("forgot password", "reset"),
    ] {
        let hits = engine.search(&query(text)).await.unwrap();
        assert_eq!(slugs(&hits)[0], first, "{text}");
        let hit = &hits.hits[0];
        assert!((1..=3).contains(&hit.passages.len()), "{text}");
        assert!(hit.legs.lexical.is_some() && hit.legs.dense_passage.is_some(), "{text}: {:?}", hit.legs);
    }
}

#[tokio::test]
async fn a_title_outranks_a_mention_in_a_body() {
    let engine = library(vec![
        article("a", "Export everything", "How to export contacts and tickets as a file for other programs."),
        article("b", "Contacts", "How to keep people and companies. An export is a file for other programs."),
    ])
    .await;
    assert_eq!(found(&engine, &words_only("contacts")).await, "b a");
    assert_eq!(found(&engine, &words_only("export")).await, "a b");
}

#[tokio::test]
async fn alternative_questions_are_found_by_words_and_by_meaning() {
    let mut asked = article("vat", "Tax numbers", "Enter the number under Company.");
    asked.questions = vec!["Where does my VAT id go?".to_owned()];
    let engine = library(vec![asked, article("other", "Companies", "A company has a name.")]).await;
    assert_eq!(found(&engine, &words_only("vat id")).await, "vat");
    let hits =
        engine.search(&SearchRequest { mode: SearchMode::Dense, ..query("Where does my VAT id go?") }).await;
    let hits = hits.unwrap();
    assert_eq!(hits.hits[0].slug, "vat");
    assert!(hits.hits[0].legs.dense_question.unwrap() > 0.99);
}

#[tokio::test]
async fn phrasings_find_like_a_title_and_are_no_questions() {
    let mut called = article("vat", "Tax numbers", "Enter the number under Company.");
    called.phrasings = vec!["where to enter the vat id".to_owned()];
    let engine = library(vec![called, article("other", "Companies", "A company has a name.")]).await;
    assert_eq!(found(&engine, &words_only("vat id")).await, "vat");
    let hits = engine.search(&query("where to enter the vat id")).await.unwrap();
    let legs = hits.hits[0].legs;
    assert!(legs.dense_title.unwrap() > 0.99);
    assert_eq!(legs.dense_question, None);
}

#[tokio::test]
async fn synonyms_find_and_the_typed_word_wins() {
    let dir = tempfile::tempdir().unwrap();
    let engine = search::SearchEngine::open(crate::library::config(dir.path()), crate::library::embedder());
    let engine = engine.unwrap();
    let changes = vec![
        put(article("invoice", "Your invoice", "An invoice is made every month.")),
        put(article("bill", "Your bill", "A bill is made every month.")),
    ];
    crate::library::apply(&engine, changes, 1).await.unwrap();
    assert_eq!(found(&engine, &words_only("bill")).await, "bill invoice");
    assert_eq!(found(&engine, &words_only("invoice")).await, "invoice bill");
}

#[tokio::test]
async fn equal_articles_are_ordered_by_id_whatever_came_first() {
    let texts = || ["c", "a", "b"].map(|id| article(id, "Same title", "The same words in each."));
    let forward = library(texts().to_vec()).await;
    let mut reversed = texts().to_vec();
    reversed.reverse();
    let backward = library(reversed).await;
    for engine in [&forward, &backward] {
        for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Dense] {
            let request = SearchRequest { mode, ..query("same words") };
            assert_eq!(found(engine, &request).await, "a b c", "{mode:?}");
        }
    }
}

#[tokio::test]
async fn an_article_that_is_published_again_scores_as_before() {
    let texts = || -> Vec<_> {
        let body = |n: usize| format!("Words about topic{n} and common things. {}", "more ".repeat(n));
        (0..20).map(|n| article(&format!("a{n:02}"), &format!("Topic {n}"), &body(n))).collect()
    };
    let engine = library(texts()).await;
    let before = engine.search(&query("common topic7 things")).await.unwrap();
    for seq in 2..6 {
        crate::library::apply(&engine, texts().into_iter().map(put).collect(), seq).await.unwrap();
    }
    let after = engine.search(&query("common topic7 things")).await.unwrap();
    assert_eq!(slugs(&before), slugs(&after));
    for (before, after) in before.hits.iter().zip(&after.hits) {
        assert!(
            (before.score - after.score).abs() < 1e-6,
            "{}: {} {}",
            before.slug,
            before.score,
            after.score
        );
    }
}

#[tokio::test]
async fn strange_queries_find_nothing_and_break_nothing() {
    let engine = library(vec![article("a", "Title", "Body of the article.")]).await;
    let long = "word ".repeat(200_000);
    for text in ["", " ", "\0", "?!", "\u{202e}", "+ - && || ! ( ) { } [ ] ^ \" ~ * ? : \\ /", &long] {
        for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Dense] {
            for as_you_type in [false, true] {
                let request = SearchRequest { mode, as_you_type, ..query(text) };
                engine.search(&request).await.unwrap();
            }
        }
        assert_eq!(
            found(&engine, &words_only(text)).await,
            "",
            "{:?}",
            text.chars().take(9).collect::<String>()
        );
    }
    let none = SearchRequest { limit: 0, ..query("title") };
    assert_eq!(found(&engine, &none).await, "");
}

#[tokio::test]
async fn a_collection_filter_keeps_to_the_shelf() {
    let mut on_shelf = article("a", "Printer setup", "Connect the printer.");
    on_shelf.collection_slug = Some("devices".to_owned());
    on_shelf.collection = Some("Devices".to_owned());
    let engine = library(vec![on_shelf, article("b", "Printer jam", "Open the printer.")]).await;
    let request = SearchRequest { collection: Some("devices".to_owned()), ..query("printer") };
    assert_eq!(found(&engine, &request).await, "a");
}
