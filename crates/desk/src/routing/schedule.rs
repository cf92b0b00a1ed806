//! Schedules: made, changed and deleted by admins.

use domain::{
    AuditAction, Holiday, Holidays, Hours, InvalidSchedule, LocalDate, MinuteOfDay, Principal, Schedule,
    ScheduleId, Scope, TicketSight, WeekHours, Zone,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// Longest name of a schedule, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most schedules: they are read as a whole.
const SCHEDULES_MAX: i64 = 500;

/// A schedule as people write it.
#[derive(Debug, Clone, Default)]
pub struct ScheduleInput {
    /// What people call it.
    pub name: String,
    /// Its time zone: `Europe/Berlin`.
    pub zone: String,
    /// The hours of each weekday, Monday first: from `09:00` to `17:00`.
    pub hours: [Vec<(String, String)>; 7],
    /// The days on which nobody works, with their names: `2026-12-25`.
    pub holidays: Vec<(String, String)>,
}

impl Desk {
    /// The schedules, by name.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`.
    pub async fn list_schedules(&self, principal: &Principal) -> Result<Vec<Schedule>, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        Ok(self.0.store.list_schedules().await?)
    }

    /// A schedule.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`].
    pub async fn schedule(&self, principal: &Principal, id: &ScheduleId) -> Result<Schedule, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        self.0.store.find_schedule(id).await?.ok_or(DeskError::NotFound)
    }

    /// Makes a schedule.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Invalid`], [`DeskError::Conflict`] when there are 500.
    pub async fn create_schedule(
        &self,
        principal: &Principal,
        new: &ScheduleInput,
    ) -> Result<Schedule, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        let schedule = checked(ScheduleId::new(self.id()), 1, new)?;
        let mut tx = self.begin(principal).await?;
        if tx.count_schedules().await? >= SCHEDULES_MAX {
            return Err(DeskError::Conflict(format!("there are {SCHEDULES_MAX} schedules already")));
        }
        tx.insert_schedule(&schedule, self.now()).await?;
        tx.record(AuditAction::ScheduleCreated, &schedule.id, json!({}));
        tx.commit().await?;
        Ok(schedule)
    }

    /// Changes a schedule. The clocks of unsolved tickets that it counts are read anew, and tickets that wait for somebody
    /// are looked at.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`] while it holds for others than teams whose
    /// tickets the principal sees, [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::Invalid`].
    pub async fn change_schedule(
        &self,
        principal: &Principal,
        id: &ScheduleId,
        change: &ScheduleInput,
        expected_revision: Option<i64>,
    ) -> Result<Schedule, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let before = tx.schedule(id).await?.ok_or(DeskError::NotFound)?;
        Self::require_sight_of_schedule(&mut tx, principal, id).await?;
        input::revision(expected_revision, before.revision)?;
        let schedule = checked(before.id, before.revision + 1, change)?;
        tx.update_schedule(&schedule, now).await?;
        tx.record(AuditAction::ScheduleChanged, id, json!({}));
        tx.recheck_sla_clocks_of_schedule(id).await?;
        tx.look_at_waiting_tickets(now).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// Deletes a schedule that nobody works by.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`] as for a change, [`DeskError::NotFound`],
    /// [`DeskError::Conflict`] while an agent, a team or a policy has it.
    pub async fn delete_schedule(&self, principal: &Principal, id: &ScheduleId) -> Result<(), DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        let mut tx = self.begin(principal).await?;
        Self::require_sight_of_schedule(&mut tx, principal, id).await?;
        tx.delete_schedule(id).await?;
        tx.record(AuditAction::ScheduleDeleted, id, json!({}));
        tx.commit().await
    }

    /// Refuses who sees the tickets of some teams only, unless the schedule holds for none but these.
    async fn require_sight_of_schedule(
        tx: &mut RecordedTx,
        principal: &Principal,
        id: &ScheduleId,
    ) -> Result<(), DeskError> {
        if principal.sight() == TicketSight::All {
            return Ok(());
        }
        let by = tx.who_works_by(id).await?;
        let is_theirs = by.n_others == 0 && by.teams.iter().all(|team| principal.sees_team(team));
        if is_theirs { Ok(()) } else { Err(DeskError::Limited) }
    }
}

fn checked(id: ScheduleId, revision: i64, input: &ScheduleInput) -> Result<Schedule, DeskError> {
    let name = input::text("name", &input.name, NAME_BYTES_MAX)?.to_owned();
    let hours = |(from, to): &(String, String)| {
        Ok(Hours { from: MinuteOfDay::parse(from)?, to: MinuteOfDay::parse(to)? })
    };
    let day = |hours_of_day: &Vec<(String, String)>| -> Result<Vec<Hours>, InvalidSchedule> {
        hours_of_day.iter().map(hours).collect()
    };
    let days: Result<Vec<Vec<Hours>>, InvalidSchedule> = input.hours.iter().map(day).collect();
    let holiday = |(date, name): &(String, String)| -> Result<Holiday, InvalidSchedule> {
        Ok(Holiday { date: LocalDate::parse(date)?, name: name.trim().to_owned() })
    };
    let holidays: Result<Vec<Holiday>, InvalidSchedule> = input.holidays.iter().map(holiday).collect();
    let mut days = days.map_err(refused)?.into_iter();
    Ok(Schedule {
        id,
        name,
        zone: Zone::parse(input.zone.trim()).map_err(refused)?,
        hours: WeekHours::new(std::array::from_fn(|_| days.next().unwrap_or_default())).map_err(refused)?,
        holidays: holidays.and_then(Holidays::new).map_err(refused)?,
        revision,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn refused(error: InvalidSchedule) -> DeskError {
    let field = match error {
        InvalidSchedule::UnknownZone(_) => "zone",
        InvalidSchedule::NotATime(_)
        | InvalidSchedule::EmptyHours(_)
        | InvalidSchedule::OverlappingHours(..)
        | InvalidSchedule::TooManyHours
        | InvalidSchedule::NeverOpen => "hours",
        InvalidSchedule::NotADate(_)
        | InvalidSchedule::HolidayTwice(_)
        | InvalidSchedule::TooManyHolidays
        | InvalidSchedule::HolidayNameTooLong => "holidays",
        InvalidSchedule::EmptyAbsence => "to",
    };
    DeskError::invalid(field, error.to_string())
}
