//! How the database goes about what runs all the time: for tests that no scan of a large table slips in.

use domain::Principal;

use crate::{
    Store, StoreError, agent, archive, history,
    placeholders::{Bound, sql},
    reader::TicketReader,
    routing, sla_clock, ticket,
};

impl Store {
    /// How the database goes about a statement where tables are large, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn explain<'q>(
        &self,
        text: &str,
        bind: impl FnOnce(Bound<'q>) -> Bound<'q>,
    ) -> Result<Vec<String>, StoreError> {
        let dialect = self.dialect();
        let mut connection = self.reader().await?;
        for setting in dialect.explain_settings() {
            sqlx::query(*setting).execute(&mut *connection).await?;
        }
        let query = bind(sqlx::query(sql(format!("{} {text}", dialect.explain()))));
        let steps = query.fetch_all(&mut *connection).await?;
        let steps = steps.iter().map(|step| dialect.explained(step)).collect();
        // It is set up for this alone.
        connection.close().await?;
        steps
    }

    /// How the database finds the load of agents, the clocks that are due and the tickets to look at, where tables are large:
    /// each with its name, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_routing(&self) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        let mut plans = vec![];
        for (name, text) in [
            ("load", agent::load_text(2)),
            ("due clocks", sla_clock::DUE.to_owned()),
            ("due routing", routing::DUE.to_owned()),
        ] {
            let bind = |query: Bound<'static>| match name {
                "load" => query.bind("ada").bind("bo").bind("t"),
                _ => query.bind(0_i64).bind(100_i64),
            };
            plans.push((name, self.explain(&text, bind).await?));
        }
        Ok(plans)
    }

    /// How the database finds what is to be closed and archived, and reads one ticket, pages of tickets and of histories of both
    /// places, each likewise.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_archive(
        &self,
        principal: &Principal,
    ) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        let reader = TicketReader::of(principal);
        let mut plans = vec![];
        for (name, text) in [
            ("to close", archive::TO_CLOSE.to_owned()),
            ("to archive", archive::TO_ARCHIVE.to_owned()),
            ("one ticket", ticket::one_text("t.id = $1", &reader.ticket(2))),
            ("a page of both", ticket::after_text(&reader.ticket(3))),
            ("a history", history::of_ticket(&reader.ticket(4))),
            ("all histories", history::of_all(&reader.ticket(3))),
        ] {
            let bind = |query: Bound<'static>| match name {
                "one ticket" => reader.bind(query.bind("t")),
                "a history" => reader.bind(query.bind("t").bind("h").bind(100_i64)),
                "a page of both" | "all histories" => reader.bind(query.bind("t").bind(100_i64)),
                _ => query.bind(0_i64).bind(100_i64),
            };
            plans.push((name, self.explain(&text, bind).await?));
        }
        Ok(plans)
    }
}
