//! The demo's desk: three teams, eight agents in two time zones, their hours, what is promised to customers, and views.

use std::collections::BTreeMap;

use desk::{Desk, DeskError, NewField, NewView, ScheduleInput, ShareWith, SlaPolicyInput};
use domain::{
    AssignmentMode, Choice, FieldKind, FieldOf, Principal, PriorityTargets, Required, Role, Schedule,
    SlaTargets, TeamRouting, TicketSort, UserId,
};

/// An agent: name, address, where they work, their teams, and what they know.
type Person = (&'static str, &'static str, usize, &'static [&'static str], &'static [(&'static str, u8)]);

const BERLIN: usize = 0;
const NEW_YORK: usize = 1;
const OFFICES: [(&str, &str); 2] = [("Berlin", "Europe/Berlin"), ("New York", "America/New_York")];
/// Keys and names. The first is where tickets go that no words call elsewhere.
const TEAMS: [(&str, &str); 3] = [("support", "Support"), ("billing", "Billing"), ("technical", "Technical")];
const AGENTS: [Person; 8] = [
    ("Ada", "ada@askwell.example", BERLIN, &["support"], &[("import", 4)]),
    ("Bo", "bo@askwell.example", NEW_YORK, &["support"], &[("bot", 3)]),
    ("Cleo", "cleo@askwell.example", BERLIN, &["support", "billing"], &[]),
    ("Dmitri", "dmitri@askwell.example", NEW_YORK, &["support"], &[]),
    ("Esra", "esra@askwell.example", BERLIN, &["billing"], &[("contracts", 5)]),
    ("Femi", "femi@askwell.example", NEW_YORK, &["billing"], &[]),
    ("Goran", "goran@askwell.example", BERLIN, &["technical"], &[("api", 5), ("postgres", 4)]),
    ("Hana", "hana@askwell.example", NEW_YORK, &["technical"], &[("api", 3), ("search", 5)]),
];
/// Name, filter and order.
const VIEWS: [(&str, &str, &str); 5] = [
    ("Mine", "assignee:me status:new,open,pending,on_hold", "-priority"),
    ("Of nobody", "assignee:none status:new,open,pending,on_hold", "created"),
    ("Urgent first", "status:new,open", "-priority"),
    ("Customers who have not answered for three days", "status:pending updated<-3d", "updated"),
    ("Solved this week", "status:solved solved>-7d", "-updated"),
];
/// Minutes in which a ticket must be touched, or somebody else gets it: a working day.
const ACCEPT_WITHIN_MIN: u32 = 480;
/// Tickets of each channel that somebody has at once: nobody here chats while another waits.
const CAPACITY: u32 = 25;

/// Who works at the demo's desk.
pub(super) struct Site {
    /// By id, with their hours.
    pub(super) agents: BTreeMap<UserId, Schedule>,
    /// The agents of each team, by its key.
    pub(super) teams: BTreeMap<String, Vec<UserId>>,
}

