//! Every part of a ticket goes to the archive and comes back as it was, and no table is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sqlx::{Row as _, ValueRef as _, any::AnyRow};

use super::*;
use crate::sqlite_url;

async fn rows(store: &Store, text: String) -> Vec<AnyRow> {
    sqlx::query(sql(text)).fetch_all(&mut *store.reader().await.unwrap()).await.unwrap()
}

/// The columns of a table: name, type, whether it may be absent, and default, in order.
async fn columns(store: &Store, table: &str) -> Vec<(String, String, i64, Option<String>)> {
    let found = rows(store, format!("PRAGMA table_info({table})")).await;
    let column = |column: &AnyRow| {
        let text = |name: &str| row::text(column, name).unwrap();
        let default = row::optional_text(column, "dflt_value").unwrap();
        (text("name"), text("type"), row::int(column, "notnull").unwrap(), default)
    };
    found.iter().map(column).collect()
}

/// What a table refers to: by which column, and which table.
async fn referred(store: &Store, table: &str) -> BTreeSet<(String, String)> {
    let found = rows(store, format!("PRAGMA foreign_key_list({table})")).await;
    found.iter().map(|key| (row::text(key, "from").unwrap(), row::text(key, "table").unwrap())).collect()
}

#[tokio::test]
async fn every_table_with_parts_of_tickets_has_a_twin_and_is_moved() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&dir.path().join("askwell.db"))).await.unwrap();
    let tables = rows(&store, "SELECT name FROM sqlite_master WHERE type = 'table'".to_owned()).await;
    for table in tables.iter().map(|table| row::text(table, "name").unwrap()) {
        if PARTS.iter().any(|part| part.twin == table) {
            continue;
        }
        let known = PARTS.iter().find(|part| part.table == table);
        for (column, other) in referred(&store, &table).await {
            if PARTS.iter().all(|part| part.table != other && part.twin != other) {
                continue;
            }
            // A row goes with the ticket that this column leads to, and with no other.
            let is_moved = known.is_some_and(|part| part.rows.starts_with(&format!("{column} IN ")));
            assert!(
                is_moved,
                "{table}.{column} refers to {other}: add the table to PARTS in archive/mod.rs with a twin in its migration; or, \
                 where it leads from one ticket to another, leave the reference out, so that either may go to the archive"
            );
        }
    }
    for part in &PARTS {
        let (own, twin) = (columns(&store, part.table).await, columns(&store, part.twin).await);
        assert_eq!(own, twin, "{} must have the columns of {}, in their order", part.twin, part.table);
        let twin_of = |table: &str| {
            PARTS.iter().find(|part| part.table == table).map_or(table, |part| part.twin).to_owned()
        };
        let own: BTreeSet<_> = referred(&store, part.table).await;
        let own: BTreeSet<_> = own.into_iter().map(|(column, other)| (column, twin_of(&other))).collect();
        assert_eq!(own, referred(&store, part.twin).await, "{} must refer to the same", part.twin);
        for within in Within::ALL {
            let text = format!(
                "EXPLAIN QUERY PLAN DELETE FROM {} WHERE {}",
                part.table_of(within),
                part.rows_of(within, 2)
            );
            let query = sqlx::query(sql(text)).bind("a").bind("b");
            for step in query.fetch_all(&mut *store.reader().await.unwrap()).await.unwrap() {
                let step = row::text(&step, "detail").unwrap();
                assert!(!step.starts_with("SCAN"), "the rows of a ticket need an index: {step}");
            }
        }
    }
}

#[test]
fn a_statement_is_about_the_archive_when_its_tables_are() {
    let text = "SELECT t.team, 'tickets' FROM tickets t JOIN messages m ON m.ticket_id = t.id JOIN turns n";
    assert_eq!(
        everywhere(text),
        format!(
            "{text} UNION ALL SELECT t.team, 'tickets' FROM archived_tickets t JOIN archived_messages m \
             ON m.ticket_id = t.id JOIN turns n"
        )
    );
}

/// Everything that stands in the tables of one place, by table; of the tickets without the time of archiving.
async fn content(store: &Store, within: Within) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for part in &PARTS {
        let columns = columns(store, part.table).await;
        let names: Vec<String> = columns.into_iter().map(|column| column.0).collect();
        let names: Vec<String> = names.into_iter().filter(|name| name != "archived_at_ms").collect();
        let text = format!("SELECT {} FROM {}", names.join(", "), part.table_of(within));
        let mut shown: Vec<String> = rows(store, text).await.iter().map(show).collect();
        shown.sort();
        all.insert(part.table, shown);
    }
    all
}

fn show(row: &AnyRow) -> String {
    let values = (0..row.len()).map(|at| {
        if row.try_get_raw(at).unwrap().is_null() {
            return "NULL".to_owned();
        }
        row.try_get::<String, _>(at)
            .map(|text| format!("{text:?}"))
            .or_else(|_| row.try_get::<i64, _>(at).map(|int| int.to_string()))
            .unwrap()
    });
    values.collect::<Vec<_>>().join(" ")
}

