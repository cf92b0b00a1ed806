//! Second factors, sign-ins that wait for one, and who signs in at a provider.

use std::sync::Arc;

use domain::*;
use store::SecondFactor;

use crate::{database::Database, fixture::*};

const SOON: Timestamp = Timestamp(NOW.0 + 60_000);

pub(crate) async fn a_code_is_accepted_once_and_so_is_a_recovery_code(db: Arc<Database>) {
    let ada = user("ada", Role::Agent);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    assert_eq!(tx.second_factor(&ada.id).await.unwrap(), None);
    assert!(is_not_found(&tx.confirm_second_factor(&ada.id, NOW).await));
    tx.begin_second_factor(&ada.id, "first", NOW).await.unwrap();
    assert!(tx.use_step(&ada.id, 7).await.unwrap());
    tx.begin_second_factor(&ada.id, "second", NOW).await.unwrap();
    let begun = SecondFactor { sealed_secret: "second".to_owned(), last_step: 0, confirmed_at: None };
    assert_eq!(tx.second_factor(&ada.id).await.unwrap(), Some(begun));
    assert!(!tx.user(&ada.id).await.unwrap().unwrap().has_second_factor, "not before it is confirmed");
    for (step, is_new) in [(7, true), (7, false), (6, false), (8, true)] {
        assert_eq!(tx.use_step(&ada.id, step).await.unwrap(), is_new, "{step}");
    }
    tx.confirm_second_factor(&ada.id, NOW).await.unwrap();
    tx.set_recovery_codes(&ada.id, &["old".to_owned()]).await.unwrap();
    tx.set_recovery_codes(&ada.id, &["a".to_owned(), "b".to_owned()]).await.unwrap();
    for (code, is_good) in [("a", true), ("a", false), ("old", false), ("c", false)] {
        assert_eq!(tx.use_recovery_code(&ada.id, code, NOW).await.unwrap(), is_good, "{code}");
    }
    tx.commit().await.unwrap();
    assert_eq!(db.store.count_recovery_codes(&ada.id).await.unwrap(), 1);
    assert!(db.store.find_user(&ada.id).await.unwrap().unwrap().has_second_factor);
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.delete_second_factor(&ada.id).await.unwrap());
    assert!(!tx.delete_second_factor(&ada.id).await.unwrap());
    assert!(!tx.use_recovery_code(&ada.id, "b", NOW).await.unwrap());
    assert!(is_not_found(&tx.begin_second_factor(&UserId::new("x"), "x", NOW).await));
}

pub(crate) async fn a_sign_in_waits_for_its_second_step(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_user(&bo, None).await.unwrap();
    tx.insert_second_step("waits", &ada.id, SOON).await.unwrap();
    tx.insert_second_step("other", &ada.id, SOON).await.unwrap();
    tx.insert_second_step("late", &bo.id, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let found = async |token: &str, now: Timestamp| db.store.find_second_step(token, now).await.unwrap();
    assert_eq!(found("waits", NOW).await.as_ref(), Some(&ada));
    assert_eq!(found("waits", SOON).await, None);
    assert_eq!(found("late", NOW).await, None);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.take_second_step("waits", NOW).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(tx.take_second_step("waits", NOW).await.unwrap(), None);
    assert_eq!(tx.take_second_step("late", NOW).await.unwrap(), None);
    assert_eq!(tx.delete_expired(NOW).await.unwrap(), 1);
    assert_eq!(tx.delete_second_steps_of(&ada.id).await.unwrap(), 1);
    tx.insert_second_step("gone", &ada.id, SOON).await.unwrap();
    tx.update_user(&User { deactivated_at: Some(NOW), ..ada.clone() }).await.unwrap();
    assert_eq!(tx.take_second_step("gone", NOW).await.unwrap(), None, "not for who may not sign in");
    assert!(is_not_found(&tx.insert_second_step("x", &UserId::new("x"), SOON).await));
}

pub(crate) async fn a_subject_means_one_person(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_user(&bo, None).await.unwrap();
    tx.insert_identity("id", "s-1", &ada.id, NOW).await.unwrap();
    assert!(is_conflict(&tx.insert_identity("id", "s-1", &bo.id, NOW).await), "the subject means Ada");
    assert!(is_conflict(&tx.insert_identity("id", "s-2", &ada.id, NOW).await), "Ada is another subject");
    tx.insert_identity("other", "s-1", &bo.id, NOW).await.unwrap();
    assert_eq!(tx.user_of_identity("id", "s-1").await.unwrap().as_ref(), Some(&ada));
    assert_eq!(tx.user_of_identity("other", "s-1").await.unwrap().as_ref(), Some(&bo));
    assert_eq!(tx.user_of_identity("id", "s-2").await.unwrap(), None);
    assert_eq!(tx.user_by_email(&ada.email).await.unwrap(), Some(ada));
    assert_eq!(tx.user_by_email("nobody@example.org").await.unwrap(), None);
    assert!(is_not_found(&tx.insert_identity("id", "s-3", &UserId::new("x"), NOW).await));
}
