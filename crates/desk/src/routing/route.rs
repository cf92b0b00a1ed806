//! Giving a ticket to somebody, in the transaction of what calls for it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    Assignment, AssignmentId, AssignmentMode, Author, Candidate, LetPass, Outcome, Role, RoutingNeed,
    RoutingTeam, Schedule, ScheduleId, Scope, TeamRouting, Ticket, TicketRouting, Timestamp, assign,
};
use store::AgentMember;

use crate::{Desk, DeskError, audit::RecordedTx};

impl Desk {
    /// Gives a new ticket to somebody, where its team wants that.
    pub(crate) async fn route_opened(
        &self,
        tx: &mut RecordedTx,
        ticket: Ticket,
    ) -> Result<Ticket, DeskError> {
        if ticket.assignee_id.is_some() {
            return Ok(ticket);
        }
        self.route_anew(tx, ticket).await
    }

    /// Gives a ticket that came to another team to somebody there, unless whoever moved it said to whom. One of nobody that
    /// wakes is given to somebody too.
    pub(crate) async fn route_changed(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: Ticket,
    ) -> Result<Ticket, DeskError> {
        let is_moved = before.team != after.team && before.assignee_id == after.assignee_id;
        let is_woken = !before.is_waiting() && after.assignee_id.is_none();
        if after.is_waiting() && (is_moved || is_woken) {
            self.route_anew(tx, after).await
        } else {
            Ok(after)
        }
    }

    /// Gives a ticket to somebody from whom a rule has taken whoever had it: that is no decision that nobody shall have it.
    pub(crate) async fn route_freed(&self, tx: &mut RecordedTx, ticket: Ticket) -> Result<Ticket, DeskError> {
        if ticket.is_waiting() { self.route_anew(tx, ticket).await } else { Ok(ticket) }
    }

    /// Stops waiting for the agent who has a ticket once they have touched it, and for anybody once somebody else has decided
    /// whose it is or nothing is left to do.
    pub(crate) async fn note_touch(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: &Ticket,
        by: &Author,
    ) -> Result<(), DeskError> {
        let routing = tx.ticket_routing(&after.id).await?;
        if routing.look_at.is_none() {
            return Ok(());
        }
        let is_touched = match by {
            Author::Agent { id, .. } => {
                after.assignee_id.as_ref().is_some_and(|assignee| assignee.as_str() == id)
                    || before.assignee_id != after.assignee_id
            }
            Author::Customer | Author::Bot | Author::System | Author::Rule { .. } => false,
        };
        if is_touched || after.status.is_done() {
            tx.save_ticket_routing(&after.id, &settled(routing)).await?;
        }
        Ok(())
    }

    async fn route_anew(&self, tx: &mut RecordedTx, ticket: Ticket) -> Result<Ticket, DeskError> {
        let settings = tx.team_routing(&ticket.team).await?;
        let routing = settled(tx.ticket_routing(&ticket.id).await?);
        if settings.assignment == AssignmentMode::Manual {
            // It may come from a team that had it looked at.
            tx.save_ticket_routing(&ticket.id, &routing).await?;
            return Ok(ticket);
        }
        // Whoever had it is of another team.
        let free = Ticket { assignee_id: None, ..ticket.clone() };
        self.give(tx, ticket, free, &settings, routing).await
    }

