//! The bundled 8-bit model against the 32-bit original.
//!
//! `fixtures/reference.f32` holds the original's vectors of `fixtures/sentences.txt` (languages,
//! code, one word, more than 256 tokens), f32 little-endian, end to end. `cargo xtask model
//! --reference` makes it with the code that runs here, from the 32-bit weights. That this code is
//! right was checked once against ONNX Runtime (`models/README.md` has the numbers).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy does not see that helpers of tests are tests"
)]

use embed::{Embedder, EngineOptions, Kernels, bundled, bundled_reference, bundled_with, dot};

const SENTENCES: &str = include_str!("fixtures/sentences.txt");
const REFERENCE: &[u8] = include_bytes!("fixtures/reference.f32");

fn reference(dims: usize) -> Vec<Vec<f32>> {
    let floats: Vec<f32> =
        REFERENCE.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    floats.chunks_exact(dims).map(<[f32]>::to_vec).collect()
}

#[track_caller]
fn check_near_reference(model: &dyn Embedder) {
    let sentences: Vec<&str> = SENTENCES.lines().collect();
    let reference = reference(model.dims());
    assert_eq!((sentences.len(), reference.len()), (200, 200));
    let vectors = model.embed(&sentences).unwrap();
    let cosines: Vec<f32> = vectors.iter().zip(&reference).map(|(a, b)| dot(a, b)).collect();
    let mean = cosines.iter().sum::<f32>() / 200.0;
    let (worst, min) = cosines.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    println!("mean {mean}, minimum {min}: {}", sentences[worst]);
    assert!(mean >= 0.998, "mean cosine is {mean}");
    assert!(*min >= 0.99, "cosine is {min} for: {}", sentences[worst]);
}

#[test]
fn eight_bits_lose_next_to_nothing() {
    check_near_reference(&bundled_reference().unwrap());
    check_near_reference(&bundled().unwrap());
}

#[test]
fn neither_processor_nor_threads_change_a_bit() {
    // Short and long ones, each alone and all together. The portable kernel is slow.
    let sentences: Vec<&str> = SENTENCES.lines().step_by(16).collect();
    let load = |kernels, n_threads| bundled_with(EngineOptions { kernels, n_threads }).unwrap();
    let expected = load(Kernels::Portable, 2).embed(&sentences).unwrap();
    for kernels in Kernels::available() {
        for n_threads in [1, 2, 3] {
            let model = load(kernels, n_threads);
            assert_eq!(model.embed(&sentences).unwrap(), expected, "{kernels:?} on {n_threads} threads");
            if kernels != Kernels::Portable {
                for (sentence, expected) in sentences.iter().zip(&expected) {
                    assert_eq!(&model.embed(&[sentence]).unwrap()[0], expected, "{kernels:?}: {sentence}");
                }
            }
        }
    }
}

#[test]
fn a_vector_has_length_one_and_does_not_depend_on_its_company() {
    let model = bundled().unwrap();
    let sentences: Vec<&str> = SENTENCES.lines().step_by(9).collect();
    let together = model.embed(&sentences).unwrap();
    for (sentence, vector) in sentences.iter().zip(&together) {
        assert_eq!(vector.len(), model.dims());
        assert!((dot(vector, vector) - 1.0).abs() < 1e-5, "{sentence}");
        assert_eq!(&model.embed(&[sentence]).unwrap()[0], vector, "{sentence}");
    }
}

#[test]
fn strange_texts_have_vectors_too() {
    let model = bundled().unwrap();
    let long = "word ".repeat(200_000);
    let glued = "é".repeat(500_000);
    let blank = " \n".repeat(100_000);
    for text in ["", " ", "\0\u{1}\u{feff}", "[CLS] [SEP] [MASK]", &long, &glued, &blank] {
        let vector = &model.embed(&[text]).unwrap()[0];
        assert!(vector.iter().all(|x| x.is_finite()));
        assert!((dot(vector, vector) - 1.0).abs() < 1e-5);
    }
    assert!(model.embed(&[]).unwrap().is_empty());
}

#[test]
fn only_the_first_256_tokens_count() {
    let model = bundled().unwrap();
    let long = "word ".repeat(300);
    let vectors = model.embed(&[&long, &format!("{long} and something else")]).unwrap();
    assert_eq!(vectors[0], vectors[1]);
}
