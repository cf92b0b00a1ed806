//! Teams, who is in them, and whose tickets they see.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

fn team(key: &str) -> Team {
    Team { key: key.to_owned(), name: format!("Team {key}"), created_at: NOW }
}

pub(crate) async fn people_are_in_teams(db: Arc<Database>) {
    let (ada, bo) = (UserId::new("ada"), UserId::new("bo"));
    let mut tx = db.store.begin().await.unwrap();
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    assert_eq!(tx.oldest_team().await.unwrap(), None);
    for key in ["sales", "billing"] {
        tx.insert_team(&team(key)).await.unwrap();
    }
    tx.insert_team(&Team { created_at: Timestamp(NOW.0 - 1), ..team("x") }).await.unwrap();
    assert_eq!(tx.oldest_team().await.unwrap().map(|team| team.key).as_deref(), Some("x"));
    tx.delete_team("x").await.unwrap();
    assert_eq!(tx.oldest_team().await.unwrap(), Some(team("billing")));
    assert!(is_conflict(&tx.insert_team(&team("sales")).await));
    for (key, user_id) in [("sales", &ada), ("billing", &ada), ("billing", &ada), ("billing", &bo)] {
        tx.add_team_member(key, user_id).await.unwrap();
    }
    tx.remove_team_member("billing", &bo).await.unwrap();
    tx.rename_team("sales", "Sales and more").await.unwrap();
    assert!(is_not_found(&tx.rename_team("x", "X").await));
    assert_eq!(tx.team("x").await.unwrap(), None);
    assert_eq!(tx.count_teams().await.unwrap(), 2);
    assert_eq!(tx.team("billing").await.unwrap(), Some(team("billing")));
    tx.commit().await.unwrap();
    let renamed = Team { name: "Sales and more".to_owned(), ..team("sales") };
    assert_eq!(db.store.list_teams().await.unwrap(), [team("billing"), renamed]);
    let members = [("billing".to_owned(), ada.clone()), ("sales".to_owned(), ada.clone())];
    assert_eq!(db.store.list_team_members().await.unwrap(), members);
    assert_eq!(Vec::from_iter(db.store.teams_of(&ada).await.unwrap()), ["billing", "sales"]);
    assert!(db.store.teams_of(&bo).await.unwrap().is_empty());
}

pub(crate) async fn a_team_with_tickets_stays(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    // A hand-over may name a team that nobody has made.
    tx.open_ticket(Ticket { team: "returns".to_owned(), ..ticket("t") }).await.unwrap();
    tx.insert_team(&team("sales")).await.unwrap();
    assert!(is_conflict(&tx.delete_team("returns").await));
    tx.delete_team("sales").await.unwrap();
    assert!(is_not_found(&tx.delete_team("sales").await));
    tx.commit().await.unwrap();
    let keys: Vec<String> = db.store.list_teams().await.unwrap().into_iter().map(|team| team.key).collect();
    assert_eq!(keys, ["returns"]);
}

pub(crate) async fn conversations_are_seen_with_their_tickets(db: Arc<Database>) {
    for id in ["c", "d"] {
        start_conversation(&db.store, &conversation(id)).await;
    }
    let mut tx = db.store.begin().await.unwrap();
    let of = |id: &str| Some(ConversationId::new(id));
    tx.open_ticket(Ticket { conversation_id: of("c"), ..ticket("t") }).await.unwrap();
    tx.commit().await.unwrap();
    for (reader, seen) in [
        (staff(), vec!["c", "d"]),
        (staff_of(&["support"]), vec!["c"]),
        (staff_of(&["billing"]), vec![]),
        (key_with(&[Scope::TicketsWrite]), vec![]),
        (visitor_of("d"), vec!["d"]),
    ] {
        let mut found = vec![];
        for id in ["c", "d"] {
            if db.store.find_conversation(&reader, &ConversationId::new(id)).await.unwrap().is_some() {
                found.push(id);
            }
        }
        assert_eq!(found, seen, "{reader:?}");
        if reader.may(Scope::TicketsRead) {
            let listed = db.store.list_conversations_since(&reader, NOW, None, 10).await.unwrap();
            let ids: Vec<&str> = listed.iter().map(|conversation| conversation.id.as_str()).collect();
            assert_eq!(ids, seen, "{reader:?}");
        }
    }
}
