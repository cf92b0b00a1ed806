//! Drafts: from where, in which order, and without anybody's data.

use domain::SUGGESTIONS_MAX;
use proptest::prelude::*;

use super::*;
use crate::testing::{HitsBuilder, good_evidence};

const QUESTION: &str = "How do I export invoices?";
/// Enough remembered replies for these to be offered.
const MANY: usize = 1_000;

fn hits() -> Hits {
    HitsBuilder::new(QUESTION)
        .article(
            "exporting",
            "Export invoices",
            "To export invoices, open Billing.\n1. Choose Export.\n2. Press Download.",
        )
        .article("backups", "Backups", "Backups run each night and keep everything.")
        .evidence(good_evidence(QUESTION))
        .build()
}

/// A vector in the plane, at this angle in degrees.
fn at(degrees: f32) -> Vec<f32> {
    vec![degrees.to_radians().cos(), degrees.to_radians().sin()]
}

fn past(number: i64, likeness: f64, degrees: f32, reply: &str) -> PastReply {
    let adapted = adapt::adapt(reply, &[]);
    PastReply {
        ticket_id: TicketId::new(format!("t{number}")),
        number,
        subject: "Export".to_owned(),
        reply: adapted.text,
        likeness,
        vector: at(degrees),
        is_offered: adapted.is_offered,
    }
}

/// Drafts for the question at 0 degrees, the article's drafts at 160 and 200.
fn drafts(past: &[PastReply], n: usize, customer: &str) -> Vec<Draft> {
    let (hits, locale) = (hits(), Locale::english());
    let drafts = article_drafts(QUESTION, &hits, &locale).into_iter().zip([at(160.0), at(200.0)]);
    let drafts: Vec<_> = drafts.collect();
    let asked = Asked { question: QUESTION, vector: &at(0.0), customer, locale: &locale };
    suggest(&asked, &hits, &drafts, &Remembered { n, nearest: past })
}

/// The tickets that the drafts come from; 0 is an article.
fn numbers(drafts: &[Draft]) -> Vec<i64> {
    let number = |draft: &Draft| match draft.sources[0] {
        SuggestionSource::Ticket { number, .. } => number,
        SuggestionSource::Article { .. } => 0,
    };
    drafts.iter().map(number).collect()
}

const LEVER: &str = "Use the purple lever that is on the left of the page.";
const NIGHT: &str = "Wait a night, then everything is in the backup folder.";
const CABLE: &str = "Take the printer cable out and put it in again.";

