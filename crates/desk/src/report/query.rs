//! What somebody asks of a report, and what can be asked.

use domain::{Dimension, Measure, Principal, ReportDay, ReportHours, ReportPeriod, Scope, Team, TicketSight};

use crate::{Desk, DeskError};

/// Days of a report, at most: three years.
pub const REPORT_DAYS_MAX: i64 = 1_100;
/// Days of a report that is cut into weeks and by something else: what a page can show, and a few hundred thousand sums.
const DAYS_OF_WEEKS_MAX: i64 = 400;
/// Days of a report that is cut into days and by something else: a quarter.
const DAYS_OF_DAYS_MAX: i64 = 92;
/// Days of a report where nothing else is asked for, up to today.
const DAYS_DEFAULT: i64 = 30;

/// What is asked of a report. What is absent is not asked for.
#[derive(Debug, Clone)]
pub struct ReportQuery {
    /// Which report.
    pub measure: Measure,
    /// From this day on; thirty days when absent.
    pub from: Option<ReportDay>,
    /// Up to and with this day; today when absent.
    pub to: Option<ReportDay>,
    /// The stretches into which it is cut.
    pub period: ReportPeriod,
    /// By what else it is cut.
    pub by: Option<Dimension>,
    /// Of this team alone, by key.
    pub team: Option<String>,
    /// Of this key of a dimension alone.
    pub only: Option<(Dimension, String)>,
    /// How lengths of time are measured.
    pub hours: ReportHours,
}

impl ReportQuery {
    /// A report of the last thirty days.
    pub fn new(measure: Measure) -> Self {
        Self {
            measure,
            from: None,
            to: None,
            period: ReportPeriod::Whole,
            by: None,
            team: None,
            only: None,
            hours: ReportHours::Wall,
        }
    }

    /// The first and the last day.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for none, and for more than can be read at once.
    pub(super) fn days(&self, today: ReportDay) -> Result<(ReportDay, ReportDay), DeskError> {
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| to.plus(1 - DAYS_DEFAULT));
        if from > to {
            return Err(DeskError::invalid("from", "not after the last day"));
        }
        let max = match (self.by, self.period) {
            (Some(_), ReportPeriod::Day) => DAYS_OF_DAYS_MAX,
            (Some(_), ReportPeriod::Week(_)) => DAYS_OF_WEEKS_MAX,
            _ => REPORT_DAYS_MAX,
        };
        if to.days() - from.days() >= max {
            return Err(DeskError::invalid("from", format!("at most {max} days of this period")));
        }
        Ok((from, to))
    }

    /// The dimension whose sums are read.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for what this report is not cut by, and for two dimensions at once.
    pub(super) fn dimension(&self) -> Result<Dimension, DeskError> {
        let known = self.measure.dimensions();
        if let Some(by) = self.by.filter(|by| !known.contains(by)) {
            return Err(DeskError::invalid("by", format!("this report is not cut by {}", by.as_str())));
        }
        match &self.only {
            None => Ok(self.by.unwrap_or(Dimension::Team)),
            Some((only, _)) if !known.contains(only) => {
                Err(DeskError::invalid(field_of(*only), "this report is not cut by it"))
            }
            Some((only, _)) if self.by.is_none_or(|by| by == Dimension::Team || by == *only) => Ok(*only),
            Some((only, _)) => {
                let message = format!("beside {} it can only be cut by team", only.as_str());
                Err(DeskError::invalid("by", message))
            }
        }
    }
}

impl Desk {
    /// The reports that this principal may read.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `reports:read`.
    pub fn reports(&self, principal: &Principal) -> Result<Vec<Measure>, DeskError> {
        Self::require(principal, Scope::ReportsRead)?;
        let may = |measure: &Measure| Self::require_report(principal, *measure).is_ok();
        Ok(Measure::ALL.into_iter().filter(may).collect())
    }

    /// The teams whose reports this principal may read.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `reports:read`.
    pub async fn report_teams(&self, principal: &Principal) -> Result<Vec<Team>, DeskError> {
        Self::require(principal, Scope::ReportsRead)?;
        let mut teams = self.0.store.list_teams().await?;
        teams.retain(|team| principal.sees_team(&team.key));
        Ok(teams)
    }

    /// Refuses a report to who may not see it.
    pub(super) fn require_report(principal: &Principal, measure: Measure) -> Result<(), DeskError> {
        Self::require(principal, Scope::ReportsRead)?;
        if measure.is_of_no_team() && principal.sight() != TicketSight::All {
            return Err(DeskError::Forbidden);
        }
        Ok(())
    }
}

/// The name under which a dimension is asked for.
pub(super) fn field_of(dimension: Dimension) -> &'static str {
    dimension.as_str()
}
