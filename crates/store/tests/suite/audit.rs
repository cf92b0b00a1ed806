//! The audit log: places, filters, and what goes because of its age.

use std::sync::Arc;

use domain::*;
use serde_json::json;
use store::{AuditFilter, AuditOrder};

use crate::{database::Database, fixture::*};

fn entry(
    seq: i64,
    at_ms: i64,
    actor: &str,
    action: AuditAction,
    subject: &str,
    prev_hash: &str,
) -> AuditEntry {
    AuditEntry {
        seq,
        at: Timestamp(NOW.0 + at_ms),
        actor: Actor { kind: ActorKind::Person, id: Some(actor.to_owned()), name: Some("Ada".to_owned()) },
        origin: AuditOrigin { door: Door::Api, network: Some("192.0.2.0/24".to_owned()) },
        action,
        subject_id: Some(subject.to_owned()),
        details: json!({ "status": ["open", "solved"] }),
        prev_hash: prev_hash.to_owned(),
        hash: format!("hash-{seq}"),
    }
}

/// Six entries, one a second.
async fn six(db: &Database) -> Vec<AuditEntry> {
    use AuditAction::{KeyCreated, TicketChanged, TicketOpened, UserSignedIn};
    let mut written = vec![];
    for (n, (actor, action, subject)) in [
        ("ada", TicketOpened, "t1"),
        ("ada", TicketChanged, "t1"),
        ("bo", KeyCreated, "k1"),
        ("bo", TicketChanged, "t2"),
        ("ada", UserSignedIn, "ada"),
        ("ada", TicketChanged, "t2"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut tx = db.store.begin().await.unwrap();
        let end = tx.next_audit(1).await.unwrap();
        let at_ms = i64::try_from(n).unwrap() * 1_000;
        let entry = entry(end.seq, at_ms, actor, action, subject, &end.prev_hash);
        tx.insert_audit(std::slice::from_ref(&entry)).await.unwrap();
        tx.commit().await.unwrap();
        written.push(entry);
    }
    written
}

pub(crate) async fn entries_follow_one_another(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    let end = tx.next_audit(2).await.unwrap();
    assert_eq!((end.seq, end.prev_hash.as_str()), (1, FIRST_PREV_HASH));
    tx.rollback().await.unwrap();
    let written = six(&db).await;
    assert_eq!(written.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(written[0].prev_hash, FIRST_PREV_HASH);
    assert!(written.windows(2).all(|pair| pair[1].prev_hash == pair[0].hash));
    assert_eq!(db.store.last_audit_seq().await.unwrap(), 6);
    let all = AuditFilter { order: AuditOrder::OldestFirst, limit: 10, ..AuditFilter::default() };
    assert_eq!(db.store.list_audit(&all).await.unwrap(), written);

    // A batch of more rows than one statement takes.
    let mut tx = db.store.begin().await.unwrap();
    let end = tx.next_audit(250).await.unwrap();
    assert_eq!((end.seq, end.prev_hash.as_str(), end.prev_at), (7, "hash-6", Timestamp(NOW.0 + 5_000)));
    let many: Vec<_> =
        (7..257).map(|seq| entry(seq, 9_000, "ada", AuditAction::ArticleImported, "a", "x")).collect();
    tx.insert_audit(&many).await.unwrap();
    tx.commit().await.unwrap();
    let rest = AuditFilter { after: Some(6), limit: 300, ..all };
    assert_eq!(db.store.list_audit(&rest).await.unwrap(), many);

    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("u", Role::Agent), None).await.unwrap();
    let name = tx.actor_name(&Actor::of(&Principal::staff(UserId::new("u"), Role::Agent))).await.unwrap();
    assert_eq!(name.as_deref(), Some("Name of u"));
    tx.insert_customer(&person("c")).await.unwrap();
    let customer = Actor { kind: ActorKind::Customer, id: Some("c".to_owned()), name: None };
    assert_eq!(tx.actor_name(&customer).await.unwrap(), None, "the log outlives their erasure");
}

pub(crate) async fn entries_are_found_by_who_what_and_when(db: Arc<Database>) {
    six(&db).await;
    let all = || AuditFilter { limit: 10, ..AuditFilter::default() };
    let tickets = AuditAction::beginning_with("ticket.");
    let time = |seconds: i64| Some(Timestamp(NOW.0 + seconds * 1_000));
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (all(), vec![6, 5, 4, 3, 2, 1]),
        (AuditFilter { limit: 2, ..all() }, vec![6, 5]),
        (AuditFilter { after: Some(5), limit: 2, ..all() }, vec![4, 3]),
        (AuditFilter { actor_id: text("bo"), ..all() }, vec![4, 3]),
        (AuditFilter { subject_id: text("t2"), ..all() }, vec![6, 4]),
        (AuditFilter { subject_id: text("t2"), actor_id: text("bo"), ..all() }, vec![4]),
        (AuditFilter { actions: tickets.clone(), ..all() }, vec![6, 4, 2, 1]),
        (AuditFilter { actions: tickets.clone(), limit: 3, ..all() }, vec![6, 4, 2]),
        (AuditFilter { actions: tickets.clone(), actor_id: text("ada"), ..all() }, vec![6, 2, 1]),
        (AuditFilter { actions: vec![AuditAction::KeyCreated], ..all() }, vec![3]),
        (AuditFilter { from: time(2), to: time(4), ..all() }, vec![4, 3]),
        (AuditFilter { from: time(6), ..all() }, vec![]),
        (AuditFilter { to: time(0), ..all() }, vec![]),
        (
            AuditFilter { from: time(1), actions: tickets, order: AuditOrder::OldestFirst, ..all() },
            vec![2, 4, 6],
        ),
        (AuditFilter { order: AuditOrder::OldestFirst, after: Some(4), ..all() }, vec![5, 6]),
    ] {
        let found = db.store.list_audit(&filter).await.unwrap();
        assert_eq!(found.iter().map(|entry| entry.seq).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

pub(crate) async fn old_entries_go_and_the_chain_begins_after_them(db: Arc<Database>) {
    six(&db).await;
    let trim = async |seconds: i64, limit| {
        let mut tx = db.store.begin().await.unwrap();
        let n = tx.trim_audit(Timestamp(NOW.0 + seconds * 1_000), limit).await.unwrap();
        tx.commit().await.unwrap();
        let anchor = db.store.audit_anchor().await.unwrap();
        (n, anchor.seq, anchor.hash)
    };
    assert_eq!(trim(0, 10).await, (None, 0, FIRST_PREV_HASH.to_owned()));
    assert_eq!(trim(3, 2).await, (Some(2), 2, "hash-2".to_owned()));
    assert_eq!(trim(3, 2).await, (Some(1), 3, "hash-3".to_owned()));
    assert_eq!(trim(3, 2).await, (None, 3, "hash-3".to_owned()));
    assert_eq!(trim(100, 10).await, (Some(3), 6, "hash-6".to_owned()));
    let mut tx = db.store.begin().await.unwrap();
    let end = tx.next_audit(1).await.unwrap();
    assert_eq!((end.seq, end.prev_hash.as_str()), (7, "hash-6"), "the chain goes on from what is gone");
}
