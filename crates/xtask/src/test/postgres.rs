//! A throw-away Postgres: a cluster in a temporary folder on a free port, gone when dropped.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::debian::is_root;
use crate::command::{command, find_program, output, run};

/// Where Debian keeps the server's programs, in a folder per version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Debian's account for the server, which refuses to run as root.
const ACCOUNT: &str = "postgres";

/// From this version on a cluster can sort as people do, which most installations' clusters do and
/// SQLite does not. Code that leaves sorting to the database shows here.
const ICU_SINCE: u32 = 15;

/// How often and how long to ask whether the server is up: 30 seconds in all.
const ASKS_MAX: usize = 150;
const ASK_EVERY: Duration = Duration::from_millis(200);

/// What tests do not need: their data dies with the server.
const SETTINGS: [&str; 6] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
];

pub(super) struct Postgres {
    server: Child,
    programs: PathBuf,
    dir: TempDir,
    port: u16,
}

/// Finds the folder with `initdb` and `postgres`, the newest version first.
pub(super) fn find_programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort_by_key(|folder| version_of(folder));
    let on_path = find_program("initdb").and_then(|file| Some(file.parent()?.to_path_buf()));
    folders.into_iter().rev().chain(on_path).find(|folder| folder.join("postgres").is_file())
}

fn version_of(folder: &Path) -> u32 {
    folder.ancestors().nth(1).and_then(|version| version.file_name()?.to_str()?.parse().ok()).unwrap_or(0)
}

impl Postgres {
    pub(super) fn start(programs: &Path) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("askwell-postgres-").tempdir()?;
        if is_root() {
            run(Command::new("chown").arg(ACCOUNT).arg(dir.path()))?;
        }
        let cluster = dir.path().join("cluster");
        let mut initdb = as_account(&programs.join("initdb"), dir.path())?;
        initdb.args(["--username", ACCOUNT, "--auth", "trust", "--encoding", "UTF8"]);
        initdb.args(["--no-sync", "--locale", "C.UTF-8", "--pgdata"]).arg(&cluster);
        if version_of(programs) >= ICU_SINCE {
            initdb.args(["--locale-provider", "icu", "--icu-locale", "en"]);
        }
        run(initdb.stdout(Stdio::null())).context("cannot create a Postgres cluster")?;
        let port = free_port()?;
        let mut server = as_account(&programs.join("postgres"), dir.path())?;
        server.arg("-D").arg(&cluster).args(["-p", &port.to_string()]);
        SETTINGS.iter().for_each(|setting| {
            server.args(["-c", setting]);
        });
        let log = std::fs::File::create(dir.path().join("log"))?;
        let server = server.stdout(Stdio::null()).stderr(log).spawn().context("cannot start Postgres")?;
        let mut postgres = Self { server, programs: programs.to_path_buf(), dir, port };
        postgres.wait()?;
        eprintln!("Postgres listens at {}", postgres.url());
        Ok(postgres)
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://{ACCOUNT}@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self) -> Result<()> {
        let port = self.port.to_string();
        for _ in 0..ASKS_MAX {
            let mut ask = Command::new(self.programs.join("pg_isready"));
            if output(ask.args(["-h", "127.0.0.1", "-p", &port])).is_ok() {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(ASK_EVERY);
        }
        let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        bail!("Postgres does not start:\n{log}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stopped = as_account(&self.programs.join("pg_ctl"), self.dir.path()).and_then(|mut stop| {
            stop.args(["stop", "--silent", "--mode", "immediate", "--pgdata"])
                .arg(self.dir.path().join("cluster"));
            run(&mut stop)
        });
        if let Err(error) = stopped {
            eprintln!("cannot stop Postgres: {error:#}");
            // A server that is gone already needs no end.
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// Prepares a program to run as the server's account where this is root.
fn as_account(program: &Path, dir: &Path) -> Result<Command> {
    let mut prepared = Command::new(program);
    // The repository may be closed to that account.
    prepared.current_dir(dir);
    if is_root() {
        let id = |flag: &str| -> Result<u32> {
            Ok(output(&mut command(&format!("id {flag} {ACCOUNT}")))?.trim().parse()?)
        };
        prepared.uid(id("-u")?).gid(id("-g")?);
    }
    Ok(prepared)
}

/// Asks the system for a free port. Another program could take it before Postgres does; then the
/// start fails and says so.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
