//! Roles that the site has made.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;

use crate::{database::Database, fixture::*};

pub(crate) async fn roles_are_kept_while_somebody_has_them(db: Arc<Database>) {
    let role = |key: &str| CustomRole {
        key: key.to_owned(),
        name: format!("Name of {key}"),
        scopes: BTreeSet::from([Scope::KbRead, Scope::AdminUsers]),
        revision: 1,
        created_at: NOW,
    };
    let (lead, other) = (role("lead"), role("other"));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_role(&other).await.unwrap();
    tx.insert_role(&lead).await.unwrap();
    assert!(is_conflict(&tx.insert_role(&role("lead")).await));
    let changed = CustomRole {
        name: "Lead".to_owned(),
        scopes: BTreeSet::from([Scope::TicketsRead]),
        revision: 2,
        ..lead
    };
    tx.update_role(&changed).await.unwrap();
    assert!(is_not_found(&tx.update_role(&role("x")).await));
    assert_eq!(tx.role("lead").await.unwrap().as_ref(), Some(&changed));
    tx.insert_user(&user("ada", Role::Custom("lead".to_owned())), None).await.unwrap();
    assert!(is_conflict(&tx.delete_role("lead").await));
    assert_eq!(tx.count_active_users(&Role::Custom("lead".to_owned())).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_roles().await.unwrap(), [changed.clone(), other]);
    assert_eq!(db.store.find_role("lead").await.unwrap(), Some(changed));
    assert_eq!(db.store.find_role("x").await.unwrap(), None);
    let found = db.store.find_user(&UserId::new("ada")).await.unwrap().unwrap();
    assert_eq!(found.role, Role::Custom("lead".to_owned()));
    let mut tx = db.store.begin().await.unwrap();
    tx.update_user(&User { role: Role::Agent, ..found }).await.unwrap();
    tx.delete_role("lead").await.unwrap();
    assert!(is_not_found(&tx.delete_role("lead").await));
    assert_eq!(tx.role("lead").await.unwrap(), None);
}
