//! Unfinished words and typing errors.

use search::{SearchEngine, SearchRequest};

use crate::library::{article, found, library, words_only};

async fn engine() -> SearchEngine {
    library(vec![
        article("mailbox", "Connect a mailbox", "Enter the address of the mailbox and its password."),
        article("mail", "Mail that is late", "A mail can be late when the server is busy."),
        article("calendar", "Share a calendar", "Calendars are shared with a team."),
        article("calender", "Calender machines", "A calender presses paper."),
        article("hindi", "हिन्दी में खाता", "अपना खाता खोलें और पासवर्ड बदलें।"),
    ])
    .await
}

#[tokio::test]
async fn typing_errors_are_forgiven() {
    let engine = engine().await;
    for (text, first) in [
        ("malbox", "mailbox"),
        ("mailbxo", "mailbox"),
        ("conect mailbx", "mailbox"),
        ("passwrod", "mailbox"),
        ("calandar team", "calendar"),
    ] {
        let hits = engine.search(&words_only(text)).await.unwrap();
        assert_eq!(hits.hits.first().map(|hit| hit.slug.as_str()), Some(first), "{text}");
    }
}

#[tokio::test]
async fn what_was_typed_outranks_what_is_like_it() {
    let engine = engine().await;
    // Both words exist, one letter apart: neither is taken for the other.
    assert_eq!(found(&engine, &words_only("calender")).await, "calender");
    assert_eq!(found(&engine, &words_only("calendar")).await, "calendar");
    // A word nobody wrote beside one that somebody did.
    let hits = engine.search(&words_only("late mailbx")).await.unwrap();
    let score = |slug: &str| hits.hits.iter().find(|hit| hit.slug == slug).map_or(0.0, |hit| hit.score);
    assert!(score("mail") > 0.0 && score("mailbox") > 0.0);
    let exact = engine.search(&words_only("late mailbox")).await.unwrap();
    let exactly = exact.hits.iter().find(|hit| hit.slug == "mailbox").map_or(0.0, |hit| hit.score);
    assert!(exactly > score("mailbox"), "{exactly} {}", score("mailbox"));
}

#[tokio::test]
async fn short_words_and_numbers_are_taken_as_typed() {
    let engine = engine().await;
    for text in ["tem", "paer1", "4711"] {
        assert_eq!(found(&engine, &words_only(text)).await, "", "{text}");
    }
}

#[tokio::test]
async fn the_last_word_may_be_unfinished() {
    let engine = engine().await;
    let typing = |text: &str| SearchRequest { as_you_type: true, ..words_only(text) };
    for (text, first) in
        [("connect a mailb", "mailbox"), ("share cal", "calendar"), ("passw", "mailbox"), ("पास", "hindi")]
    {
        let hits = engine.search(&typing(text)).await.unwrap();
        assert_eq!(hits.hits.first().map(|hit| hit.slug.as_str()), Some(first), "{text}");
    }
    // Only while typing, and not once a space follows.
    assert_eq!(found(&engine, &words_only("cal")).await, "");
    assert_eq!(found(&engine, &typing("cal ")).await, "");
}

#[tokio::test]
async fn a_finished_word_outranks_a_completed_one() {
    let engine = library(vec![
        article("port", "Port", "The port of the server."),
        article("portal", "Portal", "The portal of the customers."),
    ])
    .await;
    let request = SearchRequest { as_you_type: true, ..words_only("port") };
    assert_eq!(found(&engine, &request).await, "port portal");
}
