//! Many at once: one ticket, no locks to be seen, no number twice.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;
use store::{NewJob, Store, StoreError, TicketQuery};

use crate::{database::Database, fixture::*};

pub(crate) async fn eight_requests_open_one_ticket(db: Arc<Database>) {
    start_conversation(&db.store, &conversation("c")).await;
    let opening: Vec<_> = (0..8)
        .map(|i| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await?;
                let id = ConversationId::new("c");
                let wanted = Ticket { conversation_id: Some(id.clone()), ..ticket(&format!("t{i}")) };
                let opened = tx.open_ticket(wanted).await?;
                let conversation = tx.conversation(&id).await?.unwrap().ticketed(opened.id.clone(), NOW);
                tx.update_conversation(&conversation).await?;
                tx.commit().await?;
                Ok::<_, StoreError>(opened.id)
            })
        })
        .collect();
    let mut opened = BTreeSet::new();
    for task in opening {
        opened.insert(task.await.unwrap().unwrap());
    }
    assert_eq!(opened.len(), 1);
    let filter = every_ticket();
    assert_eq!(db.store.list_tickets(&staff(), &filter).await.unwrap().len(), 1);
}

pub(crate) async fn fifty_writers_never_see_a_lock(db: Arc<Database>) {
    let other = Store::open(&db.url).await.unwrap();
    let writing: Vec<_> = (0..50)
        .map(|i| {
            // Every second one through a store of its own, as another process would.
            let store = if i % 2 == 0 { db.store.clone() } else { other.clone() };
            tokio::spawn(async move { write(&store, i).await })
        })
        .collect();
    for task in writing {
        task.await.unwrap().unwrap();
    }
    let filter = every_ticket();
    let tickets = db.store.list_tickets(&staff(), &filter).await.unwrap();
    let numbers: BTreeSet<i64> = tickets.iter().map(|ticket| ticket.number).collect();
    assert_eq!(numbers, (1..=17).collect());
    assert_eq!(db.store.last_change_seq().await.unwrap(), 17);
    let changes = db.store.changes_after(0, 100).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.seq).collect::<Vec<_>>(), Vec::from_iter(1..=17));
}

/// One of three kinds of write, with a read before and after it.
async fn write(store: &Store, i: usize) -> Result<(), StoreError> {
    store.last_change_seq().await?;
    let mut tx = store.begin().await?;
    match i % 3 {
        0 => {
            tx.open_ticket(ticket(&format!("t{i}"))).await?;
        }
        1 => {
            let id = format!("a{i}");
            tx.insert_article(&article(&id, Audience::Public)).await?;
            let text = translation(&id, &en());
            tx.insert_translation(&text).await?;
            let version = version(&text, 1);
            tx.publish(&version, &passages(&version, 10), NOW).await?;
        }
        _ => {
            let id = JobId::new(format!("j{i}"));
            let job = NewJob { id: &id, kind: "k", payload_json: "{}", dedupe_key: None, run_at: NOW };
            tx.enqueue(&job, NOW).await?;
            tx.claim_job(NOW, 60).await?;
        }
    }
    tx.commit().await?;
    store.list_published(None, 10).await?;
    Ok(())
}

pub(crate) async fn two_processes_share_a_database(db: Arc<Database>) {
    let other = Store::open(&db.url).await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_article(&article("a", Audience::Public)).await.unwrap();
    // The other waits for the first instead of failing, and reads go on meanwhile.
    let waiting = tokio::spawn({
        let other = other.clone();
        async move {
            let mut tx = other.begin().await?;
            let taken = tx.slug_exists("slug-a").await?;
            tx.commit().await?;
            Ok::<_, StoreError>(taken)
        }
    });
    assert_eq!(other.find_article_by_slug(&staff(), "slug-a").await.unwrap(), None);
    assert!(!waiting.is_finished());
    tx.commit().await.unwrap();
    assert!(waiting.await.unwrap().unwrap(), "a writer sees what the one before it committed");
}

fn every_ticket() -> TicketQuery {
    TicketQuery {
        within: store::Within::Desk,
        filter: Filter::everything(),
        ctx: FilterContext::nobody(NOW),
        sort: TicketSort::NEWEST,
        group_by: None,
        after: None,
        limit: 100,
    }
}
