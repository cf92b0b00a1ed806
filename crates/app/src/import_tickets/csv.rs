//! CSV files: one of customers, then one of tickets.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use ingest::{CsvRow, CsvRows, CustomerSheet, DateReader, InvalidMap, Record, SheetMap, TicketSheet};

use super::{
    bytes_of, open,
    run::{Place, Run},
};

/// What the rows of a file are.
enum Sheet {
    Customers(CustomerSheet),
    Tickets(TicketSheet),
}

/// Reads the files that are named.
pub(super) async fn read(
    run: &mut Run<'_>,
    tickets: Option<&Path>,
    customers: Option<&Path>,
    map: &SheetMap,
    site_zone: &str,
) -> anyhow::Result<()> {
    let dates = map.dates(site_zone)?;
    run.bar.set_length(tickets.into_iter().chain(customers).map(bytes_of).sum());
    if let Some(path) = customers {
        run.bar.set_message("customers");
        file(run, path, |header, dates| CustomerSheet::new(header, map, dates).map(Sheet::Customers), &dates)
            .await?;
    }
    if let Some(path) = tickets {
        run.bar.set_message("tickets");
        file(run, path, |header, dates| TicketSheet::new(header, map, dates).map(Sheet::Tickets), &dates)
            .await?;
    }
    Ok(())
}

async fn file(
    run: &mut Run<'_>,
    path: &Path,
    sheet: impl Fn(&[String], DateReader) -> Result<Sheet, InvalidMap>,
    dates: &DateReader,
) -> anyhow::Result<()> {
    let cannot = || format!("cannot read {}", path.display());
    let name: Arc<str> = path.file_name().unwrap_or_default().to_string_lossy().into();
    let mut rows = CsvRows::new(open(path)?);
    let header = match rows.read().with_context(cannot)? {
        None => vec![],
        Some(CsvRow { cells, .. }) => cells.map_err(anyhow::Error::msg).with_context(cannot)?,
    };
    let sheet = sheet(&header, dates.clone()).with_context(cannot)?;
    let left_out = match &sheet {
        Sheet::Customers(sheet) => sheet.left_out(),
        Sheet::Tickets(sheet) => sheet.left_out(),
    };
    run.summary.columns_left_out.extend(left_out.into_iter().map(|column| format!("{name}: {column}")));
    let mut n_bytes = 0;
    while let Some(CsvRow { line, cells }) = rows.read().with_context(cannot)? {
        run.bar.inc(rows.n_bytes() - n_bytes);
        n_bytes = rows.n_bytes();
        let place = Place { file: name.clone(), line };
        let record = cells.and_then(|cells| match &sheet {
            Sheet::Customers(sheet) => sheet.record(&cells),
            Sheet::Tickets(sheet) => sheet.record(&cells),
        });
        match record {
            Ok(Record::Person(person)) => run.person(place, person).await?,
            Ok(Record::Ticket(ticket)) => run.ticket(place, *ticket).await?,
            Ok(Record::LeftOut(what)) => run.summary.leave_out(what, 1),
            // A sheet makes nothing else.
            Ok(Record::Group { .. } | Record::Field(_) | Record::Message(_)) => {}
            Err(why) => {
                match &sheet {
                    Sheet::Customers(_) => run.summary.customers.refused(),
                    Sheet::Tickets(_) => run.summary.tickets.refused(),
                }
                run.refuse(&place, None, why)?;
            }
        }
    }
    run.flush().await
}
