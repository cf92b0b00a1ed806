//! The audit log: who changed what, when and from where. Entries form a chain by their hashes, so that a changed or missing one
//! shows.
//!
//! An entry names things by ids and keys. It holds no text that a customer wrote, no customer's name or address, and no secret.

use serde_json::Value;

use crate::{Principal, Timestamp};

macro_rules! actions {
    // A macro because each name would stand in three lists otherwise, of which one would be forgotten.
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What was done. The part before the dot is the kind of thing it was done to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)*
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The action as it is stored, such as `ticket.changed`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

actions! {
    /// A ticket was opened.
    TicketOpened = "ticket.opened";
    /// Fields of a ticket changed.
    TicketChanged = "ticket.changed";
    /// Somebody wrote to the customer, or the customer to the team.
    TicketReplied = "ticket.replied";
    /// Somebody wrote a note.
    TicketNoted = "ticket.noted";
    /// A reply was written that is sent later.
    TicketReplyScheduled = "ticket.reply_scheduled";
    /// A reply that waits was changed.
    TicketReplyRewritten = "ticket.reply_rewritten";
    /// A reply that waited was taken back.
    TicketReplyCancelled = "ticket.reply_cancelled";
    /// A reply that waited could not be sent.
    TicketReplyStopped = "ticket.reply_stopped";
    /// A file was uploaded.
    AttachmentUploaded = "attachment.uploaded";
    /// Somebody ran a macro on it.
    TicketMacroRun = "ticket.macro_run";
    /// A bulk job changed it.
    TicketBulkChanged = "ticket.bulk_changed";
    /// What a bulk job changed of it was put back.
    TicketBulkUndone = "ticket.bulk_undone";
    /// A rule did something to it.
    TicketRuleApplied = "ticket.rule_applied";
    /// A rule could not do something to it.
    TicketRuleFailed = "ticket.rule_failed";
    /// A rule was held, because rules set off one another in a circle.
    TicketRuleHeld = "ticket.rule_held";
    /// Drafts of a reply were made.
    TicketSuggested = "ticket.suggested";
    /// Somebody said what became of a draft.
    TicketSuggestionJudged = "ticket.suggestion_judged";
    /// A ticket was merged into another one.
    TicketMerged = "ticket.merged";
    /// Messages of a ticket were moved into a new one.
    TicketSplit = "ticket.split";
    /// Two tickets were linked.
    TicketLinked = "ticket.linked";
    /// Two tickets are linked no more.
    TicketUnlinked = "ticket.unlinked";
    /// A merge, a split or a change of links was taken back.
    TicketUndone = "ticket.undone";
    /// Tickets went to the archive.
    TicketArchived = "ticket.archived";
    /// A ticket came back from the archive.
    TicketUnarchived = "ticket.unarchived";
    /// A ticket was deleted because of its age.
    TicketDeleted = "ticket.deleted";
    /// A conversation was handed to the team, or the customer added to it.
    ConversationHandedOff = "conversation.handed_off";
    /// A customer became known.
    CustomerCreated = "customer.created";
    /// A customer's name or address changed.
    CustomerChanged = "customer.changed";
    /// An address or another identity was added to a customer.
    CustomerIdentityAdded = "customer.identity_added";
    /// An identity of a customer was verified, or made the one that is written to.
    CustomerIdentityChanged = "customer.identity_changed";
    /// An identity was taken from a customer.
    CustomerIdentityRemoved = "customer.identity_removed";
    /// Somebody wrote a note on a customer.
    CustomerNoted = "customer.noted";
    /// A note on a customer was deleted.
    CustomerNoteDeleted = "customer.note_deleted";
    /// Another customer was merged into this one.
    CustomerMerged = "customer.merged";
    /// A merge was undone.
    CustomerMergeUndone = "customer.merge_undone";
    /// Somebody wants a customer erased.
    CustomerErasureBegun = "customer.erasure_begun";
    /// Some of what is a customer's was erased.
    CustomerPartErased = "customer.part_erased";
    /// A customer was erased everywhere.
    CustomerErased = "customer.erased";
    /// What was learned from a customer's tickets was forgotten.
    CustomerForgotten = "customer.forgotten";
    /// An organisation was made.
    OrganisationCreated = "organisation.created";
    /// An organisation changed.
    OrganisationChanged = "organisation.changed";
    /// An organisation was deleted.
    OrganisationDeleted = "organisation.deleted";
    /// Somebody wrote a note on an organisation.
    OrganisationNoted = "organisation.noted";
    /// A note on an organisation was deleted.
    OrganisationNoteDeleted = "organisation.note_deleted";
    /// A segment was made.
    SegmentCreated = "segment.created";
    /// A segment changed.
    SegmentChanged = "segment.changed";
    /// A segment was deleted.
    SegmentDeleted = "segment.deleted";
    /// An article was written.
    ArticleCreated = "article.created";
    /// An article's working text, address, place or audience changed.
    ArticleChanged = "article.changed";
    /// An article was imported.
    ArticleImported = "article.imported";
    /// A text was published.
    ArticlePublished = "article.published";
    /// A text was withdrawn.
    ArticleUnpublished = "article.unpublished";
    /// A collection was made.
    CollectionCreated = "collection.created";
    /// A collection's title, description or place changed.
    CollectionChanged = "collection.changed";
    /// A proposed question was accepted, dismissed or proposed again.
    QuestionDecided = "question.decided";
    /// A version was learned.
    LearningTrained = "learning.trained";
    /// Another version was chosen, or none.
    LearningChosen = "learning.chosen";
    /// A key was made.
    KeyCreated = "key.created";
    /// What a key may do or when it ends changed.
    KeyChanged = "key.changed";
    /// A key got another secret.
    KeyRotated = "key.rotated";
    /// A key was revoked.
    KeyRevoked = "key.revoked";
    /// A person was added.
    UserCreated = "user.created";
    /// What a person is or may see changed.
    UserChanged = "user.changed";
    /// A sign-in link was made.
    UserLinkCreated = "user.link_created";
    /// A person signed in.
    UserSignedIn = "user.signed_in";
    /// Somebody was not let in.
    UserSignInRefused = "user.sign_in_refused";
    /// A person was invited to set a password.
    UserInvited = "user.invited";
    /// A password was set.
    UserPasswordChanged = "user.password_changed";
    /// A person began to set up a second factor.
    UserFactorBegun = "user.second_factor_begun";
    /// A second factor is asked for from now on.
    UserFactorAdded = "user.second_factor_added";
    /// A second factor is asked for no more.
    UserFactorRemoved = "user.second_factor_removed";
    /// A person is known to a provider from now on.
    UserIdentityAdded = "user.identity_added";
    /// Sessions were ended elsewhere.
    UserSessionsEnded = "user.sessions_ended";
    /// A person signed out.
    UserSignedOut = "user.signed_out";
    /// A role was made.
    RoleCreated = "role.created";
    /// A role changed.
    RoleChanged = "role.changed";
    /// A role was deleted.
    RoleDeleted = "role.deleted";
    /// A team was made.
    TeamCreated = "team.created";
    /// A team's name changed, or how its tickets are given to people.
    TeamChanged = "team.changed";
    /// A team was deleted.
    TeamDeleted = "team.deleted";
    /// A person was put into a team.
    TeamMemberAdded = "team.member_added";
    /// A person was taken out of a team.
    TeamMemberRemoved = "team.member_removed";
    /// A view was made.
    ViewCreated = "view.created";
    /// A view changed.
    ViewChanged = "view.changed";
    /// A view was deleted.
    ViewDeleted = "view.deleted";
    /// A canned reply was made.
    CannedReplyCreated = "canned_reply.created";
    /// A canned reply changed.
    CannedReplyChanged = "canned_reply.changed";
    /// A canned reply was deleted.
    CannedReplyDeleted = "canned_reply.deleted";
    /// A macro was made.
    MacroCreated = "macro.created";
    /// A macro changed.
    MacroChanged = "macro.changed";
    /// A macro was deleted.
    MacroDeleted = "macro.deleted";
    /// A bulk job was made.
    BulkJobCreated = "bulk_job.created";
    /// A bulk job came to its end, or stopped before.
    BulkJobEnded = "bulk_job.ended";
    /// A bulk job was ended by somebody.
    BulkJobCancelled = "bulk_job.cancelled";
    /// Somebody wants a bulk job undone.
    BulkJobUndoBegun = "bulk_job.undo_begun";
    /// A bulk job was undone, as far as it could be.
    BulkJobUndone = "bulk_job.undone";
    /// A rule was made.
    RuleCreated = "rule.created";
    /// A rule changed.
    RuleChanged = "rule.changed";
    /// A rule was deleted.
    RuleDeleted = "rule.deleted";
    /// The order of rules changed.
    RuleOrdered = "rule.ordered";
    /// A webhook was made.
    WebhookCreated = "webhook.created";
    /// A webhook changed.
    WebhookChanged = "webhook.changed";
    /// A webhook was disabled by itself.
    WebhookDisabled = "webhook.disabled";
    /// A webhook was deleted.
    WebhookDeleted = "webhook.deleted";
    /// A webhook got another secret.
    WebhookSecretReplaced = "webhook.secret_replaced";
    /// A webhook was tried out.
    WebhookTested = "webhook.tested";
    /// A message was sent to a webhook again.
    WebhookReplayed = "webhook.replayed";
    /// A schedule was made.
    ScheduleCreated = "schedule.created";
    /// A schedule changed.
    ScheduleChanged = "schedule.changed";
    /// A schedule was deleted.
    ScheduleDeleted = "schedule.deleted";
    /// An absence was entered.
    AbsenceCreated = "absence.created";
    /// An absence was taken back.
    AbsenceDeleted = "absence.deleted";
    /// An SLA policy was made.
    SlaPolicyCreated = "sla_policy.created";
    /// An SLA policy changed.
    SlaPolicyChanged = "sla_policy.changed";
    /// An SLA policy was deleted.
    SlaPolicyDeleted = "sla_policy.deleted";
    /// The order of SLA policies changed.
    SlaPolicyOrdered = "sla_policy.ordered";
    /// A custom field was made.
    FieldCreated = "field.created";
    /// A custom field changed.
    FieldChanged = "field.changed";
    /// A status was added.
    StatusCreated = "status.created";
    /// A status changed.
    StatusChanged = "status.changed";
    /// All was exported.
    SiteExported = "site.exported";
    /// An import of tickets and customers began.
    SiteImported = "site.imported";
    /// Old entries of the audit log were deleted.
    AuditTrimmed = "audit.trimmed";
}

