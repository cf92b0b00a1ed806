//! Webhooks: what is queued for them, who sends it, and what became of it.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;
use store::{DeliveryFilter, NewDelivery, Store, WebhookSecret};

use crate::{database::Database, fixture::*};

const LEASE_S: u32 = 60;

fn webhook(id: &str) -> Webhook {
    Webhook {
        id: WebhookId::new(id),
        url: format!("https://example.org/{id}"),
        description: "What it is for".to_owned(),
        kinds: BTreeSet::from(["ticket_opened".to_owned()]),
        state: WebhookState::Enabled,
        since_seq: 3,
        failing_since: None,
        paused_until: None,
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    }
}

async fn insert(store: &Store, ids: &[&str]) {
    let mut tx = store.begin().await.unwrap();
    for id in ids {
        tx.insert_webhook(&webhook(id)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Queues a message whose id is its webhook, its subject and its event.
async fn queue(store: &Store, to: &str, subject: &str, event_seq: i64) -> bool {
    let mut tx = store.begin().await.unwrap();
    let new = NewDelivery {
        id: &DeliveryId::new(format!("{to}-{subject}-{event_seq}")),
        webhook_id: &WebhookId::new(to),
        event_seq: Some(event_seq),
        kind: "ticket_opened",
        subject,
        body: "{\"type\":\"ticket_opened\"}",
    };
    let added = tx.insert_delivery(&new, NOW).await.unwrap();
    tx.commit().await.unwrap();
    added
}

async fn claim(store: &Store, to: &str, now: Timestamp) -> Vec<Delivery> {
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim_deliveries(&WebhookId::new(to), now, LEASE_S, 10).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.id.as_str()).collect()
}

fn attempt(status: u16) -> Attempt {
    let error = (status >= 300).then(|| format!("status {status}"));
    Attempt { at: NOW, status: Some(status), error, said: Some("hm".to_owned()) }
}

async fn finish(store: &Store, claimed: &Delivery, status: u16, after: AfterAttempt) -> bool {
    let mut tx = store.begin().await.unwrap();
    let held = tx.finish_delivery(claimed, &attempt(status), after).await.unwrap();
    tx.commit().await.unwrap();
    held
}

async fn log(store: &Store, of: &str, state: Option<DeliveryState>) -> Vec<Delivery> {
    let filter = DeliveryFilter { state, after: None, limit: 100 };
    store.list_deliveries(&WebhookId::new(of), &filter).await.unwrap()
}

pub(crate) async fn webhooks_are_stored_as_they_are(db: Arc<Database>) {
    assert!(!db.store.has_enabled_webhooks().await.unwrap());
    insert(&db.store, &["w2", "w1"]).await;
    let disabled = Webhook {
        state: WebhookState::Disabled { why: WhyDisabled::Gone, at: NOW },
        failing_since: Some(NOW),
        paused_until: Some(NOW.plus_seconds(1)),
        kinds: BTreeSet::new(),
        revision: 2,
        url: "http://example.org/other".to_owned(),
        ..webhook("w1")
    };
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.insert_webhook(&webhook("w1")).await));
    tx.update_webhook(&disabled).await.unwrap();
    assert!(is_not_found(&tx.update_webhook(&webhook("w3")).await));
    assert_eq!(tx.count_webhooks().await.unwrap(), 2);
    assert_eq!(tx.webhook(&disabled.id).await.unwrap().as_ref(), Some(&disabled));
    assert_eq!(tx.enabled_webhooks().await.unwrap(), [webhook("w2")]);
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_webhooks().await.unwrap(), [disabled.clone(), webhook("w2")]);
    assert_eq!(db.store.find_webhook(&disabled.id).await.unwrap(), Some(disabled));
    assert_eq!(db.store.find_webhook(&WebhookId::new("w3")).await.unwrap(), None);
    assert!(db.store.has_enabled_webhooks().await.unwrap());
    queue(&db.store, "w2", "t", 1).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_webhook(&WebhookId::new("w2")).await.unwrap();
    assert!(is_not_found(&tx.delete_webhook(&WebhookId::new("w2")).await));
    tx.commit().await.unwrap();
    assert!(log(&db.store, "w2", None).await.is_empty());
    assert!(!db.store.has_enabled_webhooks().await.unwrap());
}