    /// Decides who gets a ticket, keeps the decision, and stores what comes of it. `otherwise` is the ticket as it shall be
    /// when nobody can take it.
    pub(super) async fn give(
        &self,
        tx: &mut RecordedTx,
        ticket: Ticket,
        otherwise: Ticket,
        settings: &TeamRouting,
        mut routing: TicketRouting,
    ) -> Result<Ticket, DeskError> {
        let now = self.now();
        let mut schedules = Schedules::default();
        let need = need(tx, &mut schedules, &ticket, settings, &routing).await?;
        let keys: Vec<String> =
            std::iter::once(&need.team).chain(&need.fallbacks).map(|team| team.key.clone()).collect();
        let mut candidates = vec![];
        let mut roles: HashMap<Role, BTreeSet<Scope>> = HashMap::new();
        for member in tx.agent_members(&keys, &ticket.id, now).await? {
            // Who may not write to tickets cannot work on one.
            let role = &member.user.role;
            if !roles.contains_key(role) {
                roles.insert(role.clone(), Self::scopes_of_role(tx, role).await?);
            }
            let scopes = &roles[role];
            if scopes.contains(&Scope::TicketsWrite) || scopes.contains(&Scope::Admin) {
                candidates.push(candidate(tx, &mut schedules, member, &routing).await?);
            }
        }
        let decision = assign(&candidates, &need, now);
        let after = match &decision.outcome {
            Outcome::Assigned { user_id, team } => {
                let mut profile = tx.agent_profile(user_id).await?;
                profile.last_assigned_at = Some(now);
                tx.save_agent_profile(user_id, &profile).await?;
                let accept_within_min = tx.team_routing(team).await?.accept_within_min;
                routing.look_at = accept_within_min.map(|min| now.plus_seconds(min.saturating_mul(60)));
                if !routing.passed.is_empty() {
                    routing.n_rounds += 1;
                }
                Ticket { assignee_id: Some(user_id.clone()), team: team.clone(), ..ticket.clone() }
            }
            Outcome::Unassigned { look_again_at, .. } => {
                routing.look_at = Some(*look_again_at);
                otherwise
            }
        };
        let last = tx.last_assignment(&ticket.id).await?;
        if last.is_none_or(|last| !is_same(&last.decision.outcome, &decision.outcome)) {
            let id = AssignmentId::new(self.id());
            tx.insert_assignment(&Assignment { id, ticket_id: ticket.id.clone(), decision }).await?;
        }
        tx.save_ticket_routing(&ticket.id, &routing).await?;
        if after == ticket {
            return Ok(ticket);
        }
        self.store_change(tx, &ticket, after, &Author::System).await
    }
}

/// The same way, with nothing to look at and nobody who let it pass.
pub(super) fn settled(routing: TicketRouting) -> TicketRouting {
    TicketRouting { skills: routing.skills, ..TicketRouting::default() }
}

/// Whether nothing new was decided: nobody can take it for the same reason. An assignment is always news.
fn is_same(last: &Outcome, next: &Outcome) -> bool {
    match (last, next) {
        (
            Outcome::Unassigned { team, reason, .. },
            Outcome::Unassigned { team: next_team, reason: next_reason, .. },
        ) => team == next_team && reason == next_reason,
        _ => false,
    }
}

/// The schedules that were read, each once.
#[derive(Default)]
struct Schedules(HashMap<ScheduleId, Arc<Schedule>>);

impl Schedules {
    async fn find(
        &mut self,
        tx: &mut RecordedTx,
        id: Option<&ScheduleId>,
    ) -> Result<Option<Arc<Schedule>>, DeskError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(known) = self.0.get(id) {
            return Ok(Some(Arc::clone(known)));
        }
        let schedule = tx.schedule(id).await?.map(Arc::new);
        if let Some(schedule) = &schedule {
            self.0.insert(id.clone(), Arc::clone(schedule));
        }
        Ok(schedule)
    }
}

async fn need(
    tx: &mut RecordedTx,
    schedules: &mut Schedules,
    ticket: &Ticket,
    settings: &TeamRouting,
    routing: &TicketRouting,
) -> Result<RoutingNeed, DeskError> {
    let schedule = schedules.find(tx, settings.schedule_id.as_ref()).await?;
    let mut fallbacks = vec![];
    for key in &settings.fallbacks {
        // A team that was deleted since has nobody.
        if tx.team(key).await?.is_some() {
            let schedule_id = tx.team_routing(key).await?.schedule_id;
            let schedule = schedules.find(tx, schedule_id.as_ref()).await?;
            fallbacks.push(RoutingTeam { key: key.clone(), schedule });
        }
    }
    Ok(RoutingNeed {
        channel: ticket.channel.clone(),
        skills: routing.skills.clone(),
        team: RoutingTeam { key: ticket.team.clone(), schedule },
        fallbacks,
    })
}

async fn candidate(
    tx: &mut RecordedTx,
    schedules: &mut Schedules,
    member: AgentMember,
    routing: &TicketRouting,
) -> Result<Candidate, DeskError> {
    let AgentMember { user, teams, profile, absences, n_waiting } = member;
    let schedule = schedules.find(tx, profile.schedule_id.as_ref()).await?;
    let has_let_it_pass = if routing.passed.contains(&user.id) { LetPass::Yes } else { LetPass::No };
    Ok(Candidate {
        user_id: user.id,
        name: user.name,
        teams,
        availability: profile.availability,
        schedule,
        absences,
        skills: profile.skills,
        capacity: profile.capacity,
        load: n_waiting,
        last_assigned_at: profile.last_assigned_at,
        has_let_it_pass,
    })
}

/// Whether it is time to look at a ticket.
pub(super) fn is_due(routing: &TicketRouting, now: Timestamp) -> bool {
    routing.look_at.is_some_and(|at| at <= now)
}
