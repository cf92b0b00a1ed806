//! Jobs: at least once, never for ever.

use std::sync::Arc;

use domain::{JobId, Timestamp};
use store::{JOB_ATTEMPTS_MAX, Job, JobFate, NewJob, Store};

use crate::{
    database::Database,
    fixture::{NOW, start_conversation},
};

const LEASE_S: u32 = 60;

async fn enqueue(store: &Store, id: &str, dedupe_key: Option<&str>, run_at: Timestamp) -> bool {
    let mut tx = store.begin().await.unwrap();
    let id = JobId::new(id);
    let job = NewJob { id: &id, kind: "mail", payload_json: "{\"to\":\"cy\"}", dedupe_key, run_at };
    let added = tx.enqueue(&job, NOW).await.unwrap();
    tx.commit().await.unwrap();
    added
}

async fn claim(store: &Store, now: Timestamp) -> Option<Job> {
    let mut tx = store.begin().await.unwrap();
    let job = tx.claim_job(now, LEASE_S).await.unwrap();
    tx.commit().await.unwrap();
    job
}

async fn complete(store: &Store, job: &Job) -> bool {
    let mut tx = store.begin().await.unwrap();
    let held = tx.complete_job(job).await.unwrap();
    tx.commit().await.unwrap();
    held
}

async fn retry(store: &Store, job: &Job, run_at: Timestamp) -> JobFate {
    let mut tx = store.begin().await.unwrap();
    let fate = tx.retry_job(job, "no answer", run_at).await.unwrap();
    tx.commit().await.unwrap();
    fate
}

pub(crate) async fn a_job_runs_once_when_it_completes(db: Arc<Database>) {
    enqueue(&db.store, "later", None, NOW.plus_seconds(10)).await;
    enqueue(&db.store, "now", None, NOW).await;
    let job = claim(&db.store, NOW).await.unwrap();
    assert_eq!((job.id.as_str(), job.kind.as_str(), job.n_attempts), ("now", "mail", 1));
    assert_eq!((job.payload_json.as_str(), job.last_error.as_deref()), ("{\"to\":\"cy\"}", None));
    assert_eq!(claim(&db.store, NOW).await, None);
    assert!(complete(&db.store, &job).await);
    assert!(!complete(&db.store, &job).await);
    assert_eq!(claim(&db.store, NOW.plus_seconds(10)).await.unwrap().id.as_str(), "later");

    // A job of a change that did not happen does not happen either.
    let mut tx = db.store.begin().await.unwrap();
    let id = JobId::new("never");
    let job = NewJob { id: &id, kind: "mail", payload_json: "{}", dedupe_key: None, run_at: NOW };
    tx.enqueue(&job, NOW).await.unwrap();
    drop(tx);
    start_conversation(&db.store, &crate::fixture::conversation("c")).await;
    assert_eq!(claim(&db.store, NOW).await, None);
}

pub(crate) async fn a_lost_lease_gives_the_job_to_another(db: Arc<Database>) {
    enqueue(&db.store, "j", None, NOW).await;
    let first = claim(&db.store, NOW).await.unwrap();
    assert_eq!(claim(&db.store, NOW.plus_seconds(LEASE_S - 1)).await, None);
    let second = claim(&db.store, NOW.plus_seconds(LEASE_S)).await.unwrap();
    assert_eq!((second.id.as_str(), second.n_attempts), ("j", 2));
    assert!(!complete(&db.store, &first).await);
    assert_eq!(retry(&db.store, &first, NOW).await, JobFate::Lost);
    assert!(complete(&db.store, &second).await);
}

pub(crate) async fn a_job_that_always_fails_is_set_aside(db: Arc<Database>) {
    enqueue(&db.store, "answers", None, NOW).await;
    let mut now = NOW;
    for n_attempts in 1..=JOB_ATTEMPTS_MAX {
        let job = claim(&db.store, now).await.unwrap();
        assert_eq!(job.n_attempts, n_attempts);
        assert_eq!(job.last_error.is_some(), n_attempts > 1);
        now = now.plus_seconds(1);
        let fate = if n_attempts == JOB_ATTEMPTS_MAX { JobFate::Dead } else { JobFate::Waiting };
        assert_eq!(retry(&db.store, &job, now).await, fate);
    }
    assert_eq!(claim(&db.store, now).await, None);
    // One whose worker dies each time never reports a failure.
    enqueue(&db.store, "kills", None, now).await;
    for _ in 0..JOB_ATTEMPTS_MAX {
        assert_eq!(claim(&db.store, now).await.unwrap().id.as_str(), "kills");
        now = now.plus_seconds(LEASE_S);
    }
    assert_eq!(claim(&db.store, now).await, None);
    let dead = db.store.list_dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["answers", "kills"]);
    assert_eq!(dead[0].last_error.as_deref(), Some("no answer"));
    assert_eq!(db.store.list_dead_jobs(1).await.unwrap().len(), 1);
}

pub(crate) async fn a_key_keeps_one_job_waiting(db: Arc<Database>) {
    assert!(enqueue(&db.store, "j1", Some("sweep"), NOW).await);
    assert!(!enqueue(&db.store, "j2", Some("sweep"), NOW).await);
    let job = claim(&db.store, NOW).await.unwrap();
    assert!(!enqueue(&db.store, "j3", Some("sweep"), NOW).await);
    complete(&db.store, &job).await;
    assert!(enqueue(&db.store, "j4", Some("sweep"), NOW).await);
}
