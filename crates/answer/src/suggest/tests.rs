//! Drafts: from where, in which order, and without anybody's data.

use super::*;
use crate::testing::{HitsBuilder, good_evidence};

const QUESTION: &str = "How do I export invoices?";

fn hits() -> Hits {
    HitsBuilder::new(QUESTION)
        .article(
            "a",
            "Export invoices",
            "To export invoices, open Billing.\n1. Choose Export.\n2. Press Download.",
        )
        .article("b", "Backups", "Backups run each night and keep everything.")
        .evidence(good_evidence(QUESTION))
        .build()
}

fn past(number: i64, cosine: f64, reply: &str) -> PastReply {
    PastReply {
        ticket_id: TicketId::new(format!("t{number}")),
        number,
        subject: "Export".to_owned(),
        question: "exporting my invoices".to_owned(),
        reply: reply.to_owned(),
        cosine,
    }
}

fn drafts(past: &[PastReply], customer: &str) -> Vec<Draft> {
    suggest(QUESTION, &hits(), &[], past, customer, &Locale::english())
}

#[test]
fn drafts_are_ready_to_be_sent_and_name_their_sources() {
    let drafts = drafts(
        &[past(7, 0.9, "Hi Bo,\n\nUse the purple lever, or mail bo@example.org.\n\nRegards,\nAda")],
        "Cy",
    );
    insta::assert_snapshot!(drafts[1].body, @r"
    Hello Cy,

    Use the purple lever, or mail [email].
    ");
    assert!(matches!(&drafts[1].sources[..], [SuggestionSource::Ticket { number: 7, .. }]));
    insta::assert_snapshot!(drafts[0].body, @r"
    Hello Cy,

    To export invoices, open Billing.
    1. Choose Export.
    2. Press Download.

    More about this: Export invoices
    ");
    assert!(matches!(&drafts[0].sources[..], [SuggestionSource::Article { .. }, ..]));
    assert!(drafts.iter().all(|draft| !draft.why.is_empty()));
}

#[test]
fn at_most_three_that_differ() {
    let same = "Please open the billing page and press the big export button there.";
    let all = [
        past(1, 0.9, same),
        past(2, 0.8, same),
        past(3, 0.7, "Wait a night, then everything is in the backup folder."),
        past(4, 0.6, "Call us on Monday about the printer cable instead."),
    ];
    let drafts = drafts(&all, "");
    assert_eq!(drafts.len(), SUGGESTIONS_MAX);
    assert_eq!(drafts.iter().filter(|draft| draft.body.contains(same)).count(), 1);
    assert!(drafts[0].body.starts_with("Hello,\n"));
}

#[test]
fn far_away_tickets_and_empty_replies_are_no_drafts() {
    let drafts = drafts(&[past(1, 0.2, "Reboot."), past(2, 0.9, "Hello,"), past(3, 0.9, "")], "");
    assert!(drafts.iter().all(|draft| matches!(draft.sources[0], SuggestionSource::Article { .. })));
}

#[test]
fn without_anything_near_there_is_no_draft() {
    let hits = HitsBuilder::new(QUESTION).build();
    assert!(suggest(QUESTION, &hits, &[], &[], "", &Locale::english()).is_empty());
}

#[test]
fn the_nearest_tickets_share_rare_words() {
    let with = |number, question: &str| PastReply { question: question.to_owned(), ..past(number, 0.0, "x") };
    let mut all = vec![
        with(1, "the printer is broken"),
        with(2, "the printer shows error E42 when I print invoices"),
        with(3, "cats"),
        with(4, "printer again"),
    ];
    keep_nearest("printer error E42", &mut all, 2, &Locale::english());
    assert_eq!(all.iter().map(|past| past.number).collect::<Vec<_>>(), [2, 4]);
}
