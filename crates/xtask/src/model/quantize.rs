//! Weights from 32 bits to 8: each row of a matrix is divided by a scale of its own, so that its
//! largest value becomes ±127, and rounded (symmetric, per output channel). Vectors (biases and
//! layer norms) stay as they are. `embed::bert::weights` reads the result.

use anyhow::{Result, bail};

use super::safetensors::{Kind, Tensor, read_f32, write};

/// Not used for sentence embeddings.
const LEFT_OUT: &str = "pooler.";

/// Converts a safetensors file.
pub(super) fn quantize(file: &[u8]) -> Result<Vec<u8>> {
    let mut wide = Vec::new();
    let mut narrow = Vec::new();
    for tensor in read_f32(file)?.into_iter().filter(|tensor| !tensor.name.starts_with(LEFT_OUT)) {
        match *tensor.shape.as_slice() {
            [_] => wide.push(tensor),
            [_, n_columns] => {
                let (matrix, scales) = quantize_matrix(&tensor, n_columns);
                narrow.push(matrix);
                wide.push(scales);
            }
            _ => bail!("{} is neither a vector nor a matrix", tensor.name),
        }
    }
    // The floats come first, where they are aligned.
    wide.extend(narrow);
    Ok(write(&wide))
}

fn quantize_matrix(tensor: &Tensor, n_columns: usize) -> (Tensor, Tensor) {
    let mut bytes = Vec::with_capacity(tensor.data.len() / 4);
    let mut scales = Vec::new();
    for row in tensor.floats().chunks_exact(n_columns) {
        let largest = row.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
        let scale = if largest == 0.0 { 1.0 } else { largest / 127.0 };
        bytes.extend(row.iter().map(|x| ((x / scale).round() as i8).cast_unsigned()));
        scales.extend(scale.to_le_bytes());
    }
    let matrix =
        Tensor { name: tensor.name.clone(), kind: Kind::I8, shape: tensor.shape.clone(), data: bytes };
    let scales = Tensor {
        name: format!("{}.scale", tensor.name),
        kind: Kind::F32,
        shape: vec![scales.len() / 4],
        data: scales,
    };
    (matrix, scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_scale_of_its_own() {
        let values = [127.0f32, -63.5, 0.0, 0.5, 0.25, -0.5, 0.0, 0.0, 0.0];
        let data = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let tensor = Tensor { name: "m".into(), kind: Kind::F32, shape: vec![3, 3], data };
        let (matrix, scales) = quantize_matrix(&tensor, 3);
        let bytes: Vec<i8> = matrix.data.iter().map(|byte| byte.cast_signed()).collect();
        assert_eq!(bytes, [127, -64, 0, 127, 64, -127, 0, 0, 0]);
        assert_eq!(scales.floats(), [1.0, 0.5 / 127.0, 1.0]);
        assert_eq!((scales.name.as_str(), scales.shape), ("m.scale", vec![3]));
    }
}
