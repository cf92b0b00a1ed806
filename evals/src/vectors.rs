//! Vectors kept between runs, because embedding a data set takes most of a measurement's time.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use embed::{EmbedError, Embedder};
use sha2::{Digest as _, Sha256};

/// A model whose vectors are kept in a folder. In memory there is only where each of them stands.
pub struct VectorCache {
    model: Arc<dyn Embedder>,
    known: Mutex<Known>,
}

struct Known {
    /// The place of each text's record in the file, by the text's SHA-256.
    places: HashMap<[u8; KEY_BYTES], u64>,
    /// Whole records in the file.
    n_records: u64,
    file: File,
}

/// A SHA-256, with which each record begins.
const KEY_BYTES: usize = 32;

impl VectorCache {
    /// Reads what the folder has for this model; without a folder the model is left as it is. A file that was cut off is
    /// used up to there.
    ///
    /// # Errors
    /// A folder that cannot be made or read.
    pub fn open(model: Arc<dyn Embedder>, dir: Option<PathBuf>) -> anyhow::Result<Arc<dyn Embedder>> {
        let Some(dir) = dir else { return Ok(model) };
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let path = dir.join(format!("{}.vectors", model.model_id()));
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.with_context(|| format!("cannot write {}", path.display()))?;
        let mut places = HashMap::new();
        let mut record = vec![0; KEY_BYTES + model.dims() * 4];
        let mut reader = BufReader::new(&file);
        let mut n_records = 0;
        while reader.read_exact(&mut record).is_ok() {
            let mut key = [0; KEY_BYTES];
            key.copy_from_slice(&record[..KEY_BYTES]);
            places.insert(key, n_records);
            n_records += 1;
        }
        Ok(Arc::new(Self { model, known: Mutex::new(Known { places, n_records, file }) }))
    }
}

impl Known {
    fn add(&mut self, key: [u8; KEY_BYTES], vector: &[f32]) -> std::io::Result<()> {
        if self.places.contains_key(&key) {
            return Ok(());
        }
        let mut record = key.to_vec();
        record.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
        self.file.seek(SeekFrom::Start(self.n_records * record.len() as u64))?;
        self.file.write_all(&record)?;
        self.places.insert(key, self.n_records);
        self.n_records += 1;
        Ok(())
    }

    fn get(&mut self, place: u64, dims: usize) -> std::io::Result<Vec<f32>> {
        let mut bytes = vec![0; dims * 4];
        let record = (KEY_BYTES + bytes.len()) as u64;
        self.file.seek(SeekFrom::Start(place * record + KEY_BYTES as u64))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
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
        let keys: Vec<[u8; KEY_BYTES]> =
            texts.iter().map(|text| Sha256::digest(text.as_bytes()).into()).collect();
        let mut vectors: Vec<Option<Vec<f32>>> = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let mut find = |key| {
                let place = known.places.get(key).copied()?;
                // A record that cannot be read is computed again.
                known.get(place, self.model.dims()).ok()
            };
            keys.iter().map(&mut find).collect()
        };
        let missing: Vec<usize> = (0..texts.len()).filter(|&i| vectors[i].is_none()).collect();
        if !missing.is_empty() {
            let wanted: Vec<&str> = missing.iter().map(|&i| texts[i]).collect();
            let computed = self.model.embed(&wanted)?;
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            for (&i, vector) in missing.iter().zip(computed) {
                // A cache that cannot be written only costs time.
                let _ = known.add(keys[i], &vector);
                vectors[i] = Some(vector);
            }
        }
        Ok(vectors.into_iter().map(Option::unwrap_or_default).collect())
    }
}
