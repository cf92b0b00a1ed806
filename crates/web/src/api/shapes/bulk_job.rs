//! Bulk jobs, their tickets, and what one would do.

use desk::{BulkJobPage, BulkPreview, BulkSample, BulkTicketPage, BulkTicketRow};
use domain::{BulkJob, BulkStop, BulkTicketState, BulkUndoState, Writer};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::automation::{FieldChangeJson, PlannedMessageJson, changes, messages};
use crate::dates::iso;

/// A bulk job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkJobJson {
    id: String,
    /// `gathering`, `waiting`, `running`, `finished`, `stopped`, `cancelled`, `undoing` or `undone`.
    state: &'static str,
    /// Why it stopped: `doer_gone` (who did it was deactivated, or the key has ended), `not_allowed` (they may no longer change
    /// tickets) or `interrupted` (Askwell ended before its tickets were written down; none was changed).
    stopped_because: Option<&'static str>,
    created_by: ByJson,
    /// In the filter language; null where the tickets were named.
    filter: Option<String>,
    /// What it does, in this order.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    n_tickets: i64,
    /// Changed.
    n_done: i64,
    /// Were as the actions would have them.
    n_unchanged: i64,
    /// Could not be changed.
    n_failed: i64,
    /// Put back whole.
    n_undone: i64,
    /// Put back in part.
    n_partly_undone: i64,
    /// Not put back at all.
    n_kept: i64,
    created_at: String,
    started_at: Option<String>,
    /// When it finished, stopped or was cancelled.
    ended_at: Option<String>,
    /// Until when it can be undone.
    undo_until: Option<String>,
    /// Who wants it undone.
    undone_by: Option<ByJson>,
    undo_began_at: Option<String>,
    undone_at: Option<String>,
}

/// A person or a key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ByJson {
    /// `person` or `key`.
    kind: &'static str,
    id: String,
}

/// A page of bulk jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkJobsJson {
    jobs: Vec<BulkJobJson>,
    /// `after` of the next page; null on the last one.
    next: Option<String>,
}

/// A ticket of a bulk job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkTicketJson {
    /// Its place in the job, from 1.
    position: i64,
    /// Its id. What was named and is no ticket of yours stands here as it was named.
    ticket_id: String,
    /// Its number; null when you do not see it.
    number: Option<i64>,
    state: BulkTicketStateJson,
    /// Why it could not be changed.
    reason: Option<String>,
    /// What changed of it, as in a ticket's history.
    changed: Vec<String>,
    /// Notes that were written. They stay.
    n_notes: usize,
    /// Replies that were sent. They stay.
    n_replies: usize,
    undo: BulkUndoJson,
    /// What was not put back, and why.
    kept: Vec<KeptJson>,
}

/// A part of a ticket that was not put back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptJson {
    /// As in a ticket's history; `messages` for what was written, `ticket` for all of it.
    field: String,
    reason: String,
}

/// A page of the tickets of a bulk job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkTicketsJson {
    tickets: Vec<BulkTicketJson>,
    /// `after` of the next page; null on the last one.
    next: Option<i64>,
}

/// What a bulk job would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkPreviewJson {
    /// How many tickets it would be for: `expected_count` of the job.
    n_tickets: usize,
    /// Whether there are more than 100,000, the most of one job.
    is_too_many: bool,
    /// What it would do to the first ones, at most ten. Tickets that you do not see are not among them.
    sample: Vec<BulkSampleJson>,
}

/// What a bulk job would do to a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkSampleJson {
    ticket_id: String,
    number: i64,
    subject: String,
    /// The fields that would change.
    changes: Vec<FieldChangeJson>,
    /// What would be written.
    messages: Vec<PlannedMessageJson>,
    /// Why nothing would be done to it.
    refused: Option<String>,
}

/// What became of a ticket.
#[derive(Debug, Clone, Copy, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkTicketStateJson {
    /// Nobody has looked at it.
    Waiting,
    /// It was changed.
    Done,
    /// It was as the actions would have it.
    Unchanged,
    /// It could not be changed; nothing of it was.
    Failed,
}

/// What became of putting a ticket back.
#[derive(Debug, Clone, Copy, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkUndoJson {
    /// Nobody has tried.
    None,
    /// All of it is as it was.
    Undone,
    /// Some of it is.
    Partly,
    /// Nothing of it is.
    Kept,
}

