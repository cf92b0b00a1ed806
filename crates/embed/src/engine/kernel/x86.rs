//! The inner loops for x86-64: AVX2, AVX-VNNI and AVX-512 VNNI.
//!
//! The byte product `dpbusd` multiplies four unsigned bytes by four signed ones and adds the products
//! to a sum, which is just what a layer needs. AVX2 alone has a product of pairs, whose sum saturates;
//! with the sign moved from the weight's factor to the weight it cannot, see [`Avx2`].

use std::arch::x86_64::*;

use super::{Group, Kernel, Kernels, Tiles, WIDTH, kernel};

/// The kernel of a kind, if this is such a processor.
pub(super) fn get(kernels: Kernels) -> Option<&'static dyn Kernel> {
    let avx2 = is_x86_feature_detected!("avx2");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq");
    match kernels {
        Kernels::Avx2 if avx2 => Some(&Avx2),
        Kernels::AvxVnni if avx2 && is_x86_feature_detected!("avxvnni") => Some(&AvxVnni),
        Kernels::Avx512Vnni if avx512 && is_x86_feature_detected!("avx512vnni") => Some(&Avx512Vnni),
        _ => None,
    }
}

struct Avx2;
struct AvxVnni;
struct Avx512Vnni;

kernel!(Avx2, "avx2");
kernel!(AvxVnni, "avx2,avxvnni");
kernel!(Avx512Vnni, "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni");

impl Tiles for Avx512Vnni {
    // 24 of the 32 registers are sums: enough to hide the latency, and few enough to stay registers.
    const BYTE_ROWS: usize = 12;
    const FLOAT_ROWS: usize = 6;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R] {
        check_bytes::<R>(rows, stride, panel);
        let mut sums = [[_mm512_setzero_si512(); 2]; R];
        for (n, group) in panel.iter().enumerate() {
            let weights: *const __m512i = group.0.as_ptr().cast();
            // SAFETY: a group is two registers long, and aligned to one.
            let weights = unsafe { [_mm512_load_si512(weights), _mm512_load_si512(weights.add(1))] };
            for (r, sums) in sums.iter_mut().enumerate() {
                // SAFETY: `check_bytes` has checked the last row, which ends last.
                let inputs = _mm512_set1_epi32(unsafe { four_bytes(rows, r * stride + 4 * n) });
                sums[0] = _mm512_dpbusd_epi32(sums[0], inputs, weights[0]);
                sums[1] = _mm512_dpbusd_epi32(sums[1], inputs, weights[1]);
            }
        }
        // SAFETY: `R` times two registers of 16 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R] {
        check_floats::<R>(left, stride, right, right_stride, n);
        let mut sums = [[_mm512_setzero_ps(); 2]; R];
        for i in 0..n {
            // SAFETY: `check_floats` has checked the last row on the right, which ends last.
            let columns = unsafe {
                let columns = right.as_ptr().add(i * right_stride);
                [_mm512_loadu_ps(columns), _mm512_loadu_ps(columns.add(16))]
            };
            for (r, sums) in sums.iter_mut().enumerate() {
                // SAFETY: `check_floats` has checked the last row on the left, which ends last.
                let x = _mm512_set1_ps(unsafe { *left.get_unchecked(r * stride + i) });
                sums[0] = _mm512_add_ps(sums[0], _mm512_mul_ps(x, columns[0]));
                sums[1] = _mm512_add_ps(sums[1], _mm512_mul_ps(x, columns[1]));
            }
        }
        // SAFETY: `R` times two registers of 16 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }
}

impl Tiles for AvxVnni {
    // 12 of the 16 registers are sums.
    const BYTE_ROWS: usize = 3;
    const FLOAT_ROWS: usize = Avx2::FLOAT_ROWS;

