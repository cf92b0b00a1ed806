//! `askwell key`: works beside a running server, because keys live in the database.

use std::{collections::BTreeSet, process::ExitCode};

use anyhow::{Context as _, anyhow};
use desk::NewKey;
use domain::{ApiKeyId, Principal, Scope};

use crate::{cli::KeyCommand, print, wiring};

pub(crate) async fn key(command: KeyCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Create { data, scopes, teams, name, expires_in_days } => {
            let teams = (!teams.is_empty()).then(|| teams.into_iter().collect());
            let scopes = parse_scopes(&scopes)?;
            let desk = wiring::open_records(&data).await?;
            let created = desk
                .create_key(&Principal::System, NewKey { name, scopes, teams, expires_in_days })
                .await
                .context("cannot make the key")?;
            print::say(&format!("key {} made; it is shown only now", created.key.id));
            print::line(&created.secret);
        }
        KeyCommand::List { data } => {
            let desk = wiring::open_records(&data).await?;
            let keys = desk.list_keys(&Principal::System).await?;
            if data.json {
                print::json(&keys)?;
            } else {
                for key in keys {
                    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                    let state = if key.revoked_at.is_some() { "revoked" } else { "lives" };
                    print::line(&format!("{}  {}  {}  {state}", key.id, key.name, scopes.join(",")));
                }
            }
        }
        KeyCommand::Revoke { data, id } => {
            let desk = wiring::open_records(&data).await?;
            desk.revoke_key(&Principal::System, &ApiKeyId::new(id)).await.context("cannot revoke the key")?;
            print::say("revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parse_scopes(names: &[String]) -> anyhow::Result<BTreeSet<Scope>> {
    names
        .iter()
        .map(|name| {
            Scope::parse(name.trim()).ok_or_else(|| {
                let known: Vec<&str> = Scope::ALL.into_iter().map(Scope::as_str).collect();
                anyhow!("there is no scope {name}; use {}", known.join(", "))
            })
        })
        .collect()
}
