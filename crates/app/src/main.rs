//! The binary `askwell`.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    app::run(app::Cli::parse())
}
