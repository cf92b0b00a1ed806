//! Who could get a ticket, and what was decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::*;

use crate::{
    database::Database,
    fixture::*,
    schedule::{absence, office, profile},
};

pub(crate) async fn the_people_of_teams_come_with_all_that_routing_asks(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_schedule(&office("s"), NOW).await.unwrap();
    for id in ["ada", "bo", "cleo", "dee"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    for key in ["sales", "billing", "legal"] {
        let team = Team { key: key.to_owned(), name: key.to_owned(), created_at: NOW };
        tx.insert_team(&team).await.unwrap();
    }
    for (key, id) in
        [("sales", "bo"), ("sales", "ada"), ("billing", "ada"), ("legal", "ada"), ("legal", "dee")]
    {
        tx.add_team_member(key, &UserId::new(id)).await.unwrap();
    }
    tx.save_agent_profile(&UserId::new("ada"), &profile()).await.unwrap();
    for absence in [absence("x", "ada", -9, 0), absence("y", "ada", 5, 9), absence("z", "dee", 0, 9)] {
        tx.insert_absence(&absence).await.unwrap();
    }
    for (id, status, assignee) in [
        ("t1", TicketStatus::Open, Some("ada")),
        ("t2", TicketStatus::New, Some("ada")),
        ("t6", TicketStatus::New, Some("ada")),
        ("t3", TicketStatus::Pending, Some("ada")),
        ("t4", TicketStatus::New, Some("bo")),
        ("t5", TicketStatus::New, None),
    ] {
        let assignee_id = assignee.map(UserId::new);
        let channel = if id == "t6" { Channel::api() } else { Channel::chat() };
        tx.open_ticket(Ticket { status, assignee_id, channel, ..ticket(id) }).await.unwrap();
    }
    let keys = ["sales".to_owned(), "billing".to_owned(), "nowhere".to_owned()];
    let members = tx.agent_members(&keys, &TicketId::new("t4"), NOW).await.unwrap();
    let ids: Vec<&str> = members.iter().map(|member| member.user.id.as_str()).collect();
    assert_eq!(ids, ["ada", "bo"]);
    let ada = &members[0];
    assert_eq!(ada.teams, BTreeSet::from(["billing".to_owned(), "sales".to_owned()]));
    assert_eq!(ada.profile, profile());
    assert_eq!(ada.absences, [absence("y", "ada", 5, 9)]);
    assert_eq!(ada.n_waiting, BTreeMap::from([(Channel::api(), 1), (Channel::chat(), 2)]));
    assert!(members[1].n_waiting.is_empty());
    assert_eq!(members[1].profile, AgentProfile::default());
    assert!(tx.agent_members(&[], &TicketId::new("t4"), NOW).await.unwrap().is_empty());

    assert_eq!(tx.team_routing("sales").await.unwrap(), TeamRouting::default());
    let routing = TeamRouting {
        assignment: AssignmentMode::Automatic,
        schedule_id: Some(ScheduleId::new("s")),
        fallbacks: vec!["legal".to_owned(), "billing".to_owned()],
        accept_within_min: Some(15),
    };
    tx.save_team_routing("sales", &TeamRouting::default()).await.unwrap();
    tx.save_team_routing("sales", &routing).await.unwrap();
    assert_eq!(tx.team_routing("sales").await.unwrap(), routing);
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_team_routing("sales").await.unwrap(), routing);
    assert_eq!(db.store.find_team_routing("legal").await.unwrap(), TeamRouting::default());
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.save_team_routing("nowhere", &routing).await));
}

