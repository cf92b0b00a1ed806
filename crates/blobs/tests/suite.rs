//! What every place for blobs promises. A bucket is one of them where `ASKWELL_TEST_S3_URL` names one, as
//! `http://KEY:SECRET@host:port/bucket`.
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and this is nothing else")]

use blobs::{Blobs, BucketConfig};
use futures_util::TryStreamExt as _;

async fn check(blobs: Blobs) {
    assert!(blobs.read("ABC12").await.unwrap().is_none());
    assert_eq!(blobs.size("ABC12").await.unwrap(), None);
    blobs.delete("ABC12").await.unwrap();

    // More than one part, in pieces that do not fit into parts.
    let content: Vec<u8> = (0..6_000_000_u32).map(|n| n as u8).collect();
    let mut writer = blobs.write("ABC12").await.unwrap();
    for piece in content.chunks(70_001) {
        writer.add(piece).await.unwrap();
    }
    assert!(blobs.read("ABC12").await.unwrap().is_none(), "it appears once all of it is there");
    writer.finish().await.unwrap();
    let blob = blobs.read("ABC12").await.unwrap().unwrap();
    assert_eq!(blob.n_bytes, 6_000_000);
    let read: Vec<_> = blob.content.try_collect().await.unwrap();
    assert!(read.concat() == content);
    assert_eq!(blobs.size("ABC12").await.unwrap(), Some(6_000_000));

    let mut given_up = blobs.write("DEF34").await.unwrap();
    given_up.add(b"half").await.unwrap();
    given_up.give_up().await.unwrap();
    assert!(blobs.read("DEF34").await.unwrap().is_none());

    blobs.delete("ABC12").await.unwrap();
    assert!(blobs.read("ABC12").await.unwrap().is_none());
    blobs.delete("ABC12").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_blobs() {
    check(Blobs::in_memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_blobs_and_what_broke_off_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("attachments");
    check(Blobs::in_folder(&folder).unwrap()).await;

    let blobs = Blobs::in_folder(&folder).unwrap();
    let mut died = blobs.write("GHI56").await.unwrap();
    died.add(&vec![7; 6_000_000]).await.unwrap();
    std::mem::forget(died);
    assert!(blobs.read("GHI56").await.unwrap().is_none());
    blobs.delete("GHI56").await.unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.join("56")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_blobs() {
    let Ok(url) = std::env::var("ASKWELL_TEST_S3_URL") else { return };
    let (scheme, rest) = url.split_once("://").unwrap();
    let (credentials, rest) = rest.split_once('@').unwrap();
    let (host, bucket) = rest.split_once('/').unwrap();
    let (id, secret) = credentials.split_once(':').unwrap();
    let config = BucketConfig {
        bucket: bucket.to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(format!("{scheme}://{host}")),
        access_key_id: id.to_owned(),
        secret_access_key: secret.to_owned(),
    };
    check(Blobs::in_bucket(config).unwrap()).await;
}