impl BulkTicketStateJson {
    fn of(state: BulkTicketState) -> Self {
        match state {
            BulkTicketState::Waiting => Self::Waiting,
            BulkTicketState::Done => Self::Done,
            BulkTicketState::Unchanged => Self::Unchanged,
            BulkTicketState::Failed => Self::Failed,
        }
    }

    pub(crate) fn asked(self) -> BulkTicketState {
        match self {
            Self::Waiting => BulkTicketState::Waiting,
            Self::Done => BulkTicketState::Done,
            Self::Unchanged => BulkTicketState::Unchanged,
            Self::Failed => BulkTicketState::Failed,
        }
    }
}

impl BulkUndoJson {
    fn of(state: BulkUndoState) -> Self {
        match state {
            BulkUndoState::None => Self::None,
            BulkUndoState::Undone => Self::Undone,
            BulkUndoState::Partly => Self::Partly,
            BulkUndoState::Kept => Self::Kept,
        }
    }

    pub(crate) fn asked(self) -> BulkUndoState {
        match self {
            Self::None => BulkUndoState::None,
            Self::Undone => BulkUndoState::Undone,
            Self::Partly => BulkUndoState::Partly,
            Self::Kept => BulkUndoState::Kept,
        }
    }
}

impl ByJson {
    fn of(writer: &Writer) -> Self {
        Self { kind: writer.kind(), id: writer.id().to_owned() }
    }
}

impl BulkJobJson {
    pub(crate) fn new(job: &BulkJob) -> Self {
        Self {
            id: job.id.to_string(),
            state: job.state.as_str(),
            stopped_because: job.stopped.map(BulkStop::as_str),
            created_by: ByJson::of(&job.writer),
            filter: job.filter.clone(),
            actions: job.actions.to_json(),
            n_tickets: job.counts.n_tickets,
            n_done: job.counts.n_done,
            n_unchanged: job.counts.n_unchanged,
            n_failed: job.counts.n_failed,
            n_undone: job.counts.n_undone,
            n_partly_undone: job.counts.n_partly,
            n_kept: job.counts.n_kept,
            created_at: iso(job.created_at),
            started_at: job.started_at.map(iso),
            ended_at: job.ended_at.map(iso),
            undo_until: job.undo_until().map(iso),
            undone_by: job.undoer.as_ref().map(ByJson::of),
            undo_began_at: job.undo_began_at.map(iso),
            undone_at: job.undone_at.map(iso),
        }
    }
}

impl BulkJobsJson {
    pub(crate) fn new(page: &BulkJobPage) -> Self {
        let next = page.next.as_ref().map(ToString::to_string);
        Self { jobs: page.jobs.iter().map(BulkJobJson::new).collect(), next }
    }
}

impl BulkTicketJson {
    fn new(BulkTicketRow { ticket, number }: &BulkTicketRow) -> Self {
        let mut changed: Vec<String> =
            ticket.change.parts.iter().map(|part| part.field().key().into_owned()).collect();
        // Each tag is a part of its own.
        changed.dedup();
        let kept = ticket.kept.iter();
        Self {
            position: ticket.position,
            ticket_id: ticket.ticket_id.to_string(),
            number: *number,
            state: BulkTicketStateJson::of(ticket.state),
            reason: ticket.reason.clone(),
            changed,
            n_notes: ticket.change.n_notes,
            n_replies: ticket.change.n_replies,
            undo: BulkUndoJson::of(ticket.undo),
            kept: kept
                .map(|kept| KeptJson { field: kept.field.clone(), reason: kept.reason.clone() })
                .collect(),
        }
    }
}

impl BulkTicketsJson {
    pub(crate) fn new(page: &BulkTicketPage) -> Self {
        Self { tickets: page.rows.iter().map(BulkTicketJson::new).collect(), next: page.next }
    }
}

impl BulkPreviewJson {
    pub(crate) fn new(preview: &BulkPreview) -> Self {
        let (n_tickets, is_too_many) = (preview.n_tickets, preview.is_too_many);
        Self { n_tickets, is_too_many, sample: preview.sample.iter().map(BulkSampleJson::new).collect() }
    }
}

impl BulkSampleJson {
    fn new(sample: &BulkSample) -> Self {
        Self {
            ticket_id: sample.id.to_string(),
            number: sample.number,
            subject: sample.subject.clone(),
            changes: changes(&sample.changes),
            messages: messages(&sample.messages),
            refused: sample.refused.as_ref().map(ToString::to_string),
        }
    }
}
