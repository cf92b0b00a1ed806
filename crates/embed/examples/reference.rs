//! Embeds each line of a text file and writes the vectors, f32 little-endian, end to end:
//! `reference MODEL_FOLDER TEXTS OUT`. `cargo xtask model --reference` calls it.

use std::path::Path;

use embed::{BertEmbedder, Embedder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, texts, out] = args.as_slice() else {
        return Err("usage: reference MODEL_FOLDER TEXTS OUT".into());
    };
    let model = BertEmbedder::load(Path::new(model))?;
    let texts = std::fs::read_to_string(texts)?;
    let texts: Vec<&str> = texts.lines().collect();
    let vectors = model.embed(&texts)?;
    let bytes: Vec<u8> = vectors.concat().iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(out, bytes)?;
    eprintln!("{} vectors of {} from {}", vectors.len(), model.dims(), model.model_id());
    Ok(())
}
