//! Installs what tests need, where that is ours to do: on Debian and its kin, as root.

use anyhow::Result;

use crate::command::{command, find_program, output, run};

/// Installs a package, or does nothing where it may not. The caller looks whether it is there now.
pub(super) fn install(package: &str) -> Result<()> {
    if !is_root() || find_program("apt-get").is_none() {
        return Ok(());
    }
    let updated = run(&mut command("apt-get update --quiet"));
    let installed = updated.and_then(|()| {
        let mut install = command("apt-get install --yes --quiet --no-install-recommends");
        run(install.arg(package).env("DEBIAN_FRONTEND", "noninteractive"))
    });
    if let Err(error) = installed {
        // Not an error yet: the caller skips what needs the package, and says so.
        eprintln!("cannot install {package}: {error:#}");
    }
    Ok(())
}

/// Whether this runs as root.
pub(super) fn is_root() -> bool {
    output(&mut command("id -u")).is_ok_and(|id| id.trim() == "0")
}
