//! Schedules against examples from the calendar, and against an oracle that looks at the wall clock minute by minute.

use jiff::{Timestamp as Instant, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<Instant>().unwrap().as_millisecond())
}

fn hours(from: &str, to: &str) -> Hours {
    Hours { from: MinuteOfDay::parse(from).unwrap(), to: MinuteOfDay::parse(to).unwrap() }
}

/// The same hours on every day, weekends too.
fn daily(zone: &str, from: &str, to: &str) -> Schedule {
    schedule(zone, std::array::from_fn(|_| vec![hours(from, to)]), &[])
}

/// Monday to Friday.
fn weekdays(zone: &str, from: &str, to: &str, holidays: &[&str]) -> Schedule {
    let day = |n| if n < 5 { vec![hours(from, to)] } else { vec![] };
    schedule(zone, std::array::from_fn(day), holidays)
}

fn schedule(zone: &str, days: [Vec<Hours>; 7], holidays: &[&str]) -> Schedule {
    let holiday = |date: &&str| Holiday { date: LocalDate::parse(date).unwrap(), name: "x".to_owned() };
    Schedule {
        id: ScheduleId::new("s"),
        name: "Support".to_owned(),
        zone: Zone::parse(zone).unwrap(),
        hours: WeekHours::new(days).unwrap(),
        holidays: Holidays::new(holidays.iter().map(holiday).collect()).unwrap(),
        revision: 1,
    }
}

/// Whether it is open, by the definition: what the clock on the wall shows.
fn is_open_by_the_wall(schedule: &Schedule, at: i64) -> bool {
    let zone = TimeZone::get(schedule.zone.as_str()).unwrap();
    let wall = zone.to_datetime(Instant::from_millisecond(at).unwrap());
    let minute = wall.hour() as u16 * 60 + wall.minute() as u16;
    let is_holiday =
        schedule.holidays.days().iter().any(|day| day.date.to_string() == wall.date().to_string());
    let of_day = &schedule.hours.days()[usize::from(wall.weekday().to_monday_zero_offset() as u8)];
    !is_holiday && of_day.iter().any(|hours| (hours.from.minutes()..hours.to.minutes()).contains(&minute))
}

/// Counts by looking at each minute. Offsets of our time change at whole minutes.
fn open_ms_by_the_wall(schedule: &Schedule, from: i64, to: i64) -> i64 {
    let mut open_ms = 0;
    let mut minute = from.div_euclid(MINUTE_MS) * MINUTE_MS;
    while minute < to {
        if is_open_by_the_wall(schedule, minute) {
            open_ms += (minute + MINUTE_MS).min(to) - minute.max(from);
        }
        minute += MINUTE_MS;
    }
    open_ms
}

#[track_caller]
fn check_hours(schedule: &Schedule, from: &str, to: &str, expected_min: i64) {
    let found = schedule.open_ms_between(at(from), at(to));
    assert_eq!(found, expected_min * MINUTE_MS, "{} min", found / MINUTE_MS);
}

#[test]
fn a_week_is_counted_from_its_first_hour() {
    let support = weekdays("Europe/Berlin", "09:00", "17:00", &[]);
    // 2026-11-20 is a Friday, and Berlin is an hour ahead of UTC.
    assert!(!support.is_open(at("2026-11-20T07:59:59.999Z")));
    assert!(support.is_open(at("2026-11-20T08:00:00Z")));
    assert!(support.is_open(at("2026-11-20T15:59:59.999Z")));
    assert!(!support.is_open(at("2026-11-20T16:00:00Z")));
    assert_eq!(support.next_opening(at("2026-11-20T16:00:00Z")), Some(at("2026-11-23T08:00:00Z")));
    assert_eq!(support.next_opening(at("2026-11-20T10:00:00Z")), Some(at("2026-11-20T10:00:00Z")));
    check_hours(&support, "2026-11-20T14:00:00Z", "2026-11-23T09:00:00Z", 180);
    check_hours(&support, "2026-11-23T09:00:00Z", "2026-11-20T14:00:00Z", 0);
    let in_four_hours = support.after_open_ms(at("2026-11-20T14:00:00Z"), 4 * HOUR_MS);
    assert_eq!(in_four_hours, Some(at("2026-11-23T10:00:00Z")));
    // What is full with the last minute of the day is due then, not when the next one begins.
    let in_two = support.after_open_ms(at("2026-11-20T14:00:00Z"), 2 * HOUR_MS);
    assert_eq!(in_two, Some(at("2026-11-20T16:00:00Z")));
    assert_eq!(support.after_open_ms(at("2026-11-21T14:00:00Z"), 0), Some(at("2026-11-21T14:00:00Z")));
}

