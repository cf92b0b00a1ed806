//! The archive: tickets are out of the way, and found and read as before by whom they were.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;
use store::{TicketQuery, TicketSaid, Within};

use crate::{database::Database, fixture::*};

/// A closed ticket of customer `cy` and of conversation `c` with everything in it, and another one.
async fn fill(db: &Database) -> Ticket {
    start_conversation(&db.store, &conversation("c")).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_turn(&turn("c", 0, said("My printer smokes"))).await.unwrap();
    let closed = tx
        .open_ticket(Ticket {
            status: TicketStatus::Closed,
            customer_id: Some(CustomerId::new("cy")),
            conversation_id: Some(ConversationId::new("c")),
            assignee_id: Some(UserId::new("ada")),
            tags: vec![Tag::parse("printer").unwrap(), Tag::parse("smoke").unwrap()],
            fields: [("plan".to_owned(), FieldValue::Choice("pro".to_owned()))].into(),
            solved_at: Some(NOW),
            ..ticket("t")
        })
        .await
        .unwrap();
    for (id, author, kind) in
        [("m1", Author::Customer, MessageKind::Reply), ("m2", agent(), MessageKind::Note)]
    {
        tx.insert_message(&message(id, "t", author, kind)).await.unwrap();
    }
    let entry = HistoryEntry {
        id: HistoryId::new("h"),
        ticket_id: closed.id.clone(),
        at: NOW,
        by: agent(),
        field: TicketField::Status,
        from: Some("solved".to_owned()),
        to: Some("closed".to_owned()),
    };
    tx.insert_history(&entry).await.unwrap();
    let draft = Suggestion {
        id: SuggestionId::new("s"),
        ticket_id: closed.id.clone(),
        rank: 1,
        body: "Switch it off.".to_owned(),
        sources: vec![],
        why: "near".to_owned(),
        outcome: None,
        created_at: NOW,
    };
    tx.insert_suggestions(&[draft]).await.unwrap();
    let routing = TicketRouting { n_rounds: 2, ..TicketRouting::default() };
    tx.save_ticket_routing(&closed.id, &routing).await.unwrap();
    tx.open_ticket(ticket("u")).await.unwrap();
    tx.commit().await.unwrap();
    closed
}

/// All that somebody reads of a ticket.
#[derive(Debug, PartialEq)]
struct Read {
    ticket: Option<Ticket>,
    by_number: Option<Ticket>,
    messages: Vec<Message>,
    history: Vec<HistoryEntry>,
    drafts: Vec<Suggestion>,
    routing: Option<TicketRouting>,
    said: Option<TicketSaid>,
    conversation: Option<Conversation>,
    pages: Vec<TicketId>,
}

async fn read(db: &Database, reader: &Principal, of: &Ticket) -> Read {
    let ids = [of.id.clone()];
    let back = |ticket: Option<Ticket>| ticket.map(|ticket| Ticket { archived_at: None, ..ticket });
    let pages = db.store.tickets_after(reader, None, 10).await.unwrap();
    Read {
        ticket: back(db.store.find_ticket(reader, &of.id).await.unwrap()),
        by_number: back(db.store.find_ticket_by_number(reader, of.number).await.unwrap()),
        messages: db.store.list_messages(reader, &of.id).await.unwrap(),
        history: db.store.list_ticket_history(reader, &of.id, None, 9).await.unwrap(),
        drafts: db.store.list_suggestions(reader, &of.id).await.unwrap(),
        routing: db.store.find_ticket_routing(reader, &of.id).await.unwrap(),
        said: db.store.said_in(reader, &ids, 1_000).await.unwrap().remove(&of.id),
        conversation: db.store.find_conversation(reader, &ConversationId::new("c")).await.unwrap(),
        pages: pages.into_iter().map(|ticket| ticket.id).collect(),
    }
}

async fn archive(db: &Database, ids: &[&str], at: Timestamp) {
    let ids: Vec<TicketId> = ids.iter().map(|id| TicketId::new(*id)).collect();
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.archive_tickets(&ids, at).await.unwrap(), ids.len() as u64);
    tx.commit().await.unwrap();
}

fn query(within: Within, filter: &str) -> TicketQuery {
    TicketQuery {
        within,
        filter: filter.parse().unwrap(),
        ctx: FilterContext::nobody(NOW),
        sort: TicketSort::NEWEST,
        group_by: None,
        after: None,
        limit: 10,
    }
}

async fn listed(db: &Database, reader: &Principal, within: Within, filter: &str) -> Vec<String> {
    let tickets = db.store.list_tickets(reader, &query(within, filter)).await.unwrap();
    tickets.iter().map(|ticket| ticket.id.to_string()).collect()
}

