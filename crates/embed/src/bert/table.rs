//! Rows that are looked up by number: token and position embeddings.

/// A matrix that is kept as it is stored; only the rows in use become f32.
pub(crate) enum Table {
    /// Row-major, `dims` to a row.
    F32 { values: Vec<f32>, dims: usize },
    /// Row-major signed bytes and a scale for each row.
    Q8 { values: Vec<u8>, scales: Vec<f32>, dims: usize },
}

impl Table {
    pub(crate) fn n_rows(&self) -> usize {
        match self {
            Self::F32 { values, dims } => values.len() / dims,
            Self::Q8 { scales, .. } => scales.len(),
        }
    }

    /// Reads a row. The caller knows that `n` is below `n_rows`.
    pub(crate) fn row(&self, n: usize) -> impl Iterator<Item = f32> {
        // One of the two is empty, so that both kinds have one type.
        let (wide, narrow, scale): (&[f32], &[u8], f32) = match self {
            Self::F32 { values, dims } => (&values[n * dims..][..*dims], &[], 0.0),
            Self::Q8 { values, scales, dims } => (&[], &values[n * dims..][..*dims], scales[n]),
        };
        wide.iter().copied().chain(narrow.iter().map(move |&byte| f32::from(byte.cast_signed()) * scale))
    }

    /// Widens every row, row-major.
    pub(crate) fn into_f32(self) -> Vec<f32> {
        match self {
            Self::F32 { values, .. } => values,
            Self::Q8 { values, scales, dims } => {
                let mut wide = Vec::with_capacity(values.len());
                for (row, scale) in values.chunks_exact(dims).zip(scales) {
                    wide.extend(row.iter().map(|byte| f32::from(byte.cast_signed()) * scale));
                }
                wide
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_read_alike() {
        let wide = Table::F32 { values: vec![1.0, -2.0, 0.5, 63.5], dims: 2 };
        let narrow = Table::Q8 { values: vec![1, 254, 1, 127], scales: vec![1.0, 0.5], dims: 2 };
        assert_eq!(narrow.n_rows(), wide.n_rows());
        for n in 0..2 {
            assert_eq!(narrow.row(n).collect::<Vec<_>>(), wide.row(n).collect::<Vec<_>>());
        }
        assert_eq!(narrow.into_f32(), wide.into_f32());
    }
}
