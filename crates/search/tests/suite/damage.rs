//! A damaged index is put aside, never wiped.

use std::{fs, path::Path};

use search::SearchEngine;

use crate::library::{apply, article, config, embedder, found, put, words_only};

async fn check(name: &str, harm: impl Fn(&Path)) {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("index");
    let engine = SearchEngine::open(config(&dir), embedder()).unwrap();
    let change = || vec![put(article("a", "Reset your password", "Choose Forgot password."))];
    apply(&engine, change(), 7).await.unwrap();
    drop(engine);
    harm(&dir);
    let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|file| file.unwrap().file_name()).collect();

    let engine = SearchEngine::open(config(&dir), embedder()).unwrap();
    assert_eq!((engine.seq(), engine.n_articles()), (0, 0), "{name}");
    let aside = root.path().join("index.aside-1");
    for file in left {
        assert!(aside.join(&file).exists(), "{name}: {file:?} is gone");
    }
    apply(&engine, change(), 7).await.unwrap();
    assert_eq!(found(&engine, &words_only("password")).await, "a", "{name}");
}

/// The files whose name ends so.
fn ending(dir: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

#[tokio::test]
async fn whatever_is_broken_is_put_aside_and_rebuilt() {
    check("truncated description", |dir| fs::write(dir.join("meta.json"), "{\"seg").unwrap()).await;
    check("no description", |dir| fs::remove_file(dir.join("meta.json")).unwrap()).await;
    check("foreign files", |dir| {
        for file in ending(dir, "") {
            fs::remove_file(file).unwrap();
        }
        fs::write(dir.join("notes.txt"), "not an index").unwrap();
    })
    .await;
    for part in [".store", ".term", ".idx", ".fast", ".fieldnorm"] {
        check(part, |dir| {
            for file in ending(dir, part) {
                let bytes = fs::read(&file).unwrap();
                fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
            }
        })
        .await;
        check(part, |dir| {
            for file in ending(dir, part) {
                fs::remove_file(file).unwrap();
            }
        })
        .await;
        check(part, |dir| {
            for file in ending(dir, part) {
                let mut bytes = fs::read(&file).unwrap();
                let middle = bytes.len() / 3;
                bytes[middle] ^= 0xff;
                fs::write(&file, bytes).unwrap();
            }
        })
        .await;
    }
}

#[test]
fn a_path_that_is_no_folder_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _guard = runtime.enter();
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("index");
    fs::write(&file, "something of value").unwrap();
    assert!(SearchEngine::open(config(&file), embedder()).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "something of value");
}
