//! Reading a report: sums of days and months, put together for who asks.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use domain::{
    ArticleVotes, Cell, Count, Dimension, Grain, Measure, Principal, ReportDay, ReportHours, ReportPeriod,
    ReportValue, Scope, TicketSight, TimeZone, Zone,
};
use store::{CellGroup, CellQuery, ReportPhase};

use super::ReportQuery;
use crate::{Desk, DeskError};

/// Groups of a report, at most: the greatest. A page with more is read by nobody; how many are left out is told.
pub const REPORT_GROUPS_MAX: usize = 200;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    /// Which.
    pub measure: Measure,
    /// By whose days it is counted.
    pub zone: Zone,
    /// The first day.
    pub from: ReportDay,
    /// The last day.
    pub to: ReportDay,
    /// The stretches into which it is cut.
    pub period: ReportPeriod,
    /// By what else it is cut.
    pub by: Option<Dimension>,
    /// How lengths of time are measured.
    pub hours: ReportHours,
    /// By period, then the greatest group first. Without groups there is a row for each period; groups in which nothing was
    /// counted are left out.
    pub rows: Vec<ReportRow>,
    /// Everything together; a ticket with two tags counts once.
    pub total: Vec<ReportValue>,
    /// Groups that are left out, because there are more than [`REPORT_GROUPS_MAX`].
    pub n_more: usize,
}

/// A row of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRow {
    /// The first day of its period.
    pub period: ReportDay,
    /// The key of its group; empty without groups, and for nobody and none.
    pub key: String,
    /// What people call the group.
    pub label: String,
    /// Its numbers, in the order of the report's columns.
    pub values: Vec<ReportValue>,
}

/// What was counted, by group and first day of a period.
type Sums = BTreeMap<(String, ReportDay), Cell>;

/// What is read.
struct Asked<'q> {
    query: &'q ReportQuery,
    sight: TicketSight,
    dimension: Dimension,
    group: CellGroup,
    from: ReportDay,
    to: ReportDay,
}

impl Desk {
    /// A report, of the teams whose tickets this principal sees.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `reports:read`, and for what is of no team without the sight of all; [`DeskError::Invalid`];
    /// [`DeskError::Busy`] while everything is being counted.
    pub async fn report(&self, principal: &Principal, query: &ReportQuery) -> Result<ReportTable, DeskError> {
        Self::require_report(principal, query.measure)?;
        self.read_report(principal, query).await
    }

