//! A double for tests: no model, but related texts are near each other.

use crate::Embedder;
use crate::error::EmbedError;
use crate::vector::normalize;

/// As many as the bundled model has, so that benches cost what they cost with it.
const DIMS: usize = 384;

/// Words that say nothing about the topic; the double would else find all questions alike.
const COMMON: &[&str] = &[
    "a", "am", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "have",
    "how", "i", "if", "in", "is", "it", "my", "no", "not", "of", "on", "or", "our", "that", "the", "this",
    "to", "was", "we", "what", "when", "where", "which", "with", "you", "your",
];

/// Endings taken off, the longest first, so that `resetting`, `resets` and `reset` meet.
const ENDINGS: [&str; 9] = ["ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "y"];

/// Adds up hashed word stems. Deterministic, instant, and of the same kind as a model:
/// texts that share words have a high cosine, others one near 0.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashEmbedder;

impl Embedder for HashEmbedder {
    fn model_id(&self) -> &'static str {
        "hash"
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| embed_one(text)).collect())
    }
}

fn embed_one(text: &str) -> Vec<f32> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut vector = vec![0.0; DIMS];
    for word in words.filter(|word| !COMMON.contains(word)) {
        let hash = fnv(stem(word));
        // A sign of its own keeps unrelated texts near a cosine of 0.
        vector[(hash % DIMS as u64) as usize] += if hash & (1 << 40) == 0 { 1.0 } else { -1.0 };
    }
    if vector.iter().all(|&x| x == 0.0) {
        vector[0] = 1.0;
    }
    normalize(&mut vector);
    vector
}

fn stem(word: &str) -> &str {
    let stem = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() >= 3));
    let stem = stem.unwrap_or(word);
    // `resett` and `reset`, `cancell` and `cancel`.
    match stem.as_bytes() {
        [.., a, b] if a == b && stem.len() > 3 => &stem[..stem.floor_char_boundary(stem.len() - 1)],
        _ => stem.strip_suffix('e').filter(|stem| stem.len() >= 3).unwrap_or(stem),
    }
}

/// FNV-1a in 64 bits: the same on every machine and in every version, which `std`'s hasher is not.
fn fnv(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dot;

    fn cosine(a: &str, b: &str) -> f32 {
        dot(&embed_one(a), &embed_one(b))
    }

    #[test]
    fn related_texts_are_near_and_others_far() {
        assert!(cosine("How do I reset my password?", "Resetting passwords") > 0.99);
        assert!(cosine("cancel a subscription", "Cancelling your subscription early") > 0.7);
        assert!(cosine("How do I reset my password?", "Shipping to the moon") < 0.3);
    }

    #[test]
    fn every_text_has_a_unit_vector() {
        for text in ["", "the of", "?!", "日本語のテキスト", "naïve çédille"] {
            let vector = embed_one(text);
            assert!((dot(&vector, &vector) - 1.0).abs() < 1e-5, "{text:?}");
        }
    }
}
