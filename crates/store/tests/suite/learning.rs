//! Remembering solved tickets, and the versions of what was learned.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

const FIRST: Timestamp = Timestamp(0);

/// A ticket that was solved at a time.
async fn solve(db: &Database, id: &str, at: i64) {
    let mut tx = db.store.begin().await.unwrap();
    let known = tx.ticket(&TicketId::new(id)).await.unwrap();
    let opened = match known {
        Some(ticket) => ticket,
        None => tx.open_ticket(ticket(id)).await.unwrap(),
    };
    let solved = Ticket { status: TicketStatus::Solved, solved_at: Some(Timestamp(at)), ..opened };
    tx.update_ticket(&solved).await.unwrap();
    tx.commit().await.unwrap();
}

fn remembered(id: &str, at: i64) -> SolvedTicket {
    SolvedTicket {
        ticket_id: TicketId::new(id),
        number: 0,
        subject: String::new(),
        team: "support".to_owned(),
        seq: 0,
        solved_at: Timestamp(at),
        customer_id: None,
        locale: en(),
        audiences: vec![Audience::Public, Audience::Segment("gold".into())],
        links: vec![SolvedLink { article_id: ArticleId::new("a"), weight: 0.7 }],
        topic: format!("About {id}"),
        question: format!("What about {id}?"),
        reply: format!("This about {id}."),
        is_reply_offered: true,
    }
}

