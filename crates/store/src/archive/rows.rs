//! Moving the rows of tickets between the two places: a statement for each table and many tickets, none of which leaves the
//! database.

use domain::{TicketId, Timestamp};

use super::{PARTS, Part, Within};
use crate::{
    StoreError, WriteTx,
    placeholders::{self, sql},
};

impl Part {
    /// The table in one of the two places.
    pub(super) fn table_of(&self, within: Within) -> &'static str {
        match within {
            Within::Desk => self.table,
            Within::Archive => self.twin,
        }
    }

    /// The condition on the rows of as many tickets, in one of the two places.
    pub(super) fn rows_of(&self, within: Within, n: usize) -> String {
        within.of(self.rows).replace("{ids}", &placeholders::list(1, n))
    }
}

impl WriteTx {
    /// Moves tickets out of one place into the other, with the time at which they are archived. Gives how many there were.
    pub(super) async fn move_rows(
        &mut self,
        ids: &[TicketId],
        from: Within,
        archived_at: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let to = match from {
            Within::Desk => Within::Archive,
            Within::Archive => Within::Desk,
        };
        let mut n_moved = 0;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            // Where it is in the archive, a ticket has few indexes, which the time is not in.
            if from == Within::Archive {
                self.set_archived_at(&ids, archived_at).await?;
            }
            for part in &PARTS {
                let text = format!(
                    "INSERT INTO {} SELECT * FROM {} WHERE {}",
                    part.table_of(to),
                    part.table_of(from),
                    part.rows_of(from, ids.len())
                );
                let n = self.run_for(text, &ids).await?;
                n_moved += if part.table == PARTS[0].table { n } else { 0 };
            }
            self.delete_rows(&ids, from).await?;
            if from == Within::Desk {
                self.set_archived_at(&ids, archived_at).await?;
            }
        }
        Ok(n_moved)
    }

    /// Deletes the rows of these tickets in one of the two places, and what rules remember of them. Gives how many tickets there were.
    pub(super) async fn delete_rows(&mut self, ids: &[&str], within: Within) -> Result<u64, StoreError> {
        let mut n_deleted = 0;
        for part in PARTS.iter().rev() {
            let text =
                format!("DELETE FROM {} WHERE {}", part.table_of(within), part.rows_of(within, ids.len()));
            n_deleted = self.run_for(text, ids).await?;
        }
        if within == Within::Desk {
            let list = placeholders::list(1, ids.len());
            self.run_for(format!("DELETE FROM rule_marks WHERE ticket_id IN ({list})"), ids).await?;
        }
        Ok(n_deleted)
    }

    async fn set_archived_at(&mut self, ids: &[&str], at: Option<Timestamp>) -> Result<(), StoreError> {
        let n = ids.len();
        let text = format!(
            "UPDATE archived_tickets SET archived_at_ms = ${} WHERE id IN ({})",
            n + 1,
            placeholders::list(1, n)
        );
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        query.bind(at.map(|at| at.0)).execute(self.connection()).await?;
        Ok(())
    }

    /// Runs a statement whose values are these ids. Gives how many rows it was about.
    pub(crate) async fn run_for(&mut self, text: String, ids: &[&str]) -> Result<u64, StoreError> {
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        Ok(query.execute(self.connection()).await?.rows_affected())
    }
}
