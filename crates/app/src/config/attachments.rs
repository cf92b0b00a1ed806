//! Where files of messages are kept.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use desk::BucketConfig;
use serde::Deserialize;

use super::secret;

/// Where files of messages are kept. Its `Debug` does not show the secret.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// In the data directory, or in a bucket.
    pub backend: AttachmentsBackend,
    /// The bucket.
    pub bucket: Option<String>,
    /// Its region, such as `eu-central-1`.
    pub region: Option<String>,
    /// The address of the service, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// Who reads and writes there.
    pub access_key_id: Option<String>,
    /// Their secret.
    pub secret_access_key: Option<String>,
    /// A file with the secret.
    pub secret_access_key_file: Option<PathBuf>,
}

/// Which place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentsBackend {
    /// The folder `attachments` of the data directory.
    #[default]
    Local,
    /// A bucket that speaks S3.
    S3,
}

impl std::fmt::Debug for Attachments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { backend, bucket, region, endpoint, .. } = self;
        f.debug_struct("Attachments")
            .field("backend", backend)
            .field("bucket", bucket)
            .field("region", region)
            .field("endpoint", endpoint)
            .finish_non_exhaustive()
    }
}

impl Attachments {
    /// # Errors
    /// A bucket without what it takes to reach it, or with no use for it.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if self.backend == AttachmentsBackend::Local {
            if self.bucket.is_some() {
                bail!("attachments.bucket is set; set attachments.backend to s3 to use it");
            }
            return Ok(());
        }
        let has_secret = self.secret_access_key.is_some() || self.secret_access_key_file.is_some();
        for (key, is_set) in [
            ("attachments.bucket", self.bucket.is_some()),
            ("attachments.region", self.region.is_some()),
            ("attachments.access_key_id", self.access_key_id.is_some()),
            ("attachments.secret_access_key", has_secret),
        ] {
            if !is_set {
                bail!("attachments.backend is s3; set {key}");
            }
        }
        if let Some(url) = &self.endpoint
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            bail!("attachments.endpoint is {url}; write the whole address, such as https://s3.example.org");
        }
        Ok(())
    }

    /// The bucket, where files are in one.
    ///
    /// # Errors
    /// When the file with the secret cannot be read.
    pub(crate) fn bucket(&self) -> anyhow::Result<Option<BucketConfig>> {
        if self.backend == AttachmentsBackend::Local {
            return Ok(None);
        }
        let file = self.secret_access_key_file.as_deref();
        let key = secret("attachments.secret_access_key", self.secret_access_key.as_ref(), file)?;
        Ok(Some(BucketConfig {
            bucket: self.bucket.clone().unwrap_or_default(),
            region: self.region.clone().unwrap_or_default(),
            endpoint: self.endpoint.clone(),
            access_key_id: self.access_key_id.clone().unwrap_or_default(),
            secret_access_key: key.context("attachments.secret_access_key is not set")?,
        }))
    }
}
