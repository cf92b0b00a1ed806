//! Reports: a chart of each over the days that are asked for, with its table, and its file.

use askama::Template;
use axum::extract::{Query, State};
use desk::{DeskError, ReportQuery, ReportTable};
use domain::{Dimension, Measure, ReportDay, ReportHours, ReportPeriod, ReportValue, Scope, WeekStart};
use serde::Deserialize;

use super::{
    chart::{Chart, shown},
    frame::{Frame, Place},
    session::Staff,
};
use crate::{address, failure::Failure, page::pages, state::Web};

/// Days up to which days are shown where no period is asked for; beyond, weeks are.
const DAYS_BY_DAY: i64 = 62;
/// Groups that are shown of each report; its file has more.
const GROUPS_SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "staff/reports.html")]
pub(crate) struct ReportsPage {
    frame: Frame,
    form: ReportForm,
    teams: Vec<Choice>,
    periods: Vec<Choice>,
    groups: Vec<Choice>,
    hours: Vec<Choice>,
    /// By whose days is counted.
    zone: String,
    /// Whether they are of who looks at them alone.
    is_own: bool,
    cards: Vec<Card>,
    /// Why there is nothing to see.
    problem: Option<String>,
}

pages!(ReportsPage);

/// What is asked for, as it stands in the form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ReportForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    hours: String,
}

/// An entry of a list to choose from.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

/// A report.
pub(crate) struct Card {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// What it comes to: the number and its name.
    pub(crate) totals: Vec<(String, &'static str)>,
    pub(crate) chart: Chart,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) table: Table,
    /// The greatest groups, where some were asked for.
    pub(crate) groups: Option<Table>,
    pub(crate) csv: String,
}

/// The numbers of a report.
pub(crate) struct Table {
    /// What the rows are.
    pub(crate) head: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<(String, Vec<String>)>,
    /// Rows that are left out.
    pub(crate) n_more: usize,
}