    /// A report of what somebody did themselves.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person, or may not read tickets; else as [`Desk::report`].
    pub async fn own_report(
        &self,
        principal: &Principal,
        query: ReportQuery,
    ) -> Result<ReportTable, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let Principal::Staff { id, .. } = principal else { return Err(DeskError::Forbidden) };
        if !query.measure.dimensions().contains(&Dimension::Agent) {
            return Err(DeskError::NotFound);
        }
        let query =
            ReportQuery { by: None, team: None, only: Some((Dimension::Agent, id.to_string())), ..query };
        self.read_report(principal, &query).await
    }

    async fn read_report(
        &self,
        principal: &Principal,
        query: &ReportQuery,
    ) -> Result<ReportTable, DeskError> {
        let state = self.0.store.report_state().await?.ok_or(DeskError::Busy)?;
        if state.phase != ReportPhase::Ready {
            return Err(DeskError::Busy);
        }
        let zone = state.zone.time_zone();
        let (from, to) = query.days(ReportDay::at(self.now(), &zone).0)?;
        let dimension = query.dimension()?;
        if let Some(team) = &query.team {
            self.check_report_team(principal, query.measure, team).await?;
        }
        let group = match query.by {
            None => CellGroup::Nothing,
            Some(Dimension::Team) => CellGroup::Team,
            Some(_) => CellGroup::Key,
        };
        let asked = Asked { query, sight: principal.sight(), dimension, group, from, to };
        let sums = self.sums(&asked).await?;
        let votes = self.votes(&asked, &zone).await?;
        // A ticket with two tags is in both, and once in the total.
        let is_by_tag = dimension == Dimension::Tag && query.only.is_none();
        let total = if is_by_tag {
            let sight = asked.sight.clone();
            let all = Asked { sight, dimension: Dimension::Team, group: CellGroup::Nothing, ..asked };
            total(query.measure, &self.sums(&all).await?)
        } else {
            total(query.measure, &sums)
        };
        self.finish(&asked, state.zone, sums, votes, total).await
    }

    async fn finish(
        &self,
        asked: &Asked<'_>,
        zone: Zone,
        sums: Sums,
        votes: BTreeMap<ReportDay, ArticleVotes>,
        total: Cell,
    ) -> Result<ReportTable, DeskError> {
        let ReportQuery { measure, period, by, hours, .. } = *asked.query;
        let (groups, n_more) =
            if by.is_some() { greatest(measure, hours, &sums) } else { (vec![String::new()], 0) };
        let labels = match by {
            None => HashMap::new(),
            Some(by) => self.labels(by, &groups.iter().map(String::as_str).collect()).await?,
        };
        let nothing = Cell::default();
        let mut rows = vec![];
        for first in period.firsts(asked.from, asked.to) {
            for key in &groups {
                let cell = sums.get(&(key.clone(), first));
                if by.is_some() && cell.is_none_or(Cell::is_empty) {
                    continue;
                }
                let votes = votes.get(&first).copied().unwrap_or_default();
                rows.push(ReportRow {
                    period: first,
                    label: labels.get(key).cloned().unwrap_or_default(),
                    key: key.clone(),
                    values: measure.values(cell.unwrap_or(&nothing), votes, hours),
                });
            }
        }
        let all_votes = votes.values().fold(ArticleVotes::default(), |all, votes| ArticleVotes {
            n_helpful: all.n_helpful + votes.n_helpful,
            n_unhelpful: all.n_unhelpful + votes.n_unhelpful,
        });
        let total = measure.values(&total, all_votes, hours);
        let (from, to) = (asked.from, asked.to);
        Ok(ReportTable { measure, zone, from, to, period, by, hours, rows, total, n_more })
    }

    /// What was counted, by group and period. Whole months are read as such where no shorter periods are asked for.
    async fn sums(&self, asked: &Asked<'_>) -> Result<Sums, DeskError> {
        let (from, before) = (asked.from, asked.to.plus(1));
        let mut sums = Sums::new();
        for (grain, from, before) in stretches(asked.query.period, from, before) {
            self.add_sums(asked, (grain, from, before), &mut sums).await?;
        }
        if asked.query.measure != Measure::Backlog {
            return Ok(sums);
        }
        // How many were unsolved before the first day: all that was ever added and taken.
        let month = asked.from.first_of_month();
        let mut before = Sums::new();
        for (grain, from, before_day) in
            [(Grain::Month, ReportDay::new(i64::MIN), month), (Grain::Day, month, asked.from)]
        {
            self.add_sums(asked, (grain, from, before_day), &mut before).await?;
        }
        Ok(standing(&before, &sums, &asked.query.period.firsts(asked.from, asked.to)))
    }

    async fn add_sums(
        &self,
        asked: &Asked<'_>,
        (grain, from, before): (Grain, ReportDay, ReportDay),
        sums: &mut Sums,
    ) -> Result<(), DeskError> {
        if from >= before {
            return Ok(());
        }
        let query = CellQuery {
            grain,
            dimension: asked.dimension,
            from,
            before,
            sight: &asked.sight,
            team: asked.query.team.as_deref(),
            key: asked.query.only.as_ref().map(|(_, key)| key.as_str()),
            by: asked.group,
            counts: asked.query.measure.counts(),
            span: asked.query.measure.span(asked.query.hours),
        };
        for row in self.0.store.read_report_cells(&query).await? {
            let period = asked.query.period.first(row.day.max(asked.from), asked.from);
            sums.entry((row.group, period)).or_default().add(&row.cell, 1);
        }
        Ok(())
    }

    /// Votes on articles by period, for the one report that tells of them.
    async fn votes(
        &self,
        asked: &Asked<'_>,
        zone: &TimeZone,
    ) -> Result<BTreeMap<ReportDay, ArticleVotes>, DeskError> {
        let mut votes: BTreeMap<ReportDay, ArticleVotes> = BTreeMap::new();
        if asked.query.measure != Measure::Votes {
            return Ok(votes);
        }
        let (from, before) = (asked.from.begins(zone), asked.to.plus(1).begins(zone));
        for (at, n) in self.0.store.count_article_votes(from, before).await? {
            let day = ReportDay::at(at, zone).0.max(asked.from);
            let sum = votes.entry(asked.query.period.first(day, asked.from)).or_default();
            sum.n_helpful += n.n_helpful;
            sum.n_unhelpful += n.n_unhelpful;
        }
        Ok(votes)
    }

    /// A team that is not theirs to see is none that is there.
    async fn check_report_team(
        &self,
        principal: &Principal,
        measure: Measure,
        team: &str,
    ) -> Result<(), DeskError> {
        if measure.is_of_no_team() {
            return Err(DeskError::invalid("team", "this report is of no team"));
        }
        let teams = self.0.store.list_teams().await?;
        if principal.sees_team(team) && teams.iter().any(|known| known.key == team) {
            return Ok(());
        }
        Err(DeskError::invalid("team", format!("there is no team {team:?}")))
    }
}

