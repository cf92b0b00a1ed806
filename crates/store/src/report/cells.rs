//! The sums that reports read: adding to them, and deleting them to begin anew.

use std::collections::{BTreeMap, HashMap};

use domain::{Cell, CellKey, Count, Dimension, Grain, Histogram, ReportDay, Span};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, Bound, sql},
    row,
};

/// Cells that one statement reads.
const ROWS: usize = 64;
/// What tells a cell from others.
const KEY: &str = "grain, dimension, day, team, dimension_key";
const N_KEY: usize = 5;

/// Every column that is counted, in order.
pub(super) fn columns() -> Vec<&'static str> {
    Count::ALL.into_iter().map(Count::column).chain(Span::ALL.into_iter().map(Span::column)).collect()
}

impl WriteTx {
    /// Adds to the sums. Cells in which nothing is left are deleted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_report_cells(&mut self, added: &BTreeMap<CellKey, Cell>) -> Result<(), StoreError> {
        let added: Vec<(&CellKey, &Cell)> = added.iter().filter(|(_, cell)| !cell.is_empty()).collect();
        for added in added.chunks(ROWS) {
            let mut known = self.cells_of(added).await?;
            let (mut kept, mut gone) = (vec![], vec![]);
            for (key, cell) in added {
                let known = known.remove(*key);
                let is_known = known.is_some();
                let mut sum = known.unwrap_or_default();
                sum.add(cell, 1);
                if !sum.is_empty() {
                    kept.push((*key, sum));
                } else if is_known {
                    gone.push(*key);
                }
            }
            self.save_cells(&kept).await?;
            for key in gone {
                self.delete_cell(key).await?;
            }
        }
        Ok(())
    }

    /// Deletes some of the sums. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clear_report_cells(&mut self, limit: i64) -> Result<u64, StoreError> {
        let text = format!(
            "DELETE FROM report_cells WHERE ({KEY}) IN (SELECT {KEY} FROM report_cells ORDER BY {KEY} LIMIT $1)"
        );
        Ok(sqlx::query(sql(text)).bind(limit).execute(self.connection()).await?.rows_affected())
    }

    async fn cells_of(&mut self, added: &[(&CellKey, &Cell)]) -> Result<HashMap<CellKey, Cell>, StoreError> {
        // The same statement for every number of cells up to the next power of two.
        let n = added.len().next_power_of_two();
        let keys = added.iter().chain(std::iter::repeat_n(&added[added.len() - 1], n - added.len()));
        let mut query = sqlx::query(sql(wanted(n)));
        for (key, _) in keys {
            query = query
                .bind(key.grain.as_str())
                .bind(key.dimension.as_str())
                .bind(key.day.days())
                .bind(key.team.as_str())
                .bind(key.key.as_str());
        }
        query.fetch_all(self.connection()).await?.iter().map(cell).collect()
    }

    async fn save_cells<'c>(&mut self, cells: &'c [(&CellKey, Cell)]) -> Result<(), StoreError> {
        let columns = columns();
        let set: Vec<String> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let into = format!("report_cells ({KEY}, {})", columns.join(", "));
        let otherwise = format!("ON CONFLICT ({KEY}) DO UPDATE SET {}", set.join(", "));
        let bind = |query: Bound<'c>, (key, cell): &'c (&CellKey, Cell)| {
            let query = query
                .bind(key.grain.as_str())
                .bind(key.dimension.as_str())
                .bind(key.day.days())
                .bind(key.team.as_str())
                .bind(key.key.as_str());
            let query = Count::ALL.into_iter().fold(query, |query, count| query.bind(cell.count(count)));
            Ok(Span::ALL.into_iter().fold(query, |query, span| query.bind(cell.span(span).to_string())))
        };
        self.insert_or(&into, N_KEY + columns.len(), &otherwise, cells, bind).await?;
        Ok(())
    }

    async fn delete_cell(&mut self, key: &CellKey) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM report_cells WHERE grain = $1 AND dimension = $2 AND day = $3 AND team = $4 \
             AND dimension_key = $5",
        )
        .bind(key.grain.as_str())
        .bind(key.dimension.as_str())
        .bind(key.day.days())
        .bind(key.team.as_str())
        .bind(key.key.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// All sums, in the order of their keys, after one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn report_cells_after(
        &self,
        after: Option<&CellKey>,
        limit: i64,
    ) -> Result<Vec<(CellKey, Cell)>, StoreError> {
        let text = format!(
            "SELECT {KEY}, {} FROM report_cells WHERE ({KEY}) > ($1, $2, $3, $4, $5) ORDER BY {KEY} LIMIT $6",
            columns().join(", ")
        );
        let query = match after {
            None => sqlx::query(sql(text)).bind("").bind("").bind(i64::MIN).bind("").bind(""),
            Some(key) => sqlx::query(sql(text))
                .bind(key.grain.as_str())
                .bind(key.dimension.as_str())
                .bind(key.day.days())
                .bind(key.team.as_str())
                .bind(key.key.as_str()),
        };
        let rows = query.bind(limit).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(cell).collect()
    }
}

/// The statement of so many cells. `IN (VALUES …)` would have SQLite read the whole table.
pub(super) fn wanted(n: usize) -> String {
    let key: Vec<String> = KEY.split(", ").map(|part| format!("c.{part} AS {part}")).collect();
    let same: Vec<String> = KEY.split(", ").map(|part| format!("c.{part} = w.{part}")).collect();
    let columns: Vec<String> = columns().iter().map(|column| format!("c.{column} AS {column}")).collect();
    format!(
        "WITH wanted ({KEY}) AS (VALUES {}) SELECT {}, {} FROM wanted w CROSS JOIN report_cells c WHERE {}",
        placeholders::rows(n, N_KEY),
        key.join(", "),
        columns.join(", "),
        same.join(" AND ")
    )
}

fn cell(row: &AnyRow) -> Result<(CellKey, Cell), StoreError> {
    let key = CellKey {
        grain: row::parsed(row, "grain", Grain::parse)?,
        dimension: row::parsed(row, "dimension", Dimension::parse)?,
        day: ReportDay::new(row::int(row, "day")?),
        team: row::text(row, "team")?,
        key: row::text(row, "dimension_key")?,
    };
    let mut cell = Cell::default();
    for count in Count::ALL {
        cell.add_count(count, row::int(row, count.column())?);
    }
    for span in Span::ALL {
        cell.add_span(span, &row::parsed(row, span.column(), Histogram::parse)?);
    }
    Ok((key, cell))
}
