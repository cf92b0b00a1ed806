//! A report as CSV.

use domain::ReportValue;

use super::ReportTable;
use crate::csv::csv_cell;

/// A report as CSV (RFC 4180), with a line of names before. Times are in seconds; what does not exist is empty.
pub fn report_csv(report: &ReportTable) -> String {
    let mut names = vec!["period"];
    if let Some(by) = report.by {
        names.extend([by.as_str(), "label"]);
    }
    names.extend(report.measure.columns().iter().map(|column| column.name));
    let mut csv = line(names.into_iter().map(str::to_owned).collect());
    for row in &report.rows {
        let mut cells = vec![row.period.to_string()];
        if report.by.is_some() {
            cells.extend([csv_cell(&row.key), csv_cell(&row.label)]);
        }
        // Numbers are no formulas, not even below zero.
        cells.extend(row.values.iter().map(|value| match value {
            ReportValue::Whole(n) => n.to_string(),
            ReportValue::Part(n) => n.to_string(),
            ReportValue::Nothing => String::new(),
        }));
        csv.push_str(&line(cells));
    }
    csv
}

fn line(cells: Vec<String>) -> String {
    format!("{}\r\n", cells.join(","))
}