#[test]
fn drafts_are_ready_to_be_sent_and_name_their_sources() {
    let drafts = drafts(
        &[past(7, 0.9, 0.0, &format!("Hi Bo,\n\n{LEVER} Mail bo@example.org.\n\nRegards,\nAda"))],
        MANY,
        "Cy",
    );
    insta::assert_snapshot!(drafts[0].body, @r"
    Hello Cy,

    Use the purple lever that is on the left of the page.
    ");
    assert!(matches!(&drafts[0].sources[..], [SuggestionSource::Ticket { number: 7, .. }]));
    insta::assert_snapshot!(drafts[1].body, @r"
    Hello Cy,

    To export invoices, open Billing.
    1. Choose Export.
    2. Press Download.

    More about this: Export invoices
    ");
    assert!(matches!(&drafts[1].sources[..], [SuggestionSource::Article { .. }, ..]));
    assert!(drafts.iter().all(|draft| !draft.why.is_empty()));
}

#[test]
fn the_reply_that_most_of_the_nearest_agree_on_comes_first() {
    let all = [past(1, 0.80, 80.0, LEVER), past(2, 0.79, 10.0, NIGHT), past(3, 0.78, 40.0, CABLE)];
    assert_eq!(numbers(&drafts(&all, MANY, "")), [3, 2, 1]);
}

#[test]
fn few_remembered_replies_leave_it_to_the_articles_but_for_nearly_the_same_question() {
    let all = [past(1, 0.5, 0.0, LEVER)];
    assert_eq!(numbers(&drafts(&all, 29, "")), [0, 0]);
    assert_eq!(numbers(&drafts(&[past(1, 0.9, 0.0, LEVER)], 29, "")), [1, 0, 0]);
    assert_eq!(numbers(&drafts(&all, 30, ""))[0], 1);
}

#[test]
fn at_most_three_that_differ() {
    let all = [
        past(1, 0.9, 0.0, LEVER),
        past(2, 0.8, 1.0, LEVER),
        past(3, 0.7, 40.0, NIGHT),
        past(4, 0.6, 80.0, CABLE),
    ];
    let drafts = drafts(&all, MANY, "");
    assert_eq!(drafts.len(), SUGGESTIONS_MAX);
    assert_eq!(drafts.iter().filter(|draft| draft.body.contains(LEVER)).count(), 1);
    assert!(drafts[0].body.starts_with("Hello,\n"));
}

#[test]
fn of_what_is_not_offered_there_is_no_draft_but_it_counts() {
    let short = past(1, 0.9, 40.0, "Restart it.");
    let all = [short, past(2, 0.9, 0.0, LEVER), past(3, 0.9, 50.0, NIGHT)];
    assert_eq!(numbers(&drafts(&all[1..], MANY, ""))[0], 2);
    let with_short = numbers(&drafts(&all, MANY, ""));
    assert_eq!(with_short[0], 3);
    assert!(!with_short.contains(&1));
}

#[test]
fn one_reply_that_asks_back_is_enough() {
    let all = [
        past(1, 0.9, 0.0, "Which version of the program do you use?"),
        past(2, 0.9, 40.0, "Where in the program do you see it?"),
        past(3, 0.9, 80.0, CABLE),
    ];
    let numbers = numbers(&drafts(&all, MANY, ""));
    assert_eq!(numbers.iter().filter(|number| [1, 2].contains(number)).count(), 1, "{numbers:?}");
}

#[test]
fn replies_in_other_languages_or_with_the_customers_name_are_no_drafts() {
    let all = [
        past(
            1,
            0.9,
            0.0,
            "Veuillez désinstaller le programme et télécharger la version la plus récente du site.",
        ),
        past(2, 0.9, 0.0, "Tell oddname about the purple lever on the left."),
        past(3, 0.5, 60.0, CABLE),
    ];
    assert_eq!(numbers(&drafts(&all, MANY, "Cy Oddname")), [3, 0, 0]);
}

#[test]
fn an_article_behind_a_reply_is_cited_beside_its_ticket() {
    for (reply, cited) in [
        ("Read https://help.example.org/en/articles/backups#top and then come back.", vec!["backups"]),
        ("Read https://help.example.org/en/articles/backups-2 and then come back.", vec![]),
        ("Backups run each night, so they keep everything.", vec!["backups"]),
        (CABLE, vec![]),
    ] {
        let drafts = drafts(&[past(1, 0.9, 0.0, reply)], MANY, "");
        let slugs = drafts[0].sources[1..].iter().filter_map(|source| match source {
            SuggestionSource::Article { citation } => Some(citation.slug.as_str()),
            SuggestionSource::Ticket { .. } => None,
        });
        assert_eq!(slugs.collect::<Vec<_>>(), cited, "{reply}");
    }
}

#[test]
fn without_vectors_the_nearest_come_first_and_words_tell_what_is_the_same() {
    let (hits, locale) = (hits(), Locale::english());
    let articles: Vec<_> =
        article_drafts(QUESTION, &hits, &locale).into_iter().map(|draft| (draft, vec![])).collect();
    let mut all = [
        past(1, 0.2, 0.0, LEVER),
        past(2, 0.3, 0.0, LEVER),
        past(3, 0.1, 0.0, NIGHT),
        past(4, 0.05, 0.0, CABLE),
    ];
    all.iter_mut().for_each(|past| past.vector.clear());
    let asked = Asked { question: QUESTION, vector: &[], customer: "", locale: &locale };
    let drafts = suggest(&asked, &hits, &articles, &Remembered { n: MANY, nearest: &all });
    assert_eq!(numbers(&drafts), [2, 3, 0]);
    let drafts = suggest(&asked, &hits, &[], &Remembered { n: MANY, nearest: &all });
    assert_eq!(numbers(&drafts), [2, 3, 4]);
}

#[test]
fn without_anything_near_there_is_no_draft() {
    let (hits, locale) = (HitsBuilder::new(QUESTION).build(), Locale::english());
    assert!(article_drafts(QUESTION, &hits, &locale).is_empty());
    let asked = Asked { question: QUESTION, vector: &[], customer: "", locale: &locale };
    assert!(suggest(&asked, &hits, &[], &Remembered::default()).is_empty());
    assert!(suggest(&asked, &hits, &[], &Remembered { n: MANY, nearest: &[] }).is_empty());
}

/// Replies as they were sent, with names and data of persons.
const SENT: [&str; 8] = [
    "Hi Zelda,\n\nUse the purple lever that is on the left of the page.",
    "Zelda, take the printer cable out and put it in again.",
    "Wait a night. Then write to oddname@example.org, or call +49 30 1234567. Everything is in the folder by then.",
    "Mr. Quentin Quux says that the lever is broken. Use the red one that is on the right of the page.",
    "Which version of the program do you use?",
    "Where in the program do you see it?",
    "Restart it.",
    "Open the settings and choose the account that it belongs to.\n\nKind regards,\nQuentin Quux",
];

proptest! {
    #[test]
    fn picks_differ_hold_nobodys_data_and_are_always_the_same(
        sent in prop::collection::vec((0..SENT.len(), -0.2..1.1_f64), 0..40),
        n in 0..400_usize,
    ) {
        let names = ["Zelda Oddname", "Quentin Quux"];
        let nearest: Vec<PastReply> = sent.iter().zip(1..).map(|((index, likeness), number)| {
            let adapted = adapt::adapt(SENT[*index], &names);
            let past = past(number, *likeness, *index as f32 * 22.0, "");
            PastReply { reply: adapted.text, is_offered: adapted.is_offered, ..past }
        }).collect();
        let found = drafts(&nearest, n, "Cy");
        prop_assert!(found.len() <= SUGGESTIONS_MAX);
        let mut turned = nearest.clone();
        turned.reverse();
        prop_assert_eq!(&found, &drafts(&turned, n, "Cy"));
        let mut bodies: Vec<&str> = found.iter().map(|draft| draft.body.as_str()).collect();
        for body in &bodies {
            let said = body.strip_prefix("Hello Cy,\n\n").unwrap_or("");
            prop_assert!(!said.is_empty() && !said.contains("Cy"), "{}", body);
            prop_assert_eq!(redact::find(said, &names), vec![], "{}", body);
        }
        let vectors: Vec<&Vec<f32>> = found.iter().filter_map(|draft| match draft.sources[0] {
            SuggestionSource::Ticket { number, .. } => nearest.iter().find(|past| past.number == number),
            SuggestionSource::Article { .. } => None,
        }).map(|past| &past.vector).collect();
        for (at, vector) in vectors.iter().enumerate() {
            prop_assert!(vectors[..at].iter().all(|other| crate::vector::dot(vector, other) <= 0.9));
        }
        bodies.sort_unstable();
        bodies.dedup();
        prop_assert_eq!(bodies.len(), found.len());
        prop_assert!(numbers(&found).iter().filter(|number| **number == 0).count() <= 2);
    }
}
