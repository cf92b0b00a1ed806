//! What a conversation says of the bot's answers.

use domain::{Citation, ConversationId, HandoffReason, TicketId, Timestamp, TraceId, TurnId, VersionId};

use super::*;

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

fn asks(text: &str) -> Turn {
    turn(TurnContent::Customer { text: text.to_owned() })
}

fn bot(said: BotTurn) -> Turn {
    turn(TurnContent::Bot { turn: said, trace_id: TraceId::new("trace") })
}

fn answers(article: &str) -> Turn {
    let citation = Citation {
        n: 1,
        article_id: ArticleId::new(article),
        version_id: VersionId::new("v"),
        external_id: None,
        slug: article.to_owned(),
        locale: Locale::english(),
        title: String::new(),
        anchor: String::new(),
        start: 0,
        end: 1,
        quote: "x".to_owned(),
    };
    bot(BotTurn::Answer { sentences: vec![], citations: vec![citation], confidence: 0.9 })
}

fn abstains() -> Turn {
    let reason = HandoffReason::Abstained;
    bot(BotTurn::HandOff { reason, text: String::new(), tried: vec![], confidence: 0.1 })
}

fn with(feedback: Feedback, turn: Turn) -> Turn {
    Turn { feedback: Some(feedback), ..turn }
}

/// What follows from a conversation: question, article, and what the act counts, which no two of these acts have in common.
fn acts(state: ConversationState, turns: &[Turn]) -> Vec<(String, String, f64)> {
    let conversation = Conversation {
        id: ConversationId::new("c"),
        locale: Locale::english(),
        customer_id: None,
        state,
        n_turns: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    };
    let signals = of_conversation(&conversation, turns);
    signals.into_iter().map(|s| (s.question, s.article_id.to_string(), s.weight)).collect()
}

fn act(question: &str, article: &str, act: Act) -> (String, String, f64) {
    (question.to_owned(), article.to_owned(), act.weight())
}

const OPEN: ConversationState = ConversationState::Bot { n_failures: 0 };

#[test]
fn what_the_customer_says_of_an_answer_counts_for_its_question() {
    let turns = [
        asks("how to reset"),
        with(Feedback::Helpful, answers("a")),
        asks("how to pay"),
        with(Feedback::Unhelpful, answers("b")),
        asks("thanks"),
        answers("c"),
    ];
    let expected = [act("how to pay", "b", Act::Unhelpful), act("how to reset", "a", Act::Helpful)];
    assert_eq!(acts(OPEN, &turns), expected, "an answer without a word about it says nothing");
}

#[test]
fn words_that_failed_belong_to_the_answer_that_helped() {
    let turns =
        [asks("it is stuck"), abstains(), asks("how to reset"), with(Feedback::Helpful, answers("a"))];
    let expected = [act("how to reset", "a", Act::Helpful), act("it is stuck", "a", Act::Rephrased)];
    assert_eq!(acts(OPEN, &turns), expected);
}

#[test]
fn how_a_conversation_ends_counts_for_its_last_answer() {
    let turns = [asks("how to reset"), answers("a"), asks("how to pay"), answers("b")];
    assert_eq!(acts(ConversationState::Resolved, &turns), [act("how to pay", "b", Act::Resolved)]);
    let ticketed = ConversationState::Ticketed { ticket_id: TicketId::new("1"), human_spoke: false };
    assert_eq!(acts(ticketed, &turns), [act("how to pay", "b", Act::HandedOver)]);
}

#[test]
fn an_opened_citation_counts_where_nothing_stronger_does() {
    let opened = |turn| Turn { opened_article_id: Some(ArticleId::new("a")), ..turn };
    let turns = [asks("how to reset"), opened(answers("a"))];
    assert_eq!(acts(OPEN, &turns), [act("how to reset", "a", Act::CitationOpened)]);
    let turns = [asks("how to reset"), with(Feedback::Unhelpful, opened(answers("a")))];
    assert_eq!(acts(OPEN, &turns), [act("how to reset", "a", Act::Unhelpful)]);
}

#[test]
fn words_lose_their_personal_data() {
    let turns = [asks("reset for cy@example.org please"), with(Feedback::Helpful, answers("a"))];
    assert_eq!(acts(OPEN, &turns)[0].0, "reset for [email] please");
}