pub(crate) async fn an_archived_ticket_is_read_as_before_by_its_own_people(db: Arc<Database>) {
    let closed = fill(&db).await;
    let readers = [
        visitor(),
        visitor_of("c"),
        customer("cy", &[]),
        customer("di", &[]),
        key_with(&[Scope::KbRead]),
        staff(),
        staff_of(&["billing", "support"]),
        staff_of(&["billing"]),
        staff_of(&[]),
        Principal::System,
    ];
    let mut before = vec![];
    for reader in &readers {
        before.push(read(&db, reader, &closed).await);
    }
    archive(&db, &["t"], Timestamp(9)).await;
    for (reader, before) in readers.iter().zip(&before) {
        assert_eq!(&read(&db, reader, &closed).await, before, "{reader:?}");
    }
    let found = db.store.find_ticket(&staff(), &closed.id).await.unwrap().unwrap();
    assert_eq!((found.archived_at, found.tags.len(), found.fields.len()), (Some(Timestamp(9)), 2, 1));
    let of = BTreeSet::from([ConversationId::new("c")]);
    assert_eq!(db.store.tickets_of_conversations(&of).await.unwrap(), std::slice::from_ref(&closed.id));

    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.ticket(&closed.id).await.unwrap(), None, "it is out of the way");
    assert!(tx.ticket_within(&closed.id, Within::Archive).await.unwrap().is_some());
    assert!(tx.suggestion(&SuggestionId::new("s")).await.unwrap().is_some());
    assert_eq!(tx.unarchive_tickets(&[closed.id.clone(), TicketId::new("nothing")]).await.unwrap(), 1);
    assert_eq!(tx.ticket(&closed.id).await.unwrap(), Some(closed.clone()));
    tx.commit().await.unwrap();
    for (reader, before) in readers.iter().zip(&before) {
        assert_eq!(&read(&db, reader, &closed).await, before, "{reader:?}");
    }
}

pub(crate) async fn each_place_has_its_own_list(db: Arc<Database>) {
    fill(&db).await;
    archive(&db, &["t"], NOW).await;
    for (filter, in_archive, on_desk) in [
        ("", vec!["t"], vec!["u"]),
        ("tag:smoke", vec!["t"], vec![]),
        ("customer:cy@example.org", vec!["t"], vec![]),
        ("field.plan:pro", vec!["t"], vec![]),
        ("status:new", vec![], vec!["u"]),
        ("created>2100-01-01", vec![], vec![]),
    ] {
        assert_eq!(listed(&db, &staff(), Within::Archive, filter).await, in_archive, "{filter}");
        assert_eq!(listed(&db, &staff(), Within::Desk, filter).await, on_desk, "{filter}");
        let (parsed, ctx) = (filter.parse().unwrap(), FilterContext::nobody(NOW));
        let count = db.store.count_tickets(&staff(), &parsed, &ctx).await.unwrap();
        assert_eq!(count.n, on_desk.len(), "{filter}");
    }
    assert_eq!(listed(&db, &staff_of(&["sales", "support"]), Within::Archive, "").await, ["t"]);
    assert!(listed(&db, &staff_of(&["sales"]), Within::Archive, "").await.is_empty());
    assert!(listed(&db, &customer("di", &[]), Within::Archive, "").await.is_empty());
}

pub(crate) async fn what_is_old_enough_is_archived_and_closed(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    let mut tickets: Vec<Ticket> = (0..8)
        .map(|n| Ticket {
            status: if n % 2 == 0 { TicketStatus::Closed } else { TicketStatus::Solved },
            solved_at: (n != 1).then_some(Timestamp(100 + n)),
            // Somebody wrote a note to one that was solved long ago.
            updated_at: if n == 3 { Timestamp(900) } else { Timestamp(100 + n) },
            ..ticket(&format!("t{n}"))
        })
        .collect();
    tx.insert_tickets(&mut tickets).await.unwrap();
    tx.commit().await.unwrap();
    let ids = |ids: Vec<TicketId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let to_close = db.store.list_tickets_to_close(Timestamp(106), 10).await.unwrap();
    assert_eq!(ids(to_close), ["t1", "t5", "t3"], "solved before, whatever was noted since");
    assert_eq!(db.store.count_tickets_to_archive(Timestamp(105)).await.unwrap(), 3);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(ids(tx.tickets_to_archive(Timestamp(105), 2).await.unwrap()), ["t0", "t2"]);
    tx.rollback().await.unwrap();
}

pub(crate) async fn a_conversation_finds_its_ticket_in_the_archive(db: Arc<Database>) {
    let closed = fill(&db).await;
    archive(&db, &["t"], NOW).await;
    let mut tx = db.store.begin().await.unwrap();
    let again = Ticket { conversation_id: closed.conversation_id.clone(), ..ticket("again") };
    assert_eq!(tx.open_ticket(again).await.unwrap(), closed);
    assert_eq!(tx.open_ticket(ticket("v")).await.unwrap().number, 3, "no number is given twice");
    tx.commit().await.unwrap();
    assert_eq!(listed(&db, &staff(), Within::Archive, "").await, Vec::<String>::new());
}

