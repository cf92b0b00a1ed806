//! Customers, users, sessions, sign-in links and keys.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;

use crate::{database::Database, fixture::*};

const SOON: Timestamp = Timestamp(NOW.0 + 60_000);

pub(crate) async fn customers_are_known_by_address(db: Arc<Database>) {
    let cy = person("cy");
    let nameless = Customer { email: None, ..person("nameless") };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&cy).await.unwrap();
    tx.insert_customer(&nameless).await.unwrap();
    let same_address = Customer { email: cy.email.clone(), ..person("other") };
    assert!(is_conflict(&tx.insert_customer(&same_address).await));
    assert_eq!(tx.customer_by_email("cy@example.org").await.unwrap().as_ref(), Some(&cy));
    assert_eq!(tx.customer_by_email("").await.unwrap(), None);
    let stolen = Customer { email: cy.email.clone(), ..nameless.clone() };
    assert!(is_conflict(&tx.update_customer(&stolen).await));
    let named = Customer { name: "Nell".to_owned(), email: Some("n@example.org".to_owned()), ..nameless };
    tx.update_customer(&named).await.unwrap();
    tx.update_customer(&cy).await.unwrap();
    assert_eq!(tx.customer(&named.id).await.unwrap().as_ref(), Some(&named));
    assert!(is_not_found(&tx.update_customer(&person("x")).await));
    tx.commit().await.unwrap();
    let ids = BTreeSet::from([named.id.clone(), CustomerId::new("x")]);
    assert_eq!(db.store.customers_of(&ids).await.unwrap(), std::slice::from_ref(&named));
    assert!(db.store.customers_of(&BTreeSet::new()).await.unwrap().is_empty());
    assert_eq!(db.store.find_customer(&named.id).await.unwrap(), Some(named));
    assert_eq!(db.store.find_customer(&CustomerId::new("x")).await.unwrap(), None);
}

pub(crate) async fn users_sign_in_by_address(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&bo, Some("hash of bo")).await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    let same_address = User { id: UserId::new("x"), ..ada.clone() };
    assert!(is_conflict(&tx.insert_user(&same_address, None).await));
    tx.set_password_hash(&ada.id, "hash of ada").await.unwrap();
    assert!(is_not_found(&tx.set_password_hash(&UserId::new("x"), "hash").await));
    tx.commit().await.unwrap();
    for (user, hash) in [(&ada, "hash of ada"), (&bo, "hash of bo")] {
        let found = db.store.find_user_by_email(&user.email).await.unwrap();
        assert_eq!(found, Some((user.clone(), Some(hash.to_owned()))));
        assert_eq!(db.store.find_user(&user.id).await.unwrap().as_ref(), Some(user));
    }
    assert_eq!(db.store.find_user_by_email("nobody@example.org").await.unwrap(), None);
    assert_eq!(db.store.find_user(&UserId::new("x")).await.unwrap(), None);
    assert_eq!(db.store.list_users().await.unwrap(), [ada, bo]);
}

pub(crate) async fn people_are_changed_and_counted_by_role(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_user(&bo, None).await.unwrap();
    assert_eq!(tx.count_users().await.unwrap(), 2);
    assert_eq!(tx.count_active_users(&Role::Admin).await.unwrap(), 1);
    let gone = User {
        name: "Ada L.".to_owned(),
        role: Role::Admin,
        deactivated_at: Some(SOON),
        revision: 2,
        ..ada.clone()
    };
    tx.update_user(&gone).await.unwrap();
    assert!(is_not_found(&tx.update_user(&user("x", Role::Agent)).await));
    assert_eq!(tx.user(&ada.id).await.unwrap().as_ref(), Some(&gone));
    assert_eq!(tx.user(&UserId::new("x")).await.unwrap(), None);
    assert_eq!(tx.count_active_users(&Role::Admin).await.unwrap(), 1, "who is gone does not count");
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_users().await.unwrap(), [gone, bo]);
}

