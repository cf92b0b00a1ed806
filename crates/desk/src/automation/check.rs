//! What holds of a list of actions before a macro, a rule or a bulk job has it: each could be done. Nobody sees it when one
//! fails at night, and of a bulk job it would fail on every ticket.

use domain::{Action, Actions, ActionsOf, FieldOf, FieldValues, NewAssignee, Principal};
use serde_json::Value;

use crate::{Desk, DeskError, audit::RecordedTx, sharing::Holder, template};

impl Desk {
    /// The actions that JSON describes, where all that they name is there and theirs to use.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with the number of the first one that is none or could never be done.
    pub(crate) async fn checked_actions(
        &self,
        tx: &mut RecordedTx,
        (principal, holder): (&Principal, &Holder),
        list: &[Value],
        of: ActionsOf,
    ) -> Result<Actions, DeskError> {
        let actions =
            Actions::parse(list, of).map_err(|error| DeskError::invalid("actions", error.to_string()))?;
        check_templates(tx, &actions).await?;
        for (n, action) in (1..).zip(&actions) {
            self.check_action(tx, principal, action).await.map_err(|error| match error {
                DeskError::Invalid { message, .. } => {
                    DeskError::invalid("actions", format!("action {n}, {}: {message}", action.kind()))
                }
                other => other,
            })?;
        }
        check_canned_replies(tx, holder, &actions).await?;
        Ok(actions)
    }

    async fn check_action(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        action: &Action,
    ) -> Result<(), DeskError> {
        match action {
            Action::SetTeam(team) => Self::check_team(tx, principal, team).await,
            Action::SetAssignee(NewAssignee::Person(id)) => self.check_assignee(id).await,
            Action::SetStatus(key) => match tx.statuses().await?.iter().any(|status| status.key == *key) {
                true => Ok(()),
                false => Err(DeskError::invalid("status", format!("there is no status {key:?}"))),
            },
            Action::SetField { key, value } => {
                let values = [(key.clone(), value.clone())].into();
                self.with_values(tx, FieldOf::Ticket, FieldValues::new(), &values).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// Refuses actions with a template that cannot be.
async fn check_templates(tx: &mut RecordedTx, actions: &Actions) -> Result<(), DeskError> {
    let fields = tx.fields(FieldOf::Ticket).await?;
    for (n, text) in actions.templates() {
        template::check(text, &fields)
            .map_err(|why| DeskError::invalid("actions", format!("action {n}, body: {why}")))?;
    }
    Ok(())
}

/// Refuses actions with a canned reply that is not there, or not theirs.
async fn check_canned_replies(
    tx: &mut RecordedTx,
    holder: &Holder,
    actions: &Actions,
) -> Result<(), DeskError> {
    for (n, id) in actions.canned_replies() {
        let reply = tx.canned_reply(id).await?;
        if !reply.is_some_and(|reply| holder.has(&reply.sharing)) {
            let message = format!("action {n}, canned_reply_id: there is no such canned reply");
            return Err(DeskError::invalid("actions", message));
        }
    }
    Ok(())
}
