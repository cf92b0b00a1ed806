//! The key that secrets are sealed with: from the configuration, or `secret.key` in the data directory, which the first
//! process that writes there makes.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use desk::SiteKey;
use domain::IdSource;

use crate::{Config, config::secret};

/// Where a site's key is when the configuration names none.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join("secret.key")
}

/// The site's key, if there is one.
///
/// # Errors
/// A key that is none, and a file that cannot be read. Neither message shows the key.
pub(crate) fn read(data: &Path, config: &Config) -> anyhow::Result<Option<SiteKey>> {
    let security = &config.security;
    let given =
        secret("security.secret_key", security.secret_key.as_ref(), security.secret_key_file.as_deref())?;
    if let Some(text) = given {
        let hint = "security.secret_key is no key; make one with `openssl rand -hex 32`";
        return Ok(Some(SiteKey::parse(&text).context(hint)?));
    }
    let path = file(data);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            Ok(Some(SiteKey::parse(&text).with_context(|| format!("{} is damaged", path.display()))?))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Makes a key and keeps it in the data directory, readable for this account alone.
///
/// # Errors
/// Those of the file system. A key that is there already is never overwritten.
pub(crate) fn make(data: &Path, ids: &dyn IdSource) -> anyhow::Result<SiteKey> {
    let path = file(data);
    if path.exists() {
        bail!("{} exists already", path.display());
    }
    let bytes = ids.secret();
    // Written beside and renamed, and on the disk before anything is sealed with it: half a key opens nothing.
    let beside = data.join("secret.key.new");
    let written = || -> std::io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        // One that was left by a crash may have other rights.
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        writeln!(file, "{}", SiteKey::text_of(&bytes))?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)?;
        std::fs::File::open(data)?.sync_all()
    };
    written().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(SiteKey::new(&bytes))
}

/// Whether other accounts can read the key's file. It is nobody's fault when there is none.
pub(crate) fn is_open_to_others(data: &Path, config: &Config) -> bool {
    let path = config.security.secret_key_file.clone().unwrap_or_else(|| file(data));
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemIds;

    #[test]
    fn a_key_is_made_once_for_this_account_alone_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::default();
        assert!(read(dir.path(), &config).unwrap().is_none());
        let made = make(dir.path(), &SystemIds::default()).unwrap();
        assert_eq!(read(dir.path(), &config).unwrap().unwrap().id(), made.id());
        assert!(!is_open_to_others(dir.path(), &config));
        assert!(make(dir.path(), &SystemIds::default()).is_err(), "a key is never overwritten");
        std::fs::write(file(dir.path()), "not a key, but somebody's").unwrap();
        let error = format!("{:#}", read(dir.path(), &config).unwrap_err());
        assert!(error.contains("secret.key") && !error.contains("somebody"), "{error}");
    }

    #[test]
    fn a_key_of_the_configuration_is_taken_first_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), &SystemIds::default()).unwrap();
        let mut config = Config::default();
        config.security.secret_key = Some(SiteKey::text_of(&[9; 32]));
        let key = read(dir.path(), &config).unwrap().unwrap();
        assert_eq!(key.id(), SiteKey::new(&[9; 32]).id());
        assert!(!format!("{config:?}").contains("0909"), "{config:?}");
        config.security.secret_key = Some("0909".to_owned());
        let error = format!("{:#}", read(dir.path(), &config).unwrap_err());
        assert!(error.contains("openssl") && !error.contains("0909"), "{error}");
    }
}