impl AuditAction {
    /// Parses a stored action.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }

    /// The actions whose names begin so: `ticket.` for all that is done to tickets.
    pub fn beginning_with(prefix: &str) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|action| action.as_str().starts_with(prefix)).collect()
    }

    /// The kind of thing it is done to, such as `ticket`.
    pub fn subject_kind(self) -> &'static str {
        self.as_str().split_once('.').map_or("", |(kind, _)| kind)
    }
}

/// What kind of somebody did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person of the team, signed in.
    Person,
    /// A program with an API key.
    Key,
    /// A customer who is known.
    Customer,
    /// Somebody with a browser; the id is their conversation's, if they have one.
    Visitor,
    /// Askwell itself, or who holds its data directory.
    System,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Person, Self::Key, Self::Customer, Self::Visitor, Self::System];

    /// The kind as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Key => "key",
            Self::Customer => "customer",
            Self::Visitor => "visitor",
            Self::System => "system",
        }
    }

    /// Parses a stored kind.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What kind of somebody.
    pub kind: ActorKind,
    /// Who.
    pub id: Option<String>,
    /// What a person or a key was called then. Customers have none here: the log outlives their erasure.
    pub name: Option<String>,
}

impl Actor {
    /// Who a principal is, still without a name.
    pub fn of(principal: &Principal) -> Self {
        let (kind, id) = match principal {
            Principal::Staff { id, .. } => (ActorKind::Person, Some(id.to_string())),
            Principal::ApiKey { id, .. } => (ActorKind::Key, Some(id.to_string())),
            Principal::Customer { id, .. } => (ActorKind::Customer, Some(id.to_string())),
            Principal::Visitor { conversation } => {
                (ActorKind::Visitor, conversation.as_ref().map(ToString::to_string))
            }
            Principal::System => (ActorKind::System, None),
        };
        Self { kind, id, name: None }
    }
}

