//! The facts of a ticket: what its life comes to, kept so that it can be taken back when the ticket changes.
//!
//! They hold ids, keys and times, and no word that anybody wrote.

use serde::{Deserialize, Serialize};

use super::{Cell, Count, Histogram, PromiseOutcome, Span, TicketLife};
use crate::{Priority, SlaMetric, SuggestionOutcome, TicketField, TicketStatus, Timestamp};

/// Milliseconds of a second.
const SECOND_MS: i64 = 1_000;

/// What is known of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFacts {
    #[serde(rename = "c")]
    channel: String,
    #[serde(rename = "l")]
    locale: String,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// Why the bot handed over, as [`crate::HandoffReason::as_str`].
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    handoff: Option<String>,
    /// How it stood, from when on; the first one from when it was opened.
    #[serde(rename = "s")]
    stretches: Vec<Stretch>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    first_reply: Option<FirstReply>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    promises: Vec<(Timestamp, SlaMetric, PromiseOutcome)>,
    /// Without an outcome: it was made then.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    drafts: Vec<(Timestamp, Option<SuggestionOutcome>)>,
}

/// A stretch of time in which a ticket stood in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    #[serde(rename = "f")]
    from: Timestamp,
    #[serde(flatten)]
    standing: Standing,
}

/// How a ticket stands, as far as reports notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    #[serde(rename = "d")]
    is_done: bool,
    #[serde(rename = "t")]
    team: String,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(rename = "p")]
    priority: Priority,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FirstReply {
    #[serde(rename = "f")]
    at: Timestamp,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Seconds in the team's hours.
    #[serde(rename = "o")]
    open_s: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Resolution {
    #[serde(rename = "f")]
    at: Timestamp,
    /// Seconds in the team's hours.
    #[serde(rename = "o")]
    open_s: i64,
    #[serde(rename = "n")]
    n_replies: i64,
}

/// Where something counts: when it happened, and whose the ticket was then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) at: Timestamp,
    pub(super) team: &'a str,
    pub(super) agent: Option<&'a str>,
    pub(super) channel: &'a str,
    pub(super) priority: Priority,
    pub(super) locale: &'a str,
}

impl TicketFacts {
    /// What a life comes to. `open_ms` measures the hours of a team, by key, between two times; what was measured before is
    /// kept where it still is between the same times, because the team's hours may have changed since.
    pub fn of(
        life: &TicketLife,
        before: Option<&Self>,
        open_ms: &dyn Fn(&str, Timestamp, Timestamp) -> i64,
    ) -> Self {
        let ticket = &life.ticket;
        let stretches = stretches(life);
        let opened_at = stretches[0].from;
        let before = before.filter(|before| before.opened_at() == opened_at);
        let measure = |at: Timestamp| open_ms(&standing_at(&stretches, at).team, opened_at, at) / SECOND_MS;
        let first_reply = life.replies.iter().find(|reply| reply.at >= opened_at).map(|reply| {
            let known = before.and_then(|facts| facts.first_reply.as_ref());
            let known = known.filter(|known| known.at == reply.at).map(|known| known.open_s);
            let open_s = known.unwrap_or_else(|| measure(reply.at));
            FirstReply { at: reply.at, by: reply.by.clone(), open_s }
        });
        let resolution = solved_at(&stretches).map(|at| {
            let known = before.and_then(|facts| facts.resolution.as_ref());
            let known = known.filter(|known| known.at == at).map(|known| known.open_s);
            let open_s = known.unwrap_or_else(|| measure(at));
            let n_replies = life.replies.iter().filter(|reply| reply.at <= at).count();
            Resolution { at, open_s, n_replies: i64::try_from(n_replies).unwrap_or(i64::MAX) }
        });
        let drafts = life.drafts.iter().flat_map(|draft| {
            let outcome = draft.outcome.map(|(outcome, at)| (at, Some(outcome)));
            std::iter::once((draft.at, None)).chain(outcome)
        });
        let promises = life.promises.iter().map(|promise| (promise.at, promise.metric, promise.outcome));
        Self {
            channel: ticket.channel.to_string(),
            locale: ticket.locale.to_string(),
            tags: ticket.tags.iter().map(ToString::to_string).collect(),
            handoff: ticket.handoff_reason.as_ref().map(|reason| reason.as_str().to_owned()),
            first_reply,
            resolution,
            promises: promises.collect(),
            drafts: drafts.collect(),
            stretches,
        }
    }

