//! Files as they are stored: in a local folder or in a bucket, under a key each, and what they are by their content.
//!
//! Knows nothing of support. A blob is whole or not there: it appears under its key once all of it is on disk.

mod clean;
mod image;
mod kind;
mod store;

pub use bytes::Bytes;
pub use clean::{cleaned, is_cleaned};
pub use image::{ImageSize, image_size};
pub use kind::{HEAD_BYTES, media_type};
pub use store::{Blob, BlobError, BlobWriter, Blobs, BucketConfig};
