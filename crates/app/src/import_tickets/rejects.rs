//! The file of what was refused: a line of JSON each, so that nothing in it is a formula to a spreadsheet.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::Context as _;

use super::summary::Problem;

pub(super) struct Rejects(BufWriter<File>);

impl Rejects {
    /// Makes the file. One that is there is somebody's: it is refused.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create_new(path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    pub(super) fn add(&mut self, problem: &Problem) -> anyhow::Result<()> {
        let line = serde_json::to_string(problem)?;
        writeln!(self.0, "{line}").context("cannot write what was refused")
    }

    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        self.0.flush().context("cannot write what was refused")
    }
}
