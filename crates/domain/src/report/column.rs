//! The numbers of each report.

use super::Measure;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportUnit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// A share, 0 to 1.
    Share,
    /// A mean number of things.
    Mean,
}

impl ReportUnit {
    /// The unit as programs name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Share => "share",
            Self::Mean => "mean",
        }
    }
}

/// One of the numbers of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportColumn {
    /// Its name, for programs.
    pub name: &'static str,
    /// Its name, for people.
    pub label: &'static str,
    /// What it is.
    pub unit: ReportUnit,
}

const COUNT: ReportUnit = ReportUnit::Count;
const SECONDS: ReportUnit = ReportUnit::Seconds;
const SHARE: ReportUnit = ReportUnit::Share;

const fn column(name: &'static str, label: &'static str, unit: ReportUnit) -> ReportColumn {
    ReportColumn { name, label, unit }
}

const TIMES: [ReportColumn; 4] = [
    column("n", "Tickets", COUNT),
    column("median_s", "Median", SECONDS),
    column("p90_s", "90 of 100 within", SECONDS),
    column("mean_s", "Mean", SECONDS),
];
const CREATED: [ReportColumn; 1] = [column("n", "Tickets", COUNT)];
const BACKLOG: [ReportColumn; 1] = [column("n", "Unsolved", COUNT)];
const SLA: [ReportColumn; 7] = [
    column("first_reply_met", "First reply in time", COUNT),
    column("first_reply_missed", "First reply late", COUNT),
    column("next_reply_met", "Next reply in time", COUNT),
    column("next_reply_missed", "Next reply late", COUNT),
    column("resolution_met", "Solved in time", COUNT),
    column("resolution_missed", "Solved late", COUNT),
    column("met_share", "In time", SHARE),
];
const REOPENS: [ReportColumn; 3] = [
    column("reopened", "Opened again", COUNT),
    column("solved", "Solved", COUNT),
    column("share", "Share", SHARE),
];
const HANDOFFS: [ReportColumn; 6] = [
    column("n", "Handed over", COUNT),
    column("asked", "Asked for a human", COUNT),
    column("unhelpful", "Answers did not help", COUNT),
    column("abstained", "No article answers", COUNT),
    column("policy", "A topic that people decide", COUNT),
    column("failure", "Something failed", COUNT),
];
const DEFLECTION: [ReportColumn; 5] = [
    column("conversations", "Conversations", COUNT),
    column("resolved", "Resolved by the bot", COUNT),
    column("handed_over", "Became tickets", COUNT),
    column("left", "Left without a word", COUNT),
    column("share", "Resolved", SHARE),
];
const SUGGESTIONS: [ReportColumn; 5] = [
    column("shown", "Drafts", COUNT),
    column("used", "Sent unchanged", COUNT),
    column("edited", "Sent after changes", COUNT),
    column("dismissed", "Put aside", COUNT),
    column("share", "Sent", SHARE),
];
const REPLIES: [ReportColumn; 3] = [
    column("solved", "Solved", COUNT),
    column("replies", "Replies", COUNT),
    column("mean", "Replies each", ReportUnit::Mean),
];
const ONE_TOUCH: [ReportColumn; 3] = [
    column("solved", "Solved", COUNT),
    column("one_touch", "With one reply", COUNT),
    column("share", "Share", SHARE),
];
const VOTES: [ReportColumn; 6] = [
    column("answers_helpful", "Answers that helped", COUNT),
    column("answers_unhelpful", "Answers that did not", COUNT),
    column("answers_share", "Answers", SHARE),
    column("articles_helpful", "Articles that helped", COUNT),
    column("articles_unhelpful", "Articles that did not", COUNT),
    column("articles_share", "Articles", SHARE),
];

impl Measure {
    /// Its numbers. The first is what groups are ordered by.
    pub fn columns(self) -> &'static [ReportColumn] {
        match self {
            Self::Created | Self::Solved => &CREATED,
            Self::Backlog => &BACKLOG,
            Self::FirstReplyTime | Self::ResolutionTime => &TIMES,
            Self::Sla => &SLA,
            Self::Reopens => &REOPENS,
            Self::Handoffs => &HANDOFFS,
            Self::Deflection => &DEFLECTION,
            Self::Suggestions => &SUGGESTIONS,
            Self::RepliesPerSolved => &REPLIES,
            Self::OneTouch => &ONE_TOUCH,
            Self::Votes => &VOTES,
        }
    }
}