/// The stretches of days and whole months that are read for these days.
fn stretches(period: ReportPeriod, from: ReportDay, before: ReportDay) -> Vec<(Grain, ReportDay, ReportDay)> {
    let first = if from.first_of_month() == from { from } else { from.next_month() };
    let last = before.first_of_month();
    match period {
        ReportPeriod::Whole | ReportPeriod::Month if first < last => {
            vec![(Grain::Day, from, first), (Grain::Month, first, last), (Grain::Day, last, before)]
        }
        _ => vec![(Grain::Day, from, before)],
    }
}

/// How many are unsolved at the end of each period, by what was added and taken before and in it.
fn standing(before: &Sums, changes: &Sums, periods: &[ReportDay]) -> Sums {
    let mut begun: BTreeMap<&str, i64> = BTreeMap::new();
    for ((group, _), cell) in before {
        *begun.entry(group).or_default() += cell.count(Count::Backlog);
    }
    let groups: BTreeSet<&str> =
        before.keys().chain(changes.keys()).map(|(group, _)| group.as_str()).collect();
    let mut standing = Sums::new();
    for group in groups {
        let mut n = begun.get(group).copied().unwrap_or_default();
        for period in periods {
            let key = (group.to_owned(), *period);
            n += changes.get(&key).map_or(0, |cell| cell.count(Count::Backlog));
            standing.entry(key).or_default().add_count(Count::Backlog, n);
        }
    }
    standing
}

/// Everything together; for what stands at the end of a period, the last one.
fn total(measure: Measure, sums: &Sums) -> Cell {
    let mut total = Cell::default();
    let last = sums.keys().map(|(_, period)| *period).max();
    for ((_, period), cell) in sums {
        if measure != Measure::Backlog || Some(*period) == last {
            total.add(cell, 1);
        }
    }
    total
}

/// The groups with the greatest first number over all periods, in this order, and how many are left out.
fn greatest(measure: Measure, hours: ReportHours, sums: &Sums) -> (Vec<String>, usize) {
    let mut of_group: BTreeMap<&str, Cell> = BTreeMap::new();
    for ((group, _), cell) in sums {
        of_group.entry(group).or_default().add(cell, 1);
    }
    of_group.retain(|_, cell| !cell.is_empty());
    let mut groups: Vec<(Reverse<i64>, &str)> = vec![];
    for (group, cell) in of_group {
        let values = measure.values(&cell, ArticleVotes::default(), hours);
        let n = match values.first() {
            Some(ReportValue::Whole(n)) => *n,
            _ => 0,
        };
        groups.push((Reverse(n), group));
    }
    groups.sort_unstable();
    let n_more = groups.len().saturating_sub(REPORT_GROUPS_MAX);
    groups.truncate(REPORT_GROUPS_MAX);
    (groups.into_iter().map(|(_, group)| group.to_owned()).collect(), n_more)
}