/// Through which door something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// The API.
    Api,
    /// The staff area.
    Staff,
    /// The help center.
    HelpCenter,
    /// The command line on the data directory.
    CommandLine,
    /// Askwell's own work beside the requests.
    Worker,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 5] = [Self::Api, Self::Staff, Self::HelpCenter, Self::CommandLine, Self::Worker];

    /// The door as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Staff => "staff",
            Self::HelpCenter => "help_center",
            Self::CommandLine => "command_line",
            Self::Worker => "worker",
        }
    }

    /// Parses a stored door.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.as_str() == text)
    }
}

/// From where something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditOrigin {
    /// Through which door.
    pub door: Door,
    /// The network it came from, such as `192.0.2.0/24`: never the whole address.
    pub network: Option<String>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Counts from 1 without gaps, in commit order.
    pub seq: i64,
    /// When; never before the entry before it.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: AuditOrigin,
    /// What.
    pub action: AuditAction,
    /// To what: an id or a key of [`AuditAction::subject_kind`].
    pub subject_id: Option<String>,
    /// What else there is to say, by ids and keys: a JSON object.
    pub details: Value,
    /// The hash of the entry before it; 64 zeros for the first one.
    pub prev_hash: String,
    /// SHA-256 of [`AuditEntry::canonical`], as 64 hexadecimal digits.
    pub hash: String,
}

