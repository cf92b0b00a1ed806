//! What decides about a new ticket on the measured desk: schedules, skills, automatic assignment, promises and rules.

use std::collections::BTreeMap;

use desk::{Desk, RuleInput, ScheduleInput, SlaPolicyInput, TriggerInput};
use domain::{AssignmentMode, Principal, PriorityTargets, RuleState, SlaTargets, TeamRouting, Then};
use serde_json::json;

use super::seed;

/// Rules that are tried on each new ticket; a few of them apply.
const RULES: u64 = 20;
/// What an agent has at once of each channel: nobody is full, so that all are compared.
const CAPACITY: u32 = 1_000;
/// Zones of the agents, who work around the clock in each.
const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Asia/Tokyo"];

/// Makes all of it, where the desk was not measured before.
pub(super) async fn set_up(desk: &Desk) -> anyhow::Result<()> {
    let system = Principal::System;
    if !desk.list_schedules(&system).await?.is_empty() {
        return Ok(());
    }
    let mut schedules = vec![];
    for zone in ZONES {
        let hours = std::array::from_fn(|_| vec![("00:00".to_owned(), "24:00".to_owned())]);
        let new = ScheduleInput { name: zone.to_owned(), zone: zone.to_owned(), hours, holidays: vec![] };
        schedules.push(desk.create_schedule(&system, &new).await?.id);
    }
    let capacity = BTreeMap::from(["chat", "api", "agent"].map(|channel| (channel.to_owned(), CAPACITY)));
    for n in 0..seed::AGENTS {
        let id = seed::agent_id(n);
        let skills = BTreeMap::from([(format!("skill-{}", n % 7), 3), (format!("skill-{}", n % 5), 2)]);
        desk.set_skills(&system, &id, &skills).await?;
        desk.set_capacity(&system, &id, &capacity).await?;
        desk.set_agent_schedule(&system, &id, Some(schedules[n % schedules.len()].clone())).await?;
    }
    for key in seed::TEAMS {
        let fallbacks = seed::TEAMS.iter().filter(|other| **other != key).take(2);
        let routing = TeamRouting {
            assignment: AssignmentMode::Automatic,
            schedule_id: None,
            fallbacks: fallbacks.map(|key| (*key).to_owned()).collect(),
            accept_within_min: Some(60),
        };
        desk.set_team_routing(&system, key, routing).await?;
    }
    for (name, condition) in [("Urgent", "priority:urgent"), ("Billing", "team:billing"), ("Usual", "")] {
        let targets =
            SlaTargets { first_reply_min: Some(60), next_reply_min: Some(120), resolution_min: Some(1_440) };
        let policy = SlaPolicyInput {
            name: name.to_owned(),
            condition: condition.to_owned(),
            targets: PriorityTargets { low: targets, normal: targets, high: targets, urgent: targets },
            schedule_id: Some(schedules[0].clone()),
            warn_percent: None,
        };
        desk.create_sla_policy(&system, policy).await?;
    }
    for n in 0..RULES {
        let condition =
            if n % 5 == 0 { "status:new -tag:seen".to_owned() } else { format!("tag:topic-{n} team:sales") };
        let rule = RuleInput {
            name: format!("Rule {n}"),
            trigger: TriggerInput::Events { events: vec!["ticket_opened".to_owned()], changed: vec![] },
            condition,
            actions: vec![json!({ "type": "add_tags", "tags": [format!("by-rule-{n}")] })],
            then: Then::GoOn,
            state: RuleState::Active,
        };
        desk.create_rule(&system, rule).await?;
    }
    Ok(())
}
