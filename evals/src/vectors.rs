//! Vectors kept between runs, because embedding a data set takes most of a measurement's time.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{BufReader, Read as _, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use embed::{EmbedError, Embedder};
use sha2::{Digest as _, Sha256};

/// A model whose vectors are remembered: in memory, and in a folder when one is given.
pub struct VectorCache {
    model: Arc<dyn Embedder>,
    known: Mutex<Known>,
}

struct Known {
    vectors: HashMap<[u8; 32], Vec<f32>>,
    file: Option<File>,
}

impl VectorCache {
    /// Reads what the folder has for this model. A file that was cut off is used up to there.
    ///
    /// # Errors
    /// A folder that cannot be made or read.
    pub fn open(model: Arc<dyn Embedder>, dir: Option<PathBuf>) -> anyhow::Result<Arc<dyn Embedder>> {
        let mut vectors = HashMap::new();
        let mut file = None;
        if let Some(dir) = dir {
            std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
            let path = dir.join(format!("{}.vectors", model.model_id()));
            let record = 32 + model.dims() * 4;
            let mut n_read = 0;
            if let Ok(found) = File::open(&path) {
                let mut reader = BufReader::new(found);
                let mut bytes = vec![0; record];
                while reader.read_exact(&mut bytes).is_ok() {
                    let mut key = [0; 32];
                    key.copy_from_slice(&bytes[..32]);
                    let vector =
                        bytes[32..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                    vectors.insert(key, vector.collect());
                    n_read += 1;
                }
            }
            let open = OpenOptions::new().create(true).append(true).open(&path);
            let open = open.with_context(|| format!("cannot write {}", path.display()))?;
            open.set_len(n_read * record as u64)?;
            file = Some(open);
        }
        Ok(Arc::new(Self { model, known: Mutex::new(Known { vectors, file }) }))
    }
}

impl Embedder for VectorCache {
    fn model_id(&self) -> &str {
        self.model.model_id()
    }

    fn dims(&self) -> usize {
        self.model.dims()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let keys: Vec<[u8; 32]> = texts.iter().map(|text| Sha256::digest(text.as_bytes()).into()).collect();
        let missing: Vec<usize> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            (0..texts.len()).filter(|&i| !known.vectors.contains_key(&keys[i])).collect()
        };
        if !missing.is_empty() {
            let wanted: Vec<&str> = missing.iter().map(|&i| texts[i]).collect();
            let computed = self.model.embed(&wanted)?;
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            for (&i, vector) in missing.iter().zip(computed) {
                if let Some(file) = &mut known.file {
                    let mut record = keys[i].to_vec();
                    record.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
                    // A cache that cannot be written only costs time.
                    let _ = file.write_all(&record);
                }
                known.vectors.insert(keys[i], vector);
            }
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.iter().map(|key| known.vectors.get(key).cloned().unwrap_or_default()).collect())
    }
}
