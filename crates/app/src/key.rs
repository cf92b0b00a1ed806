//! `askwell key`: works beside a running server, because keys live in the database.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::{CreatedKey, NewKey};
use domain::{ApiKey, ApiKeyId, Principal, Timestamp};
use serde_json::json;

use crate::{cli::KeyCommand, print, wiring};

pub(crate) async fn key(command: KeyCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Create { data, scopes, teams, name, expires_in_days } => {
            let teams = (!teams.is_empty()).then(|| teams.into_iter().collect());
            let scopes: Vec<String> = scopes.iter().map(|name| name.trim().to_owned()).collect();
            let scopes = desk::parse_scopes(&scopes)?;
            let desk = wiring::open_or_begin_records(&data).await?;
            let created = desk
                .create_key(&Principal::System, NewKey { name, scopes, teams, expires_in_days })
                .await
                .context("cannot make the key")?;
            let text = format!("key {} made; it is shown only now", created.key.id);
            made(data.json, &created, &text)?;
        }
        KeyCommand::List { data } => {
            let desk = wiring::open_records(&data).await?;
            let keys = desk.list_keys(&Principal::System).await?;
            if data.json {
                print::json(&keys)?;
            } else {
                for key in keys {
                    print::line(&listed(&key, desk.now()));
                }
            }
        }
        KeyCommand::Rotate { data, id, overlap_hours } => {
            let desk = wiring::open_records(&data).await?;
            let rotated = desk
                .rotate_key(&Principal::System, &ApiKeyId::new(id), overlap_hours)
                .await
                .context("cannot rotate the key")?;
            let text = format!(
                "the new secret is shown only now; the old one ends in {overlap_hours} h, revoke the key if it leaked"
            );
            made(data.json, &rotated, &text)?;
        }
        KeyCommand::Revoke { data, id } => {
            let desk = wiring::open_records(&data).await?;
            let id = ApiKeyId::new(id);
            desk.revoke_key(&Principal::System, &id).await.context("cannot revoke the key")?;
            print::done(data.json, &json!({ "revoked": id }), "revoked")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a key's secret: alone on the last line, or with the key as JSON.
fn made(is_json: bool, made: &CreatedKey, text: &str) -> anyhow::Result<()> {
    if is_json {
        return print::json(&json!({ "key": made.key, "secret": made.secret }));
    }
    print::say(text);
    print::line(&made.secret);
    Ok(())
}

/// A key on one line, for people.
fn listed(key: &ApiKey, now: Timestamp) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = match key.revoked_at {
        Some(_) => "revoked",
        None if key.is_alive(now) => "lives",
        None => "expired",
    };
    let used = key.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", print::time(at)));
    let expires = key.expires_at.map_or("no end".to_owned(), |at| format!("ends {}", print::time(at)));
    let teams = key.teams.as_ref().map_or("all teams".to_owned(), |teams| {
        format!("teams {}", teams.iter().map(String::as_str).collect::<Vec<_>>().join(","))
    });
    let name = print::on_one_line(&key.name);
    format!("{}  {name}  {}  {teams}  {state}  {used}  {expires}", key.id, scopes.join(","))
}
