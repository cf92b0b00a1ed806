//! `askwell user`: adds people and makes sign-in links, beside a running server too.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use domain::{Principal, Role};

use crate::{cli::UserCommand, print, wiring};

pub(crate) async fn user(command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add { data, email, name, role, password_file } => {
            let role = Role::parse(&role).ok_or_else(|| {
                anyhow!("{role} cannot be the key of a role; use admin, agent, editor, or one you made")
            })?;
            let password = match &password_file {
                None => None,
                Some(file) => Some(
                    std::fs::read_to_string(file)
                        .with_context(|| format!("cannot read {}", file.display()))?,
                ),
            };
            let desk = wiring::open_records(&data).await?;
            desk.create_user(&Principal::System, &name, &email, role, password.as_deref().map(str::trim))
                .await
                .context("cannot add the person")?;
            if password.is_none() {
                link(&desk, &email).await?;
            }
        }
        UserCommand::Link { data, email } => {
            let desk = wiring::open_records(&data).await?;
            link(&desk, &email).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn link(desk: &desk::Desk, email: &str) -> anyhow::Result<()> {
    let token =
        desk.create_sign_in_link(&Principal::System, email).await.context("cannot make a sign-in link")?;
    let base = desk.site().base_url.clone().unwrap_or_else(|| {
        print::say(
            "site.base_url is not set, so the link has the address that Askwell listens on by default",
        );
        "http://127.0.0.1:8080".to_owned()
    });
    print::line(&format!("{base}/app/sign-in?token={token}"));
    Ok(())
}
