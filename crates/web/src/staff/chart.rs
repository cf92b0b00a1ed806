//! Small charts as inline SVG: bars or lines over the periods of a report. The numbers stand in a table beside them.

use std::fmt::Write as _;

use domain::{Measure, ReportUnit, ReportValue};

/// Size of a chart in its own units, which are pixels of a narrow phone.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 96.0;
/// Space above the highest value.
const TOP: f64 = 6.0;
/// Share of a period's width that its bars take.
const BARS_SHARE: f64 = 0.78;
/// Beyond so many points a line has no dots.
const DOTS_MAX: usize = 40;

/// A chart, as its template draws it.
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    pub(crate) lines: Vec<Line>,
    pub(crate) dots: Vec<Dot>,
    pub(crate) legend: Vec<Legend>,
    /// The highest value, as people read it.
    pub(crate) top: String,
    /// What a screen reader says of it.
    pub(crate) label: String,
    pub(crate) view_box: String,
}

/// A bar.
pub(crate) struct Bar {
    pub(crate) class: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// A stretch of a line without a gap.
pub(crate) struct Line {
    pub(crate) class: &'static str,
    pub(crate) points: String,
}

/// A point of a line.
pub(crate) struct Dot {
    pub(crate) class: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
}

/// What a colour and pattern stands for.
pub(crate) struct Legend {
    pub(crate) class: &'static str,
    pub(crate) label: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bars,
    Lines,
}

/// The numbers of a chart by name, each the sum of some columns.
struct Series {
    label: &'static str,
    columns: &'static [usize],
}

const fn series(label: &'static str, columns: &'static [usize]) -> Series {
    Series { label, columns }
}

/// How a report is drawn: the columns by their places.
fn drawing(measure: Measure) -> (Kind, &'static [Series]) {
    match measure {
        Measure::Created | Measure::Solved => (Kind::Bars, const { &[series("Tickets", &[0])] }),
        Measure::Backlog => (Kind::Lines, const { &[series("Unsolved", &[0])] }),
        Measure::FirstReplyTime | Measure::ResolutionTime => {
            (Kind::Lines, const { &[series("Median", &[1]), series("90 of 100 within", &[2])] })
        }
        Measure::Sla => (Kind::Bars, const { &[series("In time", &[0, 2, 4]), series("Late", &[1, 3, 5])] }),
        Measure::Reopens => (Kind::Bars, const { &[series("Solved", &[1]), series("Opened again", &[0])] }),
        Measure::OneTouch => {
            (Kind::Bars, const { &[series("Solved", &[0]), series("With one reply", &[1])] })
        }
        Measure::RepliesPerSolved => (Kind::Lines, const { &[series("Replies each", &[2])] }),
        Measure::Handoffs => (Kind::Bars, const { &[series("Handed over", &[0])] }),
        Measure::Deflection => {
            (Kind::Bars, const { &[series("Conversations", &[0]), series("Resolved by the bot", &[1])] })
        }
        Measure::Suggestions => (Kind::Bars, const { &[series("Drafts", &[0]), series("Sent", &[1, 2])] }),
        Measure::Votes => {
            (Kind::Bars, const { &[series("Helpful", &[0, 3]), series("Not helpful", &[1, 4])] })
        }
    }
}

impl Chart {
    /// The chart of a report's rows, in order.
    pub(crate) fn new(measure: Measure, rows: &[&[ReportValue]], periods: (&str, &str)) -> Self {
        let (kind, all) = drawing(measure);
        let values: Vec<Vec<Option<f64>>> =
            all.iter().map(|series| rows.iter().map(|row| sum(row, series.columns)).collect()).collect();
        let top = values.iter().flatten().flatten().copied().fold(0.0, f64::max);
        let unit = measure.columns()[all[0].columns[0]].unit;
        let y = |value: f64| if top > 0.0 { HEIGHT - value / top * (HEIGHT - TOP) } else { HEIGHT };
        let step = WIDTH / rows.len().max(1) as f64;
        let (mut bars, mut lines, mut dots) = (vec![], vec![], vec![]);
        for (n, values) in values.iter().enumerate() {
            let class = if n == 0 { "s1" } else { "s2" };
            match kind {
                Kind::Bars => {
                    let width = step * BARS_SHARE / all.len() as f64;
                    for (at, value) in values.iter().enumerate() {
                        let value = value.unwrap_or_default();
                        if value > 0.0 {
                            let x = at as f64 * step + step * (1.0 - BARS_SHARE) / 2.0 + n as f64 * width;
                            let (y, height) = (px(y(value)), px(HEIGHT - y(value)));
                            bars.push(Bar { class, x: px(x), y, width: px(width.max(0.5)), height });
                        }
                    }
                }
                Kind::Lines => {
                    let mut points = String::new();
                    for (at, value) in values.iter().enumerate() {
                        let Some(value) = value else {
                            push_line(&mut lines, class, &mut points);
                            continue;
                        };
                        let (x, y) = (px((at as f64 + 0.5) * step), px(y(*value)));
                        let _ = write!(points, "{x},{y} ");
                        if rows.len() <= DOTS_MAX {
                            dots.push(Dot { class, x, y });
                        }
                    }
                    push_line(&mut lines, class, &mut points);
                }
            }
        }
        let legend = all
            .iter()
            .enumerate()
            .map(|(n, series)| Legend { class: if n == 0 { "s1" } else { "s2" }, label: series.label });
        let top = shown(ReportValue::Part(top), unit);
        let label = format!(
            "{}, {} to {}, at most {top}; the table below has the numbers",
            measure.title(),
            periods.0,
            periods.1
        );
        let view_box = format!("0 0 {WIDTH} {HEIGHT}");
        Self { bars, lines, dots, legend: legend.collect(), top, label, view_box }
    }
}

fn push_line(lines: &mut Vec<Line>, class: &'static str, points: &mut String) {
    if !points.is_empty() {
        lines.push(Line { class, points: std::mem::take(points) });
    }
}

fn sum(row: &[ReportValue], columns: &[usize]) -> Option<f64> {
    let number = |value: &ReportValue| match value {
        ReportValue::Whole(n) => Some(*n as f64),
        ReportValue::Part(n) => Some(*n),
        ReportValue::Nothing => None,
    };
    columns.iter().map(|column| row.get(*column).and_then(number)).sum()
}

fn px(n: f64) -> String {
    format!("{n:.1}")
}

/// A number as people read it.
pub(crate) fn shown(value: ReportValue, unit: ReportUnit) -> String {
    let number = match value {
        ReportValue::Whole(n) => n as f64,
        ReportValue::Part(n) => n,
        ReportValue::Nothing => return "–".to_owned(),
    };
    match unit {
        ReportUnit::Count => grouped(number.round() as i64),
        ReportUnit::Share => format!("{:.0} %", number * 100.0),
        ReportUnit::Mean => format!("{number:.1}"),
        ReportUnit::Seconds => duration(number.round() as i64),
    }
}

/// Thousands apart, by a comma.
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if n < 0 { format!("-{shown}") } else { shown }
}