    #[inline]
    #[target_feature(enable = "avx2,avxvnni")]
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R] {
        check_bytes::<R>(rows, stride, panel);
        let mut sums = [[_mm256_setzero_si256(); 4]; R];
        for (n, group) in panel.iter().enumerate() {
            let mut inputs = [_mm256_setzero_si256(); R];
            for (r, inputs) in inputs.iter_mut().enumerate() {
                // SAFETY: `check_bytes` has checked the last row, which ends last.
                *inputs = _mm256_set1_epi32(unsafe { four_bytes(rows, r * stride + 4 * n) });
            }
            for i in 0..4 {
                // SAFETY: a group is four registers long, and aligned to one.
                let weights = unsafe { _mm256_load_si256(group.0.as_ptr().cast::<__m256i>().add(i)) };
                for (sums, &inputs) in sums.iter_mut().zip(&inputs) {
                    sums[i] = _mm256_dpbusd_avx_epi32(sums[i], inputs, weights);
                }
            }
        }
        // SAFETY: `R` times four registers of 8 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }

    #[inline]
    #[target_feature(enable = "avx2,avxvnni")]
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R] {
        // SAFETY: a processor with AVX-VNNI has AVX2.
        unsafe { Avx2::floats::<R>(left, stride, right, right_stride, n) }
    }
}

impl Tiles for Avx2 {
    // 8 of the 16 registers are sums; bytes need some for what is in between.
    const BYTE_ROWS: usize = 2;
    const INPUT_ZERO: i32 = 128;
    const FLOAT_ROWS: usize = 2;

    /// `maddubs` takes an unsigned and a signed byte, and saturates where two products exceed 16
    /// bits. So inputs become signed (less 128), their absolute values are the unsigned factor, at
    /// most 128, and their signs go over to the weights, at most 127: 2 x 128 x 127 fits.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R] {
        check_bytes::<R>(rows, stride, panel);
        let half = _mm256_set1_epi8(-128);
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 4]; R];
        for (n, group) in panel.iter().enumerate() {
            let mut inputs = [half; R];
            for (r, inputs) in inputs.iter_mut().enumerate() {
                // SAFETY: `check_bytes` has checked the last row, which ends last.
                let four = _mm256_set1_epi32(unsafe { four_bytes(rows, r * stride + 4 * n) });
                *inputs = _mm256_xor_si256(four, half);
            }
            for i in 0..4 {
                // SAFETY: a group is four registers long, and aligned to one.
                let weights = unsafe { _mm256_load_si256(group.0.as_ptr().cast::<__m256i>().add(i)) };
                for (sums, &inputs) in sums.iter_mut().zip(&inputs) {
                    let (size, signed) = (_mm256_abs_epi8(inputs), _mm256_sign_epi8(weights, inputs));
                    let products = _mm256_madd_epi16(_mm256_maddubs_epi16(size, signed), ones);
                    sums[i] = _mm256_add_epi32(sums[i], products);
                }
            }
        }
        // SAFETY: `R` times four registers of 8 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R] {
        check_floats::<R>(left, stride, right, right_stride, n);
        let mut sums = [[_mm256_setzero_ps(); 4]; R];
        for i in 0..n {
            let mut x = [_mm256_setzero_ps(); R];
            for (r, x) in x.iter_mut().enumerate() {
                // SAFETY: `check_floats` has checked the last row on the left, which ends last.
                *x = _mm256_set1_ps(unsafe { *left.get_unchecked(r * stride + i) });
            }
            for c in 0..4 {
                // SAFETY: `check_floats` has checked the last row on the right, which ends last.
                let columns = unsafe { _mm256_loadu_ps(right.as_ptr().add(i * right_stride + 8 * c)) };
                for (sums, &x) in sums.iter_mut().zip(&x) {
                    sums[c] = _mm256_add_ps(sums[c], _mm256_mul_ps(x, columns));
                }
            }
        }
        // SAFETY: `R` times four registers of 8 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }
}

/// Reads four bytes as the instructions want them.
///
/// # Safety
/// They are within `bytes`.
#[inline(always)]
unsafe fn four_bytes(bytes: &[u8], at: usize) -> i32 {
    // SAFETY: the caller's promise; any alignment is right for an unaligned read.
    unsafe { bytes.as_ptr().add(at).cast::<i32>().read_unaligned() }
}

#[inline(always)]
fn check_bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) {
    assert!((R - 1) * stride + 4 * panel.len() <= rows.len(), "the rows are as long as the panel");
}

#[inline(always)]
fn check_floats<const R: usize>(left: &[f32], stride: usize, right: &[f32], right_stride: usize, n: usize) {
    assert!((R - 1) * stride + n <= left.len(), "the rows are n long");
    assert!(n == 0 || (n - 1) * right_stride + WIDTH <= right.len(), "there are n rows of columns");
}
