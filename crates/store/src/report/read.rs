//! Reading the sums for somebody: of the teams whose tickets they see.

use std::collections::BTreeSet;

use domain::{
    ArticleVotes, Cell, Count, Dimension, Grain, Histogram, ReportDay, Span, TicketSight, Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError,
    placeholders::{self, Bound, sql},
    row,
};

/// Which sums, and how they are put together.
#[derive(Debug, Clone)]
pub struct CellQuery<'q> {
    /// Of days or of months.
    pub grain: Grain,
    /// Of which dimension.
    pub dimension: Dimension,
    /// From this day on.
    pub from: ReportDay,
    /// Before this day.
    pub before: ReportDay,
    /// Whose teams.
    pub sight: &'q TicketSight,
    /// Of this team alone.
    pub team: Option<&'q str>,
    /// Of this key alone.
    pub key: Option<&'q str>,
    /// What they are put together by.
    pub by: CellGroup,
    /// The numbers that are wanted.
    pub counts: &'q [Count],
    /// The lengths of time that are wanted; then the numbers are not.
    pub span: Option<Span>,
}

/// What sums are put together by, besides their day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellGroup {
    /// Nothing.
    Nothing,
    /// Their team.
    Team,
    /// Their key.
    Key,
}

/// A sum: of one day or month, or of all of them where the day was not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellRow {
    /// Its first day.
    pub day: ReportDay,
    /// The team or key; empty without a group.
    pub group: String,
    /// What was counted, as far as it was wanted.
    pub cell: Cell,
}

impl Store {
    /// Sums, in no order. Lengths of time come in several rows for the same day and group.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read_report_cells(&self, query: &CellQuery<'_>) -> Result<Vec<CellRow>, StoreError> {
        let TicketSight::Teams(teams) = query.sight else {
            return self.read_cells(query, &[]).await;
        };
        let teams = own(teams, query.team);
        if teams.is_empty() { Ok(vec![]) } else { self.read_cells(query, &teams).await }
    }

    async fn read_cells(&self, asked: &CellQuery<'_>, teams: &[&str]) -> Result<Vec<CellRow>, StoreError> {
        let teams: Vec<&str> = match (teams.is_empty(), asked.team) {
            (true, Some(team)) => vec![team],
            _ => placeholders::padded(teams),
        };
        let text = texts(asked, teams.len());
        let query = bound(sqlx::query(sql(text)), asked, &teams);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| cell_row(asked, row)).collect()
    }

    /// Votes on articles between two times, in the stretches of a quarter of an hour in which they were given: the changes of
    /// every time zone lie on such.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_article_votes(
        &self,
        from: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<(Timestamp, ArticleVotes)>, StoreError> {
        const QUARTER_MS: i64 = 15 * 60 * 1_000;
        let rows = sqlx::query(VOTES)
            .bind(QUARTER_MS)
            .bind(from.0)
            .bind(before.0)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        let votes = |found: &AnyRow| {
            let n = row::int(found, "n")?;
            let mut votes = ArticleVotes::default();
            match row::text(found, "feedback")?.as_str() {
                "helpful" => votes.n_helpful = n,
                _ => votes.n_unhelpful = n,
            }
            Ok((Timestamp(row::int(found, "quarter")? * QUARTER_MS), votes))
        };
        rows.iter().map(votes).collect()
    }

    /// How the database finds what a report reads, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_report(&self, asked: &CellQuery<'_>) -> Result<Vec<String>, StoreError> {
        let teams: Vec<&str> = asked.team.into_iter().collect();
        self.explain(&texts(asked, teams.len()), |statement| bound(statement, asked, &teams)).await
    }

    /// How the database finds the sums that are added to, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_added_cells(&self) -> Result<Vec<String>, StoreError> {
        const CELLS: usize = 4;
        self.explain(&super::cells::wanted(CELLS), |statement| {
            (0..CELLS as i64).fold(statement, |statement, day| {
                statement.bind("day").bind("team").bind(day).bind("support").bind("")
            })
        })
        .await
    }
}

const VOTES: &str = "SELECT created_at_ms / $1 AS quarter, feedback, COUNT(*) AS n FROM votes \
     WHERE created_at_ms >= $2 AND created_at_ms < $3 GROUP BY created_at_ms / $1, feedback";

/// The teams that somebody sees, of those that are asked for.
fn own<'t>(teams: &'t BTreeSet<String>, team: Option<&str>) -> Vec<&'t str> {
    teams.iter().map(String::as_str).filter(|own| team.is_none_or(|team| team == *own)).collect()
}

/// Binds what [`texts`] asks for.
fn bound<'q>(statement: Bound<'q>, asked: &CellQuery<'_>, teams: &[&str]) -> Bound<'q> {
    let statement = statement
        .bind(asked.grain.as_str())
        .bind(asked.dimension.as_str())
        .bind(asked.from.days())
        .bind(asked.before.days());
    let keys = asked.key.into_iter().chain(teams.iter().copied());
    keys.fold(statement, |statement, key| statement.bind(key.to_owned()))
}

/// The statement: grain, dimension and days are bound first, then the key, then so many teams.
fn texts(asked: &CellQuery<'_>, n_teams: usize) -> String {
    let group = match asked.by {
        CellGroup::Nothing => "",
        CellGroup::Team => ", team",
        CellGroup::Key => ", dimension_key",
    };
    let mut place = 5;
    let mut conditions = "grain = $1 AND dimension = $2 AND day >= $3 AND day < $4".to_owned();
    if asked.key.is_some() {
        conditions.push_str(" AND dimension_key = $5");
        place += 1;
    }
    if n_teams > 0 {
        conditions.push_str(&format!(" AND team IN ({})", placeholders::list(place, n_teams)));
    }
    match asked.span {
        Some(span) => {
            let span = span.column();
            format!("SELECT day{group}, {span} FROM report_cells WHERE {conditions} AND {span} <> ''")
        }
        None => {
            let sums: Vec<String> = asked
                .counts
                .iter()
                .map(|count| format!("CAST(SUM({0}) AS BIGINT) AS {0}", count.column()))
                .collect();
            let sums = sums.join(", ");
            format!("SELECT day{group}, {sums} FROM report_cells WHERE {conditions} GROUP BY day{group}")
        }
    }
}

fn cell_row(asked: &CellQuery<'_>, found: &AnyRow) -> Result<CellRow, StoreError> {
    let mut cell = Cell::default();
    match asked.span {
        Some(span) => cell.add_span(span, &row::parsed(found, span.column(), Histogram::parse)?),
        None => {
            for count in asked.counts {
                cell.add_count(*count, row::int(found, count.column())?);
            }
        }
    }
    let group = match asked.by {
        CellGroup::Nothing => String::new(),
        CellGroup::Team => row::text(found, "team")?,
        CellGroup::Key => row::text(found, "dimension_key")?,
    };
    Ok(CellRow { day: ReportDay::new(row::int(found, "day")?), group, cell })
}
