//! `askwell serve`: the server, its worker, and an orderly end.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use domain::{Principal, Role};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{Config, Seams, WriteAccess, cli::ServeArgs, demo, print, system::PlayedClock, wiring};

/// How long requests and the worker may go on after SIGTERM; the promise is 20 s in all (SECURITY.md).
const DRAIN: Duration = Duration::from_secs(15);
/// The first person of a new installation.
pub(crate) const ADMIN_EMAIL: &str = "admin@askwell.example";

pub(crate) async fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    start_log();
    // Before anything is announced: a signal that comes right after "listens on" must end the server in order.
    let signals = Signals::listen()?;
    let config = Config::read(&args.data.data, args.data.config.as_deref())?;
    // The port first: a server that cannot be reached must not touch the data.
    let listener = match TcpListener::bind(args.listen).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("{} is in use by another program; name another with --listen", args.listen)
        }
        Err(error) => return Err(error).with_context(|| format!("cannot listen on {}", args.listen)),
    };
    let address = listener.local_addr()?;
    let clock = Arc::new(PlayedClock::default());
    let seams = Seams { clock: Arc::clone(&clock) as _, ..Seams::of(&config)? };
    let opened = wiring::open_with_seams(&args.data.data, config, WriteAccess::Required, seams).await?;
    opened.open_ticket_index()?;
    let desk = opened.desk.clone();
    let base = desk.site().base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let is_new = first_admin(&desk).await?;
    if args.demo {
        demo::fill(&desk, &clock).await.context("cannot fill the data directory with the demo")?;
    }

    let (stop, stopped) = watch::channel(false);
    let mut worker = tokio::spawn({
        let (desk, stopped) = (desk.clone(), stopped.clone());
        async move { desk.run_worker(stopped).await }
    });
    let router = web::router(desk.clone(), &opened.config.server.web(&base), stopped.clone())?;
    let mut server = tokio::spawn(web::serve(listener, router, stopped));

    print::say(&format!("Askwell listens on {base}"));
    print::say(&format!("  help center  {base}/"));
    print::say(&format!("  staff        {base}/app"));
    print::say(&format!("  API          {base}/api"));
    if args.demo || is_new {
        let token = desk
            .create_sign_in_link(&Principal::System, ADMIN_EMAIL)
            .await
            .context("cannot make a sign-in link")?;
        print::say(&format!("  sign in once as the first admin: {base}/app/sign-in?token={token}"));
    }

    // Neither ends by itself. A site whose watchdog is gone must be started again, not limp on.
    let failed = tokio::select! {
        () = signals.wait() => None,
        _ = &mut worker => Some("the worker"),
        _ = &mut server => Some("the server"),
    };
    tracing::info!("stopping");
    let _ = stop.send(true);
    let ended = async {
        let _ = (&mut server).await;
        let _ = (&mut worker).await;
    };
    match failed {
        Some(failed) => bail!("{failed} has failed; the log says why"),
        None if tokio::time::timeout(DRAIN, ended).await.is_err() => {
            tracing::warn!("some requests did not end in time");
        }
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// A new installation gets one admin, who signs in by the link that is printed. Says whether it is new.
async fn first_admin(desk: &desk::Desk) -> anyhow::Result<bool> {
    let is_new = desk.has_no_users().await?;
    if is_new {
        desk.create_user(&Principal::System, "Admin", ADMIN_EMAIL, Role::Admin, None)
            .await
            .context("cannot add the first admin")?;
    }
    Ok(is_new)
}

fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ASKWELL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,tantivy=warn"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// The signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
