//! What a report tells, read from what was counted.

use super::{Cell, Count, Histogram, Measure, ReportHours};

/// A number of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReportValue {
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Part(f64),
    /// There is none, because there was nothing to measure.
    Nothing,
}

/// What reports read of articles, beside what was counted of tickets and conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArticleVotes {
    /// Votes that an article helped.
    pub n_helpful: i64,
    /// Votes that it did not.
    pub n_unhelpful: i64,
}

impl Measure {
    /// Its numbers, in the order of [`Measure::columns`]. For [`Measure::Backlog`] the cell holds how many there are.
    pub fn values(self, cell: &Cell, votes: ArticleVotes, hours: ReportHours) -> Vec<ReportValue> {
        let n = |count: Count| cell.count(count);
        let whole = |count: Count| ReportValue::Whole(n(count));
        match self {
            Self::Created => vec![whole(Count::Created)],
            Self::Solved => vec![whole(Count::Solved)],
            Self::Backlog => vec![whole(Count::Backlog)],
            Self::FirstReplyTime | Self::ResolutionTime => {
                self.span(hours).map(|span| times(cell.span(span))).unwrap_or_default()
            }
            Self::Sla => {
                let met = n(Count::FirstReplyMet) + n(Count::NextReplyMet) + n(Count::ResolutionMet);
                let all = self.counts().iter().map(|count| n(*count)).sum();
                let each = self.counts().iter().map(|count| whole(*count));
                each.chain([share(met, all)]).collect()
            }
            Self::Reopens => {
                let share = share(n(Count::Reopened), n(Count::Solved));
                vec![whole(Count::Reopened), whole(Count::Solved), share]
            }
            Self::Handoffs => {
                let all = self.counts().iter().map(|count| n(*count)).sum();
                let each = self.counts().iter().map(|count| whole(*count));
                std::iter::once(ReportValue::Whole(all)).chain(each).collect()
            }
            Self::Deflection => {
                let (all, resolved) = (n(Count::Conversations), n(Count::BotResolved));
                let handed_over = n(Count::BotHandedOver);
                let left = ReportValue::Whole(all - resolved - handed_over);
                vec![
                    ReportValue::Whole(all),
                    ReportValue::Whole(resolved),
                    ReportValue::Whole(handed_over),
                    left,
                    share(resolved, all),
                ]
            }
            Self::Suggestions => {
                let sent = n(Count::DraftsUsed) + n(Count::DraftsEdited);
                let each = self.counts().iter().map(|count| whole(*count));
                each.chain([share(sent, n(Count::DraftsShown))]).collect()
            }
            Self::RepliesPerSolved => {
                let mean = share(n(Count::Replies), n(Count::Resolved));
                vec![whole(Count::Resolved), whole(Count::Replies), mean]
            }
            Self::OneTouch => {
                let share = share(n(Count::OneTouch), n(Count::Resolved));
                vec![whole(Count::Resolved), whole(Count::OneTouch), share]
            }
            Self::Votes => {
                let (helped, not) = (n(Count::AnswersHelpful), n(Count::AnswersUnhelpful));
                vec![
                    ReportValue::Whole(helped),
                    ReportValue::Whole(not),
                    share(helped, helped + not),
                    ReportValue::Whole(votes.n_helpful),
                    ReportValue::Whole(votes.n_unhelpful),
                    share(votes.n_helpful, votes.n_helpful + votes.n_unhelpful),
                ]
            }
        }
    }
}

/// A share to four places, which no rounding makes more exact than it is.
fn share(n: i64, all: i64) -> ReportValue {
    if all == 0 {
        return ReportValue::Nothing;
    }
    ReportValue::Part((n as f64 / all as f64 * 10_000.0).round() / 10_000.0)
}

fn times(histogram: &Histogram) -> Vec<ReportValue> {
    let value = |seconds: Option<i64>| seconds.map_or(ReportValue::Nothing, ReportValue::Whole);
    vec![
        ReportValue::Whole(histogram.n()),
        value(histogram.percentile_s(0.5)),
        value(histogram.percentile_s(0.9)),
        value(histogram.mean_s()),
    ]
}
