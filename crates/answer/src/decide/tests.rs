//! Which of the three turns a list of hits leads to.

use super::*;
use crate::testing::{HitsBuilder, good_evidence};

const QUESTION: &str = "How do I export invoices?";
const BODY: &str = "To export invoices, open Billing. Then choose Export invoices.";

/// Unit vectors: of the query itself where a text shares its words, at a right angle elsewhere.
fn vectors(question: &str, hits: &Hits) -> Vec<Vec<f32>> {
    let texts = Reading::new(question, hits).texts(question);
    let asked = terms(question, language::Language::english());
    texts
        .iter()
        .map(|text| {
            let own = terms(text, language::Language::english());
            let shared = own.intersection(&asked).count() as f32 / own.len().max(1) as f32;
            vec![shared, (1.0 - shared * shared).sqrt(), 0.0]
        })
        .collect()
}

fn decide_on(builder: HitsBuilder) -> Decision {
    let hits = builder.build();
    let vectors = vectors(QUESTION, &hits);
    decide(&AnswerConfig::default(), QUESTION, &hits, &vectors, &Locale::english(), &TopThree::default())
}

fn weak() -> domain::Evidence {
    domain::Evidence { cosine_best: 0.2, lexical_best: 0.05, ..good_evidence(QUESTION) }
}

fn middling() -> domain::Evidence {
    domain::Evidence { cosine_best: 0.54, cosine_mean: 0.05, ..good_evidence(QUESTION) }
}

#[test]
fn a_clear_hit_is_answered() {
    let decision =
        decide_on(HitsBuilder::new(QUESTION).article("a", "Billing", BODY).evidence(good_evidence(QUESTION)));
    let BotTurn::Answer { confidence, .. } = decision.turn else { panic!("{:?}", decision.turn) };
    assert!(confidence > crate::ANSWER_THRESHOLD);
    let names: Vec<&str> = decision.features.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!(names.join(" "), @"cosine_best cosine_mean_capped cosine_gap_to_fourth sentence_residual_cosine sentence_coverage window_coverage_beyond_title passage_coverage lexical_share passage_lexical_share lexical_gap_to_fourth ln_terms best_mass score_gap_to_second top_three_mass top_three_gap top_three_learned_gap top_three_right answerable");
}

#[test]
fn what_is_not_near_enough_is_handed_over_with_what_was_tried() {
    let builder = HitsBuilder::new(QUESTION)
        .article("a", "Cats", "Cats sleep a lot.")
        .near(0.2)
        .article("b", "Billing", "Billing is for admins.")
        .near(0.4);
    let decision = decide_on(builder.evidence(weak()));
    let BotTurn::HandOff { reason, tried, text, .. } = decision.turn else { panic!("{:?}", decision.turn) };
    assert_eq!(reason, HandoffReason::Abstained);
    assert_eq!(tried.iter().map(|citation| citation.slug.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(!text.is_empty());
}

#[test]
fn no_hit_at_all_is_handed_over() {
    let decision = decide_on(HitsBuilder::new(QUESTION).evidence(weak()));
    assert_eq!(decision.turn.kind(), "handoff");
    assert_eq!(decision.turn.confidence(), 0.0);
}

#[test]
fn two_near_topics_are_asked_about_and_more_are_shown() {
    let articles = |scores: [f64; 3]| {
        HitsBuilder::new(QUESTION)
            .article("a", "Export invoices", BODY)
            .scoring(scores[0])
            .near(0.5)
            .article("b", "Cancel a plan", "Plans can be cancelled.")
            .scoring(scores[1])
            .near(0.5)
            .article("c", "Cats", "Cats sleep.")
            .scoring(scores[2])
            .near(0.5)
            .evidence(middling())
    };
    let two = decide_on(articles([1.0, 0.95, 0.5]));
    let BotTurn::Clarify { text, options, .. } = two.turn else { panic!("{:?}", two.turn) };
    assert_eq!(options.len(), 2);
    assert!(text.contains("Export invoices") && text.contains("Cancel a plan"), "{text}");
    let three = decide_on(articles([1.0, 0.95, 0.94]));
    let BotTurn::Clarify { options, .. } = three.turn else { panic!("{:?}", three.turn) };
    assert_eq!(options.len(), 3);
}

#[test]
fn a_confident_question_with_no_best_article_shows_articles() {
    let mut builder = HitsBuilder::new(QUESTION);
    for id in ["a", "b", "c", "d", "e", "f"] {
        builder = builder.article(id, "Export invoices", BODY).scoring(1.0).near(0.5);
    }
    let decision = decide_on(builder.evidence(good_evidence(QUESTION)));
    assert_eq!(decision.turn.kind(), "clarify");
}

#[test]
fn a_title_said_back_is_a_choice() {
    let hits = HitsBuilder::new("q")
        .article("a", "Cats", "Cats sleep.")
        .article("b", "How do I export invoices", BODY)
        .evidence(weak())
        .build();
    let turn =
        decide(&AnswerConfig::default(), QUESTION, &hits, &[], &Locale::english(), &TopThree::default()).turn;
    let BotTurn::Answer { citations, .. } = turn else { panic!("{turn:?}") };
    assert!(citations.iter().all(|citation| citation.slug == "b"));
}

#[test]
fn english_without_its_vectors_shows_articles_instead_of_answering() {
    let evidence = domain::Evidence { dense: false, lexical_best: 0.9, ..good_evidence(QUESTION) };
    let hits = HitsBuilder::new(QUESTION).article("a", "Billing", BODY).evidence(evidence).build();
    let turn =
        decide(&AnswerConfig::default(), QUESTION, &hits, &[], &Locale::english(), &TopThree::default()).turn;
    assert_eq!(turn.kind(), "clarify");
}

#[test]
fn what_is_far_off_is_not_offered() {
    let builder = HitsBuilder::new(QUESTION)
        .article("a", "Export invoices", BODY)
        .near(0.5)
        .article("b", "Cats", "Cats sleep.")
        .near(0.1);
    let turn = decide_on(builder.evidence(middling())).turn;
    let BotTurn::Clarify { options, .. } = turn else { panic!("{turn:?}") };
    assert_eq!(options.iter().map(|option| option.slug.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_site_sets_its_own_thresholds() {
    let hits =
        HitsBuilder::new(QUESTION).article("a", "Billing", BODY).near(0.5).evidence(middling()).build();
    let vectors = vectors(QUESTION, &hits);
    let kind = |answer_threshold, clarify_threshold| {
        let config = AnswerConfig { answer_threshold, clarify_threshold, ..AnswerConfig::default() };
        decide(&config, QUESTION, &hits, &vectors, &Locale::english(), &TopThree::default()).turn.kind()
    };
    assert_eq!(kind(0.0, 0.0), "answer");
    assert_eq!(kind(1.1, 0.0), "clarify");
    assert_eq!(kind(1.1, 1.1), "handoff");
}

#[test]
fn the_same_hits_give_the_same_decision() {
    let make = || {
        HitsBuilder::new(QUESTION)
            .article("a", "Billing", BODY)
            .article("b", "Exports", "Export tickets and invoices as CSV.")
            .evidence(good_evidence(QUESTION))
    };
    assert_eq!(decide_on(make()), decide_on(make()));
}