#[test]
fn holidays_are_whole_days_of_the_zone() {
    let support = weekdays("Europe/Berlin", "00:00", "24:00", &["2026-12-25"]);
    assert!(support.is_open(at("2026-12-24T22:59:59Z")));
    assert!(!support.is_open(at("2026-12-24T23:00:00Z")));
    // A Friday, then the weekend.
    assert_eq!(support.next_opening(at("2026-12-24T23:00:00Z")), Some(at("2026-12-27T23:00:00Z")));
}

#[test]
fn berlin_loses_an_hour_in_march_and_gains_one_in_october() {
    let night = daily("Europe/Berlin", "00:00", "06:00");
    check_hours(&night, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", 300);
    check_hours(&night, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 420);
    // Half past two is not on the clock in March and twice in October.
    let half_past_two = daily("Europe/Berlin", "02:15", "02:45");
    check_hours(&half_past_two, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", 0);
    check_hours(&half_past_two, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 60);
    let always = schedule("Europe/Berlin", WeekHours::always().days().clone(), &[]);
    check_hours(&always, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25 * 60);
    assert_eq!(
        night.after_open_ms(at("2026-03-28T23:00:00Z"), 5 * HOUR_MS),
        Some(at("2026-03-29T04:00:00Z")),
        "six on the clock is five hours after midnight"
    );
}

#[test]
fn new_york_changes_on_other_days() {
    let office = weekdays("America/New_York", "09:00", "17:00", &["2026-11-26"]);
    assert_eq!(office.next_opening(at("2026-03-06T23:00:00Z")), Some(at("2026-03-09T13:00:00Z")));
    assert_eq!(office.next_opening(at("2026-10-30T22:00:00Z")), Some(at("2026-11-02T14:00:00Z")));
    // Thanksgiving.
    assert_eq!(office.next_opening(at("2026-11-25T22:00:00Z")), Some(at("2026-11-27T14:00:00Z")));
    let night = daily("America/New_York", "01:00", "03:00");
    check_hours(&night, "2026-11-01T00:00:00Z", "2026-11-01T20:00:00Z", 180);
    check_hours(&night, "2026-03-08T00:00:00Z", "2026-03-08T20:00:00Z", 60);
}

#[test]
fn lord_howe_changes_by_half_an_hour_and_in_the_other_season() {
    let night = daily("Australia/Lord_Howe", "00:00", "04:00");
    // 2026-10-03 15:30 UTC is 02:00 on the 4th, which becomes 02:30; 2026-04-04 15:00 UTC is 02:00, which becomes 01:30.
    check_hours(&night, "2026-10-03T12:00:00Z", "2026-10-04T03:00:00Z", 210);
    check_hours(&night, "2026-04-04T12:00:00Z", "2026-04-05T03:00:00Z", 270);
}

#[test]
fn kathmandu_is_three_quarters_of_an_hour_off_and_has_no_seasons() {
    let office = daily("Asia/Kathmandu", "10:00", "18:00");
    assert!(office.is_open(at("2026-07-01T04:15:00Z")) && !office.is_open(at("2026-07-01T04:14:59Z")));
    check_hours(&office, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 365 * 480);
}

#[test]
fn leap_days_and_skipped_days_are_days_like_others() {
    let office = daily("Europe/Berlin", "09:00", "17:00");
    check_hours(&office, "2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z", 2 * 480);
    let closed = weekdays("Europe/Berlin", "09:00", "17:00", &["2028-02-29"]);
    assert!(!closed.is_open(at("2028-02-29T10:00:00Z")));
    // Samoa went from the 29th to the 31st of December 2011, over the date line.
    let samoa = daily("Pacific/Apia", "00:00", "24:00");
    check_hours(&samoa, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 48 * 60);
    let without_thursday = schedule(
        "Pacific/Apia",
        std::array::from_fn(|n| if n == 3 { vec![] } else { vec![hours("00:00", "24:00")] }),
        &[],
    );
    // Saturday follows upon Thursday.
    assert_eq!(without_thursday.next_opening(at("2011-12-29T20:00:00Z")), Some(at("2011-12-30T10:00:00Z")));
}

#[test]
fn what_never_opens_has_no_next_opening() {
    let of_one_day = |n| if n == 4 { vec![hours("09:00", "17:00")] } else { vec![] };
    let fridays = schedule("UTC", std::array::from_fn(of_one_day), &["2026-11-20", "2026-11-27"]);
    assert_eq!(fridays.next_opening(at("2026-11-19T00:00:00Z")), Some(at("2026-12-04T09:00:00Z")));
    let eleven_years_ms = 11 * 53 * 8 * HOUR_MS;
    assert_eq!(fridays.after_open_ms(at("2026-11-19T00:00:00Z"), eleven_years_ms), None);
    for edge in [Timestamp(i64::MAX), Timestamp(i64::MAX - 1)] {
        assert_eq!(fridays.next_opening(edge), None);
        assert!(!fridays.is_open(edge));
    }
    assert_eq!(fridays.open_ms_between(Timestamp(i64::MIN), Timestamp(i64::MIN + 5)), 0);
    let always = schedule("UTC", WeekHours::always().days().clone(), &[]);
    assert_eq!(
        always.open_ms_between(at("2000-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z")),
        HORIZON_DAYS * DAY_MS
    );
}

#[test]
fn a_schedule_is_stored_as_it_is_written() {
    let json = r#"{"id":"s","name":"Support","zone":"Europe/Berlin","hours":{"monday":[{"from":"09:00","to":"24:00"}],"tuesday":[],"wednesday":[],"thursday":[],"friday":[],"saturday":[],"sunday":[]},"holidays":[{"date":"2026-12-25","name":"Christmas"}],"revision":3}"#;
    let schedule: Schedule = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), json);
    for (wrong, part) in [
        (json.replace("Berlin", "Atlantis"), "there is no time zone \"Europe/Atlantis\""),
        (json.replace("2026-12-25", "2026-02-30"), "not a date: \"2026-02-30\""),
        (json.replace("\"name\":\"Support\"", "\"name\":\"Support\",\"more\":1"), "unknown field `more`"),
    ] {
        let error = serde_json::from_str::<Schedule>(&wrong).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

/// Hours of a day: one or two stretches, in order.
fn any_day() -> impl Strategy<Value = Vec<Hours>> {
    let cuts = proptest::collection::btree_set(0..=1440u16, 0..=4);
    cuts.prop_map(|cuts| {
        let cuts: Vec<u16> = cuts.into_iter().collect();
        let time =
            |minutes: u16| MinuteOfDay::parse(&format!("{:02}:{:02}", minutes / 60, minutes % 60)).unwrap();
        cuts.chunks_exact(2).map(|pair| Hours { from: time(pair[0]), to: time(pair[1]) }).collect()
    })
}

/// Moments around which the zone's clocks change, in both hemispheres, and one without a change.
const MOMENTS: [(&str, &str); 14] = [
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("America/Santiago", "2026-04-05T03:00:00Z"),
    ("America/Santiago", "2026-09-06T04:00:00Z"),
    ("Pacific/Auckland", "2026-04-04T14:00:00Z"),
    ("Pacific/Auckland", "2026-09-26T14:00:00Z"),
    ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
    ("America/St_Johns", "2026-11-01T04:30:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Europe/London", "2028-02-29T00:00:00Z"),
];

fn any_schedule() -> impl Strategy<Value = (Schedule, i64)> {
    let days = proptest::collection::vec(any_day(), 7);
    (0..MOMENTS.len(), days, proptest::collection::btree_set(-2..3i64, 0..2)).prop_filter_map(
        "a week without hours",
        |(moment, days, holidays)| {
            let (zone, moment) = MOMENTS[moment];
            let moment = at(moment).0;
            let date = |day: &i64| {
                let at = Instant::from_millisecond(moment + day * DAY_MS).unwrap();
                let date = LocalDate::parse(&TimeZone::UTC.to_datetime(at).date().to_string()).unwrap();
                Holiday { date, name: String::new() }
            };
            let schedule = Schedule {
                id: ScheduleId::new("s"),
                name: "s".to_owned(),
                zone: Zone::parse(zone).unwrap(),
                hours: WeekHours::new(days.try_into().ok()?).ok()?,
                holidays: Holidays::new(holidays.iter().map(date).collect()).ok()?,
                revision: 1,
            };
            Some((schedule, moment))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn counting_agrees_with_looking_at_every_minute(
        (schedule, moment) in any_schedule(),
        start_ms in -DAY_MS..DAY_MS,
        length_ms in 0..2 * DAY_MS,
    ) {
        let from = moment + start_ms;
        let to = from + length_ms;
        let open_ms = schedule.open_ms_between(Timestamp(from), Timestamp(to));
        prop_assert_eq!(open_ms, open_ms_by_the_wall(&schedule, from, to));
        prop_assert_eq!(schedule.is_open(Timestamp(from)), is_open_by_the_wall(&schedule, from));
    }

    #[test]
    fn what_lies_ahead_is_the_first_time_that_counts_as_much(
        (schedule, moment) in any_schedule(),
        start_ms in -DAY_MS..DAY_MS,
        open_ms in 1..DAY_MS,
    ) {
        let from = Timestamp(moment + start_ms);
        let Some(due) = schedule.after_open_ms(from, open_ms) else {
            // A minute a week is not enough.
            let in_all = schedule.open_ms_between(from, Timestamp(i64::MAX));
            prop_assert!(in_all < open_ms, "{} ms", in_all);
            return Ok(());
        };
        prop_assert_eq!(schedule.open_ms_between(from, due), open_ms);
        prop_assert_eq!(schedule.open_ms_between(from, Timestamp(due.0 - 1)), open_ms - 1);
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(
        (schedule, moment) in any_schedule(),
        start_ms in -DAY_MS..DAY_MS,
    ) {
        let from = Timestamp(moment + start_ms);
        let opening = schedule.next_opening(from).expect("a week has hours");
        prop_assert!(schedule.is_open(opening) && is_open_by_the_wall(&schedule, opening.0));
        prop_assert_eq!(schedule.open_ms_between(from, opening), 0);
    }

    #[test]
    fn a_span_is_the_sum_of_its_parts_and_a_clock_that_jumps_counts_nothing_twice(
        (schedule, moment) in any_schedule(),
        steps in proptest::collection::vec(-2 * HOUR_MS..2 * HOUR_MS, 1..12),
    ) {
        let mut latest = moment;
        let mut now = moment;
        let mut open_ms = 0;
        for step in steps {
            now += step;
            open_ms += schedule.open_ms_between(Timestamp(latest), Timestamp(now));
            latest = latest.max(now);
        }
        prop_assert_eq!(open_ms, schedule.open_ms_between(Timestamp(moment), Timestamp(latest)));
    }
}
