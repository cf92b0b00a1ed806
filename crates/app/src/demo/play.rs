//! Plays the stories on the desk, with its clock, as customers, agents and the worker would have done it.

use std::{cmp::Reverse, collections::BinaryHeap};

use anyhow::Context as _;
use desk::{Desk, HandoffForm, NewTicket, TicketChange, TicketView};
use domain::{ConversationId, Locale, Principal, Role, TicketId, TicketStatus, Timestamp, UserId};

use super::{
    site::Site,
    story::{Act, Step, Story},
};
use crate::system::PlayedClock;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Customers write between these hours of a day in UTC: few at night.
const FIRST_HOUR: i64 = 6;
const HOURS: i64 = 15;
/// An agent who comes to work needs this long to get to a ticket, in minutes.
const SETTLE_MIN: i64 = 7;

/// A ticket under way.
struct UnderWay {
    id: TicketId,
    conversation: Option<ConversationId>,
}

/// What is due, soonest first: when, whose story, and which step; the opening is none.
type Due = Reverse<(Timestamp, usize, Option<usize>)>;

struct Stage<'a> {
    desk: &'a Desk,
    clock: &'a PlayedClock,
    site: &'a Site,
    stories: &'a [Story],
    under_way: Vec<Option<UnderWay>>,
    due: BinaryHeap<Due>,
    now: Timestamp,
}

/// Plays every story from the n-th on, and the hours between.
pub(super) async fn play(
    desk: &Desk,
    clock: &PlayedClock,
    site: &Site,
    stories: &[Story],
    first: usize,
    (begin, end): (Timestamp, Timestamp),
) -> anyhow::Result<()> {
    let openings = (first..stories.len())
        .map(|n| Reverse((opening(n, stories.len(), begin, end), n, None)))
        .collect::<BinaryHeap<Due>>();
    let under_way = stories.iter().map(|_| None).collect();
    let mut stage = Stage { desk, clock, site, stories, under_way, due: openings, now: begin };
    while let Some(Reverse((at, n, step))) = stage.due.pop() {
        if at >= end {
            break;
        }
        stage.pass_until(at).await?;
        stage.act(n, step).await.with_context(|| format!("cannot play story {}", n + 1))?;
    }
    stage.pass_until(end).await
}

/// When a story begins: all are spread evenly over the days, and within a day over the hours in which people write.
fn opening(n: usize, n_stories: usize, begin: Timestamp, end: Timestamp) -> Timestamp {
    let (n, n_stories) = (n as i64, n_stories as i64);
    // The last begins a few hours before the end, whatever time of day that is.
    let even = begin.0 + HOUR_MS + (end.0 - begin.0 - 4 * HOUR_MS) / n_stories * n;
    let into_day = (even % DAY_MS) * HOURS / 24 + FIRST_HOUR * HOUR_MS;
    Timestamp((even - even % DAY_MS + into_day).min(end.0 - 2 * HOUR_MS + n * 1_000))
}

