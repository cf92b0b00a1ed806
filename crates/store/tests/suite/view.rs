//! Saved lists of tickets.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;

use crate::{database::Database, fixture::*};

fn view(id: &str, sharing: Sharing, position: i64) -> View {
    View {
        id: ViewId::new(id),
        name: format!("View {id}"),
        filter: "status:new,open (team:mine or assignee:me) -tag:\"it's\"".parse().unwrap(),
        sort: TicketSort::parse("-updated").unwrap(),
        group_by: (position > 1).then_some(TicketGroup::Priority),
        columns: vec![TicketColumn::Number, TicketColumn::Subject],
        sharing,
        position,
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    }
}

pub(crate) async fn views_are_had_by_whom_they_are_shared_with(db: Arc<Database>) {
    let (ada, bo) = (UserId::new("ada"), UserId::new("bo"));
    let mut tx = db.store.begin().await.unwrap();
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    tx.insert_team(&Team { key: "sales".into(), name: "Sales".into(), created_at: NOW }).await.unwrap();
    let all = [
        view("adas", Sharing::Private(ada.clone()), 3),
        view("bos", Sharing::Private(bo.clone()), 1),
        view("everyones", Sharing::Everyone, 2),
        view("sales", Sharing::Team("sales".to_owned()), 2),
    ];
    for view in &all {
        tx.insert_view(view).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_view(&all[0]).await));
    assert!(is_conflict(&tx.delete_team("sales").await), "a team's views would be nobody's");
    tx.commit().await.unwrap();
    let teams = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    for (me, teams, expected) in [
        (Some(&ada), teams(&["sales", "other", "more"]), vec!["everyones", "sales", "adas"]),
        (Some(&bo), teams(&[]), vec!["bos", "everyones"]),
        (None, teams(&["other"]), vec!["everyones"]),
    ] {
        let listed = db.store.list_views(me, &teams, 10).await.unwrap();
        let ids: Vec<&str> = listed.iter().map(|view| view.id.as_str()).collect();
        assert_eq!(ids, expected, "{me:?}");
        assert!(listed.iter().all(|view| all.contains(view)));
    }
    assert_eq!(db.store.list_views(Some(&bo), &teams(&[]), 1).await.unwrap().len(), 1);
}

pub(crate) async fn a_changed_view_is_another_list(db: Arc<Database>) {
    let first = view("v", Sharing::Everyone, 1);
    let changed = View {
        filter: Filter::everything(),
        sort: TicketSort::NEWEST,
        group_by: None,
        columns: TicketColumn::USUAL.to_vec(),
        position: -5,
        revision: 2,
        ..first.clone()
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_view(&first).await.unwrap();
    assert_eq!(tx.view(&first.id).await.unwrap().as_ref(), Some(&first));
    tx.update_view(&changed).await.unwrap();
    let missing = ViewId::new("x");
    assert!(is_not_found(&tx.update_view(&View { id: missing.clone(), ..first.clone() }).await));
    assert!(is_not_found(&tx.delete_view(&missing).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_view(&first.id).await.unwrap(), Some(changed));
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_view(&first.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_view(&first.id).await.unwrap(), None);
}
