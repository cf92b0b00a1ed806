//! Where blobs are kept: a folder of this machine, a bucket that speaks S3, or memory.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem,
    memory::InMemory, path::Path,
};

/// Parts of one upload on their way at once: a part is 5 MiB, which is the most memory that an upload takes besides what arrives.
const PARTS_AT_ONCE: usize = 2;

/// Why a blob was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No space is left.
    #[error("storage is full")]
    StorageFull,
    /// Anything else; the source is for the log.
    #[error("cannot read or write a file")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A bucket that speaks S3.
#[derive(Clone)]
pub struct BucketConfig {
    /// Its name.
    pub bucket: String,
    /// Its region, such as `eu-central-1`.
    pub region: String,
    /// The address of the service, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// Who reads and writes.
    pub access_key_id: String,
    /// Their secret.
    pub secret_access_key: String,
}

/// Blobs, each under a key of letters and digits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
}

/// A blob that is read.
pub struct Blob {
    /// How large it is.
    pub n_bytes: u64,
    /// Its content, piece by piece.
    pub content: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// A blob that is written. Dropped without [`BlobWriter::finish`], it does not appear.
pub struct BlobWriter {
    upload: WriteMultipart,
}

impl Blobs {
    /// Blobs in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder).map_err(|error| BlobError::Failed(error.into()))?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Blobs in a bucket.
    ///
    /// # Errors
    /// An address that is none.
    pub fn in_bucket(config: BucketConfig) -> Result<Self, BlobError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(config.bucket)
            .with_region(config.region)
            .with_access_key_id(config.access_key_id)
            .with_secret_access_key(config.secret_access_key);
        if let Some(endpoint) = config.endpoint {
            // The administrator named it: over plain http only where it says so.
            builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
        }
        Ok(Self { store: Arc::new(builder.build()?), folder: None })
    }

    /// Blobs in memory, for tests and for commands that have none.
    pub fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()), folder: None }
    }

    /// The folder they are in, if they are in one.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// The file of a blob, below the folder.
    pub fn file_name(key: &str) -> PathBuf {
        path(key).as_ref().split('/').collect()
    }

    /// Begins to write a blob.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn write(&self, key: &str) -> Result<BlobWriter, BlobError> {
        let upload = self.store.put_multipart(&path(key)).await?;
        Ok(BlobWriter { upload: WriteMultipart::new(upload) })
    }

    /// A blob; nothing when it is not there.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn read(&self, key: &str) -> Result<Option<Blob>, BlobError> {
        let found = match self.store.get(&path(key)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let n_bytes = found.meta.size;
        Ok(Some(Blob { n_bytes, content: found.into_stream().map(|part| Ok(part?)).boxed() }))
    }

    /// How large a blob is; nothing when it is not there.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn size(&self, key: &str) -> Result<Option<u64>, BlobError> {
        match self.store.head(&path(key)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a blob, and what an upload that broke off has left of it. One that is not there is deleted.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        if let Some(folder) = &self.folder {
            // So the storage calls a file that it is writing; keys are written once, so there is at most one.
            let mut half = folder.join(Self::file_name(key)).into_os_string();
            half.push("#1");
            match tokio::fs::remove_file(half).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BlobError::Failed(error.into()));
                }
                _ => {}
            }
        }
        match self.store.delete(&path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl BlobWriter {
    /// Adds a piece; waits while earlier ones are on their way.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn add(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.upload.wait_for_capacity(PARTS_AT_ONCE).await?;
        self.upload.write(piece);
        Ok(())
    }

    /// Makes the blob appear: all of it is on disk when this returns.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn finish(self) -> Result<(), BlobError> {
        self.upload.finish().await?;
        Ok(())
    }

    /// Gives it up.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn give_up(self) -> Result<(), BlobError> {
        Ok(self.upload.abort().await?)
    }
}

/// Where a blob is: a thousand folders, so that none has too many files.
fn path(key: &str) -> Path {
    let shard = key.get(key.len().saturating_sub(2)..).unwrap_or_default();
    Path::from(format!("{}/{key}", shard.to_ascii_lowercase()))
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let is_full = chain.into_iter().any(|error| {
            let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            io == Some(std::io::ErrorKind::StorageFull)
        });
        if is_full { Self::StorageFull } else { Self::Failed(error.into()) }
    }
}