pub(crate) async fn what_was_learned_of_archived_tickets_stays(db: Arc<Database>) {
    let closed = fill(&db).await;
    archive(&db, &["t"], NOW).await;
    let due = db.store.list_tickets_to_remember(Timestamp(0), 10).await.unwrap();
    assert_eq!(due, std::slice::from_ref(&closed.id), "one that went there before it was remembered");
    let solved = SolvedTicket {
        ticket_id: closed.id.clone(),
        number: closed.number,
        subject: closed.subject.clone(),
        team: closed.team.clone(),
        seq: 1,
        solved_at: NOW,
        customer_id: closed.customer_id.clone(),
        locale: en(),
        audiences: vec![],
        links: vec![],
        topic: "topic".to_owned(),
        question: "question".to_owned(),
        reply: "reply".to_owned(),
        is_reply_offered: true,
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.remember(&solved).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.list_tickets_to_remember(Timestamp(0), 10).await.unwrap().is_empty());
    let ids = [closed.id.clone()];
    for _ in 0..2 {
        assert_eq!(db.store.list_solved_tickets(0, 9, 9).await.unwrap(), std::slice::from_ref(&solved));
        assert_eq!(db.store.solved_tickets_of(&staff(), &ids).await.unwrap(), std::slice::from_ref(&solved));
        assert!(db.store.solved_tickets_of(&staff_of(&["sales"]), &ids).await.unwrap().is_empty());
        let mut tx = db.store.begin().await.unwrap();
        tx.unarchive_tickets(&ids).await.unwrap();
        tx.commit().await.unwrap();
    }
}

pub(crate) async fn what_archived_tickets_refer_to_is_kept_or_let_go(db: Arc<Database>) {
    let closed = fill(&db).await;
    archive(&db, &["t"], NOW).await;
    let cy = CustomerId::new("cy");
    assert_eq!(db.store.count_of_customer(&cy).await.unwrap(), 1);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_identities(&cy).await.unwrap();
    assert!(is_not_found(&tx.delete_customer(&cy).await), "the archive still refers to them");
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.update_ticket(&Ticket { team: "sales".to_owned(), ..tx_ticket(&db, "u").await }).await.unwrap();
    assert!(is_conflict(&tx.delete_team("support").await), "the archive has a ticket of this team");
    assert!(tx.tickets_of_customer(&CustomerId::new("di"), 10).await.unwrap().is_empty());
    let ids = tx.tickets_of_customer(&cy, 10).await.unwrap();
    assert_eq!(ids, std::slice::from_ref(&closed.id));
    assert_eq!(tx.unarchive_tickets(&ids).await.unwrap(), 1);
    tx.update_ticket(&Ticket { customer_id: None, ..closed.clone() }).await.unwrap();
    tx.delete_identities(&cy).await.unwrap();
    tx.delete_customer(&cy).await.unwrap();
    tx.commit().await.unwrap();
}

async fn tx_ticket(db: &Database, id: &str) -> Ticket {
    db.store.find_ticket(&staff(), &TicketId::new(id)).await.unwrap().unwrap()
}

pub(crate) async fn a_deleted_ticket_leaves_nothing(db: Arc<Database>) {
    let closed = fill(&db).await;
    for within in Within::ALL {
        let mut tx = db.store.begin().await.unwrap();
        if within == Within::Archive {
            tx.archive_tickets(std::slice::from_ref(&closed.id), NOW).await.unwrap();
        }
        let other = if within == Within::Desk { Within::Archive } else { Within::Desk };
        assert_eq!(tx.delete_tickets(std::slice::from_ref(&closed.id), other).await.unwrap(), 0);
        assert_eq!(tx.delete_tickets(std::slice::from_ref(&closed.id), within).await.unwrap(), 1);
        assert!(tx.messages(&closed.id).await.unwrap().is_empty());
        assert!(tx.turns(&ConversationId::new("c")).await.unwrap().is_empty());
        assert!(tx.conversation(&ConversationId::new("c")).await.unwrap().is_none());
        for place in Within::ALL {
            assert!(tx.ticket_within(&closed.id, place).await.unwrap().is_none());
        }
        tx.delete_identities(&CustomerId::new("cy")).await.unwrap();
        tx.delete_customer(&CustomerId::new("cy")).await.unwrap();
        tx.rollback().await.unwrap();
    }
    assert!(db.store.find_ticket(&staff(), &closed.id).await.unwrap().is_some());
}