/// Makes what is not there yet.
pub(super) async fn set_up(desk: &Desk) -> anyhow::Result<Site> {
    let system = Principal::System;
    let mut offices = vec![];
    let known = desk.list_schedules(&system).await?;
    for (name, zone) in OFFICES {
        offices.push(match known.iter().find(|schedule| schedule.name == name) {
            Some(schedule) => schedule.clone(),
            None => desk.create_schedule(&system, &office_hours(name, zone)).await?,
        });
    }
    let is_new = known.is_empty();
    for (key, name) in TEAMS {
        match desk.create_team(&system, key, name).await {
            Ok(_) | Err(DeskError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut site = Site { agents: BTreeMap::new(), teams: BTreeMap::new() };
    let people = desk.users(&system).await?;
    for (name, email, office, teams, skills) in AGENTS {
        let id = match people.iter().find(|user| user.email == email) {
            Some(known) => known.id.clone(),
            None => desk.create_user(&system, name, email, Role::Agent, None).await?.id,
        };
        let skills = skills.iter().map(|(skill, level)| ((*skill).to_owned(), *level)).collect();
        desk.set_skills(&system, &id, &skills).await?;
        desk.set_agent_schedule(&system, &id, Some(offices[office].id.clone())).await?;
        let capacity = ["chat", "api"].map(|channel| (channel.to_owned(), CAPACITY));
        desk.set_capacity(&system, &id, &BTreeMap::from(capacity)).await?;
        for team in teams {
            desk.add_team_member(&system, team, &id).await?;
            site.teams.entry((*team).to_owned()).or_default().push(id.clone());
        }
        site.agents.insert(id, offices[office].clone());
    }
    for (key, _) in TEAMS {
        let fallbacks = if key == "support" { vec![] } else { vec!["support".to_owned()] };
        let routing = TeamRouting {
            assignment: AssignmentMode::Automatic,
            schedule_id: None,
            fallbacks,
            accept_within_min: Some(ACCEPT_WITHIN_MIN),
        };
        desk.set_team_routing(&system, key, routing).await?;
    }
    if is_new {
        promise(desk, &offices[BERLIN]).await?;
        show(desk).await?;
        super::automation::set_up(desk).await?;
    }
    Ok(site)
}

fn office_hours(name: &str, zone: &str) -> ScheduleInput {
    let day = || vec![("09:00".to_owned(), "17:30".to_owned())];
    ScheduleInput {
        name: name.to_owned(),
        zone: zone.to_owned(),
        hours: [day(), day(), day(), day(), day(), vec![], vec![]],
        holidays: vec![],
    }
}

/// What customers are promised: around the clock for what is urgent, else in office hours.
async fn promise(desk: &Desk, office: &Schedule) -> anyhow::Result<()> {
    let within = |first: u32, next: u32, resolution: u32| SlaTargets {
        first_reply_min: Some(first),
        next_reply_min: Some(next),
        resolution_min: Some(resolution),
    };
    let all = |targets: SlaTargets| PriorityTargets {
        low: targets,
        normal: targets,
        high: targets,
        urgent: targets,
    };
    let urgent = SlaPolicyInput {
        name: "Urgent, around the clock".to_owned(),
        condition: "priority:urgent".to_owned(),
        targets: all(within(120, 240, 1_440)),
        schedule_id: None,
        warn_percent: None,
    };
    let usual = SlaPolicyInput {
        name: "Usual, in office hours".to_owned(),
        condition: String::new(),
        targets: PriorityTargets { high: within(240, 240, 1_020), ..all(within(510, 510, 2_550)) },
        schedule_id: Some(office.id.clone()),
        warn_percent: None,
    };
    for policy in [urgent, usual] {
        desk.create_sla_policy(&Principal::System, policy).await?;
    }
    Ok(())
}

/// A field, and the views that everybody has.
async fn show(desk: &Desk) -> anyhow::Result<()> {
    let choice = |key: &str, title: &str| Choice { key: key.to_owned(), title: title.to_owned() };
    let plan = NewField {
        of: FieldOf::Ticket,
        key: "plan".to_owned(),
        title: "Plan".to_owned(),
        kind: FieldKind::Select {
            choices: vec![choice("free", "Free"), choice("team", "Team"), choice("enterprise", "Enterprise")],
        },
        show_when: None,
        required: Required::Never,
        position: 0,
    };
    desk.create_field(&Principal::System, plan).await?;
    for (position, (name, filter, sort)) in (0..).zip(VIEWS) {
        let view = NewView {
            name: name.to_owned(),
            filter: filter.to_owned(),
            sort: TicketSort::parse(sort).ok_or_else(|| anyhow::anyhow!("{sort} is no order"))?,
            group_by: None,
            columns: vec![],
            sharing: ShareWith::Everyone,
            position,
        };
        desk.create_view(&Principal::System, view).await?;
    }
    Ok(())
}