/// What stands for the hash before the first entry.
pub const FIRST_PREV_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditEntry {
    /// What is hashed: a JSON array of everything but the hash, without spaces, `details` with its names in order.
    pub fn canonical(&self) -> String {
        serde_json::json!([
            self.seq,
            self.at.0,
            self.actor.kind.as_str(),
            self.actor.id,
            self.actor.name,
            self.origin.door.as_str(),
            self.origin.network,
            self.action.as_str(),
            self.subject_id,
            self.details,
            self.prev_hash,
        ])
        .to_string()
    }
}

/// Where the chain of entries begins: after the last one that was deleted because of its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditAnchor {
    /// The sequence of the last entry that is no longer kept; 0 when all are.
    pub seq: i64,
    /// Its hash; [`FIRST_PREV_HASH`] when all are kept.
    pub hash: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiKeyId, ConversationId, CustomerId, Role, UserId};

    #[test]
    fn actions_round_trip_and_name_their_kind() {
        let mut seen = std::collections::BTreeSet::new();
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::parse(action.as_str()), Some(*action));
            assert!(!action.subject_kind().is_empty(), "{action:?}");
            assert!(seen.insert(action.as_str()), "{action:?}");
        }
        assert_eq!(AuditAction::parse("ticket."), None);
        let teams = AuditAction::beginning_with("team.");
        assert!(teams.contains(&AuditAction::TeamDeleted) && teams.len() == 5, "{teams:?}");
        assert!(AuditAction::beginning_with("nothing").is_empty());
    }

    #[test]
    fn an_actor_is_named_by_id_alone() {
        for (principal, kind, id) in [
            (Principal::staff(UserId::new("u"), Role::Agent), "person", Some("u")),
            (Principal::api_key(ApiKeyId::new("k"), []), "key", Some("k")),
            (
                Principal::Customer { id: CustomerId::new("c"), segments: std::collections::BTreeSet::new() },
                "customer",
                Some("c"),
            ),
            (Principal::Visitor { conversation: Some(ConversationId::new("v")) }, "visitor", Some("v")),
            (Principal::anonymous(), "visitor", None),
            (Principal::System, "system", None),
        ] {
            let actor = Actor::of(&principal);
            assert_eq!((actor.kind.as_str(), actor.id.as_deref(), actor.name), (kind, id, None));
        }
    }

    #[test]
    fn the_hashed_form_is_the_same_for_the_same_entry() {
        let entry = AuditEntry {
            seq: 7,
            at: Timestamp(1_750_000_000_000),
            actor: Actor { kind: ActorKind::Person, id: Some("u".into()), name: Some("Ada".into()) },
            origin: AuditOrigin { door: Door::Api, network: Some("192.0.2.0/24".into()) },
            action: AuditAction::TicketChanged,
            subject_id: Some("t".into()),
            details: serde_json::json!({ "status": ["open", "solved"], "priority": ["low", "high"] }),
            prev_hash: FIRST_PREV_HASH.to_owned(),
            hash: "not part of it".to_owned(),
        };
        let expected = format!(
            r#"[7,1750000000000,"person","u","Ada","api","192.0.2.0/24","ticket.changed","t",{{"priority":["low","high"],"status":["open","solved"]}},"{FIRST_PREV_HASH}"]"#
        );
        assert_eq!(entry.canonical(), expected);
        assert_eq!(AuditEntry { hash: String::new(), ..entry.clone() }.canonical(), expected);
        assert_ne!(AuditEntry { subject_id: None, ..entry }.canonical(), expected);
    }
}
