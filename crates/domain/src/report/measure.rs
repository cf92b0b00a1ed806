//! The reports that there are: what each tells, and what must be counted for it.

use super::{Count, Dimension, Span};

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Tickets that were opened.
    Created,
    /// Times that a ticket was solved.
    Solved,
    /// Tickets that are unsolved at the end of each period.
    Backlog,
    /// How long customers waited for the first reply.
    FirstReplyTime,
    /// How long it took until tickets were solved.
    ResolutionTime,
    /// Promises that were kept and missed.
    Sla,
    /// Solved tickets that were opened again.
    Reopens,
    /// Tickets that the bot handed over, and why.
    Handoffs,
    /// Conversations that the bot resolved without a ticket.
    Deflection,
    /// Drafts of replies, and what became of them.
    Suggestions,
    /// Replies that a solved ticket took.
    RepliesPerSolved,
    /// Tickets that were solved with a single reply.
    OneTouch,
    /// What customers said about answers and articles.
    Votes,
}

/// How lengths of time are measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportHours {
    /// As time passes.
    #[default]
    Wall,
    /// In the hours of the team.
    Business,
}

impl Measure {
    /// Every report, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Solved,
        Self::Backlog,
        Self::FirstReplyTime,
        Self::ResolutionTime,
        Self::Sla,
        Self::Reopens,
        Self::OneTouch,
        Self::RepliesPerSolved,
        Self::Handoffs,
        Self::Deflection,
        Self::Suggestions,
        Self::Votes,
    ];

    /// Its name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Solved => "solved",
            Self::Backlog => "backlog",
            Self::FirstReplyTime => "first_reply_time",
            Self::ResolutionTime => "resolution_time",
            Self::Sla => "sla",
            Self::Reopens => "reopens",
            Self::Handoffs => "handoffs",
            Self::Deflection => "deflection",
            Self::Suggestions => "suggestions",
            Self::RepliesPerSolved => "replies_per_solved",
            Self::OneTouch => "one_touch",
            Self::Votes => "votes",
        }
    }

    /// The report of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == name)
    }

    /// Its name, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Created => "Tickets opened",
            Self::Solved => "Tickets solved",
            Self::Backlog => "Unsolved tickets",
            Self::FirstReplyTime => "Time to the first reply",
            Self::ResolutionTime => "Time until solved",
            Self::Sla => "SLA targets",
            Self::Reopens => "Opened again",
            Self::Handoffs => "Handed over by the bot",
            Self::Deflection => "Resolved by the bot",
            Self::Suggestions => "Suggested replies",
            Self::RepliesPerSolved => "Replies per solved ticket",
            Self::OneTouch => "Solved with one reply",
            Self::Votes => "What customers said",
        }
    }

    /// What exactly it tells, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Created => "Tickets on the day on which they were opened.",
            Self::Solved => {
                "Each time a ticket was solved or closed; one that is opened again and solved again counts twice."
            }
            Self::Backlog => "Tickets that are neither solved nor closed at the end of the period.",
            Self::FirstReplyTime => {
                "From the opening of a ticket to the first public reply of an agent, on the day of the reply."
            }
            Self::ResolutionTime => {
                "From the opening of a ticket until it was solved for the last time, on that day."
            }
            Self::Sla => "Targets of SLA policies, on the day on which they were met or missed.",
            Self::Reopens => {
                "Each time a solved ticket was opened again, beside how often tickets were solved."
            }
            Self::Handoffs => {
                "Tickets that the bot handed over, by reason, on the day on which they were opened."
            }
            Self::Deflection => {
                "Conversations in which a customer said something, on the day on which they began. Resolved are those without a ticket whose customer said that they were helped."
            }
            Self::Suggestions => {
                "Drafts that were made for agents, and what became of them, each on its own day."
            }
            Self::RepliesPerSolved => {
                "Public replies of agents to tickets that were solved for the last time, on that day."
            }
            Self::OneTouch => {
                "Tickets that were solved with a single public reply and never opened again, on the day on which they were solved."
            }
            Self::Votes => {
                "Answers of the bot and articles that customers called helpful or not. It is no survey of satisfaction: most customers say nothing."
            }
        }
    }

    /// What must have been counted for it.
    pub fn counts(self) -> &'static [Count] {
        match self {
            Self::Created => &[Count::Created],
            Self::Solved => &[Count::Solved],
            Self::Backlog => &[Count::Backlog],
            Self::FirstReplyTime | Self::ResolutionTime => &[],
            Self::Sla => &[
                Count::FirstReplyMet,
                Count::FirstReplyMissed,
                Count::NextReplyMet,
                Count::NextReplyMissed,
                Count::ResolutionMet,
                Count::ResolutionMissed,
            ],
            Self::Reopens => &[Count::Reopened, Count::Solved],
            Self::Handoffs => &[
                Count::HandedAsked,
                Count::HandedUnhelpful,
                Count::HandedAbstained,
                Count::HandedPolicy,
                Count::HandedFailure,
            ],
            Self::Deflection => &[Count::Conversations, Count::BotResolved, Count::BotHandedOver],
            Self::Suggestions => {
                &[Count::DraftsShown, Count::DraftsUsed, Count::DraftsEdited, Count::DraftsDismissed]
            }
            Self::RepliesPerSolved => &[Count::Resolved, Count::Replies],
            Self::OneTouch => &[Count::Resolved, Count::OneTouch],
            Self::Votes => &[Count::AnswersHelpful, Count::AnswersUnhelpful],
        }
    }

    /// The lengths of time that it is about, if it is.
    pub fn span(self, hours: ReportHours) -> Option<Span> {
        match (self, hours) {
            (Self::FirstReplyTime, ReportHours::Wall) => Some(Span::FirstReplyWall),
            (Self::FirstReplyTime, ReportHours::Business) => Some(Span::FirstReplyOpen),
            (Self::ResolutionTime, ReportHours::Wall) => Some(Span::ResolutionWall),
            (Self::ResolutionTime, ReportHours::Business) => Some(Span::ResolutionOpen),
            _ => None,
        }
    }

    /// What it can be cut by.
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            // What is unsolved is so at every hour.
            Self::Backlog => &[
                Dimension::Team,
                Dimension::Agent,
                Dimension::Channel,
                Dimension::Priority,
                Dimension::Locale,
                Dimension::Tag,
            ],
            Self::Deflection => &[Dimension::Locale, Dimension::Hour],
            // Of votes on articles nothing else is kept.
            Self::Votes => &[],
            _ => &Dimension::ALL,
        }
    }

    /// Whether it is of no team: only who sees every team's tickets may read it.
    pub fn is_of_no_team(self) -> bool {
        matches!(self, Self::Deflection | Self::Votes)
    }
}
