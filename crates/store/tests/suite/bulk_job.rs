//! Bulk jobs and their tickets: kept, taken one after the other, and forgotten.

use std::sync::Arc;

use domain::*;
use serde_json::json;
use store::{BulkLoad, BulkTicketsAsked, TicketQuery, Within};

use crate::{database::Database, fixture::*};

pub(crate) fn job(id: &str) -> BulkJob {
    let actions =
        json!([{ "type": "add_note", "body": "Moved." }, { "type": "set_team", "team": "billing" }]);
    BulkJob {
        id: BulkJobId::new(id),
        writer: Writer::Person(UserId::new("ada")),
        filter: Some("status:open".to_owned()),
        actions: Actions::parse(actions.as_array().unwrap(), ActionsOf::Macro).unwrap(),
        state: BulkJobState::Waiting,
        stopped: None,
        counts: BulkCounts { n_tickets: 7, ..BulkCounts::default() },
        undoer: None,
        undo_reached: 0,
        created_at: NOW,
        started_at: None,
        ended_at: None,
        undo_began_at: None,
        undone_at: None,
    }
}

fn ids(jobs: &[BulkJob]) -> Vec<&str> {
    jobs.iter().map(|job| job.id.as_str()).collect()
}

pub(crate) async fn jobs_are_somebodys_and_bounded(db: Arc<Database>) {
    let ada = Writer::Person(UserId::new("ada"));
    // The id of a key may be that of a person: they are still two.
    let key = Writer::Key(ApiKeyId::new("ada"));
    let at = |ms: i64| Timestamp(NOW.0 + ms);
    let all = BulkJob {
        filter: None,
        state: BulkJobState::Stopped,
        stopped: Some(BulkStop::NotAllowed),
        counts: BulkCounts {
            n_tickets: 28,
            n_done: 1,
            n_unchanged: 2,
            n_failed: 3,
            n_undone: 4,
            n_partly: 5,
            n_kept: 6,
        },
        undoer: Some(key.clone()),
        undo_reached: 8,
        started_at: Some(at(1)),
        ended_at: Some(at(2)),
        undo_began_at: Some(at(3)),
        undone_at: Some(at(4)),
        ..job("j2")
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_bulk_job(&BulkJob { created_at: at(-10), ..job("j1") }).await.unwrap();
    tx.insert_bulk_job(&all).await.unwrap();
    tx.insert_bulk_job(&BulkJob { writer: key.clone(), ..job("j3") }).await.unwrap();
    assert!(is_conflict(&tx.insert_bulk_job(&job("j1")).await));
    assert!(is_not_found(&tx.update_bulk_job(&job("j9")).await));
    assert_eq!(tx.bulk_job(&all.id).await.unwrap().as_ref(), Some(&all));
    assert_eq!(tx.bulk_load(&ada, at(-20)).await.unwrap(), BulkLoad { n_open: 1, n_tickets: 35 });
    assert_eq!(tx.bulk_load(&ada, NOW).await.unwrap(), BulkLoad { n_open: 1, n_tickets: 28 });
    let nobody = Writer::Person(UserId::new("bo"));
    assert_eq!(tx.bulk_load(&nobody, NOW).await.unwrap(), BulkLoad { n_open: 0, n_tickets: 0 });
    tx.commit().await.unwrap();
    let list = async |writer: Option<&Writer>, before: Option<&str>, limit| {
        let before = before.map(BulkJobId::new);
        db.store.list_bulk_jobs(writer, before.as_ref(), limit).await.unwrap()
    };
    assert_eq!(ids(&list(None, None, 10).await), ["j3", "j2", "j1"]);
    assert_eq!(ids(&list(Some(&ada), None, 10).await), ["j2", "j1"]);
    assert_eq!(ids(&list(Some(&key), None, 10).await), ["j3"]);
    assert_eq!(ids(&list(Some(&ada), None, 1).await), ["j2"]);
    assert_eq!(ids(&list(Some(&ada), Some("j2"), 10).await), ["j1"]);
    assert_eq!(ids(&db.store.list_open_bulk_jobs(10).await.unwrap()), ["j1", "j3"]);
    assert_eq!(db.store.find_bulk_job(&all.id).await.unwrap(), Some(all));
    assert_eq!(db.store.find_bulk_job(&BulkJobId::new("j9")).await.unwrap(), None);

    let mut tx = db.store.begin().await.unwrap();
    let changed = BulkJob { state: BulkJobState::Undoing, undoer: Some(ada), undo_reached: 3, ..job("j3") };
    tx.update_bulk_job(&BulkJob { writer: key.clone(), ..changed.clone() }).await.unwrap();
    tx.empty_bulk_filters_with(&["status_open".to_owned(), "us:op".to_owned()]).await.unwrap();
    tx.commit().await.unwrap();
    let found = db.store.find_bulk_job(&changed.id).await.unwrap();
    assert_eq!(found, Some(BulkJob { writer: key, filter: Some(String::new()), ..changed }));
}

pub(crate) async fn tickets_of_a_job_are_taken_one_after_the_other(db: Arc<Database>) {
    let id = BulkJobId::new("j");
    let tickets: Vec<TicketId> = (1..=600).map(|n| TicketId::new(format!("t{n}"))).collect();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_bulk_job(&job("j")).await.unwrap();
    tx.insert_bulk_tickets(&id, 1, &tickets[..400]).await.unwrap();
    tx.insert_bulk_tickets(&id, 401, &tickets[400..]).await.unwrap();
    let change = BulkChange {
        parts: vec![BulkPart::TagAdded { tag: Tag::parse("vip").unwrap() }],
        n_notes: 1,
        n_replies: 0,
    };
    let kept = vec![BulkKept { field: "messages".to_owned(), reason: "stays".to_owned() }];
    for n in 1..=4 {
        let next = tx.next_bulk_ticket(&id).await.unwrap().unwrap();
        assert_eq!((next.position, next.ticket_id.as_str()), (n, format!("t{n}").as_str()));
        assert_eq!((next.state, next.undo), (BulkTicketState::Waiting, BulkUndoState::None));
        let done = match n {
            2 => BulkTicket { state: BulkTicketState::Failed, reason: Some("no".to_owned()), ..next },
            _ => BulkTicket { state: BulkTicketState::Done, change: change.clone(), ..next },
        };
        tx.update_bulk_ticket(&id, &done).await.unwrap();
    }
    let missing = BulkTicket { position: 601, ..tx.next_bulk_ticket(&id).await.unwrap().unwrap() };
    assert!(is_not_found(&tx.update_bulk_ticket(&id, &missing).await));
    let first = tx.next_bulk_ticket_to_undo(&id, 0).await.unwrap().unwrap();
    assert_eq!((first.position, &first.change), (1, &change));
    let undone = BulkTicket { undo: BulkUndoState::Partly, kept: kept.clone(), ..first };
    tx.update_bulk_ticket(&id, &undone).await.unwrap();
    assert_eq!(tx.next_bulk_ticket_to_undo(&id, 1).await.unwrap().unwrap().position, 3);
    assert_eq!(tx.next_bulk_ticket_to_undo(&id, 4).await.unwrap(), None);
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.insert_bulk_tickets(&BulkJobId::new("nowhere"), 1, &tickets[..1]).await));
    tx.rollback().await.unwrap();

    let list = async |state, undo, after, limit| {
        let asked = BulkTicketsAsked { state, undo, after, limit };
        db.store.list_bulk_tickets(&id, &asked).await.unwrap()
    };
    let positions =
        |tickets: Vec<BulkTicket>| tickets.iter().map(|ticket| ticket.position).collect::<Vec<_>>();
    assert_eq!(positions(list(None, None, 0, 1_000).await), (1..=600).collect::<Vec<_>>());
    assert_eq!(positions(list(None, None, 598, 10).await), [599, 600]);
    assert_eq!(positions(list(Some(BulkTicketState::Done), None, 0, 10).await), [1, 3, 4]);
    assert_eq!(positions(list(Some(BulkTicketState::Done), None, 1, 1).await), [3]);
    assert_eq!(positions(list(Some(BulkTicketState::Done), Some(BulkUndoState::None), 0, 10).await), [3, 4]);
    assert_eq!(list(None, Some(BulkUndoState::Partly), 0, 10).await, [undone]);
    assert_eq!(list(Some(BulkTicketState::Failed), None, 0, 10).await[0].reason.as_deref(), Some("no"));

    let mut tx = db.store.begin().await.unwrap();
    tx.forget_bulk_changes(&TicketId::new("t1")).await.unwrap();
    tx.commit().await.unwrap();
    let forgotten = list(Some(BulkTicketState::Done), None, 0, 1).await.remove(0);
    assert_eq!((forgotten.change, forgotten.kept), (BulkChange::default(), vec![]));

    let later = Timestamp(NOW.0 + 1);
    let mut tx = db.store.begin().await.unwrap();
    assert!(!tx.forget_bulk_jobs(later, 400).await.unwrap(), "what is not at its end stays");
    tx.update_bulk_job(&BulkJob { state: BulkJobState::Finished, ..job("j") }).await.unwrap();
    assert!(!tx.forget_bulk_jobs(NOW, 400).await.unwrap(), "what is not old stays");
    assert!(tx.forget_bulk_jobs(later, 400).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(positions(list(None, None, 0, 1_000).await), (401..=600).collect::<Vec<_>>());
    let mut tx = db.store.begin().await.unwrap();
    let mut n_rounds = 0;
    while tx.forget_bulk_jobs(later, 400).await.unwrap() {
        n_rounds += 1;
    }
    tx.commit().await.unwrap();
    assert_eq!((n_rounds, db.store.find_bulk_job(&id).await.unwrap()), (2, None));
}