/// A length of time in its two greatest units.
fn duration(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |n: i64, unit: &str, rest: i64, small: &str| {
        if rest == 0 { format!("{n} {unit}") } else { format!("{n} {unit} {rest} {small}") }
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => two(minutes, "min", seconds % 60, "s"),
        3_600..86_400 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        use ReportUnit::{Count, Mean, Seconds, Share};
        for (value, unit, text) in [
            (ReportValue::Whole(0), Count, "0"),
            (ReportValue::Whole(1_234_567), Count, "1,234,567"),
            (ReportValue::Whole(-1_000), Count, "-1,000"),
            (ReportValue::Whole(59), Seconds, "59 s"),
            (ReportValue::Whole(3_600), Seconds, "1 h"),
            (ReportValue::Whole(3_725), Seconds, "1 h 2 min"),
            (ReportValue::Whole(90_000), Seconds, "1 d 1 h"),
            (ReportValue::Part(0.1234), Share, "12 %"),
            (ReportValue::Part(1.75), Mean, "1.8"),
            (ReportValue::Nothing, Seconds, "–"),
        ] {
            assert_eq!(shown(value, unit), text);
        }
    }

    #[test]
    fn every_report_is_drawn_within_its_box() {
        for measure in Measure::ALL {
            let row: Vec<ReportValue> = (0..measure.columns().len())
                .map(|n| ReportValue::Whole(i64::try_from(n).unwrap() * 10 + 5))
                .collect();
            let none = vec![ReportValue::Nothing; row.len()];
            let rows = [row.as_slice(), none.as_slice(), row.as_slice()];
            let chart = Chart::new(measure, &rows, ("2026-01-01", "2026-01-03"));
            assert!(chart.bars.len() + chart.lines.len() >= 2, "{measure:?}");
            for bar in &chart.bars {
                let n = |text: &str| text.parse::<f64>().unwrap();
                assert!(n(&bar.x) + n(&bar.width) <= WIDTH && n(&bar.y) >= TOP - 0.1, "{measure:?}");
                assert!((n(&bar.y) + n(&bar.height) - HEIGHT).abs() < 0.2, "{measure:?}");
            }
            let empty = Chart::new(measure, &[], ("2026-01-01", "2026-01-03"));
            assert!(empty.bars.is_empty() && empty.lines.is_empty() && empty.dots.is_empty(), "{measure:?}");
        }
    }
}
