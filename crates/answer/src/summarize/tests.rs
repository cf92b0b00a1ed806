//! What an agent reads on opening a ticket.

use domain::{ConversationId, Timestamp, TraceId, TurnId};

use super::*;
use crate::testing::HitsBuilder;

fn turn(content: TurnContent) -> Turn {
    Turn {
        id: TurnId::new("t"),
        conversation_id: ConversationId::new("c"),
        ordinal: 0,
        content,
        feedback: None,
        opened_article_id: None,
        created_at: Timestamp(0),
    }
}

fn customer(text: &str) -> Turn {
    turn(TurnContent::Customer { text: text.to_owned() })
}

fn bot(turn_said: BotTurn) -> Turn {
    turn(TurnContent::Bot { turn: turn_said, trace_id: TraceId::new("x") })
}

fn brief_of(turns: &[Turn], message: Option<&str>, reason: &HandoffReason) -> Brief {
    brief(&AnswerConfig::default(), turns, message, reason, &Locale::english())
}

#[test]
fn a_brief_says_what_was_asked_tried_and_said_last() {
    let hits = HitsBuilder::new("q")
        .article("a", "Export invoices", "Open Billing.")
        .near(0.5)
        .article("b", "Plans", "Plans.")
        .near(0.4)
        .build();
    let tried =
        crate::decide::hand_off(HandoffReason::Abstained, Some(("q", &hits)), 0.1, &Locale::english());
    let turns = [
        customer("hello"),
        customer("My invoice from May is missing. I looked everywhere."),
        bot(tried.clone()),
        bot(tried),
        customer("talk to a human"),
    ];
    let brief = brief_of(&turns, Some("It is urgent!"), &HandoffReason::Asked);
    insta::assert_snapshot!(brief.summary, @r"
    Asked: My invoice from May is missing. I looked everywhere.
    Tried: Export invoices; Plans
    Last message: It is urgent!
    Handed over because: asked for a human
    ");
    assert_eq!(brief.subject, "My invoice from May is missing.");
    assert_eq!((brief.team.as_str(), brief.priority), ("billing", Priority::High));
}

#[test]
fn the_subject_is_what_still_has_to_be_answered() {
    let answer = || bot(BotTurn::Answer { sentences: vec![], citations: vec![], confidence: 0.9 });
    let wrong = || Turn { feedback: Some(Feedback::Unhelpful), ..answer() };
    let clarify = || bot(BotTurn::Clarify { text: "Which?".into(), options: vec![], confidence: 0.4 });
    let import = || customer("How do I import a folder?");
    let parcel = || customer("Where is my parcel?");
    let human = || customer("talk to a human");
    for (turns, message, expected) in [
        (vec![import(), answer(), parcel()], None, "Where is my parcel?"),
        (vec![import(), answer(), human()], Some("Where is my parcel?"), "Where is my parcel?"),
        (vec![import(), clarify(), parcel()], None, "How do I import a folder?"),
        (vec![import(), wrong(), parcel()], None, "How do I import a folder?"),
        (vec![import(), answer(), parcel(), answer(), human()], None, "Where is my parcel?"),
        (vec![human(), answer()], None, "talk to a human"),
    ] {
        assert_eq!(brief_of(&turns, message, &HandoffReason::Asked).subject, expected, "{turns:?}");
    }
}

#[test]
fn teams_and_priorities_follow_the_words_and_the_reason() {
    for (text, reason, team, priority) in [
        ("How do I change my avatar?", HandoffReason::Abstained, "support", Priority::Normal),
        ("Refund my subscription", HandoffReason::Asked, "billing", Priority::Normal),
        (
            "I want to kill myself",
            HandoffReason::Policy { topic: "safety".into() },
            "support",
            Priority::Urgent,
        ),
        ("I will sue you", HandoffReason::Policy { topic: "legal".into() }, "support", Priority::High),
        ("Dringend: die Rechnung fehlt", HandoffReason::Unhelpful, "billing", Priority::High),
    ] {
        let brief = brief_of(&[customer(text)], None, &reason);
        assert_eq!((brief.team.as_str(), brief.priority), (team, priority), "{text}");
    }
}

#[test]
fn subjects_are_one_short_line_whatever_was_said() {
    for (turns, expected) in [
        (vec![], "Conversation without a question"),
        (vec![customer("???")], "Conversation without a question"),
        (vec![customer("talk to a human")], "talk to a human"),
        (vec![customer("Hi!\nThe   printer\nis on fire now.")], "The printer"),
        (
            vec![customer(&"word ".repeat(100))],
            "word word word word word word word word word word word word word word word…",
        ),
    ] {
        let subject = brief_of(&turns, None, &HandoffReason::Asked).subject;
        assert!(subject.chars().count() <= SUBJECT_CHARS_MAX && !subject.contains('\n'), "{subject:?}");
        if expected != "The printer" {
            assert_eq!(subject, expected);
        }
    }
}