    pub(super) fn tags(&self) -> &[String] {
        &self.tags
    }

    /// What is counted, each with its place.
    pub(super) fn counted(&self) -> Vec<(Place<'_>, Cell)> {
        let mut counted = Counted(vec![]);
        let opened = self.place(self.opened_at(), self.last());
        counted.at(opened, Count::Created, 1);
        if let Some(reason) = self.handoff.as_deref() {
            counted.at(opened, handed(reason), 1);
        }
        self.count_stretches(&mut counted);
        if let Some(reply) = &self.first_reply {
            let standing = standing_at(&self.stretches, reply.at);
            let agent = reply.by.as_deref().or(standing.agent.as_deref());
            let place = Place { agent, ..self.place(reply.at, standing) };
            counted.span(place, Span::FirstReplyWall, self.wall_s(reply.at));
            counted.span(place, Span::FirstReplyOpen, reply.open_s);
        }
        if let Some(resolution) = &self.resolution {
            let place = self.place_at(resolution.at);
            counted.at(place, Count::Resolved, 1);
            counted.at(place, Count::Replies, resolution.n_replies);
            let is_one_touch = resolution.n_replies == 1 && !self.was_reopened();
            counted.at(place, Count::OneTouch, i64::from(is_one_touch));
            counted.span(place, Span::ResolutionWall, self.wall_s(resolution.at));
            counted.span(place, Span::ResolutionOpen, resolution.open_s);
        }
        for (at, metric, outcome) in &self.promises {
            counted.at(self.place_at(*at), kept(*metric, *outcome), 1);
        }
        for (at, outcome) in &self.drafts {
            counted.at(self.place_at(*at), drafted(*outcome), 1);
        }
        counted.0
    }

    fn count_stretches<'a>(&'a self, counted: &mut Counted<'a>) {
        let mut before: Option<&Standing> = None;
        for Stretch { from, standing } in &self.stretches {
            let place = self.place(*from, standing);
            let was_open = before.is_some_and(|before| !before.is_done);
            if let Some(before) = before.filter(|_| was_open) {
                counted.at(self.place(*from, before), Count::Backlog, -1);
            }
            if !standing.is_done {
                counted.at(place, Count::Backlog, 1);
                let is_reopened = before.is_some_and(|before| before.is_done);
                counted.at(place, Count::Reopened, i64::from(is_reopened));
            } else if was_open || before.is_none() {
                counted.at(place, Count::Solved, 1);
            }
            before = Some(standing);
        }
    }

    fn opened_at(&self) -> Timestamp {
        self.stretches.first().map_or(Timestamp(0), |stretch| stretch.from)
    }

    fn last(&self) -> &Standing {
        &self.stretches[self.stretches.len() - 1].standing
    }

    fn was_reopened(&self) -> bool {
        self.stretches.windows(2).any(|pair| pair[0].standing.is_done && !pair[1].standing.is_done)
    }

    fn wall_s(&self, at: Timestamp) -> i64 {
        (at.0 - self.opened_at().0) / SECOND_MS
    }

    fn place_at(&self, at: Timestamp) -> Place<'_> {
        self.place(at, standing_at(&self.stretches, at))
    }

    fn place<'a>(&'a self, at: Timestamp, standing: &'a Standing) -> Place<'a> {
        Place {
            at,
            team: &standing.team,
            agent: standing.agent.as_deref(),
            channel: &self.channel,
            priority: standing.priority,
            locale: &self.locale,
        }
    }
}

/// What is counted so far: at each place one cell.
struct Counted<'a>(Vec<(Place<'a>, Cell)>);

impl<'a> Counted<'a> {
    fn at(&mut self, place: Place<'a>, count: Count, n: i64) {
        if n != 0 {
            self.cell(place).add_count(count, n);
        }
    }

    fn span(&mut self, place: Place<'a>, span: Span, seconds: i64) {
        self.cell(place).add_span(span, &Histogram::of(seconds));
    }

