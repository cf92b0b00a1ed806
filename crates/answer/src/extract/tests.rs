//! Every quote stands where it says; steps stay whole; the answer is short.

use domain::{BotTurn, SentenceLayout};
use proptest::prelude::*;

use super::*;
use crate::testing::{HitsBuilder, good_evidence};

fn answer(question: &str, builder: HitsBuilder) -> (Option<BotTurn>, Vec<String>) {
    let (hits, bodies) = builder.evidence(good_evidence(question)).with_bodies();
    let reading = Reading::new(question, &hits);
    (extract(&reading, &score(&reading, None)).into_answer(0.9), bodies)
}

fn text(question: &str, builder: HitsBuilder) -> String {
    answer(question, builder).0.map(|turn| turn.text()).unwrap_or_default()
}

#[test]
fn an_answer_is_the_sentences_that_cover_the_question_in_the_articles_order() {
    let body = "Askwell is a help desk. It runs on one machine. To export invoices, open Billing. \
                Then choose Export invoices. The weather is fine. Cats sleep a lot.";
    insta::assert_snapshot!(
        text("How do I export invoices?", HitsBuilder::new("q").article("a", "Billing", body)),
        @"To export invoices, open Billing. [1] Then choose Export invoices. [1]"
    );
}

#[test]
fn steps_stay_whole_with_the_line_that_introduces_them() {
    let body = "Passwords are secret.\nTo reset the password:\n1. Open Settings.\n2. Choose Password.\n3. Press Reset.\nDone.";
    insta::assert_snapshot!(
        text("reset password", HitsBuilder::new("q").article("a", "Account", body)),
        @r"
    Passwords are secret. [1]

    To reset the password: [2]
    1. Open Settings. [3]
    2. Choose Password. [3]
    3. Press Reset. [3]
    "
    );
}

#[test]
fn a_section_is_read_whole_however_it_was_cut() {
    let body = "Passwords are secret.\nTo reset the password:\n1. Open Settings.\n2. Choose Password.\n3. Press Reset.\nDone.";
    let article = || HitsBuilder::new("q").article("a", "Account", body);
    let uncut = text("reset password", article()).replace(['1', '2', '3', '4'], "");
    for at in 1..5 {
        let cut = text("reset password", article().cut(at)).replace(['1', '2', '3', '4'], "");
        assert_eq!(cut, uncut, "cut before segment {at}");
    }
}

#[test]
fn a_list_too_long_to_be_read_is_not_quoted_whole() {
    let steps: String = (1..=30).map(|n| format!("{n}. Do thing {n}.\n")).collect();
    let body = format!("{steps}31. Press the purple lever.\n");
    let said = text("purple lever", HitsBuilder::new("q").article("a", "Things", &body));
    assert!(said.contains("purple lever"), "{said}");
    assert!(said.lines().count() < 6, "{said}");
    assert!(!said.contains("1. Press"), "a part of a list is not counted: {said}");
}

#[test]
fn a_row_comes_with_the_head_of_its_table() {
    let body = "| Plan | Price\n| Basic | 5\n| Team | 20\n";
    insta::assert_snapshot!(
        text("team plan cost", HitsBuilder::new("q").article("a", "Prices", body)),
        @r"
    | Plan | Price [1] |
    |---|---|
    | Team | 20 [2] |
    "
    );
}

#[test]
fn code_comes_with_the_sentence_that_announces_it() {
    let body =
        "Some words.\nStart the server with this command:\n    askwell serve --demo\nMore words follow here.";
    let (turn, _) = answer("start the server", HitsBuilder::new("q").article("a", "Serve", body));
    let Some(BotTurn::Answer { sentences, .. }) = turn else { panic!("an answer") };
    assert!(
        sentences.iter().any(|s| s.layout == SentenceLayout::Block && s.text == "askwell serve --demo"),
        "{sentences:?}"
    );
}

#[test]
fn a_pronoun_brings_the_sentence_it_refers_to() {
    let body =
        "Cats sleep. The daily digest is a mail. It lists the unread tickets of the whole team. Dogs bark.";
    let said = text("unread tickets list whole team", HitsBuilder::new("q").article("a", "Mail", body));
    assert!(said.contains("The daily digest is a mail."), "{said}");
}

#[test]
fn hits_without_text_give_no_answer() {
    assert_eq!(answer("x", HitsBuilder::new("q")).0, None);
    assert_eq!(answer("x", HitsBuilder::new("q").article("a", "T", "")).0, None);
    let (mut hits, _) = HitsBuilder::new("q").article("a", "T", "Open it. Close it.").with_bodies();
    hits.hits[0].passages[0].source = "é".to_owned();
    let reading = Reading::new("open", &hits);
    assert_eq!(
        extract(&reading, &score(&reading, None)).into_answer(0.9),
        None,
        "a text that does not fit is not quoted"
    );
}

#[test]
fn vectors_of_another_reading_are_not_used() {
    let (hits, _) = HitsBuilder::new("q").article("a", "T", "Open it. Close it.").with_bodies();
    let reading = Reading::new("open", &hits);
    let n = reading.texts("open").len();
    assert!(Vectors::of(&reading, &vec![vec![1.0, 0.0]; n]).is_some());
    assert!(Vectors::of(&reading, &vec![vec![1.0, 0.0]; n - 1]).is_none());
    assert!(Vectors::of(&reading, &[]).is_none());
    let mut uneven = vec![vec![1.0, 0.0]; n];
    uneven[1] = vec![];
    assert!(Vectors::of(&reading, &uneven).is_none());
}

fn line() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(
        prop::sample::select(vec![
            "open",
            "Settings",
            "password.",
            "Größe",
            "设置。",
            "😀",
            "it?",
            "العربية",
            "1.5",
            "`code`",
            "**bold**",
            "e.g.",
            "é!",
            "x:",
        ]),
        0..12,
    );
    let mark = prop::sample::select(vec!["", "1. ", "2. ", "- ", "| ", "    ", "It "]);
    (mark, words).prop_map(|(mark, words)| format!("{mark}{}\n", words.join(" ")))
}

proptest! {
    #[test]
    fn every_sentence_is_cited_and_every_quote_stands_in_the_body(
        articles in prop::collection::vec((prop::collection::vec(line(), 0..20), "[aé漢 ]{0,9}"), 0..5),
        cut in 1_usize..9,
        question in prop::sample::select(vec!["open settings password", "设置", "Größe", "it", ""]),
    ) {
        let mut builder = HitsBuilder::new(question);
        for (n, (lines, before)) in articles.iter().enumerate() {
            builder = builder.article_after(&format!("a{n}"), "Settings", before, &lines.concat());
            if builder.n_segments() > cut {
                builder = builder.cut(cut);
            }
        }
        let (turn, bodies) = answer(question, builder);
        if let Some(BotTurn::Answer { sentences, citations, .. }) = turn {
            prop_assert!(!sentences.is_empty());
            for sentence in &sentences {
                let citation = citations.iter().find(|c| c.n == sentence.citation).expect("a citation");
                prop_assert!(citation.quote.contains(&sentence.text));
            }
            for (citation, n) in citations.iter().zip(1..) {
                prop_assert_eq!(citation.n, n);
                let body = &bodies[citation.slug[1..].parse::<usize>().unwrap()];
                prop_assert!(citation.holds_in(body), "{:?} in {:?}", citation, body);
            }
        }
    }
}