async fn remember(db: &Database, tickets: &[SolvedTicket]) {
    let mut tx = db.store.begin().await.unwrap();
    for ticket in tickets {
        tx.remember(ticket).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn to_remember(db: &Database) -> Vec<String> {
    let ids = db.store.list_tickets_to_remember(FIRST, 10).await.unwrap();
    ids.iter().map(ToString::to_string).collect()
}

async fn order(db: &Database) -> Vec<String> {
    let all = db.store.list_solved_tickets(0, i64::MAX, 10).await.unwrap();
    all.iter().map(|ticket| ticket.ticket_id.to_string()).collect()
}

pub(crate) async fn solved_tickets_are_remembered_once_and_again_when_they_are_solved_again(
    db: Arc<Database>,
) {
    solve(&db, "late", 20).await;
    solve(&db, "early", 10).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("open")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(to_remember(&db).await, ["early", "late"]);
    remember(&db, &[remembered("early", 10), remembered("late", 20)]).await;
    assert!(to_remember(&db).await.is_empty());
    solve(&db, "early", 30).await;
    assert_eq!(to_remember(&db).await, ["early"]);
    remember(&db, &[remembered("early", 30)]).await;
    assert_eq!(order(&db).await, ["late", "early"], "what is learned anew comes last");
    let all = db.store.list_solved_tickets(0, i64::MAX, 10).await.unwrap();
    assert_eq!((all[0].subject.as_str(), all[0].number), ("Subject of late", 1));
    let expected = SolvedTicket {
        seq: all[1].seq,
        number: 2,
        subject: "Subject of early".into(),
        ..remembered("early", 30)
    };
    assert_eq!(all[1], expected);
    assert_eq!(db.store.list_solved_tickets(all[0].seq, i64::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(db.store.list_solved_tickets(0, all[0].seq, 10).await.unwrap().len(), 1);
    assert_eq!(db.store.count_solved_tickets(all[0].seq).await.unwrap(), 1);
    let since = Timestamp(31);
    solve(&db, "new", 31).await;
    assert_eq!(db.store.list_tickets_to_remember(since, 10).await.unwrap(), [TicketId::new("new")]);
}

pub(crate) async fn what_is_old_or_of_a_customer_is_forgotten(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.commit().await.unwrap();
    for (id, at) in [("a", 10), ("b", 20), ("c", 30)] {
        solve(&db, id, at).await;
    }
    let of_cy = SolvedTicket { customer_id: Some(CustomerId::new("cy")), ..remembered("b", 20) };
    remember(&db, &[remembered("a", 10), of_cy, remembered("c", 30)]).await;
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.forget_solved_before(Timestamp(20)).await.unwrap(), 1);
    let texts = tx.forget_solved_of(&CustomerId::new("cy")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(texts, [("What about b?".to_owned(), "This about b.".to_owned())]);
    assert_eq!(order(&db).await, ["c"]);
    assert_eq!(db.store.count_solved_tickets(i64::MAX).await.unwrap(), 1);
    // What is too old would be remembered again, if anybody asked for times so long ago; what was forgotten is not.
    assert_eq!(to_remember(&db).await, ["a"]);
}

pub(crate) async fn one_version_at_most_is_in_use(db: Arc<Database>) {
    assert_eq!(db.store.learned_version_in_use().await.unwrap(), None);
    let mut tx = db.store.begin().await.unwrap();
    for last_seq in [5, 9] {
        tx.insert_learned_version(last_seq, "{}", NOW).await.unwrap();
    }
    tx.use_learned_version(Some(1)).await.unwrap();
    tx.use_learned_version(Some(2)).await.unwrap();
    tx.commit().await.unwrap();
    let in_use = db.store.learned_version_in_use().await.unwrap().unwrap();
    assert_eq!((in_use.number, in_use.last_seq, in_use.in_use), (2, 9, true));
    let all = db.store.list_learned_versions(10).await.unwrap();
    assert_eq!(all.iter().map(|v| (v.number, v.in_use)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.use_learned_version(Some(7)).await));
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.use_learned_version(None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.learned_version_in_use().await.unwrap(), None);
    assert!(!db.store.find_learned_version(2).await.unwrap().unwrap().in_use);
}

pub(crate) async fn remembered_tickets_are_read_by_the_team(db: Arc<Database>) {
    solve(&db, "a", 10).await;
    remember(&db, &[remembered("a", 10)]).await;
    let ids = [TicketId::new("a"), TicketId::new("missing")];
    for (reader, n) in
        [(staff(), 1), (key_with(&[Scope::TicketsRead]), 1), (visitor(), 0), (customer("cy", &[]), 0)]
    {
        assert_eq!(db.store.solved_tickets_of(&reader, &ids).await.unwrap().len(), n, "{reader:?}");
    }
}

fn proposed(id: &str, question: &str, confidence: f64) -> ProposedQuestion {
    ProposedQuestion {
        id: ProposalId::new(id),
        article_id: ArticleId::new("a"),
        locale: en(),
        question: question.to_owned(),
        n_askers: 3,
        confidence,
        customer_id: None,
        state: ProposalState::Proposed,
    }
}

async fn propose(db: &Database, questions: &[ProposedQuestion]) {
    let mut tx = db.store.begin().await.unwrap();
    tx.replace_proposed_questions(questions, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ids(db: &Database) -> Vec<String> {
    let all = db.store.list_proposed_questions(&Principal::System, None, 10).await.unwrap();
    all.iter().map(|question| question.id.to_string()).collect()
}

pub(crate) async fn proposed_questions_are_replaced_until_they_are_decided(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let accepted = ProposedQuestion { state: ProposalState::Accepted, ..proposed("q3", "Third?", 0.9) };
    let all = [proposed("q1", "First?", 0.5), proposed("q2", "Second?", 0.6), accepted.clone()];
    propose(&db, &all).await;
    assert_eq!(db.store.list_proposed_questions(&Principal::System, None, 10).await.unwrap()[2], accepted);
    assert_eq!(ids(&db).await, ["q2", "q1", "q3"], "what waits first, then the surest");
    assert!(db.store.list_proposed_questions(&visitor(), None, 10).await.unwrap().is_empty());
    let of_b =
        db.store.list_proposed_questions(&Principal::System, Some(&ArticleId::new("b")), 10).await.unwrap();
    assert!(of_b.is_empty());

    let mut tx = db.store.begin().await.unwrap();
    tx.decide_proposed_question(&ProposalId::new("q1"), ProposalState::Dismissed, NOW).await.unwrap();
    let missing = tx.decide_proposed_question(&ProposalId::new("q9"), ProposalState::Accepted, NOW).await;
    assert!(is_not_found(&missing));
    assert_eq!(tx.proposed_question(&ProposalId::new("q9")).await.unwrap(), None);
    tx.commit().await.unwrap();
    propose(&db, &[proposed("q4", "First?", 0.7), proposed("q5", "Fifth?", 0.5)]).await;
    assert_eq!(ids(&db).await, ["q5", "q3", "q1"], "what was dismissed is not proposed again");
    let published = db.store.published(&ArticleId::new("a"), &en()).await.unwrap().unwrap();
    assert_eq!(published.accepted, ["Third?"]);
}

pub(crate) async fn a_forgotten_customer_leaves_no_proposed_question(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.commit().await.unwrap();
    let cy = CustomerId::new("cy");
    let of_cy = ProposedQuestion {
        customer_id: Some(cy.clone()),
        state: ProposalState::Accepted,
        ..proposed("q1", "First?", 0.9)
    };
    propose(&db, &[of_cy, proposed("q2", "Second?", 0.6)]).await;
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.forget_proposed_questions_of(&cy).await.unwrap(), [ArticleId::new("a")]);
    assert!(tx.forget_proposed_questions_of(&cy).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert_eq!(ids(&db).await, ["q2"]);
}
