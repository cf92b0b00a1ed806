//! Conversations, turns, feedback, hand-overs and traces.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

pub(crate) async fn a_conversation_is_read_by_its_own_people(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.commit().await.unwrap();
    let own = Conversation { customer_id: Some(CustomerId::new("cy")), ..conversation("c") };
    start_conversation(&db.store, &own).await;
    start_conversation(&db.store, &conversation("other")).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_turn(&turn("c", 0, said("Hello?"))).await.unwrap();
    assert!(is_conflict(&tx.insert_conversation(&own, "another token").await));
    assert!(is_conflict(&tx.insert_conversation(&conversation("new"), "token-c").await));
    tx.commit().await.unwrap();
    for (reader, readable) in [
        (visitor(), false),
        (visitor_of("other"), false),
        (visitor_of("c"), true),
        (customer("cy", &[]), true),
        (customer("di", &[]), false),
        (key_with(&[Scope::KbRead]), false),
        (key_with(&[Scope::TicketsRead]), true),
        (staff(), true),
        (Principal::System, true),
    ] {
        let found = db.store.find_conversation(&reader, &own.id).await.unwrap();
        assert_eq!(found.is_some(), readable, "{reader:?}");
        let turns = db.store.list_turns(&reader, &own.id).await.unwrap();
        assert_eq!(turns.len(), usize::from(readable), "{reader:?}");
    }
    assert_eq!(db.store.find_conversation_by_token("token-c").await.unwrap(), Some(own));
    assert_eq!(db.store.find_conversation_by_token("token").await.unwrap(), None);
}

pub(crate) async fn turns_keep_their_order_and_their_place(db: Arc<Database>) {
    start_conversation(&db.store, &conversation("c")).await;
    let agent = TurnContent::Agent {
        user_id: UserId::new("ada"),
        name: "Ada".to_owned(),
        text: "I take over.".to_owned(),
        html: Some("<p>I take over.</p>".to_owned()),
        message_id: Some(MessageId::new("m")),
    };
    let turns = [turn("c", 0, said("How?")), turn("c", 1, answered("trace")), turn("c", 2, agent)];
    let mut tx = db.store.begin().await.unwrap();
    for turn in turns.iter().rev() {
        tx.insert_turn(turn).await.unwrap();
    }
    let same_place = Turn { id: TurnId::new("late"), ..turns[1].clone() };
    assert!(is_conflict(&tx.insert_turn(&same_place).await));
    let moved = Conversation { n_turns: 3, updated_at: Timestamp(NOW.0 + 5), ..conversation("c") };
    tx.update_conversation(&moved).await.unwrap();
    assert!(is_not_found(&tx.update_conversation(&conversation("x")).await));
    assert_eq!(tx.turns(&moved.id).await.unwrap(), turns);
    assert_eq!(tx.conversation(&moved.id).await.unwrap(), Some(moved.clone()));
    assert_eq!(tx.conversation(&ConversationId::new("x")).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_turns(&Principal::System, &moved.id).await.unwrap(), turns);
}

pub(crate) async fn feedback_counts_once(db: Arc<Database>) {
    start_conversation(&db.store, &conversation("c")).await;
    for id in ["a", "b"] {
        publish(&db.store, &article(id, Audience::Public), &[en()]).await;
    }
    let bot = turn("c", 0, answered("trace"));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_turn(&bot).await.unwrap();
    assert!(tx.set_feedback(&bot.id, Feedback::Unhelpful).await.unwrap());
    assert!(!tx.set_feedback(&bot.id, Feedback::Unhelpful).await.unwrap());
    assert!(tx.set_feedback(&bot.id, Feedback::Helpful).await.unwrap());
    assert!(!tx.set_feedback(&TurnId::new("x"), Feedback::Helpful).await.unwrap());
    for opened in ["a", "b"] {
        // The first one counts.
        tx.set_opened(&bot.conversation_id, &ArticleId::new(opened)).await.unwrap();
    }
    let said = tx.turns(&bot.conversation_id).await.unwrap().remove(0);
    assert_eq!((said.feedback, said.opened_article_id), (Some(Feedback::Helpful), Some(ArticleId::new("a"))));
    tx.commit().await.unwrap();
}

pub(crate) async fn overdue_handoffs_are_listed_until_they_have_a_ticket(db: Arc<Database>) {
    let handing_off = |id: &str, at: i64| conversation(id).asked_for_human(Timestamp(NOW.0 + at * 1000), 60);
    for (id, at) in [("late", 1), ("later", 2), ("future", 100)] {
        start_conversation(&db.store, &handing_off(id, at)).await;
    }
    start_conversation(&db.store, &conversation("with-bot")).await;
    let list = |now: i64, limit: i64| {
        let db = db.clone();
        async move {
            let overdue = db.store.list_overdue_handoffs(Timestamp(NOW.0 + now * 1000), limit).await.unwrap();
            overdue.iter().map(ToString::to_string).collect::<Vec<_>>()
        }
    };
    assert!(list(60, 10).await.is_empty());
    assert_eq!(list(61, 10).await, ["late"]);
    assert_eq!(list(90, 10).await, ["late", "later"]);
    assert_eq!(list(90, 1).await, ["late"]);
    let mut tx = db.store.begin().await.unwrap();
    let late = tx.conversation(&ConversationId::new("late")).await.unwrap().unwrap();
    assert_eq!(late.state, handing_off("late", 1).state);
    let opened =
        tx.open_ticket(Ticket { conversation_id: Some(late.id.clone()), ..ticket("t") }).await.unwrap();
    tx.update_conversation(&late.ticketed(opened.id, NOW)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(list(90, 10).await, ["later"]);
}

pub(crate) async fn traces_are_for_the_team(db: Arc<Database>) {
    start_conversation(&db.store, &conversation("c")).await;
    let trace = Trace {
        id: TraceId::new("trace"),
        conversation_id: ConversationId::new("c"),
        question: "How?".to_owned(),
        query: "how".to_owned(),
        language: "en".to_owned(),
        model_id: "small".to_owned(),
        index_seq: 7,
        candidates: vec![],
        features: vec![("margin".to_owned(), 0.25)],
        decision: BotTurn::Clarify { text: "Which?".to_owned(), options: vec![], confidence: 0.5 },
        generator: "extractive".to_owned(),
        dropped: vec![],
        fallback: None,
        created_at: NOW,
        took_ms: 12,
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_trace(&trace).await.unwrap();
    assert!(is_conflict(&tx.insert_trace(&trace).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_trace(&visitor_of("c"), &trace.id).await.unwrap(), None);
    assert_eq!(db.store.find_trace(&staff(), &TraceId::new("x")).await.unwrap(), None);
    assert_eq!(db.store.find_trace(&staff(), &trace.id).await.unwrap(), Some(trace));
}
