//! `askwell erase`: erases a customer everywhere. Works beside a running server.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::Erasure;
use domain::{CustomerId, Principal};
use serde_json::json;

use crate::{cli::EraseCommand, print, wiring};

pub(crate) async fn erase(command: EraseCommand) -> anyhow::Result<ExitCode> {
    let EraseCommand::Customer { data, who } = command;
    let desk = wiring::open_records(&data).await?;
    let principal = Principal::System;
    let id = if who.contains('@') {
        let found = desk.customer_by_email(&principal, &who).await;
        found.with_context(|| format!("no customer has the address {who}"))?
    } else {
        CustomerId::new(who)
    };
    let begun = desk.erase_customer(&principal, &id).await;
    if let Erasure::GoesOn { n_left } =
        begun.context("cannot erase the customer; run it again, it goes on")?
    {
        print::say(&format!("{n_left} tickets and conversations are left"));
        desk.go_on_erasing().await.context("cannot erase the customer; run it again, it goes on")?;
    }
    print::done(
        data.json,
        &json!({ "erased": id }),
        "erased; backups and files that were exported still hold what they held",
    )?;
    Ok(ExitCode::SUCCESS)
}