impl Stage<'_> {
    /// Lets time pass, hour by hour: tickets wait, clocks run out, others get the ticket.
    async fn pass_until(&mut self, at: Timestamp) -> anyhow::Result<()> {
        while self.now < at {
            self.now = Timestamp((self.now.0 + HOUR_MS).min(at.0));
            self.clock.show(self.now);
            self.desk.open_overdue_handoffs().await?;
            self.desk.route_waiting().await?;
            self.desk.tell_due_clocks().await?;
            self.desk.run_time_rules().await?;
        }
        Ok(())
    }

    async fn act(&mut self, n: usize, step: Option<usize>) -> anyhow::Result<()> {
        let story = &self.stories[n];
        let Some(step) = step else {
            let opened = self.open(story).await?;
            self.under_way[n] = Some(opened);
            self.schedule(n, 0);
            return Ok(());
        };
        let Some(under_way) = &self.under_way[n] else { return Ok(()) };
        let Step(_, act, words) = &story.steps[step];
        if *act == Act::Customer {
            if let Some(conversation) = &under_way.conversation {
                let visitor = Principal::Visitor { conversation: Some(conversation.clone()) };
                self.desk.ask(&visitor, conversation, words, None).await?;
            }
        } else {
            let view = self.desk.ticket(&Principal::System, &under_way.id).await?;
            let agent = self.agent_of(&view);
            if let Some(later) = self.comes_to_work(&agent) {
                self.due.push(Reverse((later, n, Some(step))));
                return Ok(());
            }
            self.work(&view, &agent, *act, words).await?;
        }
        self.schedule(n, step + 1);
        Ok(())
    }

    fn schedule(&mut self, n: usize, step: usize) {
        if let Some(Step(minutes, ..)) = self.stories[n].steps.get(step) {
            let at = Timestamp(self.now.0 + i64::from(*minutes) * MINUTE_MS);
            self.due.push(Reverse((at, n, Some(step))));
        }
    }

    async fn open(&self, story: &Story) -> anyhow::Result<UnderWay> {
        let desk = self.desk;
        let Some(body) = &story.body else { return self.talk(story).await };
        let new = NewTicket {
            subject: story.subject.clone(),
            body: body.clone(),
            customer_name: Some(story.name.clone()),
            customer_email: Some(story.email.clone()),
            priority: story.priority,
            team: story.team.clone(),
            tags: story.tags.clone(),
            fields: story.fields.clone(),
            ..NewTicket::default()
        };
        let opened = desk.create_ticket(&Principal::System, new).await?;
        Ok(UnderWay { id: opened.ticket.id, conversation: None })
    }

    /// Asks the bot until it hands over.
    async fn talk(&self, story: &Story) -> anyhow::Result<UnderWay> {
        let desk = self.desk;
        let id = desk.start_conversation(Some(Locale::english())).await?.conversation.id;
        let visitor = Principal::Visitor { conversation: Some(id.clone()) };
        for text in &story.says {
            desk.ask(&visitor, &id, text, None).await?;
        }
        let form =
            HandoffForm { name: Some(story.name.clone()), email: Some(story.email.clone()), message: None };
        let handed = desk.hand_off(&visitor, &id, form).await?;
        let change = TicketChange {
            priority: story.priority,
            team: story.team.clone(),
            tags: (!story.tags.is_empty()).then(|| story.tags.clone()),
            fields: story.fields.clone(),
            ..TicketChange::default()
        };
        desk.change_ticket(&Principal::System, &handed.ticket_id, change, None).await?;
        Ok(UnderWay { id: handed.ticket_id, conversation: Some(id) })
    }

    /// Who works on a ticket: whose it is, else the one of its team whose turn it is.
    fn agent_of(&self, view: &TicketView) -> UserId {
        let ticket = &view.ticket;
        let own = ticket.assignee_id.as_ref().filter(|id| self.site.agents.contains_key(*id));
        let team = || {
            let team = self.site.teams.get(&ticket.team).or_else(|| self.site.teams.values().next());
            team.map(|agents| agents[ticket.number.unsigned_abs() as usize % agents.len()].clone())
        };
        own.cloned().or_else(team).unwrap_or_else(|| UserId::new(String::new()))
    }

    /// When this agent can do something, unless it is now.
    fn comes_to_work(&self, agent: &UserId) -> Option<Timestamp> {
        let opening = self.site.agents.get(agent)?.next_opening(self.now)?;
        (opening > self.now).then(|| Timestamp(opening.0 + SETTLE_MIN * MINUTE_MS))
    }

    async fn work(&self, view: &TicketView, agent: &UserId, act: Act, words: &str) -> anyhow::Result<()> {
        let (desk, id) = (self.desk, &view.ticket.id);
        let staff = Principal::staff(agent.clone(), Role::Agent);
        let mut change = TicketChange::default();
        match act {
            Act::Reply => drop(desk.reply(&staff, id, words, None).await?),
            Act::Note => drop(desk.note(&staff, id, words).await?),
            Act::Pending => change.status = Some(TicketStatus::Pending),
            Act::Hold => change.status = Some(TicketStatus::OnHold),
            Act::Solve => change.status = Some(TicketStatus::Solved),
            Act::Team => change.team = Some(words.to_owned()),
            Act::Customer => {}
        }
        // Who has answered has taken the ticket.
        if view.ticket.assignee_id.is_none() && act != Act::Team {
            change.assignee = Some(Some(agent.clone()));
        }
        desk.change_ticket(&staff, id, change, None).await?;
        Ok(())
    }
}