pub(crate) async fn secrets_end_and_are_few(db: Arc<Database>) {
    insert(&db.store, &["w", "other"]).await;
    let secret = |id: &str, of: &str| WebhookSecret {
        id: id.to_owned(),
        webhook_id: WebhookId::new(of),
        sealed: format!("v1.{}.{id}", if of == "w" { "a".repeat(16) } else { "b".repeat(16) }),
        created_at: NOW,
        expires_at: None,
    };
    assert!(db.store.count_sealed().await.unwrap().is_empty());
    let w = WebhookId::new("w");
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_webhook_secret(&secret("o", "other")).await.unwrap();
    for (n, id) in ["s1", "s2", "s3"].into_iter().enumerate() {
        let end = NOW.plus_seconds(u32::try_from(n).unwrap() * 10);
        tx.retire_webhook_secrets(&w, end, 2).await.unwrap();
        tx.insert_webhook_secret(&secret(id, "w")).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_webhook_secret(&secret("s3", "w")).await));
    assert!(is_not_found(&tx.insert_webhook_secret(&secret("s4", "nobody")).await));
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_webhook_secret(&secret("o", "other")).await.unwrap();
    for (n, id) in ["s1", "s2", "s3", "s4"].into_iter().enumerate() {
        let end = NOW.plus_seconds(u32::try_from(n).unwrap() * 10);
        tx.retire_webhook_secrets(&w, end, 2).await.unwrap();
        tx.insert_webhook_secret(&secret(id, "w")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let used = async |now: Timestamp| {
        let secrets = db.store.webhook_secrets(&w, now).await.unwrap();
        secrets.into_iter().map(|secret| (secret.id, secret.expires_at)).collect::<Vec<_>>()
    };
    let ends = |seconds| Some(NOW.plus_seconds(seconds));
    let all = [("s4".to_owned(), None), ("s3".to_owned(), ends(30)), ("s2".to_owned(), ends(20))];
    assert_eq!(used(NOW).await, all);
    assert_eq!(used(NOW.plus_seconds(20)).await, all[..2]);
    let counts = db.store.count_sealed().await.unwrap();
    // Those that were replaced are not counted.
    let heads = ["a", "b"].map(|key| (("v1.".to_owned() + &key.repeat(16), "webhooks"), 1));
    assert_eq!(Vec::from_iter(counts), heads);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.delete_expired_webhook_secrets(NOW.plus_seconds(20)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(used(NOW).await, all[..2]);
}

pub(crate) async fn an_event_is_queued_once_for_a_webhook_and_in_order(db: Arc<Database>) {
    insert(&db.store, &["w", "v"]).await;
    for (to, subject, seq) in [("w", "t", 1), ("w", "t", 2), ("w", "u", 3), ("w", "t", 4), ("v", "t", 2)] {
        assert!(queue(&db.store, to, subject, seq).await);
    }
    assert!(!queue(&db.store, "w", "t", 2).await, "once");
    assert_eq!(log(&db.store, "w", None).await.len(), 4);
    let due = db.store.list_due_webhooks(NOW).await.unwrap();
    assert_eq!(due, [WebhookId::new("v"), WebhookId::new("w")]);
    // One of each subject at a time.
    let claimed = claim(&db.store, "w", NOW).await;
    assert_eq!(ids(&claimed), ["w-t-1", "w-u-3"]);
    assert_eq!((claimed[0].n_attempts, claimed[0].state), (1, DeliveryState::Waiting));
    assert_eq!(claim(&db.store, "w", NOW).await, []);
    assert_eq!(db.store.list_due_webhooks(NOW).await.unwrap(), [WebhookId::new("v")]);
    // What fails is in the way of what comes after it.
    let later = NOW.plus_seconds(300);
    assert!(finish(&db.store, &claimed[0], 500, AfterAttempt::Again(later)).await);
    assert_eq!(claim(&db.store, "w", NOW.plus_seconds(LEASE_S - 1)).await, []);
    assert!(!finish(&db.store, &claimed[0], 200, AfterAttempt::Done).await, "the claim has ended");
    let again = claim(&db.store, "w", later).await;
    assert_eq!(ids(&again), ["w-u-3", "w-t-1"], "the lease of the other had ended");
    let again = &again[1];
    assert_eq!((again.n_attempts, again.n_failures, again.last_status), (2, 1, Some(500)));
    assert_eq!((again.last_error.as_deref(), again.last_said.as_deref()), (Some("status 500"), Some("hm")));
    assert!(finish(&db.store, again, 200, AfterAttempt::Done).await);
    assert!(!finish(&db.store, again, 200, AfterAttempt::Done).await, "it is finished");
    let next = claim(&db.store, "w", later).await;
    assert_eq!(ids(&next), ["w-t-2"]);
    assert!(finish(&db.store, &next[0], 200, AfterAttempt::Done).await);
    assert_eq!(ids(&claim(&db.store, "w", later).await), ["w-t-4"]);
    assert!(queue(&db.store, "w", "t", 5).await);
    assert_eq!(ids(&log(&db.store, "w", Some(DeliveryState::Queued)).await), ["w-t-5"]);
}

pub(crate) async fn a_message_that_is_given_up_lets_the_next_one_go(db: Arc<Database>) {
    insert(&db.store, &["w"]).await;
    queue(&db.store, "w", "t", 1).await;
    queue(&db.store, "w", "t", 2).await;
    let first = claim(&db.store, "w", NOW).await.remove(0);
    assert!(finish(&db.store, &first, 410, AfterAttempt::GivenUp).await);
    assert_eq!(ids(&log(&db.store, "w", Some(DeliveryState::Failed)).await), ["w-t-1"]);
    assert_eq!(ids(&claim(&db.store, "w", NOW).await), ["w-t-2"]);
}

pub(crate) async fn two_processes_never_send_the_same_message(db: Arc<Database>) {
    insert(&db.store, &["w"]).await;
    for seq in 1..=40 {
        queue(&db.store, "w", &format!("t{seq}"), seq).await;
    }
    let other = Store::open(&db.url).await.unwrap();
    let claiming = (0..8).map(|i| {
        let store = if i % 2 == 0 { db.store.clone() } else { other.clone() };
        tokio::spawn(async move { claim(&store, "w", NOW).await })
    });
    let mut claimed = vec![];
    for task in claiming.collect::<Vec<_>>() {
        claimed.extend(task.await.unwrap());
    }
    let different: BTreeSet<&str> = ids(&claimed).into_iter().collect();
    assert_eq!((claimed.len(), different.len()), (40, 40));
    // Whose lease has ended does not speak for who has it now.
    let after = NOW.plus_seconds(LEASE_S);
    let again = claim(&other, "w", after).await;
    let former = claimed.iter().find(|one| one.id == again[0].id).unwrap();
    assert!(!finish(&db.store, former, 200, AfterAttempt::Done).await);
    assert!(finish(&other, &again[0], 500, AfterAttempt::Again(after)).await);
}

pub(crate) async fn a_disabled_webhook_has_nothing_due(db: Arc<Database>) {
    insert(&db.store, &["w", "paused"]).await;
    for to in ["w", "paused"] {
        queue(&db.store, to, "t", 1).await;
        queue(&db.store, to, "t", 2).await;
    }
    let on_its_way = claim(&db.store, "w", NOW).await.remove(0);
    let mut tx = db.store.begin().await.unwrap();
    let until = NOW.plus_seconds(10);
    tx.update_webhook(&Webhook { paused_until: Some(until), ..webhook("paused") }).await.unwrap();
    tx.update_webhook(&webhook("w").disabled(WhyDisabled::ByAdmin, NOW)).await.unwrap();
    assert!(tx.has_more_unfinished_deliveries(&WebhookId::new("w"), 1).await.unwrap());
    assert!(!tx.has_more_unfinished_deliveries(&WebhookId::new("w"), 2).await.unwrap());
    assert_eq!(tx.give_up_deliveries(&WebhookId::new("w"), "disabled", NOW).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert!(!finish(&db.store, &on_its_way, 200, AfterAttempt::Done).await);
    let failed = log(&db.store, "w", Some(DeliveryState::Failed)).await;
    assert_eq!((failed.len(), failed[0].last_error.as_deref()), (2, Some("disabled")));
    assert_eq!(db.store.list_due_webhooks(NOW).await.unwrap(), []);
    assert_eq!(db.store.list_due_webhooks(until).await.unwrap(), [WebhookId::new("paused")]);
}

pub(crate) async fn a_finished_message_is_sent_again_beside_the_order(db: Arc<Database>) {
    insert(&db.store, &["w"]).await;
    for seq in 1..=3 {
        queue(&db.store, "w", "t", seq).await;
    }
    let replay = async |id: &str, now: Timestamp| {
        let mut tx = db.store.begin().await.unwrap();
        let id = DeliveryId::new(id);
        let done = tx.replay_delivery(&id, now).await.unwrap();
        let delivery = tx.delivery(&WebhookId::new("w"), &id).await.unwrap();
        tx.commit().await.unwrap();
        (done, delivery.map(|delivery| (delivery.state, delivery.next_at, delivery.n_failures)))
    };
    let first = claim(&db.store, "w", NOW).await.remove(0);
    assert!(!replay("w-t-1", NOW).await.0, "it is being sent");
    assert!(!replay("w-t-3", NOW).await.0, "it is queued");
    assert_eq!(replay("nothing", NOW).await, (false, None));
    finish(&db.store, &first, 500, AfterAttempt::GivenUp).await;
    let second = claim(&db.store, "w", NOW).await.remove(0);
    let later = NOW.plus_seconds(1_000);
    finish(&db.store, &second, 500, AfterAttempt::Again(later)).await;
    assert_eq!(replay("w-t-2", NOW).await, (true, Some((DeliveryState::Waiting, NOW, 1))), "sooner");
    assert_eq!(replay("w-t-1", NOW).await, (true, Some((DeliveryState::Waiting, NOW, 0))), "anew");
    let both = claim(&db.store, "w", NOW).await;
    assert_eq!(ids(&both), ["w-t-1", "w-t-2"], "neither waits for the other");
    assert!(finish(&db.store, &both[0], 200, AfterAttempt::Done).await);
    assert_eq!(ids(&claim(&db.store, "w", NOW).await), [""; 0], "the third waits for the second");
    assert!(finish(&db.store, &both[1], 200, AfterAttempt::Done).await);
    assert_eq!(ids(&claim(&db.store, "w", NOW).await), ["w-t-3"]);
}

pub(crate) async fn the_log_comes_in_pages_and_is_forgotten(db: Arc<Database>) {
    insert(&db.store, &["w", "v"]).await;
    for seq in 1..=5 {
        queue(&db.store, "w", &format!("t{seq}"), seq).await;
    }
    queue(&db.store, "v", "t", 1).await;
    for claimed in claim(&db.store, "w", NOW).await.iter().take(3) {
        finish(&db.store, claimed, 200, AfterAttempt::Done).await;
    }
    let page = async |after: Option<&str>, state| {
        let filter = DeliveryFilter { state, after: after.map(DeliveryId::new), limit: 2 };
        let page = db.store.list_deliveries(&WebhookId::new("w"), &filter).await.unwrap();
        ids(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None).await, ["w-t5-5", "w-t4-4"]);
    assert_eq!(page(Some("w-t4-4"), None).await, ["w-t3-3", "w-t2-2"]);
    assert_eq!(page(Some("w-t3-3"), Some(DeliveryState::Delivered)).await, ["w-t2-2", "w-t1-1"]);
    assert_eq!(page(None, Some(DeliveryState::Waiting)).await, ["w-t5-5", "w-t4-4"]);
    assert!(page(Some("w-t1-1"), None).await.is_empty());
    let mut tx = db.store.begin().await.unwrap();
    let other = tx.delivery(&WebhookId::new("v"), &DeliveryId::new("w-t1-1")).await.unwrap();
    assert_eq!(other, None, "a message of another webhook");
    assert_eq!(tx.delete_deliveries_before(NOW, 10).await.unwrap(), 0);
    let after = Timestamp(NOW.0 + 1);
    assert_eq!(tx.delete_deliveries_before(after, 2).await.unwrap(), 2);
    assert_eq!(tx.delete_deliveries_before(after, 2).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(log(&db.store, "w", None).await.len(), 2, "what is not finished is kept");
}

pub(crate) async fn events_wait_for_their_messages(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for id in ["one", "two", "three"] {
        tx.emit(&Event::TicketOpened { ticket_id: TicketId::new(id) }, NOW).await.unwrap();
    }
    assert_eq!(tx.last_event_seq().await.unwrap(), 3);
    assert_eq!(tx.webhook_cursor().await.unwrap(), 0);
    tx.set_webhook_cursor(2).await.unwrap();
    let seqs: Vec<i64> = tx.events_after(1, 10).await.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [2, 3]);
    assert_eq!(tx.delete_events_before(Timestamp(NOW.0 + 1)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(db.store.webhook_cursor().await.unwrap(), 2);
    assert_eq!(db.store.oldest_event_seq().await.unwrap(), Some(3));
}
