//! Records: the audit log, the archive, erasure, reports, and export.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::DataArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Show entries, newest first.
    List {
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        which: AuditArgs,
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Check that no entry was changed or taken away.
    Verify {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write entries as lines of JSON or as CSV, oldest first.
    Export {
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        which: AuditArgs,
        /// What to write.
        #[arg(long, value_enum, default_value = "jsonl")]
        format: AuditFormat,
        /// The file to write; must not exist. Standard output when absent.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
}

/// Which entries.
#[derive(Debug, Clone, Args)]
pub(crate) struct AuditArgs {
    /// By whom: the id of a person, key, customer or conversation.
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// An action such as ticket.changed, or how it begins.
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// To what: ticket:ID, or an id or key alone.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// From this time on, as 2026-01-31T12:00:00Z or a date.
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Before this time.
    #[arg(long)]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Jsonl,
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EraseCommand {
    /// Erase a customer: name, address and words go for ever, tickets stay with their numbers and times.
    Customer {
        #[command(flatten)]
        data: DataArgs,
        /// Their mail address, or their id.
        who: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Count all tickets and conversations from nothing, by the days of the site's time zone.
    Rebuild {
        #[command(flatten)]
        data: DataArgs,
        /// Only compare what was counted with the tickets and conversations.
        #[arg(long)]
        verify: bool,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ArchiveArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Tickets that were last touched before this time, as 2026-01-31T12:00:00Z or a date.
    #[arg(long, conflicts_with = "older_than_days")]
    pub(crate) before: Option<String>,
    /// Tickets that were last touched longer ago than this; as configured when neither is given.
    #[arg(long, value_name = "N")]
    pub(crate) older_than_days: Option<u32>,
    /// Only say how many there are.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Without one: put closed tickets into the archive.
    #[command(subcommand)]
    pub(crate) command: Option<ArchiveCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Take a ticket out of the archive.
    Restore {
        #[command(flatten)]
        data: DataArgs,
        /// Its number or id.
        ticket: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The folder to write; must not exist.
    pub(crate) to: PathBuf,
}

/// Which system files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TicketSource {
    /// Zendesk: its JSON export, or what its API answered.
    Zendesk,
    /// Any other: a row for each ticket.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct ImportTicketsArgs {
    /// The file of tickets; for Zendesk also the folder of an export.
    #[arg(required_unless_present = "customers")]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// What the files are.
    #[arg(long, value_enum)]
    pub(crate) from: TicketSource,
    /// A CSV file of customers, which is read first.
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Option<PathBuf>,
    /// A TOML file that says which column is what, and what words in them mean.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// What to call the other system; ids of two systems are told apart by it. As --from when absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// The team, by key, of tickets whose team is not there.
    #[arg(long, value_name = "KEY", default_value = desk::IMPORT_TEAM)]
    pub(crate) team: String,
    /// Make teams that are not there.
    #[arg(long)]
    pub(crate) create_teams: bool,
    /// Make custom fields that are not there.
    #[arg(long)]
    pub(crate) create_fields: bool,
    /// The language of the tickets; the site's own when absent.
    #[arg(long, value_name = "LOCALE")]
    pub(crate) locale: Option<String>,
    /// A file for what is refused, as lines of JSON; must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Say what would happen and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
