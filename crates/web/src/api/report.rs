//! Reports: which there are, and one as JSON or CSV.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use desk::{DeskError, ReportQuery, ReportTable};
use domain::{Dimension, Measure, ReportDay, ReportHours, ReportPeriod, WeekStart};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::Params,
    query::known,
    shapes::{ReportJson, ReportsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// How soon to ask again while everything is being counted.
const COUNTING_RETRY_S: u32 = 30;

/// Of which days, and how they are cut.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportParams {
    /// The first day, such as `2026-01-31`; thirty days when absent. Days are those of the time zone that the answer names.
    from: Option<String>,
    /// The last day; today when absent.
    to: Option<String>,
    /// `day`, `week` or `month`; all days together when absent.
    period: Option<String>,
    /// The day on which weeks begin: `monday`, `sunday` or `saturday`; `monday` when absent.
    week_start: Option<String>,
    /// `team`, `agent`, `channel`, `priority`, `locale`, `hour` or `tag`. A report names those that it can be cut by.
    by: Option<String>,
    /// A team's key: of this team alone.
    team: Option<String>,
    /// The id of a person or key; empty for nobody's. Of agent, channel, priority, locale and tag only one.
    agent: Option<String>,
    /// A channel, such as `chat`.
    channel: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// A locale, such as `en`.
    locale: Option<String>,
    /// A tag; empty for none.
    tag: Option<String>,
    /// How times are measured: `wall` as time passes, `business` in the hours of the team; `wall` when absent.
    hours: Option<String>,
    /// `json` or `csv`; `json` when absent.
    format: Option<String>,
}

/// Of which days, and how they are cut.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OwnReportParams {
    /// The first day, such as `2026-01-31`; thirty days when absent.
    from: Option<String>,
    /// The last day; today when absent.
    to: Option<String>,
    /// `day`, `week` or `month`; all days together when absent.
    period: Option<String>,
    /// The day on which weeks begin: `monday`, `sunday` or `saturday`; `monday` when absent.
    week_start: Option<String>,
    /// How times are measured: `wall` or `business`; `wall` when absent.
    hours: Option<String>,
    /// `json` or `csv`; `json` when absent.
    format: Option<String>,
}

