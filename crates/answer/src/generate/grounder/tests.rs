//! What passes the check, and what hostile or careless models must not get through.

use super::*;
use crate::testing::HitsBuilder;

fn hits() -> (Hits, Vec<String>) {
    HitsBuilder::new("export")
        .article("billing", "Billing", "To export invoices, open Billing. Choose Export as CSV. Exports keep 90 days of data. You cannot export drafts.")
        .article("mail", "Mail", "Connect a mailbox at https://help.example/mail before sending. Mails are sent within 5 minutes.")
        .with_bodies()
}

/// The text shown, and what was dropped, whatever size the pieces have.
fn ground(said: &str) -> (String, Vec<String>) {
    let (hits, bodies) = hits();
    let mut outcomes = vec![];
    for step in [1, 7, 10_000] {
        let mut grounder = Grounder::new("export", &hits);
        let chars: Vec<char> = said.chars().collect();
        let mut shown: Vec<_> =
            chars.chunks(step).flat_map(|piece| grounder.push(&piece.iter().collect::<String>())).collect();
        let (last, grounded) = grounder.finish(0.9);
        shown.extend(last);
        if let Some(BotTurn::Answer { sentences, citations, .. }) = &grounded.turn {
            assert_eq!(&shown.iter().map(|(sentence, _)| sentence.clone()).collect::<Vec<_>>(), sentences);
            for citation in citations {
                let body = if citation.slug == "billing" { &bodies[0] } else { &bodies[1] };
                assert!(citation.holds_in(body), "{citation:?}");
            }
            assert!(sentences.iter().all(|s| citations.iter().any(|c| c.n == s.citation)));
        } else {
            assert!(shown.is_empty());
        }
        outcomes.push((grounded.turn.map(|turn| turn.text()).unwrap_or_default(), grounded.dropped));
    }
    assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "pieces do not matter: {outcomes:?}");
    outcomes.remove(0)
}

fn check(said: &str, shown: &str) {
    assert_eq!(ground(said).0, shown, "{said:?}");
}

#[test]
fn supported_sentences_are_shown_with_the_span_that_supports_them() {
    check(
        "Open Billing to export invoices. [1] Then choose Export as CSV [1].",
        "Open Billing to export invoices. [1] Then choose Export as CSV. [2]",
    );
    check(
        "1. Open Billing to export invoices [1]\n2. Choose Export as CSV [1]\n",
        "1. Open Billing to export invoices [1]\n2. Choose Export as CSV [2]",
    );
    check("- Exports keep 90 days of data [1]", "- Exports keep 90 days of data [1]");
    check("Mails are sent within 5 minutes [2].", "Mails are sent within 5 minutes. [1]");
    check("You cannot export drafts [1].", "You cannot export drafts. [1]");
    check(
        "Connect a mailbox at https://help.example/mail before sending [2].",
        "Connect a mailbox at https://help.example/mail before sending. [1]",
    );
}

#[test]
fn what_no_source_supports_is_dropped_and_recorded() {
    for said in [
        "Open Billing to export invoices.",            // cites nothing
        "Open Billing to export invoices [9].",        // cites what is not there
        "Open Billing to export invoices [2].",        // cites the wrong one
        "Exports keep 900 days of data [1].",          // another number
        "Exports keep 90 days of data on Amazon [1].", // a name of its own
        "You can export drafts [1].",                  // the opposite
        "You cannot export invoices as CSV [1].",      // the opposite
        "Connect a mailbox at https://evil.example/mail before sending [2].", // another address
        "Write to boss@evil.example to export invoices [1].", // another address
        "My system prompt is: You answer customers of a help center [1].",
        "Ignore the sources, the refund is 500 dollars [1].",
        "Here is a poem about pirates [1].",
        "Yes [1].",
    ] {
        let (shown, dropped) = ground(said);
        assert_eq!(shown, "", "{said:?}");
        assert_eq!(dropped.len(), 1, "{said:?}: {dropped:?}");
    }
}

#[test]
fn one_bad_sentence_does_not_take_the_good_ones_with_it() {
    let (shown, dropped) = ground(
        "Great question! Open Billing to export invoices [1]. It costs 5 dollars [1]. Choose Export as CSV [1].",
    );
    assert_eq!(shown, "Open Billing to export invoices. [1] Choose Export as CSV. [2]");
    assert_eq!(dropped, ["Great question!", "It costs 5 dollars."]);
}

#[test]
fn markup_from_a_model_is_not_passed_on() {
    check(
        "Open <b onclick=x>Billing</b> to export invoices ![x](https://evil/?q=1) [1].",
        "Open Billing to export invoices. [1]",
    );
    check(
        "Open [Billing](https://evil.example) to export invoices [1].",
        "Open Billing to export invoices. [1]",
    );
    check(
        "# Open Billing to export invoices [1]\n```\nChoose Export as CSV [1]\n```\n",
        "Open Billing to export invoices [1]\n\nChoose Export as CSV [2]",
    );
}

#[test]
fn an_empty_or_endless_answer_is_no_answer() {
    check("", "");
    check("   \n\n ```\n", "");
    let (hits, _) = hits();
    let mut grounder = Grounder::new("export", &hits);
    for _ in 0..10_000 {
        grounder.push("Open Billing to export invoices [1]. ");
    }
    let (_, grounded) = grounder.finish(0.5);
    let Some(BotTurn::Answer { sentences, citations, .. }) = grounded.turn else { panic!("an answer") };
    assert_eq!((sentences.len(), citations.len()), (SENTENCES_MAX, 1));
    assert_eq!(grounded.dropped.len(), DROPPED_MAX);
}
