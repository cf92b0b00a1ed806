//! Every kernel gives the bits of the portable one, on random shapes and values.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Cases and the sizes in them. Miri runs the portable kernel alone, and slowly.
const CASES: u32 = if cfg!(miri) { 4 } else { 64 };
const ROWS_MAX: usize = if cfg!(miri) { 14 } else { 29 };
const GROUPS_MAX: usize = if cfg!(miri) { 3 } else { 19 };
const PANELS_MAX: usize = if cfg!(miri) { 1 } else { 3 };
const TOKENS_MAX: usize = if cfg!(miri) { 8 } else { 69 };

fn kernels() -> impl Iterator<Item = (&'static str, &'static dyn Kernel)> {
    Kernels::available().map(|kernels| (kernels.name(), kernels.get().unwrap()))
}

fn quantized(kernel: &dyn Kernel, rows: &[f32], n_columns: usize) -> Quantized {
    let mut quantized = Quantized::default();
    quantized.resize(rows.len() / n_columns, n_columns);
    for (n, row) in rows.chunks_exact(n_columns).enumerate() {
        kernel.quantize(row, n, &mut quantized);
    }
    quantized
}

fn pack(weights: &[i8], n_in: usize) -> Linear {
    let bytes: Vec<u8> = weights.iter().map(|weight| weight.cast_unsigned()).collect();
    let outputs: Vec<_> = bytes
        .chunks_exact(n_in)
        .enumerate()
        .map(|(n, bytes)| Output { bytes, scale: 0.001 * (1 + n % 7) as f32, bias: n as f32 - 20.0 })
        .collect();
    Linear::pack(n_in, &outputs)
}

#[track_caller]
fn check_same<T: PartialEq + std::fmt::Debug>(f: impl Fn(&dyn Kernel) -> T) {
    let expected = f(&portable::Portable);
    for (name, kernel) in kernels() {
        assert_eq!(f(kernel), expected, "{name}");
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// Rows, inputs, outputs; values of the rows; weights, the extreme ones often.
fn layers() -> impl Strategy<Value = (usize, Vec<f32>, Vec<i8>)> {
    (1..=ROWS_MAX, 1..=GROUPS_MAX, 1..=PANELS_MAX).prop_flat_map(|(n_rows, n_groups, n_panels)| {
        let n_in = 4 * n_groups;
        let weight = prop_oneof![Just(127_i8), Just(-127), -127..=127_i8];
        (Just(n_in), vec(-9.0..9.0_f32, n_rows * n_in), vec(weight, n_in * n_panels * WIDTH))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn layers_are_the_same_bits((n_in, rows, weights) in layers(), gelu in any::<bool>()) {
        let linear = pack(&weights, n_in);
        let then = if gelu { Activation::Gelu } else { Activation::None };
        check_same(|kernel| {
            let input = quantized(kernel, &rows, n_in);
            let panels = linear.n_panels() / 2..linear.n_panels();
            let mut out = vec![0.0; input.n_rows() * panels.len() * WIDTH];
            kernel.linear(&linear, panels, &input, then, &mut out);
            bits(&out)
        });
    }

    #[test]
    fn attention_is_the_same_bits(
        (n_heads, qkv) in (1..3_usize, 1..=TOKENS_MAX).prop_flat_map(|(n, n_tokens)| {
            (Just(n), vec(-4.0..4.0_f32, n_tokens * 3 * n * WIDTH))
        }),
    ) {
        let head_size = n_heads * WIDTH;
        check_same(|kernel| {
            let mut out = vec![0.0; qkv.len() / 3];
            kernel.attend(&qkv, head_size, &mut AttendScratch::default(), &mut out);
            bits(&out)
        });
    }

    #[test]
    fn rows_are_the_same_bits(row in vec(-100.0..100.0_f32, 1..100), shift in -1.0..1.0_f32) {
        let norm = Norm { scale: row.iter().map(|x| x / 50.0).collect(), shift: vec![shift; row.len()], epsilon: 1e-12 };
        check_same(|kernel| {
            let mut rows = row.clone();
            kernel.add_norm(&mut rows, &vec![shift; row.len()], &norm);
            bits(&rows)
        });
        check_same(|kernel| {
            let quantized = quantized(kernel, &row, row.len());
            let (bytes, scales) = quantized.rows(&(0..1));
            (bytes.to_vec(), scales.to_vec())
        });
    }

    #[test]
    fn a_byte_is_within_half_a_step_of_its_value(row in vec(-100.0..100.0_f32, 1..100)) {
        let quantized = quantized(&portable::Portable, &row, row.len());
        let (bytes, scales) = quantized.rows(&(0..1));
        for (&byte, x) in bytes.iter().zip(&row) {
            let back = (i32::from(byte) - scales[0].zero) as f32 * scales[0].scale;
            prop_assert!((back - x).abs() <= 0.501 * scales[0].scale, "{x} became {back}");
        }
    }

    #[test]
    fn a_layer_is_near_its_product((n_in, rows, weights) in layers()) {
        let linear = pack(&weights, n_in);
        let kernel = &portable::Portable;
        let input = quantized(kernel, &rows, n_in);
        let mut out = vec![0.0; input.n_rows() * linear.n_panels() * WIDTH];
        kernel.linear(&linear, 0..linear.n_panels(), &input, Activation::None, &mut out);
        let n_out = linear.n_panels() * WIDTH;
        for (out, row) in out.chunks_exact(n_out).zip(rows.chunks_exact(n_in)) {
            for (n, (out, weights)) in out.iter().zip(weights.chunks_exact(n_in)).enumerate() {
                let product: f32 = row.iter().zip(weights).map(|(x, &weight)| x * f32::from(weight)).sum();
                let expected = product * 0.001 * (1 + n % 7) as f32 + n as f32 - 20.0;
                // Half a step of 18 / 253 for each input, times the greatest weight and scale.
                let tolerance = n_in as f32 * 0.036 * 127.0 * 0.007;
                prop_assert!((out - expected).abs() < tolerance, "{out} is not {expected}");
            }
        }
    }
}

#[test]
fn rows_that_are_all_the_same_are_no_division_by_zero() {
    check_same(|kernel| {
        let quantized = quantized(kernel, &[0.0, 0.0, 0.0, -3.0, -3.0, -3.0], 3);
        let (bytes, scales) = quantized.rows(&(0..2));
        (bytes.to_vec(), scales.to_vec())
    });
    let quantized = quantized(&portable::Portable, &[0.0; 4], 4);
    assert_eq!(quantized.rows(&(0..1)), (&[1; 4][..], &[row::RowScale { scale: 0.0, zero: 1 }][..]));
}

#[test]
fn every_kind_is_found_by_its_name() {
    for kernels in Kernels::ALL {
        assert_eq!(Kernels::find(kernels.name()), Some(kernels));
    }
    assert_eq!(Kernels::find("abacus"), None);
    assert!(Kernels::available().any(|kernels| kernels == Kernels::Portable));
}
