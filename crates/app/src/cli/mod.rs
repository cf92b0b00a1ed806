//! The subcommands and their options.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

mod measure;
mod records;

pub(crate) use measure::{BenchCommand, EvalCommand, Mode};
pub(crate) use records::{
    ArchiveArgs, ArchiveCommand, AuditArgs, AuditCommand, AuditFormat, EraseCommand, ExportArgs,
    ImportTicketsArgs, ReportCommand, TicketSource,
};

use crate::{
    archive, ask, audit, backup, bench, config, doctor, erase, eval, export, import, import_tickets, key,
    learn, print, reindex, report, search, serve, user,
};

/// A support system built around a knowledge base that answers.
#[derive(Debug, Parser)]
#[command(name = "askwell", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the help center, the staff area and the API.
    Serve(ServeArgs),
    /// Import articles: a file, or a folder of Markdown, HTML or JSONL.
    Import(ImportArgs),
    /// Import tickets and customers of another system: Zendesk's JSON export, or CSV.
    ImportTickets(ImportTicketsArgs),
    /// Search the published articles.
    Search(SearchArgs),
    /// Ask the bot a question.
    Ask(AskArgs),
    /// Build the indexes of articles and tickets again from the database, or compare them with it.
    Reindex(ReindexArgs),
    /// Learn from solved tickets; list, show, choose or forget what was learned.
    Learn(LearnArgs),
    /// Measure retrieval or answers on a data set.
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Measure speed.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Copy the database to a file while Askwell runs.
    Backup(BackupArgs),
    /// Put a backup into an empty data directory.
    Restore(RestoreArgs),
    /// Say what is wrong and what to do about it.
    Doctor(DataArgs),
    /// Add, list and change people, or make a sign-in link.
    #[command(subcommand)]
    User(UserCommand),
    /// Make, list, rotate and revoke API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show, check or export who changed what.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Put closed tickets into the archive, or take one out again.
    Archive(ArchiveArgs),
    /// Write tickets, customers, people and articles into a folder, as lines of JSON.
    Export(ExportArgs),
    /// Count everything for reports again, or compare what was counted with the tickets.
    #[command(subcommand)]
    Report(ReportCommand),
    /// Erase a customer everywhere.
    #[command(subcommand)]
    Erase(EraseCommand),
    /// Check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// The data directory; made when absent by commands with which a site may begin.
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
    /// The configuration file; DIR/askwell.toml when absent.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The address to listen on.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Fill an empty data directory with the manual, people and tickets.
    #[arg(long)]
    pub(crate) demo: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    Auto,
    Markdown,
    Html,
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file or folder to import.
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// What the files are; by their ending when auto.
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) format: ImportFormat,
    /// The collection of articles that name none.
    #[arg(long, value_name = "SLUG")]
    pub(crate) collection: Option<String>,
    /// The locale of articles that name none.
    #[arg(long, default_value = "en")]
    pub(crate) locale: String,
    /// Import drafts that readers do not see.
    #[arg(long)]
    pub(crate) draft: bool,
    /// Say what would happen and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What to search.
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The asker's locale.
    #[arg(long)]
    pub(crate) locale: Option<String>,
    /// How many hits.
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The question.
    pub(crate) question: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The asker's locale.
    #[arg(long)]
    pub(crate) locale: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ReindexArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Only compare the index with the database.
    #[arg(long)]
    pub(crate) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LearnArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Without one: learn now.
    #[command(subcommand)]
    pub(crate) command: Option<LearnCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LearnCommand {
    /// List the versions of what was learned.
    List,
    /// Show how good a version is.
    Show {
        /// Its number.
        number: i64,
    },
    /// Search with this version from now on.
    Use {
        /// Its number.
        number: i64,
    },
    /// Search without anything learned from now on.
    Off,
    /// Forget what was remembered of a customer's tickets.
    Forget {
        /// The customer's e-mail address.
        email: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The file to write; must not exist.
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The backup.
    pub(crate) from: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a person; prints a sign-in link's token unless a password file is given.
    Add {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// admin, agent, editor, or the key of a role you made.
        #[arg(long, default_value = "agent")]
        role: String,
        /// A file with their password.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// List the people: address, name, role, and whether they may sign in.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Lock a person out: they are signed out everywhere at once.
    Deactivate {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
    },
    /// Let a person sign in again.
    Reactivate {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
    },
    /// Give a person another role.
    Role {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
        /// admin, agent, editor, or the key of a role you made.
        role: String,
    },
    /// List where a person is signed in, or sign them out everywhere.
    Sessions {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
        /// End them all.
        #[arg(long)]
        end: bool,
    },
    /// Make a link with which a person signs in once.
    Link {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address.
        #[arg(long)]
        email: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it alone on the last line.
    Create {
        #[command(flatten)]
        data: DataArgs,
        /// What it may do, separated by commas.
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// The teams whose tickets it sees, by key, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        teams: Vec<String>,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// Days until it ends by itself.
        #[arg(long)]
        expires_in_days: Option<u32>,
    },
    /// List the keys: id, name, scopes, state, last use and expiry.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Give a key another secret and print it alone on the last line; the old one lives on for a while.
    Rotate {
        #[command(flatten)]
        data: DataArgs,
        /// The key's id.
        id: String,
        /// Hours for which the old secret lives on, at most 168.
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
    },
    /// Revoke a key by its id.
    Revoke {
        #[command(flatten)]
        data: DataArgs,
        /// The key's id.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration and say what is wrong with it.
    Check {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// How long a blocking call, such as a commit of the index, may go on after its command has ended. What it leaves
/// undone is done at the next start.
const BLOCKING_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs a command. Errors go to standard error, with what to do; the exit code is 1, or 2 for wrong arguments.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return print::failure(&anyhow::Error::new(error).context("cannot start threads")),
    };
    // One TLS provider for the whole process; a second installation is the only way this can fail.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ended = runtime.block_on(dispatch(cli.command));
    // Dropping it would wait for the last blocking call, however long that takes.
    runtime.shutdown_timeout(BLOCKING_TIMEOUT);
    match ended {
        Ok(code) => code,
        Err(error) => print::failure(&error),
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::serve(args).await,
        Command::Import(args) => import::import(args).await,
        Command::ImportTickets(args) => import_tickets::import_tickets(args).await,
        Command::Search(args) => search::search(args).await,
        Command::Ask(args) => ask::ask(args).await,
        Command::Reindex(args) => reindex::reindex(args).await,
        Command::Learn(args) => learn::learn(args).await,
        Command::Eval(command) => eval::eval(command).await,
        Command::Bench(command) => bench::bench(command).await,
        Command::Backup(args) => backup::backup(args).await,
        Command::Restore(args) => backup::restore(args),
        Command::Doctor(args) => doctor::doctor(args).await,
        Command::User(command) => user::user(command).await,
        Command::Key(command) => key::key(command).await,
        Command::Archive(args) => archive::archive(args).await,
        Command::Export(args) => export::export(args).await,
        Command::Report(command) => report::report(command).await,
        Command::Erase(command) => erase::erase(command).await,
        Command::Audit(command) => audit::audit(command).await,
        Command::Config(ConfigCommand::Check { data }) => config::check(&data),
    }
}
