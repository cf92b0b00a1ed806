//! Reports as programs read them.

use std::collections::BTreeMap;

use desk::ReportTable;
use domain::{Dimension, Measure, ReportColumn, ReportHours, ReportPeriod, ReportValue};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The reports that there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportsJson {
    reports: Vec<ReportKindJson>,
}

/// A report that there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportKindJson {
    name: &'static str,
    title: &'static str,
    /// What exactly it tells.
    about: &'static str,
    columns: Vec<ReportColumnJson>,
    /// What it can be cut by.
    by: Vec<&'static str>,
}

/// One of the numbers of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportColumnJson {
    name: &'static str,
    label: &'static str,
    /// `count`, `seconds`, `share` (0 to 1) or `mean`.
    unit: &'static str,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportJson {
    name: &'static str,
    title: &'static str,
    /// By whose days is counted.
    time_zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// `day`, `week` or `month`; null where all days are together.
    period: Option<&'static str>,
    /// What else it is cut by.
    by: Option<&'static str>,
    /// `wall` or `business`.
    hours: &'static str,
    columns: Vec<ReportColumnJson>,
    rows: Vec<ReportRowJson>,
    /// Everything together, by column.
    #[schema(value_type = Object)]
    total: BTreeMap<&'static str, Value>,
    /// Groups that are left out: there are more than 200.
    n_more: usize,
}

/// A row of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportRowJson {
    /// The first day of its period.
    period: String,
    /// What it is cut by: a key or an id; empty for nobody and none. Null where it is cut by nothing.
    key: Option<String>,
    /// What people call that.
    label: Option<String>,
    /// Its numbers, by column; null where there was nothing to measure.
    #[schema(value_type = Object)]
    values: BTreeMap<&'static str, Value>,
}

impl ReportsJson {
    pub(crate) fn new(measures: &[Measure]) -> Self {
        let kinds = measures.iter().map(|measure| ReportKindJson {
            name: measure.as_str(),
            title: measure.title(),
            about: measure.about(),
            columns: measure.columns().iter().map(ReportColumnJson::new).collect(),
            by: measure.dimensions().iter().map(|dimension| dimension.as_str()).collect(),
        });
        Self { reports: kinds.collect() }
    }
}

impl ReportColumnJson {
    fn new(column: &ReportColumn) -> Self {
        Self { name: column.name, label: column.label, unit: column.unit.as_str() }
    }
}

impl ReportJson {
    pub(crate) fn new(report: &ReportTable) -> Self {
        let is_grouped = report.by.is_some();
        let rows = report.rows.iter().map(|row| ReportRowJson {
            period: row.period.to_string(),
            key: is_grouped.then(|| row.key.clone()),
            label: is_grouped.then(|| row.label.clone()),
            values: named(report.measure, &row.values),
        });
        Self {
            name: report.measure.as_str(),
            title: report.measure.title(),
            time_zone: report.zone.to_string(),
            from: report.from.to_string(),
            to: report.to.to_string(),
            period: match report.period {
                ReportPeriod::Whole => None,
                ReportPeriod::Day => Some("day"),
                ReportPeriod::Week(_) => Some("week"),
                ReportPeriod::Month => Some("month"),
            },
            by: report.by.map(Dimension::as_str),
            hours: match report.hours {
                ReportHours::Wall => "wall",
                ReportHours::Business => "business",
            },
            columns: report.measure.columns().iter().map(ReportColumnJson::new).collect(),
            rows: rows.collect(),
            total: named(report.measure, &report.total),
            n_more: report.n_more,
        }
    }
}

fn named(measure: Measure, values: &[ReportValue]) -> BTreeMap<&'static str, Value> {
    let value = |value: &ReportValue| match value {
        ReportValue::Whole(n) => Value::from(*n),
        ReportValue::Part(n) => Value::from(*n),
        ReportValue::Nothing => Value::Null,
    };
    measure.columns().iter().zip(values).map(|(column, found)| (column.name, value(found))).collect()
}