/// List the reports
///
/// With what each tells, its numbers, and what it can be cut by.
#[utoipa::path(
    get, path = "/reports", tag = "Reports", responses((status = 200, description = "The reports that there are", body = ReportsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("reports:read"))),
)]
pub(crate) async fn list_reports(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<ReportsJson>, Failure> {
    let measures = web.desk.reports(&principal)?;
    Ok(Json(ReportsJson::new(&measures)))
}

/// Read a report
///
/// Of the teams whose tickets the key sees. `deflection` and `votes` are of no team and need the sight of all.
/// At most 1,100 days; cut by week and something else 400, by day and something else 92.
#[utoipa::path(
    get, path = "/reports/{name}", tag = "Reports",
    params(("name" = String, Path, description = "The report's name, such as `created`"), ReportParams),
    responses(
        (status = 200, description = "The report; CSV has a line of names before", content(
            (ReportJson = "application/json"), (String = "text/csv")
        )),
        (status = 404, description = "No such report", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something that the report cannot be asked, by its field", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Everything is being counted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("reports:read"))),
)]
pub(crate) async fn get_report(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(name): Path<String>,
    Params(params): Params<ReportParams>,
) -> Result<Response, Failure> {
    // Who may read no report does not learn what is wrong with the request.
    web.desk.reports(&principal)?;
    let measure = Measure::parse(&name).ok_or_else(Failure::not_found)?;
    let format = Format::parse(params.format.as_deref())?;
    let query = params.query(measure)?;
    let report = web.desk.report(&principal, &query).await.map_err(not_yet)?;
    Ok(format.answer(&report))
}

/// Read a report of oneself
///
/// For people: what they did themselves, without the scope for reports.
#[utoipa::path(
    get, path = "/me/reports/{name}", tag = "Reports",
    params(("name" = String, Path, description = "The report's name, such as `solved`"), OwnReportParams),
    responses(
        (status = 200, description = "The report; CSV has a line of names before", content(
            (ReportJson = "application/json"), (String = "text/csv")
        )),
        (status = 403, description = "Not a person, or one who may not read tickets", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such report, or none that tells of single people", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something that the report cannot be asked, by its field", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Everything is being counted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn get_own_report(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(name): Path<String>,
    Params(params): Params<OwnReportParams>,
) -> Result<Response, Failure> {
    let measure = Measure::parse(&name).ok_or_else(Failure::not_found)?;
    let format = Format::parse(params.format.as_deref())?;
    let OwnReportParams { from, to, period, week_start, hours, .. } = params;
    let params = ReportParams { from, to, period, week_start, hours, ..ReportParams::default() };
    let report = web.desk.own_report(&principal, params.query(measure)?).await.map_err(not_yet)?;
    Ok(format.answer(&report))
}

/// How a report is written.
#[derive(Debug, Clone, Copy)]
enum Format {
    Json,
    Csv,
}

impl Format {
    fn parse(text: Option<&str>) -> Result<Self, Failure> {
        let format = known("format", text, "one of json, csv", |text| match text {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        })?;
        Ok(format.unwrap_or(Self::Json))
    }

    fn answer(self, report: &ReportTable) -> Response {
        match self {
            Self::Json => Json(ReportJson::new(report)).into_response(),
            Self::Csv => {
                let name = report.measure.as_str();
                let attachment = format!("attachment; filename=\"{name}-{}-{}.csv\"", report.from, report.to);
                let kind = "text/csv; charset=utf-8; header=present";
                let headers =
                    [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, attachment)];
                (headers, desk::report_csv(report)).into_response()
            }
        }
    }
}

impl ReportParams {
    fn query(self, measure: Measure) -> Result<ReportQuery, Failure> {
        let starts = "one of monday, sunday, saturday";
        let week_start = known("week_start", self.week_start.as_deref(), starts, WeekStart::parse)?;
        let week_start = week_start.unwrap_or_default();
        let period = known("period", self.period.as_deref(), "one of day, week, month", |text| match text {
            "day" => Some(ReportPeriod::Day),
            "week" => Some(ReportPeriod::Week(week_start)),
            "month" => Some(ReportPeriod::Month),
            _ => None,
        })?;
        let hours = known("hours", self.hours.as_deref(), "one of wall, business", |text| match text {
            "wall" => Some(ReportHours::Wall),
            "business" => Some(ReportHours::Business),
            _ => None,
        })?;
        let dimensions = format!("one of {}", Dimension::ALL.map(Dimension::as_str).join(", "));
        let by = known("by", self.by.as_deref(), &dimensions, Dimension::parse)?;
        let mut only = [
            (Dimension::Agent, self.agent),
            (Dimension::Channel, self.channel),
            (Dimension::Priority, self.priority),
            (Dimension::Locale, self.locale),
            (Dimension::Tag, self.tag),
        ]
        .into_iter()
        .filter_map(|(dimension, key)| key.map(|key| (dimension, key)));
        let first = only.next();
        if let Some((second, _)) = only.next() {
            return Err(Failure::unreadable(
                second.as_str(),
                "of agent, channel, priority, locale and tag only one",
            ));
        }
        Ok(ReportQuery {
            measure,
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            period: period.unwrap_or_default(),
            by,
            team: self.team,
            only: first,
            hours: hours.unwrap_or_default(),
        })
    }
}

fn day(field: &'static str, text: Option<&str>) -> Result<Option<ReportDay>, Failure> {
    known(field, text, "a day such as 2026-01-31", ReportDay::parse)
}

/// While everything is being counted, reports are told to wait for it.
pub(crate) fn not_yet(error: DeskError) -> Failure {
    match error {
        DeskError::Busy => Failure {
            detail: "tickets are being counted; try again in a moment".to_owned(),
            retry_after_s: Some(COUNTING_RETRY_S),
            ..Failure::busy()
        },
        error => error.into(),
    }
}
