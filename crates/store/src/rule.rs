//! Rules, in their order, and on which tickets those that are tried as time passes have acted.

use std::collections::BTreeSet;

use domain::{
    ActionsOf, ChangeTest, Rule, RuleCounts, RuleEvent, RuleId, RuleState, Then, TicketId, Timestamp, Trigger,
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{Bound, sql},
    row,
    ticket_macro::actions,
    tx::{Counter, inserted, updated},
};

const COLUMNS: &str = "id, name, position, kind, events_json, changed_json, condition, actions_json, then_what, \
     state, n_runs, last_run_at_ms, n_failed, last_failed_at_ms, last_failure, n_held, last_held_at_ms, revision";

/// What became of a rule on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOutcome<'a> {
    /// It did something.
    Ran,
    /// An action could not be done, and why.
    Failed(&'a str),
    /// The loop guard held it.
    Held,
}

impl Store {
    /// Every rule, in their order, with what became of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_rules(&self) -> Result<Vec<(Rule, RuleCounts)>, StoreError> {
        let rows = all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok((rule(row)?, counts(row)?))).collect()
    }
}

impl WriteTx {
    /// Every rule, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rules(&mut self) -> Result<Vec<Rule>, StoreError> {
        all(self.connection()).await?.iter().map(rule).collect()
    }

    /// How often rules were changed. While this stays, [`WriteTx::rules`] does.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rules_revision(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'rules'")
            .fetch_one(self.connection())
            .await?;
        row::int(&row, "value")
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken.
    pub async fn insert_rule(&mut self, rule: &Rule, now: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO rules (id, name, position, kind, events_json, changed_json, condition, actions_json, \
             then_what, state, n_runs, n_failed, n_held, revision, created_at_ms, updated_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13) ON CONFLICT DO NOTHING",
        );
        let done = bind(query, rule)?.bind(now.0).bind(now.0).execute(self.connection()).await?;
        inserted(done.rows_affected(), "this rule is already there")?;
        self.next(Counter::Rules).await.map(drop)
    }

    /// Changes a rule; its counts stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_rule(&mut self, rule: &Rule, now: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE rules SET name = $2, position = $3, kind = $4, events_json = $5, changed_json = $6, \
             condition = $7, actions_json = $8, then_what = $9, state = $10, revision = $11, updated_at_ms = $12 \
             WHERE id = $1",
        );
        let done = bind(query, rule)?.bind(now.0).execute(self.connection()).await?;
        updated(done.rows_affected(), "rule")?;
        self.next(Counter::Rules).await.map(drop)
    }

    /// Deletes a rule.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_rule(&mut self, id: &RuleId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM rule_marks WHERE rule_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        let done = sqlx::query("DELETE FROM rules WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "rule")?;
        self.next(Counter::Rules).await.map(drop)
    }

    /// Counts what became of a rule on a ticket.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn count_rule(
        &mut self,
        id: &RuleId,
        outcome: RuleOutcome<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let query = match outcome {
            RuleOutcome::Ran => {
                sqlx::query("UPDATE rules SET n_runs = n_runs + 1, last_run_at_ms = $2 WHERE id = $1")
                    .bind(id.as_str())
                    .bind(now.0)
            }
            RuleOutcome::Held => {
                sqlx::query("UPDATE rules SET n_held = n_held + 1, last_held_at_ms = $2 WHERE id = $1")
                    .bind(id.as_str())
                    .bind(now.0)
            }
            RuleOutcome::Failed(why) => sqlx::query(
                "UPDATE rules SET n_failed = n_failed + 1, last_failed_at_ms = $2, last_failure = $3 WHERE id = $1",
            )
            .bind(id.as_str())
            .bind(now.0)
            .bind(why.to_owned()),
        };
        let done = query.execute(self.connection()).await?;
        updated(done.rows_affected(), "rule")
    }

    /// Marks a ticket as one on which a rule has acted. False when it is marked already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the rule.
    pub async fn mark_ticket(
        &mut self,
        rule: &RuleId,
        ticket: &TicketId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO rule_marks (ticket_id, rule_id, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(ticket.as_str())
        .bind(rule.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the marks of all rules from a ticket, because somebody has touched it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unmark_ticket(&mut self, ticket: &TicketId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM rule_marks WHERE ticket_id = $1")
            .bind(ticket.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn all(connection: &mut AnyConnection) -> Result<Vec<AnyRow>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM rules ORDER BY position, id");
    Ok(sqlx::query(sql(text)).fetch_all(connection).await?)
}

/// Binds a rule as both writing statements have it, from the id to the revision.
fn bind<'q>(query: Bound<'q>, rule: &'q Rule) -> Result<Bound<'q>, StoreError> {
    let (kind, events, changed) = columns(&rule.trigger)?;
    Ok(query
        .bind(rule.id.as_str())
        .bind(rule.name.as_str())
        .bind(rule.position)
        .bind(kind)
        .bind(events)
        .bind(changed)
        .bind(rule.condition.to_string())
        .bind(row::to_json(&rule.actions.to_json())?)
        .bind(rule.then.as_str())
        .bind(rule.state.as_str())
        .bind(rule.revision))
}

/// The columns `kind`, `events_json` and `changed_json`.
fn columns(trigger: &Trigger) -> Result<(&'static str, String, String), StoreError> {
    let none = Vec::<()>::new();
    Ok(match trigger {
        Trigger::Time => ("time", row::to_json(&none)?, row::to_json(&none)?),
        Trigger::Events { events, changed } => {
            let changed: Vec<_> =
                changed.iter().map(|test| (test.field().key(), test.from(), test.to())).collect();
            ("event", row::to_json(events)?, row::to_json(&changed)?)
        }
    })
}

fn trigger(row: &AnyRow) -> Result<Trigger, StoreError> {
    let events: BTreeSet<RuleEvent> = row::json(row, "events_json")?;
    let changed: Vec<(String, Option<String>, Option<String>)> = row::json(row, "changed_json")?;
    row::parsed(row, "kind", |kind| {
        if kind == "time" {
            return Some(Trigger::Time);
        }
        let changed: Vec<ChangeTest> = changed
            .into_iter()
            .map(|(field, from, to)| ChangeTest::new(&field, from, to).ok())
            .collect::<Option<_>>()?;
        Trigger::events(events, changed).ok()
    })
}

fn rule(row: &AnyRow) -> Result<Rule, StoreError> {
    Ok(Rule {
        id: RuleId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        position: row::int(row, "position")?,
        trigger: trigger(row)?,
        condition: row::parsed(row, "condition", |text| text.parse().ok())?,
        actions: actions(row, ActionsOf::Rule)?,
        then: row::parsed(row, "then_what", Then::parse)?,
        state: row::parsed(row, "state", RuleState::parse)?,
        revision: row::int(row, "revision")?,
    })
}

fn counts(row: &AnyRow) -> Result<RuleCounts, StoreError> {
    Ok(RuleCounts {
        n_runs: row::int(row, "n_runs")?,
        last_run_at: row::optional_time(row, "last_run_at_ms")?,
        n_failed: row::int(row, "n_failed")?,
        last_failed_at: row::optional_time(row, "last_failed_at_ms")?,
        last_failure: row::optional_text(row, "last_failure")?,
        n_held: row::int(row, "n_held")?,
        last_held_at: row::optional_time(row, "last_held_at_ms")?,
    })
}