pub(crate) async fn a_ticket_waits_to_be_looked_at_until_it_is(db: Arc<Database>) {
    let id = TicketId::new("t");
    let mut tx = db.store.begin().await.unwrap();
    for id in ["t", "u"] {
        tx.open_ticket(ticket(id)).await.unwrap();
    }
    assert_eq!(tx.ticket_routing(&id).await.unwrap(), TicketRouting::default());
    let french = BTreeMap::from([(Skill::parse("french").unwrap(), SkillLevel::new(2).unwrap())]);
    let waiting = TicketRouting {
        skills: Skills::new(french).unwrap(),
        look_at: Some(Timestamp(NOW.0 + 10)),
        n_rounds: 2,
        passed: BTreeSet::from([UserId::new("ada")]),
    };
    tx.save_ticket_routing(&id, &waiting).await.unwrap();
    tx.save_ticket_routing(&TicketId::new("u"), &TicketRouting::default()).await.unwrap();
    assert_eq!(tx.ticket_routing(&id).await.unwrap(), waiting);
    tx.commit().await.unwrap();
    assert!(db.store.list_due_routing(Timestamp(NOW.0 + 9), 10).await.unwrap().is_empty());
    assert_eq!(
        db.store.list_due_routing(Timestamp(NOW.0 + 10), 10).await.unwrap(),
        std::slice::from_ref(&id)
    );
    for (reader, expected) in [
        (staff(), Some(waiting.clone())),
        (staff_of(&["support"]), Some(waiting.clone())),
        (staff_of(&["billing"]), None),
        (visitor(), None),
    ] {
        assert_eq!(db.store.find_ticket_routing(&reader, &id).await.unwrap(), expected, "{reader:?}");
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.look_at_waiting_tickets(NOW).await.unwrap();
    assert_eq!(tx.ticket_routing(&id).await.unwrap().look_at, Some(NOW));
    assert_eq!(tx.ticket_routing(&TicketId::new("u")).await.unwrap().look_at, None);
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    let given = Ticket { assignee_id: Some(UserId::new("ada")), ..tx.ticket(&id).await.unwrap().unwrap() };
    tx.update_ticket(&given).await.unwrap();
    tx.look_at_waiting_tickets(Timestamp(NOW.0 - 1)).await.unwrap();
    assert_eq!(tx.ticket_routing(&id).await.unwrap().look_at, Some(NOW), "somebody has it");
    tx.commit().await.unwrap();
    let missing = TicketId::new("x");
    assert_eq!(db.store.find_ticket_routing(&staff(), &missing).await.unwrap(), None);
    let mut tx = db.store.begin().await.unwrap();
    tx.save_ticket_routing(&id, &TicketRouting { look_at: None, ..waiting }).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.list_due_routing(Timestamp(i64::MAX), 10).await.unwrap().is_empty());
}

pub(crate) async fn decisions_are_kept_for_who_sees_the_ticket(db: Arc<Database>) {
    let id = TicketId::new("t");
    let decided = |n: i64, outcome| Assignment {
        id: AssignmentId::new(format!("a{n}")),
        ticket_id: TicketId::new("t"),
        decision: Decision { at: Timestamp(NOW.0 + n), outcome, considered: vec![], n_more: 0 },
    };
    let nobody = Outcome::Unassigned {
        team: "support".to_owned(),
        reason: UnassignedReason::NobodyOnShift,
        look_again_at: Timestamp(NOW.0 + 5),
    };
    let ada = Outcome::Assigned { user_id: UserId::new("ada"), team: "support".to_owned() };
    let (first, second) = (decided(1, nobody), decided(2, ada));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.open_ticket(ticket("t")).await.unwrap();
    assert_eq!(tx.last_assignment(&id).await.unwrap(), None);
    for assignment in [&first, &second] {
        tx.insert_assignment(assignment).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_assignment(&first).await));
    assert_eq!(tx.last_assignment(&id).await.unwrap(), Some(second.clone()));
    tx.commit().await.unwrap();
    for (reader, expected) in [
        (staff(), vec![second.clone(), first.clone()]),
        (staff_of(&["support"]), vec![second.clone(), first]),
        (staff_of(&["billing"]), vec![]),
        (visitor(), vec![]),
    ] {
        assert_eq!(db.store.list_assignments(&reader, &id, 10).await.unwrap(), expected, "{reader:?}");
    }
    assert_eq!(db.store.list_assignments(&staff(), &id, 1).await.unwrap(), [second]);
}