pub(crate) async fn sessions_end(db: Arc<Database>) {
    let ada = user("ada", Role::Agent);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    for (id, expires) in [("s1", SOON), ("s2", SOON), ("s3", NOW)] {
        tx.insert_session(&session(id, &ada.id, expires), &format!("token-{id}"), 9).await.unwrap();
    }
    let taken = tx.insert_session(&session("s4", &ada.id, SOON), "token-s1", 9).await;
    assert!(is_conflict(&taken));
    tx.commit().await.unwrap();
    let holder = |token: &'static str, now: Timestamp| {
        let db = db.clone();
        async move { db.store.find_session(token, now).await.unwrap() }
    };
    assert_eq!(holder("token-s1", NOW).await, Some((session("s1", &ada.id, SOON), ada.clone())));
    assert_eq!(holder("token-s1", SOON).await, None);
    assert_eq!(holder("token-s3", NOW).await, None);
    assert_eq!(holder("token-s9", NOW).await, None);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_session("token-s1").await.unwrap();
    tx.delete_session("token-s9").await.unwrap();
    assert_eq!(tx.delete_expired(NOW).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(holder("token-s1", NOW).await, None);
    assert!(holder("token-s2", NOW).await.is_some());
    let mut tx = db.store.begin().await.unwrap();
    tx.update_user(&User { deactivated_at: Some(NOW), ..ada }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(holder("token-s2", NOW).await, None, "who may not sign in has no session");
}

pub(crate) async fn sessions_are_listed_by_use_and_bounded(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_user(&bo, None).await.unwrap();
    tx.insert_session(&session("of-bo", &bo.id, SOON), "token-of-bo", 3).await.unwrap();
    for id in ["s1", "s2", "s3"] {
        tx.insert_session(&session(id, &ada.id, SOON), &format!("token-{id}"), 3).await.unwrap();
    }
    tx.mark_session_seen(&SessionId::new("s1"), Timestamp(NOW.0 + 5)).await.unwrap();
    tx.mark_session_seen(&SessionId::new("s1"), Timestamp(NOW.0 + 2)).await.unwrap();
    tx.mark_session_seen(&SessionId::new("gone"), SOON).await.unwrap();
    tx.insert_session(&session("s4", &ada.id, SOON), "token-s4", 3).await.unwrap();
    tx.commit().await.unwrap();
    let of = async |user: &User| {
        let all = db.store.list_sessions(&user.id, NOW).await.unwrap();
        all.iter().map(|session| session.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(&ada).await, ["s1", "s4", "s3"], "the least used has made room");
    let seen = db.store.list_sessions(&ada.id, NOW).await.unwrap()[0].last_seen_at;
    assert_eq!(seen, Timestamp(NOW.0 + 5), "time does not go back");
    let mut tx = db.store.begin().await.unwrap();
    let (own, other) = (SessionId::new("s3"), SessionId::new("of-bo"));
    assert!(!tx.delete_session_of(&ada.id, &other).await.unwrap(), "nobody ends another's");
    assert!(tx.delete_session_of(&ada.id, &own).await.unwrap());
    assert!(!tx.delete_session_of(&ada.id, &own).await.unwrap());
    assert_eq!(tx.delete_sessions_of(&ada.id, Some(&SessionId::new("s4"))).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(of(&ada).await, ["s4"]);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.delete_sessions_of(&ada.id, None).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(of(&ada).await, Vec::<String>::new());
    assert_eq!(of(&bo).await, ["of-bo"]);
}

pub(crate) async fn a_sign_in_link_works_once(db: Arc<Database>) {
    let ada = user("ada", Role::Agent);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_sign_in_link("good", &ada.id, None, SOON).await.unwrap();
    tx.insert_sign_in_link("old", &ada.id, None, NOW).await.unwrap();
    tx.insert_sign_in_link("older", &ada.id, None, NOW).await.unwrap();
    assert!(is_conflict(&tx.insert_sign_in_link("good", &ada.id, None, SOON).await));
    assert_eq!(tx.take_sign_in_link("good", None, NOW).await.unwrap(), Some(ada.clone()));
    assert_eq!(tx.take_sign_in_link("good", None, NOW).await.unwrap(), None);
    assert_eq!(tx.take_sign_in_link("old", None, NOW).await.unwrap(), None);
    assert_eq!(tx.take_sign_in_link("never", None, NOW).await.unwrap(), None);
    assert_eq!(tx.delete_expired(NOW).await.unwrap(), 1);
    tx.insert_sign_in_link("asked", &ada.id, Some("browser"), SOON).await.unwrap();
    for browser in [None, Some("another")] {
        assert_eq!(tx.take_sign_in_link("asked", browser, NOW).await.unwrap(), None, "{browser:?}");
    }
    assert_eq!(tx.take_sign_in_link("asked", Some("browser"), NOW).await.unwrap(), Some(ada.clone()));
    assert_eq!(tx.take_sign_in_link("asked", Some("browser"), NOW).await.unwrap(), None);
    tx.insert_sign_in_link("first", &ada.id, None, SOON).await.unwrap();
    tx.insert_sign_in_link("second", &ada.id, None, SOON).await.unwrap();
    assert_eq!(tx.delete_sign_in_links_of(&ada.id).await.unwrap(), 2);
    assert_eq!(tx.take_sign_in_link("first", None, NOW).await.unwrap(), None);
    tx.insert_sign_in_link("late", &ada.id, None, SOON).await.unwrap();
    tx.update_user(&User { deactivated_at: Some(NOW), ..ada }).await.unwrap();
    assert_eq!(tx.take_sign_in_link("late", None, NOW).await.unwrap(), None, "not for who may not sign in");
    assert!(is_not_found(&tx.insert_sign_in_link("nobody", &UserId::new("x"), None, SOON).await));
}

pub(crate) async fn an_invite_is_one_and_works_once(db: Arc<Database>) {
    let (ada, bo) = (user("ada", Role::Agent), user("bo", Role::Admin));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&ada, None).await.unwrap();
    tx.insert_user(&bo, None).await.unwrap();
    tx.set_invite(&ada.id, "first", SOON).await.unwrap();
    tx.set_invite(&ada.id, "second", SOON).await.unwrap();
    tx.set_invite(&bo.id, "of-bo", NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_invite("first", NOW).await.unwrap(), None, "the second took its place");
    assert_eq!(db.store.find_invite("second", NOW).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(db.store.find_invite("second", SOON).await.unwrap(), None);
    assert_eq!(db.store.find_invite("of-bo", NOW).await.unwrap(), None);
    assert_eq!(db.store.find_invite_expiry(&ada.id).await.unwrap(), Some(SOON));
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.take_invite("first", NOW).await.unwrap(), None);
    assert_eq!(tx.take_invite("second", NOW).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(tx.take_invite("second", NOW).await.unwrap(), None);
    assert_eq!(tx.delete_expired(NOW).await.unwrap(), 1);
    tx.set_invite(&ada.id, "third", SOON).await.unwrap();
    tx.delete_invite_of(&ada.id).await.unwrap();
    assert_eq!(tx.take_invite("third", NOW).await.unwrap(), None);
    tx.set_invite(&ada.id, "fourth", SOON).await.unwrap();
    tx.update_user(&User { deactivated_at: Some(NOW), ..ada }).await.unwrap();
    assert_eq!(tx.take_invite("fourth", NOW).await.unwrap(), None, "not for who may not sign in");
    assert!(is_not_found(&tx.set_invite(&UserId::new("x"), "x", SOON).await));
}

pub(crate) async fn attempts_are_counted_one_after_the_other(db: Arc<Database>) {
    let limit = AttemptLimit { n_free: 5, first_wait_ms: 9, wait_ms_max: 9, forget_ms: 90 };
    let one = async || {
        let mut tx = db.store.begin().await.unwrap();
        let before = tx.attempts("ada").await.unwrap();
        let Ok(after) = limit.admit(before, NOW) else { return 0 };
        tx.set_attempts("ada", &after).await.unwrap();
        tx.commit().await.unwrap();
        1
    };
    let at_once = futures_util::future::join_all((0..20).map(|_| one())).await;
    assert_eq!(at_once.iter().sum::<i32>(), 5);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.attempts("ada").await.unwrap().map(|attempts| attempts.n), Some(5));
    assert_eq!(tx.attempts("bo").await.unwrap(), None);
    let old = Attempts { n: 1, last_at: Timestamp(NOW.0 - 1), locked_until: NOW };
    tx.set_attempts("bo", &old).await.unwrap();
    assert_eq!(tx.attempts("bo").await.unwrap(), Some(old));
    assert_eq!(tx.delete_attempts_before(NOW).await.unwrap(), 1);
    tx.delete_attempts("ada").await.unwrap();
    tx.delete_attempts("ada").await.unwrap();
    assert_eq!(tx.attempts("ada").await.unwrap(), None);
}

pub(crate) async fn keys_die_when_revoked_or_expired(db: Arc<Database>) {
    let key = |id: &str, expires_at: Option<Timestamp>| ApiKey {
        id: ApiKeyId::new(id),
        name: format!("Key {id}"),
        scopes: BTreeSet::from([Scope::KbRead, Scope::TicketsWrite]),
        teams: expires_at.map(|_| BTreeSet::from(["billing".to_owned()])),
        created_at: NOW,
        expires_at,
        revoked_at: None,
        last_used_at: None,
        old_secret_ends_at: None,
        revision: 1,
    };
    let (forever, short) = (key("k1", None), key("k2", Some(SOON)));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_api_key(&forever, "secret-1").await.unwrap();
    tx.insert_api_key(&short, "secret-2").await.unwrap();
    assert!(is_conflict(&tx.insert_api_key(&key("k3", None), "secret-1").await));
    tx.commit().await.unwrap();
    let find = |secret: &'static str, now: Timestamp| {
        let db = db.clone();
        async move { db.store.find_api_key(secret, now).await.unwrap() }
    };
    assert_eq!(find("secret-1", SOON).await.as_ref(), Some(&forever));
    assert_eq!(find("secret-2", NOW).await.as_ref(), Some(&short));
    assert_eq!(find("secret-2", SOON).await, None);
    assert_eq!(find("secret-3", NOW).await, None);
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.revoke_api_key(&forever.id, SOON).await.unwrap());
    assert!(!tx.revoke_api_key(&forever.id, SOON).await.unwrap());
    assert!(!tx.revoke_api_key(&ApiKeyId::new("x"), SOON).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(find("secret-1", SOON).await, None);
    let revoked = ApiKey { revoked_at: Some(SOON), ..forever };
    assert_eq!(db.store.list_api_keys().await.unwrap(), [short, revoked]);
}

pub(crate) async fn a_rotated_key_is_found_by_both_secrets(db: Arc<Database>) {
    let key = ApiKey {
        id: ApiKeyId::new("k"),
        name: "Key".to_owned(),
        scopes: BTreeSet::from([Scope::KbRead]),
        teams: None,
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        old_secret_ends_at: None,
        revision: 1,
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_api_key(&key, "first").await.unwrap();
    assert_eq!(tx.count_api_keys().await.unwrap(), 1);
    tx.rotate_api_key(&key.id, "second", SOON).await.unwrap();
    assert!(is_not_found(&tx.rotate_api_key(&ApiKeyId::new("x"), "x", SOON).await));
    tx.commit().await.unwrap();
    let rotated = ApiKey { old_secret_ends_at: Some(SOON), ..key };
    let found = async |secret: &str, now: Timestamp| db.store.find_api_key(secret, now).await.unwrap();
    assert_eq!(found("first", NOW).await.as_ref(), Some(&rotated));
    assert_eq!(found("first", SOON).await, None);
    assert_eq!(found("second", SOON).await.as_ref(), Some(&rotated));
    let changed = ApiKey {
        name: "Other".to_owned(),
        scopes: BTreeSet::from([Scope::KbWrite]),
        expires_at: Some(SOON),
        revision: 2,
        ..rotated
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.update_api_key(&changed).await.unwrap();
    assert!(is_not_found(&tx.update_api_key(&ApiKey { id: ApiKeyId::new("x"), ..changed.clone() }).await));
    tx.mark_api_key_used(&changed.id, SOON).await.unwrap();
    tx.mark_api_key_used(&changed.id, NOW).await.unwrap();
    assert_eq!(tx.api_key(&ApiKeyId::new("x")).await.unwrap(), None);
    let used = ApiKey { last_used_at: Some(SOON), ..changed };
    assert_eq!(tx.api_key(&used.id).await.unwrap().as_ref(), Some(&used));
    assert!(tx.revoke_api_key(&used.id, SOON).await.unwrap());
    assert_eq!(tx.count_api_keys().await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(found("first", NOW).await, None, "revoked with both");
    let revoked = ApiKey { revoked_at: Some(SOON), ..used };
    assert_eq!(db.store.find_api_key_by_id(&revoked.id).await.unwrap(), Some(revoked));
    assert_eq!(db.store.find_api_key_by_id(&ApiKeyId::new("x")).await.unwrap(), None);
}