    fn cell(&mut self, place: Place<'a>) -> &mut Cell {
        let known = self.0.iter().position(|(other, _)| *other == place);
        let at = known.unwrap_or_else(|| {
            self.0.push((place, Cell::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// How it stood at a time: by the last stretch that had begun, and before all of them by the first.
fn standing_at(stretches: &[Stretch], at: Timestamp) -> &Standing {
    let begun = stretches.iter().take_while(|stretch| stretch.from <= at).count();
    &stretches[begun.saturating_sub(1)].standing
}

/// When it was solved for the last time, if it still is.
fn solved_at(stretches: &[Stretch]) -> Option<Timestamp> {
    let done = stretches.iter().rev().take_while(|stretch| stretch.standing.is_done);
    done.last().map(|stretch| stretch.from)
}

/// How the ticket stood from its opening on: its present state, walked back to the first by its changes, then forward again.
/// What was changed at the same time is one change. At least one stretch.
fn stretches(life: &TicketLife) -> Vec<Stretch> {
    let ticket = &life.ticket;
    let now = Standing {
        is_done: ticket.status.is_done(),
        team: ticket.team.clone(),
        agent: ticket.assignee_id.as_ref().map(ToString::to_string),
        priority: ticket.priority,
    };
    let mut standing = now.clone();
    for change in life.changes.iter().rev() {
        standing.set(&change.field, change.from.as_deref());
    }
    // One that is solved without a change of its status, by an import, was open until then.
    let knows_status = life.changes.iter().any(|change| change.field == TicketField::Status);
    let is_imported = now.is_done && !knows_status;
    standing.is_done &= !is_imported;
    let mut stretches = vec![Stretch { from: ticket.created_at, standing: standing.clone() }];
    for change in &life.changes {
        standing.set(&change.field, change.to.as_deref());
        push(&mut stretches, change.at, &standing);
    }
    if standing != now {
        let solved_at = ticket.solved_at.filter(|_| is_imported);
        push(&mut stretches, solved_at.unwrap_or(ticket.updated_at), &now);
    }
    stretches
}

fn push(stretches: &mut Vec<Stretch>, at: Timestamp, standing: &Standing) {
    let last = stretches.len() - 1;
    // A clock that was set back must not mix up the order.
    let at = at.max(stretches[last].from);
    if stretches[last].from == at {
        standing.clone_into(&mut stretches[last].standing);
        // Changed and changed back at once.
        if last > 0 && stretches[last - 1].standing == *standing {
            stretches.pop();
        }
    } else if stretches[last].standing != *standing {
        stretches.push(Stretch { from: at, standing: standing.clone() });
    }
}

impl Standing {
    /// Takes on the value of a field. One that is not understood changes nothing.
    fn set(&mut self, field: &TicketField, value: Option<&str>) {
        match (field, value) {
            (TicketField::Status, Some(status)) => {
                self.is_done = TicketStatus::parse(status).map_or(self.is_done, TicketStatus::is_done);
            }
            (TicketField::Priority, Some(priority)) => {
                self.priority = Priority::parse(priority).unwrap_or(self.priority);
            }
            (TicketField::Team, Some(team)) => team.clone_into(&mut self.team),
            (TicketField::Assignee, agent) => self.agent = agent.map(str::to_owned),
            _ => {}
        }
    }
}

fn handed(reason: &str) -> Count {
    match reason {
        "asked" => Count::HandedAsked,
        "unhelpful" => Count::HandedUnhelpful,
        "abstained" => Count::HandedAbstained,
        "policy" => Count::HandedPolicy,
        _ => Count::HandedFailure,
    }
}

fn kept(metric: SlaMetric, outcome: PromiseOutcome) -> Count {
    match (metric, outcome) {
        (SlaMetric::FirstReply, PromiseOutcome::Met) => Count::FirstReplyMet,
        (SlaMetric::FirstReply, PromiseOutcome::Missed) => Count::FirstReplyMissed,
        (SlaMetric::NextReply, PromiseOutcome::Met) => Count::NextReplyMet,
        (SlaMetric::NextReply, PromiseOutcome::Missed) => Count::NextReplyMissed,
        (SlaMetric::Resolution, PromiseOutcome::Met) => Count::ResolutionMet,
        (SlaMetric::Resolution, PromiseOutcome::Missed) => Count::ResolutionMissed,
    }
}

fn drafted(outcome: Option<SuggestionOutcome>) -> Count {
    match outcome {
        None => Count::DraftsShown,
        Some(SuggestionOutcome::Used) => Count::DraftsUsed,
        Some(SuggestionOutcome::Edited) => Count::DraftsEdited,
        Some(SuggestionOutcome::Dismissed) => Count::DraftsDismissed,
    }
}
