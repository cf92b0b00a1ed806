//! `askwell user`: adds, lists and changes people and makes sign-in links, beside a running server too.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use desk::UserChange;
use domain::{Principal, Role, User};
use serde_json::json;

use crate::{
    cli::{DataArgs, UserCommand},
    print, wiring,
};

pub(crate) async fn user(command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add { data, email, name, role, password_file } => {
            let role = parsed_role(&role)?;
            let password = match &password_file {
                None => None,
                Some(file) => Some(
                    std::fs::read_to_string(file)
                        .with_context(|| format!("cannot read {}", file.display()))?,
                ),
            };
            let desk = wiring::open_or_begin_records(&data).await?;
            desk.create_user(&Principal::System, &name, &email, role, password.as_deref().map(str::trim))
                .await
                .context("cannot add the person")?;
            if password.is_none() {
                link(&desk, &email, data.json).await?;
            } else if data.json {
                print::json(&found(&desk, &email).await?)?;
            }
        }
        UserCommand::List { data } => {
            let desk = wiring::open_records(&data).await?;
            let users = desk.users(&Principal::System).await?;
            if data.json {
                print::json(&users)?;
            } else {
                for user in users {
                    let state = if user.is_active() { "may sign in" } else { "deactivated" };
                    let name = print::on_one_line(&user.name);
                    print::line(&format!("{}  {name}  {}  {state}", user.email, user.role.as_str()));
                }
            }
        }
        UserCommand::Deactivate { data, email } => {
            let change = UserChange { is_active: Some(false), ..UserChange::default() };
            changed(&data, &email, change, "deactivated, and signed out everywhere").await?;
        }
        UserCommand::Reactivate { data, email } => {
            let change = UserChange { is_active: Some(true), ..UserChange::default() };
            changed(&data, &email, change, "may sign in again").await?;
        }
        UserCommand::Role { data, email, role } => {
            let change = UserChange { role: Some(parsed_role(&role)?), ..UserChange::default() };
            changed(&data, &email, change, &format!("is {role} from the next request on")).await?;
        }
        UserCommand::Sessions { data, email, end: false } => sessions(&data, &email).await?,
        UserCommand::Sessions { data, email, end: true } => {
            let desk = wiring::open_records(&data).await?;
            let user = found(&desk, &email).await?;
            let n_ended = desk.end_sessions_of(&Principal::System, &user.id).await?;
            print::done(data.json, &json!({ "n_ended": n_ended }), &format!("{n_ended} sessions ended"))?;
        }
        UserCommand::Link { data, email } => {
            let desk = wiring::open_records(&data).await?;
            link(&desk, &email, data.json).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parsed_role(role: &str) -> anyhow::Result<Role> {
    Role::parse(role).ok_or_else(|| {
        anyhow!("{role} cannot be the key of a role; use admin, agent, editor, or one you made")
    })
}

async fn changed(data: &DataArgs, email: &str, change: UserChange, text: &str) -> anyhow::Result<()> {
    let desk = wiring::open_records(data).await?;
    let user = found(&desk, email).await?;
    let changed = desk.change_user(&Principal::System, &user.id, change, None).await;
    print::done(data.json, &json!(changed.context("cannot change the person")?), text)
}

async fn sessions(data: &DataArgs, email: &str) -> anyhow::Result<()> {
    let desk = wiring::open_records(data).await?;
    let user = found(&desk, email).await?;
    let sessions = desk.sessions_of(&Principal::System, &user.id).await?;
    if data.json {
        return print::json(&sessions);
    }
    for session in sessions {
        let device = &session.device;
        let times =
            format!("since {}, used {}", print::time(session.created_at), print::time(session.last_seen_at));
        print::line(&format!("{}  {}  {}  {times}", session.id, device.browser, device.network));
    }
    Ok(())
}

async fn found(desk: &desk::Desk, email: &str) -> anyhow::Result<User> {
    let found = desk.user_by_email(&Principal::System, email).await;
    found.with_context(|| format!("cannot find anybody who signs in as {email}"))
}

async fn link(desk: &desk::Desk, email: &str, is_json: bool) -> anyhow::Result<()> {
    let token =
        desk.create_sign_in_link(&Principal::System, email).await.context("cannot make a sign-in link")?;
    let base = desk.site().base_url.clone().unwrap_or_else(|| {
        print::say(
            "site.base_url is not set, so the link has the address that Askwell listens on by default",
        );
        "http://127.0.0.1:8080".to_owned()
    });
    let link = format!("{base}/app/sign-in?token={token}");
    if is_json {
        return print::json(&json!({ "email": email, "sign_in_link": link }));
    }
    print::line(&link);
    Ok(())
}
