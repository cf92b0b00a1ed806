//! What is counted: numbers, and lengths of time.

macro_rules! counts {
    // A macro because each name would stand in three lists otherwise, of which one would be forgotten.
    ($($(#[$doc:meta])* $name:ident = $column:literal;)*) => {
        /// A number that is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Count {
            $($(#[$doc])* $name,)*
        }

        impl Count {
            /// Every number, in the order of the columns.
            pub const ALL: [Self; [$($column),*].len()] = [$(Self::$name),*];

            /// The column that holds it.
            pub fn column(self) -> &'static str {
                match self {
                    $(Self::$name => $column,)*
                }
            }
        }
    };
}

counts! {
    /// Tickets that were opened.
    Created = "n_created";
    /// Times that a ticket was solved, or closed without being solved before.
    Solved = "n_solved";
    /// Times that a solved ticket was opened again.
    Reopened = "n_reopened";
    /// By how many there are more unsolved tickets than before.
    Backlog = "n_backlog";
    /// Tickets that were solved for the last time.
    Resolved = "n_resolved";
    /// Of those, tickets with a single reply that were never opened again.
    OneTouch = "n_one_touch";
    /// Replies to tickets that were solved for the last time.
    Replies = "n_replies";
    /// Hand-overs because the customer asked for a human.
    HandedAsked = "n_handed_asked";
    /// Hand-overs because answers did not help.
    HandedUnhelpful = "n_handed_unhelpful";
    /// Hand-overs because no article answers.
    HandedAbstained = "n_handed_abstained";
    /// Hand-overs because of a policy topic.
    HandedPolicy = "n_handed_policy";
    /// Hand-overs because something failed.
    HandedFailure = "n_handed_failure";
    /// First replies in time.
    FirstReplyMet = "n_first_reply_met";
    /// First replies that were late.
    FirstReplyMissed = "n_first_reply_missed";
    /// Next replies in time.
    NextReplyMet = "n_next_reply_met";
    /// Next replies that were late.
    NextReplyMissed = "n_next_reply_missed";
    /// Solved in time.
    ResolutionMet = "n_resolution_met";
    /// Not solved in time.
    ResolutionMissed = "n_resolution_missed";
    /// Drafts that were made for agents.
    DraftsShown = "n_drafts_shown";
    /// Drafts that were sent as they were.
    DraftsUsed = "n_drafts_used";
    /// Drafts that were sent after changes.
    DraftsEdited = "n_drafts_edited";
    /// Drafts that were put aside.
    DraftsDismissed = "n_drafts_dismissed";
    /// Conversations in which somebody said something.
    Conversations = "n_conversations";
    /// Of those, conversations without a ticket whose customer said that they were helped.
    BotResolved = "n_bot_resolved";
    /// Of those, conversations that became tickets.
    BotHandedOver = "n_bot_handed_over";
    /// Answers of the bot that helped, as customers said.
    AnswersHelpful = "n_answers_helpful";
    /// Answers of the bot that did not.
    AnswersUnhelpful = "n_answers_unhelpful";
}

/// A length of time that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// Until the first reply, as time passes.
    FirstReplyWall,
    /// Until the first reply, in the team's hours.
    FirstReplyOpen,
    /// Until it was solved for the last time, as time passes.
    ResolutionWall,
    /// Until it was solved for the last time, in the team's hours.
    ResolutionOpen,
}

impl Span {
    /// Every length, in the order of the columns.
    pub const ALL: [Self; 4] =
        [Self::FirstReplyWall, Self::FirstReplyOpen, Self::ResolutionWall, Self::ResolutionOpen];

    /// The column that holds it.
    pub fn column(self) -> &'static str {
        match self {
            Self::FirstReplyWall => "first_reply_wall",
            Self::FirstReplyOpen => "first_reply_open",
            Self::ResolutionWall => "resolution_wall",
            Self::ResolutionOpen => "resolution_open",
        }
    }
}
