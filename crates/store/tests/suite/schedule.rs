//! Schedules, absences, and how agents work.

use std::{collections::BTreeMap, sync::Arc};

use domain::*;

use crate::{database::Database, fixture::*};

/// Monday to Friday, nine to five, in Berlin.
pub(crate) fn office(id: &str) -> Schedule {
    let hours =
        Hours { from: MinuteOfDay::parse("09:00").unwrap(), to: MinuteOfDay::parse("17:00").unwrap() };
    let day = |n| if n < 5 { vec![hours] } else { vec![] };
    let christmas = Holiday { date: LocalDate::parse("2026-12-25").unwrap(), name: "Christmas".to_owned() };
    Schedule {
        id: ScheduleId::new(id),
        name: format!("Office {id}"),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        hours: WeekHours::new(std::array::from_fn(day)).unwrap(),
        holidays: Holidays::new(vec![christmas]).unwrap(),
        revision: 1,
    }
}

pub(crate) fn absence(id: &str, user_id: &str, from: i64, to: i64) -> Absence {
    Absence {
        id: AbsenceId::new(id),
        user_id: UserId::new(user_id),
        from: Timestamp(NOW.0 + from),
        to: Timestamp(NOW.0 + to),
        reason: "leave".to_owned(),
    }
}

pub(crate) async fn schedules_are_stored_whole(db: Arc<Database>) {
    let (b, a) = (office("b"), office("a"));
    let mut tx = db.store.begin().await.unwrap();
    for schedule in [&b, &a] {
        tx.insert_schedule(schedule, NOW).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_schedule(&a, NOW).await));
    let changed = Schedule {
        name: "Nights".to_owned(),
        zone: Zone::utc(),
        hours: WeekHours::always(),
        holidays: Holidays::default(),
        revision: 2,
        ..b.clone()
    };
    tx.update_schedule(&changed, NOW).await.unwrap();
    assert!(is_not_found(&tx.update_schedule(&office("x"), NOW).await));
    assert_eq!(tx.schedule(&b.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(tx.schedule(&ScheduleId::new("x")).await.unwrap(), None);
    assert_eq!(tx.count_schedules().await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_schedules().await.unwrap(), [changed, a.clone()]);
    assert_eq!(db.store.find_schedule(&a.id).await.unwrap(), Some(a));
}

pub(crate) async fn a_schedule_that_somebody_works_by_stays(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    let team = Team { key: "sales".to_owned(), name: "Sales".to_owned(), created_at: NOW };
    tx.insert_team(&team).await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    for id in ["of_agent", "of_team", "of_policy", "free"] {
        tx.insert_schedule(&office(id), NOW).await.unwrap();
    }
    let schedule_id = |id: &str| Some(ScheduleId::new(id));
    let profile = AgentProfile { schedule_id: schedule_id("of_agent"), ..AgentProfile::default() };
    tx.save_agent_profile(&UserId::new("ada"), &profile).await.unwrap();
    let routing = TeamRouting { schedule_id: schedule_id("of_team"), ..TeamRouting::default() };
    tx.save_team_routing("sales", &routing).await.unwrap();
    let hours = SlaHours::Schedule { schedule_id: ScheduleId::new("of_policy") };
    tx.insert_sla_policy(&SlaPolicy { hours, ..crate::sla::policy("p", 1) }, NOW).await.unwrap();
    for (id, teams, n_others) in [
        ("of_agent", vec![], 1),
        ("of_team", vec!["sales".to_owned()], 0),
        ("of_policy", vec![], 1),
        ("free", vec![], 0),
    ] {
        let by = tx.who_works_by(&ScheduleId::new(id)).await.unwrap();
        assert_eq!(by, store::WorkingBy { teams, n_others }, "{id}");
    }
    for id in ["of_agent", "of_team", "of_policy"] {
        assert!(is_conflict(&tx.delete_schedule(&ScheduleId::new(id)).await), "{id}");
    }
    tx.delete_schedule(&ScheduleId::new("free")).await.unwrap();
    assert!(is_not_found(&tx.delete_schedule(&ScheduleId::new("free")).await));
    // The team goes with its settings.
    tx.delete_team("sales").await.unwrap();
    tx.delete_schedule(&ScheduleId::new("of_team")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_schedules().await.unwrap().len(), 2);
}

pub(crate) async fn absences_are_listed_until_they_end(db: Arc<Database>) {
    let ada = UserId::new("ada");
    let mut tx = db.store.begin().await.unwrap();
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id, Role::Agent), None).await.unwrap();
    }
    let all = [absence("a2", "ada", 50, 100), absence("a1", "ada", -10, 10), absence("b1", "bo", 0, 10)];
    for absence in &all {
        tx.insert_absence(absence).await.unwrap();
    }
    assert!(is_conflict(&tx.insert_absence(&all[0]).await));
    assert_eq!(tx.count_absences(&ada, NOW).await.unwrap(), 2);
    tx.commit().await.unwrap();
    for (after, limit, expected) in [(9, 10, vec!["a1", "a2"]), (10, 10, vec!["a2"]), (0, 1, vec!["a1"])] {
        let found = db.store.list_absences(&ada, Timestamp(NOW.0 + after), limit).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|absence| absence.id.as_str()).collect();
        assert_eq!(ids, expected, "{after}");
    }
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.delete_absence(&UserId::new("bo"), &AbsenceId::new("a1")).await));
    tx.delete_absence(&ada, &AbsenceId::new("a1")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_absences(&ada, NOW, 10).await.unwrap(), [all[0].clone()]);
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.insert_absence(&absence("c", "nobody", 0, 1)).await));
}

pub(crate) fn profile() -> AgentProfile {
    let skill = |key: &str| Skill::parse(key).unwrap();
    let levels = BTreeMap::from([(skill("french"), SkillLevel::new(4).unwrap())]);
    AgentProfile {
        availability: Availability::Away,
        schedule_id: Some(ScheduleId::new("s")),
        skills: Skills::new(levels).unwrap(),
        capacity: Capacity(BTreeMap::from([(Channel::chat(), 3)])),
        last_assigned_at: Some(NOW),
    }
}

pub(crate) async fn agents_work_as_it_was_set(db: Arc<Database>) {
    let ada = UserId::new("ada");
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_schedule(&office("s"), NOW).await.unwrap();
    assert_eq!(tx.agent_profile(&ada).await.unwrap(), AgentProfile::default());
    tx.save_agent_profile(&ada, &AgentProfile::default()).await.unwrap();
    tx.save_agent_profile(&ada, &profile()).await.unwrap();
    assert_eq!(tx.agent_profile(&ada).await.unwrap(), profile());
    tx.commit().await.unwrap();
    assert_eq!(db.store.find_agent_profile(&ada).await.unwrap(), profile());
    assert_eq!(db.store.find_agent_profile(&UserId::new("x")).await.unwrap(), AgentProfile::default());
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_not_found(&tx.save_agent_profile(&UserId::new("x"), &AgentProfile::default()).await));
}