pub(crate) async fn a_selection_is_what_a_list_admits(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for n in 0..20_i64 {
        let at = Timestamp(NOW.0 - n * 1_000);
        let ticket = Ticket {
            status: [TicketStatus::Open, TicketStatus::Solved][n as usize % 2],
            solved_at: (n % 2 == 1).then_some(at),
            team: ["support", "billing"][n as usize % 3 / 2].to_owned(),
            tags: (n % 4 == 0).then(|| Tag::parse("vip").unwrap()).into_iter().collect(),
            created_at: at,
            ..ticket(&format!("t{n:02}"))
        };
        tx.open_ticket(ticket).await.unwrap();
    }
    tx.commit().await.unwrap();
    let ctx = FilterContext::nobody(NOW);
    for text in ["", "status:open", "tag:vip", "tag:vip status:open", "-tag:vip", "team:billing created<-5d"]
    {
        for reader in [staff(), staff_of(&["support"]), key_with(&[Scope::KbRead])] {
            let filter: Filter = text.parse().unwrap();
            let query = TicketQuery {
                filter: filter.clone(),
                ctx: ctx.clone(),
                sort: TicketSort::parse("created").unwrap(),
                group_by: None,
                after: None,
                limit: 100,
                within: Within::Desk,
            };
            let listed = db.store.list_tickets(&reader, &query).await.unwrap();
            let listed: Vec<TicketId> = listed.into_iter().map(|ticket| ticket.id).collect();
            let ids = db.store.list_ticket_ids(&reader, &filter, &ctx, 100).await.unwrap();
            assert_eq!(ids, listed, "{text:?} {reader:?}");
            let some = db.store.list_ticket_ids(&reader, &filter, &ctx, 2).await.unwrap();
            assert_eq!(some, listed[..listed.len().min(2)], "{text:?} {reader:?}");
        }
    }
    let numbers: Vec<i64> = (1..=300).collect();
    let all = db.store.ticket_ids_by_number(&staff(), &numbers).await.unwrap();
    assert_eq!((all.len(), all[&1].as_str()), (20, "t00"));
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.archive_tickets(&[TicketId::new("t03")], NOW).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let all = db.store.ticket_ids_by_number(&staff(), &numbers).await.unwrap();
    assert_eq!((all.len(), all[&4].as_str()), (20, "t03"), "who names one of the archive means it");
    let listed = db.store.list_ticket_ids(&staff(), &"".parse().unwrap(), &ctx, 100).await.unwrap();
    assert_eq!(listed.len(), 19, "a filter means the desk, as in lists");
    let seen = db.store.ticket_ids_by_number(&staff_of(&["billing"]), &numbers).await.unwrap();
    assert_eq!(seen.len(), 6);
    assert!(db.store.ticket_ids_by_number(&staff(), &[]).await.unwrap().is_empty());
}