/// `GET /app/reports`
pub(crate) async fn reports(
    State(web): State<Web>,
    staff: Staff,
    Query(form): Query<ReportForm>,
) -> Result<ReportsPage, Failure> {
    let is_own = !staff.may(Scope::ReportsRead);
    let mut page = ReportsPage {
        frame: Frame::new(&web, &staff, Place::Reports, if is_own { "Your numbers" } else { "Reports" }),
        teams: if is_own { vec![] } else { teams(&web, &staff, &form.team).await? },
        periods: choices(&[("day", "Days"), ("week", "Weeks"), ("month", "Months")], &form.period),
        groups: if is_own { vec![] } else { choices(&GROUPS, &form.by) },
        hours: choices(&[("wall", "As time passes"), ("business", "In the team’s hours")], &form.hours),
        zone: String::new(),
        is_own,
        cards: vec![],
        problem: None,
        form,
    };
    match page.fill(&web, &staff).await {
        Ok(()) => {}
        Err(DeskError::Invalid { message, .. }) => {
            page.problem = Some(format!("These days cannot be shown: {message}."));
        }
        Err(DeskError::Busy) => {
            page.problem = Some("All tickets are being counted. Come back in a few minutes.".to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(page)
}

/// What reports are cut by on this page.
const GROUPS: [(&str, &str); 8] = [
    ("", "Nothing"),
    ("team", "Team"),
    ("agent", "Agent"),
    ("tag", "Tag"),
    ("channel", "Channel"),
    ("priority", "Priority"),
    ("locale", "Language"),
    ("hour", "Hour"),
];

impl ReportsPage {
    async fn fill(&mut self, web: &Web, staff: &Staff) -> Result<(), DeskError> {
        let asked = self.asked(web)?;
        let measures = match self.is_own {
            true => Measure::ALL
                .into_iter()
                .filter(|measure| measure.dimensions().contains(&Dimension::Agent))
                .collect(),
            false => web.desk.reports(&staff.principal)?,
        };
        for measure in measures {
            let is_of_team = self.form.team.is_empty() || !measure.is_of_no_team();
            if is_of_team {
                let card = self.card(web, staff, &ReportQuery { measure, ..asked.clone() }).await?;
                self.cards.push(card);
            }
        }
        Ok(())
    }

    /// What is asked for; what is left out is filled in, so that the form shows it.
    fn asked(&mut self, web: &Web) -> Result<ReportQuery, DeskError> {
        let day = |field: &'static str, text: &str| match text {
            "" => Ok(None),
            text => {
                let refused = || DeskError::Invalid { field, message: "a day such as 2026-01-31".to_owned() };
                ReportDay::parse(text).ok_or_else(refused).map(Some)
            }
        };
        let today = ReportDay::at(web.now(), &web.desk.site().time_zone).0;
        let to = day("to", &self.form.to)?.unwrap_or(today);
        let from = day("from", &self.form.from)?.unwrap_or(to.plus(-29));
        if self.form.period.is_empty() {
            let is_short = to.days() - from.days() < DAYS_BY_DAY;
            self.form.period = if is_short { "day" } else { "week" }.to_owned();
            self.periods.iter_mut().for_each(|choice| choice.is_chosen = choice.value == self.form.period);
        }
        (self.form.from, self.form.to) = (from.to_string(), to.to_string());
        let period = match self.form.period.as_str() {
            "week" => ReportPeriod::Week(WeekStart::Monday),
            "month" => ReportPeriod::Month,
            _ => ReportPeriod::Day,
        };
        Ok(ReportQuery {
            from: Some(from),
            to: Some(to),
            period,
            team: Some(self.form.team.clone()).filter(|team| !team.is_empty()),
            hours: if self.form.hours == "business" { ReportHours::Business } else { ReportHours::Wall },
            ..ReportQuery::new(Measure::Created)
        })
    }

    async fn card(&mut self, web: &Web, staff: &Staff, query: &ReportQuery) -> Result<Card, DeskError> {
        let measure = query.measure;
        let report = match self.is_own {
            true => web.desk.own_report(&staff.principal, query.clone()).await?,
            false => web.desk.report(&staff.principal, query).await?,
        };
        self.zone = report.zone.to_string();
        let by =
            Dimension::parse(&self.form.by).filter(|by| !self.is_own && measure.dimensions().contains(by));
        let groups = match by {
            None => None,
            Some(by) => {
                let query = ReportQuery { by: Some(by), period: ReportPeriod::Whole, ..query.clone() };
                Some(Table::new(&web.desk.report(&staff.principal, &query).await?))
            }
        };
        let rows: Vec<&[ReportValue]> = report.rows.iter().map(|row| row.values.as_slice()).collect();
        let (from, to) = (report.from.to_string(), report.to.to_string());
        let last = report.rows.last().map_or_else(String::new, |row| row.period.to_string());
        let columns = measure.columns();
        let totals = report
            .total
            .iter()
            .zip(columns)
            .map(|(value, column)| (shown(*value, column.unit), column.label));
        Ok(Card {
            name: measure.as_str(),
            title: measure.title(),
            about: measure.about(),
            totals: totals.take(3).collect(),
            chart: Chart::new(measure, &rows, (&from, &to)),
            first: from,
            last,
            table: Table::new(&report),
            groups,
            csv: self.csv(measure, by),
        })
    }

    /// The address of a report's file, as the page shows it.
    fn csv(&self, measure: Measure, by: Option<Dimension>) -> String {
        let form = &self.form;
        let place = if self.is_own { "me/reports" } else { "reports" };
        // By something else the whole stretch stands in a row, as in the table.
        let period = if by.is_some() { "" } else { form.period.as_str() };
        let mut address = format!("/api/v1/{place}/{}?format=csv", measure.as_str());
        for (name, value) in [
            ("from", form.from.as_str()),
            ("to", &form.to),
            ("period", period),
            ("by", by.map_or("", Dimension::as_str)),
            ("team", &form.team),
            ("hours", &form.hours),
        ] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", address::escape(value)));
            }
        }
        address
    }
}

impl Table {
    fn new(report: &ReportTable) -> Self {
        let columns = report.measure.columns();
        let values = |values: &[ReportValue]| {
            values.iter().zip(columns).map(|(value, column)| shown(*value, column.unit)).collect()
        };
        let is_grouped = report.by.is_some();
        let n_shown = if is_grouped { GROUPS_SHOWN } else { usize::MAX };
        let rows = report.rows.iter().take(n_shown).map(|row| {
            let name = if is_grouped { row.label.clone() } else { row.period.to_string() };
            (name, values(&row.values))
        });
        Self {
            head: match report.by {
                None => "From".to_owned(),
                Some(by) => GROUPS
                    .iter()
                    .find(|(key, _)| *key == by.as_str())
                    .map_or("", |(_, label)| label)
                    .to_owned(),
            },
            columns: columns.iter().map(|column| column.label).collect(),
            n_more: report.n_more + report.rows.len().saturating_sub(n_shown),
            rows: rows.collect(),
        }
    }
}

fn choices(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        is_chosen: *value == chosen,
    };
    all.iter().map(choice).collect()
}

async fn teams(web: &Web, staff: &Staff, chosen: &str) -> Result<Vec<Choice>, Failure> {
    let teams = web.desk.report_teams(&staff.principal).await?;
    let all = Choice { value: String::new(), label: "All".to_owned(), is_chosen: chosen.is_empty() };
    let each = teams.into_iter().map(|team| Choice {
        is_chosen: team.key == chosen,
        value: team.key,
        label: team.name,
    });
    Ok(std::iter::once(all).chain(each).collect())
}
