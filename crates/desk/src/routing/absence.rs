//! Absences: entered by admins, or by people for themselves.

use domain::{Absence, AbsenceId, AuditAction, Principal, Timestamp, UserId};
use serde_json::json;

use super::schedule::refused;
use crate::{Desk, DeskError, input};

/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 500;
/// Most absences of a person that have not ended: as many as routing looks at.
const ABSENCES_MAX: usize = 100;

impl Desk {
    /// The absences of a person that have not ended, in order.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] without the person and for somebody else's without `admin:users`.
    pub async fn list_absences(
        &self,
        principal: &Principal,
        user_id: &UserId,
    ) -> Result<Vec<Absence>, DeskError> {
        Self::require_self_or_admin(principal, user_id)?;
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        Ok(self.0.store.list_absences(user_id, self.now(), ABSENCES_MAX).await?)
    }

    /// Enters an absence. Tickets that are theirs stay theirs.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] without the person and for somebody else's without `admin:users`, [`DeskError::Invalid`] when
    /// it ends before it begins or has ended, [`DeskError::Conflict`] when there are 100.
    pub async fn create_absence(
        &self,
        principal: &Principal,
        user_id: &UserId,
        from: Timestamp,
        to: Timestamp,
        reason: Option<&str>,
    ) -> Result<Absence, DeskError> {
        Self::require_self_or_admin(principal, user_id)?;
        let now = self.now();
        let reason = input::optional("reason", reason, REASON_BYTES_MAX)?.unwrap_or_default().to_owned();
        let id = AbsenceId::new(self.id());
        let absence =
            Absence { id, user_id: user_id.clone(), from, to, reason }.checked().map_err(refused)?;
        if absence.to <= now {
            return Err(DeskError::invalid("to", "this is over already"));
        }
        self.0.store.find_user(user_id).await?.ok_or(DeskError::NotFound)?;
        self.require_sight_of_agent(principal, user_id).await?;
        let mut tx = self.begin(principal).await?;
        if tx.count_absences(user_id, now).await? >= ABSENCES_MAX as i64 {
            return Err(DeskError::Conflict(format!("there are {ABSENCES_MAX} absences ahead already")));
        }
        tx.insert_absence(&absence).await?;
        tx.record(AuditAction::AbsenceCreated, &absence.id, json!({ "user_id": user_id }));
        tx.commit().await?;
        Ok(absence)
    }

    /// Takes an absence back.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], also for somebody else's without `admin:users`.
    pub async fn delete_absence(
        &self,
        principal: &Principal,
        user_id: &UserId,
        id: &AbsenceId,
    ) -> Result<(), DeskError> {
        Self::require_self_or_admin(principal, user_id)?;
        self.require_sight_of_agent(principal, user_id).await?;
        let mut tx = self.begin(principal).await?;
        tx.delete_absence(user_id, id).await?;
        tx.record(AuditAction::AbsenceDeleted, id, json!({ "user_id": user_id }));
        tx.look_at_waiting_tickets(self.now()).await?;
        tx.commit().await
    }
}
