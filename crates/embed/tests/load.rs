//! Models from a folder, as an administrator puts them there.

#![allow(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::path::{Path, PathBuf};

use embed::{BertEmbedder, EmbedError, Embedder, Engine, EngineOptions, bundled, bundled_reference, dot};
use tempfile::TempDir;

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/all-minilm-l6-v2")
}

/// A copy of the bundled model in which one file is changed, added or removed.
fn changed(name: &str, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["config.json", "tokenizer.json", "model.q8.safetensors"] {
        std::fs::copy(models().join(file), dir.path().join(file)).unwrap();
    }
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    match change(std::fs::read(&path).unwrap_or_default()) {
        Some(bytes) => std::fs::write(path, bytes).unwrap(),
        None => std::fs::remove_file(path).unwrap(),
    }
    dir
}

#[track_caller]
fn check_refused(dir: &TempDir, expected: &str) {
    let by_candle = BertEmbedder::load(dir.path()).map(|_| ());
    let by_engine = Engine::load(dir.path(), EngineOptions::default()).map(|_| ());
    for loaded in [by_candle, by_engine] {
        match loaded {
            Err(EmbedError::Load { reason }) => assert!(reason.contains(expected), "{reason}"),
            Err(other) => panic!("{other}"),
            Ok(()) => panic!("was loaded"),
        }
    }
}

#[test]
fn a_folder_loads_like_the_binary() {
    let text = ["Where is my order?"];
    let same = |from_folder: &dyn Embedder, from_binary: &dyn Embedder| {
        assert_eq!(from_folder.model_id(), from_binary.model_id());
        assert_eq!(from_folder.embed(&text).unwrap(), from_binary.embed(&text).unwrap());
    };
    let engine = Engine::load(&models(), EngineOptions::default()).unwrap();
    same(&engine.unwrap(), &bundled().unwrap());
    same(&BertEmbedder::load(&models()).unwrap(), &bundled_reference().unwrap());
}

#[test]
fn the_engine_and_candle_make_vectors_of_different_names() {
    assert_ne!(bundled().unwrap().model_id(), bundled_reference().unwrap().model_id());
}

#[test]
fn the_id_changes_with_what_decides_the_vectors() {
    let dir = changed("config.json", |file| {
        Some(String::from_utf8(file).unwrap().replace("1e-12", "1e-6").into_bytes())
    });
    let hash = |id: &str| id.split_once(':').unwrap().1.to_owned();
    let model = BertEmbedder::load(dir.path()).unwrap();
    assert_ne!(hash(model.model_id()), hash(bundled_reference().unwrap().model_id()));
    let model = Engine::load(dir.path(), EngineOptions::default()).unwrap().unwrap();
    assert_ne!(hash(model.model_id()), hash(bundled().unwrap().model_id()));
}

#[test]
fn pooling_by_the_first_token_is_another_vector() {
    let dir = changed("1_Pooling/config.json", |_| Some(br#"{"pooling_mode_cls_token":true}"#.to_vec()));
    let text = ["Hello"];
    let reference = BertEmbedder::load(dir.path()).unwrap().embed(&text).unwrap();
    let engine = Engine::load(dir.path(), EngineOptions::default()).unwrap().unwrap().embed(&text).unwrap();
    assert_ne!(engine, bundled().unwrap().embed(&text).unwrap());
    assert!(dot(&engine[0], &reference[0]) > 0.99);
}

#[test]
fn heads_that_the_engine_cannot_cut_are_left_to_candle() {
    let dir = changed("config.json", |file| {
        let config = String::from_utf8(file).unwrap();
        Some(config.replace("\"num_attention_heads\": 12", "\"num_attention_heads\": 24").into_bytes())
    });
    assert!(Engine::load(dir.path(), EngineOptions::default()).unwrap().is_none());
    let model = embed::load(dir.path(), EngineOptions::default()).unwrap();
    assert_eq!(model.model_id(), BertEmbedder::load(dir.path()).unwrap().model_id());
}

#[test]
fn broken_models_are_refused_with_the_reason() {
    check_refused(&changed("model.q8.safetensors", |_| None), "model.safetensors");
    check_refused(&changed("model.q8.safetensors", |file| Some(file[..1000].to_vec())), "weights");
    check_refused(&changed("tokenizer.json", |_| Some(b"{}".to_vec())), "tokenizer.json");
    check_refused(&changed("config.json", |_| Some(b"\xff".to_vec())), "config.json");
    check_refused(
        &changed("config.json", |file| {
            Some(String::from_utf8(file).unwrap().replace("384", "768").into_bytes())
        }),
        "embeddings",
    );
}
