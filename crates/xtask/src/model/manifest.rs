//! `models/manifest.toml`: what each model is, where it came from and how it was made.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{COPIED, NAME, WEIGHTS, models, package, sha256_of};

const HEADER: &str = "\
# What is in this folder. Written by `cargo xtask model`, checked by `cargo xtask model --check`.

";

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    model: Vec<Model>,
}

#[derive(Serialize, Deserialize)]
struct Model {
    name: String,
    upstream: String,
    licence: String,
    languages: Vec<String>,
    dims: usize,
    pooling: String,
    tokens_max: usize,
    package: String,
    package_sha256: String,
    original_sha256: String,
    made_by: String,
    how: String,
    file: Vec<File>,
}

#[derive(Serialize, Deserialize)]
struct File {
    path: String,
    bytes: u64,
    sha256: String,
}

impl Manifest {
    /// Describes the bundled model as it lies in `models/`.
    pub(super) fn of_bundled(original: &[u8]) -> Result<Self> {
        let file = COPIED.iter().chain([&WEIGHTS]).map(|name| File::of(&format!("{NAME}/{name}")));
        Ok(Self {
            model: vec![Model {
                name: NAME.into(),
                upstream: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2".into(),
                licence: "Apache-2.0".into(),
                languages: vec!["en".into()],
                dims: 384,
                pooling: "mean over tokens, then L2 norm".into(),
                tokens_max: 256,
                package: format!("PyPI {} {}", package::NAME, package::VERSION),
                package_sha256: package::WHEEL_SHA256.into(),
                original_sha256: format!("{:x}", Sha256::digest(original)),
                made_by: "cargo xtask model".into(),
                how: "matrices as signed bytes with one f32 scale per row (largest value = 127), \
                      vectors as f32, pooler left out; tokenizer and config as published"
                    .into(),
                file: file.collect::<Result<_>>()?,
            }],
        })
    }

    pub(super) fn read() -> Result<Self> {
        let path = models().join("manifest.toml");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
    }

    pub(super) fn write(&self) -> Result<()> {
        let text = format!("{HEADER}{}", toml::to_string(self)?);
        std::fs::write(models().join("manifest.toml"), text).context("cannot write models/manifest.toml")
    }

    /// Compares every file with its sha256, and finds files that are not listed. Returns how many
    /// files there are.
    pub(super) fn check(&self) -> Result<usize> {
        let mut n_files = 0;
        for model in &self.model {
            let mut listed = BTreeSet::new();
            for file in &model.file {
                if File::of(&file.path)?.sha256 != file.sha256 {
                    bail!("models/{} is not what models/manifest.toml says", file.path);
                }
                listed.insert(models().join(&file.path));
                n_files += 1;
            }
            for entry in std::fs::read_dir(models().join(&model.name))? {
                let path = entry?.path();
                if !listed.contains(&path) {
                    bail!("{} is not listed in models/manifest.toml", path.display());
                }
            }
        }
        Ok(n_files)
    }
}

impl File {
    fn of(path: &str) -> Result<Self> {
        let on_disk = models().join(path);
        let sha256 = sha256_of(&on_disk)?;
        Ok(Self { path: path.into(), bytes: std::fs::metadata(on_disk)?.len(), sha256 })
    }
}
