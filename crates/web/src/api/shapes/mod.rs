//! The JSON that the API speaks, made from domain values. Changing a name here breaks somebody's script.

mod article;
mod attachment;
mod audit;
mod automation;
mod bulk_job;
mod citation;
mod conversation;
mod customer;
mod customer_history;
mod event;
mod field;
mod handling;
mod key;
mod learning;
mod mention;
mod operation;
mod organisation;
mod person;
mod report;
mod role;
mod routing;
mod rule;
mod schedule;
mod search;
mod sla;
mod status;
mod suggestion;
mod team;
mod ticket;
mod ticket_search;
mod trace;
mod turn;
mod view;
mod waiting_reply;
mod webhook;

use domain::Snippet;

pub(crate) use article::{ArticleJson, ArticlesJson, CollectionShelfJson, CollectionsJson};
pub(crate) use attachment::AttachmentJson;
pub(crate) use audit::{AuditEntryJson, AuditJson};
pub(crate) use automation::{
    CannedRepliesJson, CannedReplyJson, CannedReplyRowJson, MacroJson, MacroRunJson, MacrosJson, PreviewJson,
    RenderedJson,
};
pub(crate) use bulk_job::{
    BulkJobJson, BulkJobsJson, BulkPreviewJson, BulkTicketStateJson, BulkTicketsJson, BulkUndoJson,
};
pub(crate) use citation::CitationJson;
pub(crate) use conversation::{ConversationJson, HandedOffJson, OpenedJson};
pub(crate) use customer::{
    CustomerAloneJson, CustomerViewJson, CustomersJson, DuplicatesJson, MergeJson, MergesJson,
    OrganisationNameJson,
};
pub(crate) use customer_history::CustomerHistoryJson;
pub(crate) use event::EventJson;
pub(crate) use field::{FieldJson, FieldsJson};
pub(crate) use handling::{ChecklistJson, FollowerJson, LinkJson, MergedJson};
pub(crate) use key::{CreatedKeyJson, KeyJson, KeysJson};
pub(crate) use learning::{
    LearnedVersionJson, LearnedVersionsJson, ProposedQuestionJson, ProposedQuestionsJson,
};
pub(crate) use mention::{MentionJson, MentionsJson};
pub(crate) use operation::{OperationJson, OperationsJson, SplitJson};
pub(crate) use organisation::{
    NoteJson, NotesJson, OrganisationJson, OrganisationsJson, SegmentCustomersJson, SegmentJson, SegmentsJson,
};
pub(crate) use person::{AddedUserJson, InviteJson, MeJson, SessionsJson, UserJson, UsersJson};
pub(crate) use report::{ReportJson, ReportsJson};
pub(crate) use role::{RoleJson, RolesJson};
pub(crate) use routing::{
    AbsenceJson, AbsencesJson, AgentRoutingJson, AssignmentsJson, SkillsJson, TeamRoutingJson,
};
pub(crate) use rule::{DryRunJson, RuleJson, RuleStateJson, RulesJson, ThenJson, TriggerJson};
pub(crate) use schedule::{HolidayJson, ScheduleJson, SchedulesJson, WeekJson};
pub(crate) use search::SearchJson;
pub(crate) use sla::{PoliciesJson, PolicyJson, TargetsJson, TicketSlaJson};
pub(crate) use status::{StatusJson, StatusesJson};
pub(crate) use suggestion::{SuggestionJson, SuggestionsJson};
pub(crate) use team::{TeamJson, TeamsJson};
pub(crate) use ticket::{MessageJson, TicketHistoryJson, TicketJson, TicketViewJson, TicketsJson};
pub(crate) use ticket_search::FoundTicketsJson;
pub(crate) use trace::{ReplayJson, TraceJson};
pub(crate) use turn::{AskJson, BotTurnJson, TurnJson};
pub(crate) use view::{CountJson, SharingJson, ViewJson, ViewsJson};
pub(crate) use waiting_reply::{WaitingRepliesJson, WaitingReplyJson};
pub(crate) use webhook::{
    CreatedWebhookJson, DeliveriesJson, DeliveryJson, ReplacedSecretJson, WebhookJson, WebhooksJson,
};

/// The marked parts of an excerpt: start and end in Unicode characters.
fn marks(snippet: &Snippet) -> Vec<[usize; 2]> {
    let chars = |at: usize| snippet.text.get(..at).map_or(0, |before| before.chars().count());
    snippet.marks.iter().map(|&(start, end)| [chars(start), chars(end)]).collect()
}
