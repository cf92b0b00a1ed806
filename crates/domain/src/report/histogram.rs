//! Lengths of time by size: how many there were of each, from which mean and percentiles are read.
//!
//! Sizes are cut where each is 2^(1/4) times the one before, from one second on. What is read of a size is its middle, so a
//! percentile is off by at most 9.1 % (2^(1/8) is 1.0905), and by half a second from rounding; the mean is exact.

use std::{collections::BTreeMap, fmt::Write as _};

/// Sizes within a doubling.
const PER_OCTAVE: u8 = 4;
/// Where the sizes of a doubling begin: 2^(1/4), 2^(2/4) and 2^(3/4).
const QUARTERS: [f64; 3] = [1.189_207_115_002_721, std::f64::consts::SQRT_2, 1.681_792_830_507_429];
/// From the beginning of a size to its middle: 2^(1/8).
const TO_MIDDLE: f64 = 1.090_507_732_665_257_7;

/// How many lengths of time there were of each size. Can be negative while it is taken from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    sum_s: i64,
    sizes: BTreeMap<u8, i64>,
}

impl Histogram {
    /// One length in seconds; a negative one counts as none.
    pub fn of(seconds: i64) -> Self {
        let seconds = seconds.max(0);
        Self { sum_s: seconds, sizes: BTreeMap::from([(size(seconds), 1)]) }
    }

    /// Adds another one so many times; −1 takes it away.
    pub fn add(&mut self, other: &Self, times: i64) {
        self.sum_s += other.sum_s * times;
        for (size, n) in &other.sizes {
            let sum = self.sizes.entry(*size).or_default();
            *sum += n * times;
            if *sum == 0 {
                self.sizes.remove(size);
            }
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.sum_s == 0 && self.sizes.is_empty()
    }

    /// How many there are.
    pub fn n(&self) -> i64 {
        self.sizes.values().sum()
    }

    /// All together, in seconds.
    pub fn sum_s(&self) -> i64 {
        self.sum_s
    }

    /// How many there are of each size.
    pub fn sizes(&self) -> &BTreeMap<u8, i64> {
        &self.sizes
    }

    /// The mean in seconds.
    pub fn mean_s(&self) -> Option<i64> {
        let n = self.n();
        (n > 0).then(|| (self.sum_s as f64 / n as f64).round() as i64)
    }

    /// The length in seconds that this share, 0 to 1, does not exceed.
    pub fn percentile_s(&self, share: f64) -> Option<i64> {
        let n = self.n();
        let rank = ((n as f64 * share).ceil() as i64).max(1);
        let mut passed = 0;
        self.sizes.iter().find_map(|(size, n)| {
            passed += n;
            (passed >= rank).then(|| middle_s(*size))
        })
    }

    /// Parses what [`std::fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let mut parts = text.split(' ');
        let sum_s = parts.next()?.parse().ok()?;
        let size = |part: &str| {
            let (size, n) = part.split_once(':')?;
            Some((size.parse().ok()?, n.parse().ok()?))
        };
        Some(Self { sum_s, sizes: parts.map(size).collect::<Option<_>>()? })
    }
}

/// The sum, then each size with its number; nothing where there is nothing.
impl std::fmt::Display for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        write!(f, "{}", self.sum_s)?;
        for (size, n) in &self.sizes {
            f.write_char(' ')?;
            write!(f, "{size}:{n}")?;
        }
        Ok(())
    }
}

/// The size of a length: 0 for less than a second. Exact, because both sides of each comparison are.
fn size(seconds: i64) -> u8 {
    if seconds < 1 {
        return 0;
    }
    let octave = 63 - seconds.leading_zeros() as u8;
    let within = seconds as f64 / 2_f64.powi(i32::from(octave));
    let quarter = QUARTERS.iter().filter(|begin| within >= **begin).count() as u8;
    1 + octave * PER_OCTAVE + quarter
}

/// The middle of a size, in seconds.
fn middle_s(size: u8) -> i64 {
    let Some(step) = size.checked_sub(1) else { return 0 };
    let quarter = match step % PER_OCTAVE {
        0 => 1.0,
        n => QUARTERS[usize::from(n) - 1],
    };
    (2_f64.powi(i32::from(step / PER_OCTAVE)) * quarter * TO_MIDDLE).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_histogram_is_written_and_read_back() {
        let mut all = Histogram::default();
        assert_eq!((all.to_string(), all.mean_s(), all.percentile_s(0.5)), (String::new(), None, None));
        for seconds in [0, 60, 60, 3_600] {
            all.add(&Histogram::of(seconds), 1);
        }
        assert_eq!(all.to_string(), "3720 0:1 24:2 48:1");
        assert_eq!(Histogram::parse(&all.to_string()), Some(all.clone()));
        assert_eq!((all.n(), all.mean_s()), (4, Some(930)));
        all.add(&all.clone(), -1);
        assert!(all.is_empty());
        for text in ["x", "1 2", "1 2:x", "1  2:3"] {
            assert_eq!(Histogram::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn percentiles_are_off_by_a_tenth_at_most(mut all in prop::collection::vec(1_i64..100_000_000, 1..60), share in 0.01..1.0_f64) {
            let mut sum = Histogram::default();
            for seconds in &all {
                sum.add(&Histogram::of(*seconds), 1);
            }
            all.sort_unstable();
            let rank = ((all.len() as f64 * share).ceil() as usize).max(1);
            let exact = all[rank - 1] as f64;
            let read = sum.percentile_s(share).unwrap() as f64;
            prop_assert!((read - exact).abs() <= exact * 0.0906 + 0.5, "{} for {}", read, exact);
        }
    }
}