/// A row of each part of a ticket, as often as a number says; optional columns are there or absent, as its bits say.
async fn insert_parts(tx: &mut WriteTx, ticket: usize, n: u8, text: &str) {
    let at = i64::from(n);
    let id = format!("t{ticket}");
    let mut run = Vec::new();
    for row in 0..usize::from(n % 4) {
        let own = format!("{ticket}-{row}");
        run.extend([
            format!("INSERT INTO messages VALUES ('m{own}', '{id}', 'agent', NULL, 'Ada', 'note', {at}, $1, $1)"),
            format!("INSERT INTO mentions VALUES ('n{own}' || length($1), 'm{own}', 'ada', {at}, NULL)"),
            format!(
                "INSERT INTO waiting_replies VALUES ('w{own}', '{id}', 'person', 'ada', $1, NULL, NULL, {at}, 'author_gone', \
                 NULL, {at}, $1, NULL)"
            ),
            format!("INSERT INTO sla_outcomes VALUES ('{id}', 'next_reply', {row} + 0 * length($1), 'met', {at})"),
            format!("INSERT INTO suggestions VALUES ('s{own}', '{id}', {row}, $1, '[]', 'why', 'used', {at}, {at})"),
            format!("INSERT INTO ticket_history VALUES ('h{own}', '{id}', {at}, 'system', NULL, NULL, 'status', NULL, $1)"),
            format!("INSERT INTO ticket_tags VALUES ('{id}', '{row}' || $1, {at}, 0)"),
            format!("INSERT INTO ticket_field_values VALUES ('{id}', 'key{row}', $1, {at})"),
            format!("INSERT INTO ticket_field_values VALUES ('{id}', 'none{row}', $1, NULL)"),
            format!("INSERT INTO ticket_copies VALUES ('{id}', '{row}' || $1)"),
            format!("INSERT INTO assignments VALUES ('a{own}', '{id}', {at}, NULL, $1)"),
        ]);
    }
    if n & 4 == 4 {
        run.extend([
            format!("INSERT INTO sla_clocks VALUES ('{id}', NULL, $1, 0, NULL)"),
            format!(
                "INSERT INTO ticket_sla VALUES ('{id}', 'resolution', 1, {at}, {at}, NULL, 0, NULL, {at}, NULL, length($1))"
            ),
            format!("INSERT INTO ticket_routing VALUES ('{id}', $1, {at}, 1, '[]')"),
        ]);
    }
    for text_of_row in run {
        sqlx::query(sql(text_of_row)).bind(text).execute(tx.connection()).await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_comes_back_from_the_archive_is_what_went_there(
        tickets in prop::collection::vec((any::<u8>(), ".{0,12}", any::<bool>(), any::<bool>()), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&sqlite_url(&dir.path().join("askwell.db"))).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            let ada = "INSERT INTO users (id, name, email, created_at_ms) VALUES ('ada', 'Ada', 'ada@example.org', 0)";
            sqlx::query(ada).execute(tx.connection()).await.unwrap();
            for (n, (parts, text, _, _)) in tickets.iter().enumerate() {
                let insert = "INSERT INTO tickets (id, number, status, priority, team, locale, subject, summary, \
                     created_at_ms, updated_at_ms, solved_at_ms) VALUES ($1, $2, 'closed', 'low', 'support', 'en', $3, '', $4, $4, $5)";
                sqlx::query(insert)
                    .bind(format!("t{n}"))
                    .bind(row::to_int(n))
                    .bind(text.as_str())
                    .bind(i64::from(*parts))
                    .bind((parts % 2 == 0).then_some(i64::from(*parts)))
                    .execute(tx.connection())
                    .await
                    .unwrap();
                insert_parts(&mut tx, n, *parts, text).await;
            }
            tx.commit().await.unwrap();
            let before = content(&store, Within::Desk).await;
            let nothing = content(&store, Within::Archive).await;

            let chosen = |is_chosen: fn(&(u8, String, bool, bool)) -> bool| -> Vec<TicketId> {
                let chosen = tickets.iter().enumerate().filter(|(_, ticket)| is_chosen(ticket));
                chosen.map(|(n, _)| TicketId::new(format!("t{n}"))).collect()
            };
            let archived = chosen(|ticket| ticket.2);
            // What is not committed never happened, and a second time nothing happens.
            let mut tx = store.begin().await.unwrap();
            tx.archive_tickets(&archived, Timestamp(7)).await.unwrap();
            tx.rollback().await.unwrap();
            prop_assert_eq!(&content(&store, Within::Desk).await, &before);
            for n_expected in [archived.len() as u64, 0] {
                let mut tx = store.begin().await.unwrap();
                prop_assert_eq!(tx.archive_tickets(&archived, Timestamp(7)).await.unwrap(), n_expected);
                tx.commit().await.unwrap();
            }
            let (desk, archive) =
                (content(&store, Within::Desk).await, content(&store, Within::Archive).await);
            for (table, rows) in &before {
                let mut both: Vec<String> = desk[table].iter().chain(&archive[table]).cloned().collect();
                both.sort();
                prop_assert_eq!(&both, rows, "{}", table);
            }
            prop_assert_eq!(archive["tickets"].len(), archived.len());

            let back = chosen(|ticket| ticket.3);
            let mut tx = store.begin().await.unwrap();
            tx.unarchive_tickets(&back).await.unwrap();
            tx.unarchive_tickets(&archived).await.unwrap();
            tx.commit().await.unwrap();
            prop_assert_eq!(content(&store, Within::Desk).await, before);
            prop_assert_eq!(content(&store, Within::Archive).await, nothing);
            let left = rows(&store, "SELECT id FROM tickets WHERE archived_at_ms IS NOT NULL".to_owned()).await;
            prop_assert!(left.is_empty());
            Ok(())
        })?;
    }
}
